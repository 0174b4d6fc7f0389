package place

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// longest is the length in bytes of the longest key that the gazetteer holds, and more than that of any name of a place.
const longest = 80

// AppendKey appends to dst the form in which the gazetteer holds a name: in lower case, without diacritics, full stops
// and apostrophes, one space between words, "Saint", "Mount" and "Fort" shortened, no "the" before it. It appends nothing
// where the name is too long to be one.
func AppendKey(dst []byte, name string) []byte {
	if len(name) > 2*longest {
		return dst
	}
	var buf [8 * longest]byte
	plain := norm.NFD.AppendString(buf[:0], name)
	start := len(dst)
	word := start // where the word at the end of dst begins
	for i := 0; i < len(plain); {
		r, size := utf8.DecodeRune(plain[i:])
		i += size
		switch {
		case r == '.' || r == '\'' || r == '’' || r == '‘' || r == '`' || r == 'ʼ' || r == 'ʻ' || unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			dst = appendFolded(dst, unicode.ToLower(r))
		case r == '&':
			dst = append(shorten(dst, word), "and "...)
			word = len(dst)
		default:
			if len(dst) > word {
				dst = append(shorten(dst, word), ' ')
				if string(dst[start:]) == "the " {
					dst = dst[:start]
				}
				word = len(dst)
			}
		}
	}
	dst = shorten(dst, word)
	for len(dst) > start && dst[len(dst)-1] == ' ' {
		dst = dst[:len(dst)-1]
	}
	if len(dst)-start > longest {
		return dst[:start]
	}
	return dst
}

// appendFolded writes the letters that Unicode does not decompose as English newspapers do.
func appendFolded(dst []byte, r rune) []byte {
	switch r {
	case 'ł':
		return append(dst, 'l')
	case 'ø':
		return append(dst, 'o')
	case 'đ', 'ð':
		return append(dst, 'd')
	case 'ı':
		return append(dst, 'i')
	case 'ħ':
		return append(dst, 'h')
	case 'ß':
		return append(dst, "ss"...)
	case 'æ':
		return append(dst, "ae"...)
	case 'œ':
		return append(dst, "oe"...)
	case 'þ':
		return append(dst, "th"...)
	case 'ə':
		return append(dst, 'a')
	}
	return utf8.AppendRune(dst, r)
}

// shorten writes the words that are customarily shortened in their short form, so that both forms have one key.
func shorten(dst []byte, word int) []byte {
	switch string(dst[word:]) {
	case "saint":
		return append(dst[:word], "st"...)
	case "sainte":
		return append(dst[:word], "ste"...)
	case "mount":
		return append(dst[:word], "mt"...)
	case "fort":
		return append(dst[:word], "ft"...)
	}
	return dst
}
