package coref

import (
	"strconv"
	"strings"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// relativesBelief is how sure it is that "her husband" is the only one who was introduced so.
const relativesBelief = 0.85

// relatives places "her husband", "his deputy": the only one who was introduced by these words before, “her husband, Bo Moor”, “his
// daughter Ana”, and no "the deputy" besides; or of two who share a surname, the other one.
func (w *work) relatives() {
	introduced := map[string]int{} // by noun: an entity; -1 where there are several
	partner := map[int]int{}       // of two with one surname, likewise
	tie := func(a, b int) {
		if e, ok := partner[a]; ok && e != b {
			b = -1
		}
		partner[a] = b
	}
	for i := range w.shared {
		a, b := w.mentions[i].Entity, w.mentions[i+1].Entity
		if a >= 0 && b >= 0 && a != b {
			tie(a, b)
			tie(b, a)
		}
	}
	for i := range w.mentions {
		m := &w.mentions[i]
		if noun := w.introduces(i); noun != "" {
			if e, ok := introduced[noun]; ok && e != m.Entity || !single[noun] {
				introduced[noun] = -1
			} else {
				introduced[noun] = m.Entity
			}
			continue
		}
		if m.Entity >= 0 || m.Kind != schema.Person || m.Form != schema.ByNominal && m.Form != schema.ByTitle || !m.Beside.Empty() {
			continue
		}
		k := w.doc.TokenAt(m.Start)
		if !mention.IsPronoun(w.doc.TokenText(k)) {
			continue
		}
		owner := -1
		for j := i + 1; j < len(w.mentions) && j <= i+2 && w.mentions[j].Start == m.Start; j++ {
			if w.mentions[j].Form == schema.ByPronoun {
				owner = w.mentions[j].Entity
			}
		}
		for j := i - 1; j >= 0 && j >= i-2 && w.mentions[j].Start == m.Start; j-- {
			if w.mentions[j].Form == schema.ByPronoun {
				owner = w.mentions[j].Entity
			}
		}
		e, ok := introduced[m.Office.Head]
		if !ok && owner >= 0 && (partners[m.Office.Head] || siblings[m.Office.Head]) {
			e, ok = partner[owner]
		}
		if ok && e >= 0 && e != owner && w.list[e].Gender.Fits(m.Gender) {
			w.assign(i, e, relativesBelief)
		}
	}
}

// single is the nouns of which somebody has mostly one, so that it is the one who was introduced: no "friend" or "aide".
var single = words(`husband wife spouse partner widow widower fiancé fiancée mother father son daughter brother sister grandmother grandfather
	stepmother stepfather mother-in-law father-in-law son-in-law daughter-in-law boss coach counterpart deputy lawyer opponent predecessor rival
	successor trainer`)

var (
	partners = words(`husband wife spouse partner`)
	siblings = words(`brother sister sibling twin`)
)

// introduces is the noun by which a name is introduced as somebody's: "husband" in “her husband, Bo Moor” or “Moor's husband Bo”.
func (w *work) introduces(i int) string {
	m := &w.mentions[i]
	if m.Form != schema.ByName || !w.person(m.Entity) {
		return ""
	}
	first, _ := w.doc.TokensIn(m.Span)
	lo := w.doc.Sentences[m.Sentence].First
	k := first - 1
	if k > lo && w.low(k) == "," {
		k--
	}
	if k <= lo || w.doc.Tokens[k].Class != text.Word || !w.finder.Noun(w.doc.TokenText(k)) {
		return ""
	}
	for j := k - 1; j >= lo && j >= k-4; j-- { // "her Republican opponent"
		switch l := w.low(j); l {
		case "his", "her", "their", "my", "our", "'s", "’s":
			return w.finder.Head(w.doc.TokenText(k))
		default:
			if w.doc.Tokens[j].Class != text.Word || prepositions[l] || heads[l] {
				return ""
			}
		}
	}
	return ""
}

// ages adds the mentions by age, "the 52-year-old", and gives them to the only one of whom the text says that age. A "teenager" is the only
// one whose age makes one.
func (w *work) ages() {
	of := map[int]int{} // by age: an entity; -1 where there are several
	teenager, teenagers := -1, 0
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Form != schema.ByName || !w.person(m.Entity) {
			continue
		}
		age := w.age(m.Span)
		if age == 0 {
			continue
		}
		if e, ok := of[age]; ok && e != m.Entity {
			of[age] = -1
			continue
		} else if !ok && age > 12 && age < 20 {
			teenager, teenagers = m.Entity, teenagers+1
		}
		of[age] = m.Entity
	}
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Entity >= 0 || m.Form != schema.ByNominal {
			continue
		}
		switch {
		case m.Office.Head == "" && m.Kind == schema.Person:
			if e, ok := of[agedOf(w.doc.Slice(m.Span))]; ok && e >= 0 {
				w.assign(i, e, 0.95)
			}
		case m.Office.Head == "teenager" && teenagers == 1 && w.low(w.doc.TokenAt(m.Start)) == "the":
			w.assign(i, teenager, 0.85)
		}
	}
}

