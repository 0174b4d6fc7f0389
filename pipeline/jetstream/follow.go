package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/retry"
)

// A Mark is a place in the streams of what comes out: everything after it is new. The zero Mark is the beginning.
type Mark struct{ Records, Dead uint64 }

// Mark is where the streams are now: at their newest record and dead letter.
func (s *Streams) Mark(ctx context.Context) (Mark, error) {
	var m Mark
	for _, x := range []struct {
		stream, subject string
		seq             *uint64
	}{{s.ExtractedStream, s.Extracted, &m.Records}, {s.DeadStream, s.Dead, &m.Dead}} {
		last, err := s.conn.leaderGet(ctx, x.stream, map[string]any{"last_by_subj": x.subject})
		switch {
		case errors.Is(err, js.ErrMsgNotFound):
		case err != nil:
			return Mark{}, s.explain(fmt.Errorf("stream %s: %w", x.stream, err))
		default:
			*x.seq = last.Sequence
		}
	}
	return m, nil
}

// An Outcome is one record or one dead letter as it arrives downstream.
type Outcome struct {
	Record   []byte          // JSON, of the message or of its object; nil for a dead letter
	Dead     *DeadLetter     // nil for a record
	From     pipeline.Origin // the raw message it was made from
	Sequence uint64          // in its own stream
	Subject  string
	Header   nats.Header
}

// Follow yields what is in the streams of records and of dead letters after a mark, each in order of its own stream,
// and goes on as more arrives, until ctx ends, which is no error, or the loop is left. It leaves nothing behind at the
// server and disturbs no other reader.
func (s *Streams) Follow(ctx context.Context, after Mark) iter.Seq2[Outcome, error] {
	return func(yield func(Outcome, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		out := make(chan js.Msg)
		ends := make(chan error, 2)
		go func() {
			ends <- s.conn.tail(ctx, tailing{stream: s.ExtractedStream, subject: s.Extracted, last: after.Records}, out)
		}()
		go func() {
			ends <- s.conn.tail(ctx, tailing{stream: s.DeadStream, subject: s.Dead, last: after.Dead}, out)
		}()
		running := 2
		defer func() {
			cancel()
			for ; running > 0; running-- {
				<-ends
			}
		}()
		for running > 0 {
			select {
			case m := <-out:
				if o, err := s.outcome(ctx, m); !yield(o, err) || err != nil {
					return
				}
			case err := <-ends:
				running--
				if err != nil && ctx.Err() == nil {
					yield(Outcome{}, err)
					return
				}
			}
		}
	}
}

func (s *Streams) outcome(ctx context.Context, m js.Msg) (Outcome, error) {
	meta, err := m.Metadata()
	if err != nil {
		return Outcome{}, fmt.Errorf("following what comes out: %w", err)
	}
	o := Outcome{From: origin(m.Headers()), Sequence: meta.Sequence.Stream, Subject: m.Subject(), Header: m.Headers()}
	if meta.Stream != s.DeadStream {
		o.Record = m.Data()
		if where, ok, err := claim(m.Headers()); ok {
			if err == nil {
				o.Record, err = s.fetch(ctx, where, meta.Stream)
			}
			if err != nil {
				return o, fmt.Errorf("record %d of stream %s: %w", o.Sequence, meta.Stream, err)
			}
		}
		return o, nil
	}
	d, err := readDeadLetter(m)
	o.Dead = &d
	return o, err
}

// A tailing is what tail reads of a stream.
type tailing struct {
	stream, subject string // empty subject: all
	last            uint64 // begins behind it
	since           time.Time
	ends            bool          // when there is nothing more for the moment; else never
	patience        time.Duration // how long it may fail before that is an error; 0: for ever
}

// tail sends the messages of a stream after a sequence, in order and without gaps, whatever happens to the connection.
// It fetches from a consumer without acknowledgements, and begins a new one after the last message seen when a number
// is missing, be it the last that the server has delivered. (The client library's ordered consumer rests on Consume, which can stall for half a minute.)
func (c *Conn) tail(ctx context.Context, t tailing, out chan<- js.Msg) error {
	well := time.Now()
	for failed := 0; ; failed++ {
		seen, err := c.tailOnce(ctx, t, out)
		switch {
		case ctx.Err() != nil, errors.Is(err, errNoMore):
			return nil
		case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, js.ErrStreamNotFound):
			return fmt.Errorf("following stream %s: %w", t.stream, err)
		}
		if seen > t.last {
			t.last, failed, well = seen, 0, time.Now()
		}
		if t.patience > 0 && time.Since(well) > t.patience {
			return fmt.Errorf("reading stream %s behind sequence %d: %w", t.stream, t.last, err)
		}
		c.log.Debug("following a stream anew", zap.String("stream", t.stream), zap.Uint64("after", t.last), zap.Error(err))
		if !retry.Sleep(ctx, retry.Delay(50*time.Millisecond, 2*time.Second, failed)) {
			return nil
		}
	}
}

