package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// count waits until the stream of records has at least n, and returns how many.
func count(t *testing.T, s *jetstream.Streams, n uint64) uint64 {
	t.Helper()
	var at jetstream.Mark
	var err error
	eventually(t, func() (bool, string) {
		at, err = s.Mark(t.Context())
		return err == nil && at.Records >= n, fmt.Sprintf("%d records, want %d; %v", at.Records, n, err)
	})
	return at.Records
}

// TestStreamOfRecordsFull has no room for records until somebody makes room. No article is given up for that.
func TestStreamOfRecordsFull(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	j := raw(t, url)
	config := js.StreamConfig{Name: "SMALL", Subjects: []string{"articles.extracted.>", "articles.extracted-given-up.>"}, Discard: js.DiscardNew, MaxMsgs: 5, Duplicates: time.Hour}
	if _, err := j.CreateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: time.Second})
	publish(t, s, articles(30)...)
	worker(t, s, nil)
	count(t, s, 5)
	time.Sleep(1500 * time.Millisecond) // longer than AckWait
	if at, err := s.Mark(t.Context()); err != nil || at != (jetstream.Mark{Records: 5}) {
		t.Fatalf("%+v, %v", at, err)
	}
	config.MaxMsgs = -1
	if _, err := j.UpdateStream(t.Context(), config); err != nil {
		t.Fatal(err)
	}
	records, dead := outcomes(t, s, 30)
	audit(t, articles(30), records, dead)
	idle(t, url, s)
}

// TestStoreFull reaches the limit of what the server may store: records wait, articles stay where they are.
func TestStoreFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	up := func(limit int64) *jetstream.Server {
		t.Helper()
		s, err := jetstream.Embed(jetstream.EmbedConfig{Dir: dir, Listen: "127.0.0.1:0", Fast: true, MaxStore: limit})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	small := up(64 << 10)
	conn := connect(t, jetstream.Options{URL: small.URL()})
	s := open(t, conn, jetstream.Setup{AckWait: time.Second})
	p, err := s.Publisher("test", 1)
	if err != nil {
		t.Fatal(err)
	}
	n := 0 // articles that the stream has acknowledged
	for full := false; !full && n < 1000; {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		if err := p.Publish(ctx, articles(n + 1)[n], func(r jetstream.Published) {
			var refused *js.APIError
			full = errors.As(r.Err, &refused)
			if r.Err == nil {
				n++
			}
		}); err != nil {
			t.Fatal(err)
		}
		p.Flush()
		cancel()
	}
	if n == 0 || n == 1000 {
		t.Fatalf("%d articles fit", n)
	}
	stream, err := raw(t, small.URL()).Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	stored := int(stream.CachedInfo().State.Msgs)
	if stored < n || stored > n+1 { // the acknowledgement of the last one may have come too late
		t.Fatalf("%d articles are acknowledged, %d stored", n, stored)
	}
	n = stored
	stop := worker(t, s, func(c *pipeline.Config) { c.Grace = 100 * time.Millisecond })
	time.Sleep(time.Second)
	at, err := s.Mark(t.Context())
	if err != nil || at.Records >= uint64(n) || at.Dead > 0 {
		t.Errorf("%+v, %v of %d articles on a full disk", at, err, n)
	}
	stop()
	conn.Close(t.Context())
	if err := small.Close(); err != nil {
		t.Fatal(err)
	}
	large := up(1 << 30)
	defer large.Close()
	s = open(t, connect(t, jetstream.Options{URL: large.URL()}), jetstream.Setup{})
	stop = worker(t, s, nil)
	records, dead := outcomes(t, s, n)
	audit(t, articles(n), records, dead)
	stop()
}

