package eval

import (
	"fmt"
	"io"
	"strings"

	"github.com/quotewire/quotewire/schema"
)

// A Report holds the measures that the gold allows; the others are nil. As JSON it uses the letters of the package
// comment and percent throughout.
type Report struct {
	Records          int                `json:"records"`
	Unanswered       int                `json:"records_without_prediction"`
	Names            []NameScore        `json:"names,omitempty"`
	NamesLoose       []NameScore        `json:"names_loose,omitempty"`
	NameCalibration  *Calibration       `json:"name_calibration,omitempty"`
	Attributions     *AttributionScores `json:"attributions,omitempty"`
	Kinds            []KindScores       `json:"attributions_by_kind,omitempty"` // as with Options.Kind
	QuoteCalibration *Calibration       `json:"quote_calibration,omitempty"`
	Incomplete       *IncompleteScores  `json:"incomplete,omitempty"`
	Sentences        *PRF               `json:"G,omitempty"`
	Spans            []SpanScores       `json:"A*,omitempty"`
	Coreference      *Coreference       `json:"C,omitempty"`
	GAP              *GAPScores         `json:"gap,omitempty"`
	Places           *Places            `json:"P,omitempty"`
}

// KindScores are the scores of the attributions of one kind.
type KindScores struct {
	Kind schema.QuoteKind `json:"kind"`
	*AttributionScores
}

// WriteTable writes the report for people: a measure a line, percent with one decimal.
func (r *Report) WriteTable(w io.Writer) error {
	var t table
	t.note("records %d", r.Records)
	if r.Unanswered > 0 {
		t.note("records without prediction %d", r.Unanswered)
	}
	if r.Names != nil {
		t.head("names, exact")
		for _, n := range r.Names {
			t.prf(n.Type, n.PRF)
		}
		t.head("names, without \"the\" and possessive")
		for _, n := range r.NamesLoose {
			t.prf(n.Type, n.PRF)
		}
	}
	if a := r.Attributions; a != nil {
		t.head("attributions")
		t.prf("content and source (D)", a.Linked.Headline)
		for _, k := range r.Kinds {
			t.prf("  "+string(k.Kind), k.Linked.Headline)
		}
		t.prf("content, source, cue", a.Linked.WithCue)
		t.prf("content", a.Linked.ContentOnly)
		for _, k := range r.Kinds {
			t.prf("  "+string(k.Kind), k.Linked.ContentOnly)
		}
		t.prf("content, exact (B)", a.Content.Exact)
		t.prf("content, tokens (B)", a.Content.Partial)
		t.prf("content, over .3 (E)", a.Covered.Low.PRF)
		t.prf("content, over .8 (E)", a.Covered.High.PRF)
		m := a.Linked.OfMatched
		t.note("of the matched: source %.1f (exact %.1f), cue %.1f (exact %.1f)", m.Source, m.SourceExact, m.Cue, m.CueExact)
		if a.Ignored > 0 {
			t.note("ignored %d", a.Ignored)
		}
		if a.Speakers != nil {
			t.speakers(a.Speakers)
		}
	}
	if i := r.Incomplete; i != nil {
		t.head("attributions, gold incomplete")
		t.note("recall of %d contents: over .3 %.1f, over .8 %.1f (E)", i.Gold, i.Low, i.High)
		t.speakers(&i.Speakers)
	}
	if r.Sentences != nil {
		t.head("sentences")
		t.prf("with speech (G)", *r.Sentences)
	}
	if r.Spans != nil {
		t.head("spans on CofeNet's instances (A*)")
		for _, s := range r.Spans {
			t.prf(s.Role+", exact", s.Exact)
		}
		for _, s := range r.Spans {
			t.prf(s.Role+", begin", s.Begin)
		}
		t.note("Jaccard: source %.1f, cue %.1f, content %.1f", r.Spans[0].Jaccard, r.Spans[1].Jaccard, r.Spans[2].Jaccard)
	}
	if c := r.Coreference; c != nil {
		t.coref("coreference of names (C)", c.Names)
		t.coref("coreference of names in both (C)", c.Found)
		t.coref("coreference of names, equal spans", c.Strict)
		t.coref("coreference of all mentions (C)", c.All)
	}
	if g := r.GAP; g != nil {
		t.head("pronouns (GAP)")
		t.prf("all", g.All)
		t.prf("masculine", g.Masculine)
		t.prf("feminine", g.Feminine)
		t.note("feminine to masculine F %.2f", g.Bias)
	}
	if p := r.Places; p != nil {
		t.WriteString("\nplaces (P)\n")
		t.note("names with a point %d, found %d, located %d", p.Gold, p.Found, p.Answered)
		t.note("right within 161 km %.1f of the located, %.1f of all (by distance alone %.1f)", p.Within.OfAnswered, p.Within.OfGold, p.Distance)
		t.note("right GeoNames id %.1f, %.1f; of %d countries %.1f", p.SameID.OfAnswered, p.SameID.OfGold, p.Countries, p.Country)
	}
	if r.NameCalibration != nil || r.QuoteCalibration != nil {
		t.WriteString("\ncalibration\n")
		t.calibration("names", r.NameCalibration)
		t.calibration("quotes", r.QuoteCalibration)
		if a := r.Attributions; a != nil && a.Speakers != nil {
			t.calibration("speakers", a.Speakers.Calibration)
		}
	}
	_, err := io.WriteString(w, t.String())
	return err
}

type table struct{ strings.Builder }

func (t *table) head(title string) {
	fmt.Fprintf(t, "\n%-36s %6s %6s %6s %7s %7s\n", title, "P", "R", "F", "gold", "pred")
}

func (t *table) prf(label string, s PRF) {
	fmt.Fprintf(t, "  %-34s %6.1f %6.1f %6.1f %7d %7d\n", label, s.P, s.R, s.F, s.Gold, s.Pred)
}

func (t *table) coref(title string, s *CorefScores) {
	t.head(title)
	t.prf("MUC", s.MUC)
	t.prf("B³", s.B3)
	t.prf("CEAFφ4", s.CEAF)
	t.note("CoNLL %.1f", s.CoNLL)
}

func (t *table) note(format string, args ...any) { fmt.Fprintf(t, "  "+format+"\n", args...) }

func (t *table) speakers(s *Speakers) {
	t.note("speaker's name (F): %d named, %d matched, %d answered; right exact %.1f, loose %.1f of the answered; %.1f, %.1f of the named",
		s.Gold, s.Matched, s.Answered, s.Exact.OfAnswered, s.Loose.OfAnswered, s.Exact.OfGold, s.Loose.OfGold)
	if e := s.Entities; e != nil {
		t.note("speaker's entity: %d named in the text, %d matched, %d answered; right %.1f of the answered, %.1f of the matched, %.1f of the named",
			e.Gold, e.Matched, e.Answered, e.Right.OfAnswered, e.Right.OfMatched, e.Right.OfGold)
	}
}

func (t *table) calibration(of string, c *Calibration) {
	if c == nil {
		return
	}
	t.note("%-8s expected calibration error %.1f over %d", of, c.ECE, c.N)
	for _, b := range c.Bins {
		t.note("  %.1f-%.1f  confidence %5.1f  right %5.1f  n %d", b.Above, b.Above+0.1, b.Confidence, b.Right, b.N)
	}
}
