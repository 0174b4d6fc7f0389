// Package quote turns what a reader attributes into quotes: it joins the parts of a quote that is interrupted or runs
// over several paragraphs, tells direct speech from indirect by its quotation marks, and finds which person, place or
// organisation the words of the source mean.
//
// [Attribute] is the order of the steps. Who is meant by a source's words is in speaker.go, and in company.go where they
// mean more than one or somebody's spokesman; what is known of spans and quotation marks is in spans.go.
package quote

import (
	"slices"
	"sort"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A Quote is one attributed stretch of speech or thought.
type Quote struct {
	Spans      []text.Span      // in order, disjoint, none crosses a paragraph; at least one
	Kind       schema.QuoteKind //
	Act        schema.Act       //
	Cue        text.Span        // empty where there is none
	Speaker    *Speaker         // nil where the text names no source
	Confidence float64          // in [0,1]: that content, cue, source and, where there is one, the speaker's entity are right
	Evidence   string           // the rule or model that decided
}

// A Speaker is the source of a quote and who is meant by it.
type Speaker struct {
	Phrase text.Span     // the whole phrase as written
	Entity int           // index into coref.Resolution.Entities; -1 where it led to nobody
	Method schema.Method // how the phrase led there
	Belief float64       // in [0,1]: that it is this entity; 1 where there is none, since nothing is claimed
	Joint  []int         // entities that say it with Entity
	Of     int           // the entity that the phrase says the speaker speaks for or belongs to; -1 where it does not
}

// Attribute makes the quotes of a doc, by first span. A quote that lies wholly inside another one stays; of two with
// the same content the surer one does. It takes time linear in the doc and the reading, but for sorting and searching.
func Attribute(doc *text.Doc, found reading.Reading, who coref.Resolution) []Quote {
	a := &attribution{doc: doc, who: who, marks: markup(doc)}
	for _, r := range found.Attributions {
		a.add(r)
	}
	a.turns()     // turns.go: what a transcript's labels and an interview's "Q:" say is said
	a.headlines() // headline.go: "Reyes: ‘The bridge is shut’"
	a.join()      // the parts of a quote that its speaker interrupts
	a.runOn()     // a quotation over several paragraphs
	a.uncover()   // sentences of a quotation that follow an attributed one
	sort.SliceStable(a.drafts, func(i, j int) bool { return before(a.drafts[i].Spans, a.drafts[j].Spans) })
	a.distinct()     // of the same content, the surest
	a.groups()       // group.go: "the couple", "the two ministers"
	a.carry()        // company.go: "the spokesman" is still the ministry's
	a.goOn()         // without cue or source: the one who spoke before
	a.firstPerson()  // the "I" who is quoted inside a quote
	a.conversation() // floor.go: the "I" and "you" of interviews and hearings
	quotes := make([]Quote, len(a.drafts))
	for i := range a.drafts {
		d := &a.drafts[i]
		d.Kind = a.marks.kind(d.Spans)
		if d.Speaker != nil {
			d.Confidence *= d.Speaker.Belief
		}
		quotes[i] = d.Quote
	}
	return quotes
}

// attribution is the work on one doc.
type attribution struct {
	doc    *text.Doc
	who    coref.Resolution
	marks  marks
	drafts []draft

	families map[string][]int // people by surname in the plural, in lower case; see family
	bearers  map[string]int   // people by surname in lower case; see bearer
	labels   []text.Span      // of turns, in order
}

// A draft is a quote in the making.
type draft struct {
	Quote
	source text.Span
	same   bool // its pronoun is somebody without a name who was the source before
	drop   bool
}

// add takes over one attribution of the reader, its spans trimmed, sorted and cut at the ends of paragraphs.
func (a *attribution) add(r reading.Attribution) {
	spans := a.tidy(r.Content)
	if len(spans) == 0 {
		return
	}
	d := draft{Quote: Quote{Spans: spans, Act: r.Act, Cue: a.doc.Trim(r.Cue), Confidence: min(max(r.Confidence, 0), 1), Evidence: r.Evidence}}
	if d.Act != schema.Thought {
		d.Act = schema.Speech
	}
	if d.Evidence == "" {
		d.Evidence = "reader"
	}
	if d.source = a.doc.Trim(r.Source); !d.source.Empty() {
		d.source = a.regent(a.undated(d.source), d.Cue)
		s := a.speaker(d.source, d.Cue)
		if first, last := a.doc.TokensIn(d.source); first < last && s.Entity >= 0 && s.Method == schema.MethodName && a.who.Entities[s.Entity].Kind == schema.Person {
			if m := a.leading(first); m != nil && m.Entity >= 0 && m.Entity != s.Entity && !slices.Contains(s.Joint, m.Entity) {
				s.Joint = append(s.Joint, m.Entity)
			}
		}
		d.Speaker = &s
	}
	a.drafts = append(a.drafts, d)
}

// join makes one quote of attributions that share their cue and their source: the parts of an interrupted one.
func (a *attribution) join() {
	type key struct{ cue, source text.Span }
	first := map[key]int{}
	for i := range a.drafts {
		d := &a.drafts[i]
		if d.Cue.Empty() || d.source.Empty() {
			continue
		}
		k := key{d.Cue, d.source}
		j, ok := first[k]
		if !ok {
			first[k] = i
			continue
		}
		to := &a.drafts[j]
		if nested(to.Spans, d.Spans) || nested(d.Spans, to.Spans) {
			continue
		}
		to.Spans = append(to.Spans, d.Spans...)
		to.Confidence = min(to.Confidence, d.Confidence)
		d.drop = true
	}
	for i := range a.drafts {
		if !a.drafts[i].drop {
			a.drafts[i].Spans = merge(a.drafts[i].Spans)
		}
	}
	a.sweep()
}

// runOn completes quotes that hold one part of a quotation over several paragraphs: the parts are one quote, and what a
// reader gave as a quote of its own without a source, but is only such a part, goes into it.
func (a *attribution) runOn() {
	long := a.marks.long
	if len(long) == 0 {
		return
	}
	taken := map[int]int{} // quotation → the draft that has a source and holds a part of it
	for pass := range 2 {
		for i := range a.drafts {
			d := &a.drafts[i]
			if (d.Speaker == nil) != (pass == 1) {
				continue
			}
			for _, q := range a.marks.quotationsOf(d.Spans, long) {
				if a.severally(a.doc.Quotations[q]) {
					continue
				}
				j, ok := taken[q]
				if !ok {
					taken[q] = i
					d.Spans = append(d.Spans, a.doc.Quotations[q].Parts...)
				} else if j != i && pass == 1 && within(d.Spans, a.doc.Quotations[q].Parts) {
					d.drop = true
				}
			}
		}
	}
	for i := range a.drafts {
		a.drafts[i].Spans = merge(a.drafts[i].Spans)
	}
	a.sweep()
}

// uncover adds the quotations that no attribution holds but that stand alone as sentences right after an attributed one:
// the speaker goes on.
func (a *attribution) uncover() {
	var held []text.Span
	for i := range a.drafts {
		held = append(held, a.drafts[i].Spans...)
	}
	held = merge(held)
	for i, q := range a.doc.Quotations {
		if q.Depth > 0 || q.Unclosed || !a.alone(q) {
			continue
		}
		free := true
		for _, p := range q.Parts {
			k := sort.Search(len(held), func(k int) bool { return held[k].End > p.Start })
			free = free && (k == len(held) || !held[k].Overlaps(p))
		}
		if free {
			parts := a.doc.Quotations[i].Parts
			a.drafts = append(a.drafts, draft{Quote: Quote{Spans: merge(append([]text.Span(nil), parts...)), Act: schema.Speech, Confidence: 0.8, Evidence: alone}})
		}
	}
}

// alone is the evidence of a quote that no reader gave.
const alone = "quote/alone"

// leastWords is how many words a quotation without attribution must have to be taken for speech.
const leastWords = 4

// alone reports whether a quotation is whole sentences of its own, each part of it from the beginning of a sentence to the
// end of one.
func (a *attribution) alone(q text.Quotation) bool {
	words := 0
	for _, p := range q.Parts {
		first, last := a.doc.TokensIn(p)
		if first == last {
			return false
		}
		if a.doc.Sentences[a.doc.Tokens[first].Sentence].First != first {
			return false
		}
		for t := a.doc.Sentences[a.doc.Tokens[last-1].Sentence].Last - 1; t >= last; t-- {
			if a.doc.Tokens[t].Class == text.Word || a.doc.Tokens[t].Class == text.Number {
				return false
			}
		}
		for t := first; t < last && words < leastWords; t++ {
			if a.doc.Tokens[t].Class == text.Word {
				words++
			}
		}
	}
	return words >= leastWords
}

// distinct drops all but the surest of the quotes with the same spans, which stand side by side once sorted.
func (a *attribution) distinct() {
	for i := 1; i < len(a.drafts); i++ {
		d, e := &a.drafts[i-1], &a.drafts[i]
		if !same(d.Spans, e.Spans) {
			continue
		}
		if (e.Speaker != nil) != (d.Speaker != nil) && e.Speaker != nil || (e.Speaker != nil) == (d.Speaker != nil) && e.Confidence > d.Confidence {
			*d, *e = *e, *d
		}
		*d, *e = *e, *d // the one that stays goes on to meet the next
		d.drop = true
	}
	a.sweep()
}

// goOn gives quotations without cue and source the speaker of the quote before, if that ended in the same paragraph or
// the one before. Those that no reader gave are dropped where there is nobody to go on from.
func (a *attribution) goOn() {
	last := -1
	for i := range a.drafts {
		d := &a.drafts[i]
		if d.Speaker != nil {
			if last < 0 || !a.drafts[last].Spans[0].Contains(d.Spans[0]) { // a quote inside a quote is another voice
				last = i
			}
			continue
		}
		if !d.Cue.Empty() || a.marks.kind(d.Spans) != schema.Direct {
			continue
		}
		if last >= 0 && a.follows(a.drafts[last].Spans, d.Spans) {
			s := *a.drafts[last].Speaker
			if a.drafts[last].Speaker.Method != schema.MethodContinued {
				s.Method = schema.MethodContinued
			}
			s.Belief *= 0.9
			d.Speaker = &s
			d.Act = a.drafts[last].Act
			last = i
			continue
		}
		d.drop = d.Evidence == alone
	}
	a.sweep()
}

// firstPerson gives the "I" who is quoted inside another quote the voice of that one: “I told him to go,” she said.
func (a *attribution) firstPerson() {
	const deep = 8 // quotes before it that may hold it
	for i := range a.drafts {
		s := a.drafts[i].Speaker
		if s == nil || s.Entity >= 0 || s.Method != schema.MethodPronoun {
			continue
		}
		if w := a.doc.Slice(s.Phrase); w != "I" && w != "me" && w != "myself" {
			continue
		}
		for k := i - 1; k >= 0 && k >= i-deep; k-- {
			voice := a.drafts[k].Speaker
			if voice == nil || voice.Entity < 0 || !nested(a.drafts[k].Spans, []text.Span{s.Phrase}) {
				continue
			}
			// Only verbatim speech keeps its "I"; in reported speech it is the author's.
			if a.marks.kind([]text.Span{s.Phrase}) == schema.Direct || a.drafts[k].Evidence == byTurn {
				s.Entity, s.Belief = voice.Entity, voice.Belief*0.95
			}
			break
		}
	}
}

// follows reports whether quote b begins behind quote a's end, in the same paragraph or the next one.
func (a *attribution) follows(first, second []text.Span) bool {
	end, start := first[len(first)-1].End, second[0].Start
	if start < end {
		return false
	}
	p, q := a.paragraph(end-1), a.paragraph(start)
	return q-p <= 1
}

// paragraph is the paragraph of a byte.
func (a *attribution) paragraph(offset int) int {
	return sort.Search(len(a.doc.Paragraphs), func(i int) bool { return a.doc.Paragraphs[i].End > offset })
}

func (a *attribution) sweep() {
	kept := a.drafts[:0]
	for _, d := range a.drafts {
		if !d.drop {
			kept = append(kept, d)
		}
	}
	a.drafts = kept
}
