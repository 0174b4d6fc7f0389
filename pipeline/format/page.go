package format

import (
	"bytes"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A page is an HTML document, read once from front to back into blocks of text and the elements that hold them. There
// is no tree to descend, and a document of any depth costs time and memory in proportion to its length.
type page struct {
	elements []element
	blocks   []block
	meta     []meta   // what the head says, in order
	linked   [][]byte // JSON-LD
	lang     string   // of the html element
}

// An element is one that may hold blocks. Those inside it lie between its first and last.
type element struct {
	parent      int32  // index; the first element is its own
	first, last int32  // blocks [first,last)
	look        look   // what its tag and its attributes promise
	clutter     bool   // navigation, advertising and the like, or inside of such
	tag         string //
}

// A block is a run of text without a break: a paragraph, a heading, an item of a list.
type block struct {
	element int32  // the innermost that holds it
	tag     string // of the nearest block element: p, h2, li, div …
	text    string // white space collapsed
	links   int    // bytes of text inside links
}

type meta struct{ name, value string }

// skipped elements hold nothing that a reader sees; raw text in them is not even tokenized.
var skipped = set("script style noscript template iframe svg math object canvas audio video select datalist head title " +
	"textarea button option map noframes noembed plaintext xmp")

// breaking elements begin and end a block.
var breaking = set("html body address article aside blockquote center dd details dialog dir div dl dt fieldset figcaption figure " +
	"footer form frameset h1 h2 h3 h4 h5 h6 header hr legend li main menu nav ol p pre section summary table tbody td " +
	"tfoot th thead tr ul")

// void elements have no end tag.
var void = set("area base br col embed hr img input link meta param source track wbr")

func set(words string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}

// A reader builds a page. Its stack holds the open elements that matter: those that break, skip or link.
type reader struct {
	page
	open   []int32        // elements
	count  map[string]int // open elements by tag
	links  int            // open <a>
	skip   int            // open skipped elements
	text   []byte         // of the block at hand
	inLink int            // bytes of it
	brs    int            // line breaks since the last text
	raw    string         // script or title: what the next text is of
	h1     bool           // seen one
}

// read reads HTML in UTF-8.
func read(data []byte) *page {
	r := &reader{count: map[string]int{}}
	r.elements = append(r.elements, element{})
	r.open = append(r.open, 0)
	z := html.NewTokenizer(bytes.NewReader(data))
	for {
		switch z.Next() {
		case html.ErrorToken: // the end: the tokenizer takes anything
			r.flush()
			for len(r.open) > 0 {
				r.pop()
			}
			r.declutter()
			return &r.page
		case html.TextToken:
			switch {
			case r.raw == "script":
				r.linked = append(r.linked, bytes.Clone(z.Text()))
			case r.raw == "title":
				r.meta = append(r.meta, meta{"title", collapse(string(z.Text()))})
			case r.skip == 0:
				r.add(z.Text())
			}
			r.raw = ""
		case html.StartTagToken, html.SelfClosingTagToken:
			r.start(z)
		case html.EndTagToken:
			r.raw = ""
			name, _ := z.TagName()
			r.end(atom.Lookup(name).String())
		}
	}
}

// maxHints bounds what is read of an element's class, id and role.
const maxHints = 256 // bytes

func (r *reader) start(z *html.Tokenizer) {
	name, more := z.TagName()
	tag := atom.Lookup(name).String() // empty for what HTML does not know
	switch tag {
	case "br":
		r.brs++
		return
	case "meta", "link", "time":
		r.note(tag, attributes(z, more))
		return
	}
	if void[tag] || !breaking[tag] && !skipped[tag] && tag != "a" {
		if tag == "hr" {
			r.flush()
		}
		return
	}
	attrs := attributes(z, more)
	switch tag {
	case "html":
		if r.lang == "" {
			r.lang = attrs["lang"]
		}
	case "script":
		r.raw = ""
		if strings.EqualFold(strings.TrimSpace(attrs["type"]), "application/ld+json") {
			r.raw = tag
		}
	case "title":
		if r.count["svg"] == 0 {
			r.raw = tag
		}
	case "body":
		for r.count["head"] > 0 {
			r.pop() // a head left open
		}
	case "a":
		if attrs["href"] == "" {
			return
		}
		if r.links > 0 {
			r.end(tag) // links do not nest
		}
	}
	if breaking[tag] {
		r.flush()
		r.close(tag)
	}
	r.push(tag, attrs)
}

// attributes are those of the tag at hand, each name's first.
func attributes(z *html.Tokenizer, more bool) map[string]string {
	const most = 100
	if !more {
		return nil
	}
	attrs := map[string]string{}
	for more && len(attrs) < most {
		var k, v []byte
		k, v, more = z.TagAttr()
		if _, ok := attrs[string(k)]; !ok {
			attrs[string(k)] = string(v)
		}
	}
	return attrs
}

// close ends what a start tag ends without an end tag of its own.
func (r *reader) close(tag string) {
	for len(r.open) > 1 {
		top := r.elements[r.open[len(r.open)-1]].tag
		switch {
		case top == "p",
			top == tag && (tag == "li" || tag == "tr" || tag == "td" || tag == "th" || tag == "dt" || tag == "dd"),
			top == "td" && tag == "tr", top == "head" && tag != "head":
			r.pop()
		default:
			return
		}
	}
}

func (r *reader) push(tag string, attrs map[string]string) {
	parent := r.open[len(r.open)-1]
	e := element{parent: parent, tag: tag, first: int32(len(r.blocks))}
	if tag != "a" {
		hints := strings.TrimSpace(strings.ToLower(attrs["class"] + " " + attrs["id"] + " " + attrs["role"]))
		e.look = lookOf(tag, hints[:min(len(hints), maxHints)])
		if _, hidden := attrs["hidden"]; hidden || attrs["aria-hidden"] == "true" {
			e.look = aside
		}
	}
	r.elements = append(r.elements, e)
	r.open = append(r.open, int32(len(r.elements)-1))
	r.count[tag]++
	if tag == "a" {
		r.links++
	}
	if skipped[tag] {
		r.skip++
	}
}

func (r *reader) pop() {
	i := r.open[len(r.open)-1]
	r.open = r.open[:len(r.open)-1]
	e := &r.elements[i]
	e.last = int32(len(r.blocks))
	r.count[e.tag]--
	if e.tag == "a" {
		r.links--
	}
	if skipped[e.tag] {
		r.skip--
	}
}

// end closes the innermost open element of that tag and whatever was left open inside it. An end tag without one
// counts for nothing.
func (r *reader) end(tag string) {
	if breaking[tag] {
		r.flush()
	}
	if r.count[tag] == 0 {
		return
	}
	for {
		top := r.elements[r.open[len(r.open)-1]].tag
		if breaking[top] && !breaking[tag] && !skipped[tag] {
			return // </a> does not close the <div> inside the link
		}
		r.pop()
		if top == tag {
			return
		}
	}
}

// add appends text to the block at hand. Line breaks part paragraphs where two stand together, or one after the end of
// a sentence.
func (r *reader) add(text []byte) {
	if len(bytes.TrimSpace(text)) == 0 {
		if len(r.text) > 0 && r.text[len(r.text)-1] != ' ' && len(text) > 0 {
			r.text = append(r.text, ' ')
		}
		return
	}
	if r.brs > 1 || r.brs == 1 && endsSentence(r.text) {
		r.flush()
	} else if r.brs == 1 {
		r.text = append(r.text, ' ')
	}
	r.brs = 0
	before := len(r.text)
	space := before > 0 && r.text[before-1] == ' '
	for _, c := range text {
		if c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' {
			if !space && len(r.text) > 0 {
				r.text = append(r.text, ' ')
			}
			space = true
			continue
		}
		r.text = append(r.text, c)
		space = false
	}
	if r.links > 0 {
		r.inLink += len(r.text) - before
	}
}

