package jetstream_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// What must happen in the middle of the work happens there on a machine of any speed if the work waits for it.

// A valve lets so many articles be read, and holds the others until there is leave for more.
type valve struct {
	mu     sync.Mutex
	more   *sync.Cond
	left   int
	opened bool
}

func newValve(n int) *valve {
	v := &valve{left: n}
	v.more = sync.NewCond(&v.mu)
	return v
}

func (v *valve) allow(n int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.left += n
	v.more.Broadcast()
}

func (v *valve) open() {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.opened = true
	v.more.Broadcast()
}

// through makes a worker read through the valve.
func (v *valve) through(c *pipeline.Config) {
	c.Extract = func(a schema.Article) schema.Record {
		v.mu.Lock()
		for v.left == 0 && !v.opened {
			v.more.Wait()
		}
		v.left = max(0, v.left-1)
		v.mu.Unlock()
		return pipelinetest.Extract(a)
	}
}

// hearing is what the server is told of articles in hand, which it says to everybody who listens.
type hearing struct {
	mu   sync.Mutex
	told map[uint64][]time.Time // by the article's number in the stream: when it was said that it is being worked on
}

func listen(t *testing.T, url string, s *jetstream.Streams) *hearing {
	t.Helper()
	h := &hearing{told: map[uint64][]time.Time{}}
	nc, _ := jetstreamtest.Client(t, url)
	_, err := nc.Subscribe(fmt.Sprintf("$JS.ACK.%s.%s.>", s.RawStream, s.Setup.Consumer), func(m *nats.Msg) {
		var sequence uint64
		token := strings.Split(m.Subject, ".") // $JS.ACK.STREAM.CONSUMER.DELIVERIES.SEQUENCE…
		if fmt.Sscan(token[5], &sequence); string(m.Data) == "+WPI" {
			h.mu.Lock()
			h.told[sequence] = append(h.told[sequence], time.Now())
			h.mu.Unlock()
		}
	})
	if err == nil {
		err = nc.Flush()
	}
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// wait returns once the server has been told n times that an article is being worked on: three times in each AckWait.
func (h *hearing) wait(t *testing.T, sequence uint64, n int) {
	for until := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		h.mu.Lock()
		got := len(h.told[sequence])
		h.mu.Unlock()
		if got >= n {
			return
		}
		if time.Now().After(until) {
			t.Errorf("the server was told %d times that article %d is being worked on, want %d", got, sequence, n)
			return
		}
	}
}

// excuse skips a test whose process stood still for longer than AckWait, by when the server was right to deliver again.
func (h *hearing) excuse(t *testing.T, ackWait time.Duration) {
	t.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, times := range h.told {
		for i := range times[1:] {
			if gap := times[i+1].Sub(times[i]); gap > ackWait*2/3 {
				t.Skipf("this process had no time to tell the server of its work for %s of an AckWait of %s: nothing was proved", gap, ackWait)
			}
		}
	}
}
