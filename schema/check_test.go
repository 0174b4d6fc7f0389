package schema

import (
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const madeText = "“We’ll rebuild,” Mayor Ana Ruíz said in Porto Alto.\n" +
	"“But not,” she added, “this year.” She hopes that the Harbour Board, which met on <Friday>, \"stays calm\"."

// made is a record of madeText that has every field there is.
func made() Record {
	at := func(s string) Span {
		i := strings.Index(madeText, s)
		if i < 0 {
			panic(s)
		}
		start := utf8.RuneCountInString(madeText[:i])
		return Span{start, start + utf8.RuneCountInString(s)}
	}
	mention := func(s string, form Form) Mention {
		p := at(s)
		return Mention{p.Start, p.End, s, form}
	}
	phrase := func(s string) *Phrase {
		p := at(s)
		return &Phrase{p.Start, p.End, s}
	}
	ref := func(s string) *string { return &s }
	lat, lon, id := 41.5, -8.25, 7

	a := Article{ID: "n-1", URL: "https://news.example/1", Title: "Mayor to rebuild", Authors: []string{"J. Doe"}, Publisher: "Example News",
		Language: "en-GB", PublishedAt: "2026-03-01 12:00:00", Text: madeText, CopyOf: "n-0", KeepText: true}
	about, warnings := a.About()
	r := Record{
		Schema:  URI,
		Article: about,
		Offsets: Offsets{"codepoint"},
		Entities: []Entity{
			{
				ID: "e1", Kind: Person, Name: "Ana Ruíz", Aliases: []string{"Ruíz"}, Confidence: 0.95,
				Roles:    []Role{{Title: "Mayor", Of: ref("Porto Alto"), Tenure: Acting, Start: at("Mayor").Start, End: at("Mayor").End}},
				Link:     &Link{ID: "Q1", Rule: "exact", Confidence: 1},
				Mentions: []Mention{mention("Ana Ruíz", ByName), mention("she", ByPronoun), mention("She", ByPronoun)},
			},
			{
				ID: "e2", Kind: Place, Name: "Porto Alto", Aliases: []string{}, Roles: []Role{}, Confidence: 0.9,
				Place:    &Geography{Country: ref("PT"), GeoNames: &id, Lat: &lat, Lon: &lon, Feature: ref("city")},
				Mentions: []Mention{mention("Porto Alto", ByName)},
			},
			{
				ID: "e3", Kind: Organization, Name: "Harbour Board", Aliases: []string{}, Roles: []Role{}, Confidence: 0.5,
				Mentions: []Mention{mention("Harbour Board", ByName)},
			},
		},
		Quotes: []Quote{
			{
				Kind: Direct, Act: Speech, Text: "We’ll rebuild,", Spans: []Span{at("“We’ll rebuild,”")}, Cue: phrase("said"),
				Speaker: &Speaker{Entity: ref("e1"), Name: ref("Ana Ruíz"), Start: at("Mayor Ana Ruíz").Start, End: at("Mayor Ana Ruíz").End, Text: "Mayor Ana Ruíz", Method: MethodName,
					Confidence: 0.95, Joint: []string{"e3"}, Of: ref("e2")},
				About: []string{}, Confidence: 0.875, Evidence: "baseline/inverted",
			},
			{
				Kind: Direct, Act: Speech, Text: "But not, this year.", Spans: []Span{at("“But not,”"), at("“this year.”")}, Cue: phrase("added"),
				Speaker: &Speaker{Entity: ref("e1"), Name: ref("Ana Ruíz"), Start: at("she").Start, End: at("she").End, Text: "she", Method: MethodPronoun},
				About:   []string{}, Confidence: 0.8, Evidence: "baseline/interrupted",
			},
			{
				Kind: Mixed, Act: Thought, Cue: phrase("hopes"),
				Text:    `that the Harbour Board, which met on <Friday>, "stays calm"`,
				Spans:   []Span{at(`that the Harbour Board, which met on <Friday>, "stays calm"`)},
				Speaker: &Speaker{Entity: nil, Name: nil, Start: at("She").Start, End: at("She").End, Text: "She", Method: MethodUnknown},
				About:   []string{"e3"}, Confidence: 0.333, Evidence: "baseline/clause",
			},
		},
		Warnings: append(warnings, Warning{WarnShort, "the text is short"}),
		Extractor: Extractor{Name: "quotewire", Version: "0.0.0", Reader: "baseline", Fingerprint: "0123456789abcdef",
			Models: []Model{{Name: "tagger", Version: "2", SHA256: strings.Repeat("ab", 32)}}},
	}
	return signed(r)
}

// signed gives a record and its quotes their ids.
func signed(r Record) Record {
	r.ID = RecordID(r.Article.ID, r.Article.TextSHA256, r.Extractor.Fingerprint)
	for i := range r.Quotes {
		r.Quotes[i].ID = QuoteID(r.ID, r.Quotes[i].Spans)
	}
	return r
}

func TestCheck(t *testing.T) {
	r := made()
	if err := r.Check(madeText); err != nil {
		t.Fatal(err)
	}
	got, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var pretty strings.Builder
	e := json.NewEncoder(&pretty)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	e.Encode(json.RawMessage(got))
	const file = "testdata/record.json"
	if *update {
		os.WriteFile(file, []byte(pretty.String()), 0o666)
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), pretty.String()); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
	var back Record
	if err := json.Unmarshal(got, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, back); diff != "" {
		t.Errorf("changed by way of JSON (-want +got):\n%s", diff)
	}
	if again, _ := back.JSON(); string(again) != string(got) {
		t.Error("other bytes the second time")
	}
}

