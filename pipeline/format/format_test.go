package format

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/quotewire/quotewire/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestDecodeHTML(t *testing.T) {
	pages, err := filepath.Glob("testdata/*.html")
	if err != nil || len(pages) == 0 {
		t.Fatalf("no pages: %v", err)
	}
	for _, page := range pages {
		t.Run(filepath.Base(page), func(t *testing.T) {
			data, err := os.ReadFile(page)
			if err != nil {
				t.Fatal(err)
			}
			a, err := Decode(data, "", Options{})
			if err != nil {
				t.Fatal(err)
			}
			head, err := json.MarshalIndent(map[string]any{"id": a.ID, "url": a.URL, "title": a.Title, "authors": a.Authors, "publisher": a.Publisher,
				"language": a.Language, "published_at": a.PublishedAt, "keep_text": a.KeepText}, "", " ")
			if err != nil {
				t.Fatal(err)
			}
			got := string(head) + "\n\n" + a.Text + "\n"
			golden := strings.TrimSuffix(page, ".html") + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", golden, diff)
			}
		})
	}
}

// utf16Text is s in UTF-16 with a byte order mark.
func utf16Text(s string, big bool) []byte {
	var b []byte
	for _, r := range "\ufeff" + s {
		if r > 0xffff {
			panic("test text beyond the basic plane")
		}
		if big {
			b = append(b, byte(r>>8), byte(r))
		} else {
			b = append(b, byte(r), byte(r>>8))
		}
	}
	return b
}

