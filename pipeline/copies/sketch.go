package copies

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"slices"
	"unicode"
	"unicode/utf8"
)

const (
	shingle    = 5  // words
	sketchSize = 64 // hashes in a sketch at most
	indexed    = 8  // of them, the smallest, by which an article is found again
)

// A Sketch is what is kept of a text to know it again: a hash of all its words, and the smallest hashes of its
// shingles, each five words that follow one another. As a hash is as good as chance, those below any limit are a fair
// sample of all shingles, and two sketches tell how much of one text stands in the other: the sketch of A. Broder, On
// the resemblance and containment of documents (1997), in its form of the s smallest.
type Sketch struct {
	words [16]byte
	n     int    // in hashes
	limit uint32 // every shingle of the text that hashes to no more is in hashes
	// hashes are in order, each once. 32 bits will do: of 64 of a text none is among those of another by chance, be
	// they millions of words long.
	hashes [sketchSize]uint32
}

// Of makes a sketch. Case, punctuation, white space and layout do not count. Where words are not parted by spaces
// (Chinese, Japanese, Thai …) each character is a word. Time is linear in the text, memory constant; it may be called
// concurrently.
func Of(text string) Sketch {
	var s Sketch
	all := sha256.New()
	var plain []byte         // words with a space behind each
	from := 0                // where the word at hand begins in it
	var last [shingle]uint64 // hashes of the last words, a ring
	words := 0
	end := func() {
		if len(plain) == from {
			return
		}
		last[words%shingle] = hashBytes(plain[from:])
		plain = append(plain, ' ')
		if words++; words >= shingle {
			h := uint64(0)
			for i := range shingle {
				h = h*0x9e3779b97f4a7c15 + last[(words+i)%shingle]
			}
			s.add(uint32(mix(h) >> 32))
		}
		if from = len(plain); from > 4<<10 {
			all.Write(plain)
			plain, from = plain[:0], 0
		}
	}
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf && ('a' <= r && r <= 'z' || '0' <= r && r <= '9'):
			plain = append(plain, byte(r))
		case r < utf8.RuneSelf && 'A' <= r && r <= 'Z':
			plain = append(plain, byte(r)|0x20)
		case r >= utf8.RuneSelf && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)):
			if r >= 0x0e00 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar) {
				end()
				plain = utf8.AppendRune(plain, r)
				end()
				break
			}
			plain = utf8.AppendRune(plain, unicode.ToLower(r))
		default:
			end()
		}
		if len(plain)-from > 1<<10 { // no word is that long: cut, so that memory stays as it is
			end()
		}
	}
	end()
	if words == 0 {
		return Sketch{}
	}
	all.Write(plain)
	copy(s.words[:], all.Sum(nil))
	s.limit = math.MaxUint32
	if s.n == sketchSize {
		s.limit = s.hashes[sketchSize-1]
	}
	return s
}

// add keeps a hash if it is among the smallest.
func (s *Sketch) add(h uint32) {
	if s.n == sketchSize && h >= s.hashes[s.n-1] {
		return
	}
	i, there := slices.BinarySearch(s.hashes[:s.n], h)
	if there {
		return
	}
	if s.n < sketchSize {
		s.n++
	}
	copy(s.hashes[i+1:s.n], s.hashes[i:s.n-1])
	s.hashes[i] = h
}

// within estimates the part of s's text that stands in the other's. of is the number of shingles that the estimate
// rests on.
func (s *Sketch) within(other *Sketch) (part float64, of int) {
	limit := min(s.limit, other.limit)
	both := 0
	j := 0
	for _, h := range s.hashes[:s.n] {
		if h > limit {
			break
		}
		of++
		for j < other.n && other.hashes[j] < h {
			j++
		}
		if j < other.n && other.hashes[j] == h {
			both++
		}
	}
	if of == 0 {
		return 0, 0
	}
	return float64(both) / float64(of), of
}

// hashBytes is FNV-1a, eight bytes at a time. It must be the same in every run.
func hashBytes(b []byte) uint64 {
	h := uint64(0xcbf29ce484222325)
	for ; len(b) >= 8; b = b[8:] {
		h = mix(h ^ binary.LittleEndian.Uint64(b))
	}
	for _, c := range b {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	return mix(h)
}

// mix is the finish of MurmurHash3: every bit of x comes to bear on every bit of the result.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}
