package coref

import (
	"encoding/json"
	"math"
	"os"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/reading"
)

// TestRankerParity compares the ranker with what coref.py made of made-up vectors, in float32 and with the same int8 weights.
// All kernels agree to the bit.
func TestRankerParity(t *testing.T) {
	data, err := os.ReadFile("testdata/accurate.parity.json")
	if err != nil {
		t.Fatal(err)
	}
	var p struct {
		Codes    [][]int
		Params   [][2]float32
		Examples []struct {
			Row        int
			Scores     []float64
			Candidates []struct {
				Rows     [][2]int
				Names    []bool
				Features []int
			}
		}
	}
	if err := json.Unmarshal(data, &p); err != nil {
		t.Fatal(err)
	}
	v := &reading.Vectors{Width: len(p.Codes[0])}
	for i, row := range p.Codes {
		v.Tokens = append(v.Tokens, int32(i))
		v.Params = append(v.Params, p.Params[i][:]...)
		for _, c := range row {
			v.Codes = append(v.Codes, uint8(c))
		}
	}
	var before [][]float64
	for _, set := range kernel.Available() {
		r, err := loadRanker(accurate, set)
		if err != nil {
			t.Fatal(err)
		}
		b := r.newBench()
		for n, e := range p.Examples {
			var features [][]int
			var views [][]view
			for k, c := range e.Candidates {
				features = append(features, c.Features)
				if k == len(e.Candidates)-1 {
					break
				}
				var of []view
				for rank, m := range c.Rows {
					if x := b.mention(v, m[0], m[1]); x != nil {
						of = append(of, view{x, c.Names[rank], rank})
					}
				}
				views = append(views, of)
			}
			got := r.scores(b.pronoun(v, e.Row), features, views)
			if len(before) < len(p.Examples) {
				before = append(before, got)
			}
			for k, x := range got {
				if want := e.Scores[k] / r.heat; math.Abs(x-want) > 1e-3*max(1, math.Abs(want)) {
					t.Errorf("%s: example %d, candidate %d: %.5f, want %.5f", set.Name, n, k, x, want)
				}
				if x != before[n][k] {
					t.Errorf("%s: example %d, candidate %d: %v, another set of kernels says %v", set.Name, n, k, x, before[n][k])
				}
			}
		}
	}
}

// TestRankerRefuses loads what is no ranker.
func TestRankerRefuses(t *testing.T) {
	broken := func(from, to string) []byte {
		s := strings.Replace(string(accurate), from, to, 1)
		if s == string(accurate) {
			t.Fatalf("no %q in the file", from)
		}
		return []byte(s)
	}
	for name, file := range map[string][]byte{
		"empty":              nil,
		"cut short":          accurate[:len(accurate)/2],
		"another format":     broken(RankerFormat, "quotewire-ranker/9"),
		"a tensor renamed":   broken(`"0.linear"`, `"0.lineal"`),
		"no heat":            broken(`\"heat\": `, `\"hoat\": `),
		"a width of its own": broken(`\"width\": `, `\"widdh\":`),
	} {
		if _, err := loadRanker(file, kernel.Best()); err == nil {
			t.Errorf("%s: loaded", name)
		}
	}
}
