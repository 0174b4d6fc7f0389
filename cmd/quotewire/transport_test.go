//go:build unix

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
	"github.com/quotewire/quotewire/schema"
)

// BenchmarkTransport measures what of the whole the transport is: the processor time that moving an article through
// NATS costs the worker and the servers, beside that of reading it. One operation is an article of some 700 words, its
// record of some 25 kB.
//
// The readers' records are made before, and timed. What is then compared is the same pipeline around them, decoding,
// Check and JSON included, fed once from memory and once from NATS: reading costs so much more than moving that in the
// difference of two whole runs the one would drown in the noise of the other.
//
//	go test ./cmd/quotewire -run '^$' -bench Transport -benchtime 4000x
func BenchmarkTransport(b *testing.B) {
	for _, servers := range []int{1, 3} {
		b.Run("servers="+strconv.Itoa(servers), func(b *testing.B) {
			if b.N == 1 {
				return // the framework's own first try
			}
			transport(b, servers)
		})
	}
}

func transport(b *testing.B, servers int) {
	const distinct, paragraphs = 100, 18
	texts, record := make([]string, distinct), map[string]schema.Record{}
	reading := map[string]time.Duration{}
	for _, reader := range []string{"accurate", "fast"} { // the last one's records are used
		x := openExtractor(b, reader)
		n := distinct
		if reader == "accurate" {
			n /= 5
		}
		x.Extract(schema.Article{ID: "warm", Text: jetstreamtest.Long(1, paragraphs)})
		began := ownTime()
		for i := range n {
			texts[i] = jetstreamtest.Long(i, paragraphs)
			a := schema.Article{ID: "a", Text: texts[i]}
			r := x.Extract(a)
			record[texts[i]] = r
		}
		reading[reader] = (ownTime() - began) / time.Duration(n)
	}
	// As if read: but for its ids, a record depends on the text alone.
	extract := func(a schema.Article) schema.Record {
		r := record[a.Text]
		r.Article.ID = a.ID
		r.ID = schema.RecordID(a.ID, r.Article.TextSHA256, r.Extractor.Fingerprint)
		r.Quotes = slices.Clone(r.Quotes)
		for i := range r.Quotes {
			r.Quotes[i].ID = schema.QuoteID(r.ID, r.Quotes[i].Spans)
		}
		return r
	}
	article := func(i int) []byte {
		data, err := json.Marshal(map[string]string{"id": "a" + strconv.Itoa(i), "text": texts[i%distinct]})
		if err != nil {
			b.Fatal(err)
		}
		return data
	}
	config := pipeline.Config{Extract: extract, Limit: 10 * time.Minute}

	s := jetstreamtest.Start(b, servers)
	streams := openStreams(b, s.URL, servers)
	publisher, err := openStreams(b, s.URL, servers).Publisher("bench", 0)
	if err != nil {
		b.Fatal(err)
	}
	var alone, worker, server time.Duration
	for from := 0; from < b.N; {
		to := min(b.N, from+500)
		for i := from; i < to; i++ {
			if err := publisher.Publish(b.Context(), jetstream.RawArticle{Data: article(i)}, func(p jetstream.Published) {
				if p.Err != nil {
					b.Error(p.Err)
				}
			}); err != nil {
				b.Fatal(err)
			}
		}
		publisher.Flush()

		list := make([][]byte, 0, to-from)
		for i := from; i < to; i++ {
			list = append(list, article(i))
		}
		c := config
		c.Source, c.Sink = &memorySource{list: list}, encodes{}
		runtime.GC()
		began := ownTime()
		if sum, err := pipeline.Run(b.Context(), c); err != nil || sum.Records != int64(to-from) {
			b.Fatalf("%+v, %v", sum, err)
		}
		alone += ownTime() - began

		c = config
		ctx, cancel := context.WithCancel(b.Context())
		var last sync.Once
		c.Sink = streams.Sink()
		source, err := streams.Source(ctx, c.InHand())
		if err != nil {
			b.Fatal(err)
		}
		c.Source = source
		servers := s.CPU(b)
		c.Progress = func(sum pipeline.Summary) {
			if sum.Articles == int64(to-from) {
				last.Do(func() {
					worker += ownTime() - began
					server += s.CPU(b) - servers
					cancel()
				})
			}
		}
		runtime.GC()
		began = ownTime()
		sum, err := pipeline.Run(ctx, c)
		if err != nil && !errors.Is(err, context.Canceled) || sum.Records != int64(to-from) {
			b.Fatalf("%+v, %v", sum, err)
		}
		if err := source.Close(b.Context()); err != nil {
			b.Fatal(err)
		}
		from = to
	}
	n := float64(b.N)
	us := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 / n }
	moving := us(worker) - us(alone) + us(server)
	around := us(alone) // decoding, Check, JSON: not the transport's
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(us(worker)-us(alone), "worker-µs")
	b.ReportMetric(us(server), "server-µs")
	b.ReportMetric(around, "around-µs")
	for reader, d := range reading {
		whole := float64(d.Nanoseconds())/1e3 + around + moving
		b.ReportMetric(float64(d.Nanoseconds())/1e3, reader+"-µs")
		b.ReportMetric(100*moving/whole, reader+"-%")
	}
}

func openStreams(b *testing.B, url string, replicas int) *jetstream.Streams {
	b.Helper()
	conn, err := jetstream.Connect(b.Context(), jetstream.Options{URL: url})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { conn.Close(context.Background()) })
	var s *jetstream.Streams
	for range 60 { // a cluster needs a leader first
		ctx, cancel := context.WithTimeout(b.Context(), 10*time.Second)
		s, err = conn.Streams(ctx, jetstream.Setup{Replicas: replicas})
		cancel()
		if err == nil {
			return s
		}
		time.Sleep(500 * time.Millisecond)
	}
	b.Fatal(err)
	return nil
}

// ownTime is the processor time of this process so far.
func ownTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// A memorySource has its articles at hand.
type memorySource struct{ list [][]byte }

func (m *memorySource) Next(context.Context) (pipeline.Delivery, error) {
	if len(m.list) == 0 {
		return pipeline.Delivery{}, io.EOF
	}
	d := pipeline.Delivery{Data: m.list[0], Settle: func(context.Context, error) error { return nil }}
	m.list = m.list[1:]
	return d, nil
}

// encodes writes records, and keeps nothing.
type encodes struct{}

func (encodes) Put(_ context.Context, r schema.Record, _ pipeline.Origin) error {
	_, err := r.JSON()
	return err
}
