package pipeline_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// memory is a source and a sink of this process.
type memory struct {
	articles [][]byte
	endless  bool // block instead of io.EOF
	next     int

	mu      sync.Mutex
	settled map[uint64][]error
	records []schema.Record
	put     func(schema.Record) error
	bury    func() error
}

func (m *memory) Next(ctx context.Context) (pipeline.Delivery, error) {
	if m.next == len(m.articles) {
		if m.endless {
			<-ctx.Done()
			return pipeline.Delivery{}, ctx.Err()
		}
		return pipeline.Delivery{}, io.EOF
	}
	m.next++
	seq := uint64(m.next)
	return pipeline.Delivery{
		Data:        m.articles[m.next-1],
		ContentType: "application/json",
		From:        pipeline.Origin{Stream: "MEMORY", Sequence: seq, Attempt: 1},
		Settle: func(_ context.Context, err error) error {
			m.mu.Lock()
			defer m.mu.Unlock()
			m.settled[seq] = append(m.settled[seq], err)
			if m.bury != nil && pipeline.IsPermanent(err) {
				return m.bury()
			}
			return nil
		},
	}, nil
}

func (m *memory) Put(_ context.Context, r schema.Record, _ pipeline.Origin) error {
	if m.put != nil {
		if err := m.put(r); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.records = append(m.records, r)
	return nil
}

func newMemory(n int) *memory {
	m := &memory{settled: map[uint64][]error{}}
	for i := range n {
		m.articles = append(m.articles, pipelinetest.Article(i))
	}
	return m
}

func config(m *memory) pipeline.Config {
	return pipeline.Config{Source: m, Extract: pipelinetest.Extract, Sink: m, Workers: 4}
}

// once fails the test unless every delivery was settled exactly once.
func (m *memory) once(t *testing.T, want int) {
	t.Helper()
	if len(m.settled) != want {
		t.Errorf("%d deliveries settled, want %d", len(m.settled), want)
	}
	for seq, errs := range m.settled {
		if len(errs) != 1 {
			t.Errorf("delivery %d was settled %d times: %v", seq, len(errs), errs)
		}
	}
}

// quiet fails the test if it leaves goroutines behind.
func quiet(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		for range 6000 {
			if runtime.NumGoroutine() <= before {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		stacks := make([]byte, 1<<16)
		t.Errorf("%d goroutines before, %d after:\n%s", before, runtime.NumGoroutine(), stacks[:runtime.Stack(stacks, true)])
	})
}

func TestRun(t *testing.T) {
	quiet(t)
	m := newMemory(100)
	var told pipeline.Summary
	c := config(m)
	c.Progress = func(s pipeline.Summary) { told = s }
	sum, err := pipeline.Run(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	m.once(t, 100)
	var bytes int64
	for _, a := range m.articles {
		bytes += int64(len(a))
	}
	want := pipeline.Summary{Articles: 100, Records: 100, Quotes: 100, Bytes: bytes, Elapsed: sum.Elapsed}
	if diff := cmp.Diff(want, sum); diff != "" {
		t.Errorf("summary (-want +got):\n%s", diff)
	}
	if told.Articles != 100 || told.Records != 100 {
		t.Errorf("progress last told %+v", told)
	}
}

func TestOrdered(t *testing.T) {
	m := newMemory(200)
	c := config(m)
	c.Ordered = true
	var reading, most atomic.Int64
	c.Extract = func(a schema.Article) schema.Record {
		for n := reading.Add(1); ; {
			old := most.Load()
			if n <= old || most.CompareAndSwap(old, n) {
				break
			}
		}
		defer reading.Add(-1)
		time.Sleep(rand.N(time.Millisecond))
		return pipelinetest.Extract(a)
	}
	if _, err := pipeline.Run(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	m.once(t, 200)
	for i, r := range m.records {
		if want := fmt.Sprintf("article-%d", i); r.Article.ID != want {
			t.Fatalf("record %d is of %s, want %s", i, r.Article.ID, want)
		}
	}
	if n := most.Load(); n < 2 || n > 4 {
		t.Errorf("%d articles were read at once, want 2 to 4", n)
	}
}

// TestInHand holds the sink and counts how many articles the run takes from the source meanwhile.
func TestInHand(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		m := newMemory(100)
		c := config(m)
		c.Ordered = ordered
		hold := make(chan struct{})
		m.put = func(schema.Record) error { <-hold; return nil }
		var taken atomic.Int64
		c.Source = sourceFunc(func(ctx context.Context) (pipeline.Delivery, error) {
			taken.Add(1)
			return m.Next(ctx)
		})
		done := make(chan error)
		go func() { _, err := pipeline.Run(t.Context(), c); done <- err }()
		for try := 0; taken.Load() < int64(c.InHand()) && try < 6000; try++ {
			time.Sleep(10 * time.Millisecond)
		}
		time.Sleep(50 * time.Millisecond) // time for one too many
		if n := taken.Load(); n != int64(c.InHand()) {
			t.Errorf("ordered %v: %d articles in hand, want %d", ordered, n, c.InHand())
		}
		close(hold)
		if err := <-done; err != nil {
			t.Fatal(err)
		}
		m.once(t, 100)
	}
}

func TestFailures(t *testing.T) {
	outage := errors.New("no route")
	for _, tt := range []struct {
		name    string
		article string
		extract func(schema.Article) schema.Record
		put     error
		want    *pipeline.Failure // nil: later
	}{
		{
			name: "broken JSON", article: `{"id":"a1","text":`,
			want: &pipeline.Failure{Class: pipeline.ClassArticle},
		},
		{
			name: "no text", article: `{"id":"a2","title":"T"}`,
			want: &pipeline.Failure{Class: pipeline.ClassArticle, Article: "a2", Field: "text"},
		},
		{
			name: "panic", article: `{"id":"a3","text":"Secret body."}`,
			extract: func(a schema.Article) schema.Record { return schema.Record{ID: a.Text[len(a.Text)+1:]} },
			want:    &pipeline.Failure{Class: pipeline.ClassPanic, Article: "a3"},
		},
		{
			name: "panic with the body", article: `{"id":"a3","text":"Secret body."}`,
			extract: func(a schema.Article) schema.Record { panic(a.Text) },
			want:    &pipeline.Failure{Class: pipeline.ClassPanic, Article: "a3"},
		},
		{
			name: "a record that contradicts its text", article: `{"id":"a4","text":"“Yes,” Ann said."}`,
			extract: func(a schema.Article) schema.Record {
				r := pipelinetest.Extract(a)
				r.Quotes[0].Spans[0].End++
				return r
			},
			want: &pipeline.Failure{Class: pipeline.ClassRecord, Article: "a4"},
		},
		{
			name: "too large", article: `{"id":"a5","text":"“Yes,” Ann said."}`,
			put:  &pipeline.Failure{Class: pipeline.ClassSize, Field: "record"},
			want: &pipeline.Failure{Class: pipeline.ClassSize, Article: "a5", Field: "record"},
		},
		{
			name: "refused", article: `{"id":"a6","text":"Yes."}`,
			put:  fmt.Errorf("putting: %w", pipeline.Permanent(errors.New("no"))),
			want: &pipeline.Failure{Class: pipeline.ClassRefused, Article: "a6"},
		},
		{
			name: "outage", article: `{"id":"a7","text":"Yes."}`, put: outage,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newMemory(3)
			m.articles = append(m.articles, []byte(tt.article))
			m.articles = append(m.articles, newMemory(3).articles...)
			core, logs := observer.New(zapcore.DebugLevel)
			c := config(m)
			c.Log = zap.New(core)
			bad := func(id string) bool { return !strings.HasPrefix(id, "article-") }
			if tt.extract != nil {
				c.Extract = func(a schema.Article) schema.Record {
					if bad(a.ID) {
						return tt.extract(a)
					}
					return pipelinetest.Extract(a)
				}
			}
			m.put = func(r schema.Record) error {
				if bad(r.Article.ID) {
					return tt.put
				}
				return nil
			}
			sum, err := pipeline.Run(t.Context(), c)
			if err != nil {
				t.Fatal(err)
			}
			m.once(t, 7)
			if sum.Records != 6 || sum.Dead+sum.Later != 1 || len(m.records) != 6 {
				t.Errorf("the neighbours suffered: %+v, %d records", sum, len(m.records))
			}
			got := m.settled[4][0]
			if tt.want == nil {
				if !errors.Is(got, outage) || pipeline.IsPermanent(got) || sum.Later != 1 {
					t.Errorf("settled with %v, %+v; want it to come back", got, sum)
				}
			} else {
				var f *pipeline.Failure
				if !errors.As(got, &f) {
					t.Fatalf("settled with %v (%T), want a Failure", got, got)
				}
				if f.Class != tt.want.Class || tt.want.Article != "" && f.Article != tt.want.Article || tt.want.Field != "" && f.Field != tt.want.Field {
					t.Errorf("settled with %+v, want %+v", f, tt.want)
				}
				if f.Class != pipeline.ClassSize && f.Reason == "" {
					t.Error("no reason")
				}
			}
			for _, line := range logs.All() {
				said := fmt.Sprint(line.Message, line.ContextMap())
				if strings.Contains(said, "Secret body") {
					t.Errorf("the log repeats the body: %s", said)
				}
				if line.Level >= zapcore.WarnLevel && (line.ContextMap()["sequence"] != uint64(4) || line.ContextMap()["attempt"] != int64(1)) {
					t.Errorf("a line without sequence or attempt: %s", said)
				}
			}
		})
	}
}

// TestUnsettled counts an article that could not even be buried as one that comes back.
func TestUnsettled(t *testing.T) {
	m := newMemory(1)
	m.articles[0] = []byte(`[]`)
	m.bury = func() error { return errors.New("no route") }
	sum, err := pipeline.Run(t.Context(), config(m))
	if err != nil || sum.Later != 1 || sum.Dead != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
}

func TestSinkPanics(t *testing.T) {
	quiet(t)
	m := newMemory(10)
	m.put = func(r schema.Record) error {
		if r.Article.ID == "article-5" {
			panic("disk")
		}
		return nil
	}
	sum, err := pipeline.Run(t.Context(), config(m))
	if err != nil || sum.Records != 9 || sum.Later != 1 {
		t.Errorf("%+v, %v", sum, err)
	}
	m.once(t, 10)
}

// TestStop ends a run in the middle: what is in hand is finished, nothing more is taken.
func TestStop(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		t.Run(fmt.Sprint("ordered ", ordered), func(t *testing.T) {
			quiet(t)
			m := newMemory(1000)
			m.endless = true
			ctx, cancel := context.WithCancel(t.Context())
			var n atomic.Int64
			c := config(m)
			c.Ordered = ordered
			c.Extract = func(a schema.Article) schema.Record {
				time.Sleep(time.Millisecond)
				if n.Add(1) == 50 {
					cancel()
				}
				return pipelinetest.Extract(a)
			}
			sum, err := pipeline.Run(ctx, c)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("error %v", err)
			}
			m.once(t, m.next)
			if sum.Records != int64(m.next) || m.next > 50+c.InHand() {
				t.Errorf("%d taken, %d records", m.next, sum.Records)
			}
		})
	}
}

