package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// condemned is a server with one article that is to be given up when it comes back once more: a worker had it and died,
// and so did another, which read it alone. That one is returned as it is before its death, with the record that it made.
func condemned(t *testing.T) (url string, s *jetstream.Streams, d pipeline.Delivery, r schema.Record) {
	t.Helper()
	url = anyServer(t)
	s = open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: 500 * time.Millisecond, Crashes: 2})
	publish(t, s, articles(1)...)
	orphans(t, url, s, 1)
	// Not by a source: that would go on telling the server of its work.
	conn := connect(t, jetstream.Options{URL: url})
	source, err := open(t, conn, s.Setup).Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if d, err = next(t, source); err != nil || d.Err != nil {
		t.Fatal(err, d.Err)
	}
	if err := conn.Close(t.Context()); err != nil { // so its note stands
		t.Fatal(err)
	}
	return url, s, d, pipelinetest.Extract(decode(t, d.Data))
}

// TestGivenUpWithRecord gives up an article whose record is out: its worker died between publishing and acknowledging.
func TestGivenUpWithRecord(t *testing.T) {
	url, s, d, r := condemned(t)
	if err := s.Sink().Put(t.Context(), r, d.From); err != nil {
		t.Fatal(err)
	}
	worker(t, s, nil)
	idle(t, url, s)
	records, dead := outcomes(t, s, 1)
	if len(records) != 1 || len(dead) != 0 {
		t.Errorf("%d records, %d dead letters", len(records), len(dead))
	}
}

// TestRecordAfterLetter lets a worker that was halted wake up when its article has been given up.
func TestRecordAfterLetter(t *testing.T) {
	url, s, d, r := condemned(t)
	worker(t, s, nil)
	idle(t, url, s)
	var f *pipeline.Failure
	for range 2 { // it may try again
		if err := s.Sink().Put(t.Context(), r, d.From); !errors.As(err, &f) || f.Class != pipeline.ClassCrash {
			t.Fatalf("%v", err)
		}
	}
	records, dead := outcomes(t, s, 1)
	if len(records) != 0 || len(dead) != 1 || dead[0].Class != pipeline.ClassCrash || dead[0].Article != "article-0" {
		t.Fatalf("%d records, %+v", len(records), dead)
	}

	// Sent on its way again by an operator it is another message, and is read.
	letters, err := s.Letters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := letters.Replay(t.Context(), dead[0]); err != nil {
			t.Fatal(err)
		}
	}
	idle(t, url, s)
	again := d.From
	again.Sequence = 2
	if err := s.Sink().Put(t.Context(), r, again); err != nil { // the repetition of that one is known too
		t.Error(err)
	}
	if records, _ = outcomes(t, s, 2); len(records) != 1 || !bytes.Contains(records[0].Record, []byte(r.ID)) {
		t.Errorf("%d records", len(records))
	}
}

// TestBarWithoutLetter kills the worker that gives an article up between the bar and the letter. Whoever has the article
// next writes it, even if it would have been read this time.
func TestBarWithoutLetter(t *testing.T) {
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{})
	publish(t, s, articles(2)...)
	r := pipelinetest.Extract(decode(t, articles(1)[0].Data))
	bar := &nats.Msg{Subject: fmt.Sprintf("articles.extracted-given-up.%s.1", s.RawStream), Header: nats.Header{}}
	for name, value := range map[string]string{
		jetstream.HeaderClass: "crash", jetstream.HeaderReason: "3 workers died", jetstream.HeaderSourceStream: s.RawStream,
		jetstream.HeaderSourceSeq: "1", nats.MsgIdHdr: r.ID,
	} {
		bar.Header.Set(name, value)
	}
	raws := publish(t, s, articles(1)...) // which of the two is the first, is not said
	if raws[0].Sequence != 1 {
		bar.Subject = fmt.Sprintf("articles.extracted-given-up.%s.%d", s.RawStream, raws[0].Sequence)
		bar.Header.Set(jetstream.HeaderSourceSeq, fmt.Sprint(raws[0].Sequence))
	}
	if _, err := raw(t, url).PublishMsg(t.Context(), bar); err != nil {
		t.Fatal(err)
	}
	worker(t, s, nil)
	records, dead := outcomes(t, s, 2)
	if len(records) != 1 || len(dead) != 1 || dead[0].Class != pipeline.ClassCrash || dead[0].Reason != "3 workers died" || dead[0].From.Sequence != raws[0].Sequence {
		t.Errorf("%d records, %+v", len(records), dead)
	}
	idle(t, url, s)
}

