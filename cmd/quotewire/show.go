package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/retry"
	"github.com/quotewire/quotewire/schema"
)

// show publishes files as raw articles, works, prints what arrives downstream, and ends when all is settled.
func (c *runCmd) show(ctx context.Context, a *app, p *pipe, x *extract.Extractor) error {
	began := time.Now()
	complain := &complaint{app: a}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)

	before, err := p.streams.Mark(ctx)
	if err != nil {
		return err
	}
	config := c.work(p, x)
	source, err := p.streams.Source(ctx, config.InHand())
	if err != nil {
		return err
	}
	earlier, err := p.conn.Kept(ctx, p.streams.RawStream)
	if err != nil {
		return err
	}
	sent := newLedger(earlier.Last)
	config.Source = watched{source, sent}

	var all sync.WaitGroup
	working, enough := context.WithCancel(ctx)
	defer enough()
	all.Go(func() {
		if _, err := pipeline.Run(working, config); err != nil && working.Err() == nil {
			stop(err)
		}
	})
	all.Go(func() { // what another's worker settled without a new record, as a copy of what is there, nobody else tells
		for retry.Sleep(working, time.Second) {
			if floor, err := source.Floor(working); err == nil {
				sent.settleTo(floor)
			}
		}
	})
	following, leave := context.WithCancel(ctx)
	defer leave()
	printed := &arrivals{sink: a.printer(c.Format), sent: sent, complain: complain, last: before, any: make(chan struct{}, 1)}
	all.Go(func() {
		for o, err := range p.streams.Follow(following, before) {
			if err == nil {
				err = printed.put(ctx, o)
			}
			if err != nil {
				stop(err)
				return
			}
		}
	})

	err = c.publish(ctx, a, p.streams, sent, complain)
	if err == nil {
		err = sent.settled(ctx)
	}
	if err == nil { // all is in the streams; what of it has not been printed yet is on its way
		var after jetstream.Mark
		if after, err = p.streams.Mark(ctx); err == nil {
			err = printed.upTo(ctx, after)
		}
	}
	took := time.Since(began)
	enough()
	leave()
	all.Wait()
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if errClose := source.Close(closing); err == nil {
		err = errClose
	}
	c.account(a, sent, printed, complain, took)
	if err != nil {
		return cause(ctx, err)
	}
	return complain.verdict()
}

// publish sends the articles of the files on the subject of raw articles, and returns once the stream has them all.
func (c *runCmd) publish(ctx context.Context, a *app, s *jetstream.Streams, sent *ledger, complain *complaint) error {
	publisher, err := s.Publisher("file", 0)
	if err != nil {
		return err
	}
	source, err := a.openFiles(c.Files, c.Field, complain.failed)
	if err != nil {
		return err
	}
	defer source.Close()
	defer publisher.Flush()
	for {
		d, err := source.Next(ctx)
		if errors.Is(err, io.EOF) {
			publisher.Flush()
			sent.complete()
			return nil
		}
		if err != nil {
			return err
		}
		if d.Err != nil {
			d.Settle(ctx, d.Err)
			continue
		}
		err = publisher.Publish(ctx, jetstream.RawArticle{Data: d.Data, ContentType: d.ContentType, Known: d.Known}, func(p jetstream.Published) {
			if p.Err != nil {
				d.Settle(ctx, pipeline.Permanent(p.Err))
				return
			}
			sent.add(p, d.From)
			d.Settle(ctx, nil)
		})
		if err != nil {
			return err
		}
	}
}

// account is the line at the end.
func (c *runCmd) account(a *app, sent *ledger, printed *arrivals, complain *complaint, took time.Duration) {
	articles, copies, earlier := sent.count()
	line := counted(articles, "article", "articles")
	if copies > 0 {
		line += " (and " + counted(copies, "copy", "copies") + ")"
	}
	line += ", " + counted(printed.records, "record", "records") + ", " + counted(printed.dead, "dead letter", "dead letters")
	if others := complain.n - printed.dead; others > 0 {
		line += ", " + thousands(int64(others)) + " never published"
	}
	fmt.Fprintf(a.stderr, "%s, %.1f s\n", line, took.Seconds())
	if earlier > 0 {
		fmt.Fprintf(a.stderr, "%s in the store already and not read again; a fresh --store, or none, reads everything\n",
			counted(earlier, "article was", "articles were"))
	}
}

// A ledger knows what was published from which file, and what of it is settled.
type ledger struct {
	before uint64 // what the stream of raw articles had before, by sequence

	mu     sync.Mutex
	from   map[uint64]pipeline.Origin // by sequence in the stream of raw articles
	done   map[uint64]bool            // settled, whoever published it
	floor  uint64                     // up to it all are settled, be they in done or not
	copies []uint64                   // sequences of what the stream had already
	open   int                        // of from, not done
	whole  bool                       // nothing more is published
	moved  chan struct{}              // closed and renewed with every change
}

