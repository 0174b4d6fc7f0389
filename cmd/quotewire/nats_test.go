package main

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/schema"
)

func openExtractor(t testing.TB, name string) *extract.Extractor {
	t.Helper()
	reader, err := extract.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	x, err := extract.New(reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// throughNATS publishes n articles to an embedded server, reads them in a worker such as run has, and follows what
// comes out. It calls see with each outcome and the number of its article, one call at a time. It fails unless every
// article becomes a record or a dead letter and comes out once; articles that are the same to the letter may share a
// record. At most 1,000 articles are under way at any time.
func throughNATS(t *testing.T, x *extract.Extractor, setup jetstream.Setup, n int, article func(i int) jetstream.RawArticle, see func(i int, o jetstream.Outcome)) pipeline.Summary {
	t.Helper()
	server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: t.TempDir(), Fast: true})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	conn, err := jetstream.Connect(t.Context(), jetstream.Options{Server: server})
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	streams, err := conn.Streams(t.Context(), setup)
	if err != nil {
		t.Fatal(err)
	}
	publisher, err := streams.Publisher("test", 0)
	if err != nil {
		t.Fatal(err)
	}
	defer publisher.Flush()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	room := make(chan struct{}, 1000)
	go func() {
		for i := range n {
			select {
			case room <- struct{}{}:
			case <-ctx.Done():
				return
			}
			a := article(i)
			a.ID, a.Trace = "article-"+strconv.Itoa(i), strconv.Itoa(i) // the trace travels on to what comes out
			if err := publisher.Publish(ctx, a, func(p jetstream.Published) {
				if p.Err != nil || p.Duplicate {
					t.Errorf("publishing article %d: %+v", i, p)
				}
			}); err != nil {
				return
			}
		}
	}()

	sink := &notingSink{Sink: streams.Sink(), records: make(map[recordID]struct{}, n)}
	settled := make(chan struct{})
	config := pipeline.Config{Sink: sink, Extract: x.Extract, Limit: 10 * time.Minute}
	config.Progress = func(sum pipeline.Summary) {
		<-room
		if sum.Articles == int64(n) {
			close(settled)
		}
	}
	source, err := streams.Source(ctx, config.InHand())
	if err != nil {
		t.Fatal(err)
	}
	config.Source = source
	var sum pipeline.Summary
	ended := make(chan error, 1)
	go func() {
		var err error
		if sum, err = pipeline.Run(ctx, config); errors.Is(err, context.Canceled) {
			err = nil
		}
		closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		ended <- errors.Join(err, source.Close(closing))
	}()

	var out atomic.Int64 // different records and dead letters that came out
	go func() {
		defer cancel()
		select {
		case <-settled:
		case <-ctx.Done():
			return
		}
		for until := time.Now().Add(2 * time.Minute); time.Now().Before(until) && out.Load() < sink.expected(n); {
			time.Sleep(20 * time.Millisecond)
		}
		time.Sleep(200 * time.Millisecond) // time for one too many
	}()
	records, seen := make(map[recordID]struct{}, n), make([]bool, n) // whole from the start, as the memory is watched
	for o, err := range streams.Follow(ctx, jetstream.Mark{}) {
		if err != nil {
			t.Error(err)
			break
		}
		i, err := strconv.Atoi(o.From.Trace)
		if err != nil || i < 0 || i >= n {
			t.Errorf("an outcome of no article: %v", o.Header)
			continue
		}
		if seen[i] {
			t.Errorf("article %d came out twice: %v", i, o.Header)
		}
		seen[i] = true
		see(i, o)
		if o.Dead == nil {
			id := idOf(o.Header.Get("ce-id"))
			if _, again := records[id]; again {
				continue // of another article, longer ago than the stream remembers
			}
			records[id] = struct{}{}
		}
		out.Add(1)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if sum.Articles != int64(n) || sum.Later != 0 || out.Load() != sink.expected(n) {
		t.Errorf("of %d articles %d records and dead letters came out, want %d; the worker counts %+v", n, out.Load(), sink.expected(n), sum)
	}
	for id := range sink.records {
		if _, ok := records[id]; !ok {
			t.Errorf("record %x did not come out", id)
		}
	}
	return sum
}

type recordID [16]byte

func idOf(hexadecimal string) (id recordID) {
	hex.Decode(id[:], []byte(hexadecimal))
	return id
}

// A notingSink remembers what it put.
type notingSink struct {
	*jetstream.Sink

	mu      sync.Mutex
	puts    int
	records map[recordID]struct{}
}

func (s *notingSink) Put(ctx context.Context, r schema.Record, from pipeline.Origin) error {
	if err := s.Sink.Put(ctx, r, from); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.puts++
	s.records[idOf(r.ID)] = struct{}{}
	return nil
}

// expected is how many records and dead letters n articles make: what was not put is a dead letter.
func (s *notingSink) expected(n int) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return int64(len(s.records) + n - s.puts)
}
