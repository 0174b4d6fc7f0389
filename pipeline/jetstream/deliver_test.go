package jetstream_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// expected is the record that the test extractor makes of an article, as bytes.
func expected(t *testing.T, data []byte) (id string, body []byte) {
	t.Helper()
	a, err := format.Decode(data, "application/json", format.Options{})
	if err != nil {
		t.Fatal(err)
	}
	a.Identify()
	r := pipelinetest.Extract(a)
	body, err = r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return r.ID, body
}

func TestRecords(t *testing.T) {
	t.Parallel()
	s := start(t, jetstream.Setup{})
	in := articles(50)
	in[7].Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	published := publish(t, s, in...)
	stop := worker(t, s, nil)
	records, _ := outcomes(t, s, 50)
	if sum, err := stop(); err != nil || sum.Records != 50 {
		t.Errorf("%+v, %v", sum, err)
	}
	bySeq := map[uint64]jetstream.Outcome{}
	for _, r := range records {
		bySeq[r.From.Sequence] = r
	}
	for i, a := range in {
		id, body := expected(t, a.Data)
		r, ok := bySeq[published[i].Sequence]
		if !ok {
			t.Fatalf("no record of article %d", i)
		}
		if !bytes.Equal(r.Record, body) {
			t.Errorf("record of article %d differs:\n%s", i, cmp.Diff(string(body), string(r.Record)))
		}
		if r.Subject != "articles.extracted.en" {
			t.Errorf("subject %s", r.Subject)
		}
		at, err := time.Parse(time.RFC3339, r.Header.Get("ce-time"))
		if err != nil || time.Since(at) > time.Minute {
			t.Errorf("ce-time: %v, %v", at, err)
		}
		r.Header.Del("ce-time")
		want := nats.Header{
			"Nats-Msg-Id":          {id},
			"Nats-Expected-Stream": {"ARTICLES_EXTRACTED"},
			"Content-Type":         {"application/json"},
			"ce-specversion":       {"1.0"},
			"ce-id":                {id},
			"ce-type":              {"quotewire.record.v1"},
			"ce-source":            {"https://github.com/quotewire/quotewire"},
			"ce-datacontenttype":   {"application/json"},
			"ce-dataschema":        {schema.URI},
			"ce-subject":           {fmt.Sprintf("article-%d", i)},
			"X-Source-Stream":      {"ARTICLES_RAW"},
			"X-Source-Seq":         {strconv.FormatUint(published[i].Sequence, 10)},
			"X-Source-Subject":     {"articles.raw.test"},
			"X-Attempt":            {"1"},
		}
		if in[i].Trace != "" {
			want["traceparent"] = []string{in[i].Trace}
		}
		if diff := cmp.Diff(want, r.Header); diff != "" {
			t.Errorf("headers (-want +got):\n%s", diff)
		}
	}
}

// TestSameAgain sends each article twice under different ids, as after a lost acknowledgement: one record each.
func TestSameAgain(t *testing.T) {
	t.Parallel()
	s := start(t, jetstream.Setup{})
	in := articles(40)
	for i := range in {
		in[i].ID = fmt.Sprint("first ", i)
	}
	publish(t, s, in...)
	for i := range in {
		in[i].ID = fmt.Sprint("second ", i)
	}
	for _, p := range publish(t, s, in...) {
		if p.Duplicate {
			t.Fatal("the second id was taken for the first")
		}
	}
	for _, p := range publish(t, s, in...) {
		if !p.Duplicate || p.Sequence <= 40 {
			t.Fatalf("%+v: want the sequence of the earlier one", p)
		}
	}
	worker(t, s, nil)
	outcomes(t, s, 40)
}

// TestCorePublisher hears those who publish with plain NATS and know nothing of JetStream.
func TestCorePublisher(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{})
	worker(t, s, nil)
	nc, err := nats.Connect(url)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if err := nc.Publish("articles.raw.desk.foreign", pipelinetest.Article(1)); err != nil {
		t.Fatal(err)
	}
	records, _ := outcomes(t, s, 1)
	if _, body := expected(t, pipelinetest.Article(1)); !bytes.Equal(records[0].Record, body) {
		t.Errorf("%s", records[0].Record)
	}
}

