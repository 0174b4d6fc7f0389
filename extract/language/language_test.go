package language

import (
	"bufio"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

type sample struct{ language, kind, text string }

// samples are short texts that say much the same: a headline, two of five to nine words, a paragraph, a paragraph with a
// sentence of English in it, and English ones with a foreign sentence or foreign names and words in them.
func samples(t testing.TB) (all []sample) {
	f, err := os.Open("testdata/texts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		fields := strings.Split(lines.Text(), "\t")
		if len(fields) != 3 {
			t.Fatalf("%q", lines.Text())
		}
		all = append(all, sample{fields[0], fields[1], fields[2]})
	}
	return all
}

// TestOf holds the error to what it is; the table is in docs/archives.md. No text of another language may be told to be
// English, and no English one to be in another, however short.
//
//	go test ./extract/language -run Of -v
func TestOf(t *testing.T) {
	type score struct{ right, silent, wrong int }
	scores := map[string]*score{}
	var kinds []string
	for _, s := range samples(t) {
		kind := s.kind
		if s.language == "en" {
			kind = "English " + kind
		}
		if scores[kind] == nil {
			scores[kind] = &score{}
			kinds = append(kinds, kind)
		}
		switch got := Of(s.text); {
		case got == s.language:
			scores[kind].right++
		case got == "":
			scores[kind].silent++
			t.Logf("%s %s: not told", s.language, s.kind)
		default:
			scores[kind].wrong++
			t.Logf("%s %s: told to be %s", s.language, s.kind, got)
			if got == "en" || s.language == "en" {
				t.Errorf("%s %s: told to be %s: %s", s.language, s.kind, got, s.text)
			}
		}
	}
	for _, k := range kinds {
		s := *scores[k]
		t.Logf("%-18s %2d right, %2d not told, %2d another language", k, s.right, s.silent, s.wrong)
		if k == "paragraph" && (s.wrong > 3 || s.silent > 1) || k == "headline" && s.silent+s.wrong > 0 || k == "short headline" && s.silent > 6 {
			t.Errorf("%ss: %+v", k, s)
		}
	}
}

func TestHead(t *testing.T) {
	for _, text := range []string{"", "a", strings.Repeat("word ", 1000), strings.Repeat("字", 2000), strings.Repeat("x", look-1) + "字", strings.Repeat("\xff", 5000)} {
		got := head(text)
		if len(got) > look || !strings.HasPrefix(text, got) || utf8.ValidString(text) && !utf8.ValidString(got) || len(text) >= look && len(got) < look/2 {
			t.Errorf("%d bytes of %d: %.20q", len(got), len(text), got)
		}
	}
}

func FuzzOf(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if a, b := Of(text), Of(text); a != b {
			t.Fatalf("%q and then %q", a, b)
		}
	})
}

func BenchmarkOf(b *testing.B) {
	all := samples(b)
	for _, tag := range []string{"en", "es", "ru"} {
		i := slices.IndexFunc(all, func(s sample) bool { return s.language == tag && s.kind == "paragraph" })
		text := strings.Repeat(all[i].text+"\n\n", 4)
		b.Run(tag, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				Of(text)
			}
		})
	}
}

// What languages are equally near to must not get now one answer, now another.
func TestTies(t *testing.T) {
	for _, text := range []string{
		"æoyu qp æé unl cézel lk hæv bjq lkn lux pt vqöx zqn guc khö yjøk äøkw zihé äö ym fa fø ",
		"dgyä xåiy wg xk srkaö kyg fjkj öw ld bs mæwé frw ih bäära lzyaz gce vöo iöm wt jäm dåp åwq ",
		"äh wws öæqæ jnb grcxl øévc guqng ere cp øvo cgke nher tøi hkp ävuqs öohæ jnäx lys æhyw yåöx yiev cp ",
	} {
		want := Of(text)
		for range 40 {
			if got := Of(text); got != want {
				t.Fatalf("%q is %q and %q", text, want, got)
			}
		}
	}
}
