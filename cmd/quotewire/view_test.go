package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

func ptr[T any](v T) *T { return &v }

// made is a record with every way of speaking in it.
func made() schema.Record {
	iris, council := ptr("e1"), ptr("e3")
	speaker := func(entity *string, name string, text string, method schema.Method) *schema.Speaker {
		s := &schema.Speaker{Entity: entity, Text: text, Method: method}
		if entity != nil {
			s.Name = &name
		}
		return s
	}
	mentions := func(n int) []schema.Mention { return make([]schema.Mention, n) }
	return schema.Record{
		Article: schema.About{
			ID: "f1", Title: ptr("The ferry that nobody wanted will sail after all, and the town of Marlhaven has to pay for it"),
			Authors: []string{"Ada Quist", "Bo Lind"}, Publisher: ptr("Marlhaven Post"), PublishedAt: ptr("2024-05-03T07:00:00Z"),
		},
		Entities: []schema.Entity{
			{ID: "e1", Kind: schema.Person, Name: "Iris Pell", Mentions: mentions(12), Roles: []schema.Role{
				{Title: "Mayor", Of: ptr("Marlhaven")}, {Title: "mayor", Of: ptr("Marlhaven")}, {Title: "former harbour master"}}},
			{ID: "e2", Kind: schema.Person, Name: "Olaf Brandt", Mentions: mentions(1)},
			{ID: "e3", Kind: schema.Organization, Name: "Marlhaven Town Council", Mentions: mentions(3)},
			{ID: "e4", Kind: schema.Person, Name: "王小明", Mentions: mentions(2)},
			{ID: "e5", Kind: schema.Place, Name: "Marlhaven", Mentions: mentions(9)},
			{ID: "e6", Kind: schema.Place, Name: "Black Sea", Mentions: mentions(1)},
			{ID: "e7", Kind: schema.Place, Name: "Grand Duchy of Northern Lower Halvardia", Mentions: mentions(10)},
		},
		Quotes: []schema.Quote{
			{Kind: schema.Direct, Act: schema.Speech, Confidence: 0.9, Text: "The ferry will sail at nine, rain or shine, and those who do not care for the sea may take the bridge",
				Cue: &schema.Phrase{Text: "said"}, Speaker: speaker(iris, "Iris Pell", "Pell", schema.MethodName)},
			{Kind: schema.Mixed, Act: schema.Speech, Confidence: 0.615, Text: "that the bridge was “a monument to rust”",
				Cue: &schema.Phrase{Text: "added"}, Speaker: speaker(iris, "Iris Pell", "She", schema.MethodPronoun)},
			{Kind: schema.Direct, Act: schema.Speech, Confidence: 0.5, Text: "I never liked it.",
				Speaker: speaker(iris, "Iris Pell", "", schema.MethodContinued)},
			{Kind: schema.Indirect, Act: schema.Thought, Confidence: 0.5, Text: "the boat would sink",
				Cue: &schema.Phrase{Text: "feared"}, Speaker: speaker(nil, "", "many of those who had come down to the quay on the night before", schema.MethodUnknown)},
			{Kind: schema.Indirect, Act: schema.Speech, Confidence: 0.7, Text: "no money is left",
				Cue: &schema.Phrase{Text: "according to"}, Speaker: speaker(council, "Marlhaven Town Council", "the body that runs the town", schema.MethodNominal)},
			{Kind: schema.Direct, Act: schema.Speech, Confidence: 1, Text: "Sail!"},
		},
		Warnings: []schema.Warning{{Code: schema.WarnUnclosed, Message: "1 quotation mark never closes"}},
	}
}

func shown(t testing.TB, r schema.Record, width int, color bool) string {
	t.Helper()
	var b bytes.Buffer
	v := newView(&b, color)
	v.width = width
	if err := v.Put(context.Background(), r, pipeline.Origin{File: "in/ferry.json", Line: 3}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// testdata/view.txt is what a reader sees at 80 columns. UPDATE=1 rewrites it.
func TestView(t *testing.T) {
	got := shown(t, made(), 80, false)
	if os.Getenv("UPDATE") != "" {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile("testdata/view.txt", []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("testdata/view.txt")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// Colour changes nothing but colour, and no line is wider than the terminal.
func TestViewFits(t *testing.T) {
	for width := 40; width <= 120; width++ {
		plain, colored := shown(t, made(), width, false), shown(t, made(), width, true)
		if ansi.Strip(colored) != plain {
			t.Errorf("%d columns: with colour the text is another:\n%s", width, cmp.Diff(plain, ansi.Strip(colored)))
		}
		for _, line := range strings.Split(plain, "\n") {
			if n := ansi.StringWidth(line); n > width {
				t.Errorf("%d columns, but %d in %q", width, n, line)
			}
			if strings.HasSuffix(line, " ") || strings.HasSuffix(line, "·") {
				t.Errorf("%d columns: %q ends in nothing", width, line)
			}
		}
	}
}

// Whatever stands in an article, only our own colours reach the terminal.
func FuzzViewIsHarmless(f *testing.F) {
	f.Add("\x1b[2J\x1b]0;owned\x07", "a\r\nb\u202e", 80)
	f.Add("é\u0301\U0001F1E9\U0001F1EA", "\x9b31m\x00", 40)
	f.Add(strings.Repeat("x", 300), " ", 41)
	f.Fuzz(func(t *testing.T, one, two string, width int) {
		r := made()
		r.Article.Title, r.Article.Authors, r.Article.Publisher = &one, []string{two}, &two
		r.Entities[0].Name, r.Entities[1].Name, r.Entities[0].Roles[0].Title = one, two, one
		r.Quotes[0].Text, r.Quotes[0].Cue.Text, r.Quotes[1].Speaker.Text, r.Quotes[3].Speaker.Text = two, one, one, two
		r.Warnings[0].Message = one + two
		out := shown(t, r, 40+max(width, 0)%81, true)
		for _, own := range []string{"0", "1", "2", "1;36", "33", "31", "32"} {
			out = strings.ReplaceAll(out, "\x1b["+own+"m", "")
		}
		for _, c := range out {
			if c < ' ' && c != '\n' || 0x7f <= c && c <= 0x9f || 0x202a <= c && c <= 0x202e {
				t.Fatalf("%U reaches the terminal", c)
			}
		}
	})
}

func TestWords(t *testing.T) {
	for s, want := range map[string]int{"": 0, " ": 0, "a": 1, " a\tb\n\nc ": 3, "“Où vas-tu ?”": 3} {
		if got := wordsIn(s); got != want {
			t.Errorf("wordsIn(%q) = %d, want %d", s, got, want)
		}
	}
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := thousands(n); got != want {
			t.Errorf("thousands(%d) = %q, want %q", n, got, want)
		}
	}
	for x, want := range map[float64]string{0: "0", 0.00431: "0.0043", 3.14159: "3.14", 31.4159: "31.4", 31415.9: "31,416"} {
		if got := significant(x); got != want {
			t.Errorf("significant(%v) = %q, want %q", x, got, want)
		}
	}
}
