package jetstream_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// A stream is read again, in order, within bounds; what a worker did with it makes no difference, and nothing is left
// behind.
func TestKept(t *testing.T) {
	t.Parallel()
	server := embed(t, jetstream.EmbedConfig{Listen: "127.0.0.1:0"})
	c := connect(t, jetstream.Options{Server: server})
	s := open(t, c, jetstream.Setup{})
	publish(t, s, articles(20)...)
	stop := worker(t, s, nil)
	outcomes(t, s, 20)
	if _, err := stop(); err != nil {
		t.Fatal(err)
	}
	stream, err := raw(t, server.URL()).Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.DeleteMsg(t.Context(), 7); err != nil {
		t.Fatal(err)
	}
	tenth, err := stream.GetMsg(t.Context(), 10)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := c.Kept(t.Context(), s.RawStream)
	if err != nil || kept.Last != 20 || kept.Messages != 19 || kept.Created.IsZero() || kept.Bytes == 0 {
		t.Fatalf("%+v, %v", kept, err)
	}
	publish(t, s, jetstream.RawArticle{Data: []byte("came later"), ContentType: "text/plain"})
	for _, x := range []struct {
		name        string
		span        jetstream.Span
		after, last uint64
		want        string
	}{
		{"all of then", jetstream.Span{}, 0, kept.Last, "1 2 3 4 5 6 8 9 10 11 12 13 14 15 16 17 18 19 20"},
		{"after a sequence", jetstream.Span{}, 17, kept.Last, "18 19 20"},
		{"after a deleted one", jetstream.Span{}, 6, 9, "8 9"},
		{"up to a deleted one", jetstream.Span{}, 4, 7, "5 6"},
		{"after the last", jetstream.Span{}, 21, 21, ""},
		{"since", jetstream.Span{Since: tenth.Time}, 0, 12, "10 11 12"},
		{"since, after a sequence", jetstream.Span{Since: tenth.Time}, 8, 12, "10 11 12"},
		{"until", jetstream.Span{Until: tenth.Time}, 7, 20, "8 9"},
		{"since tomorrow", jetstream.Span{Since: time.Now().Add(time.Hour)}, 0, 20, ""},
		{"a subject", jetstream.Span{Subject: strings.Replace(s.Raw, ">", "test", 1)}, 16, 20, "17 18 19 20"},
		{"no such subject", jetstream.Span{Subject: strings.Replace(s.Raw, ">", "nobody", 1)}, 0, 20, ""},
	} {
		var got []string
		for d, err := range kept.Read(t.Context(), x.span, x.after, x.last) {
			if err != nil {
				t.Fatalf("%s: %v", x.name, err)
			}
			got = append(got, fmt.Sprint(d.From.Sequence))
			if d.From.Stream != s.RawStream || d.ContentType != "application/json" || len(d.Data) == 0 || d.From.Time.IsZero() {
				t.Errorf("%s: %+v", x.name, d)
			}
		}
		if strings.Join(got, " ") != x.want {
			t.Errorf("%s: %q, want %s", x.name, got, x.want)
		}
	}
	for range kept.Read(t.Context(), jetstream.Span{}, 0, kept.Last) {
		break // it may be left
	}
	for name := range stream.ConsumerNames(t.Context()).Name() {
		if name != s.Setup.Consumer {
			t.Errorf("consumer %s is left behind", name)
		}
	}
	large := []byte(`{"id":"large","text":"` + strings.Repeat("The ferry did not sail. ", 100000) + `"}`)
	publish(t, s, jetstream.RawArticle{Data: large, ContentType: "application/json"})
	for d, err := range kept.Read(t.Context(), jetstream.Span{}, 21, 22) {
		if err != nil || d.Err != nil || string(d.Data) != string(large) {
			t.Errorf("an article too large for a message: %d bytes, %v, %v", len(d.Data), d.Err, err)
		}
	}
	if _, err := c.Kept(t.Context(), "NOWHERE"); !errors.Is(err, js.ErrStreamNotFound) || !strings.Contains(err.Error(), "NOWHERE") {
		t.Errorf("no such stream: %v", err)
	}
}

// What docs/archives.md grants is enough to read a stream again, and to leave nothing behind.
func TestKeptLeastPrivilege(t *testing.T) {
	doc, err := os.ReadFile("../../docs/archives.md")
	if err != nil {
		t.Fatal(err)
	}
	var grants []string
	for _, m := range regexp.MustCompile("`(\\$JS\\.API\\.[A-Z.]+NAME[.>]*)`").FindAllSubmatch(doc, -1) {
		grants = append(grants, strings.Replace(string(m[1]), "NAME", "ARTICLES_RAW", 1))
	}
	if len(grants) < 4 {
		t.Fatalf("docs/archives.md grants only %q", grants)
	}
	s := serve(t, &server.Options{Users: []*server.User{
		{Username: "admin", Password: "admin"},
		{Username: "reader", Password: "reader", Permissions: &server.Permissions{
			Publish: &server.SubjectPermission{Allow: grants}, Subscribe: &server.SubjectPermission{Allow: []string{"_INBOX.>"}},
		}},
	}})
	admin := open(t, connect(t, jetstream.Options{URL: s.ClientURL(), User: "admin", Password: "admin"}), jetstream.Setup{})
	publish(t, admin, articles(10)...)
	kept, err := connect(t, jetstream.Options{URL: s.ClientURL(), User: "reader", Password: "reader"}).Kept(t.Context(), "ARTICLES_RAW")
	if err != nil {
		t.Fatal(err)
	}
	for _, subject := range []string{"", admin.Raw} {
		n := 0
		for _, err := range kept.Read(t.Context(), jetstream.Span{Subject: subject}, 0, kept.Last) {
			if err != nil {
				t.Fatal(err)
			}
			n++
		}
		if n != 10 {
			t.Errorf("%d articles of 10", n)
		}
	}
	stream, err := raw(t, s.ClientURL(), nats.UserInfo("admin", "admin")).Stream(t.Context(), "ARTICLES_RAW")
	if err != nil {
		t.Fatal(err)
	}
	for name := range stream.ConsumerNames(t.Context()).Name() {
		t.Errorf("consumer %s is left behind", name)
	}
}
