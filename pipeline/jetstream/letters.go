package jetstream

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
)

// Letters are the dead letters of a Setup, in the hands of an operator: to look at, to send on their way once more, to
// throw away. It is safe for concurrent use.
type Letters struct {
	s    *Streams
	dead js.Stream
}

var (
	// ErrNoLetters says that no stream listens to the subject of dead letters.
	ErrNoLetters = errors.New("no stream of dead letters")
	// ErrNoLetter says that there is no dead letter of that number, or no longer.
	ErrNoLetter = errors.New("no such dead letter")
	// ErrBodyGone says that a dead letter was too large to hold its article, and the raw stream has forgotten it too.
	ErrBodyGone = errors.New("the article's bytes are gone")
)

// Letters opens the stream of dead letters. It makes no stream: where none is, nothing was given up.
func (c *Conn) Letters(ctx context.Context, setup Setup) (*Letters, error) {
	s, err := c.streams(setup)
	if err != nil {
		return nil, err
	}
	return s.Letters(ctx)
}

// Letters are the dead letters of the same setup.
func (s *Streams) Letters(ctx context.Context) (*Letters, error) {
	name, err := s.conn.js.StreamNameBySubject(ctx, s.Dead)
	switch {
	case errors.Is(err, js.ErrStreamNotFound):
		return nil, fmt.Errorf("%w listens to %s at %s", ErrNoLetters, s.Dead, s.conn.URL())
	case err != nil:
		return nil, s.explain(fmt.Errorf("looking for the stream of dead letters (%s): %w", s.Dead, err))
	}
	dead, err := s.conn.js.Stream(ctx, name)
	if err != nil {
		return nil, s.explain(fmt.Errorf("stream %s: %w", name, err))
	}
	of := *s
	of.DeadStream = name
	return &Letters{s: &of, dead: dead}, nil
}

// Stream is the name of the stream that holds them.
func (l *Letters) Stream() string { return l.s.DeadStream }

// A LetterFilter chooses dead letters: those that agree with every field that is set.
type LetterFilter struct {
	Sequences []uint64 // these, in this order; see DeadLetter.Sequence
	Class     pipeline.Class
	Field     string
	Article   string    // its id or URL
	After     time.Time // given up then or later
	Before    time.Time // given up earlier
	Limit     int       // so many at most, the oldest first; 0: all
}

func (f LetterFilter) takes(d DeadLetter) bool {
	return (f.Class == "" || d.Class == f.Class) &&
		(f.Field == "" || d.Field == f.Field) &&
		(f.Article == "" || d.Article == f.Article) &&
		(f.After.IsZero() || !d.Time.Before(f.After)) &&
		(f.Before.IsZero() || d.Time.Before(f.Before))
}

// All yields the dead letters that were there when it was called, the oldest first. It holds a few hundred of them at a
// time. An error ends it, but for one that wraps ErrNoLetter: the next number may be there.
func (l *Letters) All(ctx context.Context, f LetterFilter) iter.Seq2[DeadLetter, error] {
	return func(yield func(DeadLetter, error) bool) {
		n := 0
		take := func(d DeadLetter, err error) bool {
			if err != nil {
				return yield(d, err) && errors.Is(err, ErrNoLetter)
			}
			if !f.takes(d) {
				return true
			}
			n++
			return yield(d, nil) && n != f.Limit
		}
		if len(f.Sequences) > 0 {
			for _, seq := range f.Sequences {
				if !take(l.Get(ctx, seq)) {
					return
				}
			}
			return
		}
		subject := l.s.Dead
		if f.Class != "" {
			if own := fill(subject, string(f.Class)); checkSubject(own) == nil {
				subject = own // the server need not send the others
			}
		}
		l.read(ctx, subject, take)
	}
}

// read gives take all that the stream holds of a subject, until it has had enough.
func (l *Letters) read(ctx context.Context, subject string, take func(DeadLetter, error) bool) {
	end, err := l.last(ctx, subject)
	if err != nil {
		take(DeadLetter{}, err)
		return
	}
	if end == 0 {
		return
	}
	following, cancel := context.WithCancel(ctx)
	out := make(chan js.Msg)
	ended := make(chan error, 1)
	go func() { ended <- l.s.conn.tail(following, tailing{stream: l.s.DeadStream, subject: subject}, out) }()
	left := false
	defer func() {
		cancel()
		if !left {
			<-ended
		}
	}()
	for at := uint64(0); at < end; {
		select {
		case m := <-out:
			d, err := readDeadLetter(m)
			if !take(d, err) {
				return
			}
			at = d.Sequence
		case err := <-ended:
			left = true
			if err == nil {
				err = context.Cause(ctx)
			}
			take(DeadLetter{}, err)
			return
		case <-time.After(2 * time.Second): // somebody may have dropped the last one
			now, err := l.last(ctx, subject)
			if err != nil {
				take(DeadLetter{}, err)
				return
			}
			end = min(end, now)
		}
	}
}

// last is the number of the newest dead letter of a subject; 0 where there is none.
func (l *Letters) last(ctx context.Context, subject string) (uint64, error) {
	m, err := l.dead.GetLastMsgForSubject(ctx, subject)
	switch {
	case errors.Is(err, js.ErrMsgNotFound):
		return 0, nil
	case err != nil:
		return 0, l.s.explain(fmt.Errorf("reading stream %s: %w", l.s.DeadStream, err))
	}
	return m.Sequence, nil
}

