//go:build unix

package extract

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"runtime/metrics"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// families are texts of any length, each of which asks the most of some step: names and no others, one name for ever, a
// new name in each sentence, quotation marks that never close, turns of a transcript, and the seeds of the fuzz tests,
// repeated.
func families(tb testing.TB) map[string]func(size int) string {
	paths, err := filepath.Glob("../testdata/articles/*.txt")
	if err != nil || len(paths) == 0 {
		tb.Fatalf("no articles: %v", err)
	}
	var prose strings.Builder
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			tb.Fatal(err)
		}
		prose.Write(data)
		prose.WriteString("\n\n")
	}
	again := func(unit string) func(int) string {
		return func(size int) string { return strings.Repeat(unit, size/len(unit)+1)[:size] }
	}
	// name is another for every i below 26⁴.
	name := func(i int) string {
		return fmt.Sprintf("Ad%c%c%c %c%c%cson", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'A'+i/17576%26, 'a'+i/26%26, 'a'+i%26)
	}
	each := func(format string) func(int) string {
		return func(size int) string {
			var b strings.Builder
			for i := 0; b.Len() < size; i++ {
				b.WriteString(strings.ReplaceAll(format, "NAME", name(i)))
			}
			return b.String()[:size]
		}
	}
	all := map[string]func(int) string{
		"prose":               again(prose.String()),
		"names":               each("NAME said it rained. "),
		"name-lists":          each("NAME, "),
		"name-paragraphs":     each("“It rained,” said NAME.\n\n"),
		"surnames":            each("Moor and NAME met the Moors. “So,” he said. "),
		"presidents":          each("President NAME left. The president said she rested. "),
		"turns":               each("NAME: So it is.\n\n"),
		"questions":           again("Q: So it is?\n\nA: It is, Moor said.\n\n"),
		"one-name":            again("President Dana Reyes said she rested. The president left. "),
		"pronouns":            again("He said she said they said. "),
		"quotes":              again("“So,” he said. “And so,” she added. "),
		"one-quote":           func(size int) string { return "“" + again("It rained. ")(size-6) + "”" },
		"unclosed":            again("“It rained, said Reyes. "),
		"unclosed-paragraphs": again("“It rained, said Reyes.\n\n"),
		"nested":              again("“He said ‘she said "),
		"long-word":           again("x"),
		"one-sentence":        again("and the mayor of Lindholm said that "),
		"cities":              again("Paris, London, Lindholm, Springfield and Paris, Texas. "),
		"capitals":            again("THE MAYOR OF LINDHOLM SAID SO. "),
		"lines":               again("a\n\n"),
	}
	for i, s := range seeds {
		if len(s) > 1 {
			all[fmt.Sprintf("seed-%02d", i)] = again(s + " ")
		}
	}
	return all
}

// eager is a reader that costs next to nothing and finds as much as there can be: a name in every run of words with a
// capital, its kind by its length, and an attribution to the name before of every quotation, and of every sentence that
// holds "said". What follows a reader is then most of the time, so that sizes are affordable that no model is.
func eager() Reader {
	return Reader{Name: "eager", Read: func(doc *text.Doc) reading.Reading {
		var out reading.Reading
		capital := func(i int) bool {
			r, _ := utf8.DecodeRuneInString(doc.Text[doc.Tokens[i].Start:])
			return doc.Tokens[i].Class == text.Word && unicode.IsUpper(r)
		}
		var source, cue text.Span
		quotation := 0
		for _, s := range doc.Sentences {
			said := false
			for i := s.First; i < s.Last; i++ {
				if word := doc.Text[doc.Tokens[i].Start:doc.Tokens[i].End]; word == "said" {
					said, cue = true, doc.Tokens[i].Span
				}
				if !capital(i) {
					continue
				}
				end := i + 1
				for end < min(s.Last, i+4) && capital(end) {
					end++
				}
				source = doc.TokenSpan(i, end)
				out.Names = append(out.Names, reading.Name{Span: source, Kind: reading.Kind((source.End - source.Start) % 5), Confidence: 0.9})
				i = end - 1
			}
			if said {
				out.Attributions = append(out.Attributions, reading.Attribution{Content: []text.Span{s.Span}, Cue: cue, Source: source, Confidence: 0.9, Evidence: "eager"})
			}
			for quotation < len(doc.Quotations) && doc.Quotations[quotation].Parts[0].Start < s.End {
				out.Attributions = append(out.Attributions, reading.Attribution{Content: doc.Quotations[quotation].Parts, Source: source, Confidence: 0.9, Evidence: "eager"})
				quotation++
			}
		}
		return out
	}}
}

// BenchmarkLinear shows that an article costs the same for each byte, however long it is and whatever it holds:
// processor time, which means the same on a busy machine, and the most memory that was in use at once beyond what the
// models take. Run it once each:
//
//	go test ./extract -run '^$' -bench Linear/fast -benchtime 1x -timeout 2h
func BenchmarkLinear(b *testing.B) {
	made := families(b)
	for _, r := range []struct {
		reader string
		sizes  []int
	}{
		{"fast", []int{10_000, 100_000, 1_000_000, 10_000_000}},
		{"baseline", []int{10_000, 100_000, 1_000_000, 10_000_000}},
		{"accurate", []int{10_000, 100_000}},
		{"eager", []int{100_000, 1_000_000, 10_000_000}},
	} {
		b.Run(r.reader, func(b *testing.B) {
			reader := eager()
			if r.reader != reader.Name {
				var err error
				if reader, err = Open(r.reader); err != nil {
					b.Fatal(err)
				}
			}
			x, err := New(reader, "test")
			if err != nil {
				b.Fatal(err)
			}
			x.Extract(schema.Article{Text: seeds[16]}) // what is done once
			for _, family := range slices.Sorted(maps.Keys(made)) {
				for _, size := range r.sizes {
					b.Run(fmt.Sprintf("%s/%dkB", family, size/1000), func(b *testing.B) {
						a := schema.Article{Text: made[family](size)}
						stop := peak()
						before := cpuTime(b)
						for b.Loop() {
							x.Extract(a)
						}
						spent := cpuTime(b) - before
						b.ReportMetric(float64(spent.Nanoseconds())/float64(b.N)/float64(size), "cpu-ns/byte")
						b.ReportMetric(float64(stop())/float64(size), "heap/byte")
					})
				}
			}
		})
	}
}

// cpuTime is the processor time of this process so far, garbage collection included.
func cpuTime(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peak watches the heap until the function that it returns is called, which answers with the most bytes of objects, live
// or not yet swept, beyond those before.
func peak() func() int64 {
	runtime.GC()
	sample := func() int64 {
		s := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		metrics.Read(s)
		return int64(s[0].Value.Uint64())
	}
	before, most := sample(), int64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			most = max(most, sample()-before)
			select {
			case <-time.After(5 * time.Millisecond):
			case <-stop:
				return
			}
		}
	}()
	return func() int64 {
		close(stop)
		<-stopped
		return most
	}
}
