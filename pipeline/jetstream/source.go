package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/retry"
)

// A Source hands out raw articles from the durable consumer that all workers share. It fetches no more than the
// workers are free to take, so that nothing waits in a buffer while its AckWait runs, and tells the server that what is
// in hand is being worked on. What was delivered before is handed out alone: see alone.go.
type Source struct {
	s        *Streams
	consumer js.Consumer
	ackWait  time.Duration
	inHand   int

	batch  js.MessageBatch
	pulled time.Time     // when it was asked for
	expiry time.Duration // of a pull: pullExpiry, or longer where messages take longer to arrive
	timely int           // pulls in a row that the server ended in time
	msgs   <-chan js.Msg
	failed int       // fetches in a row
	since  time.Time // when the first of them failed, or we turned to another server
	quiet  int       // fetches in a row that brought nothing
	gone   time.Time // since when the consumer has been missing

	notes *notes // nil where none can be kept
	lost  *advisories
	queue []fetched // waiting for their turn: see turn

	mu      sync.Mutex
	hand    map[js.Msg]struct{} // fetched and not settled
	reading int                 // of them, handed out and not yet read
	alone   bool                // the one that is being read must stay alone
	changed chan struct{}       // holds something when one was read or settled since we looked

	stop   chan struct{}
	beaten chan struct{}
}

// fetched is a message and what JetStream says of it.
type fetched struct {
	js.Msg
	meta *js.MsgMetadata
}

// delivery is the article in a message, which a replay reads in the same way.
func (m fetched) delivery() pipeline.Delivery {
	h := m.Headers()
	return pipeline.Delivery{
		Data:        m.Data(),
		ContentType: contentType(h),
		Known:       knownOf(h),
		From: pipeline.Origin{
			Subject:  m.Subject(),
			Stream:   m.meta.Stream,
			Sequence: m.meta.Sequence.Stream,
			Attempt:  int(m.meta.NumDelivered),
			Time:     m.meta.Timestamp,
			Trace:    h.Get(HeaderTrace),
		},
	}
}

const (
	// A pull lives this long at the server. It bounds how long Close waits, and how long an article can be on its way to
	// a worker that has left.
	pullExpiry = time.Second

	// The client waits for that long and pullGrace more. What arrives later (it is large and the line slow) finds nobody, and
	// would again after each AckWait; so that pulls live longer where their end has not been heard of in time.
	pullGrace   = time.Second
	longestPull = 8 * time.Second

	// How long a consumer may be missing before we believe it: a cluster that recovers may not know it yet.
	goneFor = 10 * time.Second

	// After so many fetches without an article, or one that nobody ended, we ask whether the consumer is still there: servers
	// before 2.10 do not answer a pull when it is gone.
	quietFor = 10

	// More deliveries than any article will see.
	endless = 1 << 30
)

// Source makes or checks the durable consumer. inHand is the most articles to hold unsettled: pipeline.Config.InHand.
// While the cluster has no leader it waits, until ctx ends.
func (s *Streams) Source(ctx context.Context, inHand int) (*Source, error) {
	var consumer js.Consumer
	err := s.conn.patiently(ctx, func(ctx context.Context) (err error) {
		consumer, err = s.consumer(ctx)
		return err
	})
	if err == nil {
		err = s.mayBar(ctx)
	}
	if err != nil {
		return nil, err
	}
	lost := s.advisories(ctx)
	x := &Source{
		s: s, consumer: consumer, inHand: max(1, inHand), expiry: pullExpiry,
		ackWait: consumer.CachedInfo().Config.AckWait,
		notes:   s.notes(ctx), lost: lost, hand: map[js.Msg]struct{}{}, changed: make(chan struct{}, 1),
		stop: make(chan struct{}), beaten: make(chan struct{}),
	}
	<-lost.tried
	go x.beat()
	return x, nil
}

