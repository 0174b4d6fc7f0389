package jetstream

import (
	"net/url"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestToken(t *testing.T) {
	for in, want := range map[string]string{
		"Angela Merkel":       "angela-merkel",
		"  Müller & Söhne. ":  "muller-sohne",
		"O’Brien":             "o-brien",
		"Zoë Ångström":        "zoe-angstrom",
		"Йовановић":           "йовановић",
		"नरेंद्र मोदी":        "नरेंद्र-मोदी",
		"習近平":                 "習近平",
		"> * . $JS":           "js",
		"":                    "none",
		"…":                   "none",
		"\xff\xfe":            "none",
		"Ann\u2028Bo\x00Carl": "ann-bo-carl",
	} {
		if got := token(in, "none"); got != want {
			t.Errorf("token(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzToken(f *testing.F) {
	f.Add("Dr. Ann-Marie O’Brien")
	f.Add("a.b>c*\x00 \u2028")
	f.Fuzz(func(t *testing.T, s string) {
		got := token(s, "none")
		if got == "" || !utf8.ValidString(got) || strings.ContainsAny(got, ".*>") || strings.ContainsFunc(got, unicode.IsSpace) || strings.ContainsFunc(got, unicode.IsControl) {
			t.Errorf("token(%q) = %q is not one token", s, got)
		}
		if len(got) > 2048 {
			t.Errorf("token(%q) is %d bytes long", s, len(got))
		}
		if err := checkSubject(fill("articles.quotes.>", got)); err != nil {
			t.Error(err)
		}
	})
}

func FuzzHeaderValue(f *testing.F) {
	f.Add("plain")
	f.Add("ünïcödé 100% \"quoted\"\r\nNats-Rollup: all")
	f.Fuzz(func(t *testing.T, s string) {
		p := percent(s)
		for _, c := range []byte(p) {
			if c <= 0x20 || c >= 0x7f || c == '"' {
				t.Fatalf("percent(%q) = %q", s, p)
			}
		}
		if back, err := url.PathUnescape(p); err != nil || back != s {
			t.Errorf("percent(%q) comes back as %q, %v", s, back, err)
		}
		if p := plain(s); strings.ContainsAny(p, "\r\n\x00") || !utf8.ValidString(p) || len(p) > longestHeader {
			t.Errorf("plain(%q) = %q", s, p)
		}
	})
}

func TestSubjects(t *testing.T) {
	for _, tt := range []struct {
		a, b             string
		covers, collides bool
	}{
		{"a.>", "a.>", true, true},
		{">", "a.b.>", true, true},
		{"a.>", "a", false, false},
		{"a.>", "a.b.c", true, true},
		{"a.*", "a.b", true, true},
		{"a.*", "a.>", false, true},
		{"a.b", "a.*", false, true},
		{"a.*.c", "a.b.c", true, true},
		{"a.b.c", "a.*.d", false, false},
		{"a.b", "a.b.c", false, false},
		{"a.*", "a.*", true, true},
	} {
		if got := covers(tt.a, tt.b); got != tt.covers {
			t.Errorf("covers(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := collide(tt.a, tt.b); got != tt.collides {
			t.Errorf("collide(%q, %q) = %v", tt.a, tt.b, got)
		}
		if got := collide(tt.b, tt.a); got != tt.collides {
			t.Errorf("collide(%q, %q) = %v", tt.b, tt.a, got)
		}
	}
	for _, bad := range []string{"", "a..b", "a b", "a.>.b", "a.b>", "$JS.API.>", ".a", "_INBOX.x"} {
		if err := checkSubject(bad); err == nil {
			t.Errorf("subject %q passes", bad)
		}
	}
	for in, want := range map[string]string{"a.>": "a.x", "a.*": "a.x", "a.b": "a.b", ">": ">"} {
		if got := fill(in, "x"); got != want {
			t.Errorf("fill(%q) = %q, want %q", in, got, want)
		}
	}
}
