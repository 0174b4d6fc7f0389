package jetstream

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
)

// remains are what is left of a raw article that is given up.
type remains struct {
	header nats.Header
	data   []byte
	gone   int // bytes that nobody has any more; sizeUnknown where nobody knows
}

const sizeUnknown = -1

// bury publishes the dead letter of a raw article: its bytes unchanged, with the reason in the headers. Its id names
// the raw message, so that a second burial of the same one is none.
func (s *Streams) bury(ctx context.Context, r remains, from pipeline.Origin, f *pipeline.Failure) error {
	h := nats.Header{}
	for name, values := range r.header {
		if !strings.HasPrefix(strings.ToLower(name), "nats-") { // those are orders to the server
			h[name] = values
		}
	}
	maps.Copy(h, s.epitaph(r, f))
	if r.gone != 0 {
		h.Set(HeaderOmitted, strconv.Itoa(r.gone))
	}
	provenance(h, from)
	msg := &nats.Msg{Subject: fill(s.Dead, string(f.Class)), Header: h, Data: r.data}
	id := fmt.Sprintf("dlq:%s:%d", from.Stream, from.Sequence)
	_, err := s.publishAny(ctx, msg, s.DeadStream, id, func() string { return fmt.Sprintf("dead/%s/%d", from.Stream, from.Sequence) })
	if errors.Is(err, errTooLarge) || errors.Is(err, errNotKept) {
		// The bytes stay where they came from.
		h.Set(HeaderOmitted, strconv.Itoa(len(r.data)))
		_, err = s.publish(ctx, &nats.Msg{Subject: msg.Subject, Header: h}, s.DeadStream, id)
	}
	return err
}

// epitaph says who was given up, why and by whom.
func (s *Streams) epitaph(r remains, f *pipeline.Failure) nats.Header {
	article := f.Article
	if article == "" && r.gone == 0 {
		sum := sha256.Sum256(r.data)
		article = "sha256:" + hex.EncodeToString(sum[:])
	}
	h := nats.Header{}
	h.Set(HeaderClass, string(f.Class))
	h.Set(HeaderReason, plain(f.Reason))
	h.Set(HeaderArticle, plain(article))
	h.Set(HeaderProgram, plain(s.Program))
	h.Set(HeaderTime, time.Now().UTC().Format(time.RFC3339Nano))
	field := f.Field
	if field == "" {
		field = "message"
	}
	h.Set(HeaderField, plain(field))
	return h
}

// A DeadLetter is an article that was given up, as the stream of dead letters keeps it.
type DeadLetter struct {
	pipeline.Failure
	From     pipeline.Origin // the raw message
	Sequence uint64          // in the stream of dead letters
	Program  string          // what gave it up
	Time     time.Time       // when
	Data     []byte          // the raw bytes, unchanged; empty if Large or Omitted: see Letters.Body
	Large    int             // bytes that are in the object store
	Omitted  int             // bytes that are only in the raw stream, if anywhere; -1 where nobody knows how many
	Header   nats.Header     //

	object object
}

// Size is that of the article in bytes, as far as known.
func (d DeadLetter) Size() int { return len(d.Data) + d.Large + max(d.Omitted, 0) }

func readDeadLetter(m js.Msg) (DeadLetter, error) {
	meta, err := m.Metadata()
	if err != nil {
		return DeadLetter{}, err
	}
	return letter(m.Headers(), m.Data(), meta.Sequence.Stream), nil
}

func letter(h nats.Header, data []byte, sequence uint64) DeadLetter {
	d := DeadLetter{
		Failure: pipeline.Failure{
			Class:   pipeline.Class(h.Get(HeaderClass)),
			Article: h.Get(HeaderArticle),
			Field:   h.Get(HeaderField),
			Reason:  h.Get(HeaderReason),
		},
		From:     origin(h),
		Sequence: sequence,
		Program:  h.Get(HeaderProgram),
		Data:     data,
		Header:   h,
	}
	d.Time, _ = time.Parse(time.RFC3339Nano, h.Get(HeaderTime))
	d.Omitted, _ = strconv.Atoi(h.Get(HeaderOmitted))
	if o, ok, err := claim(h); ok && err == nil {
		d.object, d.Large = o, o.size
	}
	return d
}

// origin reads what provenance wrote.
func origin(h nats.Header) pipeline.Origin {
	o := pipeline.Origin{Stream: h.Get(HeaderSourceStream), Subject: h.Get(HeaderSourceSubject), Trace: h.Get(HeaderTrace)}
	o.Sequence, _ = strconv.ParseUint(h.Get(HeaderSourceSeq), 10, 64)
	o.Attempt, _ = strconv.Atoi(h.Get(HeaderAttempt))
	return o
}
