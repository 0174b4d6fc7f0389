package pipeline

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"time"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/schema"
)

// A Config says what to run. Source, Extract and Sink must be there.
type Config struct {
	Source  Source
	Extract func(schema.Article) schema.Record // total, and safe for concurrent use
	Sink    Sink

	// Copies knows articles again; nil where that is not wanted. It is called with every article that was admitted, from
	// many goroutines. What it returns is called in the order of delivery, one call at a time, so that the answers are the
	// same in every run: of is the id of the article that this one is a copy of, or empty; skip ends it without a record.
	// It is for sources that deliver an article once: one that comes again is a copy of itself.
	Copies func(schema.Article) (decide func() (of string, skip bool))

	Admit func(schema.Article) bool // false: the article is acknowledged without a record; nil: all are wanted

	// Fingerprint is that of the extractor. With it the failure of an article names the id of the record that it did not
	// become, so that a source can ask whether it has become it after all.
	Fingerprint string

	Workers  int            // articles read at once; 0: one for each processor
	Ordered  bool           // records reach the sink in the order of delivery; reading stays parallel
	Format   format.Options // how bytes become an article
	Limit    time.Duration  // how long one article may be read before it is given up; 0: for ever. See ErrStuck
	Memory   int64          // bytes that the process may take: the nearer, the fewer articles are read at once; 0: as much as there is
	Grace    time.Duration  // how long after ctx has ended the sink may still take what is in hand; 0: 30 s
	Log      *zap.Logger    // nil: silent
	Progress func(Summary)  // told after every article, one call at a time; nil: not told
}

// A Summary counts the deliveries that were settled.
type Summary struct {
	Articles int64         // all of them: Records + Dead + Skipped + Later
	Records  int64         // reached the sink
	Dead     int64         // given up: see Failure
	Skipped  int64         // refused by Admit or Copies: acknowledged without a record
	Later    int64         // handed back to the source, to come again or be given up by it after too many times
	Copies   int64         // articles that Copies knew: of Records, and of Skipped where it said so
	Quotes   int64         // in Records
	Bytes    int64         // of article, as delivered
	Elapsed  time.Duration //
}

// InHand is the largest number of deliveries that Run holds unsettled: a source need not fetch more.
func (c Config) InHand() int {
	n := 2 * c.workers() // while one is put, another is read
	if c.Ordered {
		n = 4 * c.workers() // the look-ahead: one slow article must not idle the others
	}
	if c.Memory > 0 {
		n = min(n, max(1, int(c.Memory/2/memoryInHand))) // half of it for what waits, at most
	}
	return n
}

func (c Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}

// Run moves articles from the source through the extractor into the sink until the source has no more (io.EOF, which
// is no error) or ctx ends. It then finishes what is in hand and returns ctx's cause, or the error that stopped the
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
		decide, decided := queue(&r.decided, r.Copies != nil)
		turn, done := queue(&r.last, r.Ordered)
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

// errSkipped is what read answers for an article that is not wanted, errCopy for one that is a copy.
var (
	errSkipped = errors.New("not wanted")
	errCopy    = fmt.Errorf("%w: it is a copy", errSkipped)
)

// read turns a delivery into a record that has been checked. Its errors are Failures. turn and done are its place in
// the order of deciding on copies.
func (r *run) read(d Delivery, turn <-chan struct{}, done func()) (rec schema.Record, err error) {
	defer func() { <-turn; done() }()
	size := len(d.Data) + d.Size
	if d.Err == nil || d.MayBeOut {
		r.memory.take(size)
		defer r.memory.free(size)
	}
	r.cpu <- struct{}{}
	defer func() { <-r.cpu }()
	var a schema.Article
	decoded := false
	defer func() {
		if p := recover(); p != nil {
			err = r.panicked(p, a.ID, d.From)
		}
		if d.Read != nil && !timedOut(err) {
			d.Read()
		}
		if decoded && IsPermanent(err) {
			err = Describe(err).of(a.ID, r.recordID(a))
		}
	}()
	if d.Err != nil && !d.MayBeOut {
		return rec, d.Err
	}
	if d.Recall && r.Copies == nil {
		return rec, errSkipped
	}
	if d.Load != nil {
		if d.Data, err = d.Load(r.work); err != nil {
			if d.Err != nil && IsPermanent(err) {
				err = d.Err // then nobody else could read it either
			}
			return rec, err
		}
	}
	a, err = within(r, "", d.From, func() (schema.Article, error) { return format.Decode(d.Data, d.ContentType, r.Format) })
	if err == nil {
		d.complete(&a)
		a.Identify()
		decoded = true
	}
	if d.Err != nil {
		return rec, d.Err
	}
	if err != nil {
		return rec, err
	}
	if r.Admit != nil && !r.Admit(a) {
		return rec, errSkipped
	}
	if r.Copies != nil {
		var skip bool
		switch a.CopyOf, skip = r.decide(r.Copies(a), size, turn); {
		case skip && a.CopyOf != "":
			return rec, errCopy
		case skip, d.Recall:
			return rec, errSkipped
		}
		done() // the next need not wait for this one to be read
	}
	return within(r, a.ID, d.From, func() (schema.Record, error) {
		rec := r.Extract(a)
		if err := rec.Check(a.Text); err != nil {
			r.log.Error("the record contradicts its text: please report this", about(a.ID, d.From, err)...)
			return rec, contradiction(a.ID, err)
		}
		return rec, nil
	})
}

// recordID is the id that the record of an article has; empty if the extractor is not known.
func (r *run) recordID(a schema.Article) string {
	if r.Fingerprint == "" {
		return ""
	}
	about, _ := a.About()
	return schema.RecordID(about.ID, about.TextSHA256, r.Fingerprint)
}

// timedOut reports whether an article went over its limit: it is still being read.
func timedOut(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Class == ClassTimeout
}

// decide waits for its turn, and gives its processor and its room in memory away meanwhile: those before may need them to
// come so far.
func (r *run) decide(f func() (string, bool), size int, turn <-chan struct{}) (of string, skip bool) {
	<-r.cpu
	r.memory.free(size)
	defer func() { r.memory.take(size); r.cpu <- struct{}{} }()
	<-turn
	return f()
}

// put hands a record to the sink and survives the sink.
func (r *run) put(rec schema.Record, from Origin) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("putting record %s: sink panicked: %s", rec.ID, sayPanic(p))
			r.log.Error("the sink panicked", append(about(rec.Article.ID, from, err), zap.ByteString("stack", debug.Stack()))...)
		}
	}()
	err = r.Sink.Put(r.work, rec, from)
	switch {
	case err == nil:
		return nil
	case IsPermanent(err):
		return Describe(err).of(rec.Article.ID, rec.ID)
	}
	return named{rec.Article.ID, rec.ID, err}
}

// settle discharges the duty that came with a delivery. The kind of error decides.
func (r *run) settle(d Delivery, rec schema.Record, err error) {
	if d.Recall {
		d.Settle(r.work, nil)
		r.recalled()
		return
	}
	if IsPermanent(err) {
		err = Describe(err)
	}
	told := err
	if errors.Is(err, errSkipped) {
		told = nil
	}
	unsettled := d.Settle(r.work, told)
	r.count(d, rec, err, unsettled)
}
