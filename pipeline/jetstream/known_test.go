package jetstream

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/schema"
)

func TestKnown(t *testing.T) {
	whole := schema.Article{
		ID: "wire-1", URL: "https://news.example/1", Title: "“Ferry” sails\nat nine", Authors: []string{"Nell Ashdown", "Z"},
		Publisher: "Košice Daily", Language: "en", PublishedAt: "2024-05-03T07:00:00Z",
	}
	tests := []struct {
		name string
		a    schema.Article
		want schema.Article
	}{
		{"nothing", schema.Article{}, schema.Article{}},
		{"all", whole, whole},
		{"one", schema.Article{URL: "https://news.example/1"}, schema.Article{URL: "https://news.example/1"}},
		{"a text is not", schema.Article{Text: "x", KeepText: true}, schema.Article{}},
		{"too long", schema.Article{URL: strings.Repeat("x", 2000), Language: "en"}, schema.Article{Language: "en"}},
		{"far too long", schema.Article{Authors: []string{strings.Repeat("x", 1<<20)}, Language: "en"}, schema.Article{}},
		{"no UTF-8", schema.Article{Title: "a\xff"}, schema.Article{Title: "a\uFFFD"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			h := nats.Header{}
			if line := known(test.a); line != "" {
				h.Set(HeaderKnown, line)
				if strings.ContainsAny(line, "\r\n") || len(line) > longestKnown {
					t.Errorf("no header: %q", line)
				}
			}
			if diff := cmp.Diff(test.want, knownOf(h)); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, line := range []string{"{", "[]", "null", `{"url":7,"text":"no"}`, "\xff", strings.Repeat("[", 8000)} {
		h := nats.Header{}
		h.Set(HeaderKnown, line)
		if diff := cmp.Diff(schema.Article{}, knownOf(h)); diff != "" {
			t.Errorf("%.20q: %s", line, diff)
		}
	}
}
