package quote

import (
	"slices"
	"sort"
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// byTurn is the evidence of what somebody says in an interview or a transcript, where a label tells whose turn it is.
const byTurn = "quote/turn"

// A turn is a paragraph of an interview or a transcript, "A: Once, in 2004.", "MR. OYELARAN: On the fourteenth.", or one behind
// a line with nothing but the label.
type turn struct {
	label, colon, words text.Span // the colon may be empty
	who                 int       // an entity; -1 where the label leads to nobody
	method              schema.Method
	question            bool // the interviewer's
	apart               bool // the label has a line of its own
}

const (
	longestLabel = 7 // tokens
	introduction = 3 // paragraphs before the first question that tell who is asked
	fewestTurns  = 3 // of a transcript by names: below that a colon may mean anything
)

// turns makes quotes of the answers of an interview ("Q:", "A:") and of the turns of a transcript whose labels are people's
// names, or come again. What a reader gave that crosses a label, or has one for its source, was read without knowing that and is
// dropped.
func (a *attribution) turns() {
	var turns []turn
	asked, answered, named, selves, lines := 0, 0, 0, 0, 0
	times := map[string]int{}
	for p := 0; p < len(a.doc.Paragraphs); p++ {
		t, ok := a.turn(p)
		if !ok {
			continue
		}
		label := a.doc.Slice(t.label)
		switch {
		case label == "Q":
			t.question = true
			asked++
		case label == "A":
			answered++
		default:
			named++
			times[label]++
		}
		if t.apart {
			if lines++; a.firstPersonIn(p + 1) {
				selves++
			}
			p++
		}
		turns = append(turns, t)
	}
	interview := asked > 0 && answered > 0
	biographies := 2*selves < lines // lines with names that others tell about
	kept := turns[:0]
	for _, t := range turns {
		switch label := a.doc.Slice(t.label); {
		case t.apart && biographies:
		case label == "Q" || label == "A":
			if interview {
				kept = append(kept, t)
			}
		case named >= fewestTurns && (t.who >= 0 || times[label] > 1):
			kept = append(kept, t)
		}
	}
	if len(kept) == 0 {
		return
	}
	a.misread(kept)
	for _, t := range kept {
		a.labels = append(a.labels, t.label)
	}
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

// turn reads a paragraph as a turn: its label is "Q", "A", in capitals, or a name. Of a label with a line of its own the words
// are the next paragraph.
func (a *attribution) turn(p int) (turn, bool) {
	q := a.doc.Paragraphs[p]
	if q.First == q.Last {
		return turn{}, false
	}
	first, last := a.unmarked(p)
	quoted := first < last && a.doc.Tokens[first].Class == text.OpenQuote // each paragraph of a transcript may begin with a mark
	if quoted {
		first++
	}
	k := first
	for k < last && k-first < longestLabel && a.doc.TokenText(k) != ":" {
		if c := a.doc.Tokens[k].Class; c != text.Word && c != text.Punct && (c != text.Number || k == first) {
			return turn{}, false
		}
		k++
	}
	if k == first || k < last && a.doc.TokenText(k) != ":" {
		return turn{}, false
	}
	if quoted && (k == last || !shouted(a.doc.Slice(a.doc.TokenSpan(first, k)))) {
		return turn{}, false // what is said may begin with a name and a colon
	}
	t := turn{label: a.doc.TokenSpan(first, k), who: -1, apart: k+1 >= last}
	if k < last {
		t.colon = a.doc.Tokens[k].Span
	}
	if t.apart {
		if p+1 == len(a.doc.Paragraphs) || a.doc.Paragraphs[p+1].First == a.doc.Paragraphs[p+1].Last {
			return turn{}, false
		}
		if f, l := a.unmarked(p + 1); l-f > 1 && l-f <= longestLabel && a.doc.TokenText(l-1) != "." && a.doc.TokenText(l-1) != "?" {
			return turn{}, false // a list
		}
		next := a.doc.Paragraphs[p+1]
		t.words = a.doc.Trim(text.Span{Start: next.Start, End: next.End})
	} else {
		t.words = a.doc.Trim(text.Span{Start: t.colon.End, End: a.doc.Tokens[a.lastToken(p)].End})
	}
	label := a.doc.Slice(t.label)
	if label == "Q" || label == "A" {
		return t, k < last
	}
	if m := a.nameOver(a.doc.Tokens[k-1].Start); m != nil && m.Kind == schema.Person && m.End == t.label.End && m.Entity >= 0 {
		if start := a.titled(m); start == t.label.Start {
			t.who, t.method = m.Entity, schema.MethodName
			return t, true
		}
	}
	if k < last && shouted(label) {
		t.who, t.method = a.bearer(label[strings.LastIndexAny(label, " \t\u00a0")+1:]), schema.MethodName
		return t, true
	}
	return turn{}, false
}

// unmarked is the tokens of a paragraph without the signs of bold or italic type, or of a heading, at its ends.
func (a *attribution) unmarked(p int) (first, last int) {
	q := a.doc.Paragraphs[p]
	first, last = a.doc.Sentences[q.First].First, a.doc.Sentences[q.Last-1].Last
	sign := func(k int) bool {
		switch a.doc.TokenText(k)[0] {
		case '*', '_', '#':
			return true
		}
		return false
	}
	for first < last && sign(first) {
		first++
	}
	for last > first && sign(last-1) {
		last--
	}
	return first, last
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

// severally reports whether a quotation holds the label of a turn: then it is not one person's.
func (a *attribution) severally(q text.Quotation) bool {
	return slices.ContainsFunc(q.Parts, func(part text.Span) bool {
		k := sort.Search(len(a.labels), func(k int) bool { return a.labels[k].Start >= part.Start })
		return k < len(a.labels) && a.labels[k].End <= part.End
	})
}

// misread drops the drafts that cross a label or have one for their source.
func (a *attribution) misread(turns []turn) {
	touches := func(s text.Span) bool {
		k := sort.Search(len(turns), func(k int) bool { return max(turns[k].colon.End, turns[k].label.End) > s.Start })
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
