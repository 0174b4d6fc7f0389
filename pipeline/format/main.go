package format

import (
	"strings"
	"unicode/utf8"
)

// clutterTags hold what is around an article rather than the article.
var clutterTags = set("nav aside footer form menu dialog figcaption figure fieldset")

// clutterWords, as parts of a class, an id or a role, say the same. A word is what stands between anything but letters
// and digits.
var clutterWords = set("ad ads advert advertisement advertising banner breadcrumb breadcrumbs byline caption comment comments " +
	"complementary contentinfo cookie cookies consent credit credits dialog disqus footer gallery " +
	"masthead menu modal more nav navbar navigation newsletter outbrain overlay pager paging pagination paywall popular popup print promo promotion " +
	"prevnext readmore recommend recommended recommendations related respond search share sharebar sharing sharedaddy sidebar signup skip social " +
	"socials sponsor sponsored subscribe subscription taboola tags teaser teasers toolbar tooltip topics trending widget widgets")

// look is what an element seems to be.
type look uint8

const (
	content  look = iota
	aside         // clutter, unless most of the page is in it
	comments      // what readers say and what leads elsewhere, however long
)

var commentWords = set("comment comments commentlist disqus respond")

// otherWords are classes of what leads to other articles or to consent: never the article, however much of the page it is.
var otherWords = set("teasers recommended recommendations related taboola outbrain trending cookies consent")

// articleNames are classes that themes give to what holds an article (WordPress, the hNews and hAtom microformats).
// Beside them stand the article's own tags as classes, which mean nothing here: "post tag-banner".
var articleNames = set("post hentry h-entry type-post article entry entry-content e-content post-content article-body articlebody")

func lookOf(tag, hints string) look {
	at := content
	if clutterTags[tag] {
		at = aside
	}
	if tag == "html" || tag == "body" {
		return at
	}
	for name := range strings.FieldsSeq(hints) {
		if articleNames[name] {
			return content
		}
		for word := range strings.FieldsFuncSeq(name, isBetweenWords) {
			switch {
			case commentWords[word], otherWords[word]:
				return comments
			case clutterWords[word]:
				at = aside
			}
		}
	}
	return at
}

func isBetweenWords(r rune) bool {
	return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= utf8.RuneSelf)
}

// declutter decides which elements are clutter. Sites call the oddest things a widget or a teaser, and some put the
// whole page into a form: what holds much of the page's prose is no clutter, whatever it is called.
func (p *page) declutter() {
	for i := range p.elements {
		e := &p.elements[i]
		e.clutter = p.elements[e.parent].clutter || e.look == comments
	}
	weights := p.weigh() // without comments
	total := weights.of(p.elements[0])
	for i := range p.elements {
		e := &p.elements[i]
		e.clutter = p.elements[e.parent].clutter || e.look == comments || e.look == aside && (total == 0 || weights.of(*e) < total/4)
	}
}

// weights are sums over the blocks before each.
type weights []float64

func (p *page) weigh() weights {
	w := make(weights, len(p.blocks)+1)
	for i, b := range p.blocks {
		w[i+1] = w[i] + p.weight(b)
	}
	return w
}

func (w weights) of(e element) float64 { return w[e.last] - w[e.first] }

// main is the text of the page's article: the paragraphs and subheadings of the innermost element that holds two
// thirds of what looks like prose. The measure of prose is that of Arc90's Readability (2009): a paragraph counts for
// its length and its commas, and for nothing where it is short or mostly links.
func (p *page) main() string {
	weights := p.weigh()
	at := 0
	most := weights.of(p.elements[0])
	for i, e := range p.elements {
		// Elements stand in the order of their start tags, so a later one that holds this much lies inside.
		if weights.of(e) >= most*2/3 && most > 0 && e.tag != "p" && e.tag != "a" {
			at = i
		}
	}
	e := p.elements[at]
	e.first = p.standfirst(e)
	return p.join(e, func(b block) bool {
		if p.elements[b.element].clutter || 2*b.links > len(b.text) {
			return false
		}
		switch b.tag {
		case "h1":
			return false // the title is no part of the body
		case "p", "pre", "blockquote", "h2", "h3", "h4":
			return true
		}
		return len(b.text) >= 40 || endsSentence([]byte(b.text))
	})
}

// standfirst is the first block of an article that begins before the element that holds its paragraphs: with whole
// sentences between the heading and it.
func (p *page) standfirst(e element) int32 {
	const near = 10 // blocks
	heading := e.first - 1
	for heading >= 0 && heading > e.first-near && p.blocks[heading].tag != "h1" {
		heading--
	}
	if heading < 0 || p.blocks[heading].tag != "h1" {
		return e.first
	}
	for i := heading + 1; i < e.first; i++ {
		if b := p.blocks[i]; p.weight(b) > 0 && endsSentence([]byte(b.text)) {
			return i
		}
	}
	return e.first
}

// weight is how much a block looks like prose.
func (p *page) weight(b block) float64 {
	if p.elements[b.element].clutter || len(b.text) < 25 || 3*b.links > len(b.text) || isHeading(b.tag) {
		return 0
	}
	w := 1 + float64(strings.Count(b.text, ",")+strings.Count(b.text, "，")) + min(float64(len(b.text))/100, 3)
	if b.tag == "li" {
		w /= 3
	}
	return w
}

func isHeading(tag string) bool { return len(tag) == 2 && tag[0] == 'h' && tag != "hr" }
