//go:build unix

package baseline

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jdkato/prose/v2"

	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
)

func BenchmarkRead(b *testing.B) {
	r := reader(b)
	for _, kb := range []int{1, 10, 100, 1000} {
		s := sized(kb)
		b.Run(fmt.Sprintf("%dKB", kb), func(b *testing.B) {
			b.SetBytes(int64(len(s)))
			words := len(strings.Fields(s))
			before := cpu(b)
			for b.Loop() {
				r.Read(text.Cut(s))
			}
			report(b, words, cpu(b)-before)
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
			before := cpu(b)
			for b.Loop() {
				for line := range strings.Lines(s) {
					if _, err := prose.NewDocument(line, prose.UsingModel(model), prose.WithSegmentation(false)); err != nil {
						b.Fatal(err)
					}
				}
			}
			report(b, words, cpu(b)-before)
		})
	}
}

// sized is about so many thousand bytes of articles.
func sized(kb int) string {
	return strings.Repeat(readingtest.Article, max(1, kb*1000/len(readingtest.Article)))
}

// cpu is the processor time of this process so far, garbage collection included: it means the same on a busy machine.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func report(b *testing.B, words int, spent time.Duration) {
	b.ReportMetric(float64(words)*float64(b.N)/spent.Seconds(), "words/cpu-s")
}
