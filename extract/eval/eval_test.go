package eval

import (
	"bytes"
	"flag"
	"math"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quotewire/quotewire/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestPlainName(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"Anne-Marie O’Dowe", "anne marie odowe"},
		{"  L_M\tStraße ", "l mstraße"},
		{"ΟΔΟΣ", "οδος"},
		{"İstel", "istel"},
		{"…", ""},
		{"x² 東京", "x² 東京"},
	} {
		if got := plainName(c.in); got != c.want {
			t.Errorf("plainName(%q) = %q, want %q", c.in, got, c.want)
		}
	}
}

func TestTokenize(t *testing.T) {
	for _, c := range []struct {
		in   string
		want []string
	}{
		{"O’Dowe's well-to-do U.S. 3.5.", []string{"O’Dowe's", "well-to-do", "U.S", ".", "3.5", "."}},
		{"--a-- -b", []string{"-", "-", "a", "-", "-", "-", "b"}},
		{"a\x1cb\u00a0c\u200bd", []string{"a", "b", "c", "\u200b", "d"}},
		{"e\u0301lan ½ _x_", []string{"e", "\u0301", "lan", "½", "_x_"}},
		{"", nil},
	} {
		text := []rune(c.in)
		var got []string
		for _, s := range tokenize(text) {
			got = append(got, string(text[s[0]:s[1]]))
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q: -want +got:\n%s", c.in, diff)
		}
	}
}