// Get reads one dead letter. Its error wraps ErrNoLetter where there is none of this number.
func (l *Letters) Get(ctx context.Context, sequence uint64) (DeadLetter, error) {
	m, err := l.dead.GetMsg(ctx, sequence)
	switch {
	case errors.Is(err, js.ErrMsgNotFound), sequence == 0, err == nil && !covers(l.s.Dead, m.Subject):
		return DeadLetter{Sequence: sequence}, fmt.Errorf("%w as %d in stream %s", ErrNoLetter, sequence, l.s.DeadStream)
	case err != nil:
		return DeadLetter{Sequence: sequence}, l.s.explain(fmt.Errorf("reading stream %s: %w", l.s.DeadStream, err))
	}
	return letter(m.Header, m.Data, m.Sequence), nil
}

// Body is the article as it came in: of the dead letter, of the object store where it was too large for that, or of the
// raw stream where neither took it. The error wraps ErrBodyGone if it is there no longer.
func (l *Letters) Body(ctx context.Context, d DeadLetter) ([]byte, error) {
	if d.object.name != "" {
		stream := l.s.DeadStream
		if d.object.bucket == d.From.Stream+objectsOf { // of a letter that could not be given its own
			stream = d.From.Stream
		}
		data, err := l.s.fetch(ctx, d.object, stream)
		if errors.Is(err, errNoObject) || pipeline.IsPermanent(err) {
			return nil, fmt.Errorf("%w: %w", ErrBodyGone, err)
		}
		return data, err
	}
	if d.Omitted == 0 {
		return d.Data, nil
	}
	gone := func(why string) error {
		bytes := "bytes"
		if d.Omitted > 0 {
			bytes = strconv.Itoa(d.Omitted) + " bytes"
		}
		return fmt.Errorf("%w: its %s were only in stream %s as %d, %s", ErrBodyGone, bytes, d.From.Stream, d.From.Sequence, why)
	}
	raw, err := l.s.conn.js.Stream(ctx, d.From.Stream)
	if errors.Is(err, js.ErrStreamNotFound) {
		return nil, gone("which is no more")
	}
	if err != nil {
		return nil, l.s.explain(fmt.Errorf("stream %s: %w", d.From.Stream, err))
	}
	m, err := raw.GetMsg(ctx, d.From.Sequence)
	switch {
	case errors.Is(err, js.ErrMsgNotFound):
		return nil, gone("which has dropped it")
	case err != nil:
		return nil, l.s.explain(fmt.Errorf("reading stream %s: %w", d.From.Stream, err))
	case len(m.Data) != d.Omitted:
		return nil, gone("which now holds something else there")
	}
	return m.Data, nil
}

// Replay publishes the article of a dead letter once more as a raw article: the same bytes, on the subject that it came
// in on if that still is one of raw articles. The id names the dead letter, so that a second replay within the raw
// stream's window of duplicates adds nothing, and says so. The dead letter stays: see Drop.
func (l *Letters) Replay(ctx context.Context, d DeadLetter) (Published, error) {
	body, err := l.Body(ctx, d)
	if err != nil {
		return Published{}, err
	}
	stream, err := l.s.conn.js.StreamNameBySubject(ctx, l.s.Raw)
	if errors.Is(err, js.ErrStreamNotFound) {
		return Published{}, fmt.Errorf("no stream of raw articles listens to %s", l.s.Raw)
	}
	if err != nil {
		return Published{}, l.s.explain(fmt.Errorf("looking for the stream of raw articles (%s): %w", l.s.Raw, err))
	}
	msg := &nats.Msg{Subject: l.RawSubject(d), Header: original(d.Header), Data: body}
	ack, err := l.s.publishAny(ctx, msg, stream, fmt.Sprintf("replay:%s:%d", l.s.DeadStream, d.Sequence), func() string { return rawObject(body) })
	if err != nil {
		return Published{}, err
	}
	return Published{Sequence: ack.Sequence, Duplicate: ack.Duplicate}, nil
}

// RawSubject is where Replay publishes a dead letter.
func (l *Letters) RawSubject(d DeadLetter) string {
	if s := d.From.Subject; checkSubject(s) == nil && !strings.ContainsAny(s, "*>") && covers(l.s.Raw, s) {
		return s
	}
	return fill(l.s.Raw, "replay")
}

// original takes our headers off those of a dead letter.
func original(h nats.Header) nats.Header {
	h = maps.Clone(h)
	ours := []string{
		HeaderSourceStream, HeaderSourceSeq, HeaderSourceSubject, HeaderAttempt,
		HeaderClass, HeaderReason, HeaderField, HeaderArticle, HeaderProgram, HeaderTime, HeaderOmitted,
		HeaderObject, HeaderObjectSize, HeaderObjectSum,
	}
	maps.DeleteFunc(h, func(name string, _ []string) bool {
		return slices.Contains(ours, name) || strings.HasPrefix(strings.ToLower(name), "nats-") // the server adds some of its own
	})
	return h
}

// Drop deletes a dead letter for good, with its object. One that is gone already is no error.
func (l *Letters) Drop(ctx context.Context, d DeadLetter) error {
	err := l.dead.DeleteMsg(ctx, d.Sequence)
	if err != nil {
		if _, now := l.Get(ctx, d.Sequence); errors.Is(now, ErrNoLetter) {
			err = nil
		}
	}
	if err == nil && d.object.bucket == l.s.DeadStream+objectsOf {
		return l.s.drop(ctx, d.object)
	}
	if err == nil {
		return nil
	}
	return l.s.explain(fmt.Errorf("dropping %d from stream %s: %w", d.Sequence, l.s.DeadStream, err))
}
