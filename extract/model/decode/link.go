package decode

import (
	"fmt"
	"math"
	"sort"

	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
)

// Roles of the spans of an attribution, as the tagger numbers them.
const (
	source = iota
	cue
	content
	roles
)

// Kinds of pairs that the linker scores, a left and a right span each.
const (
	cueContent = iota
	cueSource
	contentSource
	contentContent
	pairKinds
)

const (
	far = 100 // tokens between two spans beyond which they are not compared

	distances = 24
	gaps      = 5
	breaks    = 4
)

// Where a token stands, as package feature numbers it.
const (
	inside    = 0
	paragraph = 2
)

// steps are the distances in tokens at which the buckets begin.
var steps = [...]int{0, 1, 2, 3, 4, 7, 11, 16, 26, 41, 64, 102}

var pairRoles = [pairKinds][2]int{{cue, content}, {cue, source}, {content, source}, {content, content}}

// A linker tells which spans belong together. It is read-only.
type linker struct {
	hidden, inner             int                  // widths of a token's state and of a span's projection
	left, right               [roles]projection    // of the spans as left and as right side of a pair
	distance, between, parted []float32            // [pairKinds·buckets][inner]
	bilinear                  [pairKinds][]float32 // [inner][inner]
	out                       []float32            // [pairKinds][inner]
	outBias                   []float32
	none                      [3]projection // score of a content without cue, a cue without source, a content without source
	act                       projection    // log odds of speech, of a cue
}

type projection struct {
	weight, bias []float32
}

func loadLinker(f *tensor.File, hidden, inner int) (*linker, error) {
	l, pair := &linker{hidden: hidden, inner: inner}, 2*hidden
	var err error
	floats := func(name string, shape ...int) (x []float32) {
		if err == nil {
			x, err = f.Float32(name, shape...)
		}
		return x
	}
	wide := func(name string) (p projection) {
		p.bias = floats(name+".bias", inner)
		if err != nil {
			return p
		}
		var w []float32
		if w, err = f.Matrix(name, inner, pair); err != nil {
			return p
		}
		p.weight = kernel.Align[float32](pair * inner)
		for i := range inner {
			for j := range pair {
				p.weight[j*inner+i] = w[i*pair+j]
			}
		}
		return p
	}
	single := func(name string) projection {
		return projection{floats(name+".weight", pair), floats(name+".bias", 1)}
	}
	l.left[cue], l.left[content] = wide("link.left.cue"), wide("link.left.content")
	l.right[source], l.right[content] = wide("link.right.source"), wide("link.right.content")
	l.distance, l.between, l.parted = floats("link.distance", pairKinds*distances, inner), floats("link.between", pairKinds*gaps, inner), floats("link.breaks", pairKinds*breaks, inner)
	if u := floats("link.bilinear", pairKinds, inner, inner); err == nil {
		for k := range l.bilinear {
			l.bilinear[k] = append(kernel.Align[float32](0), u[k*inner*inner:(k+1)*inner*inner]...)
		}
	}
	l.out, l.outBias = floats("link.out.weight", pairKinds, inner), floats("link.out.bias", pairKinds)
	l.none = [3]projection{single("link.none.content_cue"), single("link.none.cue_source"), single("link.none.content_source")}
	l.act = single("act")
	if err != nil {
		return nil, fmt.Errorf("loading the linker: %w", err)
	}
	return l, nil
}

// A choice is one span's answer: the other span, or -1 for none, and the probability of that answer.
type choice struct {
	of          int
	probability float64
}

// links is the linker's answer for the spans of a segment.
type links struct {
	cueOf     []choice  // of each content
	sourceOf  []choice  // of each cue
	speakerOf []choice  // of each content, for those without cue
	same      []float64 // log odds that a content goes on with the next one
	speech    []float64 // log odds that a cue is one of speech
}

// A board is the linker's memory: projections of the spans of one segment.
type board struct {
	ends        [roles][]float32     // [spans][pair]: states of the first and the last token
	left, right [roles][]float32     // [spans][inner]
	turned      [pairKinds][]float32 // left sides times the bilinear form
	cues        []int                // first tokens of the cues, ascending
	breaks      [2][]int             // tokens up to here that begin a sentence or paragraph; a paragraph
	score       []float64            // of one span's candidates
	answer      links                //
	spans       [roles][]tagged      // what is to be linked
}

