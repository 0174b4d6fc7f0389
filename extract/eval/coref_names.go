package eval

import (
	"cmp"
	"slices"
)

// alignNames pairs the names of a reading with the mentions of the gold that they are of, and gives the clusters of both, a
// pair being one mention in both. It is needed because gold with coreference marks whole noun phrases, and which words of
// one are the name is derived from parts of speech (GUM: the first row of proper nouns). That row holds titles that a
// record keeps out of names ("Miss Reyes"), breaks off within names ("Northland" for "Northland and Southland Court of
// Appeal", "Lund" for "University of Lund"), leaves out names whose words are tagged as others ("the United States" is said to be
// no name), and takes single titles for names ("the Secretary"). So, as the partial match of the CRAC shared tasks does for heads
// (Žabokrtský et al., CRAC 2022; before it MUC's MIN), a name is that of a gold mention, each used once,
//
//  1. if it is the whole of it, or its NameSpan, but for "the" and a possessive;
//  2. or else if it ends where that ends, lies inside it, and is of its kind: the rest is a title or a description before the
//     name.
//
// A gold mention that the gold calls no name counts only if the reading names it; one inside a larger name that the
// reading has does not count, see [aligner.nested]; nor does one without a cluster, as those whom a knowledge base does not
// know. A title or nominal of the reading counts
// only if it is a gold name by 1. What pairs with nothing is missed, or wrong.
func alignNames(d *Document, answer []Entity) (key, response [][]Span) {
	a := aligner{text: d.runes()}
	for i := range d.Entities {
		a.gold(&d.Entities[i])
	}
	slices.SortStableFunc(a.mentions, func(x, y aligned) int { return cmp.Compare(x.whole[1]-x.whole[0], y.whole[1]-y.whole[0]) })
	a.distinct()
	partner := make([]int, len(answer))
	for i := range answer {
		partner[i] = a.take(&answer[i], a.same)
	}
	for i := range answer {
		if partner[i] < 0 && answer[i].Form == "name" {
			partner[i] = a.take(&answer[i], a.ends)
		}
	}
	// A gold mention goes by a span that is no name's: where it is in the list.
	goldClusters, clusters := grouping{}, grouping{}
	for k, m := range a.mentions {
		if m.cluster != "" && (m.taken || m.named && !a.nested(&m, answer, partner)) {
			goldClusters.add(m.cluster, Span{-1, k})
		}
	}
	for i := range answer {
		switch {
		case partner[i] >= 0 && a.mentions[partner[i]].cluster == "":
		case partner[i] >= 0:
			clusters.add(answer[i].Cluster, Span{-1, partner[i]})
		case answer[i].Form == "name":
			clusters.add(answer[i].Cluster, Span{answer[i].Start, answer[i].End})
		}
	}
	return goldClusters.all, clusters.all
}

// aligned is a gold mention of a published kind.
type aligned struct {
	whole, name  Span // without "the" and a possessive; the name is the whole where the gold tells no name
	kind         string
	cluster      string
	named, taken bool
}

type aligner struct {
	text     []rune
	mentions []aligned
}

func (a *aligner) gold(e *Entity) {
	kind := publishedKind(e.Type)
	if kind == "" || e.Form == "pron" {
		return
	}
	m := aligned{kind: kind, cluster: e.Cluster, named: e.byName()}
	m.whole[0], m.whole[1] = loosen(a.text, e.Start, e.End)
	m.name = m.whole
	if e.NameSpan != nil {
		m.name[0], m.name[1] = loosen(a.text, e.NameSpan[0], e.NameSpan[1])
	}
	a.mentions = append(a.mentions, m)
}

// distinct leaves of a cluster's mentions with one name the shortest, such as the "Ada Reyes" in "Ada Reyes, the mayor".
func (a *aligner) distinct() {
	type id struct {
		name    Span
		cluster string
	}
	seen := map[id]bool{}
	a.mentions = slices.DeleteFunc(a.mentions, func(m aligned) bool {
		k := id{m.name, m.cluster}
		twice := m.named && seen[k]
		seen[k] = seen[k] || m.named
		return twice
	})
}

// nested reports whether a gold mention that pairs with nothing is a part of a larger one's name that the reading has, as
// "Lund" in "Lund University": the names of a record, as those of CoNLL-2003, do not nest.
func (a *aligner) nested(m *aligned, answer []Entity, partner []int) bool {
	for i, k := range partner {
		if k < 0 || answer[i].Form != "name" {
			continue
		}
		s, outer := Span{answer[i].Start, answer[i].End}, a.mentions[k].whole
		if s[0] <= m.name[0] && m.name[1] <= s[1] && outer[0] <= m.whole[0] && m.whole[1] <= outer[1] && outer != m.whole {
			return true
		}
	}
	return false
}

// take is the first gold mention, the shortest first, that fits and is not taken yet; -1 where there is none.
func (a *aligner) take(e *Entity, fits func(*aligned, *Entity, Span) bool) int {
	var s Span
	s[0], s[1] = loosen(a.text, e.Start, e.End)
	for k := range a.mentions {
		if m := &a.mentions[k]; !m.taken && fits(m, e, s) {
			m.taken = true
			return k
		}
	}
	return -1
}

func (a *aligner) same(m *aligned, e *Entity, s Span) bool {
	return (s == m.whole || s == m.name) && (e.Form == "name" || m.named && e.Form != "pronoun")
}

func (a *aligner) ends(m *aligned, e *Entity, s Span) bool {
	return e.Type == m.kind && (s[1] == m.name[1] && s[0] >= m.name[0] || s[1] == m.whole[1] && s[0] >= m.whole[0])
}

// A grouping puts mentions to their clusters, in the order of the first ones.
type grouping struct {
	all    [][]Span
	number map[string]int
}

func (g *grouping) add(cluster string, s Span) {
	k, ok := g.number[cluster]
	if !ok {
		if g.number == nil {
			g.number = map[string]int{}
		}
		k = len(g.all)
		g.number[cluster] = k
		g.all = append(g.all, nil)
	}
	g.all[k] = append(g.all[k], s)
}
