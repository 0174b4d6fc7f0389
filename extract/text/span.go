package text

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Slice is the text of s.
func (d *Doc) Slice(s Span) string { return d.Text[s.Start:s.End] }

// TokenText is the text of token i.
func (d *Doc) TokenText(i int) string { return d.Text[d.Tokens[i].Start:d.Tokens[i].End] }

// TokensIn returns the range [first,last) of the tokens that share a byte with s; first == last where there is none.
// It takes logarithmic time.
func (d *Doc) TokensIn(s Span) (first, last int) {
	first = sort.Search(len(d.Tokens), func(i int) bool { return d.Tokens[i].End > s.Start })
	last = first + sort.Search(len(d.Tokens)-first, func(i int) bool { return d.Tokens[first+i].Start >= s.End })
	return first, last
}

// TokenAt returns the token that holds the byte at offset, or -1 where it is white space or outside the text.
func (d *Doc) TokenAt(offset int) int {
	i := sort.Search(len(d.Tokens), func(i int) bool { return d.Tokens[i].End > offset })
	if i < len(d.Tokens) && d.Tokens[i].Start <= offset {
		return i
	}
	return -1
}

// TokenSpan is the span from the first byte of token first to the last of token last-1; empty where there is no such token.
func (d *Doc) TokenSpan(first, last int) Span {
	if first >= last {
		return Span{}
	}
	return Span{d.Tokens[first].Start, d.Tokens[last-1].End}
}

// Trim clips s to the text and to whole code points, and takes white space off its ends. It is empty where nothing is left.
func (d *Doc) Trim(s Span) Span {
	s.Start, s.End = max(s.Start, 0), min(s.End, len(d.Text))
	for s.Start < s.End && !utf8.RuneStart(d.Text[s.Start]) {
		s.Start++
	}
	for s.End > s.Start && s.End < len(d.Text) && !utf8.RuneStart(d.Text[s.End]) {
		s.End--
	}
	if s.Empty() {
		return Span{}
	}
	s.End = s.Start + len(strings.TrimRightFunc(d.Text[s.Start:s.End], unicode.IsSpace))
	s.Start = s.End - len(strings.TrimLeftFunc(d.Text[s.Start:s.End], unicode.IsSpace))
	return s
}
