//go:build unix

package chaos_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

// apart is a server, a client of its own that puts records into its stream, and a line to it for others.
func apart(t *testing.T) (conn *jetstream.Conn, line *proxy, record func(string)) {
	t.Helper()
	server, direct := embed(t, t.TempDir())
	t.Cleanup(func() {
		direct.Close(context.Background())
		server.Close()
	})
	if _, err := direct.Streams(t.Context(), jetstream.Setup{}); err != nil {
		t.Fatal(err)
	}
	_, j := jetstreamtest.Client(t, server.URL())
	line = newProxy(t, strings.TrimPrefix(server.URL(), "nats://"))
	return dial(t, "nats://"+line.address()), line, func(body string) {
		if _, err := j.PublishMsg(t.Context(), &nats.Msg{Subject: "articles.extracted.en", Data: []byte(body)}); err != nil {
			t.Error(err)
		}
	}
}

// TestFollowLate has a follower whose pull has ended by the time its last message arrives: the line was silent, or the
// machine too busy. Nothing comes after that message that would show the gap.
func TestFollowLate(t *testing.T) {
	t.Parallel()
	conn, line, record := apart(t)
	s, err := conn.Streams(t.Context(), jetstream.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	record("first")
	n := 0
	for o, err := range s.Follow(ctx, jetstream.Mark{}) {
		if err != nil {
			t.Fatal(err)
		}
		switch n++; string(o.Record) {
		case "first":
			// It pulls once more before the line goes silent. A pull lives for a second at the server and for two at the client.
			time.AfterFunc(300*ms, func() {
				line.set(func(p *proxy) { p.held = true })
				record("last")
				time.Sleep(4 * time.Second)
				line.set(func(p *proxy) { p.held = false })
			})
		case "last":
			cancel()
		}
	}
	if n != 2 {
		t.Errorf("%d records, want 2", n)
	}
}

// TestTakeLate has a worker over a line on which the answer to a pull takes longer than the worker waits for it. The article
// must reach it all the same, and not only time and again its ended pulls.
func TestTakeLate(t *testing.T) {
	t.Parallel()
	server, direct := embed(t, t.TempDir())
	t.Cleanup(func() {
		direct.Close(context.Background())
		server.Close()
	})
	near, err := direct.Streams(t.Context(), jetstream.Setup{AckWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	line := newProxy(t, strings.TrimPrefix(server.URL(), "nats://"))
	far, err := dial(t, "nats://"+line.address()).Streams(t.Context(), jetstream.Setup{AckWait: time.Second})
	if err != nil {
		t.Fatal(err)
	}
	source, err := far.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close(context.Background())
	line.set(func(p *proxy) { p.latency = 1200 * ms }) // there and back again
	p, err := near.Publisher("late", 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Publish(t.Context(), jetstream.RawArticle{Data: article(0)}, func(jetstream.Published) {}); err != nil {
		t.Fatal(err)
	}
	p.Flush()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	d, err := source.Next(ctx)
	if err != nil || d.From.Sequence != 1 {
		t.Fatalf("%+v, %v", d.From, err)
	}
	line.set(func(p *proxy) { p.latency = 0 })
	if err := d.Settle(t.Context(), nil); err != nil {
		t.Error(err)
	}
}

// TestReadLate reads what a stream keeps over a line on which, for a while, every answer to a pull comes too late. That
// there is nothing left to deliver does not mean that all has arrived.
func TestReadLate(t *testing.T) {
	t.Parallel()
	conn, line, record := apart(t)
	for _, body := range []string{"first", "second", "last"} {
		record(body)
	}
	kept, err := conn.Kept(t.Context(), "ARTICLES_EXTRACTED")
	if err != nil {
		t.Fatal(err)
	}
	line.set(func(p *proxy) { p.latency = 1200 * ms })
	time.AfterFunc(6*time.Second, func() { line.set(func(p *proxy) { p.latency = 0 }) })
	n := 0
	for _, err := range kept.Read(t.Context(), jetstream.Span{}, 0, kept.Last) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	if n != 3 {
		t.Errorf("%d messages, want 3", n)
	}
}
