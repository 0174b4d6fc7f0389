package text

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tokensOf shows the tokens of s: "Anna|'s|car".
func tokensOf(s string) string {
	d := Cut(s)
	words := make([]string, len(d.Tokens))
	for i := range d.Tokens {
		words[i] = d.TokenText(i)
	}
	return strings.Join(words, "|")
}

// sentencesOf shows the sentences of s, each on a line, and an empty line between paragraphs.
func sentencesOf(s string) string {
	d := Cut(s)
	var b strings.Builder
	for i, x := range d.Sentences {
		switch {
		case i == 0:
		case x.Paragraph != d.Sentences[i-1].Paragraph:
			b.WriteString("¶")
		default:
			b.WriteString("⏎")
		}
		b.WriteString(d.Slice(x.Span))
	}
	return b.String()
}

// quotationsOf shows the quotations of s in brackets: ⟦ ⟧ at depth 0, ⟨ ⟩ deeper, … where the closing mark is missing,
// and + where a part goes on with the quotation of the paragraph before. With lines, it writes a line a sentence and an empty
// line after each paragraph.
func quotationsOf(s string, lines bool) string {
	d := Cut(s)
	opens, closes := make(map[int]string), make(map[int]string)
	for _, q := range d.Quotations {
		l, r := "⟦", "⟧"
		if q.Depth > 0 {
			l, r = "⟨", "⟩"
		}
		for i, p := range q.Parts {
			opens[p.Start] += l
			if i > 0 {
				opens[p.Start] += "+"
			}
			if i == len(q.Parts)-1 && q.Unclosed {
				r = "…" + r
			}
			closes[p.End] = r + closes[p.End]
		}
	}
	var b strings.Builder
	show := func(from, to int) {
		for i := from; i <= to; i++ {
			if i > from || !lines {
				b.WriteString(closes[i])
			}
			if i < to || !lines {
				b.WriteString(opens[i])
			}
			if i < to {
				b.WriteByte(s[i])
			}
		}
	}
	if !lines {
		show(0, len(s))
		return b.String()
	}
	for _, p := range d.Paragraphs {
		for _, x := range d.Sentences[p.First:p.Last] {
			show(x.Start, x.End)
			b.WriteByte('\n')
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestTokens(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"", ""},
		{" \t\u00a0\n", ""},
		{"Anna's car won't start.", "Anna|'s|car|wo|n't|start|."},
		{"They’ve said it’ll rain, hasn’t it?", "They|’ve|said|it|’ll|rain|,|has|n’t|it|?"},
		{"the dogs' bowl", "the|dogs|'|bowl"},
		{"the U.N.'s 1990's and the BBC’s", "the|U.N.|'s|1990|'s|and|the|BBC|’s"},
		{"O'Neil, d’Aubigny and the Qur'an", "O'Neil|,|d’Aubigny|and|the|Qur'an"},
		{"rock 'n' roll of the ’80s, 'tis for 'em", "rock|'n'|roll|of|the|’80s|,|'tis|for|'em"},
		{"a Lima-based, 48-year-old and/or Oslo–Bergen", "a|Lima|-|based|,|48|-|year|-|old|and|/|or|Oslo|–|Bergen"},
		{"rain—and hail -- fell...", "rain|—|and|hail|--|fell|..."},
		{"Mr. J. P. Orr Jr. of St. Ives, U.S. Sen. Lee", "Mr.|J.|P.|Orr|Jr.|of|St.|Ives|,|U.S.|Sen.|Lee"},
		{"at 9 a.m. or 10p.m. in the U.S.", "at|9|a.m.|or|10p.m.|in|the|U.S."},
		{"Plan B. And so he and I. No. That is it.", "Plan|B.|And|so|he|and|I|.|No|.|That|is|it|."},
		{"No. 5 Vitamin C.", "No.|5|Vitamin|C|."},
		{"a Ph.D. from J.Doe's lab", "a|Ph.D.|from|J.|Doe|'s|lab"},
		{"$1,200.5m, 3.5% at 10:30, 1,2 and 1996-08-30", "$|1,200.5m|,|3.5|%|at|10:30|,|1|,|2|and|1996|-|08|-|30"},
		{"**Bold** text", "*|*|Bold|*|*|text"},
		{"AT&T bought S&P", "AT&T|bought|S&P"},
		{"ask jo.b-c@mail.example.org, @jo_b or #news (https://example.org/a_(b)?c=1).", "ask|jo.b-c@mail.example.org|,|@jo_b|or|#news|(|https://example.org/a_(b)?c=1|)|."},
		{"at example.com/x, www.example.hu. End.Next", "at|example.com/x|,|www.example.hu|.|End|.|Next"},
		{"👩‍👩‍👧🏽!🇫🇮🇸🇪 ❤️ 1️⃣", "👩‍👩‍👧🏽|!|🇫🇮|🇸🇪|❤️|1️⃣"},
		{"cafe\u0301 na\u00adive", "cafe\u0301|na\u00adive"},
		{"\xffa\xc3\x00b", "\xff|a|\xc3|\x00|b"},
		{"``Yes,'' she said", "``|Yes|,|''|she|said"},
		{"do n't Anna 's", "do|n't|Anna|'s"},
		{"他说：“好。”", "他|说|：|“|好|。|”"},
	} {
		if diff := cmp.Diff(tt.want, tokensOf(tt.text)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.text, diff)
		}
	}
}

