package pipeline

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/schema"
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

// count adds a settled delivery to the summary and tells of it. unsettled is the error of settling it.
func (r *run) count(d Delivery, rec schema.Record, err, unsettled error) {
	article := rec.Article.ID
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Articles++
	r.sum.Bytes += int64(len(d.Data) + d.Size)
	switch {
	case err == nil:
		// Without an acknowledgement the record is safe all the same; the article comes back and makes the same record.
		r.sum.Records++
		r.sum.Quotes += int64(len(rec.Quotes))
		if rec.Article.CopyOf != nil {
			r.sum.Copies++
		}
		if ce := r.log.Check(zap.DebugLevel, "record"); ce != nil {
			ce.Write(append(about(article, d.From, nil), zap.Int("quotes", len(rec.Quotes)), zap.Int("entities", len(rec.Entities)))...)
		}
	case errors.Is(err, errSkipped):
		r.sum.Skipped++
		if errors.Is(err, errCopy) {
			r.sum.Copies++
		}
	case IsPermanent(err) && unsettled == nil:
		r.sum.Dead++
		f := Describe(err)
		r.log.Warn("dead letter", append(about(f.Article, d.From, nil),
			zap.String("class", string(f.Class)), zap.String("field", f.Field), zap.String("reason", f.Reason))...)
	default:
		r.sum.Later++
		r.log.Warn("later", about(article, d.From, err)...)
	}
	if unsettled != nil {
		r.log.Warn("a delivery could not be settled and will come back", about(article, d.From, unsettled)...)
	}
	r.sum.Elapsed = time.Since(r.began)
	if r.Progress != nil {
		r.Progress(r.sum)
	}
}

// recalled tells of progress that counts nothing.
func (r *run) recalled() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Elapsed = time.Since(r.began)
	if r.Progress != nil {
		r.Progress(r.sum)
	}
}

// panicked makes a Failure of what Extract or Decode panicked with.
func (r *run) panicked(p any, article string, from Origin) error {
	f := &Failure{Class: ClassPanic, Article: article, Reason: "extractor panicked: " + sayPanic(p)}
	r.log.Error("the extractor panicked: please report this", append(about(article, from, f), zap.ByteString("stack", debug.Stack()))...)
	return f
}

// sayPanic tells what was panicked with, but nothing that could hold a piece of the article.
func sayPanic(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", p)
}

// about is what every line about an article carries. Never its body.
func about(article string, from Origin, err error) []zap.Field {
	f := make([]zap.Field, 0, 8)
	if article != "" {
		f = append(f, zap.String("article", article))
	}
	switch {
	case from.File != "":
		f = append(f, zap.String("from", from.String()))
	case from.Stream != "":
		f = append(f, zap.String("stream", from.Stream), zap.Uint64("sequence", from.Sequence))
	}
	if from.Attempt > 0 {
		f = append(f, zap.Int("attempt", from.Attempt))
	}
	if err != nil {
		f = append(f, zap.Error(err))
	}
	return f
}
