package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

func TestParseArticle(t *testing.T) {
	tests := []struct {
		name   string
		data   string
		fields Fields
		want   Article
	}{
		{
			name: "quotewire",
			data: `{"id":"a1","url":"https://n.example/a","title":"T","authors":["A","B"],"publisher":"P","language":"en-US","published_at":"2026-01-02T03:04:05+01:00","text":" Body. "}`,
			want: Article{ID: "a1", URL: "https://n.example/a", Title: "T", Authors: []string{"A", "B"}, Publisher: "P", Language: "en-US", PublishedAt: "2026-01-02T03:04:05+01:00", Text: " Body. "},
		},
		{
			name: "news-please",
			data: `{"authors":[],"date_download":"2026-01-03 00:00:00","date_modify":null,"date_publish":"2026-01-02 03:04:05","description":"D","filename":"f.json","image_url":null,"language":"en","localpath":null,"maintext":"Body.","source_domain":"n.example","title":"T","title_page":null,"title_rss":null,"url":"https://n.example/a"}`,
			want: Article{URL: "https://n.example/a", Title: "T", Publisher: "n.example", Language: "en", PublishedAt: "2026-01-02T03:04:05Z", Text: "Body."},
		},
		{
			name: "fundus",
			data: `{"title":"T","plaintext":"Lead.\n\nBody.","authors":["A"],"publishing_date":"2026-01-02 03:04:05+00:00","topics":["x"],"free_access":true,"publisher":"P"}`,
			want: Article{Title: "T", Authors: []string{"A"}, Publisher: "P", PublishedAt: "2026-01-02T03:04:05Z", Text: "Lead.\n\nBody."},
		},
		{
			name: "fundus body",
			data: `{"title":"T","body":{"summary":["Lead."],"sections":[{"headline":[],"paragraphs":["One.","One."]},{"headline":["Two"],"paragraphs":["Three."]}]}}`,
			want: Article{Title: "T", Text: "Lead.\nOne.\nTwo\nThree."},
		},
		{
			name: "cc_news",
			data: `{"title":"T","text":"Body.","domain":"n.example","date":"2026-01-02 03:04:05","description":"D","url":"https://n.example/a","image_url":""}`,
			want: Article{URL: "https://n.example/a", Title: "T", Publisher: "n.example", PublishedAt: "2026-01-02T03:04:05Z", Text: "Body."},
		},
		{
			name: "Event Registry",
			data: `{"uri":"8012345678","lang":"eng","isDuplicate":false,"date":"2026-01-02","time":"03:04:05","dateTime":"2026-01-02T03:10:00Z","dateTimePub":"2026-01-02T03:04:05Z","dataType":"news","url":"https://n.example/a","title":"T","body":"Body.","source":{"uri":"n.example","dataType":"news","title":"P"},"authors":[{"uri":"a@n.example","name":"A","type":"author","isAgency":false},{"uri":"b","name":"B"}],"sentiment":0.1}`,
			want: Article{ID: "8012345678", URL: "https://n.example/a", Title: "T", Authors: []string{"A", "B"}, Publisher: "P", Language: "en", PublishedAt: "2026-01-02T03:04:05Z", Text: "Body."},
		},
		{
			name: "ninjs 1",
			data: `{"uri":"urn:1","versioncreated":"2026-01-02T03:04:05Z","byline":"A","headline":"T","body_html":"<p>Body.</p>","language":"en"}`,
			want: Article{ID: "urn:1", Title: "T", Authors: []string{"A"}, Language: "en", PublishedAt: "2026-01-02T03:04:05Z", Text: "<p>Body.</p>", MediaType: "text/html"},
		},
		{
			name: "ninjs 2",
			data: `{"uri":"urn:1","versioncreated":"2026-01-02T03:04:05Z","by":"A","headlines":[{"role":"main","value":"T"},{"role":"short","value":"t"}],"bodies":[{"role":"html","contenttype":"text/html","value":"<p>Body.</p>"}],"infosources":[{"name":"P"}]}`,
			want: Article{ID: "urn:1", Title: "T", Authors: []string{"A"}, Publisher: "P", PublishedAt: "2026-01-02T03:04:05Z", Text: "<p>Body.</p>", MediaType: "text/html"},
		},
		{
			name: "ninjs 3",
			data: `{"uri":"urn:1","standard":{"name":"ninjs"},"versionCreated":"2026-01-02T03:04:05Z","headlines":[{"value":"T","contentType":"text/plain"}],"bodies":[{"contentType":"text/html","value":"<p>Body.</p>"},{"contentType":"text/plain","value":"Body."}],"infoSources":[{"literal":"l","name":"P"}]}`,
			want: Article{ID: "urn:1", Title: "T", Publisher: "P", PublishedAt: "2026-01-02T03:04:05Z", Text: "Body."},
		},
		{
			name: "schema.org",
			data: `{"@context":"https://schema.org","@type":"NewsArticle","@id":"https://n.example/a#it","mainEntityOfPage":{"@type":"WebPage","@id":"https://n.example/a"},"headline":"T","articleBody":"Body.","author":{"@type":"Person","name":"A"},"publisher":{"@type":"Organization","name":"P"},"inLanguage":{"@type":"Language","name":"English","alternateName":"en"},"datePublished":"2026-01-02"}`,
			want: Article{ID: "https://n.example/a#it", URL: "https://n.example/a", Title: "T", Authors: []string{"A"}, Publisher: "P", Language: "en", PublishedAt: "2026-01-02", Text: "Body."},
		},
		{
			name: "schema.org graph",
			data: `{"@context":"https://schema.org","@graph":[{"@type":"Organization","@id":"#org","name":"P"},{"@type":["Person"],"@id":"#a","name":["A"]},{"@type":["Article","NewsArticle"],"headline":"T","articleBody":"Body.","author":[{"@id":"#a"},{"@id":"#lost","name":"B"}],"publisher":{"@id":"#org"}}]}`,
			want: Article{Title: "T", Authors: []string{"A", "B"}, Publisher: "P", Text: "Body."},
		},
		{
			name: "GDELT article list with a body",
			data: `{"date":20260102030405,"url":"https://n.example/a","title":"T","image":"","description":"D","author":"A","lang":"ENGLISH","content":"Body."}`,
			want: Article{URL: "https://n.example/a", Title: "T", Authors: []string{"A"}, Language: "en", PublishedAt: "2026-01-02T03:04:05Z", Text: "Body."},
		},
		{
			name: "WordPress",
			data: `{"id":17,"date":"2026-01-02T03:04:05","link":"https://n.example/a","title":{"rendered":"T"},"content":{"rendered":"<p>Body.</p>","protected":false}}`,
			want: Article{ID: "17", URL: "https://n.example/a", Title: "T", PublishedAt: "2026-01-02T03:04:05Z", Text: "<p>Body.</p>", MediaType: "text/html"},
		},
		{
			name:   "own names",
			data:   `{"my_body":"Mine.","text":"Not this.","meta":{"who":{"writer":"A"}},"a.b":"T"}`,
			fields: Fields{"text": "my_body", "authors": "meta.who.writer", "title": "a.b"},
			want:   Article{Title: "T", Authors: []string{"A"}, Text: "Mine."},
		},
		{
			name: "first non-empty wins",
			data: `{"maintext":"","text":null,"body":" \n","content":"Body.","title":"  ","headline":"T"}`,
			want: Article{Title: "T", Text: "Body."},
		},
		{
			name: "of repeated names the last",
			data: `{"text":"One.","title":"a","text":"Two."}`,
			want: Article{Title: "a", Text: "Two."},
		},
		{
			name: "a wrong type gives way to a good alias",
			data: `{"text":"Body.","title":{"x":1},"headline":"T","source":3,"domain":"n.example"}`,
			want: Article{Title: "T", Publisher: "n.example", Text: "Body."},
		},
		{
			name: "authors of all kinds",
			data: `{"text":"B","authors":["A",null,"",{"name":"B"},["C","A"],{"name":""}]}`,
			want: Article{Authors: []string{"A", "B", "C"}, Text: "B"},
		},
		{
			name: "paragraphs",
			data: `{"content":["One.","Two."]}`,
			want: Article{Text: "One.\nTwo."},
		},
		{
			name: "escapes, controls and a byte order mark",
			data: "\ufeff" + `{"text":"\ud83d\ude00 \u0000 \\ud800 é"}`,
			want: Article{Text: "😀 \x00 \\ud800 é"},
		},
		{
			name: "what cannot be read as a date or language stays for About",
			data: `{"text":"B","date":"soon","lang":"the usual"}`,
			want: Article{PublishedAt: "soon", Language: "the usual", Text: "B"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParseArticle([]byte(test.data), test.fields)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseArticleErrors(t *testing.T) {
	tests := []struct {
		data string
		want string // the whole message
	}{
		{"", "is empty, want a JSON object"},
		{" \n", "is empty, want a JSON object"},
		{"null", "is null, want a JSON object"},
		{"[{}]", "is a list, want a JSON object"},
		{`"text"`, "is a string, want a JSON object"},
		{"12", "is a number, want a JSON object"},
		{`{"id":"a","text":"B"`, "article a: not JSON: unexpected end of JSON input at byte offset 20"},
		{`{"id":"a","text":B}`, "article a: not JSON: invalid character 'B' looking for beginning of value at byte offset 18"},
		{`{"url":"u://h/"} {}`, "article u://h/: not JSON: invalid character '{' after top-level value at byte offset 18"},
		{`{"id":7,"text":"a` + "\xff" + `"}`, "article 7: byte 0xff at byte offset 17 is not valid UTF-8"},
		{"\ufeff{\"text\":\"\xc3(\"}", "byte 0xc3 at byte offset 12 is not valid UTF-8"},
		{`{"id":"a"}`, "article a: text: missing; looked for text, maintext, plaintext, articleBody, body, bodies, body_text, body_html, body_xhtml, content"},
		{`{"id":"a","maintext":""}`, "article a: maintext: is empty"},
		{`{"id":"a","body":null}`, "article a: body: is null"},
		{`{"id":"a","text":" \t\n"}`, "article a: text: holds nothing but white space"},
		{`{"id":"a","text":12}`, "article a: text: is a number, want a string"},
		{`{"id":"a","text":{"parts":[]}}`, "article a: text: is an object without value, rendered or sections"},
		{`{"id":"a","body":{"sections":3}}`, "article a: body.sections: want a list of objects with headline and paragraphs"},
		{`{"id":"a","body":{"sections":[{"paragraphs":[1]}]}}`, "article a: body.sections[0].paragraphs[0]: is a number, want a string"},
		{`{"id":"a","bodies":[{"value":["x"]}]}`, "article a: bodies[0].value: is a list, want a string"},
		{`{"id":"a","bodies":[]}`, "article a: bodies: is empty"},
		{`{"id":"a","content":["x",1]}`, "article a: content[1]: is a number, want a string or an object with a value"},
		{`{"id":"a","text":"x\ud800y"}`, `article a: text: holds \ud800, half of a surrogate pair: not a character`},
		{`{"id":"a","text":"\udc00\ud800"}`, `article a: text: holds \udc00, half of a surrogate pair: not a character`},
		{`{"id":"a","text":"\ud83d\u0041"}`, `article a: text: holds \ud83d, half of a surrogate pair: not a character`},
		{`{"id":true,"url":"u","text":"B"}`, "article u: id: is a boolean, want a string"},
		{`{"id":"a","text":"B","headline":5}`, "article a: headline: is a number, want a string"},
		{`{"id":"a","text":"B","authors":["x",5]}`, "article a: authors[1]: is a number, want a string"},
		{`{"id":"a","text":"B","author":{"first":"x"}}`, "article a: author: is an object without name, literal, @value"},
		{`{"id":"a","text":"B","date":[true]}`, "article a: date[0]: is a boolean, want a string"},
		{`{"id":"a","text":"B","url":{"@id":5}}`, "article a: url.@id: is a number, want a string"},
		{`{"id":"` + strings.Repeat("é", 150) + `"}`, "article " + strings.Repeat("é", 100) + "…: text: missing; looked for text, maintext, plaintext, articleBody, body, bodies, body_text, body_html, body_xhtml, content"},
		{`{"id":"a","text":"B","authors":` + strings.Repeat("[", 9) + `"A"` + strings.Repeat("]", 9) + `}`, "article a: authors[0][0][0][0][0][0][0][0]: is nested too deeply"},
		{`{"id":"a","x":` + strings.Repeat("[", 64) + strings.Repeat("]", 64) + `}`, "article a: nested deeper than 64 levels at byte offset 77"},
	}
	for _, test := range tests {
		_, err := ParseArticle([]byte(test.data), nil)
		var article *ArticleError
		if !errors.As(err, &article) {
			t.Errorf("%.80q: error %v, want an *ArticleError", test.data, err)
			continue
		}
		if err.Error() != test.want {
			t.Errorf("%.80q:\n got %s\nwant %s", test.data, err, test.want)
		}
	}

	_, err := ParseArticle([]byte(`{"text":"B"}`), Fields{"text": "my.body"})
	if want := "text: missing; looked for my.body"; err == nil || err.Error() != want {
		t.Errorf("error %v, want %s", err, want)
	}
	deep := strings.Repeat(`{"a":`, 1e6)
	if _, err := ParseArticle([]byte(deep), nil); err == nil {
		t.Error("a million levels passed")
	}
}

func TestParseJSONLD(t *testing.T) {
	tests := []struct {
		data string
		want *Article
	}{
		{`{"@type":"NewsArticle","headline":"T"}`, &Article{Title: "T"}},
		{`{"@type":"https://schema.org/ReportageNewsArticle","headline":"T","author":5,"articleBody":null}`, &Article{Title: "T"}},
		{`[{"@type":"WebPage","headline":"W"},{"@type":"Article","articleBody":"B"},{"@type":"BlogPosting","articleBody":"Body"}]`, &Article{Text: "Body"}},
		{`{"@graph":[{"@type":"WebPage"},{"@type":["Report"],"headline":"T","author":{"@id":"#x"}},{"@id":"#x","name":"A"}]}`, &Article{Title: "T", Authors: []string{"A"}}},
		{`{"@graph":[{"@type":"Article","headline":"T","author":[{"@id":"#x"},{"@id":"#x"}]},{"@id":"#x","name":{"@id":"#x"}}]}`, &Article{Title: "T"}}, // goes round
		{`{"@type":"WebPage","headline":"W"}`, nil},
		{`{"@graph":[{"@type":"WebPage"}]}`, nil},
		{`{"@graph":5,"@type":5}`, nil},
		{`[5,null,[]]`, nil}, {`{"@type":"Article"`, nil}, {``, nil}, {"{\"@type\":\"Article\xff\"}", nil},
		{strings.Repeat("[", 1e6), nil},
	}
	for _, test := range tests {
		got, ok := ParseJSONLD([]byte(test.data))
		if ok != (test.want != nil) {
			t.Errorf("%.80s: %v", test.data, ok)
		} else if ok {
			if diff := cmp.Diff(*test.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.data, diff)
			}
		}
	}
}

func TestFieldsCheck(t *testing.T) {
	if err := (Fields{"text": "b", "id": "i", "published_at": "p.q"}).Check(); err != nil {
		t.Error(err)
	}
	for _, f := range []Fields{{"body": "b"}, {"text": ""}} {
		if f.Check() == nil {
			t.Errorf("%v passed", f)
		}
	}
}

func TestRFC3339(t *testing.T) {
	tests := []struct{ in, want string }{
		{"2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"},
		{"2026-01-02T03:04:05.120+02:00", "2026-01-02T03:04:05.12+02:00"},
		{"2026-01-02T03:04:05+0200", "2026-01-02T03:04:05+02:00"},
		{"2026-01-02T03:04:05", "2026-01-02T03:04:05Z"},
		{"2026-01-02T03:04", "2026-01-02T03:04:00Z"},
		{"2026-01-02 03:04:05", "2026-01-02T03:04:05Z"},
		{"2026-01-02 03:04:05.000123", "2026-01-02T03:04:05.000123Z"},
		{"2026-01-02 03:04:05-05:00", "2026-01-02T03:04:05-05:00"},
		{"2026-01-02 03:04:05 +0000", "2026-01-02T03:04:05Z"},
		{"2026-01-02 03:04:05 EST", "2026-01-02T03:04:05-05:00"},
		{"2026-01-02", "2026-01-02"},
		{"  2026/01/02 ", "2026-01-02"},
		{"20260102", "2026-01-02"},
		{"20260102030405", "2026-01-02T03:04:05Z"},
		{"20260102T030405Z", "2026-01-02T03:04:05Z"},
		{"Fri, 02 Jan 2026 03:04:05 GMT", "2026-01-02T03:04:05Z"},
		{"Fri, 02 Jan 2026 03:04:05 PST", "2026-01-02T03:04:05-08:00"},
		{"Fri, 2 Jan 2026 03:04:05 +0100", "2026-01-02T03:04:05+01:00"},
		{"Fri, 02 Jan 2026 03:04:05 AEST", "2026-01-02"}, // the zone is not known, the day is
		{"January 2, 2026", "2026-01-02"},
		{"2 Jan 2026", "2026-01-02"},
		{"1767323045", "2026-01-02T03:04:05Z"},
		{"1767323045.75", "2026-01-02T03:04:05Z"},
		{"1767323045000", "2026-01-02T03:04:05Z"},
		{"1.767323045e9", "2026-01-02T03:04:05Z"},
		{"", ""}, {"soon", ""}, {"01/02/2026", ""}, {"2026-13-02", ""}, {"-5", ""}, {"12", ""}, {"1e300", ""}, {"NaN", ""},
		{"0000-01-01", ""}, {"99999999999999", ""}, {"2026-01-02T03:04:05+25:00", ""}, {strings.Repeat("2", 1e6), ""},
	}
	for _, test := range tests {
		got, ok := rfc3339(test.in)
		if ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%.40q is %q, %v, want %q", test.in, got, ok, test.want)
		}
		if ok && !isDate(got) {
			t.Errorf("%q is written as %q, which is no date", test.in, got)
		}
	}
}

func TestLanguageTag(t *testing.T) {
	for in, want := range map[string]string{"en": "en", "en_GB": "en-GB", "zh-Hant-TW": "zh-Hant-TW", "eng": "en", "English": "en", "deu": "deu",
		"German": "", "e": "", "en-": "", "en-toolongsubtag": "", "é": "", "12": ""} {
		if got, ok := languageTag(in); ok != (want != "") || ok && got != want {
			t.Errorf("%q is %q, %v, want %q", in, got, ok, want)
		}
	}
}

func FuzzParseArticle(f *testing.F) {
	f.Add([]byte(`{"id":"a","text":"B","authors":[{"name":"x"}],"date":1767323045}`))
	f.Add([]byte(`{"@graph":[{"@type":"Article","@id":"#a","author":{"@id":"#a"},"articleBody":"x"}]}`))
	f.Add([]byte(`{"bodies":[{"contenttype":"text/html","value":"<p>"}],"text":"\ud800"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := ParseArticle(data, nil)
		if err != nil {
			var article *ArticleError
			if !errors.As(err, &article) || article.Reason == "" || !utf8.ValidString(err.Error()) {
				t.Fatalf("error %#v", err)
			}
			return
		}
		if strings.TrimSpace(a.Text) == "" || !utf8.ValidString(a.Text) {
			t.Fatalf("text %q", a.Text)
		}
		about, warnings := a.About()
		r := signed(Record{Schema: URI, Article: about, Offsets: Offsets{"codepoint"}, Entities: []Entity{}, Quotes: []Quote{},
			Warnings: append([]Warning{}, warnings...), Extractor: made().Extractor})
		if err := r.Check(a.Text); err != nil {
			t.Fatal(err)
		}
		again, err := ParseArticle(must(json.Marshal(map[string]any{"id": a.ID, "url": a.URL, "title": a.Title, "authors": a.Authors,
			"publisher": a.Publisher, "language": a.Language, "published_at": a.PublishedAt, "text": a.Text})), nil)
		a.MediaType = ""
		if err != nil || !reflect.DeepEqual(a, again) {
			t.Fatalf("%+v comes back as %+v, %v", a, again, err)
		}
	})
}

// FuzzSplit: an object is taken apart, and a string unescaped, as encoding/json does it.
func FuzzSplit(f *testing.F) {
	f.Add([]byte(` { "a" : "b\\\\" , "c\\"\\u0041":[1,{"x":"]}"}] ,"n":null,"a":-1.5e3 ,"t":true} `))
	f.Add([]byte(`{"":"\\ud83d\\ude00 \\ud83d\\u0041\\udc00\\/\\b\\f\\n\\r\\t","x":{}}`))
	f.Add([]byte("{\n}\t"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if !json.Valid(data) || !utf8.Valid(data) || typeOf(data) != '{' {
			return
		}
		var want map[string]json.RawMessage
		if err := json.Unmarshal(data, &want); err != nil {
			t.Fatal(err)
		}
		got := split(data)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatal(diff)
		}
		for _, raw := range got {
			if typeOf(raw) != '"' {
				continue
			}
			var s string
			json.Unmarshal(raw, &s)
			if is := unescaped(raw); is != s {
				t.Fatalf("%s is %q, want %q", raw, is, s)
			}
		}
	})
}

func must(data []byte, err error) []byte {
	if err != nil {
		panic(err)
	}
	return data
}

func BenchmarkParseArticle(b *testing.B) {
	for _, size := range []int{10e3, 100e3, 1e6, 10e6} {
		body := must(json.Marshal(map[string]any{"id": "a", "title": "T", "text": strings.Repeat("“Words é”\n", size/13)}))
		var keys strings.Builder
		keys.WriteString(`{"text":"B"`)
		for i := 0; keys.Len() < size; i++ {
			fmt.Fprintf(&keys, `,"k%d":[%d]`, i, i)
		}
		keys.WriteString("}")
		refs := `{"text":"B","author":[` + strings.Repeat(`{"@id":"#x"},`, size/26) + `"A"],"@graph":[{"@id":"#x","name":[` + strings.Repeat(`"N",`, size/8) + `"N"]}]}`
		for name, data := range map[string][]byte{"body": body, "keys": []byte(keys.String()), "references": []byte(refs)} {
			b.Run(fmt.Sprintf("%s/%d", name, size), func(b *testing.B) {
				b.SetBytes(int64(len(data)))
				b.ReportAllocs()
				for b.Loop() {
					if _, err := ParseArticle(data, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// BenchmarkCheck has a name and a quote every hundred bytes.
func BenchmarkCheck(b *testing.B) {
	for _, size := range []int{10e3, 100e3, 1e6, 10e6} {
		text := strings.Repeat("“Zoë is here,” said Ann of the Harbour Board to everyone who stood on the pier that evening.\n", size/100)
		about, _ := Article{Text: text}.About()
		r := made()
		r.Article = about
		e := Entity{ID: "e1", Kind: Person, Name: "Zoë", Aliases: []string{}, Roles: []Role{}}
		r.Quotes = r.Quotes[:0]
		line := utf8.RuneCountInString(text) / (size / 100)
		for at := 0; at < about.TextChars; at += line {
			e.Mentions = append(e.Mentions, Mention{at + 1, at + 4, "Zoë", ByName})
			r.Quotes = append(r.Quotes, Quote{Kind: Direct, Act: Speech, Text: "Zoë is here,", Spans: []Span{{at, at + 14}},
				Cue: &Phrase{at + 15, at + 19, "said"}, About: []string{"e1"}, Evidence: "x"})
		}
		r.Entities = []Entity{e}
		r = signed(r)
		b.Run(fmt.Sprint(size), func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				if err := r.Check(text); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