// TestCheckRefuses breaks one rule at a time.
func TestCheckRefuses(t *testing.T) {
	unknown := "e9"
	empty := ""
	far := 91.0
	tests := []struct {
		want  string // beginning of the error
		spoil func(r *Record)
	}{
		{"schema: ", func(r *Record) { r.Schema = "1.0.0" }},
		{"id: ", func(r *Record) { r.ID = strings.ToUpper(r.ID) }},
		{"id: ", func(r *Record) { r.ID = strings.Repeat("0", 32) }},
		{"offsets.unit: ", func(r *Record) { r.Offsets.Unit = "byte" }},
		{"article.url: ", func(r *Record) { r.Article.URL = &empty }},
		{"article.authors: ", func(r *Record) { r.Article.Authors = nil }},
		{"article.authors[0]: ", func(r *Record) { r.Article.Authors[0] = "" }},
		{"article.language: ", func(r *Record) { l := "English!"; r.Article.Language = &l }},
		{"article.published_at: ", func(r *Record) { d := "yesterday"; r.Article.PublishedAt = &d }},
		{"article.published_at: ", func(r *Record) { d := "2026-01-02T3:04:05Z"; r.Article.PublishedAt = &d }},
		{"article.text_chars: ", func(r *Record) { r.Article.TextChars++ }},
		{"article.copy_of: ", func(r *Record) { s := ""; r.Article.CopyOf = &s }},
		{"article.text: ", func(r *Record) { s := madeText + "\n"; r.Article.Text = &s }},
		{"entities: ", func(r *Record) { r.Entities = nil; r.Quotes = []Quote{} }},
		{"entities[1].id: ", func(r *Record) { r.Entities[1].ID = "e1" }},
		{"entities[1]: ", func(r *Record) {
			r.Entities[1], r.Entities[2] = r.Entities[2], r.Entities[1]
			r.Entities[1].ID, r.Entities[2].ID = "e2", "e3"
			r.Entities[0], r.Entities[1] = r.Entities[1], r.Entities[0]
			r.Entities[0].ID, r.Entities[1].ID = "e1", "e2"
		}},
		{"entities[0].kind: ", func(r *Record) { r.Entities[0].Kind = "ship" }},
		{"entities[0].name: ", func(r *Record) { r.Entities[0].Name = "" }},
		{"entities[0].name: ", func(r *Record) { r.Entities[0].Name = "a\xff" }},
		{"entities[0].aliases: ", func(r *Record) { r.Entities[0].Aliases = nil }},
		{"entities[0].aliases[0]: ", func(r *Record) { r.Entities[0].Aliases[0] = "Ana Ruíz" }},
		{"entities[0].roles: ", func(r *Record) { r.Entities[0].Roles = nil }},
		{"entities[0].roles[0]: ", func(r *Record) { r.Entities[0].Roles[0].Title = "mayor" }},
		{"entities[0].roles[0].of: ", func(r *Record) { r.Entities[0].Roles[0].Of = &empty }},
		{"entities[0].link.rule: ", func(r *Record) { r.Entities[0].Link.Rule = "" }},
		{"entities[0].place: ", func(r *Record) { r.Entities[0].Place = &Geography{} }},
		{"entities[1].place.country: ", func(r *Record) { c := "pt"; r.Entities[1].Place.Country = &c }},
		{"entities[1].place.lat: ", func(r *Record) { r.Entities[1].Place.Lat = &far }},
		{"entities[1].confidence: ", func(r *Record) { r.Entities[1].Confidence = 1.5 }},
		{"entities[1].confidence: ", func(r *Record) { r.Entities[1].Confidence = 0.12345 }},
		{"entities[2].mentions: ", func(r *Record) { r.Entities[2].Mentions = nil }},
		{"entities[0].mentions[1]: ", func(r *Record) { r.Entities[0].Mentions[1] = r.Entities[0].Mentions[0] }},
		{"entities[0].mentions[0]: ", func(r *Record) { r.Entities[0].Mentions[0].End++ }},
		{"entities[0].mentions[0]: ", func(r *Record) { r.Entities[0].Mentions[0].Start = -1 }},
		{"entities[0].mentions[2]: ", func(r *Record) { r.Entities[0].Mentions[2].End = 1 << 40 }},
		{"entities[0].mentions[1].form: ", func(r *Record) { r.Entities[0].Mentions[1].Form = "" }},
		{"quotes: ", func(r *Record) { r.Quotes = nil }},
		{"quotes[0].kind: ", func(r *Record) { r.Quotes[0].Kind = "partial" }},
		{"quotes[0].act: ", func(r *Record) { r.Quotes[0].Act = "" }},
		{"quotes[0].evidence: ", func(r *Record) { r.Quotes[0].Evidence = "" }},
		{"quotes[0].spans: ", func(r *Record) { r.Quotes[0].Spans = nil }},
		{"quotes[0].spans[0]: ", func(r *Record) { r.Quotes[0].Spans[0].End = r.Quotes[0].Spans[0].Start }},
		{"quotes[1].spans[1]: ", func(r *Record) { s := r.Quotes[1].Spans; s[0], s[1] = s[1], s[0] }},
		{"quotes[2].spans[0]: ", func(r *Record) { r.Quotes[2].Spans[0].End = 1000 }},
		{"quotes[0].id: ", func(r *Record) { r.Quotes[0].ID = r.Quotes[1].ID }},
		{"quotes[0].text: ", func(r *Record) { r.Quotes[0].Text = "“We’ll rebuild,”" }},
		{"quotes[1]: has the same spans as quotes[0]", func(r *Record) { r.Quotes[1] = r.Quotes[0] }},
		{"quotes[1]: starts at ", func(r *Record) { r.Quotes[0], r.Quotes[1] = r.Quotes[1], r.Quotes[0] }},
		{"quotes[0].cue: ", func(r *Record) { r.Quotes[0].Cue.Text = "says" }},
		{"quotes[0].cue: ", func(r *Record) { *r.Quotes[0].Cue = Phrase{} }},
		{"quotes[0].speaker.method: ", func(r *Record) { r.Quotes[0].Speaker.Method = "guess" }},
		{"quotes[0].speaker: ", func(r *Record) { r.Quotes[0].Speaker.Start++ }},
		{"quotes[0].speaker: ", func(r *Record) { r.Quotes[0].Speaker.End = r.Quotes[0].Speaker.Start }},
		{"quotes[0].speaker.entity: no entity", func(r *Record) { r.Quotes[0].Speaker.Entity = &unknown }},
		{"quotes[0].speaker.entity: given", func(r *Record) { r.Quotes[0].Speaker.Method = MethodUnknown }},
		{"quotes[0].speaker.name: is not", func(r *Record) { r.Quotes[0].Speaker.Name = nil }},
		{"quotes[2].speaker.name: given", func(r *Record) { r.Quotes[2].Speaker.Name = &unknown }},
		{"quotes[0].speaker.joint[0]: no entity", func(r *Record) { r.Quotes[0].Speaker.Joint[0] = unknown }},
		{"quotes[0].speaker.joint[0]: \"e1\" stands there", func(r *Record) { r.Quotes[0].Speaker.Joint[0] = "e1" }},
		{"quotes[0].speaker.joint: given", func(r *Record) {
			r.Quotes[0].Speaker.Entity, r.Quotes[0].Speaker.Name, r.Quotes[0].Speaker.Confidence = nil, nil, 0
		}},
		{"quotes[0].speaker.confidence: is 2", func(r *Record) { r.Quotes[0].Speaker.Confidence = 2 }},
		{"quotes[2].speaker.confidence: given", func(r *Record) { r.Quotes[2].Speaker.Confidence = 0.5 }},
		{"entities[0].roles[0].tenure: ", func(r *Record) { r.Entities[0].Roles[0].Tenure = "past" }},
		{"quotes[0].speaker.of: no entity", func(r *Record) { r.Quotes[0].Speaker.Of = &unknown }},
		{"quotes[0].speaker.of: \"e3\" is who speaks", func(r *Record) { *r.Quotes[0].Speaker.Of = "e3" }},
		{"quotes[0].about: ", func(r *Record) { r.Quotes[0].About = nil }},
		{"quotes[2].about[0]: no entity", func(r *Record) { r.Quotes[2].About[0] = unknown }},
		{"quotes[2].about[0]: entity e2 is not", func(r *Record) { r.Quotes[2].About[0] = "e2" }},
		{"quotes[2].about[1]: ", func(r *Record) { r.Quotes[2].About = []string{"e3", "e3"} }},
		{"warnings: ", func(r *Record) { r.Warnings = nil }},
		{"warnings[0].code: ", func(r *Record) { r.Warnings[0].Code = "oops" }},
		{"warnings[0].message: ", func(r *Record) { r.Warnings[0].Message = "" }},
		{"extractor.reader: ", func(r *Record) { r.Extractor.Reader = "" }},
		{"extractor.models: ", func(r *Record) { r.Extractor.Models = nil }},
		{"extractor.models[0].sha256: ", func(r *Record) { r.Extractor.Models[0].SHA256 = "ab" }},
	}
	for _, test := range tests {
		r := made()
		test.spoil(&r)
		err := r.Check(madeText)
		if err == nil {
			t.Errorf("passed, want an error that begins with %q", test.want)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("error %q, want one that begins with %q", err, test.want)
		}
	}
	r := made()
	if err := r.Check(madeText + " "); err == nil || !strings.HasPrefix(err.Error(), "article.text_sha256: ") {
		t.Errorf("with another text: error %v, want one about text_sha256", err)
	}
}

