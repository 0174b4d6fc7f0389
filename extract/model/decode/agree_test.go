package decode

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// Each name of a case is written so: its words, its kind as the tagger has it, its confidence.
func TestOneNameOneKind(t *testing.T) {
	const (
		person, place, organization, nationality, other = reading.Person, reading.Place, reading.Organization, reading.Nationality, reading.Other
	)
	type name struct {
		written    string
		kind       reading.Kind
		confidence float64
	}
	for _, c := range []struct {
		what  string
		names []name
		want  []reading.Kind
	}{
		{"nothing", nil, nil},
		{"a name by itself keeps its kind", []name{{"Vellmouth", place, .2}}, []reading.Kind{place}},
		{"the unsure follows the surer", []name{{"Vellmouth", person, .5}, {"Vellmouth", place, .8}}, []reading.Kind{place, place}},
		{"before it and behind it", []name{{"Vellmouth", place, .8}, {"Vellmouth", person, .5}}, []reading.Kind{place, place}},
		{"two weak ones outvote one", []name{{"Orrel", organization, .4}, {"Orrel", person, .6}, {"Orrel", organization, .3}}, []reading.Kind{organization, organization, organization}},
		{"the sure keeps its kind", []name{{"Orrel", person, .9}, {"Orrel", place, .8}, {"Orrel", place, .7}}, []reading.Kind{person, place, place}},
		{"just below sure it does not", []name{{"Orrel", person, .8999}, {"Orrel", place, .8}, {"Orrel", place, .7}}, []reading.Kind{place, place, place}},
		{"the sure votes too", []name{{"Orrel", place, .95}, {"Orrel", person, .6}}, []reading.Kind{place, place}},
		{"of equal kinds the first", []name{{"Orrel", other, .5}, {"Orrel", nationality, .5}, {"Orrel", organization, .5}}, []reading.Kind{organization, organization, organization}},
		{"no confidence at all", []name{{"Orrel", other, 0}}, []reading.Kind{person}},
		{"other names have no say", []name{{"Orrel", person, .5}, {"Orrel Bay", place, .8}, {"ORREL", place, .8}}, []reading.Kind{person, place, place}},
	} {
		var article strings.Builder
		var names []reading.Name
		for _, n := range c.names {
			from := article.Len()
			article.WriteString(n.written)
			names = append(names, reading.Name{Span: text.Span{Start: from, End: article.Len()}, Kind: n.kind, Confidence: n.confidence})
			article.WriteString(", ")
		}
		agree(names, article.String(), map[string]*[len(kinds)]float64{})
		var got []reading.Kind
		for i, n := range names {
			got = append(got, n.Kind)
			if n.Confidence != c.names[i].confidence {
				t.Errorf("%s: confidence of name %d became %v", c.what, i, n.Confidence)
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.what, diff)
		}
	}
}

// The vote is among the network's confidences, and mending comes after it.
func TestFinishVotesBeforeItMends(t *testing.T) {
	const article = "Orrel. Orrel."
	mending := Mending{Slope: .5, Shift: -1}
	w := (&Decoder{calibration: Calibration{Names: mending}}).NewWorker()
	for range 2 { // the worker remembers nothing of the text before
		out := reading.Reading{Names: []reading.Name{
			{Span: text.Span{Start: 0, End: 5}, Kind: reading.Person, Confidence: .95},
			{Span: text.Span{Start: 7, End: 12}, Kind: reading.Place, Confidence: .6},
		}}
		w.Finish(&out, text.Cut(article))
		want := []reading.Name{
			{Span: text.Span{Start: 0, End: 5}, Kind: reading.Person, Confidence: mending.mend(.95)},
			{Span: text.Span{Start: 7, End: 12}, Kind: reading.Person, Confidence: mending.mend(.6)},
		}
		if diff := cmp.Diff(want, out.Names); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
