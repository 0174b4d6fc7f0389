package extract

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A crowd is a text of n people, or of one of them n times, marked up for readingtest.
type crowd struct {
	name     string
	people   func(n int) int // how many different people it names
	sentence func(b *strings.Builder, i int)
}

// member is the i-th name of many: made of syllables, no two alike, every hundredth given name the same.
func member(i int) string { return syllables(i%100) + " " + syllables(100+i/100) }

func syllables(i int) string {
	const a, b = "BDFGKLMNPRSTVZ", "aeiou"
	s := ""
	for n := 0; i > 0 || n < 2; n++ {
		s += string(a[i%len(a)]) + string(b[i/len(a)%len(b)])
		i /= len(a) * len(b)
	}
	return s[:1] + strings.ToLower(s[1:]) + "n"
}

var crowds = []crowd{
	{"different names, all speak", func(n int) int { return n }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "<s1><p>%s</p></s1> <q1>said</q1> <c1>it was late</c1>. He left.\n\n", member(i))
	}},
	{"one name", func(int) int { return 1 }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "<s1><p>Dana Reyes</p></s1> <q1>said</q1> <c1>it was late</c1>. She left, and her train was gone.\n\n")
	}},
	{"one surname of all", func(n int) int { return n }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "<p>%s Reyes</p> met <p>Reyes</p>. ", syllables(i))
	}},
	{"a roster", func(n int) int { return n }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "%d\t<p>%s</p>\tDF\t1.8%d\t%d\n", i%99+1, member(i), i%10, 60+i%40)
	}},
	{"a roster of names that are nearly alike", func(n int) int { return n }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "%s\t<p>%s %s%s</p>\n", [...]string{"GK", "DF"}[i%2], [...]string{"Bob", "Robert", "Will", "William"}[i%4], syllables(100+i/8), [...]string{"sky", "skyy"}[i/4%2])
	}},
	{"a roster in capitals", func(n int) int { return n }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "%d. <p>%s</p> (FORWARD)\n\n", i+1, strings.ToUpper(member(i)))
	}},
	{"a list, by commas", func(n int) int { return n }, func(b *strings.Builder, i int) { fmt.Fprintf(b, "<p>%s</p>, ", member(i)) }},
	{"one source of all", func(n int) int { return n }, func(b *strings.Builder, i int) { fmt.Fprintf(b, "<p>%s</p> and ", member(i)) }},
	{"a transcript", func(n int) int { return min(n, 40) }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "MR. <p>%s</p>: I was late.\n\n", strings.ToUpper(member(100*(i%40)+i%40)))
	}},
	{"a transcript without labels", func(n int) int { return min(n, 40) }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "Who was late? Ms. <p>%s</p>?\n\n<s1>I</s1> <q1>think</q1> <c1>he was</c1>.\n\n", member(100*(i%40)+i%40))
	}},
	{"offices", func(n int) int { return n }, func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "Mayor <p>%s</p> met the mayor. A spokesman for the mayor said so, and the spokesman left. ", member(i))
	}},
}

// TestCrowds reads a roster of 3,000 and the like: nobody is taken for somebody else, and the record holds.
func TestCrowds(t *testing.T) {
	for _, c := range crowds {
		t.Run(c.name, func(t *testing.T) {
			const n = 3000
			x, a := c.extractor(t, n)
			r := x.Extract(a)
			if err := r.Check(a.Text); err != nil {
				t.Fatal(err)
			}
			people := 0
			for _, e := range r.Entities {
				if e.Kind == schema.Person && strings.Contains(e.Name, " ") {
					people++
				}
			}
			if people != c.people(n) {
				t.Errorf("%d people, want %d", people, c.people(n))
			}
		})
	}
}

// extractor is one that reads the crowd of n as its marks say.
func (c crowd) extractor(t testing.TB, n int) (*Extractor, schema.Article) {
	t.Helper()
	var all strings.Builder
	var found reading.Reading
	add := func(marked string) {
		s, piece, err := readingtest.Parse(marked)
		if err != nil {
			t.Fatal(err)
		}
		at := all.Len()
		move := func(s *text.Span) {
			if !s.Empty() {
				s.Start, s.End = s.Start+at, s.End+at
			}
		}
		for _, name := range piece.Names {
			move(&name.Span)
			found.Names = append(found.Names, name)
		}
		for _, a := range piece.Attributions {
			move(&a.Cue)
			move(&a.Source)
			for k := range a.Content {
				move(&a.Content[k])
			}
			found.Attributions = append(found.Attributions, a)
		}
		all.WriteString(s)
	}
	var b strings.Builder
	for i := range n {
		b.Reset()
		c.sentence(&b, i)
		add(b.String())
	}
	if c.name == "one source of all" {
		names := all.Len()
		add("others <q1>said</q1> <c1>it was late</c1>.")
		found.Attributions[0].Source = text.Span{End: names + len("others")}
	}
	x, err := New(Reader{Name: "marks", Read: func(*text.Doc) reading.Reading { return found }}, "test")
	if err != nil {
		t.Fatal(err)
	}
	return x, schema.Article{ID: "crowd", Text: all.String()}
}

// BenchmarkCrowds shows by its ns/name that who is who, and who said what, takes time linear in the names:
// go test ./extract -run '^$' -bench Crowds -benchtime 1x
func BenchmarkCrowds(b *testing.B) {
	for _, c := range crowds {
		for _, n := range []int{1000, 10_000, 100_000} {
			b.Run(fmt.Sprintf("%s/%d", c.name, n), func(b *testing.B) {
				x, a := c.extractor(b, n)
				for b.Loop() {
					x.Extract(a)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/name")
			})
		}
	}
}
