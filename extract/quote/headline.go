package quote

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// byHeadline is the evidence of a quote that a headline gives.
const byHeadline = "quote/headline"

// headlines makes quotes of paragraphs that are nothing but a quotation, a colon and who said it: "Reyes: ‘The bridge is
// shut’", "‘We were never asked’: residents". It leaves alone what the reader gave a source. Titles of works look alike
// ("Review: ‘The Bridge’"), so the speaker must be known, or the quotation a sentence in small letters.
func (a *attribution) headlines() {
	var held []text.Span
	open := map[text.Span]int{} // contents without source → their drafts
	for i := range a.drafts {
		d := &a.drafts[i]
		if d.Speaker == nil && len(d.Spans) == 1 {
			open[d.Spans[0]] = i
			continue
		}
		held = append(held, d.Spans...)
	}
	held = merge(held)
	for _, q := range a.doc.Quotations {
		if q.Depth > 0 || q.Unclosed || len(q.Parts) > 1 {
			continue
		}
		part := q.Parts[0]
		if k := sort.Search(len(held), func(k int) bool { return held[k].End > part.Start }); k < len(held) && held[k].Overlaps(part) {
			continue
		}
		label, colon, ok := a.headline(part)
		if !ok {
			continue
		}
		s := a.speaker(label, colon)
		known := s.Entity >= 0 && a.who.Entities[s.Entity].Kind != schema.Place
		if !known && !(s.Method == schema.MethodNominal && a.sentence(part)) {
			continue
		}
		d := draft{Quote: Quote{Spans: []text.Span{part}, Act: schema.Speech, Cue: colon, Speaker: &s, Confidence: 0.85, Evidence: byHeadline}, source: label}
		if i, ok := open[part]; ok {
			a.drafts[i] = d
			continue
		}
		a.drafts = append(a.drafts, d)
	}
}

// headline finds the colon and what stands on its other side, where a paragraph has nothing else than that and a quotation.
func (a *attribution) headline(quotation text.Span) (label, colon text.Span, ok bool) {
	first, last := a.unmarked(a.paragraph(quotation.Start))
	from, to := a.doc.TokensIn(quotation)
	k := from - 1
	begin, end := first, k
	if from == first {
		k = to
		begin, end = k+1, last
	} else if to != last {
		return label, colon, false
	}
	if k < first || k >= last || a.doc.TokenText(k) != ":" || begin >= end || end-begin > longestLabel {
		return label, colon, false
	}
	for i := begin; i < end; i++ {
		if c := a.doc.Tokens[i].Class; c != text.Word && c != text.Clitic && a.doc.TokenText(i) != "," {
			return label, colon, false
		}
	}
	switch a.low(begin) {
	case "how", "why", "what", "when", "where", "who", "inside", "review", "opinion", "analysis", "watch", "listen":
		return label, colon, false
	}
	return a.doc.TokenSpan(begin, end), a.doc.Tokens[k].Span, true
}

// sentence reports whether a quotation has words enough, and they small letters enough, to be no title.
func (a *attribution) sentence(quotation text.Span) bool {
	first, last := a.doc.TokensIn(quotation)
	words, small := 0, 0
	for i := first; i < last; i++ {
		if a.doc.Tokens[i].Class != text.Word {
			continue
		}
		words++
		if r, _ := utf8.DecodeRuneInString(a.doc.TokenText(i)); unicode.IsLower(r) {
			small++
		}
	}
	return words >= leastWords && 2*small > words
}

func (a *attribution) low(token int) string { return strings.ToLower(a.doc.TokenText(token)) }
