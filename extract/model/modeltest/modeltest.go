// Package modeltest holds a trained network to what training's own forward pass made of a few texts, in float32: the
// export scripts of ../train write it.
package modeltest

import (
	"encoding/json"
	"math"
	"slices"
	"testing"

	"github.com/quotewire/quotewire/extract/model/decode"
)

// A Parity is what every network gives for a text: a score for each token and tag, and the spans that follow from them.
type Parity struct {
	Text             string
	Attributions     [][]float32 `json:"attribution_emissions"`
	Names            [][]float32 `json:"name_emissions"`
	AttributionSpans []Span      `json:"attribution_spans"`
	NameSpans        []Span      `json:"name_spans"`
}

// A Span is of the tokens First to Last, the last one included.
type Span struct {
	First, Last int
	Kind        string
	Confidence  float64
}

// UnmarshalJSON reads [first, last, kind, confidence].
func (s *Span) UnmarshalJSON(b []byte) error {
	return json.Unmarshal(b, &[]any{&s.First, &s.Last, &s.Kind, &s.Confidence})
}

// Load reads a file of texts; T embeds Parity and adds what only the one network has.
func Load[T any](t testing.TB, file []byte) (texts []T) {
	t.Helper()
	if err := json.Unmarshal(file, &texts); err != nil {
		t.Fatal(err)
	}
	if len(texts) == 0 {
		t.Fatal("no texts in the file")
	}
	return texts
}

// Check compares emissions, of tags numbers and more a token, with training's, as near as int8 comes to float32, and the spans
// that the decoder finds in them: the same, with about the same confidence. Given training's own emissions, the decoder
// finds training's own spans.
func (p *Parity) Check(t *testing.T, decoder *decode.Worker, emission []float32, stride int) {
	t.Helper()
	given := make([]float32, len(p.Names)*stride)
	sum, n := 0.0, 0
	for i := range p.Names {
		for k, v := range append(slices.Clone(p.Attributions[i]), p.Names[i]...) {
			given[i*stride+k] = v
			sum += math.Abs(float64(v - emission[i*stride+k]))
			n++
		}
	}
	if mean := sum / float64(n); mean > .08 {
		t.Errorf("%.30q: emissions differ from training's by %.3f in the mean", p.Text, mean)
	}
	attributions, names := decoder.Spans(decode.Segment{Emission: emission, Stride: stride, Tokens: len(p.Names)})
	p.same(t, attributions, p.AttributionSpans, .2, "source", "cue", "content")
	p.same(t, names, p.NameSpans, .2, "PER", "LOC", "ORG", "NORP", "MISC")
	attributions, names = decoder.Spans(decode.Segment{Emission: given, Stride: stride, Tokens: len(p.Names)})
	p.same(t, attributions, p.AttributionSpans, .001, "source", "cue", "content")
	p.same(t, names, p.NameSpans, .001, "PER", "LOC", "ORG", "NORP", "MISC")
}

func (p *Parity) same(t *testing.T, got []decode.Span, want []Span, tolerance float64, kinds ...string) {
	t.Helper()
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || int(got[i].First) != want[i].First || int(got[i].Last) != want[i].Last || kinds[got[i].Kind] != want[i].Kind {
			t.Errorf("%.30q: spans %v, in training %v", p.Text, got, want)
			return
		}
		if d := math.Abs(got[i].Confidence - want[i].Confidence); d > tolerance {
			t.Errorf("%.30q: span %v has confidence %.3f, in training %.3f", p.Text, got[i], got[i].Confidence, want[i].Confidence)
		}
	}
}

// Cosine is of the angle between two vectors: 1 where they point the same way.
func Cosine(x, y []float32) float64 {
	var xy, xx, yy float64
	for i := range x {
		xy, xx, yy = xy+float64(x[i])*float64(y[i]), xx+float64(x[i])*float64(x[i]), yy+float64(y[i])*float64(y[i])
	}
	return xy / math.Sqrt(xx*yy)
}
