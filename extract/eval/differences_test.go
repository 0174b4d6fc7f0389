package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestCompare(t *testing.T) {
	//                     0         1         2         3         4         5
	//                     012345678901234567890123456789012345678901234567890123456789
	gold := &Document{Text: `Ana said yes. "No," Bo said. Cy fears rain. Di denied it.`,
		Entities: []Entity{{Start: 0, End: 3, Type: "PER"}, {Start: 20, End: 22, Type: "PER"}, {Start: 29, End: 31, Type: "MISC"}},
		Attributions: []Attribution{
			{Content: []Span{{9, 12}}, Source: []Span{{0, 3}}, SourceEntity: "Ana"},
			{Content: []Span{{14, 19}}, Source: []Span{{20, 22}}, SourceEntity: "Bo"},
			{Content: []Span{{38, 42}}, Source: []Span{{29, 31}}},
			{Content: []Span{{54, 56}}, Source: []Span{{44, 46}}, SourceEntity: "Di"},
		}}
	answer := &Document{
		Entities: []Entity{{Start: 20, End: 22, Type: "PER"}, {Start: 0, End: 3, Type: "LOC"}, {Start: 44, End: 46, Type: "PER"}},
		Attributions: []Attribution{
			{Content: []Span{{54, 56}}, Source: []Span{{44, 46}}, SourceEntity: "Di"},                        // right
			{Content: []Span{{38, 42}}, Source: []Span{{20, 22}}},                                            // of another source
			{Content: []Span{{14, 19}}, Source: []Span{{20, 22}}, SourceEntity: "Ana"},                       // of another name
			{Content: []Span{{29, 37}}, Source: []Span{{0, 3}}},                                              // of nothing
			{Content: []Span{{14, 19}}, Source: []Span{{20, 22}}, Cue: []Span{{23, 27}}, SourceEntity: "Bo"}, // once more
		}}
	want := Differences{
		MissedNames:   []Entity{{Start: 0, End: 3, Type: "PER"}},
		SpuriousNames: []Entity{{Start: 0, End: 3, Type: "LOC"}, {Start: 44, End: 46, Type: "PER"}},
		Missed:        []Attribution{gold.Attributions[0]},
		Spurious:      []Attribution{answer.Attributions[4], answer.Attributions[3]},
		Misattributed: []Match{{gold.Attributions[1], answer.Attributions[2]}, {gold.Attributions[2], answer.Attributions[1]}},
	}
	if diff := cmp.Diff(want, Compare(gold, answer, []string{"PER", "LOC"})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if diff := cmp.Diff(Differences{}, Compare(gold, gold, []string{"PER", "LOC"}), cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("gold differs from itself:\n%s", diff)
	}
}
