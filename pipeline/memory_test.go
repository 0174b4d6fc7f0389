package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"runtime/metrics"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// inUse is the heap that a collection leaves, in bytes.
func inUse() int64 {
	runtime.GC()
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}

// crowd counts what is read at once.
type crowd struct {
	mu        sync.Mutex
	n, most   int // of all
	big       int // of those that are large
	mostBig   int
	alongside int // the most that a huge one had beside it
	huge      int
}

func (c *crowd) extract(a schema.Article) schema.Record {
	large, huge := len(a.Text) > 1<<20, len(a.Text) > 3<<20
	add := func(by int) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.n += by
		if large {
			c.big += by
		}
		if huge {
			c.huge += by
		}
		c.most, c.mostBig = max(c.most, c.n), max(c.mostBig, c.big)
		if c.huge > 0 {
			c.alongside = max(c.alongside, c.n-1)
		}
	}
	add(1)
	time.Sleep(2 * time.Millisecond)
	add(-1)
	return pipelinetest.Extract(a)
}

// TestMemory has room for two large articles, and for many small ones. Whatever the order, and whoever waits for whom, no
// more are read at once; one that is larger than all the room is read alone.
func TestMemory(t *testing.T) {
	const size, n = 2 << 20, 30
	for _, ordered := range []bool{false, true} {
		for _, copies := range []bool{false, true} {
			t.Run(fmt.Sprintf("ordered %v, copies %v", ordered, copies), func(t *testing.T) {
				m := newMemory(0)
				for i := range n {
					length := 10
					switch {
					case i == n/2:
						length = 3 * size
					case i%3 == 0:
						length = size
					}
					m.articles = append(m.articles, fmt.Appendf(nil, `{"id":"%d","text":"%s"}`, i, strings.Repeat("It rained. ", length/11+1)))
				}
				var seen crowd
				c := config(m)
				c.Extract, c.Workers, c.Ordered = seen.extract, 12, ordered
				// Room for two: 128 bytes are thought to be needed for each byte. Half as much again does not make it three.
				c.Memory = inUse() + 2*128*size*5/4
				if copies {
					c.Copies = func(schema.Article) func() (string, bool) {
						time.Sleep(time.Duration(rand.IntN(300)) * time.Microsecond)
						return func() (string, bool) { return "", false }
					}
				}
				if in := c.InHand(); in < 3 || in >= 2*c.Workers {
					t.Fatalf("%d in hand", in)
				}
				sum, err := pipeline.Run(context.Background(), c)
				if err != nil || sum.Records != n {
					t.Fatalf("%+v, %v", sum, err)
				}
				m.once(t, n)
				if seen.mostBig > 2 || seen.alongside > 0 || seen.most < 2 {
					t.Errorf("%d large ones at once, %d beside a huge one, %d of all", seen.mostBig, seen.alongside, seen.most)
				}
			})
		}
	}
}

// TestMemoryOfTheHeap has articles that take more than anyone would think. While the heap is over the limit they are read
// one by one; when it is not, they are read side by side again.
func TestMemoryOfTheHeap(t *testing.T) {
	const n, held = 300, 100 // the heap is full from the first article until that many have been read
	m := newMemory(n)
	c := config(m)
	c.Workers = 8
	c.Memory = inUse() + 512<<20 // in hand: 8
	var (
		mu      sync.Mutex
		seen    int
		reading int
		crowded int // read side by side while the heap was full
		after   int // at once, afterwards
		ballast [][]byte
	)
	c.Extract = func(a schema.Article) schema.Record {
		mu.Lock()
		seen++
		reading++
		if seen == 1 {
			for range 9 {
				ballast = append(ballast, make([]byte, 64<<20)) // never written: the system gives no memory for it
			}
			runtime.GC()
		}
		if seen > c.Workers+1 && seen < held && reading > 1 { // those before were let in when there was room
			crowded++
		}
		if seen > held+c.Workers {
			after = max(after, reading)
		}
		mu.Unlock()
		time.Sleep(time.Millisecond)
		mu.Lock()
		reading--
		if seen == held && ballast != nil {
			ballast = nil
			runtime.GC()
		}
		mu.Unlock()
		return pipelinetest.Extract(a)
	}
	sum, err := pipeline.Run(context.Background(), c)
	if err != nil || sum.Records != n {
		t.Fatalf("%+v, %v", sum, err)
	}
	if crowded > 0 || after < 2 {
		t.Errorf("%d were read side by side with a full heap, and %d at once after that", crowded, after)
	}
}
