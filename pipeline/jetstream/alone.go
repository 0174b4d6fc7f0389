package jetstream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
)

// An article may kill the worker that reads it: it exhausts the memory, or makes the runtime give up. Nobody is left
// then to say so, and everything else that was in the worker's hands comes back too, under equal suspicion. So what comes
// back is read alone, with nothing else in hand, and a note is taken before: who tries it. A note whose writer never
// came back to strike it out is a death that nothing else can be blamed for.

// notes are kept at the server, since a worker's own memory dies with it, and its disk may be another's tomorrow.
type notes struct {
	s      *Streams
	stream js.Stream
	me     string // this process, or rather this source
}

// A note is about one article of the raw stream. It is the last message of its subject.
type note struct {
	Deaths int    `json:"deaths"` // of workers that had this article in hand and nothing else
	By     string `json:"by"`     // who reads it now; empty: nobody
}

const (
	notesAge  = 7 * 24 * time.Hour // by then an article is settled, or its stream is abandoned
	notesWait = 3 * time.Second    // for the server to answer, at start: it may not allow us any
)

// notes finds the stream of notes or makes it. Without one (a worker may lack the permission) articles that come back
// are read beside others, and one that kills its readers is given up only by the number of its deliveries.
func (s *Streams) notes(ctx context.Context) *notes {
	ctx, cancel := context.WithTimeout(ctx, notesWait)
	defer cancel()
	b := &notes{s: s, me: rand.Text()}
	var err error
	if b.stream, err = s.notesStream(ctx); err == nil {
		err = b.try(ctx)
	}
	if err != nil {
		s.log.Warn("no notes can be kept of articles that are read alone: one that kills its workers takes those beside it along, and is given up only after too many deliveries",
			zap.String("subject", s.Alone), zap.String("stream", s.AloneStream), zap.Int("deliveries", s.MaxDeliver), zap.Error(err))
		return nil
	}
	return b
}

// try reads and writes a note on no article, so that a missing permission shows at start and not beside a death.
func (b *notes) try(ctx context.Context) error {
	if _, err := b.stream.GetLastMsgForSubject(ctx, b.subject(0)); err != nil && !errors.Is(err, js.ErrMsgNotFound) {
		return fmt.Errorf("reading notes: %w", err)
	}
	data, _ := json.Marshal(note{})
	if _, err := b.s.conn.js.Publish(ctx, b.subject(0), data); err != nil {
		return fmt.Errorf("writing notes: %w", err)
	}
	return nil
}

func (s *Streams) notesStream(ctx context.Context) (js.Stream, error) {
	name, err := s.conn.js.StreamNameBySubject(ctx, s.Alone)
	if err == nil {
		stream, err := s.conn.js.Stream(ctx, name)
		if err == nil && stream.CachedInfo().Config.Retention != js.LimitsPolicy {
			err = fmt.Errorf("the retention of stream %s is not limits: notes would be forgotten", name)
		}
		return stream, err
	}
	if !errors.Is(err, js.ErrStreamNotFound) {
		return nil, err
	}
	return s.conn.js.CreateStream(ctx, js.StreamConfig{
		Name:              s.AloneStream,
		Description:       "Quotewire: notes on articles that are read alone",
		Subjects:          []string{s.Alone},
		Storage:           js.FileStorage,
		Replicas:          max(1, s.Replicas),
		MaxMsgsPerSubject: 1,
		MaxAge:            notesAge,
		AllowDirect:       true,
	})
}

// subject is that of an article's note. Neither a stream's name nor a consumer's holds a dot.
func (b *notes) subject(sequence uint64) string {
	return fill(b.s.Alone, strings.Join([]string{b.s.RawStream, b.s.Consumer, strconv.FormatUint(sequence, 10)}, "."))
}

// A trial is an article that is read alone.
type trial struct {
	notes    *notes
	sequence uint64
	deaths   int // before
}

// begin notes that we read an article, if it may be read once more.
func (b *notes) begin(ctx context.Context, sequence uint64) (*trial, error) {
	// Not even the end of ctx may leave it open whether a note was taken.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTry)
	defer cancel()
	t := &trial{notes: b, sequence: sequence}
	m, err := b.stream.GetLastMsgForSubject(ctx, b.subject(sequence))
	switch {
	case errors.Is(err, js.ErrMsgNotFound):
	case err != nil:
		return nil, fmt.Errorf("reading the note on article %d: %w", sequence, err)
	default:
		var n note
		if err := json.Unmarshal(m.Data, &n); err != nil {
			return nil, fmt.Errorf("reading the note on article %d: %w", sequence, err)
		}
		t.deaths = n.Deaths
		if n.By != "" && n.By != b.me { // ours would only say that we could not strike it out
			t.deaths++
		}
	}
	if t.fatal() == nil {
		data, _ := json.Marshal(note{Deaths: t.deaths, By: b.me})
		if _, err := b.s.conn.js.Publish(ctx, b.subject(sequence), data); err != nil {
			return nil, fmt.Errorf("taking a note on article %d: %w", sequence, err)
		}
	}
	return t, nil
}

// fatal is the failure of an article that too many workers have died of.
func (t *trial) fatal() error {
	// The first death, the one that brought the article under suspicion, is not in the notes.
	if t == nil || t.deaths+1 < t.notes.s.Crashes {
		return nil
	}
	return &pipeline.Failure{Class: pipeline.ClassCrash,
		Reason: fmt.Sprintf("%d workers died while they read it, the last %d with nothing else in hand", t.deaths+1, t.deaths)}
}

// survived strikes out the note on an article that will come back. It goes the way of the acknowledgement, behind whose
// back nothing can come: if the connection is lost, both wait for the next.
func (t *trial) survived() error {
	if t == nil {
		return nil
	}
	data, _ := json.Marshal(note{Deaths: t.deaths})
	return t.notes.s.conn.nc.Publish(t.notes.subject(t.sequence), data)
}
