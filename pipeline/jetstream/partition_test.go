package jetstream_test

import (
	"strconv"
	"testing"

	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// TestPartitions has two streams of raw articles and two of records, as docs/scale.md makes them, with a worker each.
// Dead letters, and the notes on articles that come back, are in streams that both share.
func TestPartitions(t *testing.T) {
	t.Parallel()
	url := anyServer(t)
	j := raw(t, url)
	add := func(name string, subjects ...string) {
		t.Helper()
		if _, err := j.CreateStream(t.Context(), js.StreamConfig{Name: name, Subjects: subjects}); err != nil {
			t.Fatal(err)
		}
	}
	add("DEAD", "articles.dead.>")
	const each = 20
	var parts [2]*jetstream.Streams
	for i := range parts {
		k := strconv.Itoa(i)
		add("RAW_"+k, "articles.raw."+k)
		add("RECORDS_"+k, "articles.extracted."+k+".>", "articles.extracted."+k+"-given-up.>")
		parts[i] = open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{
			Raw: "articles.raw." + k, Extracted: "articles.extracted." + k + ".>", Dead: "articles.dead." + k + ".>",
		})
		bad := jetstream.RawArticle{Data: []byte(`{"id":"bad-` + k + `"}`)}
		publish(t, parts[i], append(articles(each * (i + 1))[each*i:], bad)...)
		worker(t, parts[i], nil)
	}
	for i, s := range parts {
		idle(t, url, s)
		for stream, want := range map[string]uint64{"RAW_": each + 1, "RECORDS_": each} {
			stream += strconv.Itoa(i)
			x, err := j.Stream(t.Context(), stream)
			if err != nil {
				t.Fatal(err)
			}
			if got := x.CachedInfo().State.Msgs; got != want {
				t.Errorf("%d messages in %s, want %d", got, stream, want)
			}
		}
	}
	x, err := j.Stream(t.Context(), "DEAD")
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		if _, err := x.GetLastMsgForSubject(t.Context(), "articles.dead."+strconv.Itoa(i)+".article"); err != nil {
			t.Errorf("the dead letter of partition %d: %v", i, err)
		}
	}
}
