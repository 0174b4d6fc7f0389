package baseline

import (
	"fmt"
	"strings"
	"testing"

	"github.com/jdkato/prose/v2"

	"github.com/quotewire/quotewire/extract/text"
)

// article is some 150 words in the manner of news.
const article = `Harbour town votes to keep its ferry

LARVIK — The council of a small harbour town voted on Monday to keep its ferry, although a new bridge was opened last spring. Mayor Ana Lind said the ferry was “part of who we are” and promised to find the money.

“We built the bridge for lorries,” Lind told reporters after the vote. “Nobody wanted it to replace the boat.”

Jonas Berg, a farmer who has used the ferry for forty years, called the decision a relief. The ferry carried 52,000 passengers last year, according to the transport ministry in Oslo.

Opponents argued that the money was needed elsewhere. “It is a museum piece,” said Karl Holm, a former finance director of the Larvik Shipping Company, adding that two schools still lack heating.

The Norwegian government has not commented. A spokesman for the Ministry of Transport said on Tuesday that it would study the plan, which Lind hopes to present in June.
`

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	for _, kb := range []int{1, 10, 100, 1000} {
		s := sized(kb)
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			words := len(strings.Fields(s))
			for b.Loop() {
				r.Read(text.Cut(s))
			}
			b.ReportMetric(float64(words)*float64(b.N)/b.Elapsed().Seconds(), "words/s")
		})
	}
}

// BenchmarkProseAlone is prose's own tokens, tags and names of the same text, a paragraph a document, its model loaded
// once: what the reader costs less than its rules.
func BenchmarkProseAlone(b *testing.B) {
	model := reader(b).tagger.model
	for _, kb := range []int{1, 10, 100, 1000} {
		s := sized(kb)
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			words := len(strings.Fields(s))
			for b.Loop() {
				for line := range strings.Lines(s) {
					if _, err := prose.NewDocument(line, prose.UsingModel(model), prose.WithSegmentation(false)); err != nil {
						b.Fatal(err)
					}
				}
			}
			b.ReportMetric(float64(words)*float64(b.N)/b.Elapsed().Seconds(), "words/s")
		})
	}
}

// sized is about so many thousand bytes of articles.
func sized(kb int) string { return strings.Repeat(article, max(1, kb*1000/len(article))) }
