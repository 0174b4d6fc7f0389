// Package decode turns what a trained reader says of each token into names and attributions: two taggers find spans
// (sources, cues and contents; names), a linker tells which belong together. It knows no encoder: a reader brings the
// tokens' states and emissions. What is computed stands in ../train/FORMAT.md.
package decode

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// How many columns of the emissions each tagger reads; those of attributions come first.
const (
	Attributions = 1 + 4*roles
	Names        = 1 + 4*len(kinds)
)

// kinds are those of names, as the tagger numbers them.
var kinds = [...]reading.Kind{reading.Person, reading.Place, reading.Organization, reading.Nationality, reading.Other}

// Tags are the lists of tags that a model file must carry.
type Tags struct{ Attributions, Names []string }

// Check fails unless the tags are those that this package reads.
func (t Tags) Check() error {
	tags := func(types ...string) []string {
		out := []string{"O"}
		for _, t := range types {
			out = append(out, "B"+t, "I"+t, "E"+t, "S"+t)
		}
		return out
	}
	if want := tags("source", "cue", "content"); !slices.Equal(t.Attributions, want) {
		return fmt.Errorf("the model's tags of attributions are %v, this program wants %v", t.Attributions, want)
	}
	if want := tags("PER", "LOC", "ORG", "NORP", "MISC"); !slices.Equal(t.Names, want) {
		return fmt.Errorf("the model's tags of names are %v, this program wants %v", t.Names, want)
	}
	return nil
}

// Calibration mends the confidences of names and of attributions. Its zero value leaves them as they are.
type Calibration struct{ Names, Attributions Mending }

// A Mending takes a probability of the network to how often it is right: sigmoid(slope·logit(p) + shift) (Platt 1999),
// fitted on the development sets. Its zero value mends nothing.
type Mending struct{ Slope, Shift float64 }

func (m Mending) mend(p float64) float64 {
	if m == (Mending{}) {
		return p
	}
	p = min(max(p, 1e-6), 1-1e-6)
	return 1 / (1 + math.Exp(-(m.Slope*math.Log(p/(1-p)) + m.Shift)))
}

// Options are what a [Decoder] is built for.
type Options struct {
	Name          string          // of the reader, for the evidence
	Hidden, Inner int             // widths of a token's state, a multiple of 16, and of a span's projection, one of 32
	Sayings       map[string]bool // forms of verbs, in lower case, that always attribute speech
	Calibration   Calibration
}

// A Decoder holds the weights. It is read-only and safe for concurrent use, each goroutine with a [Worker] of its own.
type Decoder struct {
	name        string
	sayings     map[string]bool
	calibration Calibration
	set         *kernel.Set
	attr, names *tagger
	linker      *linker
}

// Load takes a decoder out of a model file: the tensors "attributions.*", "names.*" but for the weights of the
// emissions, "link.*" and "act.*".
func Load(f *tensor.File, o Options, set *kernel.Set) (*Decoder, error) {
	d := &Decoder{name: o.Name, sayings: o.Sayings, calibration: o.Calibration, set: set}
	var errs [3]error
	d.attr, errs[0] = loadTagger(f, "attributions", roles)
	d.names, errs[1] = loadTagger(f, "names", len(kinds))
	d.linker, errs[2] = loadLinker(f, o.Hidden, o.Inner)
	if err := errors.Join(errs[:]...); err != nil {
		return nil, err
	}
	return d, nil
}

// A Segment is a range of a text's tokens that is decoded as one sequence.
type Segment struct {
	Doc      *text.Doc
	Features *feature.Of
	First    int       // the first token
	Tokens   int       // how many
	State    []float32 // [Tokens][Hidden]
	Emission []float32 // [Tokens][Stride]: attributions first, then names
	Stride   int
}

// A Worker is the memory of one goroutine's decoding.
type Worker struct {
	d       *Decoder
	lattice lattice
	board   board
	ofCue   map[int]int // the attribution of each cue
	votes   map[string]*[len(kinds)]float64
	s       Segment
	out     *reading.Reading
}

// NewWorker makes a worker of d.
func (d *Decoder) NewWorker() *Worker {
	return &Worker{d: d, ofCue: map[int]int{}, votes: map[string]*[len(kinds)]float64{}}
}

// A Span is what a tagger finds: tokens [First,Last) of the segment, the type (source, cue, content; or the kinds of
// package reading in their order), and the probability that just this span of just this type stands there.
type Span struct {
	First, Last, Kind int
	Confidence        float64
}

// Spans is what the taggers find in a segment, before anything is linked.
func (w *Worker) Spans(s Segment) (attributions, names []Span) {
	for _, x := range []struct {
		t     *tagger
		first int
		out   *[]Span
	}{{w.d.attr, 0, &attributions}, {w.d.names, Attributions, &names}} {
		for _, f := range x.t.decode(&w.lattice, s.Emission, s.Stride, x.first, s.Tokens) {
			*x.out = append(*x.out, Span{f.first, f.last, f.kind, f.confidence})
		}
	}
	return attributions, names
}

// Decode adds to out what the segment holds; after a text's last segment comes [Worker.Finish]. It takes time linear in the
// segment's tokens.
func (w *Worker) Decode(out *reading.Reading, s Segment) {
	if s.Tokens == 0 {
		return
	}
	w.s, w.out = s, out
	for _, n := range w.d.names.decode(&w.lattice, s.Emission, s.Stride, Attributions, s.Tokens) {
		out.Names = append(out.Names, reading.Name{Span: w.span(n), Kind: kinds[n.kind], Confidence: n.confidence})
	}
	b := &w.board
	for k := range b.spans {
		b.spans[k] = b.spans[k][:0]
	}
	for _, a := range w.d.attr.decode(&w.lattice, s.Emission, s.Stride, 0, s.Tokens) {
		b.spans[a.kind] = append(b.spans[a.kind], a)
	}
	if len(b.spans[content]) > 0 {
		w.attribute(w.d.linker.link(w.d.set, b, s.State, s.Features.Position[s.First:s.First+s.Tokens]))
	}
	w.s, w.out = Segment{}, nil
}