// TestTransient fails the first attempt of each article: all come back and become records.
func TestTransient(t *testing.T) {
	t.Parallel()
	s := start(t, jetstream.Setup{})
	publish(t, s, articles(20)...)
	var mu sync.Mutex
	tried := map[string]int{}
	stop := worker(t, s, func(c *pipeline.Config) {
		c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, from pipeline.Origin) error {
			mu.Lock()
			tried[r.ID]++
			first := tried[r.ID] == 1
			mu.Unlock()
			if first {
				return errors.New("no room at the moment")
			}
			return s.Sink().Put(ctx, r, from)
		})
	})
	records, _ := outcomes(t, s, 20)
	for _, r := range records {
		if r.From.Attempt != 2 {
			t.Errorf("attempt %d, want 2", r.From.Attempt)
		}
	}
	if sum, err := stop(); err != nil || sum.Later != 20 || sum.Records != 20 {
		t.Errorf("%+v, %v", sum, err)
	}
}

type sinkFunc func(context.Context, schema.Record, pipeline.Origin) error

func (f sinkFunc) Put(ctx context.Context, r schema.Record, from pipeline.Origin) error {
	return f(ctx, r, from)
}

// TestTenBad sends 100 articles of which 10 are bad in 10 ways.
func TestTenBad(t *testing.T) {
	t.Parallel()
	bad := []struct {
		name, data, contentType string
		article, field          string // as the dead letter names them; article empty: by the hash of its bytes
		class                   pipeline.Class
	}{
		{name: "cut off", data: `{"id":"bad-0","text":"The end is`, article: "bad-0", field: "message", class: pipeline.ClassArticle},
		{name: "not UTF-8", data: "{\"id\":\"bad-1\",\"text\":\"caf\xe9\"}", article: "bad-1", field: "message", class: pipeline.ClassArticle},
		{name: "empty message", data: ``, field: "message", class: pipeline.ClassArticle},
		{name: "no text", data: `{"id":"bad-3","title":"Nothing below"}`, article: "bad-3", field: "text", class: pipeline.ClassArticle},
		{name: "text of the wrong type", data: `{"id":"bad-4","text":12}`, article: "bad-4", field: "text", class: pipeline.ClassArticle},
		{name: "blank text", data: `{"id":"bad-5","text":" \n "}`, article: "bad-5", field: "text", class: pipeline.ClassArticle},
		{name: "a list", data: `[{"id":"bad-6"}]`, field: "message", class: pipeline.ClassArticle},
		{name: "too long", data: `{"id":"bad-7","text":"` + strings.Repeat("long ", 20000) + `"}`, field: "message", class: pipeline.ClassArticle},
		{name: "text not UTF-8", data: "caf\xe9", contentType: "text/plain; charset=utf-8", field: "text", class: pipeline.ClassArticle},
		{name: "it breaks the extractor", data: `{"id":"bad-9","text":"It breaks the extractor."}`, article: "bad-9", field: "message", class: pipeline.ClassPanic},
	}
	s := start(t, jetstream.Setup{Program: "quotewire test"})
	in := articles(100)
	for i, b := range bad {
		contentType := "application/json"
		if b.contentType != "" {
			contentType = b.contentType
		}
		in[i*10+3] = jetstream.RawArticle{Data: []byte(b.data), ContentType: contentType, ID: b.name}
	}
	published := publish(t, s, in...)
	stop := worker(t, s, func(c *pipeline.Config) {
		c.Format.MaxBytes = 50_000
		c.Extract = func(a schema.Article) schema.Record {
			if strings.Contains(a.Text, "breaks the extractor") {
				panic("broken")
			}
			return pipelinetest.Extract(a)
		}
	})
	records, dead := outcomes(t, s, 100)
	if sum, err := stop(); err != nil || sum.Records != 90 || sum.Dead != 10 || sum.Later != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	if len(records) != 90 || len(dead) != 10 {
		t.Fatalf("%d records, %d dead letters", len(records), len(dead))
	}
	bySeq := map[uint64]jetstream.DeadLetter{}
	for _, d := range dead {
		bySeq[d.From.Sequence] = d
	}
	for i, b := range bad {
		t.Run(b.name, func(t *testing.T) {
			d, ok := bySeq[published[i*10+3].Sequence]
			if !ok {
				t.Fatal("no dead letter")
			}
			t.Logf("%s: %s: %s", d.Article, d.Field, d.Reason)
			if !bytes.Equal(d.Data, []byte(b.data)) {
				t.Errorf("its bytes were changed: %q", d.Data)
			}
			if d.Class != b.class || d.Field != b.field || d.Reason == "" {
				t.Errorf("class %q, field %q, reason %q; want %q, %q and some reason", d.Class, d.Field, d.Reason, b.class, b.field)
			}
			if b.article != "" && d.Article != b.article || b.article == "" && !strings.HasPrefix(d.Article, "sha256:") {
				t.Errorf("article %q, want %q", d.Article, b.article)
			}
			if d.Program != "quotewire test" || time.Since(d.Time) > time.Minute || d.From.Attempt != 1 || d.From.Stream != "ARTICLES_RAW" || d.From.Subject != "articles.raw.test" {
				t.Errorf("%+v", d)
			}
			if got, want := d.Header.Get("Nats-Msg-Id"), fmt.Sprintf("dlq:ARTICLES_RAW:%d", d.From.Sequence); got != want {
				t.Errorf("message id %q, want %q", got, want)
			}
			if d.Header.Get("Content-Type") == "" {
				t.Error("the content type was lost")
			}
		})
	}
}

