package jetstream_test

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// orphans makes the consumer and takes n articles from it without ever answering, as a worker does that dies. It
// returns their ids.
func orphans(t *testing.T, url string, s *jetstream.Streams, n int) (ids []string) {
	t.Helper()
	source, err := s.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n == 0 {
		return nil
	}
	c, err := raw(t, url).Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := c.Fetch(n)
	if err != nil {
		t.Fatal(err)
	}
	for m := range batch.Messages() {
		ids = append(ids, decode(t, m.Data()).ID)
	}
	if len(ids) != n {
		t.Fatalf("%d of %d articles", len(ids), n)
	}
	return ids
}

// TestAlone hands out what comes back from the dead one by one, with nothing else in hand.
func TestAlone(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: 500 * time.Millisecond})
	const n, back = 200, 7
	publish(t, s, articles(n)...)
	ids := orphans(t, url, s, back)
	var mu sync.Mutex
	inHand, most, company := 0, 0, 0
	stop := worker(t, s, func(c *pipeline.Config) {
		c.Extract = func(a schema.Article) schema.Record {
			mu.Lock()
			inHand++
			most = max(most, inHand)
			if inHand > 1 && slices.Contains(ids, a.ID) {
				company++
			}
			mu.Unlock()
			time.Sleep(10 * time.Millisecond) // so that the fresh ones last until the others come back
			mu.Lock()
			inHand--
			mu.Unlock()
			return pipelinetest.Extract(a)
		}
	})
	records, dead := outcomes(t, s, n)
	audit(t, articles(n), records, dead)
	if _, err := stop(); err != nil {
		t.Fatal(err)
	}
	if company > 0 || most < 2 {
		t.Errorf("%d of %d had company; %d at most in hand", company, back, most)
	}
}

// TestBlame lets workers die in one process, so to speak: their articles come back, some of them time and again. Only
// these are given up, unread, however often the innocent beside them were delivered.
func TestBlame(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	setup := jetstream.Setup{AckWait: 500 * time.Millisecond, Crashes: 3}
	s := open(t, connect(t, jetstream.Options{URL: url}), setup)
	const n = 6
	publish(t, s, articles(n)...)
	orphans(t, url, s, n)
	poison := []uint64{2, 3}
	deaths, settled := 0, 0
	for settled < n {
		// A source that takes articles and is then abandoned: it settles the innocent until it meets a poison.
		conn := connect(t, jetstream.Options{URL: url})
		source, err := open(t, conn, setup).Source(t.Context(), 4)
		if err != nil {
			t.Fatal(err)
		}
		dead := false
		for !dead && settled < n {
			d, err := next(t, source)
			if err != nil {
				t.Fatalf("%d of %d are settled, after %d deaths: %v", settled, n, deaths, err)
			}
			switch {
			case d.Err != nil:
				settled++
				err = d.Settle(t.Context(), d.Err)
			case slices.Contains(poison, d.From.Sequence):
				dead = true
				deaths++
			default:
				err = s.Sink().Put(t.Context(), pipelinetest.Extract(decode(t, d.Data)), d.From)
				if err == nil {
					settled++
					err = d.Settle(t.Context(), nil)
				}
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		conn.Close(t.Context()) // and no word to the server about what it had
	}
	records, dead := outcomes(t, s, n)
	if len(records) != n-len(poison) || len(dead) != len(poison) {
		t.Fatalf("%d records, %d dead letters", len(records), len(dead))
	}
	for _, d := range dead {
		if d.Class != pipeline.ClassCrash || !slices.Contains(poison, d.From.Sequence) {
			t.Errorf("%+v", d.Failure)
		}
	}
	if want := len(poison) * (setup.Crashes - 1); deaths != want { // and the first, of orphans
		t.Errorf("%d deaths, want %d", deaths, want)
	}
}

// TestNoNotes works without the permission to keep notes, by the number of deliveries.
func TestNoNotes(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{})
	j := raw(t, ns.ClientURL())
	if _, err := j.CreateStream(t.Context(), js.StreamConfig{Name: "ARTICLES_ALONE", Subjects: []string{"other"}}); err != nil {
		t.Fatal(err) // the name is taken, by somebody's stream that is no business of ours
	}
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL()}), jetstream.Setup{MaxDeliver: 2, AckWait: 500 * time.Millisecond})
	publish(t, s, articles(3)...)
	orphans(t, ns.ClientURL(), s, 3)
	time.Sleep(600 * time.Millisecond)
	orphans(t, ns.ClientURL(), s, 2)
	var read atomic.Int64
	worker(t, s, func(c *pipeline.Config) {
		c.Extract = func(a schema.Article) schema.Record { read.Add(1); return pipelinetest.Extract(a) }
	})
	records, dead := outcomes(t, s, 3)
	if len(records) != 1 || len(dead) != 2 || dead[0].Class != pipeline.ClassAttempts || dead[0].From.Attempt != 3 {
		t.Fatalf("%d records, %+v", len(records), dead)
	}
	if read.Load() != 1 {
		t.Errorf("%d were read", read.Load())
	}
}

