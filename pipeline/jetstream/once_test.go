package jetstream_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// TestReplayProof publishes the same articles again when the stream has long forgotten the ids of their records.
func TestReplayProof(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	const window = 200 * time.Millisecond
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{
		ReplayProof: true, Duplicates: window, Quotes: "articles.quotes.>",
	})
	const n = 20
	stop := worker(t, s, nil)
	j := raw(t, url)
	count := func(stream string) uint64 {
		t.Helper()
		x, err := j.Stream(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		return x.CachedInfo().State.Msgs
	}
	var quotes uint64
	for round := range 3 {
		list := articles(n)
		for i := range list { // as if from another source
			list[i].ID = fmt.Sprintf("%d-%d", round, i)
		}
		publish(t, s, list...)
		idle(t, url, s)
		if got := count(s.RawStream); got != uint64(n*(round+1)) {
			t.Fatalf("%d raw articles", got)
		}
		if round == 0 {
			if quotes = count(s.QuotesStream); quotes == 0 {
				t.Fatal("no quotes")
			}
		}
		if r, q := count(s.ExtractedStream), count(s.QuotesStream); r != n || q != quotes {
			t.Errorf("round %d: %d records, %d quotes; want %d, %d", round, r, q, n, quotes)
		}
		time.Sleep(2 * window)
	}
	if sum, err := stop(); err != nil || sum.Records != 3*n || sum.Later != 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	records, dead := outcomes(t, s, n)
	audit(t, articles(n), records, dead)
	for _, r := range records {
		if !strings.HasSuffix(r.Subject, "."+r.Header.Get("Nats-Msg-Id")) {
			t.Errorf("subject %s", r.Subject)
		}
	}
}

// TestReplayProofOrNot refuses streams of the other kind, and setups that contradict themselves.
func TestReplayProofOrNot(t *testing.T) {
	url := anyServer(t)
	conn := connect(t, jetstream.Options{URL: url})
	open(t, conn, jetstream.Setup{})
	once := jetstream.Setup{ReplayProof: true, Extracted: "once.>", ExtractedStream: "ONCE"}
	open(t, conn, once)
	open(t, conn, once) // as it was found
	aged := once
	aged.Extracted, aged.ExtractedStream = "aged.>", "AGED"
	if _, err := raw(t, url).CreateStream(t.Context(), js.StreamConfig{
		Name: "AGED", Subjects: []string{"aged.>"}, MaxAge: time.Hour,
		Discard: js.DiscardNew, DiscardNewPerSubject: true, MaxMsgsPerSubject: 1,
	}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name  string
		setup jetstream.Setup
		want  string
	}{
		{"an ordinary stream", jetstream.Setup{ReplayProof: true}, "it is not replay-proof"},
		{"not so wanted", jetstream.Setup{Extracted: "once.>"}, "say so here too"},
		{"a stream that forgets", aged, "--max-age=-1"},
		{"a setup that forgets", jetstream.Setup{ReplayProof: true, MaxAge: time.Hour}, "is not replay-proof"},
		{"no room for the id", jetstream.Setup{ReplayProof: true, Extracted: "out.*"}, "does not end in .>"},
	} {
		if _, err := conn.Streams(t.Context(), c.setup); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.name, err, c.want)
		}
	}
}
