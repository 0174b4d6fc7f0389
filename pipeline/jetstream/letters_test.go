package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// selected are the numbers of the letters that a filter chooses.
func selected(t *testing.T, l *jetstream.Letters, f jetstream.LetterFilter) []uint64 {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	list := []uint64{}
	for d, err := range l.All(ctx, f) {
		if errors.Is(err, jetstream.ErrNoLetter) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, d.Sequence)
	}
	return list
}

// TestLetters fills a stream with dead letters by a worker, then looks at them, replays and drops them.
func TestLetters(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	conn := connect(t, jetstream.Options{URL: url})
	if _, err := conn.Letters(t.Context(), jetstream.Setup{}); !errors.Is(err, jetstream.ErrNoLetters) {
		t.Fatalf("without a stream: %v", err)
	}
	if _, err := raw(t, url).Stream(t.Context(), "ARTICLES_DEAD"); !errors.Is(err, js.ErrStreamNotFound) {
		t.Fatalf("looking made a stream: %v", err)
	}
	s := open(t, conn, jetstream.Setup{})
	l, err := conn.Letters(t.Context(), jetstream.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	if got := selected(t, l, jetstream.LetterFilter{}); len(got) != 0 {
		t.Fatalf("letters in an empty stream: %v", got)
	}

	// 600 letters are more than one fetch; two of three are of one class, the rest of another.
	const n = 600
	list := articles(n)
	list[0].ContentType, list[0].Trace = "application/json; charset=utf-8", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	publish(t, s, list...)
	broken := true
	stop := worker(t, s, func(c *pipeline.Config) {
		c.Extract = func(a schema.Article) schema.Record {
			if broken && strings.HasSuffix(a.ID, "0") {
				panic("an extractor with a fault")
			}
			return pipelinetest.Extract(a)
		}
		c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, from pipeline.Origin) error {
			if broken {
				return &pipeline.Failure{Class: pipeline.ClassSize, Article: r.Article.ID, Field: "record", Reason: "too large today"}
			}
			return s.Sink().Put(ctx, r, from)
		})
	})
	_, dead := outcomes(t, s, n)
	if _, err := stop(); err != nil {
		t.Fatal(err)
	}

	panics, middle := 0, dead[n/2].Time
	early := 0
	var panicked, other uint64 // a letter of each class
	for _, d := range dead {
		if d.Class == pipeline.ClassPanic {
			panics++
			panicked = d.Sequence
		} else {
			other = d.Sequence
		}
		if d.Time.Before(middle) {
			early++
		}
	}
	if panics != n/10 {
		t.Fatalf("%d panics", panics)
	}
	for _, c := range []struct {
		name   string
		filter jetstream.LetterFilter
		want   int
	}{
		{"all", jetstream.LetterFilter{}, n},
		{"so many", jetstream.LetterFilter{Limit: 7}, 7},
		{"class", jetstream.LetterFilter{Class: pipeline.ClassPanic}, panics},
		{"class and so many", jetstream.LetterFilter{Class: pipeline.ClassPanic, Limit: 3}, 3},
		{"no such class", jetstream.LetterFilter{Class: "other"}, 0},
		{"a class that is no subject", jetstream.LetterFilter{Class: "a b.>"}, 0},
		{"field", jetstream.LetterFilter{Field: "record"}, n - panics},
		{"article", jetstream.LetterFilter{Article: "article-17"}, 1},
		{"early", jetstream.LetterFilter{Before: middle}, early},
		{"late", jetstream.LetterFilter{After: middle}, n - early},
		{"numbers", jetstream.LetterFilter{Sequences: []uint64{3, 5, 9999}}, 2},
		{"numbers of a class", jetstream.LetterFilter{Sequences: []uint64{panicked, other}, Class: pipeline.ClassPanic}, 1},
	} {
		if got := selected(t, l, c.filter); len(got) != c.want {
			t.Errorf("%s: %d letters, want %d", c.name, len(got), c.want)
		}
	}

	// A replay is the same message once more, and once only.
	d, err := l.Get(t.Context(), dead[0].Sequence)
	if err != nil {
		t.Fatal(err)
	}
	first, err := l.Replay(t.Context(), d)
	if err != nil || first.Duplicate || first.Sequence != n+1 {
		t.Fatalf("%+v, %v", first, err)
	}
	if again, err := l.Replay(t.Context(), d); err != nil || !again.Duplicate || again.Sequence != first.Sequence {
		t.Fatalf("%+v, %v", again, err)
	}
	stream, err := raw(t, url).Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	before, err := stream.GetMsg(t.Context(), d.From.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	after, err := stream.GetMsg(t.Context(), first.Sequence)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before.Data, after.Data) || before.Subject != after.Subject {
		t.Errorf("%s %q became %s %q", before.Subject, before.Data, after.Subject, after.Data)
	}
	for _, h := range []nats.Header{before.Header, after.Header} {
		maps.DeleteFunc(h, func(name string, _ []string) bool { return strings.HasPrefix(name, "Nats-") }) // ids, and what the server adds
	}
	if diff := cmp.Diff(before.Header, after.Header); diff != "" {
		t.Errorf("headers (-first +replayed):\n%s", diff)
	}

	// All are replayed and dropped; the worker, mended, reads them.
	broken = false
	for d, err := range l.All(t.Context(), jetstream.LetterFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.Replay(t.Context(), d); err != nil {
			t.Fatal(err)
		}
		for range 2 { // the second time it is gone already
			if err := l.Drop(t.Context(), d); err != nil {
				t.Fatal(err)
			}
		}
	}
	if got := selected(t, l, jetstream.LetterFilter{}); len(got) != 0 {
		t.Errorf("%d letters are left", len(got))
	}
	if _, err := l.Get(t.Context(), d.Sequence); !errors.Is(err, jetstream.ErrNoLetter) {
		t.Errorf("a dropped letter: %v", err)
	}
	worker(t, s, nil)
	records, dead := outcomes(t, s, n)
	if len(records) != n || len(dead) != 0 {
		t.Errorf("%d records, %d dead letters", len(records), len(dead))
	}
}

