package jetstream_test

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// A past is a line to a server of today that makes it look like one of version 2.9, in what matters here: its greeting
// says so, and where a consumer is gone it leaves a pull without an answer. What such a server does not understand, an
// end with a reason, is counted. (Servers of that version themselves are tested by -nats.server.)
type past struct {
	url      string
	silenced atomic.Int64 // answers that did not pass
	reasons  atomic.Int64 // ends that had one
}

var greeted = regexp.MustCompile(`"version":"[^"]*"`)

func newPast(t *testing.T, url string) *past {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	p := &past{url: "nats://" + l.Addr().String()}
	go func() {
		for {
			near, err := l.Accept()
			if err != nil {
				return
			}
			far, err := net.Dial("tcp", strings.TrimPrefix(url, "nats://"))
			if err != nil {
				near.Close()
				return
			}
			go func() {
				defer near.Close()
				defer far.Close()
				p.pass(near, far, func(head, body []byte) bool {
					status, _, _ := bytes.Cut(body, []byte("\r\n"))
					if gone := bytes.HasPrefix(status, []byte("NATS/1.0 409")) || bytes.HasPrefix(status, []byte("NATS/1.0 503")); gone {
						p.silenced.Add(1)
						return false
					}
					return true
				})
			}()
			go func() {
				defer near.Close()
				defer far.Close()
				p.pass(far, near, func(head, body []byte) bool {
					if bytes.HasPrefix(body, []byte("+TERM ")) {
						p.reasons.Add(1)
					}
					return true
				})
			}()
		}
	}()
	return p
}

// pass copies what one side says, message by message, unless it is to be kept from the other.
func (p *past) pass(to io.Writer, from io.Reader, may func(head, body []byte) bool) {
	in := bufio.NewReader(from)
	for {
		head, err := in.ReadBytes('\n')
		if err != nil {
			return
		}
		var body []byte
		words := bytes.Fields(head)
		switch kind := string(bytes.ToUpper(words[0])); kind {
		case "INFO":
			head = greeted.ReplaceAll(head, []byte(`"version":"2.9.25"`))
		case "MSG", "HMSG", "PUB", "HPUB":
			size, err := strconv.Atoi(string(words[len(words)-1]))
			if err != nil {
				return
			}
			body = make([]byte, size+2)
			if _, err := io.ReadFull(in, body); err != nil {
				return
			}
		}
		if !may(head, body) {
			continue
		}
		if _, err := to.Write(append(head, body...)); err != nil {
			return
		}
	}
}

// TestPastEnds gives up an article on a server that knows no reasons: it is acknowledged behind its letter, and not ended,
// which the server would tell of as of somebody else's end. What somebody else ends has no reason there, and is a letter.
func TestPastEnds(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	p := newPast(t, url)
	s := open(t, connect(t, jetstream.Options{URL: p.url}), jetstream.Setup{})
	publish(t, s, articles(1)...)
	publish(t, s, jetstream.RawArticle{Data: []byte(`{"id":"no text"}`)})
	orphans(t, url, s, 0) // makes the consumer and the stream of advisories
	j := raw(t, url)
	c, err := j.Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	m, err := c.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Term(); err != nil {
		t.Fatal(err)
	}
	worker(t, s, nil)
	_, dead := outcomes(t, s, 2)
	idle(t, url, s)
	if n := heard(t, j, s); n != 1 || len(dead) != 2 || p.reasons.Load() > 0 {
		t.Errorf("%d advisories, %d dead letters, %d ends with a reason", n, len(dead), p.reasons.Load())
	}
	classes := map[uint64]pipeline.Class{}
	for _, d := range dead {
		classes[d.From.Sequence] = d.Class
	}
	if classes[1] != pipeline.ClassRefused || classes[2] != pipeline.ClassArticle {
		t.Error(classes)
	}
}

// TestPastConsumerDeleted finds out that the consumer is gone from a server that leaves its pulls without an answer.
func TestPastConsumerDeleted(t *testing.T) {
	if testing.Short() {
		t.Skip("waits ten seconds")
	}
	t.Parallel()
	url := anyServer(t)
	p := newPast(t, url)
	s := open(t, connect(t, jetstream.Options{URL: p.url}), jetstream.Setup{})
	deletedUnder(t, url, s, func(j js.JetStream) error { return j.DeleteConsumer(t.Context(), s.RawStream, s.Setup.Consumer) })
	if p.silenced.Load() == 0 {
		t.Error("no answer was withheld: nothing was proved")
	}
}
