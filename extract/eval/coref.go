package eval

import "slices"

// CorefScores are how well mentions are put together to entities, on gold with clusters: the three measures of the CoNLL
// shared tasks and their mean. Counts are summed over the documents, as the reference scorer does (Pradhan et al., ACL 2014).
type CorefScores struct {
	MUC   PRF     `json:"muc"`   // links (Vilain et al., MUC-6 1995); an entity of one mention has none
	B3    PRF     `json:"b3"`    // mentions (Bagga and Baldwin, LREC 1998)
	CEAF  PRF     `json:"ceaf4"` // entities, paired one to one so that their φ4 is most (Luo, EMNLP 2005)
	CoNLL float64 `json:"conll"` // mean of the three F
}

// Coreference is the measure C: entities that the gold names at least once, of the kinds that a record has (person,
// place, organisation), entities of one mention included. The mentions of the gold and those of the reading need not be
// the same ones: what is not found, or is no mention of such an entity, counts against the score.
//
// Names and Found compare names by what they name, see [alignNames]; Strict and All by their spans, without a leading "the"
// and a trailing possessive, a gold name by its NameSpan.
type Coreference struct {
	Names  *CorefScores `json:"names"`  // mentions by name only: the headline figure
	Found  *CorefScores `json:"found"`  // those that both gold and reading have: without the reader's misses
	Strict *CorefScores `json:"strict"` // mentions by name only, equal spans
	All    *CorefScores `json:"all"`    // mentions by name, title, nominal and pronoun, equal spans
}

// hasClusters reports whether the gold says which mentions are of the same one.
func (g *Gold) hasClusters() bool {
	return slices.ContainsFunc(g.Documents, func(d Document) bool {
		return slices.ContainsFunc(d.Entities, func(e Entity) bool { return e.Cluster != "" })
	})
}

func scoreCoreference(gold *Gold, answers []*Document) *Coreference {
	var names, found, strict, all corefSum
	for i := range gold.Documents {
		d, answer := &gold.Documents[i], answers[i].Mentions
		key, response := alignNames(d, answer)
		names.add(key, response)
		inKey, inResponse := whose(key), whose(response)
		found.add(only(key, inResponse), only(response, inKey))
		const byName = true
		strict.add(clusters(d.Entities, d.runes(), byName), clusters(answer, d.runes(), byName))
		all.add(clusters(d.Entities, d.runes(), !byName), clusters(answer, d.runes(), !byName))
	}
	return &Coreference{names.scores(), found.scores(), strict.scores(), all.scores()}
}

// A corefSum adds up the counts of documents.
type corefSum struct{ muc, b3, ceaf shares }

func (n *corefSum) add(key, response [][]Span) {
	n.muc.add(links(key, response), links(response, key))
	n.b3.add(cubes(key, response), cubes(response, key))
	phi := paired(key, response)
	n.ceaf.add(share{phi, len(key)}, share{phi, len(response)})
}

func (n *corefSum) scores() *CorefScores {
	s := &CorefScores{MUC: n.muc.prf(), B3: n.b3.prf(), CEAF: n.ceaf.prf()}
	s.CoNLL = (s.MUC.F + s.B3.F + s.CEAF.F) / 3
	return s
}

// clusters is the mentions of each entity that is named and of a published kind, each span once.
func clusters(entities []Entity, text []rune, names bool) [][]Span {
	number, named := map[string]int{}, map[string]bool{}
	for i := range entities {
		if e := &entities[i]; publishedKind(e.Type) != "" {
			named[e.Cluster] = named[e.Cluster] || e.byName()
		}
	}
	var out [][]Span
	seen := map[Span]bool{}
	for i := range entities {
		e := &entities[i]
		if !named[e.Cluster] || e.Cluster == "" || names && !e.byName() {
			continue
		}
		s := Span{e.Start, e.End}
		if e.NameSpan != nil {
			s = *e.NameSpan
		}
		s[0], s[1] = loosen(text, s[0], s[1])
		if seen[s] {
			continue
		}
		seen[s] = true
		k, ok := number[e.Cluster]
		if !ok {
			k = len(out)
			number[e.Cluster] = k
			out = append(out, nil)
		}
		out[k] = append(out[k], s)
	}
	return out
}

// publishedKind is the kind of a record's that a gold's type is, and "" where it is none.
func publishedKind(t string) string {
	switch t {
	case "person", "PER":
		return "person"
	case "place", "LOC":
		return "place"
	case "organization", "ORG":
		return "organization"
	}
	return ""
}