// TestGrace gives up a sink that does not answer.
func TestGrace(t *testing.T) {
	quiet(t)
	m := newMemory(3)
	m.endless = true
	ctx, cancel := context.WithCancel(t.Context())
	c := config(m)
	c.Grace = 20 * time.Millisecond
	c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, _ pipeline.Origin) error {
		cancel()
		<-ctx.Done()
		return ctx.Err()
	})
	sum, err := pipeline.Run(ctx, c)
	if !errors.Is(err, context.Canceled) || sum.Later != sum.Articles || sum.Articles == 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	m.once(t, m.next)
}

type sinkFunc func(context.Context, schema.Record, pipeline.Origin) error

func (f sinkFunc) Put(ctx context.Context, r schema.Record, from pipeline.Origin) error {
	return f(ctx, r, from)
}

type sourceFunc func(context.Context) (pipeline.Delivery, error)

func (f sourceFunc) Next(ctx context.Context) (pipeline.Delivery, error) { return f(ctx) }

func TestSourceFails(t *testing.T) {
	quiet(t)
	broken := errors.New("broken")
	m := newMemory(5)
	c := config(m)
	c.Source = failAfter{m, 5, broken}
	sum, err := pipeline.Run(t.Context(), c)
	if !errors.Is(err, broken) || sum.Records != 5 {
		t.Errorf("%+v, %v", sum, err)
	}
	m.once(t, 5)
}

type failAfter struct {
	*memory
	n   int
	err error
}

func (f failAfter) Next(ctx context.Context) (pipeline.Delivery, error) {
	if f.next == f.n {
		return pipeline.Delivery{}, f.err
	}
	return f.memory.Next(ctx)
}

func BenchmarkRun(b *testing.B) {
	m := newMemory(b.N)
	c := config(m)
	c.Workers = 0
	b.ResetTimer()
	if _, err := pipeline.Run(b.Context(), c); err != nil {
		b.Fatal(err)
	}
}