// age is what stands behind a name, "Ana Moor, 52," or "(52)", or before it, "52-year-old Ana Moor"; 0 where nothing does.
func (w *work) age(s text.Span) int {
	rest := w.doc.Text[s.End:]
	for _, open := range [...]string{", ", " (", ", aged "} {
		if after, ok := strings.CutPrefix(rest, open); ok {
			n := 0
			for n < len(after) && after[n] >= '0' && after[n] <= '9' {
				n++
			}
			if n > 0 && n < 4 && n < len(after) && strings.IndexByte(",.);", after[n]) >= 0 {
				return years(after[:n])
			}
		}
	}
	const old = "-year-old "
	before := w.doc.Text[:s.Start]
	if k := strings.LastIndex(before[max(0, len(before)-40):], old); k >= 0 {
		k += max(0, len(before)-40)
		n := k
		for n > 0 && k-n < 3 && before[n-1] >= '0' && before[n-1] <= '9' {
			n--
		}
		if between := before[k+len(old):]; strings.Count(between, " ") < 3 && !strings.ContainsAny(between, ",.;:\n") {
			return years(before[n:k])
		}
	}
	return 0
}

const yearOld = "-year-old"

// aged adds the mentions that are nothing but an age, "the 52-year-old", outside quotation marks.
func (w *work) aged() {
	for at := 0; ; {
		k := strings.Index(w.doc.Text[at:], yearOld)
		if k < 0 {
			return
		}
		end := at + k + len(yearOld)
		start := at + k
		at = end
		for n := 0; start > 0 && n < 3 && w.doc.Text[start-1] >= '0' && w.doc.Text[start-1] <= '9'; n++ {
			start--
		}
		start -= len("the ")
		if start < 0 || !strings.EqualFold(w.doc.Text[start:start+len("the ")], "the ") {
			continue
		}
		first, last := w.doc.TokensIn(text.Span{Start: start, End: end})
		if first >= last || w.doc.Tokens[first].Start != start || w.doc.Tokens[first].Quotation >= 0 {
			continue
		}
		if last < len(w.doc.Tokens) && w.doc.Tokens[last].Class == text.Word && w.doc.Tokens[last].Sentence == w.doc.Tokens[first].Sentence &&
			(w.finder.Noun(w.doc.TokenText(last)) || w.low(last) != w.doc.TokenText(last)) {
			continue // "the 52-year-old mayor", "the 52-year-old Norwegian"
		}
		w.mentions = append(w.mentions, Mention{Mention: mention.Mention{
			Span: text.Span{Start: start, End: end}, Form: schema.ByNominal, Kind: schema.Person, Sentence: w.doc.Tokens[first].Sentence,
			Quotation: -1, Confidence: 0.9,
		}, Entity: -1})
	}
}

// agedOf is the age that a mention of [work.aged] tells.
func agedOf(phrase string) int {
	digits, ok := strings.CutSuffix(phrase, yearOld)
	if !ok || len(digits) < len("the ")+1 {
		return 0
	}
	return years(digits[len("the "):])
}

// years reads an age that somebody may have.
func years(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil || n > 115 {
		return 0
	}
	return n
}
