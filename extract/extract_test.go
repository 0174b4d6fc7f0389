package extract_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func open(t testing.TB, name string) *extract.Extractor {
	t.Helper()
	r, err := extract.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	x, err := extract.New(r, "test")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestRecords reads the articles of testdata/records; its README tells how they are written.
func TestRecords(t *testing.T) {
	x := open(t, "baseline")
	paths, err := filepath.Glob("testdata/records/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no records: %v", err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txt"), func(t *testing.T) {
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			article, want, ok := strings.Cut(string(data), "=====\n")
			if !ok {
				t.Fatal("no line =====")
			}
			r := x.Extract(schema.Article{Text: article})
			if err := r.Check(article); err != nil {
				t.Fatal(err)
			}
			got := plain(r)
			if *update {
				if err := os.WriteFile(path, []byte(article+"=====\n"+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// plain writes a record as people read it.
func plain(r schema.Record) string {
	var b strings.Builder
	for _, e := range r.Entities {
		fmt.Fprintf(&b, "%s %s %s", e.ID, e.Kind, e.Name)
		for _, role := range e.Roles {
			fmt.Fprintf(&b, " <%s", role.Title)
			if role.Of != nil {
				fmt.Fprintf(&b, " of %s", *role.Of)
			}
			b.WriteString(">")
		}
		b.WriteString(":")
		for i, m := range e.Mentions {
			if i > 0 {
				b.WriteString(",")
			}
			fmt.Fprintf(&b, " %s", m.Text)
		}
		b.WriteString("\n")
	}
	for _, q := range r.Quotes {
		who := "nobody"
		if s := q.Speaker; s != nil {
			who = fmt.Sprintf("%s (%s)", s.Text, s.Method)
			if s.Name != nil {
				who = *s.Name + ": " + who
			}
		}
		cue := ""
		if q.Cue != nil {
			cue = q.Cue.Text
		}
		fmt.Fprintf(&b, "%s %s, %s [%s] %s", q.Kind, q.Act, who, cue, strings.ReplaceAll(q.Text, "\n", "⏎"))
		if len(q.About) > 0 {
			fmt.Fprintf(&b, " (about %s)", strings.Join(q.About, " "))
		}
		b.WriteString("\n")
	}
	for _, w := range r.Warnings {
		fmt.Fprintf(&b, "warning %s: %s\n", w.Code, w.Message)
	}
	return b.String()
}

func TestOpen(t *testing.T) {
	_, err := extract.Open("oracle")
	if err == nil || !strings.Contains(err.Error(), `"oracle"`) || !strings.Contains(err.Error(), "baseline") {
		t.Errorf("error %v names neither what was asked for nor what there is", err)
	}
	for _, name := range extract.Readers() {
		if r, err := extract.Open(name); err != nil || r.Name != name {
			t.Errorf("Open(%q) = %q, %v", name, r.Name, err)
		}
	}
}

// silent is a reader that finds nothing.
func silent(name string, models ...schema.Model) *extract.Extractor {
	x, err := extract.New(extract.Reader{Name: name, Models: models, Read: func(*text.Doc) reading.Reading { return reading.Reading{} }}, "v1")
	if err != nil {
		panic(err)
	}
	return x
}

func TestFingerprint(t *testing.T) {
	a := schema.Article{Text: "The ferry left at noon, and nobody said a word about the weather until it was back."}
	print := func(x *extract.Extractor) string { return x.Extract(a).Extractor.Fingerprint }
	base := print(silent("one"))
	if again := print(silent("one")); again != base {
		t.Errorf("the same reader has two fingerprints, %s and %s", base, again)
	}
	w := schema.Model{Name: "m", Version: "1", SHA256: strings.Repeat("a", 64)}
	v := w
	v.SHA256 = strings.Repeat("b", 64)
	seen := map[string]string{base: "no model"}
	for what, x := range map[string]*extract.Extractor{"another name": silent("two"), "a model": silent("one", w), "other weights": silent("one", v)} {
		p := print(x)
		if other, ok := seen[p]; ok {
			t.Errorf("%s has the fingerprint of %s", what, other)
		}
		seen[p] = what
	}
}

func TestWarnings(t *testing.T) {
	const english = "The ferry left the harbour at noon with forty people on board, and it was back before the rain that had been forecast for the evening reached the coast, said the captain, who had seen worse in his time. "
	for _, c := range []struct {
		name string
		a    schema.Article
		want string
	}{
		{"none", schema.Article{Text: english, Language: "en-GB"}, ""},
		{"empty", schema.Article{}, schema.WarnShort},
		{"headline", schema.Article{Text: "Ferry leaves at noon"}, schema.WarnShort},
		{"control characters", schema.Article{Text: english + "\x00\x01\t\r\n"}, schema.WarnControl},
		{"bad bytes", schema.Article{Text: english + "caf\xe9"}, schema.WarnEncoding},
		{"replacement characters", schema.Article{Text: english + "caf\ufffd"}, schema.WarnEncoding},
		{"C1 controls, from a wrong decoding", schema.Article{Text: english + "don\u0092t"}, schema.WarnEncoding},
		{"unclosed", schema.Article{Text: english + "“It is late, she said."}, schema.WarnUnclosed},
		{"stated language", schema.Article{Text: english, Language: "de"}, schema.WarnLanguage},
		{"a language that is none", schema.Article{Text: english, Language: "?!"}, schema.WarnField + " " + schema.WarnLanguage},
		{"German", schema.Article{Text: "Die Fähre verließ den Hafen am Mittag mit vierzig Menschen an Bord und war zurück, bevor der Regen, den man für den Abend angekündigt hatte, die Küste erreichte. Der Kapitän sagte, er habe in seinem Leben schon schlimmeres Wetter gesehen als an diesem Tag, und ging nach Hause."}, schema.WarnLanguage},
		{"Dutch", schema.Article{Text: "De veerboot verliet de haven om twaalf uur met veertig mensen aan boord en was terug voordat de regen, die voor de avond was voorspeld, de kust bereikte. De kapitein zei dat hij in zijn leven wel erger weer had gezien dan op deze dag, en hij ging naar huis om te slapen."}, schema.WarnLanguage},
		{"French", schema.Article{Text: "Le bac a quitté le port à midi avec quarante personnes à bord et il était de retour avant que la pluie, annoncée pour le soir, ne touche la côte. Le capitaine a dit qu’il avait vu pire dans sa vie que ce jour-là, et il est rentré chez lui pour dormir un peu avant la nuit."}, schema.WarnLanguage},
		{"Russian", schema.Article{Text: strings.Repeat("Паром вышел из гавани в полдень и вернулся до дождя. ", 6)}, schema.WarnLanguage},
	} {
		r := silent("silent").Extract(c.a)
		var got []string
		for _, w := range r.Warnings {
			got = append(got, w.Code)
		}
		if s := strings.Join(got, " "); s != c.want {
			t.Errorf("%s: warnings %q, want %q", c.name, s, c.want)
		}
		if err := r.Check(c.a.Text); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// What a text may be made of to cost more than its length: each case once and ten times over, for the figures to show
// whether the time grows with the length.
func BenchmarkExtract(b *testing.B) {
	x := open(b, "baseline")
	var articles []string
	paths, err := filepath.Glob("../testdata/articles/*.txt")
	if err != nil || len(paths) == 0 {
		b.Fatalf("no articles: %v", err)
	}
	size := 0
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			b.Fatal(err)
		}
		articles = append(articles, string(data))
		size += len(data)
	}
	b.Run("articles", func(b *testing.B) {
		b.SetBytes(int64(size))
		for b.Loop() {
			for _, s := range articles {
				x.Extract(schema.Article{Text: s})
			}
		}
		b.ReportMetric(float64(b.N*len(articles))/b.Elapsed().Seconds(), "articles/s")
	})
	whole := strings.Join(articles, "\n\n")
	for _, c := range []struct {
		name string
		make func(n int) string
	}{
		{"prose", func(n int) string { return strings.Repeat(whole+"\n\n", n*1000_000/len(whole)) }},
		{"names", func(n int) string {
			var b strings.Builder
			for i := range n * 1000 {
				fmt.Fprintf(&b, "Ada%c%c%c %c%c%cson said it rained. ", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'A'+i%26, 'a'+i/26%26, 'a'+i/676%26)
			}
			return b.String()
		}},
		{"one-name", func(n int) string {
			return strings.Repeat("President Dana Reyes said she rested. The president left. ", n*1000)
		}},
		{"unclosed", func(n int) string { return strings.Repeat("“It rained, said Reyes. ", n*1000) }},
		{"unclosed-paragraphs", func(n int) string { return strings.Repeat("“It rained, said Reyes.\n\n", n*1000) }},
		{"long-word", func(n int) string { return strings.Repeat("x", n*100_000) }},
	} {
		for _, n := range []int{1, 10} {
			b.Run(fmt.Sprintf("%s-x%d", c.name, n), func(b *testing.B) {
				a := schema.Article{Text: c.make(n)}
				b.SetBytes(int64(len(a.Text)))
				for b.Loop() {
					x.Extract(a)
				}
			})
		}
	}
}