// TestNotesRefused sees at start that notes may be read and not written.
func TestNotesRefused(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{Users: []*server.User{
		{Username: "admin", Password: "admin"},
		{Username: "worker", Password: "worker", Permissions: &server.Permissions{Publish: &server.SubjectPermission{Deny: []string{"articles.alone.>"}}}},
	}})
	admin := open(t, connect(t, jetstream.Options{URL: ns.ClientURL(), User: "admin", Password: "admin"}), jetstream.Setup{})
	source, err := admin.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	core, logs := observer.New(zap.WarnLevel)
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL(), User: "worker", Password: "worker", Log: zap.New(core)}), jetstream.Setup{})
	publish(t, admin, articles(3)...)
	worker(t, s, nil)
	records, dead := outcomes(t, s, 3)
	audit(t, articles(3), records, dead)
	if logs.FilterMessageSnippet("no notes can be kept").Len() != 1 {
		t.Errorf("%v", logs.All())
	}
}

// TestPoison publishes a thousand articles, of which one kills the process that reads it, and starts a worker anew
// whenever one dies, as a supervisor does.
func TestPoison(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts processes")
	}
	const n, poison = 1000, 500
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: time.Second})
	publish(t, s, articles(n)...)
	spec := workerSpec{URL: url, AckWait: time.Second, Poison: decode(t, pipelinetest.Article(poison)).ID}
	deaths := 0
	for {
		p := spawn(t, spec)
		err := <-p.ended
		if err == nil {
			break
		}
		if p.cmd.ProcessState.ExitCode() != poisoned {
			t.Fatalf("worker: %v: %s", err, p.err.String())
		}
		if deaths++; deaths > 10 {
			t.Fatal("the poison kills for ever")
		}
	}
	if deaths != 3 {
		t.Errorf("it killed %d times, want 3", deaths)
	}
	records, dead := outcomes(t, s, n)
	if len(records) != n-1 || len(dead) != 1 {
		t.Fatalf("%d records, %d dead letters", len(records), len(dead))
	}
	d := dead[0]
	if d.Class != pipeline.ClassCrash || !bytes.Equal(d.Data, pipelinetest.Article(poison)) || !strings.Contains(d.Reason, "3 workers died") {
		t.Errorf("%+v", d.Failure)
	}
	t.Logf("%d deaths, %d records, dead letter: %s: %s", deaths, len(records), d.Class, d.Reason)
}

// decode is an article as a worker reads it.
func decode(t *testing.T, data []byte) schema.Article {
	t.Helper()
	a, err := format.Decode(data, "application/json", format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a.Identify()
	return a
}

// next takes one article, if one comes in time.
func next(t *testing.T, s *jetstream.Source) (pipeline.Delivery, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	return s.Next(ctx)
}

// TestDeathsFromOutside kills the workers of an article again and again, always when it has been read and its record is on
// its way. That says nothing against the article.
func TestDeathsFromOutside(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	setup := jetstream.Setup{AckWait: 500 * time.Millisecond, Crashes: 2}
	s := open(t, connect(t, jetstream.Options{URL: url}), setup)
	publish(t, s, articles(1)...)
	orphans(t, url, s, 1)
	for range 4 {
		conn := connect(t, jetstream.Options{URL: url})
		source, err := open(t, conn, setup).Source(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		d, err := next(t, source)
		if err != nil || d.Err != nil {
			t.Fatal(err, d.Err)
		}
		d.Read()
		conn.Close(t.Context()) // without a word to the server about the article
	}
	worker(t, s, nil)
	records, dead := outcomes(t, s, 1)
	audit(t, articles(1), records, dead)
}
