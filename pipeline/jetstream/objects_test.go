package jetstream_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// smallest is what a message may have on the servers of these tests, in bytes.
const smallest = 8 << 10

// large is an article of n bytes and a few more.
func large(id string, n int) jetstream.RawArticle {
	return jetstream.RawArticle{Data: []byte(`{"id":"` + id + `","text":"` + strings.Repeat("The harbour stays open. ", n/24) + `“Yes,” Meyer said."}`), ContentType: "application/json"}
}

// TestLarge sends articles and records that no message can hold through the object store: nothing of them is lost, and a
// repetition adds nothing.
func TestLarge(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{MaxPayload: smallest})
	j := raw(t, ns.ClientURL())
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL()}), jetstream.Setup{MaxAge: 24 * time.Hour})
	in := append(articles(20), large("large-1", 20*smallest), large("large-2", 300<<10), large("large-3", smallest-500))
	publish(t, s, in...)
	for _, p := range publish(t, s, in...) {
		if !p.Duplicate {
			t.Error("an article was taken twice")
		}
	}
	stop := worker(t, s, func(c *pipeline.Config) { c.Format.KeepText = true })
	records, dead := outcomes(t, s, len(in))
	if len(dead) > 0 || len(records) != len(in) {
		t.Fatalf("%d records, %+v", len(records), dead)
	}
	if sum, err := stop(); err != nil || sum.Bytes < 320<<10 || sum.Later > 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	claims := 0
	for _, r := range records {
		id := recordID(t, r.Record)
		if where := r.Header.Get(jetstream.HeaderObject); where != "" {
			claims++
			if len(r.Record) < smallest-1000 || where != "ARTICLES_EXTRACTED_OBJECTS/record/"+id || r.Header.Get(jetstream.HeaderObjectSize) != strconv.Itoa(len(r.Record)) {
				t.Errorf("%d bytes are in %s: %v", len(r.Record), where, r.Header)
			}
		} else if len(r.Record) > smallest {
			t.Errorf("a record of %d bytes in a message", len(r.Record))
		}
	}
	if claims != 3 {
		t.Errorf("%d records went by the object store", claims)
	}
	for bucket, want := range map[string]int{"ARTICLES_RAW_OBJECTS": 2, "ARTICLES_EXTRACTED_OBJECTS": 3} {
		store, err := j.ObjectStore(t.Context(), bucket)
		if err != nil {
			t.Fatal(err)
		}
		status, err := store.Status(t.Context())
		list, errList := store.List(t.Context())
		if err != nil || errList != nil || len(list) != want || status.TTL() != 25*time.Hour {
			t.Errorf("%s: %d objects, want %d, kept for %v; %v, %v", bucket, len(list), want, status.TTL(), err, errList)
		}
	}
	// A record that has been published is not published again.
	source, err := s.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer source.Close(t.Context())
	before, err := s.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	again := large("large-2", 300<<10)
	again.ID = "once more"
	publish(t, s, again)
	d, err := source.Next(t.Context())
	if err != nil || len(d.Data) > 0 || d.Size != len(again.Data) {
		t.Fatalf("%d bytes, %v", d.Size, err)
	}
	data, err := d.Load(t.Context())
	if err != nil || !bytes.Equal(data, again.Data) {
		t.Fatalf("%d bytes, %v", len(data), err)
	}
	a := decode(t, data)
	if err := s.Sink().Put(t.Context(), extractKeeping(a), d.From); err != nil {
		t.Fatal(err)
	}
	if err := d.Settle(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if after, err := s.Mark(t.Context()); err != nil || after != before {
		t.Errorf("%+v became %+v, %v", before, after, err)
	}
}

// TestTooLarge has a record that not even the object store takes: six bytes of JSON for each control character of a text of
// 11 MB. Its article is a dead letter of class size, whole, and is not tried again; its neighbours are records.
func TestTooLarge(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{})
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL()}), jetstream.Setup{})
	body := []byte(strings.Repeat("\x01", 64<<20/6) + " “Yes,” Meyer said.")
	publish(t, s, append(articles(5), jetstream.RawArticle{Data: body, ContentType: "text/plain"})...)
	var read atomic.Int64
	worker(t, s, func(c *pipeline.Config) {
		c.Format.KeepText = true
		c.Extract = func(a schema.Article) schema.Record {
			read.Add(1)
			return pipelinetest.Extract(a)
		}
	})
	records, dead := outcomes(t, s, 6)
	if len(records) != 5 || len(dead) != 1 || read.Load() != 6 {
		t.Fatalf("%d records, %d dead letters, %d times read", len(records), len(dead), read.Load())
	}
	l := letters(t, s)
	d, err := l.Get(t.Context(), 1)
	if err != nil || d.Class != pipeline.ClassSize || d.Field != "record" || !strings.Contains(d.Reason, "larger than the server takes") {
		t.Fatalf("%+v, %v", d, err)
	}
	if got, err := l.Body(t.Context(), d); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes of %d, %v", len(got), len(body), err)
	}
}

