package text

import (
	"fmt"
	"strings"
	"testing"
)

const prose = `The mayor of Lindholm, Asta Berg, said on Monday that the harbour would stay open. "We won't close it," she told
reporters at the town hall. "Not this year, and not next year either." Mr. J. P. Orr, who runs the 120-year-old ferry line,
welcomed the news: ‘It’s a good day for us,’ he said, adding that some 1,200 people — a third of the town — depend on it.
`

// hostile are texts, by the piece that they repeat, that ask the most of some part of Cut.
var hostile = map[string]string{
	"spaces":      " ",
	"newlines":    "\n",
	"word":        "a",
	"quotes":      "\"",
	"open":        "“",
	"spacedOpen":  " “a",
	"guillemets":  "»a ",
	"mixedMarks":  "‘a «b \"c „d ",
	"closers":     "”",
	"apostrophes": "'",
	"possessives": "as' b ",
	"stops":       ". ( ",
	"initials":    "A.",
	"labels":      "ab.",
	"ats":         "a@",
	"mail":        "a.b@c.de",
	"url":         "http://a",
	"noStop":      "word ",
	"badBytes":    "\xff",
	"han":         "漢",
	"joiners":     "👩\u200d",
	"brackets":    "a. ) ] ",
	"markup":      "a.*",
	"openClose":   "“‘«",
	"hyphens":     "a-",
	"starters":    "Inc. The ",
	"heads":       "“‘a\n",
	"elided":      "'n",
	"backticks":   "`a ",
}

// BenchmarkCut shows that the speed depends neither on the size of a text nor on what it is made of.
func BenchmarkCut(b *testing.B) {
	for _, size := range []int{1 << 10, 10 << 10, 100 << 10, 1 << 20, 10 << 20} {
		bench(b, fmt.Sprintf("prose/%dKB", size>>10), fill(prose, size))
	}
	for name, unit := range hostile {
		for _, size := range []int{100 << 10, 1 << 20} {
			bench(b, fmt.Sprintf("%s/%dKB", name, size>>10), fill(unit, size))
		}
	}
}

func bench(b *testing.B, name, s string) {
	b.Run(name, func(b *testing.B) {
		b.SetBytes(int64(len(s)))
		b.ReportAllocs()
		for b.Loop() {
			Cut(s)
		}
	})
}

func fill(unit string, size int) string { return strings.Repeat(unit, size/len(unit)+1) }