// TestTriedTooOften gives up an article whose record no sink takes.
func TestTriedTooOften(t *testing.T) {
	t.Parallel()
	s := start(t, jetstream.Setup{MaxDeliver: 2})
	publish(t, s, articles(3)...)
	id, _ := expected(t, pipelinetest.Article(1))
	stop := worker(t, s, func(c *pipeline.Config) {
		c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, from pipeline.Origin) error {
			if r.ID == id {
				return errors.New("the index is closed")
			}
			return s.Sink().Put(ctx, r, from)
		})
	})
	records, dead := outcomes(t, s, 3)
	if len(records) != 2 || len(dead) != 1 {
		t.Fatalf("%d records, %d dead letters", len(records), len(dead))
	}
	d := dead[0]
	if d.Class != pipeline.ClassAttempts || d.From.Attempt != 2 || !strings.Contains(d.Reason, "the index is closed") || d.Article != "article-1" {
		t.Errorf("%+v", d)
	}
	if !bytes.Equal(d.Data, pipelinetest.Article(1)) {
		t.Errorf("its bytes were changed: %q", d.Data)
	}
	if sum, err := stop(); err != nil || sum.Later+sum.Dead != 2 {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestSlow reads for longer than AckWait: the server is told all the while, and delivers once.
func TestSlow(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	const ackWait = 3 * time.Second
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: ackWait})
	told := listen(t, url, s)
	publish(t, s, articles(2)...)
	var read atomic.Int64
	stop := worker(t, s, func(c *pipeline.Config) {
		c.Extract = func(a schema.Article) schema.Record {
			read.Add(1)
			told.wait(t, 1, 4)
			told.wait(t, 2, 4)
			return pipelinetest.Extract(a)
		}
	})
	records, _ := outcomes(t, s, 2)
	idle(t, url, s)
	if _, err := stop(); err != nil {
		t.Error(err)
	}
	again := read.Load() != 2
	for _, r := range records {
		again = again || r.From.Attempt != 1
	}
	if again {
		told.excuse(t, ackWait)
		t.Errorf("read %d times", read.Load())
	}
}

// TestTenMegabytes passes an article that the server's customary limit of 1 MiB would keep out.
func TestTenMegabytes(t *testing.T) {
	t.Parallel()
	s := start(t, jetstream.Setup{})
	in := []jetstream.RawArticle{{Data: []byte(`{"id":"long","text":"` + strings.Repeat("The harbour stays open. ", 10<<20/24) + `“Yes,” Meyer said."}`)}}
	publish(t, s, in...)
	stop := worker(t, s, nil)
	records, dead := outcomes(t, s, 1)
	audit(t, in, records, dead)
	if sum, err := stop(); err != nil || sum.Quotes != 1 || sum.Bytes != int64(len(in[0].Data)) {
		t.Errorf("%+v, %v", sum, err)
	}
}

// TestQuotes publishes each quote on a subject that names its speaker.
func TestQuotes(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{Quotes: "articles.quotes.>"})
	in := []jetstream.RawArticle{
		{Data: []byte(`{"id":"q1","text":"“We count ships,” Müller said."}`)},
		{Data: []byte(`{"id":"q2","text":"“We count ships”, it says."}`)},
		{Data: []byte(`{"id":"q3","text":"No one says anything."}`)},
	}
	publish(t, s, in...)
	worker(t, s, nil)
	outcomes(t, s, 3)
	stream, err := raw(t, url).Stream(t.Context(), "ARTICLES_QUOTES")
	if err != nil {
		t.Fatal(err)
	}
	if n := stream.CachedInfo().State.Msgs; n != 2 {
		t.Fatalf("%d quotes, want 2", n)
	}
	for _, subject := range []string{"articles.quotes.muller", "articles.quotes.unknown"} {
		m, err := stream.GetLastMsgForSubject(t.Context(), subject)
		if err != nil {
			t.Fatalf("%s: %v", subject, err)
		}
		if m.Header.Get("Nats-Msg-Id") == "" || m.Header.Get("Nats-Msg-Id") != m.Header.Get("ce-id") || !bytes.Contains(m.Data, []byte(`"We count ships`)) {
			t.Errorf("%s: %v %s", subject, m.Header, m.Data)
		}
	}
}
