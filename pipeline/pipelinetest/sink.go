package pipelinetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

// A SinkUnderTest is an empty sink and a way to see what has become of records.
type SinkUnderTest struct {
	Sink    pipeline.Sink
	Records func(t *testing.T) [][]byte // the JSON of those that are safe by now, in the order in which they were put
	Dedupes bool                        // a record that is put twice is kept once
}

// TestSink tests a sink. open makes an empty one for each test.
func TestSink(t *testing.T, open func(t *testing.T) SinkUnderTest) {
	for name, test := range map[string]func(*testing.T, SinkUnderTest){
		"in order": testInOrder, "at once": testAtOnce, "twice": testTwice, "odd": testOdd, "stop": testSinkStop,
	} {
		t.Run(name, func(t *testing.T) { test(t, open(t)) })
	}
}

// record is the record of the i-th article.
func record(t *testing.T, data []byte) (schema.Record, []byte) {
	t.Helper()
	a, err := schema.ParseArticle(data, nil)
	if err != nil {
		t.Fatal(err)
	}
	a.Identify()
	r := Extract(a)
	body, err := r.JSON()
	if err != nil {
		t.Fatal(err)
	}
	return r, body
}

func from(i int) pipeline.Origin {
	return pipeline.Origin{Subject: "test", Stream: "TEST", Sequence: uint64(i + 1), Attempt: 1}
}

func testInOrder(t *testing.T, s SinkUnderTest) {
	var want [][]byte
	for i := range 20 {
		r, body := record(t, Article(i))
		if err := s.Sink.Put(t.Context(), r, from(i)); err != nil {
			t.Fatal(err)
		}
		want = append(want, body)
	}
	got := s.Records(t)
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || !bytes.Equal(bytes.TrimSpace(got[i]), want[i]) {
			t.Fatalf("%d records, want %d; the first that differs is no. %d", len(got), len(want), i)
		}
	}
}

// testAtOnce puts from many goroutines; each record is safe once its Put has returned.
func testAtOnce(t *testing.T, s SinkUnderTest) {
	var wg sync.WaitGroup
	var want [][]byte
	for i := range 50 {
		r, body := record(t, Article(i))
		want = append(want, body)
		wg.Go(func() {
			if err := s.Sink.Put(t.Context(), r, from(i)); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	same(t, "records", s.Records(t), want)
}

func testTwice(t *testing.T, s SinkUnderTest) {
	r, body := record(t, Article(1))
	for range 2 {
		if err := s.Sink.Put(t.Context(), r, from(1)); err != nil {
			t.Fatal(err)
		}
	}
	want := [][]byte{body}
	if !s.Dedupes {
		want = append(want, body)
	}
	same(t, "records", s.Records(t), want)
}

// testOdd puts what is awkward to write: long, and with every kind of line break and quotation mark, in text and id.
func testOdd(t *testing.T, s SinkUnderTest) {
	var want [][]byte
	for i, text := range []string{
		strings.Repeat("A long line of a long article. ", 10_000),
		"Line\nbreak\r\nand\u2028more\u2029of\vthem\f, “we say,” Meyer \"said\" <b>loudly</b> & 'often' \\ /",
		"\U0001F600 e\u0301 \u202Eright to left\u202C \uFFFD",
	} {
		data, err := json.Marshal(map[string]string{"id": fmt.Sprintf("odd %d: ünïcödé \"%%\" \u2028 %s", i, strings.Repeat("long", 300)), "text": text})
		if err != nil {
			t.Fatal(err)
		}
		a, err := schema.ParseArticle(data, nil)
		if err != nil {
			t.Fatal(err)
		}
		a.KeepText = true
		r := Extract(a)
		body, err := r.JSON()
		if err != nil {
			t.Fatal(err)
		}
		want = append(want, body)
		if err := s.Sink.Put(t.Context(), r, from(i)); err != nil {
			t.Fatal(err)
		}
	}
	same(t, "records", s.Records(t), want)
}

// testSinkStop puts under an ended context: a sink that takes the record nevertheless must have it.
func testSinkStop(t *testing.T, s SinkUnderTest) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	r, body := record(t, Article(1))
	err := s.Sink.Put(ctx, r, from(1))
	if pipeline.IsPermanent(err) {
		t.Errorf("a stop is no reason to give an article up: %v", err)
	}
	if err == nil {
		same(t, "records", s.Records(t), [][]byte{body})
	}
}
