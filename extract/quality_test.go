package extract_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/extract/eval"
	"github.com/quotewire/quotewire/schema"
)

var update = flag.Bool("update", false, "rewrite testdata/quality")

const corpus = "../testdata"

// How well each reader reads testdata/articles is kept in testdata/quality, so that every change of it shows in a
// diff: go test ./extract -run TestQuality -update rewrites. The file says what is, not what should be.
func TestQuality(t *testing.T) {
	gold := readGold(t)
	for _, name := range extract.Readers() {
		t.Run(name, func(t *testing.T) {
			reader, err := extract.Open(name)
			if err != nil {
				t.Fatal(err)
			}
			x, err := extract.New(reader, "test")
			if err != nil {
				t.Fatal(err)
			}
			answers := gold.Predict(func(id, text string) schema.Record {
				return x.Extract(schema.Article{ID: id, Text: text})
			}, 2, nil)
			got := quality(t, name, gold, answers)
			golden := filepath.Join(corpus, "quality", name+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("the quality changed; if it is meant, go test ./extract -run TestQuality -update; -was +is:\n%s%s",
					only("-", string(want), got), only("+", got, string(want)))
			}
		})
	}
}

// only lists the lines of a that b has not, each group under the unindented line that it stands below.
func only(sign, a, b string) string {
	left := map[string]int{}
	for line := range strings.Lines(b) {
		left[line]++
	}
	var out strings.Builder
	under := ""
	for line := range strings.Lines(a) {
		if strings.TrimSpace(line) != "" && !strings.HasPrefix(line, " ") {
			under = line
		}
		if left[line]--; left[line] >= 0 {
			continue
		}
		if under != "" && under != line {
			out.WriteString("  " + under)
			under = ""
		}
		out.WriteString(sign + " " + line)
	}
	return out.String()
}

func readGold(t *testing.T) *eval.Gold {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(corpus, "gold", "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no gold in %s: %v", corpus, err)
	}
	var gold eval.Gold
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		err = gold.Read(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
	}
	return &gold
}

func quality(t *testing.T, reader string, gold *eval.Gold, answers *eval.Predictions) string {
	t.Helper()
	var out strings.Builder
	fmt.Fprintf(&out, "How the %s reader reads testdata/articles against testdata/gold. Written by\n"+
		"go test ./extract -run TestQuality -update; testdata/README.md tells how to read it.\n\n", reader)
	for _, o := range []struct {
		title string
		eval.Options
	}{{"everything", eval.Options{}}, {"speech only, in the gold", eval.Options{Speech: true}}} {
		report, err := eval.Score(gold, answers, o.Options)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "== %s ==\n", o.title)
		if o.Speech {
			report.Names, report.NamesLoose, report.NameCalibration = nil, nil, nil
		}
		if err := report.WriteTable(&out); err != nil {
			t.Fatal(err)
		}
		out.WriteString("\n")
	}
	out.WriteString("== by article ==\n" +
		"- missed, + spurious, ~ found, but attributed to another: wrong > right\n")
	for i := range gold.Documents {
		article(t, &out, &gold.Documents[i], &answers.Documents[i])
	}
	return out.String()
}

func article(t *testing.T, out *strings.Builder, gold, answer *eval.Document) {
	t.Helper()
	report, err := eval.Score(&eval.Gold{Documents: []eval.Document{*gold}}, eval.NewPredictions(*answer), eval.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var names eval.PRF // of an article that holds none, as it is not in English
	if n := len(report.Names); n > 0 {
		names = report.Names[n-1].PRF
	}
	quotes := report.Attributions.Linked.Headline
	fmt.Fprintf(out, "\n%s\n  names  P %5.1f  R %5.1f  F %5.1f   quotes  P %5.1f  R %5.1f  F %5.1f", gold.ID,
		names.P, names.R, names.F, quotes.P, quotes.R, quotes.F)
	if s := report.Attributions.Speakers; s != nil {
		fmt.Fprintf(out, "   speakers %.1f of %d", s.Exact.OfGold, s.Gold)
	}
	out.WriteString("\n")
	text := []rune(gold.Text)
	d := eval.Compare(gold, answer, []string{"PER", "LOC", "ORG"})
	for _, e := range d.MissedNames {
		fmt.Fprintf(out, "  - %s %s\n", e.Type, line(text[e.Start:e.End]))
	}
	for _, e := range d.SpuriousNames {
		fmt.Fprintf(out, "  + %s %s\n", e.Type, line(text[e.Start:e.End]))
	}
	for _, a := range d.Missed {
		fmt.Fprintf(out, "  - %s %s\n", a.Kind, who(text, a, true))
	}
	for _, a := range d.Spurious {
		fmt.Fprintf(out, "  + %s %s\n", a.Kind, who(text, a, true))
	}
	for _, m := range d.Misattributed {
		fmt.Fprintf(out, "  ~ %s %s > %s\n", m.Gold.Kind, who(text, m.Answer, false), who(text, m.Gold, true))
	}
}

// who is source (speaker) cue: content.
func who(text []rune, a eval.Attribution, whole bool) string {
	part := func(spans []eval.Span) string {
		var all []string
		for _, s := range spans {
			all = append(all, line(text[s[0]:s[1]]))
		}
		return strings.Join(all, " … ")
	}
	s := "[" + part(a.Source) + "]"
	if a.SourceEntity != "" {
		s += " (" + strings.Join(append([]string{a.SourceEntity}, a.SourceJoint...), " + ") + ")"
	}
	if !whole {
		return s
	}
	return s + " [" + part(a.Cue) + "]: " + part(a.Content)
}

// line is text on one line, its middle left out if it is long.
func line(text []rune) string {
	if len(text) > 60 {
		text = append(append(append([]rune{}, text[:38]...), []rune(" … ")...), text[len(text)-18:]...)
	}
	return strings.Join(strings.Fields(string(text)), " ")
}