func newLedger(before uint64) *ledger {
	return &ledger{before: before, from: map[uint64]pipeline.Origin{}, done: map[uint64]bool{}, moved: make(chan struct{})}
}

// change makes a change and wakes those who wait for one.
func (l *ledger) change(what func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	what()
	close(l.moved)
	l.moved = make(chan struct{})
}

// wait returns once enough answers true; it is asked after every change.
func (l *ledger) wait(ctx context.Context, enough func() bool) error {
	for {
		l.mu.Lock()
		ok, moved := enough(), l.moved
		l.mu.Unlock()
		if ok {
			return nil
		}
		select {
		case <-moved:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (l *ledger) add(p jetstream.Published, from pipeline.Origin) {
	l.change(func() {
		// A first attempt whose acknowledgement came too late makes our own article a duplicate, too.
		if _, ours := l.from[p.Sequence]; p.Duplicate && (ours || p.Sequence <= l.before) {
			l.copies = append(l.copies, p.Sequence)
			return
		}
		l.from[p.Sequence] = from
		if p.Sequence > l.floor && !l.done[p.Sequence] {
			l.open++
		}
	})
}

func (l *ledger) settle(sequence uint64) {
	l.change(func() {
		if sequence <= l.floor || l.done[sequence] {
			return
		}
		if _, ours := l.from[sequence]; ours {
			l.open--
		}
		l.done[sequence] = true
	})
}

// settleTo settles all articles up to a sequence. However often it is called, it looks at each of them once.
func (l *ledger) settleTo(sequence uint64) {
	l.change(func() {
		for l.floor = max(l.floor, l.before); l.floor < sequence; {
			l.floor++
			if _, ours := l.from[l.floor]; ours && !l.done[l.floor] {
				l.open--
			}
			delete(l.done, l.floor)
		}
	})
}

func (l *ledger) complete() { l.change(func() { l.whole = true }) }

// settled waits until all that was published has become a record or a dead letter.
func (l *ledger) settled(ctx context.Context) error {
	return l.wait(ctx, func() bool { return l.whole && l.open == 0 })
}

// origin is the file that a raw article came from; ours is false if somebody else published it. The answer may have to
// wait: a record can arrive before the stream has acknowledged its article.
func (l *ledger) origin(ctx context.Context, sequence uint64) (from pipeline.Origin, ours bool, err error) {
	err = l.wait(ctx, func() bool {
		from, ours = l.from[sequence]
		return ours || l.whole
	})
	return from, ours, err
}

// count tells how many articles there were, how many more were copies of them, and how many the stream had before.
func (l *ledger) count() (articles, copies, earlier int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, sequence := range l.copies {
		if _, ours := l.from[sequence]; ours {
			copies++
		} else {
			earlier++
		}
	}
	return len(l.from), copies, earlier
}

// watched tells a ledger what our own workers have settled.
type watched struct {
	pipeline.Source
	sent *ledger
}

func (w watched) Next(ctx context.Context) (pipeline.Delivery, error) {
	d, err := w.Source.Next(ctx)
	if err != nil {
		return d, err
	}
	settle := d.Settle
	d.Settle = func(ctx context.Context, err error) error {
		unsettled := settle(ctx, err)
		if unsettled == nil && (err == nil || pipeline.IsPermanent(err)) {
			w.sent.settle(d.From.Sequence)
		}
		return unsettled
	}
	return d, nil
}

// arrivals prints what arrives downstream.
type arrivals struct {
	sink     pipeline.Sink
	sent     *ledger
	complain *complaint

	records int // printed
	dead    int

	mu   sync.Mutex
	last jetstream.Mark // arrived
	any  chan struct{}  // something did
}

func (r *arrivals) put(ctx context.Context, o jetstream.Outcome) error {
	defer r.note(o)
	from, ours, err := r.sent.origin(ctx, o.From.Sequence)
	if err != nil || !ours {
		return err
	}
	r.sent.settle(o.From.Sequence) // perhaps by somebody else's worker
	if o.Dead != nil {
		r.dead++
		r.complain.failed(from, &o.Dead.Failure)
		return nil
	}
	var record schema.Record
	if err := json.Unmarshal(o.Record, &record); err != nil {
		return fmt.Errorf("record %d on %s: %w", o.Sequence, o.Subject, err)
	}
	r.records++
	return r.sink.Put(ctx, record, from)
}

func (r *arrivals) note(o jetstream.Outcome) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if o.Dead != nil {
		r.last.Dead = o.Sequence
	} else {
		r.last.Records = o.Sequence
	}
	select {
	case r.any <- struct{}{}:
	default:
	}
}

// upTo waits until everything up to a mark has arrived. The last messages of a stream that others share may not be
// for us, so it also ends when nothing more comes.
func (r *arrivals) upTo(ctx context.Context, m jetstream.Mark) error {
	for {
		r.mu.Lock()
		there := r.last.Records >= m.Records && r.last.Dead >= m.Dead
		r.mu.Unlock()
		if there {
			return nil
		}
		select {
		case <-r.any:
		case <-time.After(2 * time.Second):
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
