package coref

import (
	"strings"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// adherents is the nouns for one who belongs to a party or a movement, and the adjectives of them, each with the noun that both go by.
var adherents = map[string]string{
	"democrat": "democrat", "democratic": "democrat", "republican": "republican", "conservative": "conservative", "tory": "conservative",
	"liberal": "liberal", "socialist": "socialist", "communist": "communist", "nationalist": "nationalist", "social democrat": "social democrat",
	"social democratic": "social democrat", "christian democrat": "christian democrat", "christian democratic": "christian democrat",
	"liberal democrat": "liberal democrat", "independent": "independent", "centrist": "centrist", "populist": "populist", "islamist": "islamist",
	"separatist": "separatist", "loyalist": "loyalist", "unionist": "unionist", "libertarian": "libertarian",
}

// affiliation is what tokens [k,end) say that somebody belongs to, a party or a country, and how many tokens do; empty where they say nothing.
func (w *work) affiliation(k, end int) (key string, n int) {
	for n := min(2, end-k); n > 0; n-- {
		words := strings.ToLower(w.doc.Slice(w.doc.TokenSpan(k, k+n)))
		if p, ok := adherents[words]; ok {
			return p, n
		}
		if first := w.doc.TokenText(k); first != w.low(k) {
			if code, ok := w.lists.Demonym(words); ok {
				return "country " + code, n
			}
		}
	}
	return "", 0
}

// adherentNouns makes mentions of one person of "the Republican", "the Social Democrat" and "the Dane", which a reader may take for
// organisations, where no noun follows, outside quotation marks.
func (w *work) adherentNouns() {
	named, described := map[int]int{}, map[text.Span]int{} // names by the byte where they begin; other mentions
	for i := range w.mentions {
		if m := &w.mentions[i]; m.Form == schema.ByName {
			named[m.Start] = i
		} else {
			described[m.Span] = i
		}
	}
	drop := map[int]bool{}
	var more []Mention
	for k := 0; k+1 < len(w.doc.Tokens); k++ {
		if w.low(k) != "the" || w.doc.Tokens[k].Quotation >= 0 || w.doc.Tokens[k+1].Sentence != w.doc.Tokens[k].Sentence {
			continue
		}
		hi := w.doc.Sentences[w.doc.Tokens[k].Sentence].Last
		key, n := w.affiliation(k+1, hi)
		end := k + 1 + n
		if key == "" || !w.bearer(w.low(end-1)) || end < hi && !w.behindNoun(end) {
			continue
		}
		s := w.doc.TokenSpan(k, end)
		if i, ok := named[w.doc.Tokens[k+1].Start]; ok {
			if w.mentions[i].End != s.End || w.mentions[i].Kind == schema.Place {
				continue
			}
			drop[i] = true
		}
		if i, ok := described[s]; ok {
			drop[i] = true
		}
		more = append(more, Mention{Mention: mention.Mention{
			Span: s, Form: schema.ByNominal, Kind: schema.Person, Sentence: w.doc.Tokens[k].Sentence, Quotation: -1, Confidence: 0.8,
		}, Entity: -1})
	}
	if len(more) == 0 {
		return
	}
	kept := w.mentions[:0]
	for i, m := range w.mentions {
		if !drop[i] {
			kept = append(kept, m)
		}
	}
	w.mentions = append(kept, more...)
}

// bearer reports whether a word may be a noun for one person: "Norwegian" and "democrat", but neither "Swedish" nor "Danes".
func (w *work) bearer(word string) bool {
	for _, ending := range [...]string{"s", "ish", "ic", "ch", "ese"} {
		if strings.HasSuffix(word, ending) {
			return false
		}
	}
	return true
}

// behindNoun reports whether token k may stand behind the last noun of a phrase: a verb, a mark, "from".
func (w *work) behindNoun(k int) bool {
	t := w.doc.Tokens[k]
	if t.Class != text.Word {
		return w.doc.TokenText(k) != "-" && w.doc.TokenText(k) != "–"
	}
	l := w.low(k)
	return verbs[l] || adverbs[l] || prepositions[l] && l != "of" || l == "who" || l == "says" || l == "and" || strings.HasSuffix(l, "ed")
}

// affiliations places "the Republican" and "the Dane": the only one before of whom the text says that.
func (w *work) affiliations() {
	of := map[string]int{} // entity; -1 where there are several
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Form == schema.ByName && w.person(m.Entity) {
			for _, key := range w.belongs(i) {
				if e, ok := of[key]; ok && e != m.Entity {
					of[key] = -1
				} else {
					of[key] = m.Entity
				}
			}
			continue
		}
		if m.Entity >= 0 || m.Form != schema.ByNominal || m.Kind != schema.Person || m.Office.Head != "" {
			continue
		}
		first, last := w.doc.TokensIn(m.Span)
		if last-first < 2 {
			continue
		}
		key, _ := w.affiliation(first+1, last)
		if e, ok := of[key]; ok && e >= 0 && key != "" {
			w.assign(i, e, 0.85)
		}
	}
}

// belongs is what the text says a name belongs to where it stands: "Republican Senator Ana Moor", "Ana Moor, a Republican", "Ana Moor of Denmark",
// "Denmark's Ana Moor".
func (w *work) belongs(i int) []string {
	const before, behind = 8, 5 // tokens
	m := &w.mentions[i]
	s := w.doc.Sentences[m.Sentence]
	first, last := w.doc.TokensIn(m.Span)
	var out []string
	for _, r := range m.Roles {
		if r.Country != "" {
			out = append(out, "country "+r.Country)
		}
	}
	lo := s.First // no further back than the name before
	for j := i - 1; j >= 0 && j >= i-4; j-- {
		if n := &w.mentions[j]; n.Form == schema.ByName && n.Kind == schema.Person && n.Sentence == m.Sentence {
			_, end := w.doc.TokensIn(n.Span)
			lo = max(lo, end)
		}
	}
	for k := first - 1; k >= lo && k > first-before; k-- { // adjectives of the description that ends here
		l := w.low(k)
		if l != "," && w.doc.Tokens[k].Class != text.Word || verbs[l] || prepositions[l] || l == "said" || l == "and" {
			break
		}
		if key, _ := w.affiliation(k, first); key != "" {
			if k > lo { // "Social Democratic"
				if longer, n := w.affiliation(k-1, first); n == 2 {
					key = longer
				}
			}
			out = append(out, key)
			break
		}
	}
	if first-2 >= s.First && strings.HasSuffix(w.low(first-1), "s") && w.doc.Tokens[first-1].Class == text.Clitic {
		if code, ok := w.lists.Country(w.doc.TokenText(first - 2)); ok {
			out = append(out, "country "+code)
		}
	}
	switch {
	case last+1 < s.Last && w.low(last) == "of":
		if code, ok := w.lists.Country(w.doc.TokenText(last + 1)); ok {
			out = append(out, "country "+code)
		}
	case last+2 < s.Last && w.doc.TokenText(last) == ",":
		for k := last + 1; k < s.Last && k < last+behind; k++ {
			if l := w.low(k); l == "," || l == "who" || verbs[l] {
				break
			}
			if key, n := w.affiliation(k, s.Last); key != "" {
				if k+n < s.Last && w.low(k+n) != "party" || k+n == s.Last {
					out = append(out, key)
				}
				break
			}
		}
	}
	return out
}