// link answers for the spans in b.spans, which are in text order. state holds the segment's token states, place where
// its tokens stand (see feature). The answer is good until the next call. Time is linear in the spans, since those
// farther apart than far are not compared.
func (l *linker) link(set *kernel.Set, b *board, state []float32, place []uint8) *links {
	hidden, inner, pair := l.hidden, l.inner, 2*l.hidden
	b.cues = b.cues[:0]
	for _, s := range b.spans[cue] {
		b.cues = append(b.cues, s.first)
	}
	b.count(place)
	for r := range b.spans {
		n := len(b.spans[r])
		b.ends[r] = grow(b.ends[r], (n+kernel.RowPad)*pair)
		for i, s := range b.spans[r] {
			copy(b.ends[r][i*pair:], state[s.first*hidden:(s.first+1)*hidden])
			copy(b.ends[r][i*pair+hidden:], state[(s.last-1)*hidden:s.last*hidden])
		}
		for _, side := range []struct {
			p   *projection
			out *[]float32
		}{{&l.left[r], &b.left[r]}, {&l.right[r], &b.right[r]}} {
			if side.p.weight != nil && n > 0 {
				*side.out = grow(*side.out, (n+kernel.RowPad)*inner)
				set.MultiplyFloat(*side.out, inner, b.ends[r], pair, side.p.weight, inner, n, pair, inner, side.p.bias)
			}
		}
	}
	for k, r := range pairRoles {
		if n := len(b.spans[r[0]]); n > 0 {
			b.turned[k] = grow(b.turned[k], (n+kernel.RowPad)*inner)
			set.MultiplyFloat(b.turned[k], inner, b.left[r[0]], inner, l.bilinear[k], inner, n, inner, inner, nil)
		}
	}
	a := &b.answer
	a.cueOf = l.choose(b, a.cueOf[:0], cueContent, content, cue, l.none[0])
	a.sourceOf = l.choose(b, a.sourceOf[:0], cueSource, cue, source, l.none[1])
	a.speakerOf = l.choose(b, a.speakerOf[:0], contentSource, content, source, l.none[2])
	a.same, a.speech = a.same[:0], a.speech[:0]
	for i := 0; i+1 < len(b.spans[content]); i++ {
		a.same = append(a.same, l.score(b, contentContent, i, i+1))
	}
	for i := range b.spans[cue] {
		a.speech = append(a.speech, l.act.of(b.ends[cue][i*pair:]))
	}
	return a
}

// choose finds for each span of one role the best of another, or none.
func (l *linker) choose(b *board, out []choice, kind, chooser, other int, none projection) []choice {
	from := 0
	for i, s := range b.spans[chooser] {
		b.score = append(b.score[:0], none.of(b.ends[chooser][i*2*l.hidden:]))
		for from < len(b.spans[other]) && s.first-b.spans[other][from].last > far {
			from++
		}
		for j := from; j < len(b.spans[other]) && b.spans[other][j].first-s.last <= far; j++ {
			if pairRoles[kind][0] == chooser {
				b.score = append(b.score, l.score(b, kind, i, j))
			} else {
				b.score = append(b.score, l.score(b, kind, j, i))
			}
		}
		best, sum := 0, 0.0
		for j, v := range b.score {
			if v > b.score[best] {
				best = j
			}
		}
		for _, v := range b.score {
			sum += math.Exp(v - b.score[best])
		}
		c := choice{-1, 1 / sum}
		if best > 0 {
			c.of = from + best - 1
		}
		out = append(out, c)
	}
	return out
}

// score is the linker's for the pair of the i-th left and the j-th right span of a kind. Products are rounded one by
// one, lest a compiler fuse them on some machines only.
func (l *linker) score(b *board, kind, i, j int) float64 {
	inner := l.inner
	x, y := b.left[pairRoles[kind][0]][i*inner:][:inner], b.right[pairRoles[kind][1]][j*inner:][:inner]
	turned, out := b.turned[kind][i*inner:][:inner], l.out[kind*inner:][:inner]
	d, n, k := b.between(b.spans[pairRoles[kind][0]][i], b.spans[pairRoles[kind][1]][j])
	distance := l.distance[(kind*distances+d)*inner:][:inner]
	between := l.between[(kind*gaps+n)*inner:][:inner]
	parted := l.parted[(kind*breaks+k)*inner:][:inner]
	var sum, product float32
	for h := range x {
		sum += float32(max(x[h]+y[h]+distance[h]+between[h]+parted[h], 0) * out[h])
		product += float32(turned[h] * y[h])
	}
	return float64(sum+l.outBias[kind]) + float64(product)/math.Sqrt(float64(inner))
}

// between tells of two spans the bucket of their signed distance, how many cues begin between them and what breaks lie
// there: none, a sentence's, a paragraph's, several with a paragraph's among them.
func (b *board) between(left, right tagged) (distance, cues, parted int) {
	from, to, after := left.last, right.first, right.first >= left.last
	if !after {
		from, to = right.last, max(left.first, right.last)
	}
	gap := to - from
	if !after {
		gap++
	}
	bucket := sort.SearchInts(steps[:], gap+1) - 1
	if distance = 12 + bucket; !after {
		distance = 11 - bucket
	}
	cues = min(gaps-1, sort.SearchInts(b.cues, to)-sort.SearchInts(b.cues, from))
	end := min(to+1, len(b.breaks[0])-1)
	sentences, paragraphs := b.breaks[0][end]-b.breaks[0][from], b.breaks[1][end]-b.breaks[1][from]
	switch {
	case paragraphs > 0 && sentences > 1:
		parted = 3
	case paragraphs > 0:
		parted = 2
	case sentences > 0:
		parted = 1
	}
	return distance, cues, parted
}

// count sums up where sentences and paragraphs begin.
func (b *board) count(place []uint8) {
	for k := range b.breaks {
		b.breaks[k] = append(b.breaks[k][:0], 0)
	}
	sentences, paragraphs := 0, 0
	for _, p := range place {
		if p != inside {
			sentences++
		}
		if p == paragraph {
			paragraphs++
		}
		b.breaks[0], b.breaks[1] = append(b.breaks[0], sentences), append(b.breaks[1], paragraphs)
	}
}

func (p projection) of(x []float32) float64 {
	var sum float32
	for i, w := range p.weight {
		sum += float32(x[i] * w)
	}
	return float64(sum + p.bias[0])
}
