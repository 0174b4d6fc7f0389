package jetstream

import (
	"cmp"
	"context"
	"encoding/json"
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

// What the server gives up by itself no worker sees: an article that was delivered as often as the consumer allows (by
// the time somebody has edited it), or that another program ended. The server says so once, in an advisory that nobody
// needs to hear. A stream keeps these, and the workers share durable consumers of it: each advisory about our articles
// becomes a dead letter, under the same id as one of our own about the same article.

// advisories is what a Source hears of. Their deliveries are settled like others, and never read.
type advisories struct {
	s      *Streams
	given  chan pipeline.Delivery
	cancel context.CancelFunc
	ended  sync.WaitGroup
	tried  chan struct{} // closed after the first attempt to listen
}

const (
	advisoryPrefix = "$JS.EVENT.ADVISORY.CONSUMER."
	maxDeliveries  = "MAX_DELIVERIES"
	terminated     = "MSG_TERMINATED"

	advisoriesAge  = 30 * 24 * time.Hour // all workers may be away for as long
	advisoriesWait = 3 * time.Second     // for the server to answer, at start: it may not allow us to listen
	bodyTries      = 3                   // deliveries of an advisory until we believe that its article is gone

	// ourEnd begins the reason of every end that has a dead letter already.
	ourEnd = "dead letter: "
)

// advisories begins to listen, and goes on trying where it cannot: a worker may lack the permission.
func (s *Streams) advisories(ctx context.Context) *advisories {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	a := &advisories{s: s, given: make(chan pipeline.Delivery), cancel: cancel, tried: make(chan struct{})}
	a.ended.Go(func() { a.listen(ctx) })
	return a
}

func (a *advisories) close() {
	a.cancel()
	a.ended.Wait()
}

func (a *advisories) listen(ctx context.Context) {
	tried := sync.OnceFunc(func() { close(a.tried) })
	defer tried()
	for failed := 0; ctx.Err() == nil; failed++ {
		consumers, err := a.open(ctx)
		tried()
		if err == nil {
			failed = 0
			err = a.follow(ctx, consumers)
		}
		if ctx.Err() != nil || errors.Is(err, nats.ErrConnectionClosed) {
			return
		}
		log := a.s.log.Debug
		if failed == 0 {
			log = a.s.log.Warn
		}
		log("the server's advisories cannot be followed: an article that it gives up by itself will have no dead letter until they can",
			zap.String("stream", a.s.AdvisoryStream), zap.Error(err))
		if !retry.Sleep(ctx, retry.Delay(time.Second, time.Minute, failed)) {
			return
		}
	}
}

// open finds the streams that keep the advisories, or makes one, and our consumers of them.
func (a *advisories) open(ctx context.Context) ([]js.Consumer, error) {
	ctx, cancel := context.WithTimeout(ctx, advisoriesWait)
	defer cancel()
	// Whether we may read articles by their number shows here, and not when there is one to bury.
	if _, err := a.s.raw.GetMsg(ctx, 1); err != nil && !errors.Is(err, js.ErrMsgNotFound) {
		return nil, fmt.Errorf("reading an article of stream %s by its number: %w", a.s.RawStream, err)
	}
	streams, err := a.streams(ctx)
	if err != nil {
		return nil, err
	}
	if missing := streams.missing(); len(missing) > 0 {
		_, failed := a.s.conn.js.CreateStream(ctx, js.StreamConfig{
			Name:        a.s.AdvisoryStream,
			Description: "Quotewire: advisories about messages that the server gave up",
			Subjects:    missing,
			Storage:     js.FileStorage,
			Replicas:    max(1, a.s.Replicas),
			MaxAge:      advisoriesAge,
			AllowDirect: true,
		})
		// Another worker may have made it in this moment.
		if streams, err = a.streams(ctx); err != nil || len(streams.missing()) > 0 {
			return nil, fmt.Errorf("making stream %s of advisories: %w", a.s.AdvisoryStream, cmp.Or(failed, err))
		}
	}
	var consumers []js.Consumer
	for kind, stream := range streams {
		c, err := a.consumer(ctx, stream, kind)
		if err != nil {
			return nil, fmt.Errorf("consumer %s of stream %s: %w", a.name(kind), stream, err)
		}
		consumers = append(consumers, c)
	}
	return consumers, nil
}

// byKind is the stream that keeps the advisories of each kind; empty where none does.
type byKind map[string]string

func (b byKind) missing() (subjects []string) {
	for _, kind := range []string{maxDeliveries, terminated} {
		if b[kind] == "" {
			subjects = append(subjects, advisoryPrefix+kind+".>")
		}
	}
	return subjects
}

func (a *advisories) streams(ctx context.Context) (byKind, error) {
	found := byKind{}
	for _, kind := range []string{maxDeliveries, terminated} {
		name, err := a.s.conn.js.StreamNameBySubject(ctx, a.subject(kind))
		if err != nil && !errors.Is(err, js.ErrStreamNotFound) {
			return nil, fmt.Errorf("looking for a stream of advisories: %w", err)
		}
		found[kind] = name
	}
	return found, nil
}

// subject is that of the advisories of one kind about our articles.
func (a *advisories) subject(kind string) string {
	return advisoryPrefix + kind + "." + a.s.RawStream + "." + a.s.Consumer
}

// name is that of our consumer of one kind of advisories: it is shared by those who share the consumer of articles. Each
// kind has one, since servers before 2.10 take no filter that is wider than one subject of the stream.
func (a *advisories) name(kind string) string {
	return a.s.RawStream + "-" + a.s.Consumer + "-" + kind
}

func (a *advisories) consumer(ctx context.Context, stream, kind string) (js.Consumer, error) {
	name, subject := a.name(kind), a.subject(kind)
	c, err := a.s.conn.js.Consumer(ctx, stream, name)
	if errors.Is(err, js.ErrConsumerNotFound) {
		c, err = a.s.conn.js.CreateConsumer(ctx, stream, js.ConsumerConfig{
			Durable:       name,
			Description:   "Quotewire: articles that the server gave up",
			DeliverPolicy: js.DeliverAllPolicy,
			AckPolicy:     js.AckExplicitPolicy,
			AckWait:       defaultAckWait,
			MaxDeliver:    -1,
			FilterSubject: subject,
		})
		if errors.Is(err, js.ErrConsumerExists) {
			c, err = a.s.conn.js.Consumer(ctx, stream, name)
		}
	}
	if err != nil {
		return nil, err
	}
	if got := c.CachedInfo().Config; got.FilterSubject != subject || got.AckPolicy != js.AckExplicitPolicy {
		return nil, fmt.Errorf("it exists and reads %q, not %q with explicit acknowledgements (nats consumer rm %s %s)", got.FilterSubject, subject, stream, name)
	}
	return c, nil
}

// follow returns with the first error of any of the consumers, or when ctx ends.
func (a *advisories) follow(ctx context.Context, consumers []js.Consumer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ends := make(chan error, len(consumers))
	for _, c := range consumers {
		go func() {
			var err error
			for err == nil && ctx.Err() == nil {
				err = a.fetch(ctx, c)
			}
			cancel()
			ends <- err
		}()
	}
	var first error
	for range consumers {
		if err := <-ends; first == nil {
			first = err
		}
	}
	return first
}

func (a *advisories) fetch(ctx context.Context, c js.Consumer) error {
	batch, err := c.Fetch(1, js.FetchContext(ctx))
	if err != nil {
		return err
	}
	for m := range batch.Messages() {
		a.hand(ctx, m)
	}
	if err := batch.Error(); err != nil && !errors.Is(err, nats.ErrTimeout) && !errors.Is(err, js.ErrNoMessages) {
		return err
	}
	return nil
}

// hand turns an advisory into a delivery and waits until the source has it. What it cannot yet do comes back.
func (a *advisories) hand(ctx context.Context, m js.Msg) {
	d, err := a.delivery(ctx, m)
	switch {
	case err != nil:
		a.s.log.Warn("an article that the server gave up could not be fetched; trying again", zap.Error(err))
		m.NakWithDelay(later(1))
	case d == nil:
		m.Ack()
	default:
		select {
		case a.given <- *d:
		case <-ctx.Done():
			m.Nak()
		}
	}
}

// An advisory, as the server writes it.
type advisory struct {
	Type       string    `json:"type"`
	Time       time.Time `json:"timestamp"`
	Stream     string    `json:"stream"`
	Consumer   string    `json:"consumer"`
	Sequence   uint64    `json:"stream_seq"`
	Deliveries int       `json:"deliveries"`
	Reason     string    `json:"reason"`
}

// failure is what an advisory tells of an article; nil where it is nothing, or has its dead letter.
func (v advisory) failure() *pipeline.Failure {
	switch {
	case strings.HasSuffix(v.Type, ".max_deliver"):
		return &pipeline.Failure{Class: pipeline.ClassAttempts,
			Reason: fmt.Sprintf("given up by the server, whose consumer allows no more than %d deliveries", v.Deliveries)}
	case strings.HasSuffix(v.Type, ".terminated") && strings.HasPrefix(v.Reason, ourEnd):
		return nil
	case strings.HasSuffix(v.Type, ".terminated"):
		reason := "terminated at the server by another program"
		if v.Reason != "" {
			reason += ": " + v.Reason
		}
		return &pipeline.Failure{Class: pipeline.ClassRefused, Reason: reason}
	}
	return nil
}

// delivery is the article that an advisory is about, with its failure; nil where there is nothing to bury.
func (a *advisories) delivery(ctx context.Context, m js.Msg) (*pipeline.Delivery, error) {
	meta, err := m.Metadata()
	if err != nil {
		return nil, err
	}
	var v advisory
	if err := json.Unmarshal(m.Data(), &v); err != nil {
		a.s.log.Warn("an advisory that cannot be read", zap.String("subject", m.Subject()), zap.Error(err))
		return nil, nil
	}
	f := v.failure()
	if f == nil || v.Stream != a.s.RawStream || v.Consumer != a.s.Consumer {
		return nil, nil
	}
	from := pipeline.Origin{Stream: v.Stream, Sequence: v.Sequence, Attempt: v.Deliveries}
	ctx, cancel := context.WithTimeout(ctx, publishTry)
	defer cancel()
	gone := 0
	article, err := a.s.raw.GetMsg(ctx, v.Sequence)
	switch {
	case a.s.raw.CachedInfo().Created.After(v.Time): // of a stream of the same name that was there before
		return nil, nil
	case errors.Is(err, js.ErrMsgNotFound) && meta.NumDelivered < bodyTries: // a replica may lag behind
		return nil, err
	case errors.Is(err, js.ErrMsgNotFound):
		f.Reason += "; its bytes are gone from there"
		article, gone = &js.RawStreamMsg{}, sizeUnknown
	case err != nil:
		return nil, err
	}
	from.Subject, from.Time, from.Trace = article.Subject, article.Time, article.Header.Get(HeaderTrace)
	r := &remains{article.Header, article.Data, gone}
	d := &pipeline.Delivery{Data: article.Data, ContentType: contentType(r.header), Known: knownOf(r.header), From: from}
	if gone == 0 {
		a.s.bring(d, r)
		d.MayBeOut = d.Err == nil // whoever had it may have published its record
	}
	d.Err = f
	var once sync.Once
	d.Settle = func(ctx context.Context, err error) (failed error) {
		failed = errors.New("settled already")
		once.Do(func() {
			if pipeline.IsPermanent(err) {
				_, err = a.s.giveUp(ctx, *r, from, pipeline.Describe(err))
			}
			if failed = err; failed != nil {
				failed = errors.Join(failed, m.NakWithDelay(later(int(meta.NumDelivered))))
				return
			}
			failed = m.Ack()
		})
		return failed
	}
	return d, nil
}
