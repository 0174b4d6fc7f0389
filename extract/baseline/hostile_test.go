package baseline

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jdkato/prose/v2"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
)

// wellFormed checks what every reading promises, and what those of rules do.
func wellFormed(d *text.Doc, r reading.Reading) error {
	for _, a := range r.Attributions {
		if !strings.HasPrefix(a.Evidence, "baseline/") || a.Confidence == 0 {
			return fmt.Errorf("evidence %q, confidence %v", a.Evidence, a.Confidence)
		}
	}
	return readingtest.Check(d, r)
}

// What makes prose itself panic or lose text must be read like any other text.
func TestWhatProseFailsOn(t *testing.T) {
	r := reader(t)
	model := r.tagger.model
	panics := func(s string) (did bool) {
		defer func() { did = recover() != nil }()
		_, _ = prose.NewDocument(s, prose.UsingModel(model), prose.WithSegmentation(false))
		return
	}
	for _, s := range []string{
		"\xff\xff's", "\xff\xff'm", "\xff\xff'll", "\xff\xff're", "\xff\xffn't", "Ⱥ\xff's", "ȺȺȺ's", "İKẞ's", "ẞKẞ's", "İaẞn't",
		"\x93It\x94's", "\xe9t\xe9's", "\x93\x93don't", "na\xefve\xe9e's",
	} {
		d := text.Cut("Berg said " + s + " late.")
		if !panics(s) {
			t.Logf("prose no longer panics on %q", s)
		}
		if err := wellFormed(d, r.Read(d)); err != nil {
			t.Errorf("%q: %v", s, err)
		}
		for i, m := range r.tagger.tag(d) {
			if m.tag == "" {
				t.Errorf("%q: token %q has no tag", s, d.Text[d.Tokens[i].Start:d.Tokens[i].End])
			}
		}
	}
}

// Every token keeps a tag of its own: none is lost, split or shared.
func TestEachTokenIsTagged(t *testing.T) {
	r := reader(t)
	for _, s := range []string{
		"They'll, don't, Berg's. The owl's\" (Men's):9.5 'She 'Speak' ‘Menace’ 'Reuters' I'll we're I'm can't.",
		"“It is late,” he said — and left… $5 (10%) [sic] {x} **Bold** a/b x:y; z! U.S. Sen. N.Y., $100 ($5) '' `` -- -",
		"Willing—led by France—continues 'll 'll 'll 's n't.",
		"no-break\u00a0space zero\u200bwidth e\u0301 ﬁ İstanbul ẞ Ⱥ &rsquo; &amp; 😀 a\x00b",
		":) :-) (: =D ._. @_@ http://example.org/a?b=c a@b.org #tag @user",
	} {
		d := text.Cut(s)
		for i, m := range r.tagger.tag(d) {
			if m.tag == "" || m.label == "" {
				t.Errorf("%q: token %q has tag %q, label %q", s, d.Text[d.Tokens[i].Start:d.Tokens[i].End], m.tag, m.label)
			}
		}
	}
	// The same word as a noun and as a verb: prose alone gives both the last one's tag.
	d := text.Cut("The plan is that they plan to plan the plan.")
	var tags []string
	for i, m := range r.tagger.tag(d) {
		if d.Text[d.Tokens[i].Start:d.Tokens[i].End] == "plan" {
			tags = append(tags, m.tag)
		}
	}
	if d := cmp.Diff([]string{"NN", "VBP", "VB", "NN"}, tags); d != "" {
		t.Error(d)
	}
}

// Long inputs of one kind of thing. A rule that looks further than it may makes this test run for minutes.
func TestHostileAndLong(t *testing.T) {
	if testing.Short() {
		t.Skip("long inputs")
	}
	r := reader(t)
	for name, s := range map[string]string{
		"word":            strings.Repeat("a", 200_000/4),
		"capitals":        strings.Repeat("A", 200_000/4),
		"exclamations":    "Berg said" + strings.Repeat("!", 100_000/4),
		"brackets":        strings.Repeat("(", 50_000/4),
		"clitics":         strings.Repeat("it's ", 10_000/4),
		"names":           strings.Repeat("Ana Lind ", 10_000/4),
		"titles":          strings.Repeat("President ", 20_000/4),
		"commas":          strings.Repeat("Lind, ", 10_000/4),
		"said":            strings.Repeat("said ", 20_000/4),
		"he said":         strings.Repeat("he said ", 10_000/4),
		"said that":       strings.Repeat("said that ", 10_000/4),
		"of":              strings.Repeat("said Bank of the ", 8_000/4),
		"open quotes":     strings.Repeat("“", 20_000/4),
		"open, said":      strings.Repeat("“x said ", 10_000/4),
		"quoted sentence": strings.Repeat("“Yes it is so,” he said. ", 5_000/4),
		"quotes":          "Berg said: " + strings.Repeat("“Yes it is so.” ", 10_000/4),
		"quote lines":     strings.Repeat("“Yes it is so.”\n", 10_000/4),
		"open lines":      strings.Repeat("“Yes it is so.\n", 10_000/4),
		"cues then quote": strings.Repeat("he said, ", 5_000/4) + "“" + strings.Repeat("yes ", 20_000) + "”",
		"and":             "Lind said they won " + strings.Repeat("and won ", 10_000/4),
		"saying":          strings.Repeat(", saying it was so", 5_000/4),
		"according":       strings.Repeat("according to Berg, ", 8_000/4),
		"dashes":          strings.Repeat("he said — ", 8_000/4),
		"colons":          strings.Repeat("Lind: yes it is so\n", 5_000/4),
		"who":             strings.Repeat("the man who said ", 8_000/4),
	} {
		t.Run(name, func(t *testing.T) {
			d := text.Cut(s)
			if err := wellFormed(d, r.Read(d)); err != nil {
				t.Error(err)
			}
		})
	}
}

// Random texts of the words and marks that rules look for: what a fuzzer takes long to find.
func TestRandomTexts(t *testing.T) {
	r := reader(t)
	pieces := strings.Split("said says saying told according to that who which , . : ; — -- - ( ) “ ” \" ' ’ ‘ « » \n \n“ ”\n Lind Ana Lind, he she the a man of and but in on Monday May "+
		"called \"mess\" not is was has been will his 's n't think thinks plans promised denied praised claim statement confident afraid President former Sen. U.S. Russian 0 52 % $ Said Police: LIND: as if why by for with about report shows", " ")
	random := rand.New(rand.NewPCG(1, 2))
	n := 4000
	if testing.Short() {
		n = 400
	}
	for range n {
		var b strings.Builder
		for range random.IntN(40) {
			b.WriteString(pieces[random.IntN(len(pieces))])
			if random.IntN(6) > 0 {
				b.WriteByte(' ')
			}
		}
		d := text.Cut(b.String())
		if err := wellFormed(d, r.Read(d)); err != nil {
			t.Fatalf("%q: %v", b.String(), err)
		}
	}
}

func TestReader(t *testing.T) { readingtest.TestReader(t, reader(t).Read) }

func FuzzRead(f *testing.F) {
	debug.SetGCPercent(400)
	readingtest.FuzzReader(f, reader(f).Read)
}
