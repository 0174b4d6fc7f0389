package eval

import (
	"cmp"
	"slices"
)

// Differences are what a reading of one document got wrong, by the measures of names (exact) and D.
type Differences struct {
	MissedNames   []Entity // in the gold only, in text order
	SpuriousNames []Entity // in the answer only
	Missed        []Attribution
	Spurious      []Attribution
	Misattributed []Match // matched by content, but the sources do not overlap, or the speaker's name is not the gold's
}

// A Match is a gold attribution with the predicted one that was matched to it.
type Match struct{ Gold, Answer Attribution }

// Compare finds the differences between gold and an answer for the same text. Only names of the given types count.
func Compare(gold, answer *Document, types []string) Differences {
	var out Differences
	text := gold.runes()
	g, p := nameSet(gold.Entities, text, types, false, nil), nameSet(answer.Entities, text, types, false, nil)
	out.MissedNames = without(g, p)
	out.SpuriousNames = without(p, g)
	c := compare(gold, answer, func(*Attribution) bool { return true }, "")
	names := groupNames(gold)
	missed, spurious := slices.Clone(c.gold), slices.Clone(c.pred)
	for _, m := range match(c.g, c.p) {
		missed[m.gold].Content, spurious[m.pred].Content = nil, nil
		a, b := &c.gold[m.gold], &c.pred[m.pred]
		var named speakerCount
		named.addMatch(a, b, true, names)
		if !agree(c.g[m.gold].source, c.p[m.pred].source) || named.exact < named.matched {
			out.Misattributed = append(out.Misattributed, Match{*a, *b})
		}
	}
	out.Missed, out.Spurious = unmatched(missed), unmatched(spurious)
	slices.SortFunc(out.Misattributed, func(a, b Match) int { return byContent(a.Gold, b.Gold) })
	return out
}

func without(a, b map[name]bool) []Entity {
	var out []Entity
	for n := range a {
		if !b[n] {
			out = append(out, Entity{Start: n.start, End: n.end, Type: n.kind})
		}
	}
	slices.SortFunc(out, func(a, b Entity) int {
		return cmp.Or(a.Start-b.Start, a.End-b.End, cmp.Compare(a.Type, b.Type))
	})
	return out
}

func unmatched(all []Attribution) []Attribution {
	out := slices.DeleteFunc(all, func(a Attribution) bool { return len(a.Content) == 0 })
	slices.SortStableFunc(out, byContent)
	return out
}

func byContent(a, b Attribution) int { return slices.CompareFunc(a.Content, b.Content, bySpan) }

func bySpan(a, b Span) int { return cmp.Or(a[0]-b[0], a[1]-b[1]) }