var (
	errGap    = errors.New("a message was missed")
	errNoMore = errors.New("there is nothing more for the moment")
)

func (c *Conn) tailOnce(ctx context.Context, t tailing, out chan<- js.Msg) (uint64, error) {
	begin, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	config := js.ConsumerConfig{
		DeliverPolicy:     js.DeliverByStartSequencePolicy,
		OptStartSeq:       t.last + 1,
		AckPolicy:         js.AckNonePolicy,
		FilterSubject:     t.subject,
		MemoryStorage:     true,
		Replicas:          1,
		InactiveThreshold: 30 * time.Second,
	}
	if t.last == 0 && !t.since.IsZero() {
		config.DeliverPolicy, config.OptStartSeq, config.OptStartTime = js.DeliverByStartTimePolicy, 0, &t.since
	}
	consumer, err := c.js.CreateConsumer(begin, t.stream, config)
	if err != nil {
		return t.last, err
	}
	defer func() {
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
		defer cancel()
		c.js.DeleteConsumer(end, t.stream, consumer.CachedInfo().Name) // else it goes by itself after half a minute
	}()
	if t.ends && consumer.CachedInfo().NumPending == 0 {
		return t.last, errNoMore
	}
	connected := c.nc.Stats().Reconnects
	last, next := t.last, uint64(1)
	for ctx.Err() == nil {
		batch, err := consumer.Fetch(256, js.FetchMaxWait(pullExpiry))
		if err != nil {
			return last, err
		}
		before := next
		if last, next, err = forward(ctx, batch, last, next, out); err != nil {
			return last, err
		}
		if c.nc.Stats().Reconnects != connected { // what was under way is lost, and the last of it leaves no gap
			return last, errGap
		}
		if next > before {
			continue
		}
		// Nothing came. What the server delivered to a pull that had ended here by then leaves no gap unless more comes, and
		// servers before 2.10 do not answer the pull of a consumer that is gone.
		info, err := consumer.Info(ctx)
		switch {
		case err != nil:
			return last, err
		case info.Delivered.Consumer >= next:
			return last, errGap
		case t.ends && info.NumPending == 0:
			return last, errNoMore
		}
	}
	return last, nil
}

// forward sends a batch on as long as no number is missing.
func forward(ctx context.Context, batch js.MessageBatch, last, next uint64, out chan<- js.Msg) (uint64, uint64, error) {
	for {
		var m js.Msg
		var ok bool
		select {
		case m, ok = <-batch.Messages():
		case <-ctx.Done():
			return last, next, nil
		}
		if !ok {
			break
		}
		meta, err := m.Metadata()
		if err != nil {
			return last, next, err
		}
		if meta.Sequence.Consumer != next {
			return last, next, errGap
		}
		select {
		case out <- m:
		case <-ctx.Done():
			return last, next, nil
		}
		next, last = next+1, meta.Sequence.Stream
	}
	if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, js.ErrNoMessages) {
		return last, next, err
	}
	return last, next, nil
}