func TestSentences(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Rain fell. Roads closed! Why? Nobody knew…", "Rain fell.⏎Roads closed!⏎Why?⏎Nobody knew…"},
		{"“Will it rain?” he asked. “Yes!” she cried.", "“Will it rain?” he asked.⏎“Yes!” she cried."},
		{"\"It rains.\" Then it stopped.", "\"It rains.\"⏎Then it stopped."},
		{"(It rained.) He left (see p. 5.) early.", "(It rained.)⏎He left (see p. 5.) early."},
		{"Dr. Orr met Sen. Lee on Oct. 3 at 10 a.m. Monday.", "Dr. Orr met Sen. Lee on Oct. 3 at 10 a.m. Monday."},
		{"She works for Orr Inc. The firm is small. It left the U.S. In May it came back.", "She works for Orr Inc.⏎The firm is small.⏎It left the U.S.⏎In May it came back."},
		{"U.S. President Lee met J. R. Orr.", "U.S. President Lee met J. R. Orr."},
		{"Rule No. 5 fell. No. 6 stands.", "Rule No. 5 fell.⏎No. 6 stands."},
		{"A headline without stop\n\nFirst line. Second\r\n- a bullet\u20281. One", "A headline without stop¶First line.⏎Second¶- a bullet¶1. One"},
		{"I was... going home. Well... Yes.", "I was... going home.⏎Well...⏎Yes."},
		{"BERGEN, N.J. – The mayor left. No one saw – or heard? – Ann.", "BERGEN, N.J. – The mayor left.⏎No one saw – or heard? – Ann."},
		{"“Why?” Ann Orr asked. “Why?” Ann Orr left.", "“Why?” Ann Orr asked.⏎“Why?”⏎Ann Orr left."},
		{"The bank (ORRb.N) fell. so did .ORR and Yahoo! as well.[3] So.", "The bank (ORRb.N) fell.⏎so did .ORR and Yahoo! as well.[3]⏎So."},
		{"He won.*Then* he lost.", "He won.⏎*Then* he lost."},
		{"He won.** Then he lost.", "He won.**⏎Then he lost."},
		{"It grew by 3.5 percent.Then it fell.", "It grew by 3.5 percent.⏎Then it fell."},
		{"他说好。她来了。", "他说好。⏎她来了。"},
	} {
		if diff := cmp.Diff(tt.want, sentencesOf(tt.text)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.text, diff)
		}
	}
}

