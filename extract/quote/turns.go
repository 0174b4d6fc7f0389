package quote

import (
	"sort"
	"strings"
	"unicode"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// byTurn is the evidence of what somebody says in an interview or a transcript, where a label tells whose turn it is.
const byTurn = "quote/turn"

// A turn is a paragraph of an interview or a transcript: "A: Once, in 2004.", "MR. OYELARAN: On the fourteenth."
type turn struct {
	label, colon, words text.Span
	who                 int // an entity; -1 where the label leads to nobody
	method              schema.Method
	question            bool // the interviewer's
}

const (
	longestLabel = 7 // tokens
	introduction = 3 // paragraphs before the first question that tell who is asked
	fewestTurns  = 3 // of a transcript by names: below that a colon may mean anything
)

// turns makes quotes of the answers of an interview ("Q:", "A:") and of the turns of a transcript whose labels are people's
// names. What a reader gave that crosses a label, or has one for its source, was read without knowing that and is dropped.
func (a *attribution) turns() {
	var turns []turn
	asked, answered, named := 0, 0, 0
	for _, p := range a.doc.Paragraphs {
		t, ok := a.turn(p)
		if !ok {
			continue
		}
		switch label := a.doc.Slice(t.label); {
		case label == "Q":
			t.question = true
			asked++
		case label == "A":
			answered++
		default:
			named++
		}
		turns = append(turns, t)
	}
	interview := asked > 0 && answered > 0
	kept := turns[:0]
	for _, t := range turns {
		if label := a.doc.Slice(t.label); label == "Q" || label == "A" {
			if interview {
				kept = append(kept, t)
			}
		} else if named >= fewestTurns && t.who >= 0 {
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return
	}
	a.misread(kept)
	guest := -1
	if interview {
		guest = a.guest(kept[0].label.Start)
	}
	for _, t := range kept {
		if t.question || t.words.Empty() {
			continue
		}
		s := Speaker{Phrase: t.label, Entity: t.who, Of: -1, Method: t.method, Belief: 0.95}
		if a.doc.Slice(t.label) == "A" && guest >= 0 {
			s.Entity, s.Method, s.Belief = guest, schema.MethodNominal, 0.9
		}
		if s.Entity < 0 {
			s.Method, s.Belief = schema.MethodUnknown, 1
		}
		a.drafts = append(a.drafts, draft{
			Quote:  Quote{Spans: []text.Span{t.words}, Act: schema.Speech, Cue: t.colon, Speaker: &s, Confidence: 0.9, Evidence: byTurn},
			source: t.label,
		})
	}
}

// turn reads a paragraph as a turn: its label is "Q", "A", in capitals, or a name.
func (a *attribution) turn(p text.Paragraph) (turn, bool) {
	if p.First == p.Last {
		return turn{}, false
	}
	first := a.doc.Sentences[p.First].First
	last := a.doc.Sentences[p.Last-1].Last
	k := first
	for k < last && k-first < longestLabel && a.doc.TokenText(k) != ":" {
		if c := a.doc.Tokens[k].Class; c != text.Word && c != text.Punct {
			return turn{}, false
		}
		k++
	}
	if k == first || k == last || a.doc.TokenText(k) != ":" {
		return turn{}, false
	}
	t := turn{label: a.doc.TokenSpan(first, k), colon: a.doc.Tokens[k].Span, who: -1}
	t.words = trim(a.doc.Text, text.Span{Start: t.colon.End, End: a.doc.Tokens[last-1].End})
	label := a.doc.Slice(t.label)
	if label == "Q" || label == "A" {
		return t, true
	}
	if m := a.nameOver(a.doc.Tokens[k-1].Start); m != nil && m.Kind == schema.Person && m.End == t.label.End && m.Entity >= 0 {
		if start := a.titled(m); start == t.label.Start {
			t.who, t.method = m.Entity, schema.MethodName
			return t, true
		}
	}
	if strings.ToUpper(label) == label && strings.ContainsFunc(label, unicode.IsLetter) {
		t.who, t.method = a.bearer(a.doc.TokenText(k-1)), schema.MethodName
		return t, true
	}
	return turn{}, false
}

// titled is where a name with its titles begins, "Mr." and "Dr" too.
func (a *attribution) titled(m *coref.Mention) int {
	start := m.Start
	for _, r := range m.Roles {
		start = min(start, r.Title.Start)
	}
	if m.Courtesy {
		first := a.doc.TokenAt(start)
		lo := a.doc.Sentences[m.Sentence].First
		for first > lo && a.doc.Tokens[first].Start > a.doc.Tokens[lo].Start && a.doc.Tokens[first-1].Class != text.CloseQuote && first-lo <= 3 {
			first--
		}
		start = a.doc.Tokens[first].Start
	}
	return start
}

// bearer is the one person whose name ends with a surname, whatever its case; -1 where there is none or more than one.
func (a *attribution) bearer(surname string) int {
	if a.bearers == nil {
		a.bearers = map[string]int{}
		for e := range a.who.Entities {
			if a.who.Entities[e].Kind != schema.Person {
				continue
			}
			words := strings.Fields(strings.ToLower(a.who.Entities[e].Name))
			if len(words) == 0 {
				continue
			}
			last := words[len(words)-1]
			if _, ok := a.bearers[last]; ok {
				e = -1
			}
			a.bearers[last] = e
		}
	}
	if e, ok := a.bearers[strings.ToLower(surname)]; ok {
		return e
	}
	return -1
}

// guest is who is interviewed: the person named or meant most often in the paragraphs right before the first question, else
// before it at all; the one named first of several. It is -1 where there is nobody.
func (a *attribution) guest(before int) int {
	p := a.paragraph(before)
	for _, from := range [...]int{a.doc.Paragraphs[max(p-introduction, 0)].Start, 0} {
		best, most := -1, 0
		for e := range a.who.Entities {
			if a.who.Entities[e].Kind != schema.Person {
				continue
			}
			all := a.who.Entities[e].Mentions
			n := 0
			for _, at := range [...]int{before, from} {
				n = sort.Search(len(all), func(k int) bool { return a.who.Mentions[all[k]].Start >= at }) - n
			}
			if n = -n; n > most {
				best, most = e, n
			}
		}
		if best >= 0 {
			return best
		}
	}
	return -1
}

// misread drops the drafts that cross a label or have one for their source.
func (a *attribution) misread(turns []turn) {
	touches := func(s text.Span) bool {
		k := sort.Search(len(turns), func(k int) bool { return turns[k].colon.End > s.Start })
		return k < len(turns) && turns[k].label.Start < s.End
	}
	for i := range a.drafts {
		d := &a.drafts[i]
		d.drop = !d.source.Empty() && touches(d.source) || !d.Cue.Empty() && touches(d.Cue)
		for _, s := range d.Spans {
			d.drop = d.drop || touches(s)
		}
		if k := sort.Search(len(turns), func(k int) bool { return turns[k].words.End > d.Spans[0].Start }); k < len(turns) && d.source.Empty() && same(d.Spans, []text.Span{turns[k].words}) {
			d.drop = true
		}
	}
	a.sweep()
}
