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
}

func newPage(d *text.Doc, marks []mark) *page {
	p := &page{Doc: d, marks: marks, low: make([]string, len(d.Tokens)), in: make([]int32, len(d.Tokens))}
	for i, t := range d.Tokens {
		p.low[i] = lower(d.Text[t.Start:t.End])
		p.in[i] = -1
	}
	i := 0
	for q, quotation := range d.Quotations {
		if quotation.Depth > 0 {
			continue
		}
		for _, part := range quotation.Parts {
			for i < len(d.Tokens) && d.Tokens[i].Start < part.Start {
				i++
			}
			for i < len(d.Tokens) && d.Tokens[i].Start < part.End {
				p.in[i] = int32(q)
				i++
			}
		}
	}
	return p
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
	if p.Tokens[i].Class != text.Word {
		return false
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
