package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
)

// An article that is given up may have its record all the same: a worker published it and died before it could
// acknowledge the article; or one was halted with the record in its hands, the article went to others, and it wakes up
// when they have given up. Records and dead letters lie in two streams, and nothing at the server spans both. So what
// decides is the stream of records alone, by the means that it has: it takes each id once. Before the letter is written
// a bar is published to that stream under the id that the record has, on a subject of its own and without a body. If the
// record is there, the bar is known again as its repetition, and the article is acknowledged. If the bar is there, the
// record is known again as the bar's, and whoever brings it writes the letter, in case the one who set the bar has died.
// That holds for as long as the stream knows an id again: see Setup.Duplicates.

// bars is the subject of all bars: beside that of the records, and in the same stream.
func (s *Setup) bars() string { return strings.TrimRight(s.Extracted, ".*>") + "-given-up.>" }

// giveUp writes the dead letter of an article. If the article has its record, it does not, and out is true.
func (s *Streams) giveUp(ctx context.Context, r remains, from pipeline.Origin, f *pipeline.Failure) (out bool, err error) {
	// First the bar, so that nobody publishes the record any more, then the letter; the end of the article comes last. In
	// any other order a crash in between would leave it with both or with neither.
	if f.Record != "" {
		switch out, err := s.bar(ctx, f, from); {
		case err != nil:
			return false, fmt.Errorf("giving up record %s: %w", f.Record, err)
		case out:
			s.log.Info("an article that was to be given up has its record already", zap.Uint64("sequence", from.Sequence), zap.String("record", f.Record))
			return true, nil
		}
	}
	if err := s.bury(ctx, s.whole(ctx, r), from, f); err != nil {
		return false, fmt.Errorf("writing the dead letter: %w", err)
	}
	return false, nil
}

// bar keeps the record of an article out of the stream, unless it is there: out is then true.
func (s *Streams) bar(ctx context.Context, f *pipeline.Failure, from pipeline.Origin) (out bool, err error) {
	if s.ReplayProof { // there a record is known again for ever, by its subject
		switch _, err := s.get(ctx, map[string]any{"last_by_subj": s.subject(s.Extracted, "*", f.Record)}); {
		case err == nil:
			return true, nil
		case !errors.Is(err, js.ErrMsgNotFound):
			return false, err
		}
	}
	h := s.epitaph(remains{}, f)
	provenance(h, from)
	subject := fill(s.bars(), from.Stream+"."+strconv.FormatUint(from.Sequence, 10))
	barred, there, err := s.publishOnly(ctx, &nats.Msg{Subject: subject, Header: h}, f.Record, from)
	return there && barred == nil, err
}

// publishOnly publishes a record, or the bar in its place, under the record's id. If the stream has the one or the other
// already, there is true, and barred is why the article was given up, if it was.
func (s *Streams) publishOnly(ctx context.Context, msg *nats.Msg, record string, from pipeline.Origin) (barred *pipeline.Failure, there bool, err error) {
	for id := record; ; {
		ack, err := s.publishAny(ctx, msg, s.ExtractedStream, id, func() string { return "record/" + record })
		if err != nil || !ack.Duplicate {
			return nil, false, err
		}
		if ack.Sequence == 0 { // known by its subject: replay-proof
			if covers(s.bars(), msg.Subject) {
				return &pipeline.Failure{}, true, nil
			}
			return nil, true, nil
		}
		m, err := s.get(ctx, map[string]any{"seq": ack.Sequence})
		if errors.Is(err, js.ErrMsgNotFound) || err == nil && !covers(s.bars(), m.Subject) {
			return nil, true, nil // the record, perhaps of those that were purged since
		}
		if err != nil {
			return nil, false, err
		}
		h, err := nats.DecodeHeadersMsg(m.Header)
		if err != nil {
			return nil, false, fmt.Errorf("reading the headers of %s: %w", m.Subject, err)
		}
		if by := origin(h); by.Stream == from.Stream && by.Sequence == from.Sequence {
			f := letter(h, nil, 0).Failure
			return &f, true, nil
		}
		// The same article came in by another message, and that one was given up. This one is a try of its own.
		id = record + "." + strconv.FormatUint(ack.Sequence, 10)
	}
}

// get reads a message of the stream of records.
func (s *Streams) get(ctx context.Context, which map[string]any) (m stored, err error) {
	ctx, cancel := context.WithTimeout(ctx, publishFor)
	defer cancel()
	err = s.conn.patiently(ctx, func(ctx context.Context) (err error) {
		m, err = s.conn.leaderGet(ctx, s.ExtractedStream, which)
		return err
	})
	if err != nil && !errors.Is(err, js.ErrMsgNotFound) {
		err = fmt.Errorf("reading stream %s: %w", s.ExtractedStream, err)
	}
	return m, err
}

const (
	impossible = 1 << 62 // no sequence that a subject will ever have
	probeFor   = 3 * time.Second
)

// mayBar finds out whether the server lets us set a bar, without setting one. Where that stays open (the stream has no
// leader at this moment, or is gone) nothing is wrong yet.
func (s *Streams) mayBar(ctx context.Context) error {
	refusals := s.conn.refusals.Load()
	probe := strings.TrimSuffix(s.bars(), ".>") + ".none"
	err := within(ctx, probeFor, func(ctx context.Context) error {
		_, err := s.conn.js.Publish(ctx, probe, nil, js.WithExpectStream(s.ExtractedStream), js.WithExpectLastSequencePerSubject(impossible))
		var api *js.APIError
		if errors.As(err, &api) { // it was heard
			_, err = s.conn.leaderGet(ctx, s.ExtractedStream, map[string]any{"last_by_subj": probe})
		}
		return err
	})
	if s.conn.refusals.Load() == refusals {
		return ctx.Err()
	}
	return fmt.Errorf("a worker must be allowed to publish to %s and $JS.API.STREAM.MSG.GET.%s, so that no article gets a record and a dead letter: %w",
		s.bars(), s.ExtractedStream, err)
}

// barred tells that somebody brought the record of an article that was given up.
func (s *Streams) barred(f *pipeline.Failure, record string, from pipeline.Origin) error {
	s.log.Info("the record of an article that was given up comes too late", zap.String("record", record), zap.Uint64("sequence", from.Sequence),
		zap.String("class", string(f.Class)))
	return f
}