func TestQuotations(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"“Yes,” she said.", "⟦“Yes,”⟧ she said."},
		{"\"Yes,\" she said, \"no.\"", "⟦\"Yes,\"⟧ she said, ⟦\"no.\"⟧"},
		{"‘Yes,’ she said. ‘It’s Ann’s dogs’ bowl.’", "⟦‘Yes,’⟧ she said. ⟦‘It’s Ann’s dogs’ bowl.’⟧"},
		{"'Yes,' she said. 'The dogs' bowl and rock 'n' roll.'", "⟦'Yes,'⟧ she said. ⟦'The dogs' bowl and rock 'n' roll.'⟧"},
		{"the dogs' bowl, the '90s and 'em, O'Neil's", "the dogs' bowl, the '90s and 'em, O'Neil's"},
		{"«Oui», dit-il. « Non », »Ja«, „Nein“, „Igen”, ”Joo”, »Kyllä»", "⟦«Oui»⟧, dit-il. ⟦« Non »⟧, ⟦»Ja«⟧, ⟦„Nein“⟧, ⟦„Igen”⟧, ⟦”Joo”⟧, ⟦»Kyllä»⟧"},
		{"‚Nein‘, 「はい」, ``So,'' ''Wiki'' and `so'", "⟦‚Nein‘⟧, ⟦「はい」⟧, ⟦``So,''⟧ ⟦''Wiki''⟧ and ⟦`so'⟧"},
		{"“He said ‘no “way” out’ to me,” she said.", "⟦“He said ⟨‘no ⟨“way”⟩ out’⟩ to me,”⟧ she said."},
		{"\"'Go,' he said to me.\" \"He said 'go.'\"", "⟦\"⟨'Go,'⟩ he said to me.\"⟧ ⟦\"He said ⟨'go.'⟩\"⟧"},
		{"He said “no and left.\nNext.", "He said ⟦“no and left.…⟧\nNext."},
		{"“One.\n\n“Two.\n\n“Three,” he said.", "⟦“One.⟧\n\n⟦+“Two.⟧\n\n⟦+“Three,”⟧ he said."},
		{"'One.\n'Two,' he said.", "⟦'One.⟧\n⟦+'Two,'⟧ he said."},
		{"“‘One.\n“‘Two,’ ” he said.", "⟦“⟨‘One.⟩⟧\n⟦+“⟨+‘Two,’⟩ ”⟧ he said."},
		{"“One.\nTwo,” he said. “Three.”", "⟦“One.⟧\n⟦+Two,”⟧ he said. ⟦“Three.”⟧"},
		{"\"One.\nTwo.\nThree,\" he said.", "⟦\"One.⟧\n⟦+Two.⟧\n⟦+Three,\"⟧ he said."},
		{"''I heard 'no,''' she said. '''Yes' is better.''", "⟦''I heard ⟨'no,'⟩''⟧ she said. ⟦''⟨'Yes'⟩ is better.''⟧"},
		{"He is 6'2\" tall and said \"hi\" to me.\" So", "He is 6'2\" tall and said ⟦\"hi\"⟧ to me.\" So"},
		{"“He is 6’2”,” she said.", "⟦“He is 6’2”,”⟧ she said."},
		{"“One, he said. “Two,” she said.", "“One, he said. ⟦“Two,”⟧ she said."},
		{"said—\"yes\"—and (“no”) a **\"b\"** so-called 'c'-d", "said—⟦\"yes\"⟧—and (⟦“no”⟧) a **⟦\"b\"⟧** so-called ⟦'c'⟧-d"},
		{"\" a b \" c", "⟦\" a b \"⟧ c"},
		{"“", "“"},
		{"\xff“\xff”", "\xff⟦“\xff”⟧"},
	} {
		if diff := cmp.Diff(tt.want, quotationsOf(tt.text, false)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.text, diff)
		}
	}
}

