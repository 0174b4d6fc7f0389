package baseline

import (
	"bufio"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// prose's weights take a third of a second to decode: once is enough for all tests.
var shared = sync.OnceValues(New)

func reader(t testing.TB) *Reader {
	t.Helper()
	r, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// An example is a text and what is to be found in it.
type example struct {
	line  int // of its first line in the file
	text  string
	want  []string
	known []string // what should be found, and is not yet
}

func examples(t *testing.T, file string) []example {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []example
	var e example
	flush := func() {
		if e.text != "" {
			all = append(all, e)
		}
		e = example{}
	}
	s := bufio.NewScanner(f)
	for n := 1; s.Scan(); n++ {
		switch line := s.Text(); {
		case line == "":
			flush()
		case strings.HasPrefix(line, "#"):
		case line == "=":
			e.want = []string{}
		case strings.HasPrefix(line, "= "):
			e.want = append(e.want, line[2:])
		case strings.HasPrefix(line, "! "):
			e.known = append(e.known, line[2:])
		case e.text == "":
			e.line, e.text = n, line
		default:
			e.text += "\n" + line
		}
	}
	flush()
	if err := s.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

func check(t *testing.T, file string, found func(s string) []string) {
	for _, e := range examples(t, file) {
		got := found(e.text)
		if len(e.known) > 0 {
			if cmp.Equal(e.known, got) {
				t.Errorf("%s:%d: a known failure comes right: put it under \"=\"", file, e.line)
			}
			continue
		}
		if e.want == nil {
			t.Errorf("%s:%d: no line that begins with \"=\"", file, e.line)
		}
		if len(e.want) == 0 && len(got) == 0 {
			continue
		}
		if d := cmp.Diff(e.want, got); d != "" {
			t.Errorf("%s:%d: %s\n-want +got\n%s", file, e.line, e.text, d)
		}
	}
}

func TestAttributions(t *testing.T) {
	r := reader(t)
	check(t, "testdata/attributions.txt", func(s string) []string {
		var got []string
		for _, a := range r.Read(text.Cut(s)).Attributions {
			var content []string
			for _, c := range a.Content {
				content = append(content, s[c.Start:c.End])
			}
			got = append(got, strings.TrimSpace(fmt.Sprintf("%s %s %s", strings.TrimPrefix(a.Evidence, "baseline/"), a.Act,
				strings.TrimSpace(s[a.Source.Start:a.Source.End]+" | "+s[a.Cue.Start:a.Cue.End]+" | "+strings.Join(content, " // ")))))
		}
		for i := range got { // an empty source and cue leave "|  |"
			got[i] = strings.ReplaceAll(got[i], "|  |", "| |")
		}
		return got
	})
}

func TestNames(t *testing.T) {
	kinds := map[reading.Kind]string{reading.Person: "person", reading.Place: "place", reading.Organization: "organization", reading.Nationality: "nationality", reading.Other: "other"}
	r := reader(t)
	check(t, "testdata/names.txt", func(s string) []string {
		var got []string
		for _, n := range r.Read(text.Cut(s)).Names {
			got = append(got, kinds[n.Kind]+" "+s[n.Start:n.End])
		}
		if got == nil {
			return nil
		}
		return []string{strings.Join(got, "; ")}
	})
}

// Each rule finds its own example.
func TestRuleExamples(t *testing.T) {
	r := reader(t)
	for _, rule := range verbRules() {
		found := false
		for _, a := range r.Read(text.Cut(rule.doc)).Attributions {
			found = found || a.Evidence == "baseline/"+rule.name
		}
		if !found {
			t.Errorf("rule %s does not find its example %s", rule.name, rule.doc)
		}
	}
}

func TestInflection(t *testing.T) {
	verbs, err := parseVerbs("v", "say\tspeech\tclause,quote\tsaid\nadmit\tspeech\tthat\tadmitted,admitting\ndeny\tspeech\tclause\nstress\tspeech\tquote\nread\tspeech\tquote\tread\nfind\tthought\tthat\tfound\nfound\tthought\tthat\n")
	if err != nil {
		t.Fatal(err)
	}
	for w, want := range map[string]form{"say": base, "says": third, "said": past, "saying": gerund, "admitted": past, "admitting": gerund, "denies": third, "denied": past, "denying": gerund, "stresses": third, "read": base, "reads": third} {
		if got, ok := verbs[w]; !ok || got.form != want {
			t.Errorf("%s: form %d %v, want %d", w, got.form, ok, want)
		}
	}
	for _, w := range []string{"sayed", "admited", "admiting", "readed"} {
		if _, ok := verbs[w]; ok {
			t.Errorf("%s is no form of any verb", w)
		}
	}
	if verbs["found"].lemma != "find" {
		t.Errorf("found is of %q", verbs["found"].lemma)
	}
}

func TestBrokenListsAreRefused(t *testing.T) {
	for _, c := range []struct {
		parse func() error
		want  string
	}{
		{func() error { _, err := parseVerbs("verbs.txt", "# v\nsay\tshout\tquote\n"); return err }, `verbs.txt:2: "shout" is neither speech nor thought`},
		{func() error { _, err := parseVerbs("verbs.txt", "say\tspeech\tsong\n"); return err }, `verbs.txt:1: "song" is no frame`},
		{func() error { _, err := parseVerbs("verbs.txt", "say\tspeech\tp:\n"); return err }, `verbs.txt:1: "p:" is no frame`},
		{func() error { _, err := parseVerbs("verbs.txt", "say\n"); return err }, `verbs.txt:1: "say" has 0 values, not 2 to 3`},
		{func() error { _, err := parseNouns("nouns.txt", "claim\tspeech\tverb\n"); return err }, `nouns.txt:1: "verb" is neither noun nor adjective`},
		{func() error { _, err := parseNouns("nouns.txt", "claim\tnoise\tnoun\n"); return err }, `nouns.txt:1: "noise" is neither speech nor thought`},
		{func() error { _, err := parseNameWords("namewords.txt", "river\twater\n"); return err }, `namewords.txt:1: "water" is neither org, place nor other`},
		{func() error { _, err := parseSet("orgs.txt", "un\nun\n"); return err }, `orgs.txt:2: "un" stands already in line 1`},
	} {
		if err := c.parse(); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}
