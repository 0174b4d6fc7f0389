package quote

import (
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// How sure it is whose "I" is, and whom a question means by "you", in a conversation whose turns have no labels.
const (
	askedSays  = 0.87
	calledSays = 0.9
	youAsked   = 0.9
)

const (
	fewestQuestions = 3  // paragraphs that end with "?", of an interview
	longestIntro    = 6  // paragraphs before its first question that tell who is asked
	longTurn        = 60 // tokens of a turn that only who has the floor takes
	longCall        = 25 // tokens of a sentence that gives it
)

// A floor is who speaks in each paragraph of a conversation without labels, and who is spoken to: entities; -1 where nobody
// is known to.
type floor struct {
	speaker, addressee []int
	belief             float64
}

// conversation gives the "I" outside quotation marks, and the "you" of questions, to whoever has the floor there: in an
// interview the one whom the paragraphs before the first question name, in a hearing who was called last ("Ms. Reyes?").
// Elsewhere such an "I" is the author, who is no entity of the text.
func (a *attribution) conversation() {
	var f *floor
	for i := range a.drafts {
		s := a.drafts[i].Speaker
		if s == nil || s.Entity >= 0 || s.Method != schema.MethodPronoun {
			continue
		}
		first, last := a.doc.TokensIn(s.Phrase)
		if last-first != 1 || a.doc.Tokens[first].Quotation >= 0 {
			continue
		}
		self := false
		switch a.doc.TokenText(first) {
		case "I", "me", "myself", "my", "My":
			self = true
		case "you", "You":
		default:
			continue
		}
		if f == nil {
			f = a.hold()
		}
		p := a.paragraph(s.Phrase.Start)
		switch {
		case p >= len(f.speaker):
		case self && f.speaker[p] >= 0:
			s.Entity, s.Belief = f.speaker[p], f.belief
		case !self && f.addressee[p] >= 0:
			s.Entity, s.Belief = f.addressee[p], youAsked
		}
	}
}

// hold finds who has the floor in each paragraph.
func (a *attribution) hold() *floor {
	n := len(a.doc.Paragraphs)
	f := &floor{speaker: make([]int, n), addressee: make([]int, n)}
	for p := range n {
		f.speaker[p], f.addressee[p] = -1, -1
	}
	if !a.hearing(f) {
		a.interview(f)
	}
	return f
}

// interview is a conversation of questions and answers in the first person: most questions have one, or the text says what it
// is, in its first line or before the first of them.
func (a *attribution) interview(f *floor) bool {
	questions, answers, selves, addressed, firstOne := 0, 0, 0, 0, -1
	for p := range a.doc.Paragraphs {
		self := a.firstPersonIn(p)
		if a.question(p) {
			questions++
			if a.says(p, secondPerson) {
				addressed++
			}
			if firstOne < 0 {
				firstOne = p
			}
		} else if firstOne >= 0 && self {
			selves++
			if a.question(p - 1) {
				answers++
			}
		}
	}
	switch {
	case questions >= fewestQuestions && 2*answers >= questions:
	case questions > 1 && selves > 1 && a.announced(max(0, firstOne-longestIntro), firstOne):
	case addressed > 0 && a.announced(0, 1):
	default:
		return false
	}
	who := a.introduced(firstOne)
	if who < 0 {
		return false
	}
	f.belief = askedSays
	for p := firstOne; p < len(a.doc.Paragraphs); p++ {
		if a.question(p) {
			f.addressee[p] = who
		} else {
			f.speaker[p] = who
		}
	}
	return true
}

// question reports whether a paragraph asks, rather than ends a long answer in the first person by a question.
func (a *attribution) question(p int) bool {
	return a.asks(p) && !(a.words(p) >= longTurn && a.says(p, firstPerson))
}

// announced reports whether paragraphs [first,last) say that an interview follows.
func (a *attribution) announced(first, last int) bool {
	for _, q := range a.doc.Paragraphs[first:last] {
		for s := q.First; s < q.Last; s++ {
			for k := a.doc.Sentences[s].First; k < a.doc.Sentences[s].Last; k++ {
				switch w := strings.ToLower(a.doc.TokenText(k)); w {
				case "interview", "interviews", "interviewed", "q&a":
					return true
				case "spoke", "talked", "speaks", "talks", "speaking", "talking", "conversation":
					if k+1 < len(a.doc.Tokens) {
						switch strings.ToLower(a.doc.TokenText(k + 1)) {
						case "to", "with":
							return true
						}
					}
				}
			}
		}
	}
	return false
}

// introduced is the one person whom the headline of an interview names, or whom the paragraphs before its first question
// name most; -1 where that is nobody, or not one alone.
func (a *attribution) introduced(before int) int {
	if before == 0 {
		return -1
	}
	count := map[int]int{}
	most := func(from, to int) int {
		clear(count)
		best, tie := -1, false
		for _, m := range a.who.Within(text.Span{Start: a.doc.Paragraphs[from].Start, End: a.doc.Paragraphs[to-1].End}) {
			if m.Kind != schema.Person || m.Form != schema.ByName || !a.full(m.Entity) || a.caption(m.Start) {
				continue
			}
			count[m.Entity]++
			switch {
			case best < 0 || count[m.Entity] > count[best]:
				best, tie = m.Entity, false
			case m.Entity != best && count[m.Entity] == count[best]:
				tie = true
			}
		}
		if tie {
			return -1
		}
		return best
	}
	if e := most(0, 1); e >= 0 && len(count) == 1 {
		return e
	}
	if len(count) > 1 {
		return -1 // several guests
	}
	return most(max(0, before-longestIntro), before)
}

// caption reports whether the paragraph of a byte is about a picture.
func (a *attribution) caption(offset int) bool {
	q := a.doc.Paragraphs[a.paragraph(offset)]
	for s := q.First; s < q.Last; s++ {
		for k := a.doc.Sentences[s].First; k < a.doc.Sentences[s].Last; k++ {
			switch strings.ToLower(a.doc.TokenText(k)) {
			case "photo", "image", "picture", "photograph", "credit":
				return true
			}
		}
	}
	return false
}

// full reports whether more than one word of an entity's name is known.
func (a *attribution) full(entity int) bool {
	return strings.ContainsRune(a.who.Entities[entity].Name, ' ')
}

// hearing is a conversation in which the floor is given by a call, "Ms. Reyes?", by a heading in capitals that holds a name, by
// a question that begins with one, or taken by an introduction, "My name is Dana Reyes". It reports whether there was one.
func (a *attribution) hearing(f *floor) bool {
	holder, other, any := -1, false, false
	for p := range a.doc.Paragraphs {
		if e := a.heading(p); e >= 0 {
			holder, other, any = e, false, true
			continue
		}
		if e := a.presents(p); e >= 0 {
			holder, other, any = e, false, true
			f.speaker[p] = e
			continue
		}
		switch {
		case holder < 0:
		case a.asks(p) || a.addresses(p, holder):
			f.addressee[p], other = holder, true
		case other || f.speaker[p-1] != holder || a.words(p) >= longTurn:
			f.speaker[p], other = holder, false
		default:
			other = true // turns alternate
		}
		if e := a.called(p); e >= 0 {
			if e != holder {
				f.speaker[p] = -1
			}
			holder, other, any = e, true, true
		}
	}
	f.belief = calledSays
	return any
}

// words is how many tokens a paragraph has.
func (a *attribution) words(p int) int {
	q := a.doc.Paragraphs[p]
	if q.First == q.Last {
		return 0
	}
	return a.doc.Sentences[q.Last-1].Last - a.doc.Sentences[q.First].First
}

// asks reports whether a paragraph ends with a question.
func (a *attribution) asks(p int) bool {
	if a.lastToken(p) < 0 {
		return false
	}
	first, last := a.unmarked(p)
	return last > first && a.doc.TokenText(last-1) == "?" && a.doc.Tokens[last-1].Quotation < 0
}

func (a *attribution) lastToken(p int) int {
	q := a.doc.Paragraphs[p]
	if q.First == q.Last {
		return -1
	}
	return a.doc.Sentences[q.Last-1].Last - 1
}

// firstPersonIn reports whether somebody speaks of himself in a paragraph, outside quotation marks.
func (a *attribution) firstPersonIn(p int) bool { return a.says(p, firstPerson) }

var (
	firstPerson  = words("I my My we We our Our me")
	secondPerson = words("you You your Your")
)

// says reports whether one of some words stands in a paragraph, outside quotation marks.
func (a *attribution) says(p int, words map[string]bool) bool {
	q := a.doc.Paragraphs[p]
	for s := q.First; s < q.Last; s++ {
		for k := a.doc.Sentences[s].First; k < a.doc.Sentences[s].Last; k++ {
			if a.doc.Tokens[k].Quotation < 0 && words[a.doc.TokenText(k)] {
				return true
			}
		}
	}
	return false
}

// called is the person who gets the floor at the end of a paragraph: whose name, with a title, is its last sentence ("We will
// hear the city. Ms. Reyes?") or who may proceed there, or with whose name a question begins.
func (a *attribution) called(p int) int {
	q := a.doc.Paragraphs[p]
	if q.First == q.Last {
		return -1
	}
	if a.asks(p) {
		s := a.doc.Sentences[q.First]
		if m := a.titledIn(s.First, min(s.Last, s.First+longestLabel)); m != nil && a.titlesFrom(s.First, m) {
			if _, end := a.doc.TokensIn(m.Span); end < s.Last && a.doc.TokenText(end) == "," {
				return m.Entity
			}
		}
	}
	s := a.doc.Sentences[q.Last-1]
	m := a.titledIn(s.First, s.Last)
	if m == nil {
		return -1
	}
	_, end := a.doc.TokensIn(m.Span)
	if a.titlesFrom(s.First, m) && end+1 >= s.Last && q.Last-q.First > 1 {
		return m.Entity
	}
	for k := s.First; k+1 < s.Last && s.Last-s.First < longCall; k++ {
		switch w := strings.ToLower(a.doc.TokenText(k)); {
		case w == "proceed", w == "go" && strings.EqualFold(a.doc.TokenText(k+1), "ahead"), w == "floor" && strings.EqualFold(a.doc.TokenText(k+1), "is"):
			return m.Entity
		}
	}
	return -1
}

// titledIn is the first person with a title before the name among tokens [first,last), outside quotation marks.
func (a *attribution) titledIn(first, last int) *coref.Mention {
	if first >= last {
		return nil
	}
	for _, m := range a.who.Within(a.doc.TokenSpan(first, last)) {
		if m.Form == schema.ByName && m.Kind == schema.Person && m.Quotation < 0 && (m.Courtesy || len(m.Roles) > 0 && m.Roles[0].Title.Start < m.Start) {
			return m
		}
	}
	return nil
}

// presents is the person who says in a paragraph who he is: "My name is Dana Reyes", "I'm Dana Reyes".
func (a *attribution) presents(p int) int {
	q := a.doc.Paragraphs[p]
	for s := q.First; s < q.Last; s++ {
		last := a.doc.Sentences[s].Last
		for k := a.doc.Sentences[s].First; k+2 < last; k++ {
			if a.doc.Tokens[k].Quotation >= 0 {
				continue
			}
			at := 0
			switch w, next := a.doc.TokenText(k), strings.ToLower(a.doc.TokenText(k+1)); {
			case w == "I" && (next == "'m" || next == "’m" || next == "am"):
				at = k + 2
			case strings.EqualFold(w, "my") && next == "name" && k+3 < last && strings.ToLower(a.doc.TokenText(k+2)) == "is":
				at = k + 3
			default:
				continue
			}
			if m := a.mentionAt(a.doc.Tokens[at].Start, schema.ByName); m != nil && m.Kind == schema.Person && m.Entity >= 0 && a.full(m.Entity) {
				return m.Entity
			}
		}
	}
	return -1
}

// titlesFrom reports whether nothing but titles stands between token first and a name.
func (a *attribution) titlesFrom(first int, m *coref.Mention) bool {
	start := a.doc.Tokens[first].Start
	if m.Start == start || a.titled(m) <= start {
		return true
	}
	for _, r := range m.Roles {
		if r.Title.Start == start {
			return true
		}
	}
	return false
}

// heading is the person whom a paragraph in capitals names.
func (a *attribution) heading(p int) int {
	q := a.doc.Paragraphs[p]
	if q.Last-q.First != 1 || q.End-q.Start > 200 || !shouted(a.doc.Text[q.Start:q.End]) {
		return -1
	}
	for _, m := range a.who.Within(text.Span{Start: q.Start, End: q.End}) {
		if m.Kind == schema.Person && m.Form == schema.ByName {
			return m.Entity
		}
	}
	return -1
}

// shouted reports whether a text has letters and all of them are capitals.
func shouted(s string) bool { return strings.ToUpper(s) == s && strings.ToLower(s) != s }

// addresses reports whether a paragraph begins with the name or a title of somebody and a comma.
func (a *attribution) addresses(p, entity int) bool {
	q := a.doc.Paragraphs[p]
	if q.First == q.Last {
		return false
	}
	s := a.doc.Sentences[q.First]
	for k := s.First; k < s.Last && k-s.First < longestLabel; k++ {
		if a.doc.TokenText(k) != "," {
			continue
		}
		for _, m := range a.who.Within(text.Span{Start: q.Start, End: a.doc.Tokens[k].Start}) {
			if m.Entity == entity {
				return true
			}
		}
		return false
	}
	return false
}