func endsSentence(text []byte) bool {
	r, _ := utf8.DecodeLastRune(bytes.TrimRight(text, " \"'”’»)"))
	return strings.ContainsRune(".!?…:", r)
}

// flush ends the block at hand.
func (r *reader) flush() {
	text := strings.TrimFunc(string(r.text), unicode.IsSpace)
	links := min(r.inLink, len(text))
	r.text, r.inLink, r.brs = r.text[:0], 0, 0
	if text == "" {
		return
	}
	at := r.open[len(r.open)-1]
	for at != 0 && r.elements[at].tag == "a" {
		at = r.elements[at].parent
	}
	e := &r.elements[at]
	r.blocks = append(r.blocks, block{at, e.tag, text, links})
	if e.tag == "h1" && !r.h1 {
		r.h1 = true
		r.meta = append(r.meta, meta{"h1", text})
	}
}

func collapse(s string) string { return strings.Join(strings.Fields(s), " ") }

// all is the text of every block that is not clutter: of a fragment that is all article.
func (p *page) all() string {
	return p.join(element{last: int32(len(p.blocks))}, func(b block) bool { return !p.elements[b.element].clutter })
}

func (p *page) join(e element, keep func(block) bool) string {
	var text strings.Builder
	for _, b := range p.blocks[e.first:e.last] {
		if keep(b) {
			if text.Len() > 0 {
				text.WriteByte('\n')
			}
			text.WriteString(b.text)
		}
	}
	return text.String()
}
