//go:build unix

package chaos_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

// TestAuditor shows the auditor every way in which the promise can be broken.
func TestAuditor(t *testing.T) {
	server, conn := embed(t, t.TempDir())
	defer server.Close()
	defer conn.Close(t.Context())
	s, err := conn.Streams(t.Context(), jetstream.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	_, j := jetstreamtest.Client(t, server.URL())
	put := func(subject string, data string, header nats.Header) {
		t.Helper()
		if _, err := j.PublishMsg(t.Context(), &nats.Msg{Subject: subject, Header: header, Data: []byte(data)}); err != nil {
			t.Fatal(err)
		}
	}
	dead := func(class string) nats.Header { return nats.Header{jetstream.HeaderClass: {class}} }
	const n = 9
	wants := make([][]byte, n)
	for i := range n {
		wants[i] = []byte(`{"article":{"id":"chaos-` + string(rune('0'+i)) + `"},"want":true}`)
		if i != 8 { // lost on its way in
			put("articles.raw.x", string(article(i)), nil)
		}
	}
	record := func(i int) { put("articles.extracted.en", string(wants[i]), nil) }
	put("articles.raw.x", string(article(0)), nil) // twice in the stream
	record(0)
	record(1)
	record(1) // twice
	record(2)
	put("articles.dead.attempts", string(article(2)), dead("attempts")) // record and dead letter
	put("articles.extracted.en", `{"article":{"id":"chaos-3"},"want":false}`, nil)
	put("articles.dead.attempts", string(article(4)), dead("attempts"))          // as may be
	put("articles.dead.record", string(article(5)), dead("record"))              // our own refusal of a good article
	put("articles.dead.article", string(article(7)), dead("article"))            // as it should be
	put("articles.dead.article", string(article(7))+" changed", dead("article")) // of no article
	put("articles.extracted.en", `{"article":{"id":"chaos-77"}}`, nil)
	record(8)
	// 6 has neither.
	got := compare(t, j, s, wants, n)
	want := verdict{Published: n, Records: 7, Dead: 5, GivenUp: 2, Lost: 2, Twice: 3, Wrong: 2, Stray: 2}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(verdict{}, "Examples")); diff != "" {
		t.Errorf("(-want +got):\n%s\n%s", diff, got.Examples)
	}
}
