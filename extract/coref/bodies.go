package coref

import (
	"strings"
	"unicode"

	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// bodies joins the forms of each place's and each organisation's name.
func (w *work) bodies() {
	var places, organizations []*form
	for _, f := range w.all {
		switch f.kind {
		case schema.Place:
			places = append(places, f)
		case schema.Organization:
			organizations = append(organizations, f)
		}
	}
	w.places(places)
	w.bracketed()
	w.organizations(organizations)
}

// places joins the names of one country ("U.S.", "the United States") and of one state ("Calif.", "California", "CA"), and a
// place of several words with its initials ("L.A.").
func (w *work) places(places []*form) {
	first, initialed := map[string]*form{}, index{}
	for _, f := range places {
		key := "name " + f.key()
		if other, ok := within[f.key()]; ok {
			key = "name " + other
		} else if code, ok := w.lists.Country(f.key()); ok {
			key = "country " + code
		} else if code, ok := w.region(f); ok {
			key = "region " + code
		}
		if g := first[key]; g != nil {
			join(f, g)
		} else {
			first[key] = f
		}
		if every, _ := initials(f.words); len(f.words) > 1 {
			initialed.add(every, f)
		}
	}
	for _, f := range places {
		if !f.acronym && !f.initials || len(f.words) != 1 || f.root().size > 1 || len(f.words[0]) > 4 {
			continue
		}
		if g := first["region US-"+strings.ToUpper(f.words[0])]; g != nil && f.acronym {
			join(f, g)
		} else if sets := initialed.sets(f.words[0]); len(sets) == 1 {
			f.belief = 0.85
			join(f, sets[0])
		}
	}
}

// within is places whose code is that of the country that they are, or were, a part of, each with the name that it goes by; and
// what headlines shorten.
var within = map[string]string{
	"england": "england", "scotland": "scotland", "wales": "wales", "northern ireland": "northern ireland", "n ireland": "northern ireland",
	"gaza": "gaza", "gaza strip": "gaza", "west bank": "west bank", "papua": "papua", "herzegovina": "herzegovina", "tobago": "tobago",
	"trinidad": "trinidad", "west germany": "west germany", "n korea": "north korea", "north korea": "north korea", "dprk": "north korea",
	"s korea": "south korea", "south korea": "south korea", "republic of korea": "south korea",
}

// region knows a state or province by a code that is its own, not its country's.
func (w *work) region(f *form) (string, bool) {
	for _, key := range [...]string{f.key(), f.key() + "."} {
		if code, ok := w.lists.Region(key); ok && strings.Contains(code, "-") {
			return code, true
		}
	}
	return "", false
}

// bracketed joins a name with the acronym that follows it in brackets, "United Nations (UN)", "the Veltrix Group's (VG)", or that it
// follows.
func (w *work) bracketed() {
	before := -1
	for i := range w.mentions {
		if w.of[i] == nil || w.mentions[i].Kind == schema.Person {
			continue
		}
		if before >= 0 {
			a, b := w.mentions[before], w.mentions[i]
			gap := w.doc.Text[min(a.End, b.Start):b.Start]
			gap = strings.TrimPrefix(strings.TrimPrefix(gap, "'s"), "’s")
			f, g := w.of[before], w.of[i]
			switch {
			case gap != " (" && gap != " (the ":
			case a.Kind == b.Kind && (g.acronym && abbreviates(g.words[0], f.words) || f.acronym && abbreviates(f.words[0], g.words)):
				join(f, g)
			case a.Kind == schema.Organization && b.Kind == schema.Organization && len(f.words) > 1 && w.foreign(b.Span):
				join(f, g)
			}
		}
		before = i
	}
}

// foreign reports whether a name is, in brackets of its own, an acronym that may be that of the name before it in another language: "the
// National Electoral Institute (INE)".
func (w *work) foreign(s text.Span) bool {
	const longest = 7 // letters
	name := w.doc.Slice(s)
	if !strings.HasPrefix(w.doc.Text[s.End:], ")") || len(name) < 2 || len(name) > longest {
		return false
	}
	capitals := 0
	for _, r := range name {
		switch {
		case unicode.IsUpper(r):
			capitals++
		case !unicode.IsLower(r) && r != '-':
			return false
		}
	}
	return 2*capitals > len(name)
}

// abbreviates reports whether an acronym's letters stand in order at the heads of a name's words, or inside them: "NATO",
// "Interpol".
func abbreviates(acronym string, words []string) bool {
	if len(words) < 2 || len(acronym) < 2 || acronym[0] != words[0][0] {
		return false
	}
	rest := acronym
	for _, word := range words {
		for i := 0; i < len(word) && rest != ""; i++ {
			if word[i] == rest[0] {
				rest = rest[1:]
			} else if i == 0 {
				break
			}
		}
	}
	return rest == ""
}

// organizations joins the names of one organisation: with and without its legal form, by acronym, by first word.
func (w *work) organizations(all []*form) {
	exact, acronyms, heads, rests := map[string]*form{}, index{}, index{}, index{}
	for _, f := range all {
		words := legal(f.words)
		n, where := w.qualified(words)
		key := where + strings.Join(words[n:], " ")
		if n > 0 {
			rests.add(strings.Join(words[n:], " "), f)
		}
		if g := exact[key]; g != nil {
			join(f, g)
		} else {
			exact[key] = f
		}
		if len(words) < 2 {
			continue
		}
		every, great := initials(words)
		acronyms.add(every, f)
		if great != every {
			acronyms.add(great, f)
		}
		for n := 1; n < len(words) && n <= 3; n++ {
			heads.add(strings.Join(words[:n], " "), f)
		}
	}
	for _, f := range all {
		if f.acronym && len(f.words[0]) <= 6 {
			if sets := acronyms.sets(f.words[0]); len(sets) == 1 {
				f.belief = 0.85
				join(f, sets[0])
				continue
			}
		}
		if sets := rests.sets(f.key()); len(sets) == 1 && f.root().size == 1 {
			f.belief = 0.85
			join(f, sets[0])
			continue
		}
		if f.root().size > 1 || len(f.words) == 1 && (len(f.words[0]) < 4 || w.common(f.words[0])) {
			continue
		}
		if sets := heads.sets(f.key()); len(sets) == 1 {
			f.belief = 0.75
			join(f, sets[0])
		}
	}
}

// qualified tells how many words at the head of an organisation's name say where it is, "U.S." or "Norwegian" or "New York", if
// others follow them; and the country, in a form in which its names are one.
func (w *work) qualified(words []string) (n int, where string) {
	for n := min(3, len(words)-1); n > 0; n-- {
		head := strings.Join(words[:n], " ")
		if code, ok := w.lists.Country(head); ok && within[head] == "" {
			return n, code + " "
		}
		if _, ok := w.lists.Demonym(head); ok || w.knownPlace(head) {
			return n, head + " "
		}
	}
	return 0, ""
}

// common reports whether a word alone is too weak to stand for an organisation that it begins.
func (w *work) common(word string) bool {
	if _, ok := w.lists.Demonym(word); ok {
		return true
	}
	switch word {
	case "united", "national", "international", "royal", "federal", "north", "south", "east", "west", "northern", "southern",
		"eastern", "western", "central", "great", "saint", "bank", "university", "ministry", "department", "house", "state",
		"supreme", "high", "security", "world", "global", "union", "council", "court", "committee", "commission", "institute",
		"association", "society", "party", "office", "center", "centre", "college", "school", "hospital", "church", "club",
		"first", "free", "green", "labour", "conservative", "democratic", "republican", "liberal", "american", "european", "african":
		return true
	}
	return w.knownPlace(word)
}

// legal leaves out what the law adds to a company's name.
func legal(words []string) []string {
	for len(words) > 1 {
		switch words[len(words)-1] {
		case "inc", "corp", "corporation", "co", "company", "ltd", "limited", "plc", "llc", "llp", "gmbh", "ag", "sa", "nv", "spa", "bv",
			"oyj", "asa", "ab", "kk", "pty", "incorporated", "holdings":
			words = words[:len(words)-1]
			continue
		}
		break
	}
	return words
}

// initials gives the first letters of all words, and those of the words that are no "of" or "and".
func initials(words []string) (every, great string) {
	for _, w := range words {
		every += w[:1]
		switch w {
		case "of", "and", "the", "for", "in", "on", "de", "to":
		default:
			great += w[:1]
		}
	}
	return every, great
}
