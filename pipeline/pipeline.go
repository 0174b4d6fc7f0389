// Package pipeline moves articles from a source through an extractor into a sink. It knows neither language nor NATS.
//
// [Run] is the loop: a [Config] says what it runs, a [Summary] what came of it. Each [Delivery] is read (bytes to an article,
// an article to a record that has been checked), put, and settled; a [Failure] says why one was given up.
package pipeline

import (
	"context"

	"github.com/quotewire/quotewire/schema"
)

// A Source hands out raw articles. Next is called from one goroutine at a time; it blocks until there is an article,
// returns io.EOF when there will be none any more, and ctx's error when ctx ends.
type Source interface {
	Next(ctx context.Context) (Delivery, error)
}

// A Sink takes finished records. Put returns nil only once the record is safe; it is called from many goroutines at
// once, or one call after the other in order of delivery if the run is Ordered. An error that is not Permanent means:
// later, perhaps.
type Sink interface {
	Put(ctx context.Context, r schema.Record, from Origin) error
}

// Run moves articles from the source through the extractor into the sink until the source has no more (io.EOF, which
// is no error) or ctx ends. It then finishes what is in hand and returns ctx's error, or the error that stopped the
// source. Every delivery is settled exactly once, whatever happens to it; no goroutine is left behind, but for those
// that went over the Limit.
func Run(ctx context.Context, c Config) (Summary, error) {
	r := start(ctx, c)
	defer r.stop()
	for {
		if err := r.slot(ctx); err != nil {
			return r.finish(err)
		}
		if err := r.tooManyStuck(); err != nil {
			return r.finish(err)
		}
		d, err := c.Source.Next(ctx)
		if err != nil {
			return r.finish(err)
		}
		decide, decided := queue(&r.decided, r.Copies != nil) // its place among those that ask whether they are copies
		turn, done := queue(&r.last, r.Ordered)               // its place among those that go to the sink
		r.hands.Go(func() {
			defer r.free()
			rec, err := r.read(d, decide, decided)
			<-turn
			if err == nil {
				err = r.put(rec, d.From)
			}
			r.settle(d, rec, err)
			done()
		})
	}
}
