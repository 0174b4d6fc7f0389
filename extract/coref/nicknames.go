package coref

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// longestNickname is how many bytes a nickname has, at most, with its marks and the spaces beside them.
const longestNickname = 28

// nicknames makes one name of those that a reader cut at the marks of a nickname, “Joseph "Big Joe" Marrow” and “Robert (Bobby)
// Tranter”, and cuts those that run over a dash with spaces, as behind the place of a dateline. The names that it was given stay
// as they are.
func (r *Resolver) nicknames(doc *text.Doc, names []reading.Name) []reading.Name {
	var out []reading.Name // a copy once something changes
	change := func() {
		if out == nil {
			out = slices.Clone(names)
		}
	}
	for i, n := range names {
		if n.Start < 0 || n.End > len(doc.Text) || n.Start >= n.End {
			continue
		}
		for _, dash := range [...]string{" — ", " – ", " -- "} {
			if k := strings.Index(doc.Text[n.Start:n.End], dash); k > 0 && dated(doc, n.Start, n.Start+k) {
				change()
				out[i].End = n.Start + k
				n = out[i]
			}
		}
	}
	if out == nil {
		out = names
	}
	all := out
	out = nil
	for i := 0; i+1 < len(all); i++ {
		if k := len(out); k > 0 && out[k-1].End >= all[i].End {
			continue // taken into the one before
		}
		a, b := all[i], all[i+1]
		if a.Kind == reading.Person && b.Kind == reading.Person && r.nicknamed(doc, a.Span, b.Span) {
			if out == nil {
				out = append(make([]reading.Name, 0, len(all)), all[:i]...)
			}
			out = append(out, reading.Name{Span: text.Span{Start: a.Start, End: b.End}, Kind: a.Kind, Confidence: min(a.Confidence, b.Confidence)})
			continue
		}
		if out != nil {
			out = append(out, a)
		}
	}
	if out == nil {
		return all
	}
	if last := all[len(all)-1]; out[len(out)-1].End < last.End {
		out = append(out, last)
	}
	return out
}

// dated reports whether a dateline ends at a byte, the last word of which begins at start: the city in capitals, or what
// stands before in its paragraph.
func dated(doc *text.Doc, start, end int) bool {
	const longest = 60 // bytes
	p := sort.Search(len(doc.Paragraphs), func(i int) bool { return doc.Paragraphs[i].End > start })
	if p == len(doc.Paragraphs) || end-doc.Paragraphs[p].Start > longest || doc.Paragraphs[p].Start > start {
		return false
	}
	city := doc.Text[doc.Paragraphs[p].Start:start]
	if city == "" {
		city = doc.Text[start:end]
	}
	return strings.ToUpper(city) == city && strings.ToLower(city) != city
}

// nicknamed reports whether two names are one with a nickname in the middle: a given name, the nickname in quotation marks or
// brackets, and what follows.
func (r *Resolver) nicknamed(doc *text.Doc, a, b text.Span) bool {
	if a.Start < 0 || a.End > b.Start || b.End > len(doc.Text) || b.Start-a.End > longestNickname || b.End-a.Start > 3*longestNickname {
		return false
	}
	whole := doc.Text[a.Start:b.End]
	open := strings.IndexAny(whole, "\"“‘(")
	if open <= 1 || whole[open-1] != ' ' {
		return false
	}
	mark, size := utf8.DecodeRuneInString(whole[open:])
	end := strings.Index(whole[open+size:], closing[mark])
	if end <= 0 {
		return false
	}
	nickname, given := whole[open+size:open+size+end], strings.TrimSpace(whole[:open])
	last, spaced := strings.CutPrefix(whole[open+size+end+len(closing[mark]):], " ")
	if !spaced || strings.Count(nickname, " ") > 2 || strings.ContainsAny(nickname, ".,;:!?") || strings.ContainsAny(last, "\"“”‘()\n,") || strings.ContainsAny(given, "\"“”()\n,") {
		return false
	}
	first, _, _ := strings.Cut(given, " ")
	initial, _ := utf8.DecodeRuneInString(last)
	return strings.Count(given, " ") <= 1 && r.lists.FirstName(first) != lexicon.Unknown && unicode.IsUpper(initial)
}

var closing = map[rune]string{'"': "\"", '“': "”", '‘': "’", '(': ")"}