// byName reports whether a mention is by name: gold that marks nothing but names does not say so.
func (e *Entity) byName() bool { return e.Form == "name" || e.Form == "" }

// A share is how much of a whole is right.
type share struct {
	right float64
	of    int
}

// shares sums the shares of the gold and of the answers.
type shares struct{ gold, pred share }

func (s *shares) add(gold, pred share) {
	s.gold.right, s.gold.of = s.gold.right+gold.right, s.gold.of+gold.of
	s.pred.right, s.pred.of = s.pred.right+pred.right, s.pred.of+pred.of
}

func (s *shares) prf() PRF { return prf(s.pred.right, s.pred.of, s.gold.right, s.gold.of) }

// links counts MUC: of the links that hold the clusters of a together, those that b has too.
func links(a, b [][]Span) share {
	in := whose(b)
	var out share
	for _, cluster := range a {
		parts, alone := map[int]bool{}, 0
		for _, m := range cluster {
			if k, ok := in[m]; ok {
				parts[k] = true
			} else {
				alone++
			}
		}
		out.right += float64(len(cluster) - len(parts) - alone)
		out.of += len(cluster) - 1
	}
	return out
}

// cubes sums B³: of each mention of a, the share of its cluster that stands with it in b.
func cubes(a, b [][]Span) share {
	in := whose(b)
	var out share
	for _, cluster := range a {
		together := map[int]int{}
		for _, m := range cluster {
			if k, ok := in[m]; ok {
				together[k]++
			}
		}
		for _, n := range together {
			out.right += float64(n*n) / float64(len(cluster))
		}
		out.of += len(cluster)
	}
	return out
}

// only keeps the mentions that are in another reading too.
func only(all [][]Span, in map[Span]int) [][]Span {
	var out [][]Span
	for _, cluster := range all {
		var kept []Span
		for _, m := range cluster {
			if _, ok := in[m]; ok {
				kept = append(kept, m)
			}
		}
		if len(kept) > 0 {
			out = append(out, kept)
		}
	}
	return out
}

func whose(all [][]Span) map[Span]int {
	in := map[Span]int{}
	for k, cluster := range all {
		for _, m := range cluster {
			in[m] = k
		}
	}
	return in
}

// paired is the most that the φ4 of clusters paired one to one add up to: twice the mentions they share over those that
// they have.
func paired(a, b [][]Span) float64 {
	in := whose(b)
	weight := make([][]float64, len(a))
	for i, cluster := range a {
		weight[i] = make([]float64, len(b))
		for _, m := range cluster {
			if k, ok := in[m]; ok {
				weight[i][k] += 2 / float64(len(cluster)+len(b[k]))
			}
		}
	}
	return heaviest(weight)
}

// heaviest is the weight of the best one-to-one assignment of rows to columns, by the Hungarian method (Kuhn 1955) with
// potentials, in time cubic in the larger side.
func heaviest(weight [][]float64) float64 {
	n := len(weight)
	if n == 0 {
		return 0
	}
	n = max(n, len(weight[0]))
	cost := func(i, j int) float64 {
		if i > len(weight) || j > len(weight[0]) {
			return 0
		}
		return -weight[i-1][j-1]
	}
	const far = 1e18
	rows, columns := make([]float64, n+1), make([]float64, n+1) // potentials
	of, way := make([]int, n+1), make([]int, n+1)               // the row of each column; the column before it on the path
	for i := 1; i <= n; i++ {
		of[0] = i
		least, used := make([]float64, n+1), make([]bool, n+1)
		for j := range least {
			least[j] = far
		}
		j := 0
		for of[j] != 0 {
			used[j] = true
			step, next := far, 0
			for k := 1; k <= n; k++ {
				if used[k] {
					continue
				}
				if c := cost(of[j], k) - rows[of[j]] - columns[k]; c < least[k] {
					least[k], way[k] = c, j
				}
				if least[k] < step {
					step, next = least[k], k
				}
			}
			for k := range used {
				if used[k] {
					rows[of[k]] += step
					columns[k] -= step
				} else {
					least[k] -= step
				}
			}
			j = next
		}
		for j != 0 {
			of[j] = of[way[j]]
			j = way[j]
		}
	}
	sum := 0.0
	for j := 1; j <= n; j++ {
		sum -= cost(of[j], j)
	}
	return sum
}
