package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/retry"
	"github.com/quotewire/quotewire/schema"
)

// A Sink publishes records as CloudEvents (binary mode), each under the id of the record, and its quotes first if the
// Setup names a subject for them. It is safe for concurrent use.
type Sink struct{ s *Streams }

// Sink publishes to the stream of records.
func (s *Streams) Sink() *Sink { return &Sink{s} }

// Put returns nil once the stream has the record: now, or from an earlier attempt. While the server does not answer, it
// tries again for a minute. A record that is too large for a message goes through the object store; one that is too large
// for that is a permanent error, and so is one whose article another worker has given up meanwhile.
func (k *Sink) Put(ctx context.Context, r schema.Record, from pipeline.Origin) error {
	body, err := r.JSON()
	if err != nil {
		return &pipeline.Failure{Class: pipeline.ClassRecord, Article: r.Article.ID, Field: "record", Reason: err.Error(), Err: err}
	}
	if k.s.Quotes != "" {
		for _, q := range r.Quotes {
			if err := k.putQuote(ctx, r, q, from); err != nil {
				return err
			}
		}
	}
	msg := &nats.Msg{Subject: k.s.subject(k.s.Extracted, primary(r.Article), r.ID), Header: nats.Header{}, Data: body}
	cloudEvent(msg.Header, r.ID, ceType, r.Schema, r.Article.ID, time.Now())
	provenance(msg.Header, from)
	barred, _, err := k.s.publishOnly(ctx, msg, r.ID, from)
	if barred != nil {
		return k.s.barred(barred, r.ID, from)
	}
	return refuse(err, r, "record", len(body))
}

// A QuoteMessage is what is published of one quote: enough to stand alone.
type QuoteMessage struct {
	Record    string           `json:"record"`    // id of the record it is from
	Article   schema.About     `json:"article"`   // without text
	Quote     schema.Quote     `json:"quote"`     // spans count in the article's text
	Entities  []schema.Entity  `json:"entities"`  // those that the quote refers to: its speaker first, then About
	Extractor schema.Extractor `json:"extractor"` //
}

func (k *Sink) putQuote(ctx context.Context, r schema.Record, q schema.Quote, from pipeline.Origin) error {
	qm := QuoteMessage{Record: r.ID, Article: r.Article, Quote: q, Entities: []schema.Entity{}, Extractor: r.Extractor}
	qm.Article.Text = nil
	speaker := "unknown"
	ids := q.About
	if q.Speaker != nil && q.Speaker.Entity != nil {
		ids = append([]string{*q.Speaker.Entity}, ids...)
		if q.Speaker.Name != nil {
			speaker = token(*q.Speaker.Name, speaker)
		}
	}
	seen := map[string]bool{}
	for _, id := range ids {
		for _, e := range r.Entities {
			if e.ID == id && !seen[id] {
				seen[id] = true
				qm.Entities = append(qm.Entities, e)
			}
		}
	}
	body, err := json.Marshal(qm)
	if err != nil {
		return &pipeline.Failure{Class: pipeline.ClassRecord, Article: r.Article.ID, Field: "quotes", Reason: err.Error(), Err: err}
	}
	msg := &nats.Msg{Subject: k.s.subject(k.s.Quotes, speaker, q.ID), Header: nats.Header{}, Data: body}
	cloudEvent(msg.Header, q.ID, ceQuote, "", r.Article.ID, time.Now())
	provenance(msg.Header, from)
	_, err = k.s.publish(ctx, msg, k.s.QuotesStream, q.ID)
	return refuse(err, r, "quotes", len(body))
}

// subject is where a record or quote goes; in replay-proof streams it names that one only.
func (s *Streams) subject(pattern, token, id string) string {
	if s.ReplayProof {
		token += "." + id
	}
	return fill(pattern, token)
}

// refuse makes what is too large permanent: no retry makes it smaller.
func refuse(err error, r schema.Record, field string, size int) error {
	if !errors.Is(err, errTooLarge) {
		return err
	}
	return &pipeline.Failure{Class: pipeline.ClassSize, Article: r.Article.ID, Field: field, Reason: fmt.Sprintf("of %d bytes: %s", size, err), Err: err}
}

var errTooLarge = errors.New("larger than the server takes")

const (
	publishTry    = 5 * time.Second // for one answer
	publishFor    = time.Minute     // for all tries together
	pauseLeast    = 50 * time.Millisecond
	pauseMost     = 2 * time.Second
	codeTooBig    = js.JSErrCodeStreamMessageExceedsMaximum
	codeNotStored = 10077
	codeNotThat   = 10060 // the stream is not the expected one
)

// publish sends msg under id and waits until the stream has it. It repeats what may pass, which the id makes harmless.
func (s *Streams) publish(ctx context.Context, msg *nats.Msg, stream, id string) (*js.PubAck, error) {
	until := time.Now().Add(publishFor)
	for try := 0; ; try++ {
		ack, err := s.publishOnce(ctx, msg, stream, id)
		if err == nil {
			return ack, nil
		}
		if s.ReplayProof && thereAlready(err) {
			return &js.PubAck{Stream: stream, Duplicate: true}, nil
		}
		err = fmt.Errorf("publishing to %s: %w", msg.Subject, err)
		var api *js.APIError
		switch {
		case errors.Is(err, nats.ErrMaxPayload), errors.As(err, &api) && api.ErrorCode == codeTooBig:
			return nil, fmt.Errorf("%w (%d bytes at most): %w", errTooLarge, s.conn.nc.MaxPayload(), err)
		case errors.As(err, &api) && api.ErrorCode == codeNotThat:
			return nil, fmt.Errorf("%w: the subject now belongs to another stream than %s", err, stream)
		case errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining):
			return nil, err
		}
		wait := retry.Delay(pauseLeast, pauseMost, try)
		if time.Now().Add(wait).After(until) || ctx.Err() != nil {
			return nil, err
		}
		if try == 0 {
			s.log.Warn("publishing failed; trying again", zap.String("subject", msg.Subject), zap.String("id", id), zap.Error(err))
		}
		if !retry.Sleep(ctx, wait) {
			return nil, err
		}
	}
}

// thereAlready reports whether a stream refused a message since it has one on that subject. The code is that of all
// failures to store; only the text tells them apart.
func thereAlready(err error) bool {
	var api *js.APIError
	return errors.As(err, &api) && api.ErrorCode == codeNotStored && strings.Contains(api.Description, "per subject exceeded")
}

func (s *Streams) publishOnce(ctx context.Context, msg *nats.Msg, stream, id string) (*js.PubAck, error) {
	ctx, cancel := context.WithTimeout(ctx, publishTry)
	defer cancel()
	return s.conn.js.PublishMsg(ctx, msg, js.WithMsgID(id), js.WithExpectStream(stream))
}
