package baseline

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/text"
)

// A page is a text with what the rules ask of each token, computed once.
type page struct {
	*text.Doc
	marks []mark
	low   []string // the token in lower case, curly apostrophes straightened
	in    []int32  // outermost quotation the token lies in, its marks included; -1 for none
	start []int    // first token of each outermost quotation
	part  []run    // the tokens of that quotation that lie in the same paragraph
}

func newPage(d *text.Doc, marks []mark) *page {
	n := len(d.Tokens)
	p := &page{Doc: d, marks: append(marks, make([]mark, beyond)...), low: make([]string, n+beyond), in: make([]int32, n+beyond), part: make([]run, n), start: make([]int, len(d.Quotations))}
	for i, t := range d.Tokens {
		p.low[i] = lower(d.Text[t.Start:t.End])
	}
	for i := range p.in {
		p.in[i] = -1
	}
	i := 0
	for q, quotation := range d.Quotations {
		if quotation.Depth > 0 {
			continue
		}
		for k, part := range quotation.Parts {
			for i < len(d.Tokens) && d.Tokens[i].Start < part.Start {
				i++
			}
			first := i
			if k == 0 {
				p.start[q] = first
			}
			for i < len(d.Tokens) && d.Tokens[i].Start < part.End {
				p.in[i] = int32(q)
				i++
			}
			for t := first; t < i; t++ {
				p.part[t] = run{first, i}
			}
		}
	}
	return p
}

// beyond is how far past the last token a rule may look: there is nothing there, which it finds without asking first.
const beyond = 64

// class is what token i is made of; a mark beyond the end.
func (p *page) class(i int) text.Class {
	if i >= len(p.Tokens) {
		return text.Punct
	}
	return p.Tokens[i].Class
}

// sentence is the sentence of token i; one that is not there beyond the end.
func (p *page) sentence(i int) int {
	if i >= len(p.Tokens) {
		return len(p.Sentences)
	}
	return p.Tokens[i].Sentence
}

// paragraph is the paragraph of token i, likewise.
func (p *page) paragraph(i int) int {
	if i >= len(p.Tokens) {
		return len(p.Paragraphs)
	}
	return p.Sentences[p.Tokens[i].Sentence].Paragraph
}

// bounds is the sentence of token i; empty beyond the end.
func (p *page) bounds(i int) run {
	if i >= len(p.Tokens) {
		return run{len(p.Tokens), len(p.Tokens)}
	}
	s := p.Sentences[p.Tokens[i].Sentence]
	return run{s.First, s.Last}
}

// lower folds case and curly apostrophes; a token too long to be a word is no word.
func lower(s string) string {
	if len(s) > maxTokenBytes {
		return ""
	}
	if strings.ContainsRune(s, '’') {
		s = strings.ReplaceAll(s, "’", "'")
	}
	return strings.ToLower(s)
}

// word is the token as written.
func (p *page) word(i int) string { return p.Text[p.Tokens[i].Start:p.Tokens[i].End] }

// span is the text from token first up to, not including, token last.
func (p *page) span(first, last int) text.Span {
	return text.Span{Start: p.Tokens[first].Start, End: p.Tokens[last-1].End}
}

// tag is the Penn Treebank tag of token i.
func (p *page) tag(i int) string { return p.marks[i].tag }

func (p *page) isTag(i int, prefix string) bool { return strings.HasPrefix(p.marks[i].tag, prefix) }

// capital reports whether token i is a word that begins with a capital letter.
func (p *page) capital(i int) bool {
	if p.class(i) != text.Word {
		return false // also beyond the end
	}
	r, _ := utf8.DecodeRuneInString(p.word(i))
	return unicode.IsUpper(r)
}

// phrase joins the lower-case words of tokens [first,last) by spaces.
func (p *page) phrase(first, last int) string {
	if last == first+1 {
		return p.low[first]
	}
	return strings.Join(p.low[first:last], " ")
}
