package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/schema"
)

// madeArchive is a file of articles of which two thirds are copies, word for word or nearly, of one anywhere before.
func madeArchive(t *testing.T, n int) string {
	t.Helper()
	r := rand.New(rand.NewPCG(7, 7))
	var b bytes.Buffer
	var firsts []string
	for i := range n {
		var words []string
		if i%3 == 0 || len(firsts) == 0 {
			for range 30 {
				words = append(words, fmt.Sprintf("word%d", r.IntN(5000)))
			}
			firsts = append(firsts, strings.Join(words, " "))
		} else {
			words = strings.Fields(firsts[r.IntN(len(firsts))])
			switch r.IntN(3) {
			case 0:
				words[r.IntN(len(words))] = "other"
			case 1:
				words = words[:24]
			}
		}
		if i%50 == 49 {
			fmt.Fprintf(&b, `{"id":"broken-%d"}`+"\n", i)
			continue
		}
		fmt.Fprintf(&b, `{"id":"a-%d","text":"“It is so,” said Iris Pell. %s."}`+"\n", i, strings.Join(words, " "))
	}
	path := filepath.Join(t.TempDir(), "made.ndjson")
	if err := os.WriteFile(path, b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestCopiesAcrossInterruptions: an interrupted replay knows the copies of what it read before, and ends with the same
// bytes as one that was left alone, whatever the workers: of a file, of standard input, of a stream.
func TestCopiesAcrossInterruptions(t *testing.T) {
	const articles = 1300
	in := madeArchive(t, articles)
	for _, c := range []struct{ from, how string }{{"file", "mark"}, {"file", "skip"}, {"stdin", "mark"}, {"stream", "skip"}} {
		how := c.how
		t.Run(c.from+" "+how, func(t *testing.T) {
			paths, nats := []string{in}, ""
			switch c.from {
			case "stdin":
				paths = []string{"-"}
			case "stream":
				paths, nats = nil, published(t, in)
			}
			replay := func(out string, workers int, interrupted bool) error {
				ctx, stop := context.WithCancelCause(t.Context())
				defer stop(nil)
				if interrupted { // with the first commit of its own
					journal := out + ".journal"
					size := func() int64 {
						info, err := os.Stat(journal)
						if err != nil {
							return 0
						}
						return info.Size()
					}
					before := max(size(), 90) // its first line, which is not yet a commit
					go func() {
						for ctx.Err() == nil && size() <= before {
							time.Sleep(time.Millisecond)
						}
						stop(errInterrupted)
					}()
				}
				stdin, err := os.Open(in)
				if err != nil {
					return err
				}
				defer stdin.Close()
				c := &replayCmd{
					Paths: paths, Out: out, NATS: nats, Format: "auto", Parts: "parquet", Partition: "none", Roll: 64, Quiet: true, Duplicates: how,
					wantedFlags: wantedFlags{Language: "any"}, readFlags: readFlags{Reader: "fast", Workers: workers},
				}
				if nats != "" {
					c.Stream = "ARTICLES_RAW"
				}
				var flags cli
				return c.Run(ctx, &app{stdin: stdin, stdout: new(bytes.Buffer), stderr: new(bytes.Buffer), flags: &flags})
			}
			dir := t.TempDir()
			alone, cut := filepath.Join(dir, "alone.ndjson"), filepath.Join(dir, "cut.ndjson")
			if err := replay(alone, 1, false); err != errArticles {
				t.Fatal(err)
			}
			if err := replay(cut, 3, true); !errors.Is(err, errInterrupted) {
				t.Fatalf("it was not interrupted: %v", err)
			}
			if err := replay(cut, 2, false); err != errArticles {
				t.Fatal(err)
			}
			want, errWant := os.ReadFile(alone)
			got, errGot := os.ReadFile(cut)
			if errWant != nil || errGot != nil || !bytes.Equal(want, got) {
				t.Fatalf("%d bytes, when interrupted %d others (%v, %v)", len(want), len(got), errWant, errGot)
			}
			copies := 0
			lines := bytes.Split(bytes.TrimSuffix(want, []byte("\n")), []byte("\n"))
			for _, line := range lines {
				var r schema.Record
				if err := json.Unmarshal(line, &r); err != nil {
					t.Fatal(err)
				}
				if r.Article.CopyOf != nil {
					copies++
				}
			}
			if how == "skip" && (copies > 0 || len(lines) > articles/3+50) || how == "mark" && (len(lines) != articles-articles/50 || copies < articles*6/10) {
				t.Errorf("%d records, %d of them copies", len(lines), copies)
			}
		})
	}
}

// published puts the lines of a file into the stream of raw articles of a server, and answers with its URL.
func published(t *testing.T, file string) string {
	t.Helper()
	server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: t.TempDir(), Listen: "127.0.0.1:0", Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	conn, err := jetstream.Connect(t.Context(), jetstream.Options{Server: server})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	streams, err := conn.Streams(t.Context(), jetstream.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	publisher, err := streams.Publisher("test", 0)
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		err := publisher.Publish(t.Context(), jetstream.RawArticle{Data: bytes.TrimSuffix(line, []byte("\n")), ContentType: "application/json"}, func(p jetstream.Published) {
			if p.Err != nil {
				t.Error(p.Err)
			}
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	publisher.Flush()
	return server.URL()
}

// A bar goes on where the interrupted replay was, with the articles of both.
func TestProgressOfAResumedReplay(t *testing.T) {
	dir := t.TempDir()
	a, b := filepath.Join(dir, "a.txt"), filepath.Join(dir, "b.txt")
	os.WriteFile(a, []byte(strings.Repeat("A long one. ", 100)), 0o644)
	os.WriteFile(b, []byte("A short one."), 0o644)
	var from archive.Position
	first := archive.Open([]string{a, b}, archive.Options{Settled: func(_ pipeline.Delivery, at archive.Position, _ error) error {
		from = at
		return nil
	}})
	for {
		d, err := first.Next(t.Context())
		if err != nil {
			break
		}
		d.Settle(t.Context(), nil)
	}
	from.Done = 0 // before the article of the second file
	source := archive.Open([]string{a, b}, archive.Options{From: from})
	defer source.Close()
	d, err := source.Next(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	p := &progress{out: &out, bar: progressbar.NewOptions64(1<<20, progressbar.OptionSetWriter(&out))}
	p.goOn(source, archive.Counts{Articles: 1})
	p.show(pipeline.Summary{Articles: 1})
	if done := p.bar.State().CurrentNum; done != 1212 || !strings.Contains(out.String(), "2 articles") {
		t.Errorf("%d bytes done, want 1212: %q", done, out.String())
	}
	d.Settle(t.Context(), nil)
}
