package coref

import (
	"slices"
	"sort"
	"strings"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// bodyNouns is the nouns for an organisation that the news writes for its name: "the company", "the ministry". A court, a school
// or a hospital is mostly the building, or any.
var bodyNouns = words(`agency airline alliance association authority bank board brewer broadcaster bureau carmaker chain charity club
	coalition commission committee company conglomerate consortium cooperative corporation council department federation
	firm foundation fund group guild institute lender maker manufacturer ministry newspaper operator organisation
	organization party publisher regulator retailer society startup syndicate team trust union utility watchdog`)

// generic is those of them that no name needs to hold: whoever was spoken of is meant.
var generic = words(`airline bank brewer broadcaster carmaker chain charity club company conglomerate consortium firm group lender
	maker manufacturer newspaper operator organisation organization party publisher regulator retailer startup team union utility
	watchdog agency`)

// longestBody is how many tokens may stand between "the" and the noun: "the Lund-based company".
const longestBody = 5

// nominals adds the mentions of organisations by noun: "the" and the noun alone, and longer phrases where they are the source of
// something said. Whose they are is found once the names are placed.
func (w *work) nominals() {
	w.adherentNouns()
	w.aged()
	added := true
	for k := 1; k < len(w.doc.Tokens); k++ {
		noun := w.doc.TokenText(k)
		if !bodyNouns[noun] {
			continue
		}
		if w.low(k-1) == "the" {
			added = w.nominal(k-1, k) || added
		} else if start := w.article(k); start >= 0 && w.sourceOver(w.doc.TokenSpan(start, k+1)) {
			added = w.nominal(start, k) || added
		}
	}
	if added {
		slices.SortStableFunc(w.mentions, func(a, b Mention) int {
			if a.Start != b.Start {
				return a.Start - b.Start
			}
			return b.End - a.End
		})
	}
}

// nominal adds the mention of tokens [start,head], unless another noun follows: "the company president".
func (w *work) nominal(start, head int) bool {
	if next := head + 1; next < len(w.doc.Tokens) && w.doc.Tokens[next].Sentence == w.doc.Tokens[head].Sentence {
		t := w.doc.Tokens[next]
		if t.Class == text.Word && (w.finder.Noun(w.doc.TokenText(next)) || bodyNouns[w.low(next)]) || w.doc.TokenText(next) == "of" || w.doc.TokenText(next) == "-" {
			return false
		}
	}
	m := mention.Mention{
		Span: w.doc.TokenSpan(start, head+1), Form: schema.ByNominal, Kind: schema.Organization, Sentence: w.doc.Tokens[head].Sentence,
		Quotation: -1, Gender: mention.Neuter, Confidence: 0.9,
	}
	if w.doc.Tokens[head].Quotation >= 0 {
		return false
	}
	w.mentions = append(w.mentions, Mention{Mention: m, Entity: -1})
	return true
}

// article is the "the" of a noun phrase whose head is at token k; -1 where there is none near.
func (w *work) article(k int) int {
	for j := k - 1; j >= 0 && k-j <= longestBody+1 && w.doc.Tokens[j].Sentence == w.doc.Tokens[k].Sentence; j-- {
		if l := w.low(j); l == "the" {
			return j
		} else if w.doc.Tokens[j].Class != text.Word && l != "-" || prepositions[l] || heads[l] || l == "and" || l == "a" || l == "an" {
			return -1
		}
	}
	return -1
}

// sourceOver reports whether a span is a source, but for a comma.
func (w *work) sourceOver(s text.Span) bool {
	for k := w.sourceFrom(s.Start); k < len(w.sources) && w.sources[k].Start == s.Start; k++ {
		if w.sources[k].End >= s.End && w.sources[k].End <= s.End+len(",") {
			return true
		}
	}
	return false
}

// placeNominals gives the nouns for organisations to those whom they mean: the one whose name holds the noun, named last; and as
// the source of something said, a noun that fits any to the only one that is a subject, or was a source, shortly before.
func (w *work) placeNominals() {
	last := map[string]int{} // by noun of its name: the mention named last
	several := map[string]bool{}
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Entity >= 0 && m.Form == schema.ByName && w.list[m.Entity].Kind == schema.Organization {
			if noun := w.calledBody(m); noun != "" {
				if k, ok := last[noun]; ok && w.mentions[k].Entity != m.Entity {
					several[noun] = w.mentions[k].Sentence >= m.Sentence-1
				}
				last[noun] = i
			}
			for _, word := range strings.Fields(strings.ToLower(w.list[m.Entity].Name)) {
				if !bodyNouns[word] {
					continue
				}
				if k, ok := last[word]; ok && w.mentions[k].Entity != m.Entity {
					several[word] = w.mentions[k].Sentence >= m.Sentence-1 // two at once: neither is safe
				}
				last[word] = i
			}
		}
		if m.Form != schema.ByNominal || m.Kind != schema.Organization || m.Entity >= 0 {
			continue
		}
		phrase := strings.Fields(strings.ToLower(w.doc.Slice(m.Span)))
		noun := phrase[len(phrase)-1]
		if k, ok := last[noun]; ok {
			if !several[noun] {
				w.assign(i, w.mentions[k].Entity, 0.9)
			}
			continue
		}
		if generic[noun] && w.sourceOver(m.Span) {
			if e, belief := w.business(i, noun); e >= 0 {
				w.assign(i, e, belief)
			}
		}
	}
}