func (s *Streams) consumer(ctx context.Context) (js.Consumer, error) {
	c, err := s.raw.Consumer(ctx, s.Consumer)
	if err == nil {
		return c, s.checkConsumer(c.CachedInfo().Config)
	}
	if !errors.Is(err, js.ErrConsumerNotFound) {
		return nil, s.explain(fmt.Errorf("consumer %s of stream %s: %w", s.Consumer, s.RawStream, err))
	}
	config := js.ConsumerConfig{
		Durable:       s.Consumer,
		Description:   "Quotewire's workers",
		DeliverPolicy: js.DeliverAllPolicy,
		AckPolicy:     js.AckExplicitPolicy,
		AckWait:       s.AckWait,
		BackOff:       s.BackOff,
		MaxDeliver:    -1, // we count, since the server would drop the last one without a word
		MaxAckPending: s.MaxAckPending,
		FilterSubject: s.Raw,
	}
	if len(s.BackOff) > 0 {
		config.MaxDeliver = endless // servers before 2.10 want a number beside BackOff
	}
	if config.AckWait == 0 {
		config.AckWait = defaultAckWait
	}
	if config.MaxAckPending == 0 {
		config.MaxAckPending = defaultMaxAckPending
	}
	c, err = s.raw.CreateConsumer(ctx, config)
	if errors.Is(err, js.ErrConsumerExists) { // another worker made it in this moment
		if c, err = s.raw.Consumer(ctx, s.Consumer); err == nil {
			return c, s.checkConsumer(c.CachedInfo().Config)
		}
	}
	if err != nil {
		return nil, s.explain(fmt.Errorf("making consumer %s of stream %s: %w", s.Consumer, s.RawStream, err))
	}
	s.log.Info("consumer made", zap.String("consumer", s.Consumer), zap.String("stream", s.RawStream), zap.String("subject", s.Raw))
	return c, nil
}

// Next waits for an article, through any number of lost connections. It fails only when ctx ends, when the connection
// is closed, or when the consumer or its stream has been deleted.
func (x *Source) Next(ctx context.Context) (pipeline.Delivery, error) {
	for {
		if err := ctx.Err(); err != nil {
			return pipeline.Delivery{}, err
		}
		if m, ok := x.turn(); ok {
			return x.deliver(ctx, m), nil
		}
		if x.msgs == nil && x.mayFetch() {
			batch, err := x.consumer.Fetch(x.free(), js.FetchMaxWait(x.expiry))
			if err != nil {
				if err := x.trouble(ctx, err); err != nil {
					return pipeline.Delivery{}, err
				}
				continue
			}
			x.batch, x.msgs, x.pulled = batch, batch.Messages(), time.Now()
		}
		select {
		case m, ok := <-x.msgs:
			if ok {
				x.failed, x.quiet, x.gone = 0, 0, time.Time{}
				x.take(m)
				continue
			}
			x.msgs = nil
			x.pace()
			if err := x.trouble(ctx, x.batch.Error()); err != nil {
				return pipeline.Delivery{}, err
			}
		case <-x.changed:
		case d := <-x.lost.given:
			return d, nil
		case <-ctx.Done():
			return pipeline.Delivery{}, ctx.Err()
		}
	}
}

// pace lets pulls live longer after one whose end we were not told in time, and shorter again once that has gone well for
// a while.
func (x *Source) pace() {
	if time.Since(x.pulled) >= x.expiry+pullGrace {
		x.timely, x.expiry = 0, min(2*x.expiry, longestPull)
		return
	}
	if x.timely++; x.timely%quietFor == 0 {
		x.expiry = max(x.expiry/2, pullExpiry)
	}
}

// take puts a message into the queue. From now on the server is told that it is being worked on.
func (x *Source) take(m js.Msg) {
	meta, err := m.Metadata()
	if err != nil {
		x.s.log.Error("a message that JetStream did not deliver", zap.String("subject", m.Subject()), zap.Error(err))
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.queue = append(x.queue, fetched{m, meta})
	x.hand[m] = struct{}{}
}

// turn takes the next message from the queue, unless that must wait: one that was delivered before until nothing else
// is being read, any other until such a one has been read.
func (x *Source) turn() (fetched, bool) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if len(x.queue) == 0 || x.alone {
		return fetched{}, false
	}
	m := x.queue[0]
	alone := x.notes != nil && m.meta.NumDelivered > 1
	if alone && x.reading > 0 {
		return fetched{}, false
	}
	x.queue = x.queue[1:]
	x.reading++
	x.alone = alone
	return m, true
}

// mayFetch reports whether something that is fetched now could be handed out at once.
func (x *Source) mayFetch() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.queue) == 0 && !x.alone
}

// free is how many more articles may be in hand. Next is only called when there is room for one.
func (x *Source) free() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return max(1, x.inHand-len(x.hand))
}

