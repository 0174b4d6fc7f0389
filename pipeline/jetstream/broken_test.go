package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

// TestServerRestarts stops the server twice in the middle of the work and starts it again on the same port.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	dir, listen := t.TempDir(), "127.0.0.1:"+strconv.Itoa(jetstreamtest.FreePort(t))
	up := func() *jetstream.Server {
		s, err := jetstream.Embed(jetstream.EmbedConfig{Dir: dir, Listen: listen, Fast: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	srv := up()
	defer func() { srv.Close() }()
	s := open(t, connect(t, jetstream.Options{URL: "nats://" + listen}), jetstream.Setup{AckWait: 2 * time.Second})
	publish(t, s, articles(300)...)
	stop := worker(t, s, slowly(10*time.Millisecond))
	for range 2 {
		time.Sleep(200 * time.Millisecond)
		srv.Close()
		time.Sleep(200 * time.Millisecond)
		srv = up()
	}
	records, dead := outcomes(t, s, 300)
	audit(t, articles(300), records, dead)
	idle(t, "nats://"+listen, s)
	if _, err := stop(); err != nil {
		t.Error(err)
	}
}

// audit compares what came out with what went in: one record an article, of its id and bytes.
func audit(t *testing.T, in []jetstream.RawArticle, records []jetstream.Outcome, dead []jetstream.DeadLetter) {
	t.Helper()
	want := map[string]string{}
	for _, a := range in {
		id, body := expected(t, a.Data)
		want[id] = string(body)
	}
	seen := map[string]int{}
	for _, r := range records {
		id := r.Header.Get("Nats-Msg-Id")
		seen[id]++
		switch body, ok := want[id]; {
		case !ok:
			t.Errorf("record %s is of no article", id)
		case body != string(r.Record):
			t.Errorf("record %s has other bytes", id)
		}
	}
	twice, lost := 0, 0
	for id := range want {
		switch seen[id] {
		case 0:
			lost++
		case 1:
		default:
			twice++
		}
	}
	if twice+lost+len(dead) > 0 {
		t.Errorf("%d articles: %d lost, %d twice, %d dead letters", len(want), lost, twice, len(dead))
	}
}

// TestShutdown stops a worker in the middle. Nothing is half done: what it had in hand is settled, and what it had
// fetched goes to the next worker at once and not after AckWait.
func TestShutdown(t *testing.T) {
	before := runtime.NumGoroutine()
	server := embed(t, jetstream.EmbedConfig{Listen: "127.0.0.1:0"})
	conn := connect(t, jetstream.Options{URL: server.URL()})
	s := open(t, conn, jetstream.Setup{AckWait: 24 * time.Hour}) // whoever waits for that waits too long
	publish(t, s, articles(200)...)
	slow := slowly(5 * time.Millisecond)
	for range 3 {
		at, err := s.Mark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		stop := worker(t, s, slow)
		count(t, s, at.Records+1)
		if sum, err := stop(); err != nil || sum.Records == 0 || sum.Records != sum.Articles {
			t.Fatalf("%+v, %v", sum, err)
		}
	}
	stop := worker(t, s, slow)
	records, dead := outcomes(t, s, 200)
	audit(t, articles(200), records, dead)
	idle(t, server.URL(), s)
	if _, err := stop(); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := conn.Close(ctx); err != nil {
		t.Error(err)
	}
	if err := server.Close(); err != nil {
		t.Error(err)
	}
	eventually(t, func() (bool, string) {
		now := runtime.NumGoroutine()
		if now <= before+4 { // the server's own timers and the test's client end when they end
			return true, ""
		}
		stacks := make([]byte, 1<<18)
		return false, fmt.Sprintf("%d goroutines before, %d after:\n%s", before, now, stacks[:runtime.Stack(stacks, true)])
	})
}

// TestExisting meets streams and consumers that somebody made before: it takes what can be taken, says what cannot, and
// changes nothing.
func TestExisting(t *testing.T) {
	t.Parallel()
	stream := func(name string, subjects ...string) js.StreamConfig {
		return js.StreamConfig{Name: name, Subjects: subjects}
	}
	consumer := func(change func(*js.ConsumerConfig)) *js.ConsumerConfig {
		c := &js.ConsumerConfig{Durable: "quotewire", AckPolicy: js.AckExplicitPolicy, FilterSubject: "articles.raw.>", MaxDeliver: -1}
		if change != nil {
			change(c)
		}
		return c
	}
	with := func(c js.StreamConfig, change func(*js.StreamConfig)) js.StreamConfig { change(&c); return c }
	for _, tt := range []struct {
		name     string
		streams  []js.StreamConfig
		consumer *js.ConsumerConfig // of the first stream
		setup    jetstream.Setup
		want     string // in the error; empty: none
	}{
		{name: "a stream of another name", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}},
		{name: "a wider stream", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>", "weather.>")}},
		{name: "a work queue of raw articles", streams: []js.StreamConfig{with(stream("NEWS", "articles.raw.>"), func(c *js.StreamConfig) { c.Retention = js.WorkQueuePolicy })}},
		{name: "a narrower stream", streams: []js.StreamConfig{stream("NEWS", "articles.raw.desk")}, want: "listens to articles.raw.desk, not to all of articles.raw.>"},
		{name: "the name is taken", streams: []js.StreamConfig{stream("ARTICLES_RAW", "other")}, want: "does not listen to articles.raw.>"},
		{name: "records in a work queue", streams: []js.StreamConfig{with(stream("OUT", "articles.extracted.>"), func(c *js.StreamConfig) { c.Retention = js.WorkQueuePolicy })}, want: "retention is work queue"},
		{name: "no acknowledgements", streams: []js.StreamConfig{with(stream("OUT", "articles.extracted.>"), func(c *js.StreamConfig) { c.NoAck = true })}, want: "nats stream edit OUT --ack"},
		{name: "another window", streams: []js.StreamConfig{stream("OUT", "articles.extracted.>")}, setup: jetstream.Setup{Duplicates: time.Hour}, want: "knows an id again for 2m0s, not 1h0m0s (nats stream edit OUT --dupe-window 1h0m0s"},
		{name: "another age", streams: []js.StreamConfig{stream("OUT", "articles.extracted.>")}, setup: jetstream.Setup{MaxAge: time.Hour}, want: "keeps messages for ever, not 1h0m0s"},
		{name: "a consumer like ours", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}, consumer: consumer(nil)},
		{name: "a consumer of its own time", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}, consumer: consumer(func(c *js.ConsumerConfig) { c.AckWait = 7 * time.Second })},
		{name: "a consumer that contradicts a flag", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}, consumer: consumer(nil), setup: jetstream.Setup{AckWait: 7 * time.Second}, want: "AckWait is 30s, not 7s (nats consumer edit NEWS quotewire --wait 7s"},
		{name: "a consumer without acknowledgements", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}, consumer: consumer(func(c *js.ConsumerConfig) { c.AckPolicy = js.AckNonePolicy }), want: "not explicit"},
		{name: "a consumer of something else", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}, consumer: consumer(func(c *js.ConsumerConfig) { c.FilterSubject = "articles.raw.desk" }), want: `it reads "articles.raw.desk"`},
		{name: "a consumer that drops", streams: []js.StreamConfig{stream("NEWS", "articles.raw.>")}, consumer: consumer(func(c *js.ConsumerConfig) { c.MaxDeliver = 5 }), want: "--max-deliver=-1"},
		{name: "subjects that overlap", setup: jetstream.Setup{Dead: "articles.raw.dead"}, want: "overlap"},
		{name: "a subject of NATS", setup: jetstream.Setup{Raw: "$JS.API.>"}, want: "belongs to NATS itself"},
		{name: "two wildcards", setup: jetstream.Setup{Extracted: "out.*.>"}, want: "only the last token"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			url := anyServer(t)
			j := raw(t, url)
			for i, c := range tt.streams {
				st, err := j.CreateStream(t.Context(), c)
				if err != nil {
					t.Fatal(err)
				}
				if i == 0 && tt.consumer != nil {
					if _, err := st.CreateConsumer(t.Context(), *tt.consumer); err != nil {
						t.Fatal(err)
					}
				}
			}
			before := configs(t, j)
			s, err := connect(t, jetstream.Options{URL: url}).Streams(t.Context(), tt.setup)
			if err == nil {
				var source *jetstream.Source
				if source, err = s.Source(t.Context(), 1); err == nil {
					defer source.Close(t.Context())
				}
			}
			switch {
			case tt.want == "" && err != nil:
				t.Error(err)
			case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
				t.Errorf("error %v, want %q in it", err, tt.want)
			}
			after := configs(t, j)
			for name, c := range before {
				if after[name] != c {
					t.Errorf("%s was changed:\n%s\n%s", name, c, after[name])
				}
			}
		})
	}
}

