package text

import (
	"strings"
	"testing"
	"unicode/utf8"

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

// quotationsOf shows the quotations of s in brackets: ⟦ ⟧ at depth 0, ⟨ ⟩ deeper, … where the closing mark is missing, and + where
// a part goes on with the quotation of the paragraph before.
func quotationsOf(s string) string {
	d := Cut(s)
	opens, closes := make(map[int]string), make(map[int]string)
	for _, q := range d.Quotations {
		l, r := "⟦", "⟧"
		if q.Depth > 0 {
			l, r = "⟨", "⟩"
		}
		for i, p := range q.Parts {
			last := i == len(q.Parts)-1
			if i > 0 {
				opens[p.Start] += l + "+"
			} else {
				opens[p.Start] += l
			}
			if last && q.Unclosed {
				closes[p.End] = "…" + r + closes[p.End]
			} else {
				closes[p.End] = r + closes[p.End]
			}
		}
	}
	var b strings.Builder
	for i := 0; i <= len(s); i++ {
		b.WriteString(closes[i] + opens[i])
		if i < len(s) {
			b.WriteByte(s[i])
		}
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
		{"“One, he said. “Two,” she said.", "“One, he said. ⟦“Two,”⟧ she said."},
		{"said—\"yes\"—and (“no”) a **\"b\"** so-called 'c'-d", "said—⟦\"yes\"⟧—and (⟦“no”⟧) a **⟦\"b\"⟧** so-called ⟦'c'⟧-d"},
		{"\" a b \" c", "⟦\" a b \"⟧ c"},
		{"“", "“"},
		{"\xff“\xff”", "\xff⟦“\xff”⟧"},
	} {
		if diff := cmp.Diff(tt.want, quotationsOf(tt.text)); diff != "" {
			t.Errorf("%q: (-want +got)\n%s", tt.text, diff)
		}
	}
}

// checkDoc verifies what holds for the cut of any text.
func checkDoc(t *testing.T, d *Doc) {
	t.Helper()
	boundary := make([]bool, len(d.Text)+1)
	points := make([]int, len(d.Text)+1)
	n := 0
	for i := range d.Text {
		boundary[i] = true
		n++
		points[i+1] = n
	}
	boundary[len(d.Text)] = true
	for i := 1; i <= len(d.Text); i++ {
		points[i] = max(points[i], points[i-1])
	}
	for i := 0; i <= len(d.Text); i++ {
		if got := d.CodePoint(i); got != points[i] {
			t.Fatalf("CodePoint(%d) = %d, want %d", i, got, points[i])
		}
		if boundary[i] && d.ByteOffset(points[i]) != i {
			t.Fatalf("ByteOffset(%d) = %d, want %d", points[i], d.ByteOffset(points[i]), i)
		}
	}
	good := func(what string, s Span) {
		t.Helper()
		if s.Start < 0 || s.End > len(d.Text) || s.Empty() || !boundary[s.Start] || !boundary[s.End] {
			t.Fatalf("%s %v: empty, outside, or inside a code point", what, s)
		}
	}
	blank := func(from, to int) {
		t.Helper()
		for i := from; i < to; {
			_, size, k := at(d.Text, i)
			if k != space {
				t.Fatalf("%q at %d lies in no token", d.Text[i:i+size], i)
			}
			i += size
		}
	}
	end := 0
	for i, tok := range d.Tokens {
		good("token", tok.Span)
		if tok.Start < end {
			t.Fatalf("token %d overlaps the one before", i)
		}
		blank(end, tok.Start)
		end = tok.End
		if d.TokenAt(tok.Start) != i || d.TokenAt(tok.End-1) != i {
			t.Fatalf("TokenAt does not find token %d", i)
		}
		s := d.Sentences[tok.Sentence]
		if i < s.First || i >= s.Last || !s.Contains(tok.Span) {
			t.Fatalf("token %d lies outside its sentence", i)
		}
		if _, _, k := at(d.Text, tok.Start); k == space {
			t.Fatalf("token %d begins with white space", i)
		}
	}
	blank(end, len(d.Text))
	next := 0
	for i, s := range d.Sentences {
		if s.First != next || s.Last <= s.First {
			t.Fatalf("sentence %d: tokens [%d,%d), want from %d", i, s.First, s.Last, next)
		}
		next = s.Last
		if s.Span != d.TokenSpan(s.First, s.Last) {
			t.Fatalf("sentence %d: span %v", i, s.Span)
		}
		if p := d.Paragraphs[s.Paragraph]; i < p.First || i >= p.Last || !p.Contains(s.Span) {
			t.Fatalf("sentence %d lies outside its paragraph", i)
		}
	}
	if next != len(d.Tokens) {
		t.Fatalf("%d of %d tokens in sentences", next, len(d.Tokens))
	}
	next = 0
	for i, p := range d.Paragraphs {
		if p.First != next || p.Last <= p.First {
			t.Fatalf("paragraph %d: sentences [%d,%d), want from %d", i, p.First, p.Last, next)
		}
		next = p.Last
		if p.Start != d.Sentences[p.First].Start || p.End != d.Sentences[p.Last-1].End {
			t.Fatalf("paragraph %d: span %v", i, p.Span)
		}
		if strings.ContainsAny(d.Slice(p.Span), "\n\r\v\f\u0085\u2028\u2029") && utf8.ValidString(d.Text) {
			t.Fatalf("paragraph %d holds a line break", i)
		}
	}
	if next != len(d.Sentences) {
		t.Fatalf("%d of %d sentences in paragraphs", next, len(d.Sentences))
	}
	opening, closing := 0, 0
	for _, tok := range d.Tokens {
		switch tok.Class {
		case OpenQuote:
			opening++
		case CloseQuote:
			closing++
		}
	}
	for i, q := range d.Quotations {
		if len(q.Parts) == 0 || q.Depth < 0 {
			t.Fatalf("quotation %d: %+v", i, q)
		}
		if i > 0 && q.Parts[0].Start <= d.Quotations[i-1].Parts[0].Start {
			t.Fatalf("quotation %d is out of order", i)
		}
		for j, p := range q.Parts {
			good("part", p)
			first, last := d.TokensIn(p)
			switch {
			case d.TokenSpan(first, last) != p:
				t.Fatalf("quotation %d: part %d: %v ends inside a token", i, j, p)
			case d.Tokens[first].Class == OpenQuote && int(d.Tokens[first].Quotation) == i:
				opening--
			case j == 0 || p.Start != d.Paragraphs[d.Sentences[d.Tokens[first].Sentence].Paragraph].Start:
				t.Fatalf("quotation %d: part %d: %v does not begin with a mark", i, j, p)
			}
			a, b := d.Sentences[d.Tokens[first].Sentence].Paragraph, d.Sentences[d.Tokens[last-1].Sentence].Paragraph
			if a != b {
				t.Fatalf("quotation %d: part %d crosses a paragraph", i, j)
			}
			if j < len(q.Parts)-1 || q.Unclosed {
				if p.End != d.Paragraphs[a].End {
					t.Fatalf("quotation %d: part %d ends neither with a mark nor with its paragraph", i, j)
				}
			} else {
				closing--
				if d.Tokens[last-1].Class != CloseQuote {
					t.Fatalf("quotation %d does not end with a mark", i)
				}
			}
		}
	}
	if opening != 0 || closing != 0 {
		t.Fatalf("%d opening and %d closing marks without quotation", opening, closing)
	}
	depth := make([]int, len(d.Tokens))
	for _, q := range d.Quotations {
		for _, p := range q.Parts {
			first, last := d.TokensIn(p)
			if depth[first] != q.Depth || depth[last-1] != q.Depth {
				t.Fatalf("quotation %+v lies at depth %d to %d", q, depth[first], depth[last-1])
			}
			for k := first; k < last && len(d.Tokens) < 10_000; k++ {
				depth[k]++
			}
		}
	}
}

func FuzzCut(f *testing.F) {
	for _, s := range []string{
		"", "\xff\xff's", "ȺȺȺ's", "'m", "n't", "\x93It\x94's", "A.A.A. B... C", "“a\n“b\n“‘c\n“‘d’”", "a@b.co a.b@c.de", "«»‹›„“‚‘''``\"'",
		"\u2028\u2029\u0085\u00a0\ufeff", "👩‍👩‍👧🏽🇫🇮🇫", "6'2\" 12\"", "http://x.y/(a)). www.a.b", "'a.\n'b.\n", "! ! ! ( . ( .",
		"\"Yes,\" she said. \"'No' and 'yes,'\" he said—'so' \"it goes",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := Cut(s)
		checkDoc(t, d)
		// Text that follows on a line of its own changes nothing before it, unless a quotation goes on.
		if e := Cut(s + "\nNext."); len(e.Tokens) != len(d.Tokens)+3-1 && !strings.HasSuffix(s, "\r") {
			t.Fatalf("%d tokens, %d with two more", len(d.Tokens), len(e.Tokens))
		}
	})
}
