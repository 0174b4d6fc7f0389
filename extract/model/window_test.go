package model

import (
	"encoding/json"
	"math/rand/v2"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Windows are cut as training's predictor cuts them (train/test_train.py holds it to the same file).
func TestWindowsAsInTraining(t *testing.T) {
	data, err := os.ReadFile("testdata/windows.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Size, Context int
		Pieces        []int32
		Place         []int
		Windows       [][4]int
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) < 20 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for i, x := range cases {
		before, place := []int32{0}, []uint8{}
		for k, n := range x.Pieces {
			before, place = append(before, before[k]+n), append(place, uint8(x.Place[k]))
		}
		c := cutter{size: x.Size, context: x.Context}
		c.reset(before, place)
		got := [][4]int{}
		for w, ok := c.cut(); ok; w, ok = c.cut() {
			got = append(got, [4]int{w.first, w.last, w.coreFirst, w.coreLast})
		}
		if diff := cmp.Diff(x.Windows, got); diff != "" {
			t.Errorf("case %d, %d tokens (-training +here):\n%s", i, len(place), diff)
		}
	}
}

// Cores partition the text, windows hold their cores and fit, whatever the paragraphs, sentences and words.
func TestWindowsPartitionTheText(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 1))
	for round := range 300 {
		n := r.IntN(600)
		pieces, place := make([]int32, n+1), make([]uint8, n)
		for i := range n {
			pieces[i+1] = pieces[i] + 1 + int32(r.IntN(1+r.IntN(8)))
			if r.IntN(12) == 0 {
				place[i] = uint8(1 + r.IntN(2))
			}
		}
		if n > 0 {
			place[0] = paragraph
		}
		c := cutter{size: 40 + r.IntN(100)}
		c.context = r.IntN((c.size - 2) / 3)
		c.reset(pieces, place)
		at, count := 0, 0
		for {
			w, ok := c.cut()
			if !ok {
				break
			}
			count++
			if w.coreFirst != at || w.coreLast <= w.coreFirst || w.first > w.coreFirst || w.last < w.coreLast {
				t.Fatalf("round %d: window %+v after %d", round, w, at)
			}
			if cost := c.cost(w.first, w.last) + 2; cost > c.size {
				t.Fatalf("round %d: window %+v of %d pieces, want at most %d", round, w, cost, c.size)
			}
			if before := c.cost(w.first, w.coreFirst); before > c.context {
				t.Fatalf("round %d: %d pieces of context before %+v, want at most %d", round, before, w, c.context)
			}
			at = w.coreLast
		}
		if at != n {
			t.Fatalf("round %d: windows end at %d of %d", round, at, n)
		}
		if room := (c.size-2)/3 - c.context; room > 8 && count > 3+int(pieces[n])*3/room {
			t.Fatalf("round %d: %d windows for %d pieces", round, count, pieces[n])
		}
	}
}
