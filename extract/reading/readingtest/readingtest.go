// Package readingtest holds readers to what every reading promises ([TestReader], [FuzzReader], [Check]), and makes readings
// out of marked-up texts ([Parse]), so that what follows a reader can be tested without one.
package readingtest

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// Article is some 150 words in the manner of news: every reader finds names and attributions in it.
const Article = `Harbour town votes to keep its ferry

LARVIK — The council of a small harbour town voted on Monday to keep its ferry, although a new bridge was opened last spring. Mayor Ana Lind said the ferry was “part of who we are” and promised to find the money.

“We built the bridge for lorries,” Lind told reporters after the vote. “Nobody wanted it to replace the boat.”

Jonas Berg, a farmer who has used the ferry for forty years, called the decision a relief. The ferry carried 52,000 passengers last year, according to the transport ministry in Oslo.

Opponents argued that the money was needed elsewhere. “It is a museum piece,” said Karl Holm, a former finance director of the Larvik Shipping Company, adding that two schools still lack heating.

The Norwegian government has not commented. A spokesman for the Ministry of Transport said on Tuesday that it would study the plan, which Lind hopes to present in June.
`

// hostile are texts that no newspaper prints and that arrive all the same.
var hostile = map[string]string{
	"empty":              "",
	"white space":        " \n\t\n ",
	"nul":                "Berg said\x00 “yes\x00 it is so,” he said.\x00",
	"marks only":         `"“”''` + "``«»„",
	"one mark":           `"`,
	"cue only":           "said",
	"cue and colon":      "said:",
	"colon":              ":\n:\n“",
	"according":          "according to",
	"according, said":    "According to, said.",
	"that":               "said that",
	"unclosed":           "Berg said: “We will never",
	"cues":               "said says saying told tells adding according to that whether",
	"marks backwards":    "” said Berg “ said ” , said , “ said",
	"nested":             "“‘“‘“‘ he said ’”’”’”",
	"bad bytes":          "\xff\xfe Berg \xc3 said \x80 “\xe2\x80 yes”",
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
	"long word":          strings.Repeat("a", 50_000) + " said so.",
	"long sentence":      strings.Repeat("word ", 5_000),
	"open marks":         strings.Repeat("“He said ", 1_000),
	"marks":              strings.Repeat(`"`, 5_000),
	"emoji":              strings.Repeat("👩‍👩‍👧 said 🎉 ", 300),
	"headlines":          strings.Repeat("Mayor: no\n", 800),
}

// TestReader reads hostile texts, and one by several goroutines at once. Read must be total, deterministic and safe for concurrent
// use, and its readings must pass Check.
func TestReader(t *testing.T, read func(*text.Doc) reading.Reading) {
	for _, name := range slices.Sorted(maps.Keys(hostile)) {
		t.Run(name, func(t *testing.T) {
			d := text.Cut(hostile[name])
			if err := Check(d, read(d)); err != nil {
				t.Error(err)
			}
		})
	}
	t.Run("at once", func(t *testing.T) {
		d := text.Cut(Article)
		want := read(d)
		if err := Check(d, want); err != nil {
			t.Error(err)
		}
		if len(want.Names) == 0 || len(want.Attributions) == 0 {
			t.Fatalf("%d names and %d attributions in the article: nothing to compare", len(want.Names), len(want.Attributions))
		}
		var wait sync.WaitGroup
		for range 4 {
			wait.Go(func() {
				for range 3 {
					if diff := cmp.Diff(want, read(text.Cut(Article))); diff != "" {
						t.Error(diff)
					}
				}
			})
		}
		wait.Wait()
	})
}

// FuzzReader fuzzes a reader with texts of up to 4,000 bytes: see TestReader.
func FuzzReader(f *testing.F, read func(*text.Doc) reading.Reading) {
	const longest = 4000
	for _, s := range hostile {
		if len(s) < 1000 {
			f.Add(s)
		}
	}
	f.Add(Article)
	f.Fuzz(func(t *testing.T, s string) {
		if len(s) > longest {
			t.Skip()
		}
		d := text.Cut(s)
		if err := Check(d, read(d)); err != nil {
			t.Fatal(err)
		}
	})
}

// Check says what of a reading's promises is broken, see [reading.Reading].
func Check(d *text.Doc, r reading.Reading) error {
	valid := utf8.ValidString(d.Text)
	inText := func(what string, s text.Span) error {
		if s.Start < 0 || s.End > len(d.Text) || s.Start >= s.End {
			return fmt.Errorf("%s %v is no span of %d bytes", what, s, len(d.Text))
		}
		for _, o := range []int{s.Start, s.End} {
			if valid && o < len(d.Text) && !utf8.RuneStart(d.Text[o]) {
				return fmt.Errorf("%s %v begins or ends inside a code point", what, s)
			}
		}
		return nil
	}
	at := 0
	for _, n := range r.Names {
		if err := inText("name", n.Span); err != nil {
			return err
		}
		if n.Start < at {
			return fmt.Errorf("name %v overlaps the one before, or is out of order", n.Span)
		}
		at = n.End
		if n.Kind > reading.Other || !(n.Confidence >= 0 && n.Confidence <= 1) {
			return fmt.Errorf("name %v is of kind %d with confidence %v", n.Span, n.Kind, n.Confidence)
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
			if err := inText(a.Evidence+" content", c); err != nil {
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
				if err := inText(a.Evidence+" "+what, s); err != nil {
					return err
				}
			}
		}
		if a.Act != schema.Speech && a.Act != schema.Thought {
			return fmt.Errorf("%s: act %q", a.Evidence, a.Act)
		}
		if !(a.Confidence >= 0 && a.Confidence <= 1) || a.Evidence == "" {
			return fmt.Errorf("confidence %v, evidence %q", a.Confidence, a.Evidence)
		}
	}
	return nil
}
