package eval

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestAlignNames marks the mentions of gold as "{cluster/name: the words}" and those of a reading as "[cluster: the words]",
// each with an initial of its kind; the words of a gold name that are the NameSpan stand between bars.
func TestAlignNames(t *testing.T) {
	for _, c := range []struct {
		why, gold, read     string
		key, found, answers int // mentions of the gold, those of both, those of the reading
	}{
		{"the same", "{p1n: Ada Reyes} spoke.", "[p1: Ada Reyes] spoke.", 1, 1, 1},
		{"an article", "{o1n: the Board} met.", "the [o1: Board] met.", 1, 1, 1},
		{"a title in the gold name", "{p1n: |Miss Reyes|} spoke.", "Miss [p1: Reyes] spoke.", 1, 1, 1},
		{"a description before the name", "{p1m: oceanographer Ada Reyes} spoke.", "oceanographer [p1: Ada Reyes] spoke.", 1, 1, 1},
		{"a name span that breaks off", "{p1n: the |Bay| of Lund} froze.", "the [p1: Bay of Lund] froze.", 1, 1, 1},
		{"a name inside it", "{o1n: |{p2n: Lund} University|} met.", "[o1: Lund University] met.", 1, 1, 1},
		{"a name inside it, the outer one not read", "{o1n: |{p2n: Lund} University|} met.", "[p1: Lund] University met.", 2, 1, 1},
		{"no name by its tags", "{l1m: the United States} agreed.", "the [l1: United States] agreed.", 1, 1, 1},
		{"no name and not read", "{l1m: the country} agreed.", "the country agreed.", 0, 0, 0},
		{"a single title", "{p1n: The |Secretary|} agreed.", "<p1: The Secretary> agreed.", 1, 1, 1},
		{"a title that is none in gold", "{p1m: The secretary} agreed.", "<p1: The secretary> agreed.", 0, 0, 0},
		{"another kind of the same end", "{p1n: |Emperor| of Lund} came.", "Emperor of [l1: Lund] came.", 1, 0, 1},
		{"a kind that is not published", "{x1n: Cyclone Ada} came.", "[l1: Cyclone Ada] came.", 0, 0, 1},
		{"too long", "{p1n: Ada Reyes} spoke.", "[p1: Ada Reyes spoke].", 1, 0, 1},
		{"someone without a cluster", "{?n: Ada Reyes} spoke.", "[p1: Ada Reyes] spoke.", 0, 0, 0},
		{"twice in an apposition", "{p1n: |{p1n: Ada Reyes}|, the mayor}, spoke.", "[p1: Ada Reyes], the mayor, spoke.", 1, 1, 1},
	} {
		t.Run(c.why, func(t *testing.T) {
			text, gold := marked(t, c.gold)
			same, read := marked(t, c.read)
			if text != same {
				t.Fatalf("%q and %q differ", text, same)
			}
			key, answers := alignNames(&Document{Text: text, Entities: gold}, read)
			got := [3]int{len(whose(key)), len(whose(only(key, whose(answers)))), len(whose(answers))}
			if d := cmp.Diff([3]int{c.key, c.found, c.answers}, got); d != "" {
				t.Error(d)
			}
		})
	}
}

// marked reads the marks of TestAlignNames.
func marked(t *testing.T, s string) (string, []Entity) {
	kinds := map[byte]string{'p': "person", 'o': "organization", 'l': "place", 'x': "event"}
	var b strings.Builder
	var out []Entity
	var open []int
	bar := -1
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{', '[', '<':
			head := s[i+1 : i+strings.IndexByte(s[i:], ':')]
			e := Entity{Start: b.Len(), Type: kinds[head[0]], Cluster: head[:2], Form: "name"}
			if head[0] == '?' {
				e.Type, e.Cluster = "person", ""
			}
			if s[i] == '<' {
				e.Form = "title"
			} else if strings.HasSuffix(head, "m") {
				e.Form = "nom"
			}
			if e.Type == "" {
				t.Fatalf("%q: kind", head)
			}
			open = append(open, len(out))
			out = append(out, e)
			i += len(head) + 2
		case '}', ']', '>':
			out[open[len(open)-1]].End = b.Len()
			open = open[:len(open)-1]
		case '|':
			if bar < 0 {
				bar = b.Len()
				continue
			}
			out[open[len(open)-1]].NameSpan = &Span{bar, b.Len()}
			bar = -1
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), out
}
