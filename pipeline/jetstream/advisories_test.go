package jetstream_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
	"go.uber.org/zap/zaptest/observer"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// heard waits until no advisory waits to be turned into a dead letter, and returns how many there were.
func heard(t *testing.T, j js.JetStream, s *jetstream.Streams) uint64 {
	t.Helper()
	heard := uint64(0)
	eventually(t, func() (bool, string) {
		stream, err := j.Stream(t.Context(), s.AdvisoryStream)
		if err == nil {
			left := uint64(0)
			consumers := stream.ListConsumers(t.Context())
			for c := range consumers.Info() {
				left += c.NumPending + uint64(c.NumAckPending)
			}
			heard = stream.CachedInfo().State.LastSeq
			return left == 0 && consumers.Err() == nil, "advisories are left"
		}
		return false, err.Error()
	})
	return heard
}

// TestMaxDeliveries has somebody limit the deliveries of the workers' consumer while they work. Articles that the server
// then drops without a word to any worker become dead letters all the same, once.
func TestMaxDeliveries(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: 500 * time.Millisecond})
	j := raw(t, url)
	const n, lost = 20, 3
	in := articles(n)
	in[0].Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, a := range in[:lost] { // in this order; the others come when these have been given up
		publish(t, s, a)
	}
	orphans(t, url, s, lost)
	// The first worker makes the streams it needs and is told to leave; a consumer whose deliveries are limited would be
	// refused at the start.
	source, err := s.Source(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := j.Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	limited := c.CachedInfo().Config
	limited.MaxDeliver = 1
	if _, err := j.UpdateConsumer(t.Context(), s.RawStream, limited); err != nil {
		t.Fatal(err)
	}
	unlimited := limited
	unlimited.MaxDeliver = -1
	eventually(t, func() (bool, string) { // until the server has given all of them up: after AckWait, to whoever asks for more
		if _, err := c.Fetch(1, js.FetchMaxWait(100*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
		stream, err := j.Stream(t.Context(), s.AdvisoryStream)
		if err != nil {
			t.Fatal(err)
		}
		n := stream.CachedInfo().State.Msgs
		return n == lost, fmt.Sprintf("%d advisories, want %d", n, lost)
	})
	if _, err := j.UpdateConsumer(t.Context(), s.RawStream, unlimited); err != nil {
		t.Fatal(err)
	}
	publish(t, s, in[lost:]...)

	stop := worker(t, s, nil)
	records, dead := outcomes(t, s, n)
	if len(records) != n-lost || len(dead) != lost {
		t.Fatalf("%d records, %d dead letters", len(records), len(dead))
	}
	for _, d := range dead {
		i := int(d.From.Sequence) - 1
		if d.Class != pipeline.ClassAttempts || i >= lost || !bytes.Equal(d.Data, in[i].Data) || d.From.Attempt != 1 || d.From.Trace != in[i].Trace ||
			d.From.Subject != "articles.raw.test" || d.Header.Get("Content-Type") != in[i].ContentType {
			t.Errorf("%+v %+v %v", d.Failure, d.From, d.Header)
		}
	}
	if sum, err := stop(); err != nil || sum.Dead != lost {
		t.Errorf("%+v, %v", sum, err)
	}

	// The same advisories once more, as they come after a worker died between the letter and its acknowledgement.
	stream, err := j.Stream(t.Context(), s.AdvisoryStream)
	if err != nil {
		t.Fatal(err)
	}
	for seq := range uint64(lost) {
		m, err := stream.GetMsg(t.Context(), seq+1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.Publish(t.Context(), m.Subject, m.Data); err != nil {
			t.Fatal(err)
		}
	}
	worker(t, s, nil)
	heard(t, j, s)
	if at, err := s.Mark(t.Context()); err != nil || at.Dead != lost {
		t.Errorf("%d dead letters, %v", at.Dead, err)
	}
}

// TestTerminated has another program end articles; one of them is gone by the time a worker hears of it. Ends of our own
// have their dead letter, and no second one.
func TestTerminated(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{})
	nc, j := jetstreamtest.Client(t, url)
	end, reason, ours := func(m js.Msg) error { return m.TermWithReason("not for us") }, "another program: not for us", 1
	if strings.HasPrefix(nc.ConnectedServerVersion(), "2.9.") { // it knows no reasons, so that we end nothing ourselves
		end, reason, ours = js.Msg.Term, "another program", 0
	}
	in := articles(3)
	in = append(in, jetstream.RawArticle{Data: []byte(`{"id":"no text"}`)})
	for _, a := range in { // in this order
		publish(t, s, a)
	}
	source, err := s.Source(t.Context(), 1) // makes the stream of advisories
	if err != nil {
		t.Fatal(err)
	}
	if err := source.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	c, err := j.Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := c.Fetch(2)
	if err != nil {
		t.Fatal(err)
	}
	for m := range batch.Messages() {
		if err := end(m); err != nil {
			t.Fatal(err)
		}
	}
	if batch.Error() != nil {
		t.Fatal(batch.Error())
	}
	for info := c.CachedInfo(); info.Delivered.Consumer < 2 || info.NumAckPending > 0; { // else the server ends a deleted one itself, too
		time.Sleep(10 * time.Millisecond)
		if info, err = c.Info(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	stream, err := j.Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 2); err != nil {
		t.Fatal(err)
	}
	// Advisories that are none, or about nothing of ours.
	for _, data := range []string{"", "{", `{"type":"io.nats.jetstream.advisory.v1.terminated","stream":"OTHER","consumer":"quotewire","stream_seq":1}`,
		`{"type":"io.nats.jetstream.advisory.v1.max_deliver","stream":"ARTICLES_RAW","consumer":"quotewire","stream_seq":3,"timestamp":"2001-01-01T00:00:00Z"}`} {
		if _, err := j.Publish(t.Context(), "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ARTICLES_RAW.quotewire", []byte(data)); err != nil {
			t.Fatal(err)
		}
	}
	worker(t, s, nil)
	records, dead := outcomes(t, s, 4)
	if n := heard(t, j, s); n != uint64(2+ours+4) { // those two, our own end, and what was no advisory
		t.Errorf("%d advisories", n)
	}
	if at, err := s.Mark(t.Context()); err != nil || at.Dead != 3 || len(records) != 1 {
		t.Errorf("%d records, %+v, %v", len(records), at, err)
	}
	l := letters(t, s)
	for _, d := range dead {
		body, err := l.Body(t.Context(), d)
		switch d.From.Sequence {
		case 1:
			if d.Class != pipeline.ClassRefused || !strings.Contains(d.Reason, reason) || err != nil || !bytes.Equal(body, in[0].Data) {
				t.Errorf("%+v, %v", d, err)
			}
		case 2:
			if d.Class != pipeline.ClassRefused || !strings.Contains(d.Reason, "bytes are gone") || !errors.Is(err, jetstream.ErrBodyGone) {
				t.Errorf("%+v, %v", d, err)
			}
		case 4:
			if d.Class != pipeline.ClassArticle {
				t.Errorf("%+v", d)
			}
		default:
			t.Errorf("%+v", d)
		}
	}
}

// TestAdvisoriesElsewhere uses the stream in which the operator keeps all advisories, and makes none. The advisory bears an
// earlier time than its article. The article that is
// given up is being read at that moment: it has a dead letter then, and no record.
func TestAdvisoriesElsewhere(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	j := raw(t, url)
	if _, err := j.CreateStream(t.Context(), js.StreamConfig{Name: "AUDIT", Subjects: []string{"$JS.EVENT.>"}}); err != nil {
		t.Fatal(err)
	}
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{})
	early := time.Now().UTC()       // the server's clock went back between the article and the advisory
	for _, a := range articles(2) { // in this order
		publish(t, s, a)
	}
	worker(t, s, func(c *pipeline.Config) {
		c.Extract = func(a schema.Article) schema.Record {
			for i := 0; a.ID == "article-0" && i < 2400; i++ {
				if at, err := s.Mark(t.Context()); err == nil && at.Dead == 1 {
					break
				}
				time.Sleep(50 * time.Millisecond)
			}
			return pipelinetest.Extract(a)
		}
	})
	advisory := fmt.Sprintf(`{"type":"io.nats.jetstream.advisory.v1.max_deliver","timestamp":%q,"stream":"ARTICLES_RAW","consumer":"quotewire","stream_seq":1,"deliveries":7}`,
		early.Format(time.RFC3339Nano))
	if _, err := j.Publish(t.Context(), "$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.ARTICLES_RAW.quotewire", []byte(advisory)); err != nil {
		t.Fatal(err)
	}
	idle(t, url, s)
	records, dead := outcomes(t, s, 2)
	if len(records) != 1 || len(dead) != 1 || dead[0].From.Attempt != 7 || dead[0].Article != "article-0" {
		t.Errorf("%d records, %+v", len(records), dead)
	}
	if _, err := j.Stream(t.Context(), s.AdvisoryStream); !errors.Is(err, js.ErrStreamNotFound) {
		t.Errorf("a stream was made beside the one that was there: %v", err)
	}
}

// TestAdvisoriesRefused works on where no advisories may be followed, and says so once.
func TestAdvisoriesRefused(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	j := raw(t, url)
	if _, err := j.CreateStream(t.Context(), js.StreamConfig{Name: "ARTICLES_ADVISORIES", Subjects: []string{"other"}}); err != nil {
		t.Fatal(err) // the name is taken, by somebody's stream that is no business of ours
	}
	core, logs := observer.New(zap.DebugLevel)
	s := open(t, connect(t, jetstream.Options{URL: url, Log: zap.New(core)}), jetstream.Setup{})
	publish(t, s, articles(3)...)
	stop := worker(t, s, nil)
	records, dead := outcomes(t, s, 3)
	audit(t, articles(3), records, dead)
	eventually(t, func() (bool, string) { // until it has tried again
		again := logs.FilterMessageSnippet("advisories cannot be followed").FilterLevelExact(zap.DebugLevel).Len()
		return again > 0, fmt.Sprint(logs.All())
	})
	if _, err := stop(); err != nil {
		t.Error(err)
	}
	if n := logs.FilterMessageSnippet("advisories cannot be followed").FilterLevelExact(zap.WarnLevel).Len(); n != 1 {
		t.Errorf("it said so %d times: %v", n, logs.All())
	}
}
