package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// splitSentences cuts each paragraph, whose First and Last are still tokens, into sentences.
//
// A sentence ends after a full stop, question or exclamation mark or ellipsis, with the quotation marks and brackets
// that close there, unless what follows goes on with it: a word in lower case ("“Why?” she asked"), or whatever follows
// an abbreviation and is not known to begin a sentence.
func splitSentences(d *Doc) {
	d.Sentences = make([]Sentence, 0, len(d.Tokens)/20+len(d.Paragraphs))
	for p := range d.Paragraphs {
		para := &d.Paragraphs[p]
		first, last := para.First, para.Last
		para.First = len(d.Sentences)
		c := splitter{d: d, start: first, last: last}
		for i := first; i < last; {
			if !c.ends(i) {
				i++
				continue
			}
			next := c.closing(i + 1)
			if next == last || c.begins(i, next) {
				c.add(p, next)
			}
			i = next
		}
		if c.start < last {
			c.add(p, last)
		}
		para.Last = len(d.Sentences)
	}
}

type splitter struct {
	d           *Doc
	start, last int // tokens: of the sentence, of the paragraph
	next        int // no word lies between the last end of a sentence and this token
}

func (c *splitter) add(paragraph, next int) {
	tokens := c.d.Tokens[c.start:next]
	for i := range tokens {
		tokens[i].Sentence = len(c.d.Sentences)
	}
	c.d.Sentences = append(c.d.Sentences, Sentence{
		Span:      Span{tokens[0].Start, tokens[len(tokens)-1].End},
		First:     c.start,
		Last:      next,
		Paragraph: paragraph,
	})
	c.start = next
}

// ends reports whether a sentence may end with token i.
func (c *splitter) ends(i int) bool {
	t := c.d.Tokens[i]
	switch t.Class {
	case Punct:
		switch c.d.Text[t.Start] {
		case '.', '!', '?':
			return true
		case 0xE2, 0xE3, 0xEF:
			switch c.d.TokenText(i) {
			case "…", "‼", "⁇", "⁈", "⁉", "。", "！", "？", "．":
				return true
			}
		}
	case Word:
		return c.d.Text[t.End-1] == '.'
	}
	return false
}

func (c *splitter) glued(i int) bool { return i > 0 && c.d.Tokens[i-1].End == c.d.Tokens[i].Start }

// closing returns the first token from i on that does not belong to the end of the sentence.
func (c *splitter) closing(i int) int {
	for ; i < c.last; i++ {
		t := c.d.Tokens[i]
		lone := i+1 == c.last || !c.glued(i+1)
		switch {
		case t.Class == CloseQuote:
		case t.Class == StrayQuote && c.glued(i) && lone:
		case t.Class == Punct && c.ends(i) && (c.glued(i) || lone):
		case t.Class == Punct && strings.IndexByte(")]}", c.d.Text[t.Start]) >= 0:
		case t.Class == Symbol && c.glued(i) && c.markup(i) > i:
			i = c.markup(i) - 1
		case t.Class == Punct && c.d.Text[t.Start] == '[' && i+2 < c.last && c.d.Tokens[i+1].Class == Number && c.d.TokenText(i+2) == "]":
			i += 2 // a note: "[3]"
		default:
			return i
		}
	}
	return i
}

// markup returns the end of the run of asterisks and underscores from token i on, or i where a word follows it.
func (c *splitter) markup(i int) int {
	for end := i; ; end++ {
		if end > i && (end == c.last || !c.glued(end)) {
			return end
		}
		if b := c.d.Text[c.d.Tokens[end].Start]; b != '*' && b != '_' {
			return i
		}
	}
}

// begins reports whether token next begins a sentence after the end at token i.
func (c *splitter) begins(i, next int) bool {
	w := c.word(next)
	if w < 0 {
		return false
	}
	word := c.d.TokenText(w)
	r, size := utf8.DecodeRuneInString(word)
	lower := unicode.IsLower(r)
	t, n := c.d.Tokens[i], c.d.Tokens[next]
	dash := n.Class == Punct && isDash(c.d.Slice(n.Span))
	switch {
	case n.Class == Punct && strings.IndexByte(",;:", c.d.Text[n.Start]) >= 0:
		return false
	case r >= 0x2E80: // a script without spaces
		return true
	case t.Class == Word:
		short := c.d.Text[t.Start : t.End-1]
		a := abbreviationOf(short)
		if strings.HasSuffix(short, "a.m") || strings.HasSuffix(short, "p.m") {
			return !lower && !dash && !c.glued(next) && !c.dates(w)
		}
		return (a == 0 || a == beforeAny) && !lower && !dash && !c.glued(next) && (starters[word] || n.Class == OpenQuote)
	case c.glued(next): // a space is missing, or the mark stands inside a word: "NYSE.N"
		second, _ := utf8.DecodeRuneInString(word[size:])
		return unicode.IsUpper(r) && unicode.IsLower(second) && i > c.start && c.glued(i) && c.plain(i-1)
	case lower:
		// In careless writing; but a word with a capital may have its mark in its name ("Yahoo! said").
		return next == i+1 && w == next && t.Len() == 1 && i > c.start && c.glued(i) && c.plain(i-1) && !c.capital(i-1)
	case c.d.Text[t.Start] != '.':
		return !dash && (c.d.Tokens[next-1].Class != CloseQuote || !c.attributes(w))
	case t.Len() == 1 && i == c.start+1 && c.d.Tokens[c.start].Class == Number: // "1. First"
		return false
	}
	return i == c.start || c.d.Tokens[i-1].Len() > 1 || c.d.Tokens[i-1].Class != Word || !c.lower(i-1) // "b. 1950"
}

func isDash(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return unicode.Is(unicode.Pd, r)
}

// dates reports whether token i goes on with a time of day: "9 a.m. Monday", "9 a.m. EST", "9 a.m. Tokyo time".
func (c *splitter) dates(i int) bool {
	word := c.d.TokenText(i)
	if dates[word] || len(word) > 1 && strings.ToUpper(word) == word {
		return true
	}
	return i+1 < c.last && strings.EqualFold(c.d.TokenText(i+1), "time")
}

// attributes reports whether token i begins the tag of a quotation that ended with a question or exclamation mark:
// a name and a verb of speech.
func (c *splitter) attributes(i int) bool {
	for end := min(i+6, c.last); i < end && c.d.Tokens[i].Class == Word; i++ {
		if !c.capital(i) {
			return tags[c.d.TokenText(i)]
		}
	}
	return false
}

func (c *splitter) capital(i int) bool {
	r, _ := utf8.DecodeRuneInString(c.d.TokenText(i))
	return unicode.IsUpper(r)
}

func (c *splitter) lower(i int) bool {
	r, _ := utf8.DecodeRuneInString(c.d.TokenText(i))
	return unicode.IsLower(r)
}

// plain reports whether token i is a word of three or more letters that ends in lower case.
func (c *splitter) plain(i int) bool {
	t := c.d.Tokens[i]
	r, _ := before(c.d.Text, t.End)
	return t.Class == Word && t.Len() > 2 && unicode.IsLower(r)
}

// word returns the first word or number from token i on, or -1. It must be asked in order of i.
func (c *splitter) word(i int) int {
	for c.next = max(c.next, i); c.next < c.last; c.next++ {
		switch c.d.Tokens[c.next].Class {
		case Word, Number, Clitic:
			return c.next
		}
	}
	return -1
}
