package baseline

import (
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/jdkato/prose/v2"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// article is some 150 words in the manner of news.
const article = `Harbour town votes to keep its ferry

LARVIK — The council of a small harbour town voted on Monday to keep its ferry, although a new bridge was opened last spring. Mayor Ana Lind said the ferry was “part of who we are” and promised to find the money.

“We built the bridge for lorries,” Lind told reporters after the vote. “Nobody wanted it to replace the boat.”

Jonas Berg, a farmer who has used the ferry for forty years, called the decision a relief. The ferry carried 52,000 passengers last year, according to the transport ministry in Oslo.

Opponents argued that the money was needed elsewhere. “It is a museum piece,” said Karl Holm, a former finance director of the Larvik Shipping Company, adding that two schools still lack heating.

The Norwegian government has not commented. A spokesman for the Ministry of Transport said on Tuesday that it would study the plan, which Lind hopes to present in June.
`

// wellFormed checks what a reading promises of its spans.
func wellFormed(d *text.Doc, r reading.Reading) error {
	inside := func(what string, s text.Span) error {
		if s.Start < 0 || s.End > len(d.Text) || s.Start >= s.End {
			return fmt.Errorf("%s %v is no span of %d bytes", what, s, len(d.Text))
		}
		for _, o := range []int{s.Start, s.End} {
			if o < len(d.Text) && utf8.ValidString(d.Text) && !utf8.RuneStart(d.Text[o]) {
				return fmt.Errorf("%s %v begins or ends inside a code point", what, s)
			}
		}
		return nil
	}
	at := 0
	for _, n := range r.Names {
		if err := inside("name", n.Span); err != nil {
			return err
		}
		if n.Start < at {
			return fmt.Errorf("name %v overlaps the one before, or is out of order", n.Span)
		}
		at = n.End
		if n.Confidence < 0 || n.Confidence > 1 {
			return fmt.Errorf("name %v has confidence %v", n.Span, n.Confidence)
		}
	}
	first := 0
	for _, a := range r.Attributions {
		if len(a.Content) == 0 {
			return fmt.Errorf("%s without content", a.Evidence)
		}
		if a.Content[0].Start < first {
			return fmt.Errorf("%s at %d is out of order", a.Evidence, a.Content[0].Start)
		}
		first = a.Content[0].Start
		at := 0
		for _, c := range a.Content {
			if err := inside(a.Evidence+" content", c); err != nil {
				return err
			}
			if c.Start < at {
				return fmt.Errorf("%s: contents overlap or are out of order: %v", a.Evidence, a.Content)
			}
			at = c.End
			if !a.Cue.Empty() && a.Cue.Overlaps(c) {
				return fmt.Errorf("%s: cue %v inside content %v", a.Evidence, a.Cue, c)
			}
		}
		for what, s := range map[string]text.Span{"cue": a.Cue, "source": a.Source} {
			if s != (text.Span{}) {
				if err := inside(a.Evidence+" "+what, s); err != nil {
					return err
				}
			}
		}
		if a.Act != schema.Speech && a.Act != schema.Thought {
			return fmt.Errorf("%s: act %q", a.Evidence, a.Act)
		}
		if !strings.HasPrefix(a.Evidence, "baseline/") || a.Confidence <= 0 || a.Confidence > 1 {
			return fmt.Errorf("evidence %q, confidence %v", a.Evidence, a.Confidence)
		}
	}
	return nil
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

var hostile = map[string]string{
	"empty":              "",
	"space":              " \n\t\n ",
	"nul":                "Berg said\x00 “yes\x00 it is so,” he said.\x00",
	"marks only":         `"“”''` + "``«»„",
	"one quote":          `"`,
	"cue only":           "said",
	"cue and colon":      "said:",
	"colon":              ":\n:\n“",
	"according":          "according to",
	"according comma":    "According to, said.",
	"that":               "said that",
	"unclosed":           "Berg said: “We will never",
	"all cues":           "said says saying told tells adding according to that whether",
	"quotes back":        "” said Berg “ said ” , said , “ said",
	"nested":             "“‘“‘“‘ he said ’”’”’”",
	"broken":             "\xff\xfe Berg \xc3 said \x80 “\xe2\x80 yes”",
	"only punctuation":   ",,,,,:::;;;---———((()))",
	"commas and names":   "Lind, Berg, Holm, Lind, said, said, said, Berg, said",
	"title at end":       "former President",
	"of at end":          "Bank of",
	"hyphens":            "- -- --- Lind- -Berg front-",
	"brackets":           "[[[ Lind said ]]] (((",
	"cue at paragraph":   "Berg said\n“Yes we can do it,”\nsaid\nBerg\n:\n“No we can not do it.”",
	"crlf":               "Berg said:\r\n“Yes.”\r\n\r\n“No, it is not so at all.”\r\n",
	"who":                "who said who said who said that who said",
	"right to left":      "قال «هذا» Berg said «yes»",
	"lower case lengths": "İİİ said ẞẞẞ that ȺȺȺ ran",
}

func TestHostile(t *testing.T) {
	r := reader(t)
	for name, s := range hostile {
		d := text.Cut(s)
		if err := wellFormed(d, r.Read(d)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
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

func TestConcurrent(t *testing.T) {
	r := reader(t)
	d := text.Cut(article)
	want := r.Read(d)
	if len(want.Names) == 0 || len(want.Attributions) == 0 {
		t.Fatal("nothing found in the article")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 3 {
				if d := cmp.Diff(want, r.Read(text.Cut(article))); d != "" {
					t.Error(d)
				}
			}
		})
	}
	wg.Wait()
}

func FuzzRead(f *testing.F) {
	debug.SetGCPercent(400)
	for _, s := range hostile {
		f.Add(s)
	}
	f.Add(article)
	r, err := shared()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := text.Cut(s)
		if err := wellFormed(d, r.Read(d)); err != nil {
			t.Fatal(err)
		}
	})
}
