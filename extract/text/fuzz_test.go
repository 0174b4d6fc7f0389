package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

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
	covered := make([]int, len(d.Tokens)+1)
	for _, q := range d.Quotations {
		for _, p := range q.Parts {
			first, last := d.TokensIn(p)
			covered[first]++
			covered[last]--
		}
	}
	for i, tok := range d.Tokens {
		covered[i+1] += covered[i]
		switch {
		case covered[i] == 0 && tok.Quotation != -1, covered[i] > 0 && d.Quotations[tok.Quotation].Depth != covered[i]-1:
			t.Fatalf("token %d lies in %d quotations, but says %d", i, covered[i], tok.Quotation)
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
		twice := Cut(s + "\n" + s)
		if len(twice.Tokens) != 2*len(d.Tokens) {
			t.Fatalf("%d tokens, but %d when the text comes twice", len(d.Tokens), len(twice.Tokens))
		}
		for i, tok := range d.Tokens {
			shift := len(s) + 1
			a, b := twice.Tokens[i], twice.Tokens[i+len(d.Tokens)]
			if a.Span != tok.Span || b.Span != (Span{tok.Start + shift, tok.End + shift}) {
				t.Fatalf("token %d: %v, but %v and %v when the text comes twice", i, tok.Span, a.Span, b.Span)
			}
		}
	})
}