// TestBarForEver gives up an article, and not, when a replay-proof stream has forgotten the id of its record.
func TestBarForEver(t *testing.T) {
	url := anyServer(t)
	const window = 200 * time.Millisecond
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{ReplayProof: true, Duplicates: window})
	stop := worker(t, s, nil)
	publish(t, s, articles(1)...)
	idle(t, url, s)
	if _, err := stop(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * window)
	list := articles(2)
	list[0].ID = "again"
	publish(t, s, list...)
	worker(t, s, func(c *pipeline.Config) {
		c.Extract = func(schema.Article) schema.Record { panic("no more") }
	})
	idle(t, url, s)
	records, dead := outcomes(t, s, 2)
	if len(records) != 1 || len(dead) != 1 || dead[0].Article != "article-1" || dead[0].Class != pipeline.ClassPanic {
		t.Errorf("%d records, %+v", len(records), dead)
	}
}

// TestRecordOrLetter lets two workers settle each article at once: one has its record, the other gives it up. On three
// servers the stream of records changes its leader meanwhile.
func TestRecordOrLetter(t *testing.T) {
	t.Parallel()
	t.Run("one server", func(t *testing.T) {
		url := anyServer(t)
		recordOrLetter(t, url, jetstream.Setup{}, 300, nil)
	})
	t.Run("three servers", func(t *testing.T) {
		if testing.Short() {
			t.Skip("waits for elections")
		}
		c := newTrio(t)
		c.start(t, 0, 1, 2)
		nc, err := nats.Connect(c.url())
		if err != nil {
			t.Fatal(err)
		}
		defer nc.Close()
		recordOrLetter(t, c.url(), jetstream.Setup{Replicas: 3}, 200, func() {
			nc.Request("$JS.API.STREAM.LEADER.STEPDOWN.ARTICLES_EXTRACTED", nil, time.Second)
		})
	})
}

func recordOrLetter(t *testing.T, url string, setup jetstream.Setup, n int, disturb func()) {
	s := open(t, connect(t, jetstream.Options{URL: url}), setup)
	other := open(t, connect(t, jetstream.Options{URL: url}), setup).Sink()
	publish(t, s, articles(n)...)
	source, err := s.Source(t.Context(), 8)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close(context.Background())
	var put, barred atomic.Int64
	if disturb != nil {
		ctx, cancel := context.WithCancel(t.Context())
		disturbed := make(chan struct{})
		go func() {
			defer close(disturbed)
			for at := int64(0); ctx.Err() == nil; time.Sleep(10 * time.Millisecond) {
				if done := put.Load() + barred.Load(); done >= at { // a cluster that only votes gets nothing done
					disturb()
					at = done + int64(n/8)
				}
			}
		}()
		defer func() { cancel(); <-disturbed }()
	}
	var all sync.WaitGroup
	for range n {
		d, err := next(t, source)
		if err != nil {
			t.Fatal(err)
		}
		r := pipelinetest.Extract(decode(t, d.Data))
		all.Go(func() {
			time.Sleep(rand.N(time.Millisecond))
			f := &pipeline.Failure{Class: pipeline.ClassTimeout, Article: r.Article.ID, Record: r.ID, Reason: "not read in time"}
			if err := d.Settle(t.Context(), f); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			time.Sleep(rand.N(time.Millisecond))
			var f *pipeline.Failure
			switch err := other.Put(t.Context(), r, d.From); {
			case err == nil:
				put.Add(1)
			case errors.As(err, &f) && f.Class == pipeline.ClassTimeout:
				barred.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	all.Wait()
	records, dead := outcomes(t, s, n)
	seen := map[uint64]bool{}
	for _, r := range records {
		seen[r.From.Sequence] = true
	}
	for _, d := range dead {
		seen[d.From.Sequence] = true
	}
	t.Logf("%d records, %d dead letters", len(records), len(dead))
	if len(seen) != n || int64(len(records)) != put.Load() || int64(len(dead)) != barred.Load() {
		t.Errorf("%d articles have an outcome; %d were put, %d were told that they came too late", len(seen), put.Load(), barred.Load())
	}
	if len(records) == 0 || len(dead) == 0 {
		t.Error("nothing was proved")
	}
}
