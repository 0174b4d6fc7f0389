package jetstream

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// A Setup names the subjects and streams, and how what does not exist yet is made. The zero value is a working one.
//
// Subjects that end in ".>" or ".*" have their last token filled in by the publisher: the language of a record, the
// class of a dead letter, the speaker of a quote. Others are used as they are.
//
// The stream of records also has an empty message for each article that could be read and was given up, beside the records
// (articles.extracted-given-up.>), so that its record cannot come late.
//
// A stream that already listens to a subject is taken as it is, under whatever name; streams and consumers that exist
// are checked and never altered. Where a field below is set, an existing stream must agree with it; where it is zero,
// the operator's own choice stands.
type Setup struct {
	Raw       string // articles come in here; empty: articles.raw.>
	Extracted string // records go out here; empty: articles.extracted.>, filled with the language
	Dead      string // dead letters go here; empty: articles.dead.>, filled with the class
	Alone     string // notes on articles that come back, see Crashes; empty: articles.alone.>; must end in ".>"
	Quotes    string // each quote also goes here, filled with its speaker: articles.quotes.>; empty: it does not

	RawStream       string // names, for streams that have to be made; empty: ARTICLES_RAW …
	ExtractedStream string //
	DeadStream      string //
	QuotesStream    string //
	AloneStream     string //
	AdvisoryStream  string // of what the server gives up by itself; empty: ARTICLES_ADVISORIES

	Consumer      string          // durable, shared by all workers; empty: quotewire
	AckWait       time.Duration   // how soon an article comes back from a worker that died; 0: 30 s for a new consumer
	BackOff       []time.Duration // the same for the first, second … time; the first is AckWait; nil: none
	MaxAckPending int             // articles in the hands of all workers together; 0: 1000 for a new consumer
	MaxDeliver    int             // deliveries after which an article is a dead letter; 0: 10
	Crashes       int             // deaths of workers, all but the first while they read it and nothing else, after which it is one; 0: 3

	Duplicates time.Duration // how long the streams know an id again; 0: 1 h for new streams
	MaxAge     time.Duration // how long raw articles, records and quotes are kept; 0: for ever. Dead letters always are
	Replicas   int           // of new streams; 0: 1

	// ReplayProof puts the id of a record, and of a quote, into its subject too: articles.extracted.en.<id>. Their streams
	// keep one message of each subject and refuse more, so that even years later a replay of the same articles with the
	// same extractor adds nothing. Extracted and Quotes then must end in ".>", and MaxAge must be 0.
	ReplayProof bool

	Program string // written into dead letters: "quotewire 1.2.0"
}

const (
	defaultAckWait       = 30 * time.Second
	defaultMaxAckPending = 1000
	defaultMaxDeliver    = 10
	defaultCrashes       = 3
	defaultDuplicates    = time.Hour
)

func (s Setup) filled() Setup {
	for _, d := range []struct {
		field *string
		value string
	}{
		{&s.Raw, "articles.raw.>"}, {&s.Extracted, "articles.extracted.>"}, {&s.Dead, "articles.dead.>"},
		{&s.RawStream, "ARTICLES_RAW"}, {&s.ExtractedStream, "ARTICLES_EXTRACTED"}, {&s.DeadStream, "ARTICLES_DEAD"},
		{&s.QuotesStream, "ARTICLES_QUOTES"}, {&s.Alone, "articles.alone.>"}, {&s.AloneStream, "ARTICLES_ALONE"}, {&s.AdvisoryStream, "ARTICLES_ADVISORIES"},
		{&s.Consumer, "quotewire"}, {&s.Program, "quotewire"},
	} {
		if *d.field == "" {
			*d.field = d.value
		}
	}
	if s.MaxDeliver == 0 {
		s.MaxDeliver = defaultMaxDeliver
	}
	if s.Crashes == 0 {
		s.Crashes = defaultCrashes
	}
	if s.AckWait == 0 && len(s.BackOff) > 0 {
		s.AckWait = s.BackOff[0]
	}
	return s
}

