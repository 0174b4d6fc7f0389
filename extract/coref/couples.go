package coref

import (
	"strings"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/schema"
)

// naming is what a text's names tell of how its people are called.
type naming struct {
	first    map[string]int     // the first mention of each name of one word
	words    map[string]bool    // words of people's names of several words
	pairs    map[[2]string]bool // the first and the last of them
	families map[string]bool    // surnames in the plural, without the "s"
	genders  map[string][4]bool // of surnames behind courtesy titles
}

func (w *work) naming() *naming {
	n := &naming{map[string]int{}, map[string]bool{}, map[[2]string]bool{}, map[string]bool{}, map[string][4]bool{}}
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Form != schema.ByName {
			continue
		}
		words := strings.Fields(w.doc.Slice(m.Span))
		if len(words) != 1 {
			if m.Kind == schema.Person && len(words) > 1 {
				for _, word := range words {
					n.words[word] = true
				}
				n.pairs[[2]string{words[0], words[len(words)-1]}] = true
			}
			continue
		}
		if _, ok := n.first[words[0]]; !ok {
			n.first[words[0]] = i
		}
		if m.Plural || w.doc.TokenAt(m.Start) > 0 && w.low(w.doc.TokenAt(m.Start)-1) == "the" {
			n.families[strings.TrimSuffix(words[0], "s")] = true
			n.families[strings.TrimSuffix(words[0], "es")] = true
		}
		if m.Courtesy {
			g := n.genders[words[0]]
			g[m.Gender] = true
			n.genders[words[0]] = g
		}
	}
	return n
}

// shares is the surname that a given name shares with the name behind it: that of Ravi in "Ravi and Meena Sundaram". It is empty where the
// first may be a surname itself, as in "Moor and Dana Reyes": where it is no known given name, the text must name it in full, speak of
// a family of that name, or address one of it who is not the second.
func (w *work) shares(i int, names *naming) string {
	if i+1 >= len(w.mentions) {
		return ""
	}
	m, n := &w.mentions[i], &w.mentions[i+1]
	if m.Kind != schema.Person || n.Kind != schema.Person || n.Form != schema.ByName || m.Courtesy || n.Courtesy || len(m.Roles) > 0 || m.End >= n.Start {
		return ""
	}
	if gap := w.doc.Text[m.End:n.Start]; gap != " and " && gap != " & " {
		return ""
	}
	given, words := w.doc.Slice(m.Span), strings.Fields(w.doc.Slice(n.Span))
	if len(words) != 2 || strings.ContainsRune(given, ' ') || given == words[0] || names.first[given] != i { // a surname alone would stand behind the full name
		return ""
	}
	surname := words[1]
	if names.pairs[[2]string{given, surname}] {
		return surname
	}
	known := w.lists.FirstName(given) != lexicon.Unknown && !w.lists.Surname(given)
	if names.words[given] || !known && !names.families[surname] && !w.another(n.Gender, names.genders[surname]) {
		return ""
	}
	return surname
}

// another reports whether a surname stands behind a courtesy title of the other gender, or behind those of both.
func (w *work) another(g mention.Gender, titles [4]bool) bool {
	man, woman := titles[mention.Masculine], titles[mention.Feminine]
	return man && woman || man && g == mention.Feminine || woman && g == mention.Masculine
}
