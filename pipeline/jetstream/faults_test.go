package jetstream_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
	"github.com/quotewire/quotewire/schema"
)

// count waits until the stream of records has at least n, and returns how many.
func count(t *testing.T, s *jetstream.Streams, n uint64) uint64 {
	t.Helper()
	var at jetstream.Mark
	var err error
	for range 400 {
		if at, err = s.Mark(t.Context()); err == nil && at.Records >= n {
			return at.Records
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatalf("%d records, want %d; %v", at.Records, n, err)
	return 0
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
	conn := connect(t, jetstream.Options{URL: srv.ClientURL(), User: "worker", Password: "right"})
	worker(t, open(t, conn, jetstream.Setup{}), slowly(20*time.Millisecond))
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
	time.Sleep(500 * time.Millisecond)
	at := count(t, admin, 5)
	time.Sleep(time.Second)
	if now := count(t, admin, 5); now != at || now == 150 {
		t.Fatalf("%d records after the login was taken away, then %d", at, now)
	}
	change("right")
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
	const n = 400
	publish(t, admin, articles(n)...)
	until := time.Now().Add(3 * time.Second)
	issue(until)
	worker(t, open(t, connect(t, jetstream.Options{URL: srv.ClientURL(), Creds: creds}), jetstream.Setup{}), slowly(60*time.Millisecond))
	count(t, admin, 5)
	time.Sleep(time.Until(until) + time.Second)
	at := count(t, admin, 5)
	time.Sleep(time.Second)
	if now := count(t, admin, 5); now != at || now == n {
		t.Fatalf("%d records when the credentials had run out, then %d", at, now)
	}
	issue(time.Time{})
	records, dead := outcomes(t, admin, n)
	audit(t, articles(n), records, dead)
	idle(t, srv.ClientURL(), admin, nats.UserCredentials(lasting))
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
	worker(t, s, slowly(20*time.Millisecond))
	count(t, s, 5)
	srv.LameDuckShutdown()
	srv.WaitForShutdown()
	srv = serve(t, o(port, dir))
	if at := count(t, s, 1); at == 150 {
		t.Error("all was done before the server went: nothing was proved")
	}
	records, dead := outcomes(t, s, 150)
	audit(t, articles(150), records, dead)
	idle(t, srv.ClientURL(), s)
}

// TestSlowDownstream holds records up: no more articles are taken than the workers may have in hand.
func TestSlowDownstream(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: 500 * time.Millisecond})
	publish(t, s, articles(60)...)
	inHand := 0
	worker(t, s, func(c *pipeline.Config) {
		inHand = c.InHand()
		sink := c.Sink
		c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, from pipeline.Origin) error {
			if from.Attempt > 1 {
				t.Errorf("article %d came again", from.Sequence)
			}
			time.Sleep(700 * time.Millisecond * time.Duration(from.Sequence%8/7)) // every eighth for longer than AckWait
			return sink.Put(ctx, r, from)
		})
	})
	consumer, err := raw(t, url).Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	most, before := 0, 0
	for range 40 {
		info, err := consumer.Info(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		most = max(most, min(before, info.NumAckPending)) // the server may count one whose acknowledgement is on its way
		before = info.NumAckPending
		time.Sleep(25 * time.Millisecond)
	}
	if most == 0 || most > inHand {
		t.Errorf("%d articles in hand, want %d at most", most, inHand)
	}
	records, dead := outcomes(t, s, 60)
	audit(t, articles(60), records, dead)
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
	source, err := s.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close(context.Background())
	j := raw(t, url)
	removed := make(chan error, 1)
	time.AfterFunc(100*time.Millisecond, func() { removed <- remove(j, s) })
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	if _, err := source.Next(ctx); err == nil || !strings.Contains(err.Error(), "has been deleted") {
		t.Errorf("error %v", err)
	}
	if err := <-removed; err != nil {
		t.Error(err)
	}
}