// TestCredentials takes a worker's login away in the middle of the work, and gives it back.
func TestCredentials(t *testing.T) {
	t.Parallel()
	users := func(word string) []*server.User {
		return []*server.User{{Username: "admin", Password: "admin"}, {Username: "worker", Password: word}}
	}
	o := &server.Options{Users: users("right"), Port: jetstreamtest.FreePort(t)}
	srv := serve(t, o)
	admin := open(t, connect(t, jetstream.Options{URL: srv.ClientURL(), User: "admin", Password: "admin"}), jetstream.Setup{AckWait: time.Second})
	publish(t, admin, articles(150)...)
	others := clients(t, srv)
	conn := connect(t, jetstream.Options{URL: srv.ClientURL(), User: "worker", Password: "right"})
	work := newValve(20)
	worker(t, open(t, conn, jetstream.Setup{}), work.through)
	count(t, admin, 5)
	change := func(word string) {
		t.Helper()
		changed := o.Clone()
		changed.Users = users(word)
		if err := srv.ReloadOptions(changed); err != nil {
			t.Fatal(err)
		}
	}
	change("wrong")
	eventually(t, func() (bool, string) {
		return len(clients(t, srv).without(others)) == 0, "the worker is still connected"
	})
	nothingComes(t, admin, work)
	change("right")
	work.open()
	records, dead := outcomes(t, admin, 150)
	audit(t, articles(150), records, dead)
	idle(t, srv.ClientURL(), admin, nats.UserInfo("admin", "admin"))
}

// TestCredentialsExpire lets a worker's credentials run out in the middle of the work, and later has a new file where the
// old one was, as those do who renew them. The worker is not started again.
func TestCredentialsExpire(t *testing.T) {
	t.Parallel()
	trust, creds, issue := operatorMode(t, t.TempDir())
	o := &server.Options{}
	trust(o)
	srv := serve(t, o)
	lasting := filepath.Join(t.TempDir(), "admin.creds")
	file, err := os.ReadFile(creds)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(lasting, file, 0o600); err != nil {
		t.Fatal(err)
	}
	admin := open(t, connect(t, jetstream.Options{URL: srv.ClientURL(), Creds: lasting}), jetstream.Setup{AckWait: time.Second})
	publish(t, admin, articles(150)...)
	others := clients(t, srv)
	work := newValve(20)
	worker(t, open(t, connect(t, jetstream.Options{URL: srv.ClientURL(), Creds: creds}), jetstream.Setup{}), work.through)
	count(t, admin, 5)
	// The worker comes back with credentials that are about to expire. If it takes longer than they last, it gets others
	// that last longer.
	for life := 4 * time.Second; ; life *= 2 {
		until := time.Now().Add(life)
		issue(until)
		before := clients(t, srv)
		for id := range before.without(others) {
			srv.DisconnectClientByID(id)
		}
		back := false
		eventually(t, func() (bool, string) {
			back = len(clients(t, srv).without(before)) > 0
			return back || time.Now().After(until), ""
		})
		if back {
			break
		}
	}
	eventually(t, func() (bool, string) {
		return len(clients(t, srv).without(others)) == 0, "the worker is connected with credentials that have expired"
	})
	nothingComes(t, admin, work)
	issue(time.Time{})
	work.open()
	records, dead := outcomes(t, admin, 150)
	audit(t, articles(150), records, dead)
	idle(t, srv.ClientURL(), admin, nats.UserCredentials(lasting))
}

// connected are clients of a server, by their numbers there.
type connected map[uint64]struct{}

func clients(t *testing.T, srv *server.Server) connected {
	t.Helper()
	z, err := srv.Connz(&server.ConnzOptions{Limit: 1024})
	if err != nil {
		t.Fatal(err)
	}
	c := connected{}
	for _, info := range z.Conns {
		c[info.Cid] = struct{}{}
	}
	return c
}

func (c connected) without(others connected) connected {
	rest := maps.Clone(c)
	for id := range others {
		delete(rest, id)
	}
	return rest
}

// nothingComes fails the test if a worker that is shut out gets a record through, though it may read on.
func nothingComes(t *testing.T, admin *jetstream.Streams, work *valve) {
	t.Helper()
	// What the server had taken before it shut the worker out is stored once something behind it is.
	a := decode(t, articles(1)[0].Data)
	if err := admin.Sink().Put(t.Context(), pipelinetest.Extract(a), pipeline.Origin{Stream: admin.RawStream, Sequence: 1, Attempt: 1}); err != nil {
		t.Fatal(err)
	}
	at := count(t, admin, 5)
	work.allow(20)
	time.Sleep(time.Second)
	if now := count(t, admin, 5); now != at || now == 150 {
		t.Fatalf("%d records when the worker was shut out, then %d", at, now)
	}
}

