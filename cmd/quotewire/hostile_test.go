package main

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/schema"
)

var (
	hostileArticles = flag.Int("hostile.articles", 1000, "generated articles that TestHostileArticles reads")
	hostileSeed     = flag.Uint64("hostile.seed", 1, "what they are drawn from")
	hostileReader   = flag.String("hostile.reader", "fast", "what reads them")
	hostileMemory   = flag.String("hostile.memory", "", "SVG file to draw memory and goroutines into")
)

// TestHostileArticles sends articles that are generated, and then damaged, through the whole pipe: publishing, decoding,
// reading, checking, publishing. Each must become a record that passes Check and the JSON Schema, or a dead letter of
// its sender's fault, never of ours, with its bytes unchanged. Memory and goroutines, those of the server included, are
// watched meanwhile.
//
//	go test ./cmd/quotewire -run HostileArticles -v -timeout 2h -hostile.articles 100000 -hostile.memory ../../docs/memory.svg
func TestHostileArticles(t *testing.T) {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSONSchema))
	if err != nil {
		t.Fatal(err)
	}
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(schema.URI, raw); err != nil {
		t.Fatal(err)
	}
	compiled, err := compiler.Compile(schema.URI)
	if err != nil {
		t.Fatal(err)
	}
	n, seed := *hostileArticles, *hostileSeed
	dead := map[pipeline.Class]int{}
	article := func(i int) jetstream.RawArticle {
		data, contentType := hostileArticle(seed, i)
		return jetstream.RawArticle{Data: data, ContentType: contentType}
	}
	// The server remembers each id for as long as the window is: were it the usual hour, that memory would hide the rest.
	setup := jetstream.Setup{Duplicates: time.Minute}
	var memory memoryLog
	seen := 0
	sum := throughNATS(t, openExtractor(t, *hostileReader), setup, n, article, func(i int, o jetstream.Outcome) {
		if seen++; seen%max(1, n/500) == 0 {
			memory.sample(seen)
		}
		if d := o.Dead; d != nil {
			dead[d.Class]++
			if want := article(i).Data; d.Class != pipeline.ClassArticle || d.Reason == "" || !bytes.Equal(d.Data, want) {
				t.Errorf("seed %d, article %d: dead letter %v of %.200q", seed, i, d.Header, want)
			}
			return
		}
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(o.Record))
		if err == nil {
			err = compiled.Validate(value)
		}
		if err != nil {
			t.Errorf("seed %d, article %d: record %.300s: %v", seed, i, o.Record, err)
		}
	})
	if sum.Records < sum.Articles/4 || sum.Dead < sum.Articles/50 || sum.Quotes < sum.Records/4 {
		t.Errorf("%+v: the articles are not of every kind", sum)
	}
	t.Logf("seed %d, reader %s: %d articles of %d bytes, %d records with %d quotes, %d dead letters %v, in %s",
		seed, *hostileReader, sum.Articles, sum.Bytes, sum.Records, sum.Quotes, sum.Dead, dead, sum.Elapsed.Round(time.Millisecond))
	t.Log(memory)
	if *hostileMemory != "" {
		title := fmt.Sprintf("%s hostile articles through NATS, server and worker in one process, reader %s", thousands(int64(n)), *hostileReader)
		if err := os.WriteFile(*hostileMemory, memory.svg(title), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// hostileArticle is the i-th article of a seed, and the MIME type that is claimed for it.
func hostileArticle(seed uint64, i int) ([]byte, string) {
	h := hostileMaker{rand.New(rand.NewPCG(seed, uint64(i)))}
	var s, contentType string
	switch h.IntN(10) {
	case 0, 1:
		s, contentType = h.text(), "text/plain"
	case 2, 3, 4:
		s, contentType = h.html(), "text/html"
	case 5:
		s, contentType = `<script type="application/ld+json">`+h.object("articleBody")+"</script>"+h.html(), "text/html"
	case 6:
		s, contentType = h.xml(), "application/xml"
	default:
		s, contentType = h.object(h.pick("text", "text", "text", "maintext", "body", "articleBody", "content", "plaintext")), "application/json"
	}
	data := h.encode(s, &contentType)
	for range h.IntN(10) / 7 * h.IntN(3) { // most stay whole
		data = h.damage(data)
	}
	switch h.IntN(4) {
	case 0:
		contentType = ""
	case 1:
		if h.IntN(4) == 0 {
			contentType = h.pick("text/html", "application/json", "text/plain; charset=utf-16", "text/plain; charset=koi8-r", "image/png", "text/", ";;;", "\x00")
		}
	}
	return data, contentType
}

type hostileMaker struct{ *rand.Rand }

func (h hostileMaker) pick(s ...string) string { return s[h.IntN(len(s))] }

// text is news, more or less.
func (h hostileMaker) text() string {
	var b bytes.Buffer
	size := h.IntN(900)
	if h.IntN(200) == 0 {
		size *= 40
	}
	for b.Len() < size {
		switch h.IntN(14) {
		case 0, 1, 2, 3:
			fmt.Fprintf(&b, "%s%s%s %s %s. ", h.mark(), h.sentence(), h.mark(), h.pick("said", "says", "told reporters", "added", "asked", "warned", "according to", ""), h.name())
		case 4, 5:
			fmt.Fprintf(&b, "%s said that %s. ", h.name(), h.sentence())
		case 6:
			fmt.Fprintf(&b, "%s, who %s, %s. ", h.name(), h.sentence(), h.sentence())
		case 7:
			b.WriteString(h.pick("\n", "\n\n", "\r\n\r\n", "\u2028", "\u0085", "\v\f", "\t", "    ", "\u00a0\u00a0"))
		case 8:
			b.WriteString(h.odd())
		case 9:
			for range h.IntN(30) {
				b.WriteString(h.odd())
			}
		case 10:
			for range h.IntN(40) {
				b.WriteString(h.mark())
			}
		case 11:
			piece := h.pick("a", "said ", "Mr. ", "é", "字", "'s ", "“", "U.S.", "-", "\u0301", "1,000 ", "@", "http://x.example/")
			for range h.IntN(300) {
				b.WriteString(piece)
			}
		default:
			b.WriteString(h.sentence() + ". ")
		}
	}
	return b.String()
}

func (h hostileMaker) mark() string {
	return h.pick(`"`, "“", "”", "„", "‟", "«", "»", "‹", "›", "‘", "’", "‚", "'", "''", "``", "「", "」", "『", "﹂", "\u201c\u0301", "\u200b“", "”\u202e", "—", "- ", "&quot;", "")
}

func (h hostileMaker) sentence() string {
	var b bytes.Buffer
	for range 1 + h.IntN(12) {
		b.WriteString(h.pick("the", "council", "would", "close", "a", "school", "on", "Monday", "in", h.name(), "because", "it", "she", "he", "they", "never", "paid", "for",
			"bridges", "and", "3.5", "million", "euros", "naïve", "coöperate", "don't", "can’t", "I", "We", "whose", "president", "Dr.", "No.", "e.g.", h.odd()))
		b.WriteString(h.pick(" ", " ", " ", " ", " ", ", ", "  ", "\n", "\u00a0", "\u200b", "—", ""))
	}
	return b.String()
}

func (h hostileMaker) name() string {
	return h.pick("Anna Berger", "Mayor Tomás Rivera", "Okafor", "he", "the minister", "a spokeswoman for Northlight Ltd.", "Mr. O’Neil-Sands", "ANNA BERGER", "Lisbon", "the U.N.",
		"José\u0301 Ra\u0308uber", "Анна", "安倍", "محمد", "J. R. P. Quill", "van der Meer", "Lord", "x", "Anna\u200dBerger", "\u202eregreB", "𝒜nna 𝔅erger", "Sir", "the Bergers")
}

// odd is a character, or a few, that text is not made for.
func (h hostileMaker) odd() string {
	switch h.IntN(12) {
	case 0:
		return string(rune(h.IntN(0x20))) // controls, NUL among them
	case 1:
		return string(rune(0x300 + h.IntN(0x70))) // combining marks
	case 2:
		return h.pick("\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u00ad", "\u180e")
	case 3:
		return h.pick("\u202a", "\u202b", "\u202c", "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u061c")
	case 4:
		return string(rune(0x1f300+h.IntN(0x400))) + h.pick("", "\u200d", "\ufe0f", "\U0001f3fd")
	case 5:
		return string(rune(0xe000 + h.IntN(0x1900))) // private use
	case 6:
		return h.pick("\ufffd", "\ufffe", "\uffff", "\U0010ffff", "\U000e0001", "\U000e0041")
	case 7:
		return h.pick("ﬁ", "Ǆ", "ß", "İ", "ı", "ſ", "Ω", "K", "\u1e9e", "ŉ", "ΐ") // of those that change length with case
	case 8:
		if h.IntN(15) > 0 {
			return "\ufeff"
		}
		return h.pick("\xff", "\xc0\xaf", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf4\x90\x80\x80", "\xe2\x80", "\x80") // no UTF-8
	case 9:
		return string(rune(0xac00+h.IntN(11172))) + string(rune(0x1100+h.IntN(0x100)))
	case 10:
		return string(rune(h.IntN(0x110000)))
	default:
		return string(rune(0x590 + h.IntN(0x170))) // right to left
	}
}

func (h hostileMaker) html() string {
	var b bytes.Buffer
	tags := []string{"p", "div", "article", "b", "span", "table", "td", "ul", "li", "script", "style", "svg", "math", "title", "noscript", "template", "textarea", "blockquote", "q", "h1", "br", "a", "main", "frameset", "select"}
	b.WriteString(h.pick("", "<!doctype html>", "<html><head><meta charset=utf-8><title>Vote</title></head><body>", "<?xml version='1.0'?>", "<!--"))
	for range 1 + h.IntN(12) {
		tag := h.pick(tags...)
		switch h.IntN(9) {
		case 0:
			fmt.Fprintf(&b, "</%s>", tag)
		case 1:
			fmt.Fprintf(&b, "<%s %s=%q>", tag, h.pick("class", "href", "style", "onload", h.odd()), h.text())
		case 2:
			b.WriteString(h.pick("&amp;", "&#x110000;", "&#0;", "&#xd800;", "&quot", "&ldquo;", "&nosuch;", "&", "<", "<<>>", "<!--", "-->", "<![CDATA[", "]]>", "</"))
		case 3:
			for range h.IntN(200) {
				fmt.Fprintf(&b, "<%s>", tag)
			}
		default:
			fmt.Fprintf(&b, "<%s>%s</%s>", h.pick("p", "p", "p", tag), h.text(), h.pick("p", tag))
		}
	}
	return b.String()
}

func (h hostileMaker) xml() string {
	return h.pick(
		`<?xml version="1.0"?><nitf><body><body.content><p>`+h.text()+`</p></body.content></body></nitf>`,
		`<rss><channel><item><title>x</title><description>`+h.text()+`</description></item></channel></rss>`,
		`<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/"><contentSet><inlineXML><html><body><p>`+h.text()+`</p></body></html></inlineXML></contentSet></newsItem>`,
		`<!DOCTYPE x [<!ENTITY a "&b;&b;"><!ENTITY b "&c;&c;"><!ENTITY c "`+h.sentence()+`">]><nitf><p>&a;</p></nitf>`,
		`<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]><nitf><body><p>&f;`+h.text()+`</p></body></nitf>`,
	)
}

// object is a JSON article that has its text under a name.
func (h hostileMaker) object(text string) string {
	var b bytes.Buffer
	b.WriteByte('{')
	for range h.IntN(6) {
		fmt.Fprintf(&b, "%s:%s,", h.quoted(h.pick("id", "url", "title", "authors", "publisher", "language", "published_at", "date", "extra", "text", h.sentence())), h.value(0))
	}
	fmt.Fprintf(&b, "%q:", text)
	switch h.IntN(12) {
	case 0:
		b.WriteString(h.value(0))
	case 1:
		b.WriteString(h.quoted(h.html()))
	default:
		b.WriteString(h.quoted(h.text()))
	}
	b.WriteString("}" + h.pick("", "", "", "", "", "", "", "\n", "\n", "{}", ",", "]"))
	return b.String()
}

func (h hostileMaker) value(depth int) string {
	switch n := h.IntN(12); {
	case n < 6:
		return h.quoted(h.sentence())
	case n == 6:
		return h.pick("null", "true", "-0", "1e999", "1e-999", "123456789012345678901234567890", "01", "NaN", "\"2026-02-30T25:61:00Z\"", "\"2024-05-01\"", "\"zz-ZZ-zz\"", "\"http://[::1%25\"")
	case n == 7:
		d := h.IntN(2000)
		return string(bytes.Repeat([]byte("["), d)) + string(bytes.Repeat([]byte("]"), d))
	case depth > 3:
		return "{}"
	case n < 10:
		return "[" + h.value(depth+1) + "," + h.value(depth+1) + "]"
	default:
		return "{" + h.quoted(h.odd()) + ":" + h.value(depth+1) + "}"
	}
}

// quoted is a JSON string, at times with escapes that no encoder writes.
func (h hostileMaker) quoted(s string) string {
	q, err := json.Marshal(s)
	if err != nil {
		return `""`
	}
	if h.IntN(12) == 0 {
		inner := string(q[1 : len(q)-1])
		q = []byte(`"` + h.pick(`\ud800`, `\udfff\ud83d`, `\ud83d\ude00`, `\u0000`, `\u202e`, `\/`, `\b\f`, `\x`, `\u12`, "\t") + inner + `"`)
	}
	return string(q)
}

// encode writes text in an encoding, and names it or not.
func (h hostileMaker) encode(s string, contentType *string) []byte {
	switch h.IntN(14) {
	case 0:
		var order binary.AppendByteOrder = binary.LittleEndian
		name := "utf-16le"
		if h.IntN(2) == 0 {
			order, name = binary.BigEndian, "utf-16be"
		}
		var b []byte
		if h.IntN(3) > 0 {
			b = order.AppendUint16(b, 0xfeff)
		}
		for _, u := range utf16.Encode([]rune(s)) {
			b = order.AppendUint16(b, u)
		}
		if h.IntN(2) == 0 {
			*contentType += "; charset=" + name
		}
		return b
	case 1:
		*contentType += "; charset=" + h.pick("latin1", "windows-1252", "iso-8859-15")
		b := make([]byte, 0, len(s))
		for _, r := range s {
			b = append(b, byte(r))
		}
		return b
	case 2:
		return append([]byte("\xef\xbb\xbf"), s...)
	case 3:
		*contentType += "; charset=" + h.pick("utf-8", "UTF-7", "shift_jis", "gb18030", "nonsense", "")
	}
	return []byte(s)
}

// damage does to bytes what lines, disks and people do.
func (h hostileMaker) damage(b []byte) []byte {
	if len(b) == 0 {
		return b
	}
	i, k := h.IntN(len(b)), h.IntN(len(b))
	i, k = min(i, k), max(i, k)
	switch h.IntN(7) {
	case 0:
		return b[:i]
	case 1:
		return b[i:]
	case 2:
		b = bytes.Clone(b)
		b[i] ^= 1 << h.IntN(8)
		return b
	case 3:
		return append(bytes.Clone(b[:i]), b[k:]...)
	case 4:
		k = min(k, i+200)
		return append(append(bytes.Clone(b[:k]), b[i:k]...), b[k:]...)
	case 5:
		return append(append(bytes.Clone(b[:i]), h.odd()...), b[i:]...)
	default:
		return append(append(bytes.Clone(b[:i]), h.pick(`"`, "{", "}", "[", "<", ">", "\\", "\x00", "“", "&#", "\r")...), b[i:]...)
	}
}