// calledBody is the noun by which an organisation is introduced right before its name: "the firm, Norvik Shipping", "the airline Norvik".
func (w *work) calledBody(m *Mention) string {
	first, _ := w.doc.TokensIn(m.Span)
	lo := w.doc.Sentences[m.Sentence].First
	k := first - 1
	if k > lo && w.low(k) == "," {
		k--
	}
	if k > lo && generic[w.doc.TokenText(k)] {
		return w.doc.TokenText(k)
	}
	return ""
}

// business is the only organisation in the sentences before that a noun fits and that is a subject or was a source; -1 where there is none, or
// several as near.
func (w *work) business(i int, noun string) (int, float64) {
	const far = 4 // sentences
	one, at := -1, 0
	for k := i - 1; k >= 0 && w.mentions[k].Sentence >= w.mentions[i].Sentence-far; k-- {
		if at > 0 && one >= 0 && w.mentions[k].Sentence < at {
			break
		}
		if !w.body(k) || w.part(k) > headed && (w.part(k) == preceded || !w.isSource(k)) {
			continue
		}
		e := w.mentions[k].Entity
		if w.list[e].Kind != schema.Organization || firms[noun] && w.holds(e, publics) || unions[noun] && w.holds(e, trading) {
			continue
		}
		if one >= 0 && e != one {
			return -1, 0
		}
		if one, at = e, w.mentions[k].Sentence; at >= w.mentions[i].Sentence-1 {
			at = w.mentions[i].Sentence - 1
		}
	}
	if at >= w.mentions[i].Sentence-1 {
		return one, 0.8
	}
	return one, 0.65
}

// firms is the nouns for those who trade.
var firms = words(`airline bank brewer carmaker chain company conglomerate consortium firm lender maker manufacturer retailer startup`)

// unions is the nouns for those who do not.
var unions = words(`charity organisation organization party union watchdog`)

// holds reports whether one of some words stands in an entity's name.
func (w *work) holds(entity int, some map[string]bool) bool {
	for _, word := range strings.Fields(strings.ToLower(w.list[entity].Name)) {
		if some[strings.Trim(word, ".,")] {
			return true
		}
	}
	return false
}

var trading = words(`airlines airways bank brewery brothers co corp energy foods group holdings inc industries international lines ltd
	media motors oil pharmaceuticals plc power shipping steel systems technologies telecom`)

var publics = words(`agency alliance army assembly association authority cabinet commission committee congress council court department federation
	government institute ministry movement nations navy office parliament party police senate society treasury union university`)

// sourceFrom is the first of the sources that begin at a byte or behind it.
func (w *work) sourceFrom(start int) int {
	return sort.Search(len(w.sources), func(k int) bool { return w.sources[k].Start >= start })
}