// TestLargeLetters gives up an article that no message can hold. Its letter has an object of its own, which goes with it.
func TestLargeLetters(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{MaxPayload: smallest})
	j := raw(t, ns.ClientURL())
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL()}), jetstream.Setup{})
	body := []byte(`{"no text":"` + strings.Repeat("x", 100<<10) + `"}`)
	publish(t, s, jetstream.RawArticle{Data: body, ContentType: "application/json"})
	worker(t, s, nil)
	_, dead := outcomes(t, s, 1)
	l := letters(t, s)
	d, err := l.Get(t.Context(), 1)
	if err != nil || len(dead) != 1 || d.Class != pipeline.ClassArticle || d.Large != len(body) || d.Omitted != 0 || len(d.Data) != 0 || d.Size() != len(body) {
		t.Fatalf("%+v, %v", d, err)
	}
	// The letter does not lean on the raw stream.
	rawStore, err := j.ObjectStore(t.Context(), "ARTICLES_RAW_OBJECTS")
	if err != nil {
		t.Fatal(err)
	}
	list, err := rawStore.List(t.Context())
	if err != nil || len(list) != 1 {
		t.Fatalf("%d objects, %v", len(list), err)
	}
	if err := rawStore.Delete(t.Context(), list[0].Name); err != nil {
		t.Fatal(err)
	}
	if got, err := l.Body(t.Context(), d); err != nil || !bytes.Equal(got, body) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	for i := range 2 {
		if p, err := l.Replay(t.Context(), d); err != nil || p.Sequence != 2 || p.Duplicate != (i > 0) {
			t.Errorf("%+v, %v", p, err)
		}
	}
	_, dead = outcomes(t, s, 2)
	for range 2 {
		if err := l.Drop(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := l.Body(t.Context(), d); !errors.Is(err, jetstream.ErrBodyGone) {
		t.Errorf("%v", err)
	}
	if got, err := l.Body(t.Context(), dead[1]); err != nil || !bytes.Equal(got, body) { // the other letter has its own
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// TestNoObject meets messages whose object is gone, is another, or cannot be read from here. Each becomes a dead letter.
func TestNoObject(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{MaxPayload: smallest})
	j := raw(t, ns.ClientURL())
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL()}), jetstream.Setup{})
	gone := large("gone", 50<<10)
	publish(t, s, gone)
	publish(t, s, large("changed", 50<<10), large("fine", 50<<10))
	stream, err := j.Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	store, err := j.ObjectStore(t.Context(), "ARTICLES_RAW_OBJECTS")
	if err != nil {
		t.Fatal(err)
	}
	changed := 0
	for seq := uint64(1); seq <= 3; seq++ {
		m, err := stream.GetMsg(t.Context(), seq)
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimPrefix(m.Header.Get(jetstream.HeaderObject), "ARTICLES_RAW_OBJECTS/")
		body, err := store.GetBytes(t.Context(), name)
		switch {
		case err != nil:
			t.Fatal(err)
		case bytes.Contains(body, []byte(`"gone"`)):
			err = store.Delete(t.Context(), name)
		case bytes.Contains(body, []byte(`"changed"`)):
			changed++
			_, err = store.Put(t.Context(), js.ObjectMeta{Name: name, Opts: &js.ObjectMetaOptions{ChunkSize: 1024}}, bytes.NewReader(bytes.ToUpper(body)))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	sum := strings.Repeat("0", 64)
	for _, h := range [][3]string{
		{"ARTICLES_DEAD_OBJECTS/x", "10", sum}, // a store that is not that of raw articles
		{"SECRETS/x", "10", sum},
		{"ARTICLES_RAW_OBJECTS", "10", sum},
		{"ARTICLES_RAW_OBJECTS/x", "-1", sum},
		{"ARTICLES_RAW_OBJECTS/x", "a", sum},
		{"ARTICLES_RAW_OBJECTS/x", strconv.Itoa(65 << 20), sum},
		{"ARTICLES_RAW_OBJECTS/x", "10", "short"},
	} {
		m := &nats.Msg{Subject: "articles.raw.x", Header: nats.Header{}}
		m.Header.Set(jetstream.HeaderObject, h[0])
		m.Header.Set(jetstream.HeaderObjectSize, h[1])
		m.Header.Set(jetstream.HeaderObjectSum, h[2])
		if _, err := j.PublishMsg(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
	worker(t, s, nil)
	records, dead := outcomes(t, s, 10)
	if len(records) != 1 || len(dead) != 9 || changed != 1 {
		t.Fatalf("%d records, %d dead letters", len(records), len(dead))
	}
	l := letters(t, s)
	for _, d := range dead {
		if d.Class != pipeline.ClassArticle || d.Field != "object" || d.Reason == "" {
			t.Errorf("%+v", d.Failure)
		}
		if d.From.Sequence <= 3 {
			if d.From.Attempt != 3 {
				t.Errorf("given up after %d deliveries", d.From.Attempt)
			}
			if _, err := l.Body(t.Context(), d); !errors.Is(err, jetstream.ErrBodyGone) {
				t.Errorf("%v", err)
			}
		}
	}
}

// TestLargeLeastPrivilege gives a worker the permissions of SECURITY.md and those that docs/large.md adds, and no more.
func TestLargeLeastPrivilege(t *testing.T) {
	doc, err := os.ReadFile("../../docs/large.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```conf\n(.*?)```").FindSubmatch(doc)
	if block == nil {
		t.Fatal("docs/large.md holds no block of configuration")
	}
	more := regexp.MustCompile(`"([^"]+)"`).FindAllStringSubmatch(string(block[1]), -1)
	o, permissions := leastPrivilege(t)
	o.MaxPayload = smallest
	for _, m := range more {
		permissions.Publish.Allow = append(permissions.Publish.Allow, m[1])
	}
	ns := serve(t, o)
	admin := open(t, connect(t, jetstream.Options{URL: ns.ClientURL(), User: "admin", Password: "admin"}), jetstream.Setup{})
	source, err := admin.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	j := raw(t, ns.ClientURL(), nats.UserInfo("admin", "admin"))
	for _, bucket := range []string{"ARTICLES_RAW_OBJECTS", "ARTICLES_EXTRACTED_OBJECTS", "ARTICLES_DEAD_OBJECTS"} {
		if _, err := j.CreateObjectStore(t.Context(), js.ObjectStoreConfig{Bucket: bucket}); err != nil {
			t.Fatal(err)
		}
	}
	publish(t, admin, large("large", 50<<10), jetstream.RawArticle{Data: []byte(`{"no text":"` + strings.Repeat("x", 50<<10) + `"}`)})
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL(), User: "worker", Password: "worker"}), jetstream.Setup{})
	worker(t, s, func(c *pipeline.Config) { c.Format.KeepText = true })
	records, dead := outcomes(t, admin, 2)
	if len(records) != 1 || len(dead) != 1 || dead[0].Large == 0 || len(records[0].Record) < 50<<10 {
		t.Errorf("%d records, %+v", len(records), dead)
	}
}

