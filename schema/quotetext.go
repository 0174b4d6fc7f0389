package schema

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// QuoteText is the words of a quote, given the text of each of its spans: each without white space around it and, of a
// direct quote, without its one outer pair of quotation marks, or the one outer mark where the other is missing; what
// is left is joined by single spaces. Inside a span everything stays as written, line breaks too.
func QuoteText(kind QuoteKind, spans []string) string {
	words := make([]string, 0, len(spans))
	for _, s := range spans {
		s = strings.TrimSpace(s)
		if kind == Direct {
			s = strings.TrimSpace(unquote(s)) // « so » has spaces inside the marks
		}
		if s != "" {
			words = append(words, s)
		}
	}
	return strings.Join(words, " ")
}

// A mark is a family of quotation marks: an opening mark is closed by one of the same family, whichever its shape,
// for news is typed on many keyboards.
type mark int

const (
	none      mark = iota
	single         // ‘ ’ ' ‚ ‛ `
	double         // “ ” " „ ‟ ″ ＂ 〝 〞 '' ``
	guillemet      // « »
	angle          // ‹ ›
	corner         // 「 」
	white          // 『 』
	cjkAngle       // 《 》
)

func family(r rune) mark {
	switch r {
	case '‘', '’', '\'', '‚', '‛', '`':
		return single
	case '“', '”', '"', '„', '‟', '″', '＂', '〝', '〞', '〟':
		return double
	case '«', '»':
		return guillemet
	case '‹', '›':
		return angle
	case '「', '」':
		return corner
	case '『', '』':
		return white
	case '《', '》':
		return cjkAngle
	}
	return none
}

// leading is the mark that s begins with, and its length in bytes.
func leading(s string) (mark, int) {
	if strings.HasPrefix(s, "''") || strings.HasPrefix(s, "``") {
		return double, 2
	}
	r, n := utf8.DecodeRuneInString(s)
	return family(r), n
}

// trailing is the mark that s ends with, and its length in bytes.
func trailing(s string) (mark, int) {
	if strings.HasSuffix(s, "''") {
		return double, 2
	}
	r, n := utf8.DecodeLastRuneInString(s)
	return family(r), n
}

// unquote takes off one outer quotation mark at either end. Where the two are not a pair, a ’ or ' is more likely an
// apostrophe (’Twas, the workers’): at the head it is kept beside a mark at the end, at the end it is kept unless
// a sentence ends before it.
func unquote(s string) string {
	open, n := leading(s)
	closing, m := trailing(s)
	switch {
	case open == none && closing == none:
		return s
	case len(s) < n+m: // a lone mark
		return ""
	case open == closing:
		return s[n : len(s)-m]
	case open != none && closing == none:
		return s[n:]
	case open == none:
		if closing == single && !endsSentence(s[:len(s)-m]) {
			return s
		}
		return s[:len(s)-m]
	case open == single:
		return s[:len(s)-m]
	default: // “He said ‘no’, or a pair that does not match
		if closing == single {
			return s[n:]
		}
		return s[n : len(s)-m]
	}
}

func endsSentence(s string) bool {
	r, _ := utf8.DecodeLastRuneInString(s)
	return unicode.IsPunct(r)
}
