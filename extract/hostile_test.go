package extract

import (
	"hash/fnv"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// hostile is a reader that answers with spans that are valid and nothing more: in no order, overlapping, empty, over
// paragraphs and half words. The same text gives the same answer.
func hostile() Reader {
	return Reader{Name: "hostile", Read: func(doc *text.Doc) reading.Reading {
		h := fnv.New64a()
		h.Write([]byte(doc.Text))
		r := rand.New(rand.NewPCG(h.Sum64(), 1))
		n := doc.CodePoints()
		span := func() text.Span {
			a := r.IntN(n + 1)
			b := min(n, a+r.IntN(60))
			if r.IntN(20) == 0 {
				b = r.IntN(n + 1)
			}
			return text.Span{Start: doc.ByteOffset(min(a, b)), End: doc.ByteOffset(max(a, b))}
		}
		word := func() text.Span {
			if len(doc.Tokens) == 0 || r.IntN(4) == 0 {
				return span()
			}
			i := r.IntN(len(doc.Tokens))
			return doc.TokenSpan(i, min(len(doc.Tokens), i+1+r.IntN(3)))
		}
		var out reading.Reading
		for range r.IntN(40) {
			out.Names = append(out.Names, reading.Name{Span: word(), Kind: reading.Kind(r.IntN(6)), Confidence: r.Float64()*3 - 1})
		}
		for range r.IntN(30) {
			a := reading.Attribution{Cue: word(), Source: word(), Confidence: r.Float64()*3 - 1, Evidence: "hostile"}
			for range 1 + r.IntN(3) {
				a.Content = append(a.Content, span())
			}
			switch r.IntN(5) {
			case 0:
				a.Source = text.Span{}
			case 1:
				a.Cue, a.Source = text.Span{}, text.Span{}
			case 2:
				if len(doc.Quotations) > 0 {
					q := doc.Quotations[r.IntN(len(doc.Quotations))]
					a.Content = append([]text.Span(nil), q.Parts[r.IntN(len(q.Parts))])
				}
			case 3:
				if len(out.Attributions) > 0 {
					a.Content = out.Attributions[r.IntN(len(out.Attributions))].Content
				}
			}
			if r.IntN(3) == 0 {
				a.Act, a.Evidence = schema.Thought, ""
			}
			out.Attributions = append(out.Attributions, a)
		}
		return out
	}}
}

// seeds are texts of every awkward kind.
var seeds = []string{
	"", " ", "\n\n\n", "\x00", "\xff\xfe\xfd", "a", "“", "\"\"", "''", "…", "'s", "’", "Mr.", "the", "Mr. President of the",
	"“The bridge is shut,” said Dana Reyes, the city’s fire chief. She added that “nobody” may cross it.\n\n“Not today.”",
	"“One.\n\n“Two.\n\n“Three,” he said. Then he left.",
	"Dana Reyes, who said it, left. Reyes’s lawyer, Lee Moor, said: ‘“no”’.",
	"“She said ‘he said “it is shut”’ to me,” Reyes said, “and that was that.”",
	"DANA REYES: WE ARE HERE.\nQ: Who?\nA: Us.\nREYES: Yes.",
	"The Reyeses and the Moor family met Mr. and Mrs. Moor. The U.S. president’s foreign minister's wife, Ana, said so.",
	"  Ünïcode — naïve café 東京 said 「はい」. \u200b\u202e \U0001F600 Reyes\u00a0said so. ﬁne e\u0301 Re\u0301yes \u0301",
	strings.Repeat("“", 500), strings.Repeat("x", 5000), strings.Repeat("Reyes said ", 200), strings.Repeat("the president ", 200),
	strings.Repeat("he said “so”\n", 100), strings.Repeat("(UN) ", 100), strings.Repeat("Mr. ", 100), strings.Repeat("'s ", 100),
	"<p>Dana &amp; Lee</p> said &ldquo;so&rdquo;.", "a\rb\r\nc\u2028d\u0085e\x0bf", "Reyes\x00Moor said \x00“so\x00”.", "\ufeffReyes said so.",
}

// check extracts twice and verifies the record against the text.
func check(t *testing.T, x *Extractor, a schema.Article) schema.Record {
	t.Helper()
	r := x.Extract(a)
	if err := r.Check(a.Text); err != nil {
		t.Fatalf("%q: %v", a.Text, err)
	}
	first, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	again := x.Extract(a)
	second, err := again.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if string(first) != string(second) {
		t.Fatalf("%q: read twice, two records:\n%s", a.Text, cmp.Diff(string(first), string(second)))
	}
	return r
}

func TestHostileReader(t *testing.T) {
	x, err := New(hostile(), "test")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(7, 7))
	for i, s := range seeds {
		check(t, x, schema.Article{Text: s})
		for range 40 { // seeds joined and cut give other spans each time
			u := s + seeds[r.IntN(len(seeds))] + seeds[r.IntN(i+1)]
			cut := r.IntN(len(u) + 1)
			check(t, x, schema.Article{ID: "x", Text: u[cut:] + "\n" + u[:cut]})
		}
	}
}

func TestConcurrent(t *testing.T) {
	x, err := New(hostile(), "test")
	if err != nil {
		t.Fatal(err)
	}
	want := make([]string, len(seeds))
	for i, s := range seeds {
		b, _ := x.Extract(schema.Article{Text: s}).JSON()
		want[i] = string(b)
	}
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for i, s := range seeds {
				if b, _ := x.Extract(schema.Article{Text: s}).JSON(); string(b) != want[i] {
					t.Errorf("%q: another record beside others", s)
				}
			}
		})
	}
	all.Wait()
}

// FuzzExtract holds the record to its contract whatever the text, with the baseline reader and with one that answers
// nonsense.
func FuzzExtract(f *testing.F) {
	for _, s := range seeds {
		f.Add(s)
	}
	b, err := Open("baseline")
	if err != nil {
		f.Fatal(err)
	}
	var readers []*Extractor
	for _, r := range []Reader{b, hostile()} {
		x, err := New(r, "test")
		if err != nil {
			f.Fatal(err)
		}
		readers = append(readers, x)
	}
	f.Fuzz(func(t *testing.T, s string) {
		for _, x := range readers {
			check(t, x, schema.Article{Text: s})
		}
	})
}