func TestFromRecord(t *testing.T) {
	ana, she := "Ana Pohl", "she"
	r := schema.Record{
		Article: schema.About{ID: "a1"},
		Entities: []schema.Entity{
			{ID: "e1", Kind: schema.Person, Name: ana, Confidence: 0.9, Mentions: []schema.Mention{
				{Start: 0, End: 8, Form: schema.ByName}, {Start: 20, End: 23, Form: schema.ByPronoun}, {Start: 30, End: 39, Form: schema.ByTitle}}},
			{ID: "e2", Kind: schema.Place, Confidence: 0.8, Mentions: []schema.Mention{{Start: 50, End: 54, Form: schema.ByName}}},
			{ID: "e3", Kind: schema.Organization, Confidence: 0.7, Mentions: []schema.Mention{{Start: 60, End: 64, Form: schema.ByName}}},
		},
		Quotes: []schema.Quote{
			{Kind: schema.Direct, Act: schema.Speech, Confidence: 0.6, Spans: []schema.Span{{Start: 70, End: 80}, {Start: 90, End: 99}},
				Cue: &schema.Phrase{Start: 84, End: 88}, Speaker: &schema.Speaker{Name: &ana, Start: 81, End: 83, Text: she, Method: schema.MethodPronoun}},
			{Kind: schema.Direct, Act: schema.Speech, Confidence: 0.5, Spans: []schema.Span{{Start: 100, End: 110}},
				Speaker: &schema.Speaker{Name: &ana, Start: 81, End: 83, Method: schema.MethodContinued}},
			{Kind: schema.Indirect, Act: schema.Thought, Spans: []schema.Span{{Start: 120, End: 130}}},
		},
	}
	none := []Span{}
	want := Document{ID: "a1",
		Entities: []Entity{
			{Start: 0, End: 8, Type: "PER", Confidence: 0.9}, {Start: 50, End: 54, Type: "LOC", Confidence: 0.8},
			{Start: 60, End: 64, Type: "ORG", Confidence: 0.7},
		},
		Mentions: []Entity{
			{Start: 0, End: 8, Type: "person", Cluster: "e1", Form: "name"}, {Start: 20, End: 23, Type: "person", Cluster: "e1", Form: "pronoun"},
			{Start: 30, End: 39, Type: "person", Cluster: "e1", Form: "title"}, {Start: 50, End: 54, Type: "place", Cluster: "e2", Form: "name"},
			{Start: 60, End: 64, Type: "organization", Cluster: "e3", Form: "name"},
		},
		Attributions: []Attribution{
			{Content: []Span{{70, 80}, {90, 99}}, Cue: []Span{{84, 88}}, Source: []Span{{81, 83}}, SourceEntity: ana, Kind: schema.Direct, Act: schema.Speech, Confidence: 0.6},
			{Content: []Span{{100, 110}}, Cue: none, Source: []Span{{81, 83}}, SourceEntity: ana, Kind: schema.Direct, Act: schema.Speech, Confidence: 0.5},
			{Content: []Span{{120, 130}}, Cue: none, Source: none, Kind: schema.Indirect, Act: schema.Thought},
		}}
	if diff := cmp.Diff(want, FromRecord(r), cmpopts.IgnoreUnexported(Document{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// What Predict finds is the same after Write and ReadPredictions, and so are its scores.
func TestPredictionsKeep(t *testing.T) {
	gold := readGold(t, "attributions.gold.jsonl")
	known := readPredictions(t, "testdata/attributions.pred.jsonl")
	read := func(id, text string) schema.Record {
		i := slices.IndexFunc(gold.Documents, func(d Document) bool { return d.ID == id && d.Text == text })
		return asRecord(id, known.of(&gold.Documents[i]))
	}
	calls := 0
	p := gold.Predict(read, 3, func(done, total int) {
		if calls++; done != calls || total != len(gold.Documents) {
			t.Errorf("progress %d of %d at call %d", done, total, calls)
		}
	})
	if calls != len(gold.Documents) {
		t.Errorf("%d calls of progress for %d documents", calls, len(gold.Documents))
	}
	var file bytes.Buffer
	if err := p.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := ReadPredictions(&file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p.Documents, again.Documents, cmpopts.IgnoreUnexported(Document{})); diff != "" {
		t.Errorf("-predicted +read again:\n%s", diff)
	}
	one, err := Score(gold, p, Options{})
	if err != nil {
		t.Fatal(err)
	}
	two, err := Score(gold, again, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(one, two); diff != "" {
		t.Errorf("-predicted +read again:\n%s", diff)
	}
}

func asRecord(id string, d *Document) schema.Record {
	r := schema.Record{Article: schema.About{ID: id}}
	if d == nil {
		return r
	}
	for _, a := range d.Attributions {
		q := schema.Quote{Act: a.Act, Confidence: schema.Probability(a.Confidence)}
		for _, s := range a.Content {
			q.Spans = append(q.Spans, schema.Span{Start: s[0], End: s[1]})
		}
		for _, s := range a.Cue {
			q.Cue = &schema.Phrase{Start: s[0], End: s[1]}
		}
		for _, s := range a.Source {
			q.Speaker = &schema.Speaker{Start: s[0], End: s[1], Name: &a.SourceEntity}
		}
		r.Quotes = append(r.Quotes, q)
	}
	return r
}

func TestAct(t *testing.T) {
	gold := readGold(t, "attributions.gold.jsonl")
	p := readPredictions(t, "testdata/attributions.pred.jsonl")
	want := 0
	for _, d := range p.Documents {
		for _, a := range d.Attributions {
			want += one(a.Act == schema.Speech)
		}
	}
	r, err := Score(gold, p, Options{Act: schema.Speech})
	if err != nil {
		t.Fatal(err)
	}
	if got := r.Attributions.Pred; got != want {
		t.Errorf("%d predictions of speech, want %d", got, want)
	}
}

func TestCalibration(t *testing.T) {
	var c calibration
	for i := range 10 {
		c.add(0.8, i < 8) // as sure as right
		c.add(0.3, i < 5) // 20 points less sure than right
	}
	got := c.result()
	if got.N != 20 || math.Abs(got.ECE-10) > 1e-9 || len(got.Bins) != 2 {
		t.Errorf("%+v", got)
	}
	var none calibration
	none.add(0, true)
	if none.result() != nil {
		t.Error("a calibration of predictions that state no confidence")
	}
	for _, at := range []float64{-1, 0, 1, 2, math.Inf(1), math.Inf(-1)} {
		c.add(at, true)
	}
}

func TestBadFiles(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{`{"id":"x","text":"ab","entities":[{"start":1,"end":3,"type":"PER"}]}`, "line 1: x: entity [1, 3) does not lie in the text (2 code points)"},
		{"\n" + `{"id":"x","text":"ab","attributions":[{"content":[[-1,1]]}]}`, "line 2: x: content [-1, 1) does not lie"},
		{`{"id":"x","text":"ab","sentences":[{"start":2,"end":2}]}`, "line 1: x: sentence [2, 2) does not lie"},
		{`{"id":"x","text":"ab"}`, "line 1: x: neither entities nor attributions nor sentences"},
		{`{"text":"ab","entities":[]}`, "line 1: no id"},
		{`{"id":"x","entities":[]}`, "line 1: x: no text"},
		{`{"id":3,"entities":[]}`, "line 1: id: a number where string was expected"},
		{`nonsense`, "line 1: invalid character"},
		{`{"id":"x","labels":["O"],"tok":[]}`, "line 1: x: 0 tokens but 1 labels"},
		{`{"id":"x","labels":["B-verb"],"tok":[[0,1]]}`, `line 1: x: unknown label "B-verb"`},
	} {
		var g Gold
		if err := g.Read(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.in, err, c.want)
		}
	}
	if _, err := ReadPredictions(strings.NewReader("{\"id\":\"x\"}\n{\"id\":\"x\"}\n")); err == nil || err.Error() != "two predictions for x" {
		t.Errorf("an id twice: %v", err)
	}
	var g Gold
	if err := g.Read(strings.NewReader(`{"id":"x","text":"ab","attributions":[{"content":[[0,1]]}]}`)); err != nil {
		t.Fatal(err)
	}
	p, err := ReadPredictions(strings.NewReader(`{"id":"x","attributions":[{"content":[[0,9]]}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Score(&g, p, Options{}); err == nil || err.Error() != "prediction for x: content [0, 9) does not lie in the text (2 code points)" {
		t.Errorf("a prediction outside: %v", err)
	}
	if _, err := Score(&g, &Predictions{}, Options{Speech: true}); err == nil || !strings.Contains(err.Error(), "speech_cue") {
		t.Errorf("speech without speech_cue: %v", err)
	}
}

func TestTable(t *testing.T) {
	gold := readGold(t, "attributions.gold.jsonl", "attributions.cofenet.jsonl")
	var out bytes.Buffer
	write := func(gold *Gold, pred string) {
		r, err := Score(gold, readPredictions(t, pred), Options{})
		if err != nil {
			t.Fatal(err)
		}
		if err := r.WriteTable(&out); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n")
	}
	write(gold, "testdata/attributions.pred.jsonl")
	write(readGold(t, "names.gold.jsonl"), "testdata/names.pred.jsonl")
	write(readGold(t, "incomplete.gold.jsonl"), "testdata/incomplete.pred.jsonl")
	write(readGold(t, "sentences.gold.jsonl"), "testdata/sentences.pred.jsonl")
	const golden = "testdata/tables.txt"
	if *update {
		if err := os.WriteFile(golden, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
		t.Errorf("go test ./extract/eval -update rewrites %s; -want +got:\n%s", golden, diff)
	}
}

// FuzzScore: whatever the files hold, reading and scoring them ends with a report or an error, and percents are in
// range.
func FuzzScore(f *testing.F) {
	for _, names := range [][2]string{{"attributions.gold.jsonl", "attributions.pred.jsonl"}, {"names.gold.jsonl", "names.pred.jsonl"},
		{"attributions.cofenet.jsonl", "attributions.pred.jsonl"}, {"sentences.gold.jsonl", "sentences.pred.jsonl"}} {
		var seed [2][]byte
		for i, name := range names {
			data, err := os.ReadFile("testdata/" + name)
			if err != nil {
				f.Fatal(err)
			}
			for range 2 {
				line, rest, _ := bytes.Cut(data, []byte("\n"))
				seed[i] = append(append(seed[i], line...), '\n')
				data = rest
			}
		}
		f.Add(seed[0], seed[1], true)
	}
	f.Add([]byte("article: a\nPER: x\n1: x\n\n{c1 x} {q1 said} {s1 x}"), []byte(`{"id":"a","attributions":[{"content":[[0,1]],"confidence":1}]}`), false)
	f.Fuzz(func(t *testing.T, gold, pred []byte, speech bool) {
		var g Gold
		if err := g.Read(bytes.NewReader(gold)); err != nil {
			return
		}
		p, err := ReadPredictions(bytes.NewReader(pred))
		if err != nil {
			return
		}
		r, err := Score(&g, p, Options{Speech: speech})
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := r.WriteTable(&out); err != nil {
			t.Fatal(err)
		}
		if r.Attributions != nil {
			for _, s := range []PRF{r.Attributions.Linked.Headline, r.Attributions.Content.Partial, r.Attributions.Covered.Low.PRF} {
				if !(s.P >= 0 && s.P <= 100.0001 && s.R >= 0 && s.R <= 100.0001 && s.F <= 100.0001) {
					t.Errorf("out of range: %+v", s)
				}
			}
		}
	})
}

func BenchmarkScore(b *testing.B) {
	gold := readGold(b, "attributions.gold.jsonl", "attributions.cofenet.jsonl")
	p := readPredictions(b, "testdata/attributions.pred.jsonl")
	for b.Loop() {
		if _, err := Score(gold, p, Options{}); err != nil {
			b.Fatal(err)
		}
	}
}