// trouble judges what ended a fetch: nil to go on, after a while if need be.
func (x *Source) trouble(ctx context.Context, err error) error {
	switch {
	case err == nil, errors.Is(err, nats.ErrTimeout), errors.Is(err, js.ErrNoMessages):
		x.failed, x.quiet = 0, x.quiet+1
		if x.gone.IsZero() && x.quiet%quietFor != 0 && x.timely > 0 {
			return nil
		}
		if err = x.deleted(ctx); err == nil {
			x.gone = time.Time{}
			return nil
		}
	case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, js.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
		return fmt.Errorf("fetching from stream %s: %w", x.s.RawStream, err)
	}
	if x.missing(ctx, err) {
		if x.gone.IsZero() {
			x.gone = time.Now()
		} else if time.Since(x.gone) > goneFor {
			return fmt.Errorf("fetching from stream %s: consumer %s or its stream has been deleted; a new start would make it anew and read the stream from its beginning: %w",
				x.s.RawStream, x.s.Consumer, err)
		}
	} else {
		x.gone = time.Time{}
	}
	wait := retry.Delay(100*time.Millisecond, 5*time.Second, x.failed)
	if x.failed == 0 {
		x.since = time.Now()
	}
	x.failed++
	if time.Since(x.since) > elsewhereAfter {
		x.s.conn.elsewhere()
		x.since = time.Now()
	}
	x.s.log.Warn("fetching articles failed; trying again", zap.String("stream", x.s.RawStream), zap.Duration("in", wait), zap.Error(err))
	if !retry.Sleep(ctx, wait) {
		return ctx.Err()
	}
	return nil
}

// missing reports whether the consumer is gone, and asks where the error leaves that open.
func (x *Source) missing(ctx context.Context, err error) bool {
	return isDeleted(err) || errors.Is(err, nats.ErrNoResponders) && x.deleted(ctx) != nil
}

// deleted asks whether the consumer is still there. Its error says that it is not; no answer says nothing.
func (x *Source) deleted(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if _, err := x.consumer.Info(ctx); isDeleted(err) {
		return err
	}
	return nil
}

func isDeleted(err error) bool {
	return errors.Is(err, js.ErrConsumerDeleted) || errors.Is(err, js.ErrConsumerNotFound) || errors.Is(err, js.ErrStreamNotFound)
}

// deliver makes a delivery of a message.
func (x *Source) deliver(ctx context.Context, m fetched) pipeline.Delivery {
	d := m.delivery()
	r := &remains{header: m.Headers()}
	x.s.bring(&d, r)
	var t *trial
	if d.From.Attempt > 1 && x.notes != nil {
		var err error
		if t, err = x.notes.begin(ctx, d.From.Sequence); err != nil {
			x.s.log.Warn("an article that comes back is read without a note: if the worker dies, that is not counted",
				zap.Uint64("sequence", d.From.Sequence), zap.Error(err))
		}
	}
	if fatal := t.fatal(); fatal != nil {
		d.Err, d.MayBeOut = fatal, t.decodes()
	} else if t == nil && d.From.Attempt > x.s.MaxDeliver {
		// We settle every article that we live to see the end of: those before us did not.
		d.Err, d.MayBeOut = &pipeline.Failure{Class: pipeline.ClassAttempts,
			Reason: fmt.Sprintf("delivered %d times and never settled: the workers that had it died, perhaps of it", d.From.Attempt-1)}, true
	}
	d.Read = sync.OnceFunc(func() {
		t.survived()
		x.mu.Lock()
		x.reading, x.alone = x.reading-1, false // if it was alone; else no one is
		x.mu.Unlock()
		x.wake()
	})
	var once sync.Once
	d.Settle = func(ctx context.Context, err error) (failed error) {
		failed = errors.New("settled already")
		once.Do(func() { failed = x.settle(ctx, m, r, d, err) })
		return failed
	}
	return d
}

// wake lets Next look again.
func (x *Source) wake() {
	select {
	case x.changed <- struct{}{}:
	default:
	}
}

// bring says how the body of an article comes that is too large for its message, and remembers it.
func (s *Streams) bring(d *pipeline.Delivery, r *remains) {
	o, ok, err := claim(r.header)
	switch {
	case !ok:
		r.data = d.Data
	case err != nil:
		d.Err = &pipeline.Failure{Class: pipeline.ClassArticle, Field: "object", Reason: err.Error()}
	default:
		attempt := d.From.Attempt
		d.Size = o.size
		d.Load = func(ctx context.Context) ([]byte, error) {
			data, err := s.load(ctx, o, attempt)
			r.data = data
			return data, err
		}
	}
}