func TestDecode(t *testing.T) {
	tests := []struct {
		name, data, contentType string
		options                 Options
		want                    schema.Article
	}{
		{"text as it stands", " One.\r\n\tTwo\x00 é\u2028\n", "", Options{}, schema.Article{Text: " One.\r\n\tTwo\x00 é\u2028\n"}},
		{"text by content type", `{"text":"x"}`, "text/plain; charset=utf-8", Options{}, schema.Article{Text: `{"text":"x"}`}},
		{"byte order mark", "\ufeffOne.", "text/plain", Options{}, schema.Article{Text: "One."}},
		{"keep text", "One.", "", Options{KeepText: true}, schema.Article{Text: "One.", KeepText: true}},
		{"windows-1252", "caf\xe9 \x93x\x94", "text/plain; charset=windows-1252", Options{}, schema.Article{Text: "café “x”"}},
		{"latin1 JSON", "{\"text\":\"caf\xe9\"}", "application/json;charset=ISO-8859-1", Options{}, schema.Article{Text: "café"}},
		{"UTF-16 text", string(utf16Text("café\n", true)), "", Options{}, schema.Article{Text: "café\n"}},
		{"UTF-16 JSON", string(utf16Text(` {"text":"café"}`, false)), "", Options{}, schema.Article{Text: "café"}},
		{"UTF-16 by charset", "x\x00\xe9\x00", "text/plain; charset=utf-16le", Options{}, schema.Article{Text: "xé"}},
		{"own fields", `{"story":{"body":"B"}}`, "application/vnd.news+json", Options{Fields: schema.Fields{"text": "story.body"}}, schema.Article{Text: "B"}},
		{"octets are sniffed", `{"text":"B"}`, "application/octet-stream", Options{}, schema.Article{Text: "B"}},
		{"HTML body in JSON", `{"id":"1","body":"<p>One &amp; <a href=x>two</a>.</p><p>“Three.”</p><figure><figcaption>Pic</figcaption></figure>"}`, "", Options{},
			schema.Article{ID: "1", Text: "One & two.\n“Three.”", KeepText: true}},
		{"ninjs HTML", `{"uri":"u","bodies":[{"contenttype":"text/html","value":"One.<br>Two."}]}`, "", Options{}, schema.Article{ID: "u", Text: "One.\nTwo.", KeepText: true}},
		{"JSON-LD list", `[{"@type":"WebPage"},{"@type":"NewsArticle","headline":"T","articleBody":"B"}]`, "application/ld+json", Options{}, schema.Article{Title: "T", Text: "B"}},
		{"JSON-LD object of another type", `{"@type":"CreativeWork","headline":"T","text":"B"}`, "application/ld+json", Options{}, schema.Article{Title: "T", Text: "B"}},
		{"HTML by content type", "Just a <b>line</b> that says something.", "text/html", Options{}, schema.Article{Text: "Just a line that says something.", KeepText: true}},
		{"HTML declared latin1 that is UTF-8", "<meta charset=iso-8859-1><p>The café was shut on Monday.", "", Options{}, schema.Article{Text: "The café was shut on Monday.", KeepText: true}},
		{"HTML with bad bytes", "<meta charset=utf-8><p>The caf\xe9 was shut on Monday.", "", Options{}, schema.Article{Text: "The caf\ufffd was shut on Monday.", KeepText: true}},
		{"HTML in Shift_JIS", "<p>\x93\xfa\x96\x7b is where it happened.", "text/html; charset=shift_jis", Options{}, schema.Article{Text: "日本 is where it happened.", KeepText: true}},
		{"HTML in UTF-16", string(utf16Text("<!doctype html><p>The café was shut on Monday.", false)), "", Options{}, schema.Article{Text: "The café was shut on Monday.", KeepText: true}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := Decode([]byte(test.data), test.contentType, test.options)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	tests := []struct{ data, contentType, want string }{
		{"", "", "text: is empty"},
		{"\ufeff", "", "text: is empty"},
		{" \n", "text/plain", "text: holds nothing but white space"},
		{"ab\xffc", "", "text: byte 0xff at byte offset 2 is not valid UTF-8"},
		{"\ufeffab\xffc", "", "text: byte 0xff at byte offset 5 is not valid UTF-8"},
		{strings.Repeat("x", 31), "", "is 31 bytes long, more than the limit of 30"},
		{"{}", "application/json", "text: missing; looked for text, maintext, plaintext, articleBody, body, bodies, body_text, body_html, body_xhtml, content"},
		{"", "application/json", "is empty, want a JSON object"},
		{"[{}]", "", "is a JSON list, want one article a message"},
		{"{}\n{}", "", "is several JSON objects, want one article a message"},
		{"x", "application/x-ndjson", "is several JSON objects, want one article a message"},
		{"x", "image/png", `content type "image/png" is no form of article: want application/json, text/plain or text/html`},
		{"x", "nonsense / x", `content type "nonsense / x" cannot be read: `},
		{"x", "text/plain; charset=klingon", `charset "klingon" is not known`},
		{"a\xff", "text/plain; charset=euc-jp", "holds bytes that are not characters of euc-jp, the first after 1 characters"},
		{"\xfe\xff\xd8\x00\x00a", "", "half of a surrogate pair at byte offset 2 is not a character of UTF-16"},
		{"\xff\xfea\x00b", "", "ends with half a character of UTF-16"},
		{"<p>", "", "text: no text of an article found in the HTML"},
		{"<nav>a</nav>", "", "text: no text of an article found in the HTML"},
		{`{"a":1}`, "application/ld+json", "text: missing; looked for text, maintext, plaintext, articleBody, body, bodies, body_text, body_html, body_xhtml, content"},
	}
	for _, test := range tests {
		_, err := Decode([]byte(test.data), test.contentType, Options{MaxBytes: 30})
		var article *schema.ArticleError
		if !errors.As(err, &article) {
			t.Errorf("%q: error %v, want an *ArticleError", test.data, err)
		} else if !strings.HasPrefix(err.Error(), test.want) {
			t.Errorf("%q:\n got %s\nwant %s", test.data, err, test.want)
		}
	}
	for data, want := range map[string]string{
		`{"id":"7","body":"<p> </p>"}`:                                        "article 7: text: is HTML without any text",
		`{"id":"7","bodies":[{"contentType":"application/pdf","value":"x"}]}`: `article 7: text: is of type "application/pdf", want text/plain or text/html`,
		`<link rel=canonical href="https://n.example/"><nav>x</nav>`:          "article https://n.example/: text: no text of an article found in the HTML",
	} {
		if _, err := Decode([]byte(data), "", Options{}); err == nil || err.Error() != want {
			t.Errorf("%s: error %v, want %s", data, err, want)
		}
	}
}

func TestSniff(t *testing.T) {
	tests := []struct {
		data string
		want Form
	}{
		{"", Text}, {" \n", Text}, {"A report.", Text},
		{`{"text":"x"}`, JSON}, {" \n{}", JSON}, {"\ufeff{ \"a\": 1}", JSON}, {`{"text": broken}`, JSON}, {`{"text":"}\n{"}`, JSON}, {`{"a":1`, JSON},
		{"{\n \"a\": {\n },\n \"b\": [ {\n } ]\n}\n", JSON},
		{"{a note} The mayor said", Text},
		{"{\"a\":1}\n{\"a\":2}", NDJSON}, {`{"a":1} {"a":2}`, NDJSON}, {"{\"a\": oops}\n\n{\"a\":2}", NDJSON}, {"{\"a\":\"oops}\n{\"a\":2}", NDJSON},
		{`[{"a":1}]`, JSONArray}, {"[\n]", JSONArray}, {"[Editor's note] The mayor", Text}, {"[", Text},
		{"<!DOCTYPE html><p>", HTML}, {"<!-- x --><html>", HTML}, {"<?xml version='1.0'?><html>", HTML}, {"\n <HTML>", HTML}, {"<p>One", HTML}, {"<h2 class=x>", HTML}, {"<br/>x", HTML},
		{"<Anna> said hello", Text}, {"<3 is a heart", Text}, {"<", Text}, {"<p", Text}, {"<particular", Text}, {"< p>", Text},
		{string(utf16Text("<!doctype html>", true)), HTML}, {string(utf16Text(`{"a":"é"}`, false)), JSON}, {string(utf16Text("Hé", true)), Text}, {"\xff\xfe", Text},
	}
	for _, test := range tests {
		if got := Sniff([]byte(test.data)); got != test.want {
			t.Errorf("%q is %v, want %v", test.data, got, test.want)
		}
	}
}

// TestDecodeBody prefers the body of the JSON-LD unless it is a mere head of the text or has lost its paragraphs.
func TestDecodeBody(t *testing.T) {
	const first, second = "The first paragraph is here, and it has some length, too.", "The second, which is also here, is about as long as the first."
	page := func(body string) string {
		quoted, _ := json.Marshal(body)
		return `<script type="application/ld+json">{"@type":"NewsArticle","articleBody":` + string(quoted) + `}</script><p>` + first + `<p>` + second
	}
	tests := []struct{ body, want string }{
		{first + "\n\n" + second + " More.", first + "\n\n" + second + " More."},
		{first, first + "\n" + second},
		{"The first …", first + "\n" + second},
		{first + " " + second, first + "\n" + second},
		{"<p>" + first + "</p><p>" + second + " &amp; more.</p>", first + "\n" + second + " & more."},
		{first + "\n" + second + " &quot;More.&quot;", first + "\n" + second + ` "More."`},
	}
	for _, test := range tests {
		a, err := Decode([]byte(page(test.body)), "text/html", Options{})
		if err != nil || a.Text != test.want {
			t.Errorf("%q: %q, %v; want %q", test.body, a.Text, err, test.want)
		}
	}
}

// soup is HTML that is broken in one way, so and so many times.
func soup(kind string, size int) []byte {
	fill := func(s string) string { return strings.Repeat(s, size/len(s)+1)[:size] }
	const text = "<p>It was a long day, said the mayor, and it is not over yet.</p>"
	switch kind {
	case "nested":
		return []byte(fill("<div>") + text)
	case "closed":
		return []byte(fill("<div>") + text + fill("</div>"))
	case "ends":
		return []byte(text + fill("</p></div></a></b>"))
	case "links":
		return []byte(text + fill("<a href=x>y<div>"))
	case "inline":
		return []byte(fill("<b><i><font>x") + text)
	case "attributes":
		return []byte("<p " + fill("a=1 b ") + ">" + text)
	case "class":
		return []byte(fill("<p class='a b c d e f g h'>x") + text)
	case "meta":
		return []byte(fill("<meta name=author content=x>") + text)
	case "tables":
		return []byte(fill("<table><tr><td>x") + text)
	case "brackets":
		return []byte(text + fill("<"))
	case "comment":
		return []byte(text + "<!--" + fill("<!--"))
	case "entities":
		return []byte(text + fill("&notanentity;&#x;"))
	case "word":
		return []byte("<p>" + fill("x"))
	case "prose":
		return []byte(fill(text))
	}
	panic(kind)
}

var soups = strings.Fields("nested closed ends links inline attributes class meta tables brackets comment entities word prose")

func TestDecodeSoup(t *testing.T) {
	for _, kind := range soups {
		a, err := Decode(soup(kind, 500e3), "text/html", Options{})
		if err != nil || a.Text == "" {
			t.Errorf("%s: %q, %v", kind, a.Text[:min(len(a.Text), 40)], err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{"Text.", "{}", "[{}]", `{"text":"<p>x"}`, "<p>x<table><td>y", "\xff\xfea\x00", `<script type=application/ld+json>{"@type":"Article","articleBody":"x"}</script>`} {
		f.Add([]byte(s), "")
	}
	f.Add([]byte("caf\xe9"), "text/plain; charset=latin1")
	f.Add([]byte("<title>x</title><svg><title>y"), "text/html")
	f.Fuzz(func(t *testing.T, data []byte, contentType string) {
		Sniff(data)
		a, err := Decode(data, contentType, Options{})
		if err != nil {
			var article *schema.ArticleError
			if !errors.As(err, &article) || article.Reason == "" {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if strings.TrimSpace(a.Text) == "" || !utf8.ValidString(a.Text) || a.MediaType != "" {
			t.Fatalf("%+v", a)
		}
	})
}

func BenchmarkDecodeHTML(b *testing.B) {
	for _, kind := range soups {
		for _, size := range []int{100e3, 1e6, 10e6} {
			data := soup(kind, size)
			b.Run(fmt.Sprintf("%s/%d", kind, size), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					Decode(data, "text/html", Options{})
				}
			})
		}
	}
}

func BenchmarkDecodeText(b *testing.B) {
	data := bytes.Repeat([]byte("The café was shut on Monday.\n"), 33_000)
	b.SetBytes(int64(len(data)))
	for b.Loop() {
		if _, err := Decode(data, "", Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