func configs(t *testing.T, j js.JetStream) map[string]string {
	t.Helper()
	found := map[string]string{}
	list := j.ListStreams(t.Context())
	for info := range list.Info() {
		found[info.Config.Name] = fmt.Sprintf("%+v", info.Config)
		st, err := j.Stream(t.Context(), info.Config.Name)
		if err != nil {
			t.Fatal(err)
		}
		consumers := st.ListConsumers(t.Context())
		for c := range consumers.Info() {
			found[info.Config.Name+">"+c.Name] = fmt.Sprintf("%+v", c.Config)
		}
	}
	if err := list.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}

func TestNoJetStream(t *testing.T) {
	s, err := server.NewServer(&server.Options{Host: "127.0.0.1", Port: -1, NoSigs: true, NoLog: true})
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	defer s.Shutdown()
	if !s.ReadyForConnections(patience) {
		t.Fatal("not ready")
	}
	_, err = connect(t, jetstream.Options{URL: s.ClientURL()}).Streams(t.Context(), jetstream.Setup{})
	if err == nil || !strings.Contains(err.Error(), "--jetstream") {
		t.Errorf("error %v", err)
	}
}

func TestEmbedRefuses(t *testing.T) {
	core, logs := observer.New(zapcore.DebugLevel)
	dir := t.TempDir()
	first := embed(t, jetstream.EmbedConfig{Dir: dir, Listen: "127.0.0.1:0"})
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	before := runtime.NumGoroutine()
	for _, tt := range []struct {
		name string
		c    jetstream.EmbedConfig
		want []string
	}{
		{"a directory in use", jetstream.EmbedConfig{Dir: dir}, []string{dir, "in use by process " + strconv.Itoa(os.Getpid())}},
		{"an address in use", jetstream.EmbedConfig{Dir: t.TempDir(), Listen: strings.TrimPrefix(first.URL(), "nats://")}, []string{"address already in use"}},
		{"a file for a directory", jetstream.EmbedConfig{Dir: file}, []string{file}},
		{"no directory", jetstream.EmbedConfig{}, []string{"no directory"}},
		{"an address without port", jetstream.EmbedConfig{Dir: t.TempDir(), Listen: "localhost"}, []string{"listen address"}},
		{"an absurd size", jetstream.EmbedConfig{Dir: t.TempDir(), MaxPayload: 1 << 30}, []string{"64 MiB"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.c.Log = zap.New(core)
			s, err := jetstream.Embed(tt.c)
			if err == nil {
				s.Close()
				t.Fatal("it started")
			}
			for _, want := range tt.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("error %q, want %q in it", err, want)
				}
			}
		})
	}
	eventually(t, func() (bool, string) { // they need a moment to end
		now := runtime.NumGoroutine()
		return now <= before+2, fmt.Sprintf("%d goroutines before, %d after", before, now)
	})
	for _, line := range logs.All() {
		if strings.Contains(line.Message, "temporary") {
			t.Errorf("the log tells of a temporary directory: %s", line.Message)
		}
	}
	// The lock goes with the server, and what it kept is still there.
	s := open(t, connect(t, jetstream.Options{Server: first}), jetstream.Setup{})
	publish(t, s, articles(3)...)
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := embed(t, jetstream.EmbedConfig{Dir: dir})
	s = open(t, connect(t, jetstream.Options{Server: second}), jetstream.Setup{})
	for _, p := range publish(t, s, articles(3)...) {
		if !p.Duplicate {
			t.Error("an article was forgotten")
		}
	}
}

// TestWaitsForServer starts before its server.
func TestWaitsForServer(t *testing.T) {
	t.Parallel()
	port := jetstreamtest.FreePort(t)
	core, logs := observer.New(zapcore.WarnLevel)
	up := make(chan *jetstream.Server, 1)
	dir := t.TempDir()
	time.AfterFunc(300*time.Millisecond, func() {
		s, err := jetstream.Embed(jetstream.EmbedConfig{Dir: dir, Listen: "127.0.0.1:" + strconv.Itoa(port), Fast: true})
		if err != nil {
			t.Error(err)
		}
		up <- s
	})
	c := connect(t, jetstream.Options{URL: "127.0.0.1:" + strconv.Itoa(port), Log: zap.New(core)})
	defer func() { (<-up).Close() }()
	open(t, c, jetstream.Setup{})
	if logs.Len() == 0 {
		t.Error("it waited without a word")
	}
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := jetstream.Connect(ctx, jetstream.Options{URL: "127.0.0.1:" + strconv.Itoa(jetstreamtest.FreePort(t))})
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "no servers") {
		t.Errorf("error %v", err)
	}
}
