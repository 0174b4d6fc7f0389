package fast

import (
	"encoding/binary"
	"fmt"
	"strings"

	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/tensor"
)

const (
	wordWidth = 96  // of a word's vector
	groups    = 24  // parts of a coded vector, a byte each (Jégou et al. 2011, product quantisation)
	centroids = 256 // of a part
	part      = wordWidth / groups
	longest   = 64 // bytes of a form that is looked up; longer ones are no words
)

// words are the vectors of known words: the first ones whole, the others coded. They are read-only.
type words struct {
	row        map[uint32]int32 // of a word's hash; two words of one hash were never both taken in
	whole      []byte           // [whole words][wordWidth] int8
	wholeScale []float32
	codes      []byte    // [other words][groups]
	books      []float32 // [groups][centroids][part]
}

func loadWords(f *tensor.File, n, whole int) (*words, error) {
	w := &words{row: make(map[uint32]int32, n)}
	hashes, err := f.Int8("words.hash", n, 4)
	if err != nil {
		return nil, err
	}
	if w.whole, err = f.Int8("words.whole.weight", whole, wordWidth); err != nil {
		return nil, err
	}
	if w.wholeScale, err = f.Float32("words.whole.scale", whole); err != nil {
		return nil, err
	}
	if w.codes, err = f.Int8("words.codes", n-whole, groups); err != nil {
		return nil, err
	}
	if w.books, err = f.Float32("words.books", groups, centroids, part); err != nil {
		return nil, err
	}
	for i := range n {
		w.row[binary.LittleEndian.Uint32(hashes[4*i:])] = int32(i)
	}
	if len(w.row) != n {
		return nil, fmt.Errorf("tensor words.hash: %d hashes of %d words", len(w.row), n)
	}
	return w, nil
}

// vector writes the vector of a token's form: that of the word, or of the word without its full stop, or of the last
// part of a compound; zeros if none is known.
func (w *words) vector(out []float32, form string) {
	clear(out[:wordWidth])
	if len(form) > longest {
		return
	}
	key := strings.ToLower(form)
	row, ok := w.row[hash(key)]
	if n := len(key) - 1; !ok && n > 0 && key[n] == '.' {
		row, ok = w.row[hash(key[:n])]
	}
	if n := len(key) - 1; !ok && n > 0 {
		if i := strings.LastIndexByte(key[:n], '-'); i >= 0 {
			row, ok = w.row[hash(key[i+1:])]
		}
	}
	if !ok {
		return
	}
	if i := int(row); i < len(w.wholeScale) {
		for j, code := range w.whole[i*wordWidth : (i+1)*wordWidth] {
			out[j] = float32(int8(code)) * w.wholeScale[i]
		}
	} else {
		i -= len(w.wholeScale)
		for g, code := range w.codes[i*groups : (i+1)*groups] {
			copy(out[g*part:(g+1)*part], w.books[(g*centroids+int(code))*part:])
		}
	}
}

// hash is the 32-bit FNV-1a of s.
func hash(s string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint32(s[i])) * 16777619
	}
	return h
}

const (
	filters = 48 // over a token's letters
	letterW = 16 // width of a letter's vector
	sees    = 3  // letters that a filter sees at a time
)

// letters are convolution filters over a token's letters, of which the greatest value counts, multiplied out with the
// vectors of the letters. They are read-only.
type letters struct {
	table []float32 // [sees][feature.Letters][filters]: what a letter adds to each filter from each side
	bias  []float32
}

func loadLetters(f *tensor.File) (*letters, error) {
	letter, err := f.Float32("letters.embedding", feature.Letters, letterW)
	if err != nil {
		return nil, err
	}
	conv, err := f.Float32("letters.conv.weight", filters, letterW, sees)
	if err != nil {
		return nil, err
	}
	l := &letters{table: make([]float32, sees*feature.Letters*filters)}
	if l.bias, err = f.Float32("letters.conv.bias", filters); err != nil {
		return nil, err
	}
	for side := range sees {
		for i := 1; i < feature.Letters; i++ { // letter 0 is padding and adds nothing
			for k := range filters {
				var sum float32
				for c := range letterW {
					sum += float32(letter[i*letterW+c] * conv[(k*letterW+c)*sees+side])
				}
				l.table[(side*feature.Letters+i)*filters+k] = sum
			}
		}
	}
	return l, nil
}

// vector writes the filters' greatest values.
func (l *letters) vector(out []float32, word *[feature.Width]uint8) {
	n := 0
	for n < feature.Width && word[n] != 0 {
		n++
	}
	best := (*[filters]float32)(out)
	clear(best[:]) // filters are cut off at zero
	for at := range feature.Width {
		sum := *(*[filters]float32)(l.bias)
		for side := range sees {
			if p := at + side - 1; p >= 0 && p < n {
				row := (*[filters]float32)(l.table[(side*feature.Letters+int(word[p]))*filters:])
				for k := range sum {
					sum[k] += row[k]
				}
			}
		}
		for k := range sum {
			best[k] = max(best[k], sum[k])
		}
		if at > n { // beyond, there is nothing but padding to be seen
			break
		}
	}
}