func TestCheckContinued(t *testing.T) {
	r := made()
	s := r.Quotes[1].Speaker
	s.Method, s.Start, s.End, s.Text = MethodContinued, 3, 3, ""
	if err := r.Check(madeText); err != nil {
		t.Error(err)
	}
}

// TestCheckBadBytes has a text that is not UTF-8: each bad byte counts as one code point, U+FFFD.
func TestCheckBadBytes(t *testing.T) {
	const text = "é\xff\xfeAna\xc3 said."
	about, _ := Article{Text: text, KeepText: true}.About()
	r := signed(Record{Schema: URI, Article: about, Offsets: Offsets{"codepoint"}, Quotes: []Quote{}, Warnings: []Warning{},
		Entities: []Entity{{ID: "e1", Kind: Person, Name: "Ana", Aliases: []string{}, Roles: []Role{}, Mentions: []Mention{
			{1, 7, "\ufffd\ufffdAna\ufffd", ByName}}}},
		Extractor: made().Extractor})
	if err := r.Check(text); err != nil {
		t.Fatal(err)
	}
	data, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	var back Record
	if err := json.Unmarshal(data, &back); err != nil {
		t.Fatal(err)
	}
	if err := back.Check(*back.Article.Text); err != nil {
		t.Errorf("by way of JSON, against its own text: %v", err)
	}
}