func (s Setup) check() error {
	subjects := []struct{ what, subject string }{{"raw", s.Raw}, {"extracted", s.Extracted}, {"dead", s.Dead}, {"notes", s.Alone}, {"articles given up", s.bars()}}
	if !strings.HasSuffix(s.Alone, ".>") {
		return fmt.Errorf("subject for notes: %q does not end in .>", s.Alone)
	}
	if s.Quotes != "" {
		subjects = append(subjects, struct{ what, subject string }{"quotes", s.Quotes})
	}
	for i, x := range subjects {
		if err := checkSubject(x.subject); err != nil {
			return fmt.Errorf("subject for %s: %w", x.what, err)
		}
		if i > 0 {
			if p := fill(x.subject, "x"); strings.ContainsAny(p, "*>") {
				return fmt.Errorf("subject for %s: %q: only the last token may be a wildcard", x.what, x.subject)
			}
		}
		for _, y := range subjects[:i] {
			if collide(x.subject, y.subject) {
				return fmt.Errorf("subjects for %s and %s overlap: %q and %q", y.what, x.what, y.subject, x.subject)
			}
		}
	}
	if s.ReplayProof {
		for _, x := range subjects {
			if (x.what == "extracted" || x.what == "quotes") && !strings.HasSuffix(x.subject, ".>") {
				return fmt.Errorf("subject for %s: %q does not end in .>, where replay-proof streams have the language or speaker and the id", x.what, x.subject)
			}
		}
		if s.MaxAge > 0 {
			return fmt.Errorf("a stream that forgets after %s is not replay-proof: leave out the one or the other", s.MaxAge)
		}
	}
	if len(s.BackOff) > 0 && s.AckWait != s.BackOff[0] {
		return fmt.Errorf("AckWait %s is not the first BackOff %s: the server would ignore it", s.AckWait, s.BackOff[0])
	}
	if s.MaxDeliver < 2 || s.Crashes < 2 || s.AckWait < 0 || s.MaxAckPending < 0 || s.Duplicates < 0 || s.MaxAge < 0 {
		return errors.New("MaxDeliver and Crashes must be at least 2, and no limit negative")
	}
	if s.AckWait > 0 && s.AckWait < 500*time.Millisecond {
		return fmt.Errorf("AckWait %s: at least 500 ms", s.AckWait)
	}
	return nil
}

// Streams are the streams of one Setup, on one connection. It is safe for concurrent use.
type Streams struct {
	Setup // with its defaults filled in, and the names of the streams that were found

	conn    *Conn
	log     *zap.Logger
	raw     js.Stream
	objects *objects
}

func (c *Conn) streams(setup Setup) (*Streams, error) {
	s := &Streams{Setup: setup.filled(), conn: c, log: c.log, objects: &objects{opened: map[string]js.ObjectStore{}}}
	return s, s.check()
}