// TestLetterSubjects replays onto the subject that an article came in on, as long as that is one of raw articles.
func TestLetterSubjects(t *testing.T) {
	s := start(t, jetstream.Setup{})
	l := letters(t, s)
	for from, want := range map[string]string{
		"articles.raw.wire":   "articles.raw.wire",
		"articles.raw.wire.a": "articles.raw.wire.a",
		"articles.raw.>":      "articles.raw.replay",
		"other.wire":          "articles.raw.replay",
		"":                    "articles.raw.replay",
		"articles.raw.a b":    "articles.raw.replay",
	} {
		if got := l.RawSubject(jetstream.DeadLetter{From: pipeline.Origin{Subject: from}}); got != want {
			t.Errorf("%q: %q, want %q", from, got, want)
		}
	}
}

// TestLetterWithoutBody replays an article that neither its dead letter nor the object store could hold, from the raw
// stream, while that has it.
func TestLetterWithoutBody(t *testing.T) {
	t.Parallel()
	const most = 4096 // bytes of a message, its headers included
	ns := serve(t, &server.Options{MaxPayload: most})
	conn := connect(t, jetstream.Options{URL: ns.ClientURL()})
	s := open(t, conn, jetstream.Setup{})
	body := []byte(`{"text":"` + strings.Repeat("x", most-200) + `",}`) // fits with the id, not with the reason
	publish(t, s, jetstream.RawArticle{Data: body})
	store, err := raw(t, ns.ClientURL()).CreateObjectStore(t.Context(), js.ObjectStoreConfig{Bucket: "ARTICLES_DEAD_OBJECTS"})
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	worker(t, s, nil)
	_, dead := outcomes(t, s, 1)
	if len(dead) != 1 || dead[0].Omitted != len(body) {
		t.Fatalf("%+v", dead)
	}
	l := letters(t, s)
	if got, err := l.Body(t.Context(), dead[0]); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if p, err := l.Replay(t.Context(), dead[0]); err != nil || p.Sequence != 2 {
		t.Errorf("%+v, %v", p, err)
	}
	stream, err := raw(t, ns.ClientURL()).Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 1); err != nil {
		t.Fatal(err)
	}
	if _, err := l.Replay(t.Context(), dead[0]); !errors.Is(err, jetstream.ErrBodyGone) {
		t.Errorf("%v", err)
	}
	if want := fmt.Sprintf("its %d bytes were only in stream ARTICLES_RAW as 1", len(body)); err == nil {
		if _, err = l.Body(t.Context(), dead[0]); !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not say %q", err, want)
		}
	}
}

func letters(t *testing.T, s *jetstream.Streams) *jetstream.Letters {
	t.Helper()
	l, err := s.Letters(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return l
}
