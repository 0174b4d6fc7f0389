package decode

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/quotewire/quotewire/extract/model/tensor"
	"github.com/quotewire/quotewire/extract/model/tensor/tensortest"
)

// randomTagger is one of two types with weights drawn at random, as a file would hold it.
func randomTagger(t *testing.T, r *rand.Rand) *tagger {
	const n = 1 + 4*2
	var file tensortest.File
	file.Floats("t.transitions", r.NormFloat64, n, n)
	file.Floats("t.start", r.NormFloat64, n)
	file.Floats("t.end", r.NormFloat64, n)
	f, err := tensor.Parse(file.Encode())
	if err != nil {
		t.Fatal(err)
	}
	tg, err := loadTagger(f, "t", 2)
	if err != nil {
		t.Fatal(err)
	}
	return tg
}

// legal says whether a tag may follow another, from the meaning of BIOES and not from the tagger.
func legal(from, to int) bool {
	names := "OBIESBIES"
	open := names[from] == 'B' || names[from] == 'I'
	inside := names[to] == 'I' || names[to] == 'E'
	if open {
		return inside && (from-1)/4 == (to-1)/4
	}
	return !inside
}

// The best sequence and the probability of each of its spans are those that trying out all legal sequences gives.
func TestDecodesAsAllSequencesSay(t *testing.T) {
	const tags, tokens = 9, 5
	r := rand.New(rand.NewPCG(11, 12))
	var l lattice
	spans := 0
	for round := range 60 {
		tg := randomTagger(t, r)
		const stride, first = tags + 3, 2
		e := make([]float32, tokens*stride)
		for i := range e {
			e[i] = float32(2 * r.NormFloat64())
		}
		total, best, bestPath := 0.0, math.Inf(-1), []int(nil)
		weightOf := map[string]float64{} // of all sequences with a span, by the span
		path := make([]int, tokens)
		var try func(i int, score float64)
		try = func(i int, score float64) {
			if i == tokens {
				score += tg.end[path[i-1]]
				w := math.Exp(score)
				total += w
				if score > best {
					best, bestPath = score, slices.Clone(path)
				}
				for _, s := range spansOf(path) {
					weightOf[fmt.Sprint(s)] += w
				}
				return
			}
			for tag := range tags {
				s := score + float64(e[i*stride+first+tag])
				if i == 0 {
					s += tg.start[tag]
				} else if !legal(path[i-1], tag) {
					continue
				} else {
					s += tg.move[path[i-1]*tags+tag]
				}
				path[i] = tag
				try(i+1, s)
			}
		}
		try(0, 0)
		got := tg.decode(&l, e, stride, first, tokens)
		want := spansOf(bestPath)
		if len(got) != len(want) {
			t.Fatalf("round %d: spans %v, want %v", round, got, want)
		}
		for i, g := range got {
			if s := [3]int{g.first, g.last, g.kind}; s != want[i] {
				t.Fatalf("round %d: span %v, want %v", round, s, want[i])
			}
			if p := weightOf[fmt.Sprint(want[i])] / total; math.Abs(g.confidence-p) > 1e-6 {
				t.Errorf("round %d: span %v has probability %v, all sequences say %v", round, want[i], g.confidence, p)
			}
			spans++
		}
	}
	if spans < 60 {
		t.Errorf("only %d spans in all", spans)
	}
}

// spansOf is the whole spans of a sequence of tags: first, last, type.
func spansOf(path []int) (out [][3]int) {
	names, begin := "OBIESBIES", -1
	for i, tag := range path {
		switch names[tag] {
		case 'O':
			begin = -1
		case 'B':
			begin = i
		case 'S':
			out, begin = append(out, [3]int{i, i + 1, (tag - 1) / 4}), -1
		case 'E':
			if begin >= 0 {
				out = append(out, [3]int{begin, i + 1, (tag - 1) / 4})
			}
			begin = -1
		}
	}
	return out
}

func TestMending(t *testing.T) {
	if p := (Mending{}).mend(.3); p != .3 {
		t.Errorf("nothing to mend gives %v", p)
	}
	m := Mending{Slope: .7, Shift: -.2}
	for _, p := range []float64{0, 1e-9, .2, .5, .9, 1} {
		x := min(max(p, 1e-6), 1-1e-6)
		if got, want := m.mend(p), 1/(1+math.Exp(-(.7*math.Log(x/(1-x))-.2))); math.Abs(got-want) > 1e-12 {
			t.Errorf("%v is mended to %v, want %v", p, got, want)
		}
	}
}

func TestBetween(t *testing.T) {
	var b board
	b.count([]uint8{2, 0, 0, 1, 0, 2, 0, 0, 0, 0})
	b.cues = []int{1, 4}
	for _, x := range []struct {
		left, right tagged
		want        [3]int // distance bucket, cues between, breaks
	}{
		{tagged{first: 0, last: 1}, tagged{first: 1, last: 2}, [3]int{12, 0, 0}}, // neighbours
		{tagged{first: 1, last: 2}, tagged{first: 0, last: 1}, [3]int{10, 0, 0}}, // the right one before the left one
		{tagged{first: 0, last: 2}, tagged{first: 3, last: 4}, [3]int{13, 0, 1}}, // over the begin of a sentence
		{tagged{first: 0, last: 1}, tagged{first: 6, last: 8}, [3]int{16, 2, 3}}, // over a sentence and a paragraph
		{tagged{first: 4, last: 5}, tagged{first: 5, last: 6}, [3]int{12, 0, 2}}, // over a paragraph
	} {
		d, n, k := b.between(x.left, x.right)
		if got := [3]int{d, n, k}; got != x.want {
			t.Errorf("between %v and %v: %v, want %v", x.left, x.right, got, x.want)
		}
	}
}
