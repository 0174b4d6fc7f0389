package pipelinetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
)

// A SourceUnderTest is a source that holds the articles a test gave it, and what the test may expect of it.
type SourceUnderTest struct {
	Source  pipeline.Source
	Ends    bool                            // it returns io.EOF after the last article; else it waits for more
	Repeats bool                            // it brings back what was settled with an error that is not permanent
	Dead    func(t *testing.T) [][]byte     // the articles that it gave up, in any order; nil: it keeps none
	Close   func(ctx context.Context) error // nil: nothing to close
}

// patience is how long what must come may take; a machine may be busy.
const patience = 2 * time.Minute

// TestSource tests a source. open makes one of exactly these articles, each of them small JSON; it is called for each
// test anew.
func TestSource(t *testing.T, open func(t *testing.T, articles [][]byte) SourceUnderTest) {
	with := func(name string, n int, test func(*testing.T, SourceUnderTest, [][]byte)) {
		t.Run(name, func(t *testing.T) {
			articles := make([][]byte, n)
			for i := range articles {
				articles[i] = Article(i)
			}
			s := open(t, articles)
			if s.Close != nil {
				defer func() {
					ctx, cancel := context.WithTimeout(context.Background(), patience)
					defer cancel()
					if err := s.Close(ctx); err != nil {
						t.Errorf("closing: %v", err)
					}
				}()
			}
			test(t, s, articles)
		})
	}
	with("all", 25, testAll)
	with("out of order", 25, testOutOfOrder)
	with("stop", 3, testStop)
	with("refused", 5, testRefused)
	with("later", 3, testLater)
}

// next is one delivery, or a failed test.
func (s SourceUnderTest) next(t *testing.T) pipeline.Delivery {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	d, err := s.Source.Next(ctx)
	if err != nil {
		t.Fatalf("Next: %v", err)
	}
	if d.Err != nil {
		t.Fatalf("a delivery that is broken already: %v", d.Err)
	}
	if d.Settle == nil || d.From.String() == "" {
		t.Fatalf("a delivery without Settle or without origin: %+v", d.From)
	}
	return d
}

// nothing fails the test if the source has anything more.
func (s SourceUnderTest) nothing(t *testing.T) {
	t.Helper()
	for range 2 { // it stays so
		wait := 300 * time.Millisecond
		if s.Ends {
			wait = patience
		}
		ctx, cancel := context.WithTimeout(t.Context(), wait)
		d, err := s.Source.Next(ctx)
		cancel()
		switch {
		case err == nil:
			t.Fatalf("one more delivery, from %s: %q", d.From, d.Data)
		case s.Ends && !errors.Is(err, io.EOF):
			t.Fatalf("after the last article Next returned %v, want io.EOF", err)
		case !s.Ends && !errors.Is(err, context.DeadlineExceeded):
			t.Fatalf("Next waited in vain and returned %v, want its context's error", err)
		}
	}
}

func settle(t *testing.T, d pipeline.Delivery, with error) {
	t.Helper()
	if err := d.Settle(t.Context(), with); err != nil {
		t.Errorf("settling %s with %v: %v", d.From, with, err)
	}
}

// same fails the test unless both hold the same articles, in any order.
func same(t *testing.T, what string, got, want [][]byte) {
	t.Helper()
	count := map[string]int{}
	for _, a := range want {
		count[string(bytes.TrimSpace(a))]++
	}
	for _, a := range got {
		count[string(bytes.TrimSpace(a))]--
	}
	for a, n := range count {
		switch {
		case n > 0:
			t.Errorf("%s: missing %d× %q", what, n, a)
		case n < 0:
			t.Errorf("%s: %d× too many %q", what, -n, a)
		}
	}
}

func testAll(t *testing.T, s SourceUnderTest, articles [][]byte) {
	var got [][]byte
	origins := map[string]bool{}
	for range articles {
		d := s.next(t)
		got = append(got, d.Data)
		origins[d.From.String()] = true
		settle(t, d, nil)
	}
	s.nothing(t)
	same(t, "delivered", got, articles)
	if len(origins) != len(articles) {
		t.Errorf("%d articles from %d places: an error could not be traced", len(articles), len(origins))
	}
}

// testOutOfOrder takes several before it settles the first, and settles them from many goroutines.
func testOutOfOrder(t *testing.T, s SourceUnderTest, articles [][]byte) {
	var wg sync.WaitGroup
	var got [][]byte
	for len(got) < len(articles) {
		var hand []pipeline.Delivery
		for range 5 {
			d := s.next(t)
			hand = append(hand, d)
			got = append(got, d.Data)
		}
		for i := range hand {
			wg.Go(func() { settle(t, hand[len(hand)-1-i], nil) })
		}
	}
	wg.Wait()
	s.nothing(t)
	same(t, "delivered", got, articles)
}

// testStop ends the context: Next gives way, what is in hand can still be settled.
func testStop(t *testing.T, s SourceUnderTest, _ [][]byte) {
	d := s.next(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	began := time.Now()
	if _, err := s.Source.Next(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("Next under an ended context returned %v", err)
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("it took %s to return", took)
	}
	settle(t, d, nil)
}

// testRefused gives up the second article: it does not come back, and is kept if the source keeps such.
func testRefused(t *testing.T, s SourceUnderTest, articles [][]byte) {
	var refused [][]byte
	for i := range articles {
		d := s.next(t)
		if i != 1 {
			settle(t, d, nil)
			continue
		}
		refused = append(refused, d.Data)
		settle(t, d, &pipeline.Failure{Class: pipeline.ClassArticle, Article: "a", Field: "text", Reason: "not to our taste"})
	}
	s.nothing(t)
	if s.Dead != nil {
		same(t, "dead letters", s.Dead(t), refused)
	}
}

// testLater hands one back: it comes again if the source can do that, with its bytes and a count.
func testLater(t *testing.T, s SourceUnderTest, articles [][]byte) {
	first := s.next(t)
	settle(t, first, errors.New("not now"))
	var got [][]byte
	for len(got) < len(articles)-1 {
		d := s.next(t)
		if bytes.Equal(d.Data, first.Data) {
			t.Fatal("it came back before the others: a failure that lasts would stop the stream")
		}
		got = append(got, d.Data)
		settle(t, d, nil)
	}
	if s.Repeats {
		again := s.next(t)
		got = append(got, again.Data)
		if again.From.Attempt != first.From.Attempt+1 {
			t.Errorf("attempt %d after %d", again.From.Attempt, first.From.Attempt)
		}
		settle(t, again, nil)
		same(t, "delivered", got, articles)
	}
	s.nothing(t)
	if s.Dead != nil {
		if dead := s.Dead(t); len(dead) > 0 {
			t.Errorf("given up: %s", fmt.Sprintf("%q", dead))
		}
	}
}
