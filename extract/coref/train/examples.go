package main

import (
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/eval"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// An example is what the ranker sees at one pronoun and what would be right.
type example struct {
	item     item
	pronoun  text.Span
	trails   [][]text.Span // of each candidate but nobody, its last mentions, the nearest first
	names    [][]bool      // which of those are names
	features [][]int
	right    []bool // of each candidate, nobody last: it would not be wrong
	gap      bool
	named    bool  // gap: one of the two names is right
	asked    []int // gap: of each candidate 1 if it is one of the two names
}

// examples resolves the items and looks at the pronouns of which the gold speaks.
func examples(r *coref.Resolver, items []item, weights []float32) []example {
	var out []example
	for _, it := range items {
		who, choices := r.Trace(it.doc, it.found, weights)
		if it.gold.Pronoun != nil {
			out = append(out, gapExample(it, who, choices))
		} else {
			out = append(out, clusterExamples(it, who, choices)...)
		}
	}
	return out
}

func span(doc *text.Doc, start, end int) text.Span {
	return text.Span{Start: doc.ByteOffset(start), End: doc.ByteOffset(end)}
}

// meets reports whether an entity has a name that overlaps a span.
func meets(who coref.Resolution, entity int, s text.Span) bool {
	for _, i := range who.Entities[entity].Mentions {
		if m := &who.Mentions[i]; m.Form == schema.ByName && m.Overlaps(s) {
			return true
		}
	}
	return false
}

// gapExample makes an example of a text of GAP. Where neither name is meant, somebody else may be, or nobody who is named.
// Where the candidates lack the name that is meant, nobody is right.
func gapExample(it item, who coref.Resolution, choices []coref.Choice) example {
	e := example{item: it, gap: true, named: it.gold.A.Coref || it.gold.B.Coref}
	at := span(it.doc, it.gold.Pronoun.Start, it.gold.Pronoun.End)
	for _, c := range choices {
		if who.Mentions[c.Mention].Span != at {
			continue
		}
		e.see(it, who, c)
		some := false
		for _, entity := range c.Entities {
			a := meets(who, entity, span(it.doc, it.gold.A.Start, it.gold.A.End))
			b := meets(who, entity, span(it.doc, it.gold.B.Start, it.gold.B.End))
			right := a && it.gold.A.Coref || b && it.gold.B.Coref
			if !e.named {
				right = !a && !b
			}
			some = some || right
			e.right = append(e.right, right)
			asked := 0
			if a || b {
				asked = 1
			}
			e.asked = append(e.asked, asked)
		}
		e.right = append(e.right, !e.named || !some)
	}
	return e
}

// see takes what is seen at a pronoun.
func (e *example) see(it item, who coref.Resolution, c coref.Choice) {
	e.item, e.pronoun, e.features = it, who.Mentions[c.Mention].Span, c.Features
	for _, trail := range c.Trails {
		var spans []text.Span
		var names []bool
		for _, i := range trail {
			spans, names = append(spans, who.Mentions[i].Span), append(names, who.Mentions[i].Form == schema.ByName)
		}
		e.trails, e.names = append(e.trails, spans), append(e.names, names)
	}
}

// clusterExamples makes an example of each pronoun that stands in a cluster.
func clusterExamples(it item, who coref.Resolution, choices []coref.Choice) []example {
	pronouns := map[text.Span]string{}
	var names []eval.Entity
	for _, g := range it.gold.Entities {
		if g.Form == "name" {
			names = append(names, g)
		} else if s := span(it.doc, g.Start, g.End); !strings.Contains(it.doc.Slice(s), " ") {
			pronouns[s] = g.Cluster
		}
	}
	of := map[int]map[string]int{} // by entity: how many of its names are of each cluster
	for i := range who.Mentions {
		m := &who.Mentions[i]
		if m.Form != schema.ByName || m.Entity < 0 {
			continue
		}
		for _, g := range names {
			s := span(it.doc, g.Start, g.End)
			if g.NameSpan != nil {
				s = span(it.doc, g.NameSpan[0], g.NameSpan[1])
			}
			if s.Overlaps(m.Span) && (s.Contains(m.Span) || m.Contains(s)) {
				if of[m.Entity] == nil {
					of[m.Entity] = map[string]int{}
				}
				of[m.Entity][g.Cluster]++
			}
		}
	}
	var out []example
	for _, c := range choices {
		cluster, ok := pronouns[who.Mentions[c.Mention].Span]
		if !ok {
			continue
		}
		e := example{}
		e.see(it, who, c)
		some := false
		for _, entity := range c.Entities {
			n, most := of[entity][cluster], 0
			for _, k := range of[entity] {
				most = max(most, k)
			}
			right := n > 0 && n == most
			some = some || right
			e.right = append(e.right, right)
		}
		e.right = append(e.right, !some)
		out = append(out, e)
	}
	return out
}
