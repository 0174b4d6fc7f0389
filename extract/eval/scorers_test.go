package eval

import (
	"bytes"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/quotewire/quotewire/schema"
)

// The figures in testdata/*.want.json are what the Python scorers say; see testdata/README.md.
func TestAgreesWithTheScorers(t *testing.T) {
	onlyOther := Options{Types: []string{"LOC", "ORG", "MISC"}, Rename: map[string]string{"Literal": "LOC"}}
	for _, c := range []struct {
		want, gold, pred string
		more             string // a second gold file
		options          Options
		part             func(*Report) any
	}{
		{"attributions", "attributions", "attributions", "attributions.cofenet.jsonl", Options{}, attributionsPart},
		{"attributions-speech", "attributions", "attributions", "", Options{Speech: true}, attributionsPart},
		{"attributions-noise", "attributions", "attributions", "", Options{DropNoise: true}, attributionsPart},
		{"attributions-direct", "attributions", "attributions", "", Options{Kind: schema.Direct}, attributionsPart},
		{"attributions-mixed", "attributions", "attributions", "", Options{Kind: schema.Mixed}, attributionsPart},
		{"attributions-indirect", "attributions", "attributions", "", Options{Kind: schema.Indirect, Speech: true, DropNoise: true}, attributionsPart},
		{"incomplete", "incomplete", "incomplete", "", Options{}, incompletePart},
		{"sentences", "sentences", "sentences", "", Options{}, func(r *Report) any { return map[string]any{"G": r.Sentences} }},
		{"names", "names", "names", "", Options{}, exactNames},
		{"names-loose", "names", "names", "", Options{}, looseNames},
		{"names-types", "names", "names", "", onlyOther, exactNames},
		{"names-types-loose", "names", "names", "", onlyOther, looseNames},
	} {
		t.Run(c.want, func(t *testing.T) {
			gold := readGold(t, "testdata/"+c.gold+".gold.jsonl", c.more)
			pred := readPredictions(t, "testdata/"+c.pred+".pred.jsonl")
			report, err := Score(gold, pred, c.options)
			if err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join("testdata", c.want+".want.json"))
			if err != nil {
				t.Fatal(err)
			}
			var want any
			if err := json.Unmarshal(data, &want); err != nil {
				t.Fatal(err)
			}
			got := reread(t, c.part(report))
			if n := sameFigures(t, c.want, got, want); n < 4 {
				t.Errorf("only %d figures compared", n)
			}
			if u, _ := want.(map[string]any)["records without prediction"].(float64); u != float64(report.Unanswered) && u > 0 {
				t.Errorf("records without prediction: %d, want %v", report.Unanswered, u)
			}
		})
	}
}

// The parts are laid out as the scorers lay them out.

func attributionsPart(r *Report) any {
	spans := map[string]SpanScores{}
	for _, s := range r.Spans {
		spans[s.Role] = s
	}
	a := r.Attributions
	return map[string]any{"gold": a.Gold, "pred": a.Pred, "ignored": a.Ignored, "D": a.Linked, "B": a.Content, "E": a.Covered, "F": a.Speakers, "A*": spans}
}

func incompletePart(r *Report) any {
	return map[string]any{"gold": r.Incomplete.Gold, "F": r.Incomplete.Speakers,
		"E recall": map[string]float64{"0.3": r.Incomplete.Low, "0.8": r.Incomplete.High}}
}

func exactNames(r *Report) any { return byType(r.Names) }
func looseNames(r *Report) any { return byType(r.NamesLoose) }

func byType(scores []NameScore) map[string]NameScore {
	out := map[string]NameScore{}
	for _, s := range scores {
		out[s.Type] = s
	}
	return out
}

// sameFigures walks what is wanted; the scores of a span's begin and of a triple also carry counts, which the scorers
// give one level up. It returns how many figures it compared.
func sameFigures(t *testing.T, path string, got, want any) int {
	switch want := want.(type) {
	case map[string]any:
		n, keys := 0, []string{}
		for k := range want {
			keys = append(keys, k)
		}
		slices.Sort(keys)
		for _, k := range keys {
			if k == "records without prediction" {
				continue
			}
			g, _ := got.(map[string]any)
			if _, ok := g[k]; !ok && (k == "gold" || k == "pred") {
				if g, ok = g["exact"].(map[string]any); !ok {
					t.Errorf("%s: no %s", path, k)
				}
				n += sameFigures(t, path+" "+k, g[k], want[k])
				continue
			}
			n += sameFigures(t, path+" "+k, g[k], want[k])
		}
		return n
	case float64:
		g, ok := got.(float64)
		if !ok || math.Abs(g-want) > 1e-9 {
			t.Errorf("%s: %v, want %v", path, got, want)
		}
		return 1
	}
	t.Errorf("%s: unexpected %T", path, want)
	return 0
}

func reread(t *testing.T, v any) (out any) {
	t.Helper()
	data, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func readGold(t testing.TB, files ...string) *Gold {
	t.Helper()
	var g Gold
	for _, f := range files {
		if f == "" {
			continue
		}
		if filepath.Dir(f) == "." {
			f = filepath.Join("testdata", f)
		}
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if err := g.Read(bytes.NewReader(data)); err != nil {
			t.Fatalf("%s: %v", f, err)
		}
	}
	return &g
}

func readPredictions(t testing.TB, file string) *Predictions {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	p, err := ReadPredictions(f)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return p
}
