//go:build unix

package main

import (
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/schema"
)

var (
	shareArticles = flag.Int("share.articles", 500, "articles that BenchmarkReplayShare replays in one operation")
	shareWords    = flag.String("share.words", "100,550", "words of an article, at least; on average a fifth more")
	shareReaders  = flag.String("share.readers", "fast,accurate", "beside which readers")
)

var shareForms = []string{"articles.tar.zst", "articles.ndjson.zst", "articles.parquet", "pages.warc.gz"}

// BenchmarkReplayShare measures what reading an archive, decoding, Check, JSON, packing and writing records cost, beside
// extraction. The records are made before, and timed, collection of garbage included. Then the same replay is run around
// them: extraction costs so much more that in the difference of two whole runs the rest would drown in the noise. One
// operation is a replay of all articles.
//
//	go test ./cmd/quotewire -run '^$' -bench ReplayShare -benchtime 5x
func BenchmarkReplayShare(b *testing.B) {
	for _, words := range strings.Split(*shareWords, ",") {
		b.Run("words="+words, func(b *testing.B) {
			dir := b.TempDir()
			gen := exec.Command("go", "run", "./testdata/archives/gen", "-articles", fmt.Sprint(*shareArticles), "-words", words, "-to", dir,
				"-only", strings.Join(append(slices.Clone(shareForms), "articles.ndjson"), ","))
			gen.Dir = "../.."
			if out, err := gen.CombinedOutput(); err != nil {
				b.Fatalf("%v\n%s", err, out)
			}
			texts := articlesOf(b, filepath.Join(dir, "articles.ndjson"))
			readers := strings.Split(*shareReaders, ",")
			reading := make([]time.Duration, len(readers))
			record := map[string]schema.Record{}
			var x *extract.Extractor
			for i, reader := range slices.Backward(readers) { // the first one's are used
				x = openExtractor(b, reader)
				x.Extract(texts[0])
				n := len(texts)
				if reader == "accurate" {
					n = min(n, 50)
				}
				runtime.GC()
				began := ownTime()
				for _, a := range texts[:n] {
					record[a.ID] = x.Extract(a)
				}
				reading[i] = (ownTime() - began) / time.Duration(n)
			}
			for _, in := range shareForms {
				articles := articlesOf(b, filepath.Join(dir, in))
				for _, a := range articles {
					if _, ok := record[a.ID]; !ok { // pages have ids of their own
						record[a.ID] = x.Extract(a)
					}
				}
				for _, out := range []string{"records.ndjson.zst", "records.ndjson.gz", "tables/"} {
					if in != "articles.tar.zst" && out != "records.ndjson.zst" {
						continue
					}
					b.Run(in+"/"+out, func(b *testing.B) {
						var took time.Duration
						for range b.N {
							runtime.GC()
							began := ownTime()
							extract := func(a schema.Article) schema.Record { return record[a.ID] }
							replayed(b, filepath.Join(dir, in), b.TempDir()+"/"+out, extract, len(articles))
							took += ownTime() - began
						}
						each := took / time.Duration(b.N*len(articles))
						b.ReportMetric(0, "ns/op")
						b.ReportMetric(float64(each.Nanoseconds())/1e3, "µs/article")
						for i, reader := range readers {
							b.ReportMetric(float64(reading[i].Nanoseconds())/1e3, reader+"-µs")
							b.ReportMetric(100*float64(each)/float64(reading[i]), reader+"-%")
						}
					})
				}
			}
		})
	}
}

// articlesOf decodes the articles of a file, but for those that cannot be read.
func articlesOf(b *testing.B, path string) (all []schema.Article) {
	b.Helper()
	source := archive.Open([]string{path}, archive.Options{})
	defer source.Close()
	_, err := pipeline.Run(b.Context(), pipeline.Config{
		Source: source, Sink: encodes{}, Workers: 1, Ordered: true,
		Admit: func(a schema.Article) bool { all = append(all, a); return false },
	})
	if err != nil {
		b.Fatal(err)
	}
	return all
}

// replayed is `quotewire replay` from the file to the output.
func replayed(b *testing.B, from, to string, extract func(schema.Article) schema.Record, records int) {
	b.Helper()
	resume := func() (*archive.Output, archive.Commit, error) { return archive.Resume(to, "", b.Name()) }
	if strings.HasSuffix(to, "/") {
		resume = func() (*archive.Output, archive.Commit, error) {
			return archive.ResumeParts(to, "", b.Name(), archive.Parts{})
		}
	}
	out, _, err := resume()
	if err != nil {
		b.Fatal(err)
	}
	source := archive.Open([]string{from}, archive.Options{Settled: out.Settled})
	defer source.Close()
	sum, err := pipeline.Run(b.Context(), pipeline.Config{Source: source, Extract: extract, Sink: out, Ordered: true})
	if err == nil {
		err = out.Close()
	}
	if err != nil || sum.Records != int64(records) {
		b.Fatalf("%+v, want %d records: %v", sum, records, err)
	}
}
