package copies

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ferry is a text of a few paragraphs.
const ferry = `The island ferry will not sail this winter, the harbour office in Marlhaven said on Tuesday, after divers found
a crack as long as a man in the hull below the engine room.

“We looked at it twice and then we looked at each other,” said harbour master Iris Pell. “Nobody wanted to be the first to
say it aloud.” The boat has carried the island's post, its children and its sheep since 1961, and no other boat on the
coast is flat enough for the old quay.

The county has asked three yards for a price. Until one of them answers, a fishing boat will bring the post on Mondays and
Thursdays if the sea allows, and the eleven pupils will stay with families in the town.`

func TestFirst(t *testing.T) {
	words := strings.Fields(ferry)
	tests := []struct {
		name, text, want string
	}{
		{"itself", ferry, "first"},
		{"in capitals, without layout", strings.ToUpper(strings.Join(words, " ")), "first"},
		{"other quotation marks", strings.NewReplacer("“", `"`, "”", `"`, "'", "’").Replace(ferry), "first"},
		{"under another headline", "Island cut off as ferry cracks\n\n" + ferry, "first"},
		{"shortened from the end", strings.Join(words[:len(words)/2], " "), "first"},
		{"a word changed", strings.Replace(ferry, "fishing boat", "fishing vessel", 1), "first"},
		{"with a sentence of its own", ferry + " The Marlhaven Post could not reach the yards on Tuesday evening.", "first"},
		{"the same story in other words", `A crack in the hull has put an end to the winter season of Marlhaven's ferry, which has served the island for
more than sixty years. Iris Pell, who runs the harbour, said that her divers had measured it two times before they
reported it. Post will come by fishing boat. Yards have been asked what a repair would cost, and pupils stay ashore.`, ""},
		{"the same and as much again", ferry + "\n\n" + strings.Repeat("x", 3) + strings.Join(reversed(words), " ") + strings.Join(sorted(words), " "), ""},
		{"a sentence of it", "The county has asked three yards for a price.", ""},
		{"nothing", "", ""},
		{"no words", "…!? — ***", ""},
		{"bytes that are no text", "\xff\xfe\x00\x80", ""},
		{"words without spaces", "島の渡し船は冬のあいだ欠航すると港湾事務所が火曜日に発表した。船体に亀裂が見つかったためである。", ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			x := NewIndex(0)
			first := Of(ferry)
			if of, ok := x.First("first", &first); ok {
				t.Fatalf("the first is a copy of %q", of)
			}
			s := Of(test.text)
			if of, ok := x.First("second", &s); of != test.want || ok != (of != "") {
				t.Errorf("a copy of %q (%v), want %q", of, ok, test.want)
			}
		})
	}
}

func reversed(words []string) []string {
	list := slices.Clone(words)
	slices.Reverse(list)
	return list
}

func sorted(words []string) []string { return slices.Sorted(slices.Values(words)) }

// A copy of a copy is told as one of the first, and what has no spaces is known again too.
func TestTheFirstOfMany(t *testing.T) {
	x := NewIndex(0)
	words := strings.Fields(ferry)
	chinese := "该岛的渡轮今年冬天将停航，港务局周二表示，潜水员在船体上发现了一道裂缝。学生们将暂住在镇上的家庭里，邮件由渔船运送。"
	var got []string
	for i, text := range []string{
		ferry, strings.Join(words[:90], " "), strings.Join(words[:60], " "), chinese, strings.ReplaceAll(chinese, "，", " "), chinese + "完。", "Short.", "SHORT",
	} {
		s := Of(text)
		of, _ := x.First(fmt.Sprint(i), &s)
		got = append(got, of)
	}
	if diff := cmp.Diff([]string{"", "0", "0", "", "3", "3", "", "6"}, got); diff != "" {
		t.Error(diff)
	}
}

// Of many texts that come and go only the last are kept, and everything about the others is gone.
func TestForgets(t *testing.T) {
	const limit = 50
	x := NewIndex(limit)
	text := func(i int) string {
		r := rand.New(rand.NewPCG(uint64(i), 1))
		var b strings.Builder
		for range 40 {
			fmt.Fprintf(&b, "w%d ", r.IntN(30)) // few words, so that articles share shingles
		}
		return b.String()
	}
	for i := range 1000 {
		s := Of(text(i))
		x.First(fmt.Sprint(i), &s)
		if x.Len() > limit || len(x.whole) > limit || len(x.found) > limit*indexed {
			t.Fatalf("after %d: %d articles, %d wholes, %d shingles", i, x.Len(), len(x.whole), len(x.found))
		}
	}
	for i := 999; i >= 950; i-- {
		s := Of(text(i))
		if of, _ := x.First("again", &s); of != fmt.Sprint(i) {
			t.Fatalf("%d is a copy of %q", i, of)
		}
	}
	s := Of(text(3))
	if of, ok := x.First("again", &s); ok {
		t.Fatalf("3, long forgotten, is a copy of %q", of)
	}
	// Ids as long as books are bounded too.
	y := NewIndex(0)
	for i := range 2000 {
		s := Of(text(i))
		y.First(strings.Repeat("x", maxID), &s)
	}
	if y.ids > maxIDBytes || y.Len() != maxIDBytes/maxID {
		t.Errorf("%d articles keep %d bytes of ids", y.Len(), y.ids)
	}
	s = Of("one more text under an id that is too long")
	y.First(strings.Repeat("x", maxID+1), &s)
	if _, ok := y.First("b", &s); ok {
		t.Error("an id that is too long was kept")
	}
}

