package fast

import (
	"strings"

	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// steps are the distances in tokens at which the buckets begin, from bucket 1 on; in bucket 0 is what has no distance.
var steps = [...]int{0, 1, 2, 3, 4, 5, 7, 11, 21}

const buckets = len(steps) + 1

// Values of the features, as package feature numbers them.
const (
	opens     = 1
	closes    = 3
	paragraph = 2
)

const (
	formWidth = wordWidth + filters // what is known of a form by itself
	formsKept = 8192                // forms whose vectors a reader keeps
)

// A reader is the memory of one reading, used again for the next.
type reader struct {
	m        *Model
	d        *text.Doc
	features feature.Of
	distance [4][]uint8 // buckets of tokens since the last opening and closing mark, to the next closing one, since the sentence began
	forms    map[string]int32
	vectors  []float32 // [formsKept + 1][formWidth]; the last is for a form that is not kept
	pass     *pass
	decoder  *decode.Worker
	given    func(i int, row []float32)
	first    int // the token that is the pass's first
}

func newReader(m *Model) *reader {
	r := &reader{m: m, forms: make(map[string]int32, formsKept), vectors: make([]float32, (formsKept+1)*formWidth), pass: m.network.newPass(), decoder: m.decoder.NewWorker()}
	r.given = func(i int, row []float32) { r.tell(r.first+i, row) }
	return r
}

func (r *reader) read(d *text.Doc) (out reading.Reading) {
	r.d = d
	r.features.Compute(d)
	r.measure()
	for first, n := 0, len(d.Tokens); first < n; {
		last := r.segment(first)
		r.first = max(0, first-reach)
		r.pass.run(min(n, last+reach)-r.first, r.given)
		skip := first - r.first
		r.decoder.Decode(&out, decode.Segment{
			Doc: d, Features: &r.features, First: first, Tokens: last - first, State: r.pass.x[(border+skip)*width:], Emission: r.pass.emission[skip*scores:], Stride: scores,
		})
		first = last
	}
	r.decoder.Finish(&out, d)
	r.d = nil
	clear(r.features.Form) // lets go of the text
	return out
}

// segment is where the segment that begins with token first ends.
func (r *reader) segment(first int) int {
	n := len(r.d.Tokens)
	for last := first + segmentTokens; last < min(n, first+segmentMost); last++ {
		if r.features.Position[last] == paragraph {
			return last
		}
	}
	return min(n, first+segmentMost)
}

// measure sets the distances.
func (r *reader) measure() {
	n := len(r.features.Quote)
	for k := range r.distance {
		if cap(r.distance[k]) < n {
			r.distance[k] = make([]uint8, n+n/4)
		}
		r.distance[k] = r.distance[k][:n]
	}
	const none = -1 << 40
	opened, closed, begun := none, none, none
	for i, q := range r.features.Quote {
		switch r.features.Position[i] {
		case paragraph:
			opened, closed, begun = none, none, i
		case 0:
		default:
			begun = i
		}
		if i == 0 {
			begun = 0
		}
		switch q {
		case opens:
			opened = i
		case closes:
			closed = i
		}
		r.distance[0][i], r.distance[1][i], r.distance[3][i] = bucket(i-opened), bucket(i-closed), bucket(i-begun)
	}
	next := -none
	for i := n - 1; i >= 0; i-- {
		if i+1 < n && r.features.Position[i+1] == paragraph {
			next = -none
		}
		if r.features.Quote[i] == closes {
			next = i
		}
		r.distance[2][i] = bucket(next - i)
	}
}

func bucket(d int) uint8 {
	switch {
	case d < 5:
		return uint8(d + 1)
	case d < 7:
		return 6
	case d < 11:
		return 7
	case d < 21:
		return 8
	case d < 1<<39:
		return 9
	}
	return 0
}

// tell writes what is known of token i: its word, its letters and its features.
func (r *reader) tell(i int, row []float32) {
	f, n := &r.features, r.m.network
	copy(row, r.form(i))
	at := row[formWidth:given]
	copy(at[:12], n.shape[int(f.Shape[i])*12:])
	copy(at[12:20], n.quote[int(f.Quote[i])*8:])
	copy(at[20:24], n.position[int(f.Position[i])*4:])
	for k := range r.distance {
		copy(at[24+k*distance:24+(k+1)*distance], n.distances[k][int(r.distance[k][i])*distance:])
	}
}

// form is the vectors of token i's word and letters.
func (r *reader) form(i int) []float32 {
	s := r.features.Form[i]
	k, ok := r.forms[s]
	if !ok {
		if k = formsKept; len(s) <= longest {
			if len(r.forms) == formsKept {
				clear(r.forms)
			}
			k = int32(len(r.forms))
			r.forms[strings.Clone(s)] = k // the text is not to be kept
		}
		v := r.vectors[int(k)*formWidth:]
		r.m.words.vector(v, s)
		r.m.letters.vector(v[wordWidth:], &r.features.Letters[i])
	}
	return r.vectors[int(k)*formWidth : int(k+1)*formWidth]
}
