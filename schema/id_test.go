package schema

import (
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestIdentify(t *testing.T) {
	id := func(a Article) string {
		a.Identify()
		return a.ID
	}
	if got := id(Article{ID: "x", URL: "u"}); got != "x" {
		t.Errorf("the publisher's own id became %q", got)
	}
	same := []string{
		"https://news.example/a/B?b=2&a=1",
		" HTTPS://News.Example:443/a/B?utm_source=x&a=1&b=2&fbclid=y#top ",
		"https://user:pw@news.example/a/B?a=1&&b=2&UTM_Medium=z",
	}
	for _, u := range same {
		if got, want := id(Article{URL: u, Text: u}), id(Article{URL: same[0]}); got != want {
			t.Errorf("%q has id %s, want %s", u, got, want)
		}
	}
	other := []string{same[0], "http://news.example/a/B?b=2&a=1", "https://news.example/a/b?b=2&a=1", "https://news.example/a/B?b=2",
		"https://news.example/a/B?a=2&b=1", "https://news.example", "%zz", "mailto:x", "/a/B"}
	seen := map[string]string{}
	for _, u := range other {
		got := id(Article{URL: u})
		if seen[got] != "" {
			t.Errorf("%q and %q have the same id", u, seen[got])
		}
		seen[got] = u
		if !strings.HasPrefix(got, "url:") || !isHex(got[4:], 64) {
			t.Errorf("%q has id %s", u, got)
		}
	}
	if id(Article{URL: "https://news.example"}) != id(Article{URL: "https://news.example/#x"}) {
		t.Error("no path and the root path have different ids")
	}
	// sha256sum of "abc"
	if got, want := id(Article{URL: " ", Text: "abc"}), "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"; got != want {
		t.Errorf("id %s, want %s", got, want)
	}
}

func TestAbout(t *testing.T) {
	a := Article{URL: "https://n.example/", Title: " T ", Authors: []string{"A", " ", "B\xff"}, Language: "the usual", PublishedAt: "1 May 2026", Text: "é\xff"}
	got, warnings := a.About()
	u, title, date := "https://n.example/", "T", "2026-05-01"
	want := About{ID: got.ID, URL: &u, Title: &title, Authors: []string{"A", "B\ufffd"}, PublishedAt: &date, TextSHA256: hexSHA256("é\ufffd"), TextChars: 2}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	wantWarnings := []Warning{{WarnField, `language: "the usual" is not a BCP 47 tag: left out`}}
	if diff := cmp.Diff(wantWarnings, warnings); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if a.ID != "" {
		t.Error("the article was changed")
	}
}

func TestIDs(t *testing.T) {
	seen := map[string]bool{}
	for _, id := range []string{
		RecordID("a", "b", "c"), RecordID("ab", "", "c"), RecordID("", "ab", "c"), RecordID("a", "b", ""), RecordID("", "", ""), RecordID("", "b", "ac"),
	} {
		if !isHex(id, 32) || seen[id] {
			t.Errorf("id %q: malformed or not the only one", id)
		}
		seen[id] = true
	}
	for _, id := range []string{
		QuoteID("r", nil), QuoteID("r", []Span{{0, 1}}), QuoteID("r", []Span{{0, 1}, {2, 3}}), QuoteID("r", []Span{{0, 3}}), QuoteID("q", []Span{{0, 1}}),
		QuoteID("r", []Span{{2, 3}, {0, 1}}),
	} {
		if !isHex(id, 16) || seen[id] {
			t.Errorf("id %q: malformed or not the only one", id)
		}
		seen[id] = true
	}
	// Ids are kept by those who follow the records: they may never change.
	if got, want := RecordID("a", "b", "c"), "b57c6057e85875c6feefa989f7848662"; got != want {
		t.Errorf("RecordID is %s, want %s", got, want)
	}
	if got, want := QuoteID("r", []Span{{1, 2}}), "1119e08ca48a490b"; got != want {
		t.Errorf("QuoteID is %s, want %s", got, want)
	}
}

func TestQuoteText(t *testing.T) {
	tests := []struct {
		kind  QuoteKind
		spans []string
		want  string
	}{
		{Direct, []string{"“We go,”"}, "We go,"},
		{Direct, []string{`"We go,"`, ` "and stay." `}, "We go, and stay."},
		{Direct, []string{"“We\n go"}, "We\n go"},
		{Direct, []string{"we go”"}, "we go"},
		{Direct, []string{"« On y va »"}, "On y va"},
		{Direct, []string{"„Los!“"}, "Los!"},
		{Direct, []string{"``We go,''"}, "We go,"},
		{Direct, []string{"''We go,''"}, "We go,"},
		{Direct, []string{"‘We go,’"}, "We go,"},
		{Direct, []string{"'We go,'"}, "We go,"},
		{Direct, []string{"“‘No,’ he told me”"}, "‘No,’ he told me"},
		{Direct, []string{"“He told me, ‘No’"}, "He told me, ‘No’"},
		{Direct, []string{"“the workers’”"}, "the workers’"},
		{Direct, []string{"the workers’"}, "the workers’"},
		{Direct, []string{"we said.’"}, "we said."},
		{Direct, []string{"’Twas late”"}, "’Twas late"},
		{Direct, []string{"'First paragraph."}, "First paragraph."},
		{Direct, []string{"“We go,\""}, "We go,"},
		{Direct, []string{"“”"}, ""},
		{Direct, []string{"“", "we go”"}, "we go"},
		{Direct, []string{"「行く」"}, "行く"},
		{Direct, []string{"plain"}, "plain"},
		{Direct, []string{"''", "'''", "x"}, "x"},
		{Direct, nil, ""},
		{Mixed, []string{"that it was “bad” and “over”"}, "that it was “bad” and “over”"},
		{Mixed, []string{"“bad”", "for us "}, "“bad” for us"},
		{Indirect, []string{" that it was over"}, "that it was over"},
	}
	for _, test := range tests {
		if got := QuoteText(test.kind, test.spans); got != test.want {
			t.Errorf("%s %q: %q, want %q", test.kind, test.spans, got, test.want)
		}
	}
}

func TestRound(t *testing.T) {
	for in, want := range map[float64]Probability{0: 0, 1: 1, 0.12345: 0.123, 0.9996: 1, -3: 0, 7: 1, math.Inf(1): 1, math.Inf(-1): 0, 1e-9: 0} {
		if got := Round(in); got != want || math.Signbit(float64(got)) {
			t.Errorf("Round(%v) is %v, want %v", in, got, want)
		}
	}
	if got := Round(math.NaN()); got != 0 {
		t.Errorf("Round(NaN) is %v, want 0", got)
	}
}

func FuzzQuoteText(f *testing.F) {
	f.Add("“a”", "''b'", true)
	f.Fuzz(func(t *testing.T, a, b string, direct bool) {
		kind := Mixed
		if direct {
			kind = Direct
		}
		got := QuoteText(kind, []string{a, b})
		if len(got) > len(a)+len(b)+1 || got != strings.TrimSpace(got) {
			t.Errorf("%q and %q give %q", a, b, got)
		}
	})
}
