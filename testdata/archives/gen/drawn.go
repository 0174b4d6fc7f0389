package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// drawn makes n articles of least words and up to half as many again, no two alike: neighbouring paragraphs of one of the
// articles in dir, and as many of others as it takes, with other surnames and other numbers. One in a hundred has no text,
// as in every large archive.
func drawn(dir string, n, least int, seed uint64) []article {
	r := rand.New(rand.NewPCG(seed, uint64(n)))
	var sources [][]string
	names, err := filepath.Glob(filepath.Join(dir, "*.txt"))
	check(err)
	for _, name := range names {
		data, err := os.ReadFile(name)
		check(err)
		source := article{Text: string(data)}.paragraphs()
		if len(source) > 3 && !strings.Contains(name, "-es.") {
			sources = append(sources, source)
		}
	}
	var all []article
	seen := map[string]bool{}
	for len(all) < n {
		i := len(all)
		paragraphs := sources[r.IntN(len(sources))]
		at := r.IntN(len(paragraphs))
		text := paragraphs[at]
		for k := at + 1; words(text) < least && k < len(paragraphs); k++ {
			text += "\n\n" + paragraphs[k]
		}
		for words(text) < least {
			other := sources[r.IntN(len(sources))]
			text += "\n\n" + other[r.IntN(len(other))]
		}
		text = renamed(r, text)
		if w := words(text); w > least+least/2 || seen[text] {
			continue
		}
		seen[text] = true
		a := about(fmt.Sprintf("drawn-%d-%d", seed, i), headline(text), "Nell Ashdown", papers[r.IntN(len(papers))], "en",
			time.Date(2015, 1, 1, 6, 0, 0, 0, time.UTC).Add(time.Duration(r.IntN(10*365*24*60))*time.Minute).Format(time.RFC3339))
		if a.Text = text; i%100 == 99 {
			a.Text = ""
		}
		all = append(all, a)
	}
	return all
}

var papers = []string{"The Dunmere Post", "Košice Daily", "Otterby Herald", "Northern Ledger", "Lagoon Times"}

func words(s string) int { return len(strings.Fields(s)) }

// headline is the first few words.
func headline(text string) string {
	f := strings.Fields(text)
	return strings.TrimRight(strings.Join(f[:min(8, len(f))], " "), ".,;:")
}

var (
	// surnames of the people in testdata/articles
	surnames = regexp.MustCompile(`\b(Aalto|Achebe|Aldersey|Amadi|Askerly|Balogun|Barrantes|Bhatt|Brill|Castellane|Corvo|Dalen|Dravec|Dunmore|` +
		`Farrow|Ferrante|Forsby|Haddou|Hallam|Hudek|Idrissi|Immenhof|Lindgaard|Marlowe|Morikawa|Nkosi|Okonjo|Okoro|Osei|Ostrander|Oyelaran|Pell|` +
		`Pemberton|Perdomo|Platt|Prisk|Quill|Raman|Sarpong|Solheim|Sorokina|Strand|Tamaki|Tate|Tornquist|Toure|Vereker|Voss)\b`)
	numbers = regexp.MustCompile(`\b[1-9][0-9]{1,2}\b`)

	begins = strings.Fields("Al An Bar Ber Bo Cal Cor Da Dor El Fal Fen Gar Gil Ha Hol Il Jo Kar Kel La Lo Mar Mer Nor Ol Or Pa Per Ros Sa Sel Tam Tor Ul Va Ver Wal Wen Zan")
	ends   = strings.Fields("ado aker ander antes ard beck berg bury by den dle dova eka ell elli enko er ero field ford gren ham ich ide in iou ka land ley man mann nova oka one ong osi ov quist ra rey sen shaw son stead ston strom tani ton uchi vale vik well wick worth yama")
)

// renamed gives every surname of a text another, the same throughout, and every number of two or three digits. Some
// names are drawn far more often than others, as in the news.
func renamed(r *rand.Rand, text string) string {
	given := map[string]string{}
	text = surnames.ReplaceAllStringFunc(text, func(old string) string {
		if given[old] == "" {
			x := r.Float64()
			k := int(x * x * x * float64(len(begins)*len(ends)))
			given[old] = begins[k%len(begins)] + ends[k/len(begins)]
		}
		return given[old]
	})
	return numbers.ReplaceAllStringFunc(text, func(old string) string {
		if len(old) == 2 {
			return fmt.Sprint(10 + r.IntN(90))
		}
		return fmt.Sprint(100 + r.IntN(900))
	})
}
