package eval

import (
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
)

// letters makes mentions of one code point each: "abc de" is an entity of the mentions a, b, c and one of d, e.
func letters(clusters string) []Entity {
	out := []Entity{}
	for k, c := range strings.Fields(clusters) {
		for _, r := range c {
			out = append(out, Entity{Start: int(r - 'a'), End: int(r-'a') + 1, Type: "person", Cluster: string(rune('A' + k)), Form: "name"})
		}
	}
	return out
}

func TestCoreference(t *testing.T) {
	type pr struct{ p, r float64 }
	for _, c := range []struct {
		name, gold, pred string
		muc, b3, ceaf    pr
	}{
		// Worked by hand; the figures are also those of the example in Pradhan et al. (ACL 2014).
		{"mentions that differ", "abc defg", "ab cd fghi", pr{40, 40}, pr{50, 41.67}, pr{43.33, 65}},
		{"perfect", "abc de f", "ed f cba", pr{100, 100}, pr{100, 100}, pr{100, 100}},
		{"all alone", "abc", "a b c", pr{0, 0}, pr{100, 33.33}, pr{16.67, 50}},
		{"all one", "ab cd", "abcd", pr{66.67, 100}, pr{50, 100}, pr{66.67, 33.33}},
		{"nothing found", "abc", "", pr{0, 0}, pr{0, 0}, pr{0, 0}},
		{"nothing there", "", "ab", pr{0, 0}, pr{0, 0}, pr{0, 0}},
		{"the best pairing is not the greedy one", "abcde fg", "abcfg de", pr{80, 80}, pr{65.71, 65.71}, pr{57.14, 57.14}},
	} {
		t.Run(c.name, func(t *testing.T) {
			gold := &Gold{Documents: []Document{{ID: "x", Text: "abcdefghijkl", Entities: letters(c.gold)}}}
			scores := scoreCoreference(gold, []*Document{{Mentions: letters(c.pred)}})
			if *scores.Names != *scores.Strict {
				t.Errorf("names by themselves %+v, by equal spans %+v", scores.Names, scores.Strict)
			}
			got := scores.Strict
			for _, m := range []struct {
				name string
				got  PRF
				want pr
			}{{"MUC", got.MUC, c.muc}, {"B3", got.B3, c.b3}, {"CEAF", got.CEAF, c.ceaf}} {
				if math.Abs(m.got.P-m.want.p) > 0.01 || math.Abs(m.got.R-m.want.r) > 0.01 {
					t.Errorf("%s P %.2f R %.2f, want %v", m.name, m.got.P, m.got.R, m.want)
				}
			}
		})
	}
}

func TestHeaviest(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 300 {
		rows, columns := 1+random.IntN(5), 1+random.IntN(5)
		w := make([][]float64, rows)
		for i := range w {
			w[i] = make([]float64, columns)
			for j := range w[i] {
				w[i][j] = float64(random.IntN(4)) / 2
			}
		}
		var most func(i int, used uint) float64 // every assignment there is
		most = func(i int, used uint) float64 {
			if i == rows {
				return 0
			}
			best := most(i+1, used)
			for j := range columns {
				if used>>j&1 == 0 {
					best = max(best, w[i][j]+most(i+1, used|1<<j))
				}
			}
			return best
		}
		if got, want := heaviest(w), most(0, 0); math.Abs(got-want) > 1e-9 {
			t.Fatalf("%v: %v, want %v", w, got, want)
		}
	}
}