// TestLameDuck shuts a server down as an operator does before an upgrade, and starts another in its place.
func TestLameDuck(t *testing.T) {
	t.Parallel()
	o := func(port int, dir string) *server.Options {
		return &server.Options{Port: port, StoreDir: dir, LameDuckDuration: time.Second, LameDuckGracePeriod: 200 * time.Millisecond}
	}
	port, dir := jetstreamtest.FreePort(t), filepath.Join(t.TempDir(), "js")
	srv := serve(t, o(port, dir))
	s := open(t, connect(t, jetstream.Options{URL: srv.ClientURL()}), jetstream.Setup{AckWait: time.Second})
	publish(t, s, articles(150)...)
	work := newValve(20)
	worker(t, s, work.through)
	count(t, s, 5)
	work.allow(60) // it goes on working, and is not done when the server has gone
	srv.LameDuckShutdown()
	srv.WaitForShutdown()
	work.open()
	srv = serve(t, o(port, dir))
	records, dead := outcomes(t, s, 150)
	audit(t, articles(150), records, dead)
	idle(t, srv.ClientURL(), s)
}

// TestSlowDownstream holds all records up, for longer than AckWait: no more articles are taken than the workers may have
// in hand, and none of them comes twice.
func TestSlowDownstream(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	const ackWait = 3 * time.Second
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: ackWait})
	told := listen(t, url, s)
	publish(t, s, articles(60)...)
	inHand := 0
	var again atomic.Int64
	held := make(chan struct{})
	worker(t, s, func(c *pipeline.Config) {
		inHand = c.InHand()
		sink := c.Sink
		c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, from pipeline.Origin) error {
			if from.Attempt > 1 {
				again.Add(1)
			}
			<-held
			return sink.Put(ctx, r, from)
		})
	})
	consumer, err := raw(t, url).Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	taken := func() int {
		info, err := consumer.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		return info.NumAckPending
	}
	eventually(t, func() (bool, string) {
		n := taken()
		return n >= inHand, fmt.Sprintf("%d articles in hand, want %d", n, inHand)
	})
	told.wait(t, 1, 4)
	if n := taken(); n != inHand {
		t.Errorf("%d articles in hand, want %d", n, inHand)
	}
	close(held)
	records, dead := outcomes(t, s, 60)
	audit(t, articles(60), records, dead)
	if n := again.Load(); n > 0 {
		told.excuse(t, ackWait)
		t.Errorf("%d articles came again", n)
	}
}

// TestRecordsDeleted removes the stream of records under a worker. It takes nothing for safe meanwhile, and goes on once
// the stream is there again.
func TestRecordsDeleted(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: time.Second})
	if err := raw(t, url).DeleteStream(t.Context(), s.ExtractedStream); err != nil {
		t.Fatal(err)
	}
	publish(t, s, articles(20)...)
	worker(t, s, nil)
	time.Sleep(1500 * time.Millisecond)
	consumer, err := raw(t, url).Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	info := consumer.CachedInfo()
	if left := int(info.NumPending) + info.NumAckPending; left != 20 {
		t.Errorf("%d of 20 articles are still to be done, without a stream for their records", left)
	}
	open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{}) // as another worker does that starts
	records, dead := outcomes(t, s, 20)
	audit(t, articles(20), records, dead)
	idle(t, url, s)
}

// TestConsumerDeleted ends the source with an error that says so, instead of waiting for ever or reading all again.
func TestConsumerDeleted(t *testing.T) {
	endsWithout(t, func(j js.JetStream, s *jetstream.Streams) error {
		return j.DeleteConsumer(t.Context(), s.RawStream, s.Setup.Consumer)
	})
}

// TestRawDeleted does the same with the stream of raw articles.
func TestRawDeleted(t *testing.T) {
	endsWithout(t, func(j js.JetStream, s *jetstream.Streams) error { return j.DeleteStream(t.Context(), s.RawStream) })
}

// endsWithout waits in Next while what it needs is deleted.
func endsWithout(t *testing.T, remove func(js.JetStream, *jetstream.Streams) error) {
	t.Helper()
	if testing.Short() {
		t.Skip("waits ten seconds")
	}
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{})
	deletedUnder(t, url, s, func(j js.JetStream) error { return remove(j, s) })
}

func deletedUnder(t *testing.T, url string, s *jetstream.Streams, remove func(js.JetStream) error) {
	t.Helper()
	source, err := s.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close(context.Background())
	j := raw(t, url)
	removed := make(chan error, 1)
	time.AfterFunc(100*time.Millisecond, func() { removed <- remove(j) })
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if _, err := source.Next(ctx); err == nil || !strings.Contains(err.Error(), "has been deleted") {
		t.Errorf("error %v", err)
	}
	if err := <-removed; err != nil {
		t.Error(err)
	}
}
