package decode

import (
	"fmt"
	"math"

	"github.com/quotewire/quotewire/extract/model/tensor"
)

// A tagger is a linear-chain conditional random field (Lafferty et al. 2001) over BIOES tags: O is tag 0, then B, I, E
// and S of each type. Only legal sequences exist for it. It is read-only.
type tagger struct {
	types      int
	move       []float64   // [tags][tags]: score of going from a tag to the next
	start, end []float64   // scores of the first and the last tag
	before     [][]int     // the legal predecessors of each tag, ascending
	moveExp    [][]float64 // exp(move) beside before
	startExp   []float64
	endExp     []float64
}

// edge is the score of a sequence that begins or ends inside a span: unlikely, but texts are cut into segments.
const edge = -20

const (
	tagO = iota
	tagB // of type t at tagB+4*t, and so on
	tagI
	tagE
	tagS
)

func loadTagger(f *tensor.File, name string, types int) (*tagger, error) {
	n := 1 + 4*types
	t := &tagger{types: types}
	for field, into := range map[string]*[]float64{".transitions": &t.move, ".start": &t.start, ".end": &t.end} {
		shape := []int{n, n}
		if field != ".transitions" {
			shape = shape[:1]
		}
		x, err := f.Float32(name+field, shape...)
		if err != nil {
			return nil, fmt.Errorf("loading a tagger: %w", err)
		}
		*into = make([]float64, len(x))
		for i, v := range x {
			(*into)[i] = float64(v)
		}
	}
	place := func(tag int) (int, int) { // O, B, I, E, S and the type
		if tag == tagO {
			return tagO, -1
		}
		return 1 + (tag-1)%4, (tag - 1) / 4
	}
	t.before, t.moveExp = make([][]int, n), make([][]float64, n)
	t.startExp, t.endExp = make([]float64, n), make([]float64, n)
	for tag := range n {
		at, kind := place(tag)
		if at == tagI || at == tagE {
			t.start[tag] = edge
		}
		if at == tagB || at == tagI {
			t.end[tag] = edge
		}
		t.startExp[tag], t.endExp[tag] = math.Exp(t.start[tag]), math.Exp(t.end[tag])
		for from := range n {
			was, of := place(from)
			open := was == tagB || was == tagI
			if inside := at == tagI || at == tagE; inside == open && (!open || of == kind) {
				t.before[tag] = append(t.before[tag], from)
				t.moveExp[tag] = append(t.moveExp[tag], math.Exp(t.move[from*n+tag]))
			}
		}
	}
	return t, nil
}

// A tagged is a span of tokens [first,last) that a tagger found, and the probability that just this span of just this
// type stands there.
type tagged struct {
	first, last int
	kind        int
	confidence  float64
}

// lattice is the memory of one decoding.
type lattice struct {
	back           []uint8
	path           []uint8
	forward, after []float64
	scale          []float64
	weight         []float64 // exp of the emissions, each token's largest taken out
	out            []tagged
}

// decode finds the best legal sequence for emissions e [tokens][stride], of which it reads its own tags from column
// first on, and the probabilities of its spans. The result is good until the next call. Ties go to the lower tag.
func (t *tagger) decode(l *lattice, e []float32, stride, first, tokens int) []tagged {
	l.out = l.out[:0]
	if tokens == 0 {
		return l.out
	}
	t.viterbi(l, e, stride, first, tokens)
	t.sums(l, e, stride, first, tokens)
	begin := -1
	for i, tag := range l.path[:tokens] {
		if tag == tagO {
			begin = -1
			continue
		}
		switch 1 + (tag-1)%4 {
		case tagB:
			begin = i
			continue
		case tagI:
			continue
		case tagS:
			begin = i
		}
		if begin >= 0 { // else a span that the segment's edge cut
			kind := int(tag-1) / 4
			l.out = append(l.out, tagged{begin, i + 1, kind, t.probability(l, begin, i+1, kind)})
		}
		begin = -1
	}
	return l.out
}

func (t *tagger) viterbi(l *lattice, e []float32, stride, first, tokens int) {
	n := len(t.start)
	l.back, l.path = grow(l.back, tokens*n), grow(l.path, tokens)
	var store [2][64]float64
	now, next := store[0][:n], store[1][:n]
	for tag := range now {
		now[tag] = t.start[tag] + float64(e[first+tag])
	}
	for i := 1; i < tokens; i++ {
		row := e[i*stride+first:][:n]
		for tag := range next {
			best, from := math.Inf(-1), 0
			for _, b := range t.before[tag] {
				if v := now[b] + t.move[b*n+tag]; v > best {
					best, from = v, b
				}
			}
			next[tag], l.back[i*n+tag] = best+float64(row[tag]), uint8(from)
		}
		now, next = next, now
	}
	last := 0
	for tag := range now {
		if now[tag]+t.end[tag] > now[last]+t.end[last] {
			last = tag
		}
	}
	for i := tokens - 1; i >= 0; i-- {
		l.path[i] = uint8(last)
		last = int(l.back[i*n+last])
	}
}

// sums runs forward and backward (Rabiner 1989, with his scaling): forward[i] and after[i] are then such that their
// product is the marginal of each tag.
func (t *tagger) sums(l *lattice, e []float32, stride, first, tokens int) {
	n := len(t.start)
	l.forward, l.after = grow(l.forward, tokens*n), grow(l.after, tokens*n)
	l.weight, l.scale = grow(l.weight, tokens*n), grow(l.scale, tokens)
	for i := range tokens {
		row, w := e[i*stride+first:][:n], l.weight[i*n:][:n]
		top := row[0]
		for _, v := range row {
			top = max(top, v)
		}
		sum := 0.0
		now := l.forward[i*n:][:n]
		for tag := range now {
			w[tag] = math.Exp(float64(row[tag] - top))
			if i == 0 {
				now[tag] = t.startExp[tag] * w[tag]
			} else {
				before, v := l.forward[(i-1)*n:][:n], 0.0
				for k, b := range t.before[tag] {
					v += before[b] * t.moveExp[tag][k]
				}
				now[tag] = v * w[tag]
			}
			sum += now[tag]
		}
		for tag := range now {
			now[tag] /= sum
		}
		l.scale[i] = sum
	}
	end := l.after[(tokens-1)*n:][:n]
	total := 0.0
	for tag := range end {
		total += l.forward[(tokens-1)*n+tag] * t.endExp[tag]
	}
	for tag := range end {
		end[tag] = t.endExp[tag] / total
	}
	for i := tokens - 2; i >= 0; i-- {
		now, then, w := l.after[i*n:][:n], l.after[(i+1)*n:][:n], l.weight[(i+1)*n:][:n]
		clear(now)
		for tag := range then {
			v := then[tag] * w[tag] / l.scale[i+1]
			for k, b := range t.before[tag] {
				now[b] += t.moveExp[tag][k] * v
			}
		}
	}
}

// probability is that of the span [first,last) of a type among all legal sequences.
func (t *tagger) probability(l *lattice, first, last, kind int) float64 {
	n, base := len(t.start), 4*kind
	if last == first+1 {
		return min(1, l.forward[first*n+base+tagS]*l.after[first*n+base+tagS])
	}
	p, tag := l.forward[first*n+base+tagB], base+tagB
	for i := first + 1; i < last; i++ {
		to := base + tagI
		if i == last-1 {
			to = base + tagE
		}
		p *= math.Exp(t.move[tag*n+to]) * l.weight[i*n+to] / l.scale[i]
		tag = to
	}
	return min(1, p*l.after[(last-1)*n+tag])
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
