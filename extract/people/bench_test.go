package people_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
)

// A crowd makes up people whose names are spread as real ones are: few are frequent, most are rare.
type crowd struct {
	given, family *rand.Zipf
	rand          *rand.Rand
}

func newCrowd() *crowd {
	r := rand.New(rand.NewPCG(1, 2))
	return &crowd{rand.NewZipf(r, 1.1, 10, 4_999), rand.NewZipf(r, 1.1, 50, 199_999), r}
}

func syllables(n uint64) string {
	parts := [...]string{"ba", "de", "ki", "lo", "mur", "nas", "pel", "rin", "so", "tav", "ve", "zan", "gol", "hed", "jar", "fin"}
	var b strings.Builder
	for n += 16; n > 0; n /= 16 {
		b.WriteString(parts[n%16])
	}
	s := b.String()
	return strings.ToUpper(s[:1]) + s[1:]
}

func (c *crowd) name() string {
	s := syllables(c.given.Uint64())
	if c.rand.IntN(4) == 0 {
		s += " " + string(rune('A'+c.rand.IntN(26))) + "."
	}
	return s + " " + syllables(c.family.Uint64())
}

// madeList is a CSV of n people: an alias for each second, a role for each third.
func madeList(n int) []byte {
	offices := [...]string{"mayor of Marlhaven", "Foreign Minister of Peru", "deputy fire chief", "striker", "professor of law", "novelist"}
	c := newCrowd()
	var b bytes.Buffer
	b.WriteString("id,name,aliases,roles\n")
	for i := range n {
		name := c.name()
		fmt.Fprintf(&b, "Q%d,%s,", i, name)
		if i%2 == 0 {
			b.WriteString("The " + syllables(c.rand.Uint64N(1<<20)) + " " + name[strings.LastIndexByte(name, ' ')+1:])
		}
		b.WriteByte(',')
		if i%3 == 0 {
			b.WriteString(offices[c.rand.IntN(len(offices))])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

var sizes = []int{1_000, 100_000, 1_000_000}

// BenchmarkParse loads a list. heap-MB is what it holds once loaded; B/op is what loading allocates in all, most of it garbage
// at once.
func BenchmarkParse(b *testing.B) {
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			data := madeList(n)
			b.SetBytes(int64(len(data)))
			var l *people.List
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for b.Loop() {
				var err error
				if l, err = people.Parse(bytes.NewReader(data)); err != nil {
					b.Fatal(err)
				}
			}
			runtime.GC()
			runtime.GC()
			runtime.ReadMemStats(&after)
			b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/1e6, "heap-MB")
			b.ReportMetric(float64(len(data))/1e6, "file-MB")
			runtime.KeepAlive(data)
			if l.Len() != n {
				b.Fatalf("%d rows", l.Len())
			}
		})
	}
}

// BenchmarkLink looks up an article of 40 people, some with roles, of whom most are in the list and some are several
// there. An operation is an article.
func BenchmarkLink(b *testing.B) {
	c := newCrowd()
	var s strings.Builder
	for i := range 40 {
		if i%4 == 0 {
			s.WriteString("Mayor ")
		}
		fmt.Fprintf(&s, "<p>%s</p> came. ", c.name())
	}
	r, lists := resolver(b)
	plain, found, err := readingtest.Parse(s.String())
	if err != nil {
		b.Fatal(err)
	}
	doc := text.Cut(plain)
	who := r.Resolve(doc, found)
	for _, n := range sizes {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			l, err := people.Parse(bytes.NewReader(madeList(n)))
			if err != nil {
				b.Fatal(err)
			}
			var result people.Result
			for b.Loop() {
				result = l.Link(lists, doc, who)
			}
			linked := 0
			for _, link := range result.Links {
				if link != nil {
					linked++
				}
			}
			b.ReportMetric(float64(linked), "linked")
			b.ReportMetric(float64(len(result.Ambiguous)), "ambiguous")
			b.ReportMetric(float64(len(who.Entities)), "entities")
		})
	}
}
