package pipeline

import (
	"context"
	"errors"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"
)

// run is one call of Run.
type run struct {
	Config
	log   *zap.Logger
	began time.Time

	work context.Context // for what is in hand: outlives the caller's by Grace
	stop func()

	hands sync.WaitGroup // one goroutine for each delivery in hand
	slots chan struct{}  // InHand
	cpu   chan struct{}  // Workers

	memory *memory

	last    chan struct{} // closed once the delivery before is through; Ordered only
	decided chan struct{} // closed once it is known whether the delivery before is a copy; Copies only

	stuck atomic.Int64 // articles that went over the Limit and are still being read

	mu  sync.Mutex
	sum Summary
}

func start(ctx context.Context, c Config) *run {
	r := &run{Config: c, log: c.Log, began: time.Now()}
	if r.log == nil {
		r.log = zap.NewNop()
	}
	if r.Grace == 0 {
		r.Grace = 30 * time.Second
	}
	r.slots = make(chan struct{}, c.InHand())
	r.cpu = make(chan struct{}, c.workers())
	r.memory = newMemory(c.Memory)
	r.last = make(chan struct{})
	close(r.last)
	r.decided = r.last

	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() {
		select {
		case <-time.After(r.Grace):
		case <-work.Done():
		}
		cancel()
	})
	r.work, r.stop = work, func() { unhook(); cancel() }
	return r
}

// slot waits until one more delivery may be in hand.
func (r *run) slot(ctx context.Context) error {
	select {
	case r.slots <- struct{}{}:
		return ctx.Err()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (r *run) free() { <-r.slots }

// queue returns what a delivery must wait for, and what it must call when it is through, as often as it likes; last is
// the delivery before. Without order there is nothing to wait for.
func queue(last *chan struct{}, ordered bool) (turn <-chan struct{}, done func()) {
	if !ordered {
		return *last, func() {} // closed since start
	}
	before, mine := *last, make(chan struct{})
	*last = mine
	return before, sync.OnceFunc(func() { close(mine) })
}

// finish waits for what is in hand; err is why there will be nothing more.
func (r *run) finish(err error) (Summary, error) {
	r.hands.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Elapsed = time.Since(r.began)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return r.sum, err
}
