// Package feature tells a trained reader, token by token, what word pieces do not: case, quotation marks, where
// paragraphs and sentences begin, and the letters as written. Training reads these values too (see ../train/cut), so
// that a model meets in use exactly what it was trained on. Any change here asks for a new training.
package feature

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/text"
)

// How many values each feature has, and how many letters of a token are given.
const (
	Shapes    = 14
	Quotes    = 7
	Positions = 3
	Letters   = 128
	Width     = 14
)

// Sizes is how many values each feature has, as a model file states them.
type Sizes struct{ Shape, Quote, Position, Letter, Width int }

// Own are the sizes that this package computes.
func Own() Sizes { return Sizes{Shapes, Quotes, Positions, Letters, Width} }

// Shapes of a token.
const (
	shapeOther uint8 = iota
	shapeNumber
	shapeOpenQuote
	shapeCloseQuote
	shapeComma
	shapeStop
	shapeDash
	shapeMark   // any other punctuation or symbol
	shapeDigits // letters and digits
	shapeLower
	shapeUpper // two letters or more
	shapeTitle // "Paris"
	shapeMixed // "McDonald", "iPhone"
	shapeInitial
)

// Where a token stands among quotation marks.
const (
	quoteOutside uint8 = iota
	quoteOpens
	quoteInside
	quoteCloses
	quoteStray
	quoteNested
	quoteUnclosed // inside one whose closing mark is missing
)

// Where a token stands in the text.
const (
	positionInside uint8 = iota
	positionSentence
	positionParagraph
)

// Of is the features of a text's tokens.
type Of struct {
	Form                   []string // what word pieces are cut from, see [Form]
	Shape, Quote, Position []uint8
	Letters                [][Width]uint8
}

// Telling reports whether the vector of token i may tell of whom a pronoun means: it has a capital letter, as names do, or is
// "he" or "she" in any case.
func (f *Of) Telling(i int) bool {
	if f.Shape[i] >= shapeUpper {
		return true
	}
	switch f.Form[i] {
	case "he", "him", "his", "himself", "she", "her", "hers", "herself":
		return true
	}
	return false
}

// Compute sets f to the features of d's tokens. It reuses f's memory. It takes time linear in the number of tokens
// and n log n in that of quotations.
func (f *Of) Compute(d *text.Doc) {
	n := len(d.Tokens)
	f.Shape, f.Quote, f.Position = resize(f.Shape, n), resize(f.Quote, n), resize(f.Position, n)
	f.Form, f.Letters = resize(f.Form, n), resize(f.Letters, n)
	for i, t := range d.Tokens {
		s := d.Text[t.Start:t.End]
		f.Shape[i] = shape(s, t.Class)
		f.Form[i] = Form(s)
		f.Letters[i] = letters(f.Form[i])
		f.Position[i] = positionInside
	}
	for _, s := range d.Sentences {
		f.Position[s.First] = positionSentence
	}
	for _, p := range d.Paragraphs {
		f.Position[d.Sentences[p.First].First] = positionParagraph
	}
	f.quotes(d)
}

func (f *Of) quotes(d *text.Doc) {
	for i := range f.Quote {
		f.Quote[i] = quoteOutside
	}
	tokenFrom := func(offset int) int {
		return sort.Search(len(d.Tokens), func(i int) bool { return d.Tokens[i].Start >= offset })
	}
	for _, q := range d.Quotations {
		state := quoteInside
		switch {
		case q.Depth == 1:
			state = quoteNested
		case q.Depth > 1: // told by the one around it; a thousand marks must not cost a million steps
			continue
		case q.Unclosed:
			state = quoteUnclosed
		}
		for _, part := range q.Parts {
			for i := tokenFrom(part.Start); i < len(d.Tokens) && d.Tokens[i].Start < part.End; i++ {
				f.Quote[i] = state
			}
		}
	}
	for i, t := range d.Tokens {
		switch t.Class {
		case text.OpenQuote:
			f.Quote[i] = quoteOpens
		case text.CloseQuote:
			f.Quote[i] = quoteCloses
		case text.StrayQuote:
			f.Quote[i] = quoteStray
		}
	}
}

func shape(s string, c text.Class) uint8 {
	switch c {
	case text.OpenQuote:
		return shapeOpenQuote
	case text.CloseQuote:
		return shapeCloseQuote
	case text.Punct, text.Symbol, text.StrayQuote:
		switch s {
		case ",":
			return shapeComma
		case ".":
			return shapeStop
		case "-", "–", "—", "--", "―":
			return shapeDash
		}
		return shapeMark
	}
	var upper, lower, letter, digit int
	first := false // the first letter is a capital
	for i, r := range s {
		if i >= 256 {
			break // enough to tell
		}
		switch {
		case unicode.IsDigit(r):
			digit++
		case unicode.IsLetter(r):
			if unicode.IsUpper(r) {
				first = first || letter == 0
				upper++
			} else if unicode.IsLower(r) {
				lower++
			}
			letter++
		}
	}
	switch {
	case digit > 0 && letter == 0:
		return shapeNumber
	case digit > 0:
		return shapeDigits
	case upper == 0 && lower == 0:
		return shapeOther
	case upper == 0:
		return shapeLower
	case upper == 1 && letter == 1:
		return shapeInitial
	case lower == 0:
		return shapeUpper
	case upper == 1 && first:
		return shapeTitle
	}
	return shapeMixed
}

// letters gives each code point of s a number below Letters; of a long token its first nine and its last five.
func letters(s string) (l [Width]uint8) {
	const head = 9
	n := 0
	for _, r := range s {
		if n == Width {
			for k := Width - 1; k >= head; k-- {
				r, size := utf8.DecodeLastRuneInString(s)
				l[k] = letter(r)
				s = s[:len(s)-size]
			}
			return l
		}
		l[n] = letter(r)
		n++
	}
	return l
}

// letter is r's number: ASCII has its own codes, of the rest only the kind is told.
func letter(r rune) uint8 {
	switch {
	case r > ' ' && r < 127:
		return uint8(r)
	case unicode.IsUpper(r):
		return 1
	case unicode.IsLetter(r):
		return 2
	}
	return 3
}

// Form is a token as word pieces are cut from it: quotation marks and dashes of every kind, which the vocabulary hardly
// knows, become ASCII ones. It seldom allocates.
func Form(token string) string {
	if token == "''" || token == "``" {
		return `"`
	}
	for i := 0; i < len(token); i++ {
		if token[i] < utf8.RuneSelf && token[i] != '`' {
			continue
		}
		if r, size := utf8.DecodeRuneInString(token); size == len(token) {
			return plainMark(r, token)
		}
		return strings.Map(func(r rune) rune {
			if p := plainMark(r, ""); p != "" {
				return rune(p[0])
			}
			return r
		}, token)
	}
	return token
}

// plainMark is the ASCII mark for r, or otherwise what is given.
func plainMark(r rune, otherwise string) string {
	switch r {
	case '‘', '’', '‚', '‛', '`', '´', '′', '‹', '›':
		return "'"
	case '“', '”', '„', '‟', '«', '»', '″':
		return `"`
	case '‐', '‑', '‒', '–', '—', '―', '−':
		return "-"
	}
	return otherwise
}

func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
