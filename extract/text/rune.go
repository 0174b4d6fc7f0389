package text

import (
	"unicode"
	"unicode/utf8"
)

// A kind is what a code point may be part of.
type kind uint8

const (
	symbol kind = iota // anything else, control characters and bad bytes too
	letter             // also combining marks
	digit
	space // also invisible marks: zero-width space, byte order mark, directional marks
	punct
	quote // quotation marks and apostrophes
)

// asciiKind is the kind of each ASCII code point. Asterisks and the like are markup more often than punctuation.
var asciiKind = func() (k [utf8.RuneSelf]kind) {
	for c := range k {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
			k[c] = letter
		case '0' <= c && c <= '9':
			k[c] = digit
		case c == ' ', '\t' <= c && c <= '\r':
			k[c] = space
		}
	}
	for _, c := range `!(),-./:;?[]{}` {
		k[c] = punct
	}
	for _, c := range "\"'`" {
		k[c] = quote
	}
	return k
}()

// at decodes the code point of s at i.
func at(s string, i int) (r rune, size int, k kind) {
	if c := s[i]; c < utf8.RuneSelf {
		return rune(c), 1, asciiKind[c]
	}
	r, size = utf8.DecodeRuneInString(s[i:])
	if r == utf8.RuneError {
		return r, size, symbol
	}
	return r, size, kindOf(r)
}

// before decodes the code point of s that ends at i; space at the beginning.
func before(s string, i int) (r rune, k kind) {
	if i == 0 {
		return ' ', space
	}
	if c := s[i-1]; c < utf8.RuneSelf {
		return rune(c), asciiKind[c]
	}
	r, _ = utf8.DecodeLastRuneInString(s[:i])
	if r == utf8.RuneError {
		return r, symbol
	}
	return r, kindOf(r)
}

// after is at, but space at end.
func after(s string, i, end int) (r rune, k kind) {
	if i >= end {
		return ' ', space
	}
	r, _, k = at(s, i)
	return r, k
}

func kindOf(r rune) kind {
	switch r {
	case '‘', '’', '‚', '‛', '“', '”', '„', '‟', '«', '»', '‹', '›', '「', '」', '『', '』', '〝', '〞', '〟', '＂', '＇', '｢', '｣', '´', 'ʼ', 'ʻ':
		return quote
	case 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF:
		return space
	case 0x00AD, 0x200C, 0x200D: // soft hyphen and joiners, inside words
		return letter
	}
	switch {
	case 0x202A <= r && r <= 0x202E, 0x2066 <= r && r <= 0x2069:
		return space
	case unicode.IsLetter(r), unicode.IsMark(r):
		return letter
	case unicode.IsNumber(r):
		return digit
	case unicode.IsSpace(r):
		return space
	case unicode.IsPunct(r):
		return punct
	}
	return symbol
}

// ideograph reports whether r is written without spaces around words, so that a run of such is no word.
func ideograph(r rune) bool {
	return r >= 0x2E80 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

func isApostrophe(r rune) bool {
	switch r {
	case '\'', '’', '‘', '‛', 'ʼ', 'ʻ', '＇', '´', '`':
		return true
	}
	return false
}
