package jetstream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/schema"
)

// A RawArticle is one article to publish, as received.
type RawArticle struct {
	Data        []byte
	ContentType string         // MIME type; empty where it is to be told from the bytes
	Known       schema.Article // what is known of it beside Data, see pipeline.Delivery; its text is not
	ID          string         // under which the stream knows it again; empty: "sha256:" of Data and what is known
	Trace       string         // W3C traceparent; may be empty
}

// Published is what became of it.
type Published struct {
	Sequence  uint64 // in the stream of raw articles: of the earlier one if Duplicate
	Duplicate bool   // the stream had one of this id already, and kept that one
	Err       error  // it is not in the stream; names no content
}

// A Publisher puts raw articles into their stream, many at a time, and reports on each. It is safe for concurrent use.
type Publisher struct {
	s       *Streams
	subject string
	room    chan struct{}
	flying  sync.WaitGroup
}

// Publisher publishes on the subject of raw articles, whose last wildcard becomes token ("file" …); at most pending
// articles are unacknowledged at any time (0: 256).
func (s *Streams) Publisher(token string, pending int) (*Publisher, error) {
	if pending <= 0 {
		pending = 256
	}
	subject := fill(s.Raw, token)
	if err := checkSubject(subject); err != nil {
		return nil, fmt.Errorf("publishing raw articles: %w", err)
	}
	if strings.ContainsAny(subject, "*>") {
		return nil, fmt.Errorf("publishing raw articles: the subject %q has more than one wildcard", s.Raw)
	}
	return &Publisher{s: s, subject: subject, room: make(chan struct{}, pending)}, nil
}

// Publish sends an article once there is room and calls done, from another goroutine, when its fate is known. It waits
// for room only; its error is ctx's. Data must not change until done is called.
func (p *Publisher) Publish(ctx context.Context, a RawArticle, done func(Published)) error {
	select {
	case p.room <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	p.flying.Go(func() {
		result := p.publish(ctx, a)
		<-p.room
		done(result)
	})
	return nil
}

func (p *Publisher) publish(ctx context.Context, a RawArticle) Published {
	known := known(a.Known)
	if a.ID == "" {
		h := sha256.New()
		h.Write(a.Data)
		io.WriteString(h, known)
		a.ID = "sha256:" + hex.EncodeToString(h.Sum(nil))
	}
	msg := &nats.Msg{Subject: p.subject, Header: nats.Header{}, Data: a.Data}
	if a.ContentType != "" {
		msg.Header.Set(HeaderContentType, plain(a.ContentType))
	}
	if known != "" {
		msg.Header.Set(HeaderKnown, known)
	}
	if a.Trace != "" {
		msg.Header.Set(HeaderTrace, plain(a.Trace))
	}
	ack, err := p.s.publishAny(ctx, msg, p.s.RawStream, plain(a.ID), func() string { return rawObject(a.Data) })
	if err != nil {
		return Published{Err: err}
	}
	return Published{Sequence: ack.Sequence, Duplicate: ack.Duplicate}
}

// rawObject is the name of the object that holds a raw article: that of its bytes, so that a repetition needs no other.
func rawObject(data []byte) string { return fmt.Sprintf("raw/%x", sha256.Sum256(data)) }

// Flush waits until the fate of all articles is known.
func (p *Publisher) Flush() { p.flying.Wait() }