// Streams makes the streams that are missing and checks those that are there. While the cluster has no leader it waits,
// until ctx ends.
func (c *Conn) Streams(ctx context.Context, setup Setup) (*Streams, error) {
	s, err := c.streams(setup)
	if err != nil {
		return nil, err
	}
	raw := wanted{use: rawArticles, subject: s.Raw, name: &s.RawStream, maxAge: s.MaxAge}
	all := []wanted{
		raw,
		{use: records, subject: s.Extracted, also: s.bars(), name: &s.ExtractedStream, maxAge: s.MaxAge},
		{use: deadLetters, subject: s.Dead, name: &s.DeadStream},
	}
	if s.Quotes != "" {
		all = append(all, wanted{use: quotes, subject: s.Quotes, name: &s.QuotesStream, maxAge: s.MaxAge})
	}
	for _, w := range all {
		if err := c.patiently(ctx, func(ctx context.Context) error { return s.ensure(ctx, w) }); err != nil {
			return nil, err
		}
	}
	err = c.patiently(ctx, func(ctx context.Context) (err error) {
		if s.raw, err = c.js.Stream(ctx, s.RawStream); err != nil {
			return s.explain(fmt.Errorf("stream %s: %w", s.RawStream, err))
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s, nil
}

// use is what a stream is for.
type use string

const (
	rawArticles use = "raw articles"
	records     use = "records"
	deadLetters use = "dead letters"
	quotes      use = "quotes"
)

// onceEach reports whether a stream of this use takes each id once and for ever.
func (s *Streams) onceEach(u use) bool { return s.ReplayProof && (u == records || u == quotes) }

// wanted is a stream as we need it.
type wanted struct {
	use     use
	subject string
	also    string  // another subject of the same stream; may be empty
	name    *string // wanted at first, then found
	maxAge  time.Duration
}

func (w wanted) subjects() []string {
	if w.also == "" {
		return []string{w.subject}
	}
	return []string{w.subject, w.also}
}

// ensure makes a stream or checks the one that listens to the subject already.
func (s *Streams) ensure(ctx context.Context, w wanted) error {
	name, err := s.conn.js.StreamNameBySubject(ctx, w.subject)
	switch {
	case errors.Is(err, js.ErrStreamNotFound):
		return s.create(ctx, w)
	case err != nil:
		return s.explain(fmt.Errorf("looking for the stream of %s (%s): %w", w.use, w.subject, err))
	}
	stream, err := s.conn.js.Stream(ctx, name)
	if err != nil {
		return s.explain(fmt.Errorf("stream %s of %s: %w", name, w.use, err))
	}
	*w.name = name
	return s.checkStream(stream.CachedInfo().Config, w)
}

func (s *Streams) create(ctx context.Context, w wanted) error {
	duplicates := s.Duplicates
	if duplicates == 0 {
		duplicates = defaultDuplicates
		if w.maxAge > 0 {
			duplicates = min(duplicates, w.maxAge)
		}
	}
	config := js.StreamConfig{
		Name:        *w.name,
		Description: "Quotewire: " + string(w.use),
		Subjects:    w.subjects(),
		// Limits, never work queue or interest: there the ids that make a repetition harmless go with the messages.
		Retention:   js.LimitsPolicy,
		Storage:     js.FileStorage,
		Discard:     js.DiscardOld,
		Replicas:    max(1, s.Replicas),
		MaxAge:      w.maxAge,
		Duplicates:  duplicates,
		AllowDirect: true,
	}
	if s.onceEach(w.use) {
		config.Discard, config.DiscardNewPerSubject, config.MaxMsgsPerSubject = js.DiscardNew, true, 1
	}
	_, err := s.conn.js.CreateStream(ctx, config)
	if errors.Is(err, js.ErrStreamNameAlreadyInUse) { // another worker made it in this moment, or it has another subject
		if name, found := s.conn.js.StreamNameBySubject(ctx, w.subject); found == nil {
			*w.name = name
			return s.ensure(ctx, w)
		}
		return fmt.Errorf("stream %s exists but does not listen to %s; add the subject (nats stream edit %s --subjects …) or choose another name for the stream of %s",
			*w.name, w.subject, *w.name, w.use)
	}
	if err != nil {
		return s.explain(fmt.Errorf("making stream %s for %s (%s): %w", *w.name, w.use, w.subject, err))
	}
	s.log.Info("stream made", zap.String("stream", *w.name), zap.String("subject", w.subject), zap.String("for", string(w.use)))
	return nil
}

// explain adds what to do about the errors that JetStream's beginners meet.
func (s *Streams) explain(err error) error {
	var api *js.APIError
	switch {
	case errors.Is(err, js.ErrJetStreamNotEnabled), errors.Is(err, js.ErrJetStreamNotEnabledForAccount), errors.Is(err, nats.ErrNoResponders):
		return fmt.Errorf("%w; JetStream is off at %s: start the server with --jetstream, or enable it for this account", err, s.conn.URL())
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, js.ErrNoStreamResponse):
		return fmt.Errorf("%w; %s does not answer JetStream requests: is JetStream on, does this user have the permissions (publish to $JS.API.>, subscribe to _INBOX.>), and has the cluster a leader?", err, s.conn.URL())
	case errors.As(err, &api) && api.ErrorCode == 10065: // subjects overlap with an existing stream
		return fmt.Errorf("%w; see nats stream find, and choose subjects that one stream covers", err)
	}
	return err
}
