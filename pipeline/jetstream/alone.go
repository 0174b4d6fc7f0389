package jetstream

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
)

// An article may kill the worker that reads it: it exhausts the memory, or makes the runtime give up. Nobody is left
// then to say so, and everything else that was in the worker's hands comes back too, under equal suspicion. So what comes
// back is read alone, while nothing else is, and a note is taken before: who reads it. The note is struck out as soon as
// the article has been read, whatever becomes of its record. A note that still stands is a death that nothing else can be
// blamed for, but for those who kill workers from outside: they too leave one if they strike in these few milliseconds,
// and not if the worker waits for articles or for answers. More than one such death is what condemns.

// notes are kept at the server, since a worker's own memory dies with it, and its disk may be another's tomorrow.
type notes struct {
	s  *Streams
	me string // this process, or rather this source

	mu     sync.Mutex
	stream string // name; empty as long as it has not been found
}

// A note is about one article of the raw stream. It is the last message of its subject.
type note struct {
	Deaths int    `json:"deaths"` // of workers that were reading this article and nothing else
	By     string `json:"by"`     // who reads it now; empty: nobody
}

const (
	notesAge  = 7 * 24 * time.Hour // by then an article is settled, or its stream is abandoned
	notesWait = 3 * time.Second    // for the server to answer, at start: it may not allow us any
)

// notes finds the stream of notes or makes it. Without one (a worker may lack the permission) articles that come back
// are read beside others, and one that kills its readers is given up only by the number of its deliveries. If the stream
// has no leader at this moment, it is looked for again when a note is to be taken.
func (s *Streams) notes(ctx context.Context) *notes {
	b := &notes{s: s, me: rand.Text()}
	refusals := s.conn.refusals.Load()
	err := within(ctx, notesWait, func(ctx context.Context) error {
		if err := b.open(ctx); err != nil {
			return err
		}
		return b.try(ctx)
	})
	switch {
	case err == nil:
	case s.conn.refusals.Load() == refusals && (passes(err) || s.conn.mayBePlaced(err)):
		s.log.Info("the stream of notes on articles that are read alone is not ready; it is looked for again when one is needed",
			zap.String("stream", s.AloneStream), zap.Error(err))
	default:
		s.log.Warn("no notes can be kept of articles that are read alone: one that kills its workers takes those beside it along, and is given up only after too many deliveries",
			zap.String("subject", s.Alone), zap.String("stream", s.AloneStream), zap.Int("deliveries", s.MaxDeliver), zap.Error(err))
		return nil
	}
	return b
}

// open finds or makes the stream, unless that is done.
func (b *notes) open(ctx context.Context) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.stream != "" {
		return nil
	}
	name, err := b.s.notesStream(ctx)
	b.stream = name
	return err
}

// try reads and writes a note on no article, so that a missing permission shows at start and not beside a death.
func (b *notes) try(ctx context.Context) error {
	if _, err := b.last(ctx, 0); err != nil {
		return err
	}
	data, _ := json.Marshal(note{})
	if _, err := b.s.conn.js.Publish(ctx, b.subject(0), data); err != nil {
		return fmt.Errorf("writing notes: %w", err)
	}
	return nil
}

// last is the newest note on an article; the zero note where there is none.
func (b *notes) last(ctx context.Context, sequence uint64) (n note, err error) {
	m, err := b.s.conn.leaderGet(ctx, b.stream, map[string]any{"last_by_subj": b.subject(sequence)})
	if errors.Is(err, js.ErrMsgNotFound) {
		return note{}, nil
	}
	if err == nil {
		err = json.Unmarshal(m.Data, &n)
	}
	if err != nil {
		return note{}, fmt.Errorf("reading the note on article %d: %w", sequence, err)
	}
	return n, nil
}

func (s *Streams) notesStream(ctx context.Context) (string, error) {
	name, err := s.conn.js.StreamNameBySubject(ctx, s.Alone)
	if err == nil {
		stream, err := s.conn.js.Stream(ctx, name)
		if err != nil {
			return "", err
		}
		if stream.CachedInfo().Config.Retention != js.LimitsPolicy {
			return "", fmt.Errorf("the retention of stream %s is not limits: notes would be forgotten", name)
		}
		return name, nil
	}
	if !errors.Is(err, js.ErrStreamNotFound) {
		return "", err
	}
	_, err = s.conn.js.CreateStream(ctx, js.StreamConfig{
		Name:              s.AloneStream,
		Description:       "Quotewire: notes on articles that are read alone",
		Subjects:          []string{s.Alone},
		Storage:           js.FileStorage,
		Replicas:          max(1, s.Replicas),
		MaxMsgsPerSubject: 1,
		MaxAge:            notesAge,
	})
	if err != nil {
		return "", err
	}
	return s.AloneStream, nil
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
	once     sync.Once
}

// begin notes that we read an article, or give it up, for which its id must be known. The note is with the server when it returns, but no
// time is spent on the stream's acknowledgement: a worker that is killed while it waits for that would leave a note on an
// article that it never touched. A note that is lost for want of a leader costs one more death.
func (b *notes) begin(ctx context.Context, sequence uint64) (*trial, error) {
	// Not even the end of ctx may leave it open whether a note was taken.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), publishTry)
	defer cancel()
	if err := b.open(ctx); err != nil {
		return nil, fmt.Errorf("finding the stream of notes: %w", err)
	}
	n, err := b.last(ctx, sequence)
	if err != nil {
		return nil, err
	}
	t := &trial{notes: b, sequence: sequence, deaths: n.Deaths}
	if n.By != "" && n.By != b.me { // ours would only say that we could not strike it out
		t.deaths++
	}
	if err := t.write(note{Deaths: t.deaths, By: b.me}); err != nil {
		return nil, fmt.Errorf("taking a note on article %d: %w", sequence, err)
	}
	if err := b.s.conn.nc.FlushWithContext(ctx); err != nil {
		t.survived() // it may arrive yet: behind it, this one does too
		return nil, fmt.Errorf("taking a note on article %d: %w", sequence, err)
	}
	return t, nil
}

func (t *trial) write(n note) error {
	data, err := json.Marshal(n)
	if err != nil {
		return err
	}
	return t.notes.s.conn.nc.PublishMsg(&nats.Msg{Subject: t.notes.subject(t.sequence), Data: data})
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

// decodes reports whether an article may be decoded at least: not if that is what kills its readers.
func (t *trial) decodes() bool { return t == nil || t.deaths+1 < t.notes.s.Crashes+2 }

// survived strikes out the note on an article that has been read to its end, and earlier deaths with it; where it
// is given up, it was not read, and they stay. The message goes the way of the acknowledgement, behind whose
// back nothing can come: if the connection is lost, both wait for the next.
func (t *trial) survived() {
	if t == nil {
		return
	}
	t.once.Do(func() {
		var n note
		if t.fatal() != nil {
			n.Deaths = t.deaths
		}
		if err := t.write(n); err != nil {
			t.notes.s.log.Warn("the note on an article that was read cannot be struck out", zap.Uint64("sequence", t.sequence), zap.Error(err))
		}
	})
}
