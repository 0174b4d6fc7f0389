package archive

import (
	"context"
	"iter"

	"github.com/quotewire/quotewire/pipeline"
)

// Messages reads a stream that keeps its messages: those behind a sequence up to one, each a delivery that nobody has to
// settle. An error is the last that it yields.
type Messages func(ctx context.Context, after, last uint64) iter.Seq2[pipeline.Delivery, error]

// OpenMessages makes a Source over a stream, up to the message Options.From.Last, that can be gone on with like a file:
// its Position is a sequence. What a message holds is an article as it is; it is not looked into for archives.
func OpenMessages(m Messages, o Options) *Source {
	s := newSource(o)
	s.messages = m
	return s
}

func (s *Source) readMessages(ctx context.Context) {
	from := s.opt.From
	after := from.Sequence
	if s.opt.Recall {
		after = 0
	}
	s.at.File, s.at.Done, s.at.Sequence = 0, from.Done, from.Sequence
	for d, err := range s.messages(ctx, after, from.Last) {
		if err != nil {
			s.broken = err
			return
		}
		s.bytes.Add(int64(len(d.Data)))
		s.at.Sequence = max(s.at.Sequence, d.From.Sequence)
		s.hand(ctx, d)
		if ctx.Err() != nil || s.enough() {
			return
		}
	}
}
