package mention

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func finder(t testing.TB) *Finder {
	t.Helper()
	lists, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	f, err := New(lists)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// describe writes the mentions of persons by name, title and nominal, and what the text tells of each: "name Reyes m".
func describe(doc *text.Doc, all []Mention) string {
	var out []string
	for _, m := range all {
		if m.Form == schema.ByPronoun {
			continue
		}
		s := fmt.Sprintf("%s %s", m.Form, doc.Slice(m.Span))
		s += [...]string{"", " m", " f", " n"}[m.Gender]
		if m.Courtesy {
			s += " courtesy"
		}
		if m.Plural {
			s += " plural"
		}
		if m.Possessive {
			s += " possessive"
		}
		roles := m.Roles
		if m.Form != schema.ByName {
			roles = []Role{m.Office}
		}
		for _, r := range roles {
			s += fmt.Sprintf(" <%s %s %q %s>", doc.Slice(r.Title), r.Head, r.Offices, r.Country)
		}
		out = append(out, s)
	}
	return strings.Join(out, "\n")
}

func TestFind(t *testing.T) {
	f := finder(t)
	for _, c := range []struct{ text, want string }{
		{`Mr. <p>Reyes</p> met Dame <p>Moor</p> and Dr <p>Lund</p>.`, "name Reyes m courtesy\nname Moor f courtesy\nname Lund courtesy"},
		{`Norway’s King <p>Olaf</p> came.`, `name Olaf m <King king [] >`},
		{`Former <n>French</n> Foreign Minister <p>Paul Ney</p> came.`, `name Paul Ney m <Former French Foreign Minister minister ["former" "foreign"] FR>`},
		{`Attorney General <p>Kim Lee</p> and police chief <p>Bo Ek</p> came.`, "name Kim Lee f <Attorney General general [\"attorney\"] >\nname Bo Ek m <police chief chief [\"police\"] >"},
		{`Founder and chief executive <p>Kim Lee</p> came.`, `name Kim Lee f <Founder and chief executive executive ["founder" "and" "chief"] >`},
		{`His wife <p>Kit Lee</p> came.`, `name Kit Lee f`},
		{`<p>Bo Ek</p>, 52, an engineer from <l>Oslo</l>, came.`, "name Bo Ek m <engineer engineer [] >\nname Oslo"},
		{`<p>Bo Ek</p>, <p>Kim Lee</p> and President <p>Moor</p> came.`, "name Bo Ek m\nname Kim Lee f\nname Moor <President president [] >"},
		{`<p>Bo Ek</p> is the city’s fire chief.`, "name Bo Ek m <fire chief chief [\"fire\"] >"},
		{`<p>Bo Ek</p>, 52, is now acting president of <o>Veltrix</o>.`, "name Bo Ek m <acting president president [\"acting\"] >\nname Veltrix"},
		{`<p>Bo Ek</p>, who was <n>Danish</n> finance minister, came.`, "name Bo Ek m <Danish finance minister minister [\"finance\" \"former\"] DK>"},
		{`<p>Bo Ek</p>, 52, who has been the mayor since May, came.`, "name Bo Ek m <mayor mayor [] >"},
		{`<p>Bo Ek</p> once was a judge. <p>Kim Lee</p> was a woman. <p>Ann Poe</p> is the mayor’s friend and was late.`, "name Bo Ek m\nname Kim Lee f\nname Ann Poe f\nnominal the mayor’s friend <friend friend [] >\ntitle the mayor <mayor mayor [] >"},
		{`<p>Bo Ek</p>, who said the mayor left, came.`, "name Bo Ek m\ntitle the mayor <mayor mayor [] >"},
		{`The <n>Finnish</n> prime minister spoke; the widow, <l>Peru</l>’s envoy and a driver did not.`, "title The Finnish prime minister <Finnish prime minister minister [\"prime\"] FI>\nnominal the widow f <widow widow [] >\ntitle Peru’s envoy <envoy envoy [] PE>\nname Peru possessive"},
		{`<p>SEN. ANA MOOR</p>, <p>Sen. Bo Ek</p> and <p>Dean Lund</p> left with <p>Senator Moor</p> and Deputy <p>Minister Ek</p>.`,
			"name ANA MOOR f <SEN. senator [] >\nname Bo Ek m <Sen. senator [] >\nname Dean Lund m\nname Moor <Senator senator [] >\nname Ek <Deputy Minister minister [\"deputy\"] >"},
		{`PM <p>Ana Moor</p> met the <n>Danish</n> PM.`, "name Ana Moor f <PM minister [\"prime\"] >\ntitle the Danish PM <Danish PM minister [\"prime\"] DK>"},
		{`The police officers, the ministers and the voters left.`, ``},
		{`The <p>Reyeses</p> and the <p>Moor</p> family met <p>Lund</p>’s twins.`, "name Reyeses plural\nname Moor plural\nname Lund possessive"},
	} {
		s, found, err := readingtest.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		doc := text.Cut(s)
		if diff := cmp.Diff(c.want, describe(doc, f.Find(doc, found.Names, nil))); diff != "" {
			t.Errorf("%s\n(-want +got)\n%s", s, diff)
		}
	}
}

func TestPronouns(t *testing.T) {
	f := finder(t)
	doc := text.Cut("He told US aides that I, Ivan I, and IT staff know her. HE says it: “They left us.”")
	var got []string
	for _, m := range f.Find(doc, nil, nil) {
		if m.Form == schema.ByPronoun {
			got = append(got, fmt.Sprint(doc.Slice(m.Span), m.Grammar, m.Gender, m.Plural, m.Quotation))
		}
	}
	want := []string{"He3 1 false -1", "I1 0 false -1", "I1 0 false -1", "her3 2 false -1", "it3 3 false -1", "They3 0 true 0", "us1 0 true 0"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLists(t *testing.T) {
	f := finder(t) // a list that does not parse fails here
	for _, w := range []string{"minister", "Ministers", "ex-president", "president-elect", "Sen.", "wives", "women", "witnesses", "allies", "glaciologist"} {
		if !f.Noun(w) {
			t.Errorf("%q is no noun for a person", w)
		}
	}
	for _, w := range []string{"bridge", "Reyes", "the", "Mr.", "", "-", "s", "ies"} {
		if f.Noun(w) {
			t.Errorf("%q is a noun for a person", w)
		}
	}
}

func TestByParagraph(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"Ana Moor", "Ana Moor"},
		{"Ana\nMoor", "Ana\nMoor"},
		{"Lund\n\nLund", "Lund|Lund"},
		{"Lund \r\n \r\n Malmö\nNord\n\n\n\nUmeå ", "Lund|Malmö\nNord|Umeå "},
	} {
		doc := text.Cut(c.text)
		var parts []string
		for _, s := range byParagraph(doc, text.Span{End: len(c.text)}) {
			parts = append(parts, doc.Slice(s))
		}
		if got := strings.Join(parts, "|"); got != c.want {
			t.Errorf("%q: %q, want %q", c.text, got, c.want)
		}
	}
}

// What no reader should give is left out: an empty span, one outside the text, one that runs over its end.
func TestSpansOutside(t *testing.T) {
	doc := text.Cut("Ana Moor spoke.")
	var names []reading.Name
	for _, s := range []text.Span{{Start: 4, End: 4}, {Start: -3, End: -1}, {Start: 20, End: 30}, {Start: 9, End: 2}, {Start: -2, End: 8}, {Start: 9, End: 99}} {
		names = append(names, reading.Name{Span: s, Kind: reading.Person, Confidence: 1})
	}
	if got, want := describe(doc, finder(t).Find(doc, names, nil)), "name Ana Moor f\nname spoke."; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestSeats(t *testing.T) {
	f := finder(t)
	for _, c := range []struct{ text, want string }{
		{`<p>Olive Marsh</p> (<o>D-W.Va.</o>) and <p>Tom Reyes</p>, <p>R-Ashland</p>, met.`, "person Olive Marsh|place W.Va.|person Tom Reyes|place Ashland"},
		{`<p>Carl Voss</p> (<l>R., Okla.</l>) and <p>Kim Ode</p> (<o>I–Vt.</o>) met.`, "person Carl Voss|place Okla.|person Kim Ode|place Vt."},
		{`<o>Veltrix</o>, <o>D-Link</o> and <p>D-Rock</p> met.`, "organization Veltrix|organization D-Link|person D-Rock"},
		{`<p>Ana Moor</p>, <o>Drift</o>, and <p>Bo Ek</p>, <o>R-</o>.`, "person Ana Moor|organization Drift|person Bo Ek|organization R-"},
		{`<p>Ana Moor (D-Ohio</p>) and <o>Veltrix (Holdings) Ltd</o> met.`, "person Ana Moor|organization Veltrix (Holdings) Ltd"},
		{`In <l>Bethel, Vt.</l>, and <l>Lund, Scania, Sweden</l>.`, "place Bethel|place Vt.|place Lund|place Scania|place Sweden"},
		{`In <l>Washington, D.C.</l>, at <l>12 Mill Road, Lund</l>, for <o>Ek, Moor</o>.`, "place Washington, D.C.|place 12 Mill Road, Lund|organization Ek, Moor"},
	} {
		s, found, err := readingtest.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		doc := text.Cut(s)
		var got []string
		for _, m := range f.Find(doc, found.Names, nil) {
			if m.Form == schema.ByName {
				got = append(got, fmt.Sprintf("%s %s", m.Kind, doc.Slice(m.Span)))
			}
		}
		if got := strings.Join(got, "|"); got != c.want {
			t.Errorf("%s\n%q, want\n%q", s, got, c.want)
		}
	}
}

// A reader that missed a name tells of it as a source.
func TestSources(t *testing.T) {
	f := finder(t)
	for _, c := range []struct{ text, source, want string }{
		{`<p>Ana Moor</p> left. Mr. Lund said so.`, "Mr. Lund", "Ana Moor"},
		{`<p>Ana Moor</p> left. Ms. Moor, who was there, said so.`, "Ms. Moor, who was there", "Ana Moor|Moor"},
		{`The lawyer and activist Peter Lund said so.`, "The lawyer and activist Peter Lund", "Peter Lund"},
		{`President of the League Anna Ek, 40, said so.`, "President of the League Anna Ek, 40,", "Anna Ek"},
		{`<n>Finnish</n> trains stop. A Finnish official said so; a Finnish said so.`, "a Finnish", ""},
		{`<p>Moor</p> left. Moor supporters said so.`, "Moor supporters", "Moor"},
	} {
		s, found, err := readingtest.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		doc := text.Cut(s)
		at := strings.LastIndex(s, c.source)
		var got []string
		for _, m := range f.Find(doc, found.Names, []text.Span{{Start: at, End: at + len(c.source)}}) {
			if m.Form == schema.ByName {
				got = append(got, doc.Slice(m.Span))
			}
		}
		if got := strings.Join(got, "|"); got != c.want {
			t.Errorf("%s\n%q, want %q", s, got, c.want)
		}
	}
}
