package eval

import (
	"fmt"
	"strings"
)

// SpanScores are measure A*: the spans of one role, unlinked, on CofeNet's instances.
type SpanScores struct {
	Role    string  `json:"role"`    // source, cue, content
	Exact   PRF     `json:"exact"`   // same first and last token
	Begin   PRF     `json:"begin"`   // same first token
	Jaccard float64 `json:"jaccard"` // mean, in percent, over gold spans of the best overlap and over predicted ones that overlap none
}

var roles = [3]string{"source", "cue", "content"}

// roleSpans is the runs of each role.
type roleSpans [3][]run

// bio takes a label apart: "B-cue" begins a cue, "I-cue" goes on with it, "O" is neither.
func bio(label string) (begins bool, role int, ok bool) {
	if label == "O" {
		return false, -1, true
	}
	prefix, name, _ := strings.Cut(label, "-")
	for i, r := range roles {
		if r == name && (prefix == "B" || prefix == "I") {
			return prefix == "B", i, true
		}
	}
	return false, -1, false
}

// aligned is an instance without the tokens that the article does not have. Where such a token begins a span, the next
// one that goes on begins it.
func (in *Instance) aligned() (tokens, roleSpans) {
	var (
		t      tokens
		labels []string
		begun  bool
	)
	for i, s := range in.Tokens {
		label := in.Labels[i]
		if s[0] == s[1] {
			begun = strings.HasPrefix(label, "B-") || begun && strings.HasPrefix(label, "I-")
			continue
		}
		if begun && strings.HasPrefix(label, "I-") {
			label = "B-" + label[2:]
		}
		begun = false
		t = append(t, s)
		labels = append(labels, label)
	}
	return t, labelRuns(labels)
}

func labelRuns(labels []string) roleSpans {
	var out roleSpans
	open, first := -1, 0
	for i := 0; i <= len(labels); i++ {
		label := "O"
		if i < len(labels) {
			label = labels[i]
		}
		begins, role, _ := bio(label)
		if open >= 0 && (begins || role != open) {
			out[open] = append(out[open], run{first, i})
			open = -1
		}
		if begins {
			open, first = role, i
		}
	}
	return out
}

type spanCount struct {
	gold, pred, exact, beginGold, beginPred int
	overlaps                                []float64
}

func (n *spanCount) add(gold, pred []run) {
	g, p := setOf(gold), setOf(pred)
	gBegin, pBegin := map[int]bool{}, map[int]bool{}
	for x := range g {
		gBegin[x.first] = true
	}
	for x := range p {
		pBegin[x.first] = true
	}
	n.gold += len(g)
	n.pred += len(p)
	for x := range g {
		n.beginGold += one(pBegin[x.first])
		if p[x] {
			n.exact++
			n.overlaps = append(n.overlaps, 1)
			continue
		}
		best := 0.0
		for y := range p {
			best = max(best, jaccard(x, y))
		}
		n.overlaps = append(n.overlaps, best)
	}
	for y := range p {
		n.beginPred += one(gBegin[y.first])
		best := one(g[y])
		for x := range g {
			best += one(jaccard(x, y) > 0)
		}
		if best == 0 {
			n.overlaps = append(n.overlaps, 0)
		}
	}
}

func (n *spanCount) result(role string) SpanScores {
	sum := 0.0
	for _, v := range n.overlaps {
		sum += v
	}
	return SpanScores{
		Role:    role,
		Exact:   counted(n.exact, n.pred, n.gold),
		Begin:   prf(float64(n.beginPred), n.pred, float64(n.beginGold), n.gold),
		Jaccard: 100 * ratio(sum, len(n.overlaps)),
	}
}

func setOf(runs []run) map[run]bool {
	out := map[run]bool{}
	for _, r := range runs {
		out[r] = true
	}
	return out
}

// jaccard is CofeNet's overlap of two runs (exe/eval/evaluation.py), which is at most the shorter one's share.
func jaccard(a, b run) float64 {
	shared := min(a.last-b.first, b.last-a.first, b.last-b.first, a.last-a.first)
	return max(0, float64(shared)/float64(max(a.last, b.last)-min(a.first, b.first)))
}

// scoreInstances scores the spans that touch an instance. Options do not restrict it: the published figures have none.
func scoreInstances(instances []Instance, predicted *Predictions) ([]SpanScores, error) {
	var n [3]spanCount
	for i := range instances {
		in := &instances[i]
		t, gold := in.aligned()
		if len(t) == 0 {
			continue
		}
		low, high := t[0][0], t[len(t)-1][1]
		answer := predicted.find(in.ID, "", "")
		if answer == nil {
			answer = predicted.find(in.Article, "", in.ID[max(0, len(in.ID)-4):]) // the annotator
		}
		var pred roleSpans
		if answer != nil {
			for j := range answer.Attributions {
				a := &answer.Attributions[j]
				for r, spans := range [3][]Span{a.Source, a.Cue, a.Content} {
					for _, s := range spans {
						if s[0] >= s[1] {
							return nil, fmt.Errorf("prediction for %s: empty %s [%d, %d)", in.Article, roles[r], s[0], s[1])
						}
						if s[1] > low && s[0] < high {
							pred[r] = append(pred[r], t.runs([]Span{s})...)
						}
					}
				}
			}
		}
		for r := range n {
			n[r].add(gold[r], pred[r])
		}
	}
	var out []SpanScores
	for r := range n {
		out = append(out, n[r].result(roles[r]))
	}
	return out, nil
}
