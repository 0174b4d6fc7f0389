package feature

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/quotewire/quotewire/extract/text"
)

func TestShape(t *testing.T) {
	for _, c := range []struct {
		token string
		class text.Class
		want  uint8
	}{
		{"paris", text.Word, shapeLower},
		{"Paris", text.Word, shapeTitle},
		{"Łódź", text.Word, shapeTitle},
		{"NATO", text.Word, shapeUpper},
		{"U.S.", text.Word, shapeUpper},
		{"J", text.Word, shapeInitial},
		{"J.", text.Word, shapeInitial},
		{"McDonald", text.Word, shapeMixed},
		{"iPhone", text.Word, shapeMixed},
		{"eBay", text.Word, shapeMixed},
		{"O'Brien", text.Word, shapeMixed},
		{"G20", text.Word, shapeDigits},
		{"52", text.Number, shapeNumber},
		{"1,200.5", text.Number, shapeNumber},
		{"’s", text.Clitic, shapeLower},
		{"東京", text.Word, shapeOther},
		{"“", text.OpenQuote, shapeOpenQuote},
		{"'", text.CloseQuote, shapeCloseQuote},
		{"'", text.StrayQuote, shapeMark},
		{",", text.Punct, shapeComma},
		{".", text.Punct, shapeStop},
		{"—", text.Punct, shapeDash},
		{"(", text.Punct, shapeMark},
		{"$", text.Symbol, shapeMark},
	} {
		if got := shape(c.token, c.class); got != c.want {
			t.Errorf("shape(%q) = %d, want %d", c.token, got, c.want)
		}
	}
}

func TestLetters(t *testing.T) {
	for _, c := range []struct {
		token string
		want  [Width]uint8
	}{
		{"Ana", [Width]uint8{'A', 'n', 'a'}},
		{"Ünal", [Width]uint8{1, 'n', 'a', 'l'}},
		{"é€", [Width]uint8{2, 3}},
		{"abcdefghijklmn", [Width]uint8{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j', 'k', 'l', 'm', 'n'}},
		{"abcdefghijklmno", [Width]uint8{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'k', 'l', 'm', 'n', 'o'}},
		{"a\xff\x00", [Width]uint8{'a', 3, 3}},
	} {
		if got := letters(c.token); got != c.want {
			t.Errorf("letters(%q) = %v, want %v", c.token, got, c.want)
		}
	}
}

func TestForm(t *testing.T) {
	for token, want := range map[string]string{
		"won’t": "won't", "“": `"`, "»": `"`, "``": `"`, "''": `"`, "‘": "'", "—": "-", "Zürich": "Zürich", "": "", "«»": `""`, "\xff’": "\uFFFD'",
	} {
		if got := Form(token); got != want {
			t.Errorf("Form(%q) = %q, want %q", token, got, want)
		}
	}
}

// Each token is followed by a slash and its value.
func TestQuote(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{`“Go,” she said.`, `“/1 Go/2 ,/2 ”/3 she/0 said/0 ./0`},
		{`“He said ‘no’ twice,” she said.`, `“/1 He/2 said/2 ‘/1 no/5 ’/3 twice/2 ,/2 ”/3 she/0 said/0 ./0`},
		{"She said: “Go home.\n\nHe left.", `She/0 said/0 :/0 “/1 Go/6 home/6 ./6 He/0 left/0 ./0`},
	} {
		d := text.Cut(c.text)
		var f Of
		f.Compute(d)
		var got []string
		for i, tok := range d.Tokens {
			got = append(got, d.Text[tok.Start:tok.End]+"/"+string('0'+rune(f.Quote[i])))
		}
		if diff := cmp.Diff(c.want, strings.Join(got, " ")); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.text, diff)
		}
	}
}

func TestPosition(t *testing.T) {
	d := text.Cut("Rain fell. It stopped.\n\nNight came.")
	var f Of
	f.Compute(d)
	want := []uint8{2, 0, 0, 1, 0, 0, 2, 0, 0}
	if diff := cmp.Diff(want, f.Position); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

// Values must index the tables of a model, whatever the text; and memory reused must not show.
func FuzzCompute(f *testing.F) {
	for _, s := range []string{"", "“a", "'''\"“”«»", "a\n“b\n“c”", "\xff\x00", strings.Repeat("“", 300), strings.Repeat("x", 3000)} {
		f.Add(s)
	}
	var used Of
	used.Compute(text.Cut("“Some earlier text,” she said.\n\n“And more."))
	f.Fuzz(func(t *testing.T, s string) {
		d := text.Cut(s)
		var fresh Of
		fresh.Compute(d)
		used.Compute(d)
		if diff := cmp.Diff(fresh, used, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("fresh and reused differ:\n%s", diff)
		}
		for i := range d.Tokens {
			if fresh.Shape[i] >= Shapes || fresh.Quote[i] >= Quotes || fresh.Position[i] >= Positions {
				t.Fatalf("token %d: a value beyond its table", i)
			}
			for _, l := range fresh.Letters[i] {
				if l >= Letters {
					t.Fatalf("token %d: letter %d", i, l)
				}
			}
		}
	})
}

func BenchmarkCompute(b *testing.B) {
	d := text.Cut(strings.Repeat("“We saw the harbour,” said Ines Aldana, 61, of Vellmouth — “and it’s closed.”\n", 500))
	var f Of
	f.Compute(d)
	b.SetBytes(int64(len(d.Text)))
	b.ReportAllocs()
	for b.Loop() {
		f.Compute(d)
	}
	b.ReportMetric(float64(len(d.Tokens))*float64(b.N)/b.Elapsed().Seconds(), "tokens/s")
}
