package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
)

// Kept is a stream whose messages can be read again, as it was when it was looked at. Reading disturbs nobody: no other
// consumer, no acknowledgement.
type Kept struct {
	Stream   string
	Created  time.Time // another one of the same name was created at another time
	Last     uint64    // sequence of its last message
	Messages uint64    //
	Bytes    uint64    // of all messages

	streams *Streams
}

// A Span says which messages are read. The zero value is all.
type Span struct {
	Subject      string    // those that match; empty: all
	Since, Until time.Time // those that the stream received at or after, and before; zero: no bound
}

// Kept looks at a stream.
func (c *Conn) Kept(ctx context.Context, stream string) (*Kept, error) {
	streams, err := c.streams(Setup{})
	if err != nil {
		return nil, err
	}
	s, err := c.js.Stream(ctx, stream)
	if err != nil {
		return nil, streams.explain(fmt.Errorf("stream %s at %s: %w", stream, c.URL(), err))
	}
	info := s.CachedInfo()
	return &Kept{stream, info.Created, info.State.LastSeq, info.State.Msgs, info.State.Bytes, streams}, nil
}

const keptPatience = time.Minute // without an answer, after which reading fails

// Read yields the messages behind a sequence up to one, in order, as the deliveries that a worker would get, and so of
// the same articles. It reads through an ephemeral consumer, which goes when it ends, or half a minute after the process
// died. Lost connections are waited out for a minute.
func (k *Kept) Read(ctx context.Context, span Span, after, last uint64) iter.Seq2[pipeline.Delivery, error] {
	return func(yield func(pipeline.Delivery, error) bool) {
		ctx, cancel := context.WithCancel(ctx)
		out, ended := make(chan js.Msg), make(chan error, 1)
		go func() {
			ended <- k.streams.conn.tail(ctx, tailing{stream: k.Stream, subject: span.Subject, last: after, since: span.Since, ends: true, patience: keptPatience}, out)
			close(ended)
		}()
		defer func() {
			cancel()
			for range ended {
			}
		}()
		for {
			select {
			case m := <-out:
				meta, err := m.Metadata()
				switch {
				case err != nil:
					yield(pipeline.Delivery{}, errors.Join(errors.New("a message that JetStream did not deliver"), err))
					return
				case meta.Sequence.Stream > last, !span.Until.IsZero() && !meta.Timestamp.Before(span.Until):
					return
				case meta.Timestamp.Before(span.Since):
				default:
					d := fetched{m, meta}.delivery()
					if err := k.claimed(ctx, &d, m.Headers()); !yield(d, err) || err != nil {
						return
					}
				}
				if meta.NumPending == 0 || meta.Sequence.Stream == last {
					return
				}
			case err := <-ended:
				if err != nil && ctx.Err() == nil {
					yield(pipeline.Delivery{}, err)
				}
				return
			}
		}
	}
}

// claimed fetches the body of an article that is too large for its message. One that is gone is the article's failure.
func (k *Kept) claimed(ctx context.Context, d *pipeline.Delivery, h nats.Header) error {
	o, ok, err := claim(h)
	if !ok {
		return nil
	}
	if err == nil {
		d.Data, err = k.streams.fetch(ctx, o, k.Stream)
	} else {
		err = pipeline.Permanent(err)
	}
	if errors.Is(err, errNoObject) || pipeline.IsPermanent(err) {
		d.Err = &pipeline.Failure{Class: pipeline.ClassArticle, Field: "object", Reason: err.Error(), Err: err}
		return nil
	}
	return err
}