func TestSpans(t *testing.T) {
	d := Cut("Über “Ann Orr”\xff, so")
	for _, tt := range []struct{ byte, point int }{{-1, 0}, {0, 0}, {1, 1}, {2, 1}, {5, 4}, {6, 5}, {9, 6}, {19, 14}, {20, 15}, {24, 19}, {99, 19}} {
		if got := d.CodePoint(tt.byte); got != tt.point {
			t.Errorf("CodePoint(%d) = %d, want %d", tt.byte, got, tt.point)
		}
	}
	for _, tt := range []struct{ point, byte int }{{-1, 0}, {1, 2}, {5, 6}, {6, 9}, {14, 19}, {15, 20}, {19, 24}, {99, 24}} {
		if got := d.ByteOffset(tt.point); got != tt.byte {
			t.Errorf("ByteOffset(%d) = %d, want %d", tt.point, got, tt.byte)
		}
	}
	for _, tt := range []struct {
		span        Span
		first, last int
	}{{Span{0, 24}, 0, 8}, {Span{5, 6}, 1, 1}, {Span{7, 10}, 1, 3}, {Span{23, 40}, 7, 8}, {Span{30, 40}, 8, 8}, {Span{0, 0}, 0, 0}} {
		if first, last := d.TokensIn(tt.span); first != tt.first || last != tt.last {
			t.Errorf("TokensIn(%v) = %d, %d, want %d, %d in %s", tt.span, first, last, tt.first, tt.last, tokensOf(d.Text))
		}
	}
	if got := d.TokenAt(5); got != -1 {
		t.Errorf("TokenAt a space = %d", got)
	}
}

func TestTrim(t *testing.T) {
	d := Cut(" \u00a0Über  é\n")
	for _, c := range []struct {
		in   Span
		want string
	}{
		{Span{0, len(d.Text)}, "Über  é"},
		{Span{-5, 1000}, "Über  é"},
		{Span{1, 4}, ""},      // a no-break space and half of the Ü
		{Span{4, 9}, "ber"},   // from the second byte of the Ü
		{Span{3, 11}, "Über"}, // to the first byte of the é
		{Span{0, 3}, ""},      // white space
		{Span{8, 2}, ""},      // the wrong way round
		{Span{500, 600}, ""},  // beyond the text
	} {
		got := d.Trim(c.in)
		if got.Start < 0 || got.End > len(d.Text) || d.Slice(got) != c.want {
			t.Errorf("Trim(%v) = %v, want %q", c.in, got, c.want)
		}
	}
}

func TestClasses(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"Ann 52 1,200.5 G20 U.S. @ann", "Ann=Word 52=Number 1,200.5=Number G20=Word U.S.=Word @ann=Word"},
		{"'s n't $ % — * \x00", "'s=Clitic n't=Clitic $=Symbol %=Symbol —=Punct *=Symbol \x00=Symbol"},
		{"“a” b” dogs' x'", "“=Open a=Word ”=Close b=Word ”=Stray dogs=Word '=Clitic x=Word '=Clitic"},
	} {
		d := Cut(tt.text)
		var got []string
		for i, tok := range d.Tokens {
			got = append(got, d.TokenText(i)+"="+[]string{"Word", "Number", "Clitic", "Punct", "Symbol", "Open", "Close", "Stray"}[tok.Class])
		}
		if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.text, diff)
		}
	}
}

// TestHostile cuts what nobody writes; BenchmarkCut shows that it takes no longer than prose.
func TestHostile(t *testing.T) {
	for name, unit := range hostile {
		t.Run(name, func(t *testing.T) { checkDoc(t, Cut(fill(unit, 100_000))) })
	}
	if d := Cut(strings.Repeat("“a ", 10_000)); len(d.Quotations) != 1 || !d.Quotations[0].Unclosed {
		t.Errorf("10,000 unclosed marks: %d quotations", len(d.Quotations))
	}
	if d := Cut(strings.Repeat("a", 100_000)); len(d.Tokens) != 1 {
		t.Errorf("a word of 100,000 letters: %d tokens", len(d.Tokens))
	}
}

func TestAbbreviations(t *testing.T) {
	seen := make(map[string]bool)
	for _, list := range abbreviationLists {
		for _, w := range strings.Fields(list.words) {
			if seen[w] {
				t.Errorf("%q is listed twice", w)
			}
			if len(w) > 7 {
				t.Errorf("%q is longer than abbreviationOf looks", w)
			}
			seen[w] = true
		}
	}
}

var update = flag.Bool("update", false, "rewrite the .cut files in testdata")

// TestProse cuts each testdata/NAME.txt and compares it with NAME.cut: a line a sentence, an empty line between
// paragraphs, quotations in brackets.
func TestProse(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatal("no files: ", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			checkDoc(t, Cut(string(b)))
			got := quotationsOf(string(b), true)
			golden := strings.TrimSuffix(file, ".txt") + ".cut"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}