func TestCodePoints(t *testing.T) {
	for _, s := range []string{"", "plain", strings.Repeat("é", 63), strings.Repeat("ab€𝄞", 100), "\x00é"} {
		runes := []rune(s)
		c := newCodePoints(s)
		for i := range len(runes) + 1 {
			for _, j := range []int{i, min(i+1, len(runes)), len(runes)} {
				if got, want := c.slice(i, j), string(runes[i:j]); got != want {
					t.Fatalf("%q[%d,%d) is %q, want %q", s, i, j, got, want)
				}
			}
		}
	}
}

// FuzzCheck has records that others made: Check never panics, and what it passes is valid against the JSON Schema and
// passes again by way of JSON.
func FuzzCheck(f *testing.F) {
	data, _ := made().JSON()
	f.Add(data, madeText, 0, 0)
	f.Add(data, madeText, 3, 17)
	f.Add([]byte(`{"entities":[{"mentions":[{}]}],"quotes":[{"spans":[{}],"speaker":{}}]}`), "\xff", 0, -1)
	s := compileSchema(f)
	f.Fuzz(func(t *testing.T, data []byte, text string, start, end int) {
		var r Record
		if json.Unmarshal(data, &r) != nil {
			return
		}
		if start != 0 || end != 0 {
			for i := range r.Quotes {
				r.Quotes[i].Spans = append(r.Quotes[i].Spans, Span{start, end})
			}
			r = signed(r)
		}
		if r.Check(text) != nil {
			return
		}
		out, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		if err := validate(t, s, out); err != nil {
			t.Fatal(err)
		}
		var back Record
		if err := json.Unmarshal(out, &back); err != nil {
			t.Fatal(err)
		}
		if err := back.Check(text); err != nil {
			t.Fatal(err)
		}
	})
}