// extractKeeping is what the worker of TestLarge does with an article.
// TestLargeQuote gives up an article one of whose quotes, which are published by themselves, no message can hold; its
// neighbours pass, and no record of it is out.
func TestLargeQuote(t *testing.T) {
	t.Parallel()
	ns := serve(t, &server.Options{MaxPayload: smallest})
	s := open(t, connect(t, jetstream.Options{URL: ns.ClientURL()}), jetstream.Setup{Quotes: "articles.quotes.>"})
	in := articles(3)
	in[1].Data = []byte(`{"id":"large","text":"“` + strings.Repeat("It stays open. ", smallest/15) + `” Meyer said."}`)
	publish(t, s, in...)
	stop := worker(t, s, nil)
	records, dead := outcomes(t, s, len(in))
	if sum, err := stop(); err != nil || sum.Later != 0 || len(records) != 2 || len(dead) != 1 {
		t.Fatalf("%d records, %d dead letters, %+v, %v", len(records), len(dead), sum, err)
	}
	d := dead[0]
	if d.Class != pipeline.ClassSize || d.Field != "quotes" || d.Article != "large" || d.From.Attempt != 1 || !strings.Contains(d.Reason, "bytes") {
		t.Errorf("%+v, attempt %d", d.Failure, d.From.Attempt)
	}
	if d.Size() != len(in[1].Data) || d.Omitted != 0 {
		t.Errorf("%d bytes of %d", d.Size(), len(in[1].Data))
	}
}

func extractKeeping(a schema.Article) schema.Record {
	a.KeepText = true
	return pipelinetest.Extract(a)
}

func recordID(t *testing.T, body []byte) string {
	t.Helper()
	var r schema.Record
	if err := json.Unmarshal(body, &r); err != nil {
		t.Fatal(err)
	}
	return r.ID
}