// settle acknowledges, buries or hands back. It keeps telling the server that we are at work until that is done.
func (x *Source) settle(ctx context.Context, m fetched, r *remains, d pipeline.Delivery, err error) error {
	defer func() {
		x.mu.Lock()
		delete(x.hand, m.Msg)
		x.mu.Unlock()
		d.Read() // if it went over its limit, it is still being read, but is this worker's alone to suffer from
		x.wake()
	}()
	if err == nil {
		return m.Ack()
	}
	back := func() error { return m.NakWithDelay(later(d.From.Attempt)) }
	if !pipeline.IsPermanent(err) {
		if d.From.Attempt < x.s.MaxDeliver {
			return back()
		}
		f := *pipeline.Describe(err)
		f.Class, f.Reason = pipeline.ClassAttempts, fmt.Sprintf("tried %d times: %s", d.From.Attempt, f.Reason)
		err = &f
	}
	f := pipeline.Describe(err)
	switch out, err := x.s.giveUp(ctx, *r, d.From, f); {
	case err != nil:
		return errors.Join(err, back())
	case out:
		return m.Ack()
	}
	if x.s.conn.atLeast(2, 10, 4) {
		return m.TermWithReason(plain(ourEnd + string(f.Class) + ": " + f.Reason))
	}
	return m.Ack() // older servers know no reason, by which we tell our own ends from those of others: see advisories
}

// later is the delay before the next delivery: about 1, 2, 4 … seconds, at most five minutes.
func later(attempt int) time.Duration { return retry.Delay(time.Second, 5*time.Minute, attempt-1) }

// beat tells the server three times in each AckWait that what is in hand is being worked on.
func (x *Source) beat() {
	defer close(x.beaten)
	t := time.NewTicker(x.ackWait / 3)
	defer t.Stop()
	for {
		select {
		case <-t.C:
		case <-x.stop:
			return
		}
		x.mu.Lock()
		hand := make([]js.Msg, 0, len(x.hand))
		for m := range x.hand {
			hand = append(hand, m)
		}
		x.mu.Unlock()
		for _, m := range hand {
			if err := m.InProgress(); err != nil && !errors.Is(err, js.ErrMsgAlreadyAckd) {
				x.s.log.Debug("telling of work in progress failed", zap.Error(err))
			}
		}
	}
}

// Close hands back what was fetched and not handed out. Call it after pipeline.Run has returned; it takes about as
// long as a pull lives, a second where the line is no trouble and nine at most.
func (x *Source) Close(ctx context.Context) error {
	defer func() { close(x.stop); <-x.beaten }()
	x.lost.close()
	for _, m := range x.queue {
		if err := m.Nak(); err != nil {
			return fmt.Errorf("handing back an article: %w", err)
		}
	}
	x.queue = nil
	for x.msgs != nil {
		select {
		case m, ok := <-x.msgs:
			if !ok {
				x.msgs = nil
				break
			}
			if err := m.Nak(); err != nil {
				return fmt.Errorf("handing back an article: %w", err)
			}
		case <-ctx.Done():
			return fmt.Errorf("handing back articles: %w", ctx.Err())
		}
	}
	return nil
}

// Backlog says how much of the raw stream is still to be done by all workers: not yet delivered, and in hand.
func (x *Source) Backlog(ctx context.Context) (pending, inHand int, err error) {
	info, err := x.consumer.Info(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("consumer %s of stream %s: %w", x.s.Consumer, x.s.RawStream, err)
	}
	return int(info.NumPending), info.NumAckPending, nil
}

// Floor is the sequence up to which every article is settled, by whichever worker.
func (x *Source) Floor(ctx context.Context) (uint64, error) {
	info, err := x.consumer.Info(ctx)
	if err != nil {
		return 0, fmt.Errorf("consumer %s of stream %s: %w", x.s.Consumer, x.s.RawStream, err)
	}
	return info.AckFloor.Stream, nil
}

// String names the source for people.
func (x *Source) String() string {
	return strings.Join([]string{x.s.RawStream, x.s.Consumer}, " > ")
}