func TestClusters(t *testing.T) {
	const text = "The Board met. President Ada Reyes spoke; she left. A dog barked. Rain fell."
	gold := &Gold{}
	line := `{"id":"x","text":"` + text + `","entities":[` +
		`{"start":0,"end":9,"type":"organization","cluster":"1","form":"name"},` +
		`{"start":15,"end":34,"type":"person","cluster":"2","form":"name","name_span":[25,34]},` +
		`{"start":42,"end":45,"type":"person","cluster":"2","form":"pron"},` +
		`{"start":52,"end":57,"type":"person","cluster":"3","form":"nom"},` +
		`{"start":66,"end":70,"type":"abstract","cluster":"4","form":"name"}]}`
	if err := gold.Read(strings.NewReader(line)); err != nil {
		t.Fatal(err)
	}
	answer := Document{ID: "x", Mentions: []Entity{
		{Start: 4, End: 9, Type: "organization", Cluster: "e1", Form: "name"},
		{Start: 25, End: 34, Type: "person", Cluster: "e2", Form: "name"},
		{Start: 52, End: 57, Type: "person", Cluster: "e2", Form: "nominal"},
	}}
	report, err := Score(gold, NewPredictions(answer), Options{})
	if err != nil {
		t.Fatal(err)
	}
	c := report.Coreference
	if c.Names.B3 != (PRF{100, 100, 100, 2, 2}) || c.Names.CEAF.F != 100 {
		t.Errorf("names %+v", c.Names)
	}
	if c.All.B3.Gold != 3 || c.All.B3.Pred != 3 || c.All.B3.R != 50 {
		t.Errorf("all %+v", c.All)
	}
}

func TestGAP(t *testing.T) {
	const text = "Ana Moor met Eve Holt. She left. Tom Vik saw Jon Ask; he hid."
	line := func(id, pronoun string, a, b bool) string {
		at := strings.Index(text, " "+pronoun+" ") + 1
		names := [2]string{"Ana Moor", "Eve Holt"}
		if pronoun == "he" {
			names = [2]string{"Tom Vik", "Jon Ask"}
		}
		span := func(s string, coref bool) string {
			k := strings.Index(text, s)
			return `{"start":` + strconv.Itoa(k) + `,"end":` + strconv.Itoa(k+len(s)) + `,"coref":` + strconv.FormatBool(coref) + `}`
		}
		return `{"id":"` + id + `","text":"` + text + `","pronoun":{"start":` + strconv.Itoa(at) + `,"end":` + strconv.Itoa(at+len(pronoun)) + `,"text":"` + pronoun + `"},"A":` +
			span(names[0], a) + `,"B":` + span(names[1], b) + "}\n"
	}
	var gold Gold
	if err := gold.Read(strings.NewReader(line("right", "She", true, false) + line("wrong", "She", false, true) + line("neither", "he", false, false) +
		line("silent", "he", true, false))); err != nil {
		t.Fatal(err)
	}
	person := func(s, cluster, form string) Entity {
		k := strings.Index(text, s)
		return Entity{Start: k, End: k + len(s), Type: "person", Cluster: cluster, Form: form}
	}
	she := []Entity{person("Ana", "e1", "name"), person("Eve Holt", "e2", "name"), person("She", "e1", "pronoun")}
	report, err := Score(&gold, NewPredictions(
		Document{ID: "right", Mentions: she},
		Document{ID: "wrong", Mentions: she},
		Document{ID: "neither", Mentions: []Entity{person("Tom Vik", "e1", "name"), person("he hid", "e1", "pronoun")}},
		Document{ID: "silent", Mentions: []Entity{person("Tom Vik", "e1", "name")}},
	), Options{})
	if err != nil {
		t.Fatal(err)
	}
	g := report.GAP
	if g.All != counted(1, 2, 3) || g.Feminine != (PRF{50, 50, 50, 2, 2}) || g.Masculine != (PRF{Gold: 1}) || g.Bias != 0 {
		t.Errorf("%+v", g)
	}
	var table strings.Builder
	if err := report.WriteTable(&table); err != nil || !strings.Contains(table.String(), "pronouns (GAP)") {
		t.Errorf("%v\n%s", err, table.String())
	}
}

func TestBadGAP(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{`{"id":"x","text":"Ana saw Eve","pronoun":{"start":0,"end":3,"text":"Ana"}}`, "neither entities"},
		{`{"id":"x","text":"Ana saw Eve","entities":[],"pronoun":{"start":0,"end":3,"text":"Ana"}}`, "belong together"},
		{`{"id":"x","text":"Ana","pronoun":{"start":0,"end":3},"A":{"start":0,"end":9},"B":{"start":0,"end":1}}`, "A [0, 9)"},
		{`{"id":"x","text":"Ana","entities":[{"start":0,"end":1,"name_span":[2,9]}]}`, "name_span [2, 9)"},
	} {
		var gold Gold
		if err := gold.Read(strings.NewReader(c.line)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.line, err, c.want)
		}
	}
}
