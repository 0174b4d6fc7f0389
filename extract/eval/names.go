package eval

import (
	"slices"
	"strings"
)

// NameScore is the score of one type of names, or of a sum of types.
type NameScore struct {
	Type  string `json:"type"` // PER, LOC, ORG, "PER+LOC", "micro"
	Right int    `json:"right"`
	PRF
}

type name struct {
	start, end int
	kind       string
}

func renamed(kind string, names map[string]string) string {
	if to, ok := names[kind]; ok {
		return to
	}
	return kind
}

// nameSet is the distinct names of the scored types.
func nameSet(entities []Entity, text []rune, types []string, loose bool, rename map[string]string) map[name]bool {
	out := map[name]bool{}
	for _, e := range entities {
		n := name{e.Start, e.End, renamed(e.Type, rename)}
		if !slices.Contains(types, n.kind) {
			continue
		}
		if loose {
			n.start, n.end = loosen(text, n.start, n.end)
		}
		out[n] = true
	}
	return out
}

// loosen leaves out a leading "the" and a trailing possessive.
func loosen(text []rune, start, end int) (int, int) {
	if head := string(text[start:min(end, start+4)]); strings.ToLower(head) == "the " {
		start += 4
	}
	for _, suffix := range []string{"'s", "’s", "'", "’"} {
		if start < end && strings.HasSuffix(string(text[start:end]), suffix) {
			end -= len([]rune(suffix))
			break
		}
	}
	return start, end
}

func scoreNames(gold *Gold, answers []*Document, o Options, loose bool) []NameScore {
	n := map[string]*[3]int{} // right, pred, gold
	for _, t := range o.Types {
		n[t] = &[3]int{}
	}
	for i := range gold.Documents {
		text := gold.Documents[i].runes()
		g := nameSet(gold.Documents[i].Entities, text, o.Types, loose, o.Rename)
		p := nameSet(answers[i].Entities, text, o.Types, loose, nil)
		for x := range p {
			n[x.kind][1]++
			if g[x] {
				n[x.kind][0]++
			}
		}
		for x := range g {
			n[x.kind][2]++
		}
	}
	var out []NameScore
	sum := func(label string, types ...string) {
		right, pred, all := 0, 0, 0
		for _, t := range types {
			right, pred, all = right+n[t][0], pred+n[t][1], all+n[t][2]
		}
		out = append(out, NameScore{label, right, counted(right, pred, all)})
	}
	for _, t := range o.Types {
		sum(t, t)
	}
	if slices.Contains(o.Types, "PER") && slices.Contains(o.Types, "LOC") {
		sum("PER+LOC", "PER", "LOC")
	}
	sum("micro", o.Types...)
	return out
}

func nameCalibration(gold *Gold, answers []*Document, o Options) *Calibration {
	var c calibration
	for i := range gold.Documents {
		text := gold.Documents[i].runes()
		g := nameSet(gold.Documents[i].Entities, text, o.Types, false, o.Rename)
		for _, e := range answers[i].Entities {
			if slices.Contains(o.Types, e.Type) {
				c.add(e.Confidence, g[name{e.Start, e.End, e.Type}])
			}
		}
	}
	return c.result()
}