// TestMadeCopies tells how many copies are found, by kind, and how many are laid at the wrong door: of the articles in
// testdata, or of a file of NDJSON with texts that QUOTEWIRE_TEXTS names. Copies that the texts have among themselves
// are not counted.
func TestMadeCopies(t *testing.T) {
	texts := madeFrom(t)
	r := rand.New(rand.NewPCG(1, 2))
	edit := func(s string, part float64) string {
		list := strings.Fields(s)
		for i := range list {
			if r.Float64() < part {
				list[i] = [...]string{"", "something", list[i] + " indeed"}[r.IntN(3)]
			}
		}
		return strings.Join(list, " ")
	}
	cut := func(s string, part float64) string {
		list := strings.Fields(s)
		return strings.Join(list[:int(part*float64(len(list)))], " ")
	}
	other := func() string { return texts[r.IntN(len(texts))] }
	kinds := []struct {
		name  string
		least float64 // found, of those in testdata
		make  func(string) string
	}{
		{"in capitals", 1, strings.ToUpper},
		{"another headline", 1, func(s string) string { return "Nobody wrote a headline like this one before\n\n" + s }},
		{"1 word in 100 edited", 1, func(s string) string { return edit(s, 0.01) }},
		{"1 word in 50 edited", 1, func(s string) string { return edit(s, 0.02) }},
		{"1 word in 20 edited", 0.9, func(s string) string { return edit(s, 0.05) }},
		{"1 word in 10 edited", 0, func(s string) string { return edit(s, 0.10) }},
		{"first four fifths", 1, func(s string) string { return cut(s, 0.8) }},
		{"first half", 0.95, func(s string) string { return cut(s, 0.5) }},
		{"first third", 0.8, func(s string) string { return cut(s, 1.0/3) }},
		{"half, 1 in 50 edited", 0.9, func(s string) string { return edit(cut(s, 0.5), 0.02) }},
		{"and a fifth of its own", 0.8, func(s string) string { return s + "\n\n" + reverseWords(cut(s, 0.2)) }},
		{"none: words shuffled", 0, func(s string) string { return edit(reverseWords(s), 0) }},
		{"none: another text", 0, func(string) string { return reverseWords(other()) }},
	}
	x := NewIndex(0)
	var firsts []int
	for i, text := range texts {
		s := Of(text)
		if _, ok := x.First(fmt.Sprint(i), &s); !ok {
			firsts = append(firsts, i)
		}
	}
	t.Logf("%d texts, of which %d are copies of others", len(texts), len(texts)-len(firsts))
	for _, kind := range kinds {
		found, wrong := 0, 0
		for _, i := range firsts {
			s := Of(kind.make(texts[i]))
			n, ok := x.whole[s.words]
			if !ok {
				n = x.nearest(&s)
			}
			switch {
			case n < 0:
			case x.at(n).id == fmt.Sprint(i):
				found++
			default:
				wrong++
			}
		}
		part := float64(found) / float64(len(firsts))
		t.Logf("%-24s %5.1f %% found, %d wrong", kind.name, 100*part, wrong)
		if os.Getenv("QUOTEWIRE_TEXTS") == "" && (part < kind.least || wrong > 0 || strings.HasPrefix(kind.name, "none") && found > 0) {
			t.Errorf("%s: %.2f found, want %.2f; %d wrong, want none", kind.name, part, kind.least, wrong)
		}
	}
}

func reverseWords(s string) string { return strings.Join(reversed(strings.Fields(s)), " ") }

func madeFrom(t *testing.T) (texts []string) {
	t.Helper()
	if path := os.Getenv("QUOTEWIRE_TEXTS"); path != "" {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		lines := bufio.NewScanner(f)
		lines.Buffer(nil, 64<<20)
		for lines.Scan() {
			var a struct{ Text string }
			if json.Unmarshal(lines.Bytes(), &a) == nil && a.Text != "" {
				texts = append(texts, a.Text)
			}
		}
		return texts
	}
	paths, err := filepath.Glob("../../testdata/articles/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatal("no articles", err)
	}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if len(data) > 500 { // a headline has no shingles to speak of
			texts = append(texts, string(data))
		}
	}
	return texts
}

// FuzzOf: whatever the bytes, a sketch is in order and a text is a copy of itself.
func FuzzOf(f *testing.F) {
	f.Add(ferry)
	f.Add("\xff\xfe\x00 \u0301a")
	f.Add(strings.Repeat("島", 300))
	f.Fuzz(func(t *testing.T, text string) {
		s := Of(text)
		for i := 1; i < s.n; i++ {
			if s.hashes[i-1] >= s.hashes[i] {
				t.Fatal("not in order")
			}
		}
		x := NewIndex(2)
		if _, ok := x.First("a", &s); ok {
			t.Fatal("a copy of nothing")
		}
		if of, ok := x.First("b", &s); ok != (s.words != [16]byte{}) || ok && of != "a" {
			t.Fatal("no copy of itself")
		}
	})
}

func BenchmarkOf(b *testing.B) {
	b.SetBytes(int64(len(ferry)))
	for b.Loop() {
		Of(ferry)
	}
}

// BenchmarkFirst is of texts that share nothing, with the index full.
func BenchmarkFirst(b *testing.B) {
	x := NewIndex(1 << 16)
	r := rand.New(rand.NewPCG(1, 1))
	made := func() (s Sketch) {
		s.n, s.limit = sketchSize, 1<<29
		for i := range s.hashes {
			s.hashes[i] = uint32(r.IntN(1 << 29))
		}
		slices.Sort(s.hashes[:])
		s.words[0], s.words[1], s.words[2], s.words[3] = byte(r.Uint32()), byte(r.Uint32()), byte(r.Uint32()), 1
		return s
	}
	for range 1 << 16 {
		s := made()
		x.First("urn:newsml:an-agency.example:20240503:1234567", &s)
	}
	for b.Loop() {
		s := made()
		x.First("urn:newsml:an-agency.example:20240503:1234567", &s)
	}
}
