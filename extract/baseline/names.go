package baseline

import (
	"slices"
	"strings"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// maxName is the most tokens a name has; what is longer is taken piece by piece.
const maxName = 12

// names finds proper names. prose's labels are one witness among several, and not the best: titles, nationalities, word
// lists, and what the rest of the document calls a name decide before it.
func (r *Reader) names(p *page) []reading.Name {
	n := namer{Reader: r, page: p, people: map[string]bool{}, known: map[string]reading.Kind{}, votes: map[string]*ballot{}, lower: map[string]bool{}, upper: map[string]bool{}}
	for i := range p.Tokens {
		if p.class(i) == text.Word && !p.capital(i) {
			n.lower[p.low[i]] = true
		}
	}
	headline := make([]bool, len(p.Sentences))
	for s, sent := range p.Sentences {
		if headline[s] = n.headline(s); headline[s] {
			continue
		}
		for i := sent.First; i < sent.Last; i++ {
			if n.capital(i) && !n.opens(i) {
				n.upper[p.low[i]] = true
			}
		}
	}
	// Running text first: it tells the people by their full names, and thereby the surnames.
	for s := range p.Sentences {
		if !headline[s] {
			n.chunk(s)
		}
	}
	n.settle()
	for s := range p.Sentences {
		if headline[s] {
			n.lookUp(s)
		}
	}
	slices.SortStableFunc(n.found, func(a, b found) int { return a.first - b.first })
	names := make([]reading.Name, 0, len(n.found))
	for _, f := range n.found {
		if f.drop {
			continue
		}
		names = append(names, reading.Name{Span: p.span(f.first, f.last), Kind: f.kind, Confidence: f.sure})
	}
	return names
}

// A namer reads the names of one page.
type namer struct {
	*Reader
	*page
	found  []found
	people map[string]bool         // surnames and whole names of people who are somewhere named in full
	known  map[string]reading.Kind // names of running text
	votes  map[string]*ballot      // what speaks for which kind, by name, over the whole document
	lower  map[string]bool         // words that stand somewhere in lower case
	upper  map[string]bool         // words that stand somewhere with a capital they need not have
}

// found is a name as tokens.
type found struct {
	first, last int
	kind        reading.Kind
	sure        float64
	drop        bool
}

// headline reports whether a sentence capitalises its words as headlines do, so that a capital tells nothing: most of
// the longer ones, and no verb left in lower case.
func (n *namer) headline(s int) bool {
	sent := n.Sentences[s]
	words, capitals := 0, 0
	for i := sent.First; i < sent.Last; i++ {
		t := n.Tokens[i]
		if t.Class != text.Word {
			continue
		}
		capital := n.capital(i)
		if !capital && n.isTag(i, "VB") && !formOfBe(n.low[i]) {
			return false
		}
		if t.Len() > 3 {
			words++
			if capital {
				capitals++
			}
		}
	}
	return words >= 4 && capitals*10 >= words*7
}

// nameWord reports whether token i may be part of a name.
func (n *namer) nameWord(i int) bool {
	if !n.capital(i) || n.nonames[n.low[i]] {
		return false
	}
	switch tag := n.tag(i); {
	case strings.HasPrefix(tag, "NNP"):
	case tag == "DT" || tag == "PRP" || tag == "PRP$" || tag == "IN" || tag == "CC" || tag == "WP" || tag == "WRB" || tag == "TO" || tag == "MD" || tag == "EX" || tag == "WDT" || tag == "UH":
		return n.gazetteer(i, i+1) || n.orgs[n.low[i]] && isAcronym(n.word(i))
	}
	return true
}

// opens reports whether token i stands where any word has a capital: at the head of a sentence or of a quotation.
func (n *namer) opens(i int) bool {
	first := n.Sentences[n.Tokens[i].Sentence].First
	if i == first {
		return true
	}
	switch prev := n.Tokens[i-1]; prev.Class {
	case text.OpenQuote, text.StrayQuote:
		return true
	case text.Punct, text.Symbol:
		w := n.word(i - 1)
		return w == ":" || w == "•" || w == "*" || w == "-" && i-1 == first || (w == "(" || w == "—" || w == "–") && i-1 == first
	}
	return false
}

// begins reports whether a word that opens a sentence is a name for all that.
func (n *namer) begins(i int) bool {
	w := n.low[i]
	if n.gazetteer(i, i+1) || n.orgs[w] || n.demonym(w) || isAcronym(n.word(i)) {
		return true
	}
	if n.lower[w] || n.common[w] {
		return false
	}
	if n.groups[w] {
		return true
	}
	if next := i + 1; n.plain[w] && !n.upper[w] && n.shared.FirstName(w) == lexicon.Unknown && !(n.sentence(next) == n.sentence(i) && n.capital(next)) {
		return false
	}
	if i+1 < len(n.Tokens) && n.sentence(i+1) == n.sentence(i) && n.capital(i+1) && n.nameWord(i+1) {
		if _, title := n.shared.Title(w); title {
			return true
		}
		return n.isTag(i, "NNP") || n.shared.FirstName(w) != lexicon.Unknown
	}
	return n.isTag(i, "NNP") || n.marks[i].label != "O" && n.marks[i].label != ""
}

func (n *namer) demonym(w string) bool { _, ok := n.shared.Demonym(w); return ok }

func (n *namer) gazetteer(first, last int) bool {
	w := n.phrase(first, last)
	if last == first+1 && w == "us" && n.word(first) != "US" {
		return false
	}
	if n.places[w] {
		return true
	}
	if _, ok := n.shared.Country(w); ok {
		return true
	}
	if _, ok := n.shared.Region(w); ok {
		return true
	}
	_, ok := n.shared.City(w)
	return ok
}

// chunk cuts sentence s into runs of name words and reads each.
func (n *namer) chunk(s int) {
	sent := n.Sentences[s]
	for i := sent.First; i < sent.Last; {
		if !n.nameWord(i) || n.opens(i) && !n.begins(i) {
			i++
			continue
		}
		last := i + 1
		for last < sent.Last && last-i < maxName {
			if n.nameWord(last) {
				last++
				continue
			}
			if k := n.join(i, last, sent.Last); k > 0 {
				last += k
				continue
			}
			break
		}
		n.read(i, last)
		i = last
	}
}

// join reports how many tokens at i bind the name [first,i) to the name word after them: "of" after a head that asks
// for it, a nobiliary particle, "&".
func (n *namer) join(first, i, end int) int {
	if i+1 >= end {
		return 0
	}
	switch w := n.low[i]; w {
	case "-", "‐", "‑":
		if n.Tokens[i].Start == n.Tokens[i-1].End && n.Tokens[i+1].Start == n.Tokens[i].End && (n.capital(i+1) || n.class(i+1) == text.Number) {
			return 2
		}
	case "of", "for":
		if _, ok := n.nameWords[n.low[i-1]]; !ok && n.low[i-1] != "republic" && n.low[i-1] != "house" && n.low[i-1] != "isle" && n.low[i-1] != "city" {
			return 0
		}
		if n.nameWord(i + 1) {
			return 2
		}
		if i+2 < end && n.low[i+1] == "the" && n.nameWord(i+2) {
			return 3
		}
	case "de", "del", "da", "dos", "du", "van", "von", "der", "den", "ter", "di", "al", "bin", "ibn", "bint", "el", "la", "le", "ben", "abu", "ul", "ur", "al-", "&", "y":
		if n.nameWord(i + 1) {
			return 2
		}
		if i+2 < end && (n.low[i+1] == "der" || n.low[i+1] == "la" || n.low[i+1] == "den" || n.low[i+1] == "los") && n.nameWord(i+2) {
			return 3
		}
	}
	return 0
}

// read decides what the run [first,last) of name words is: one name, several, or none.
func (n *namer) read(first, last int) {
	for first < last {
		if n.whole(first, last) {
			return
		}
		// A title in front of a name, with what qualifies it: "former Norwegian Finance Minister Kari Dahl".
		if from, to, ok := n.title(first, last); ok && to < last {
			if from > first {
				n.read(first, from)
			}
			n.person(to, last)
			return
		} else if ok { // a title alone: "the President", "Secretary of State" cut before "of"
			if from > first {
				n.read(first, from)
			}
			return
		}
		k := n.head(first, last)
		if k == 0 {
			n.rest(first, last)
			return
		}
		first += k
	}
}

// whole adds [first,last) if lists or its last word know all of it.
func (n *namer) whole(first, last int) bool {
	w := n.phrase(first, last)
	head, knownHead := n.nameWords[n.low[last-1]]
	if first > 0 && n.low[first-1] == "the" && n.capital(first-1) { // "The Hague"
		if _, ok := n.shared.City("the " + w); ok {
			first--
		}
	}
	switch {
	case n.demonym(w):
		n.add(first, last, reading.Nationality, 0.9)
	case n.groups[w]:
		n.add(first, last, reading.Nationality, 0.8)
	case n.orgs[w] && (last-first > 1 || isAcronym(n.word(first)) || n.isTag(first, "NNP")):
		n.add(first, last, reading.Organization, 0.8)
	case n.gazetteer(first, last):
		if n.low[last] == "$" { // "US$5"
			return true
		}
		n.add(first, last, reading.Place, 0.9)
	case last-first > 1 && landform(n.low[first]) && !n.plain[n.low[last-1]]:
		n.add(first, last, reading.Place, 0.7)
	case last-first > 1 && compass(n.low[first]) && n.demonym(n.phrase(first+1, last)):
		n.add(first, last, reading.Nationality, 0.8)
	case last-first > 1 && compass(n.low[first]) && n.gazetteer(first+1, last):
		n.add(first, last, reading.Place, 0.8)
	case last-first > 1 && knownHead:
		n.add(first, last, head, 0.7)
	case last-first > 1 && n.ofHead(first, last):
	default:
		return false
	}
	return true
}

// ofHead adds "Bank of England", "Gulf of Aden": a head word, "of", and more.
func (n *namer) ofHead(first, last int) bool {
	for i := first + 1; i < last-1; i++ {
		if n.low[i] == "of" || n.low[i] == "for" {
			kind, ok := n.nameWords[n.low[i-1]]
			if !ok {
				kind = reading.Place
				if n.low[i-1] == "house" {
					kind = reading.Organization
				}
			}
			n.add(first, last, kind, 0.7)
			return true
		}
	}
	return false
}

// title finds the first title in [first,last), the longest there, with others that follow at once.
func (n *namer) title(first, last int) (from, to int, ok bool) {
	for i := first; i < last; i++ {
		k := n.titleAt(i, last)
		if k == 0 {
			continue
		}
		to = i + k
		for to < last {
			more := n.titleAt(to, last)
			if more == 0 {
				break
			}
			to += more
		}
		for i > first && n.qualifiers[n.low[i-1]] {
			i--
		}
		return i, to, true
	}
	return 0, 0, false
}

// titleAt is the number of tokens of the longest title that begins at i.
func (n *namer) titleAt(i, last int) int {
	for k := min(n.shared.LongestTitle(), last-i); k > 0; k-- {
		if _, ok := n.shared.Title(n.phrase(i, i+k)); ok {
			return k
		}
	}
	return 0
}

// person adds the name that follows a title.
func (n *namer) person(first, last int) {
	for first < last && n.demonym(n.low[first]) {
		n.add(first, first+1, reading.Nationality, 0.9)
		first++
	}
	if first == last {
		return
	}
	if n.gazetteer(first, last) || n.orgs[n.phrase(first, last)] {
		n.whole(first, last)
		return
	}
	if kind, ok := n.nameWords[n.low[last-1]]; ok && last-first > 1 {
		n.add(first, last, kind, 0.6)
		return
	}
	n.addPerson(first, last, 0.9)
}

// head takes a nationality, a group or a place off the front of a run and says how many tokens it took.
func (n *namer) head(first, last int) int {
	for k := min(3, last-first-1); k > 0; k-- {
		w := n.phrase(first, first+k)
		switch {
		case n.demonym(w) || n.groups[w]:
			n.add(first, first+k, reading.Nationality, 0.9)
			return k
		case k == 1 && n.qualifiers[w]:
			return 1
		}
		if n.shared.FirstName(n.low[first]) != lexicon.Unknown {
			continue
		}
		if _, country := n.shared.Country(w); country && n.gazetteer(first, first+k) {
			n.add(first, first+k, reading.Place, 0.8)
			return k
		}
	}
	return 0
}

// add adds a name and remembers it for headlines.
func (n *namer) add(first, last int, kind reading.Kind, sure float64) {
	n.found = append(n.found, found{first: first, last: last, kind: kind, sure: sure})
	w := n.phrase(first, last)
	if _, ok := n.known[w]; !ok {
		n.known[w] = kind
	}
}

// addPerson adds a person and remembers the family name.
func (n *namer) addPerson(first, last int, sure float64) {
	n.add(first, last, reading.Person, sure)
	n.known[n.phrase(first, last)] = reading.Person
	n.people[n.phrase(first, last)] = true
	if last-first > 1 {
		if w := n.low[last-1]; w == "jr." || w == "sr." || w == "jr" || w == "sr" {
			last--
		}
		n.people[n.low[last-1]] = true
	}
}

// lookUp reads a headline: only names that running text or a list knows.
func (n *namer) lookUp(s int) {
	sent := n.Sentences[s]
next:
	for i := sent.First; i < sent.Last; {
		if !n.capital(i) || n.nonames[n.low[i]] {
			i++
			continue
		}
		for k := min(6, sent.Last-i); k > 0; k-- {
			w := n.phrase(i, i+k)
			kind, ok := n.known[w]
			switch {
			case ok && kind != reading.Other:
			case n.people[w]:
				kind = reading.Person
			case n.demonym(w) || n.groups[w]:
				kind = reading.Nationality
			case n.gazetteer(i, i+k):
				kind = reading.Place
			case n.orgs[w] && (k > 1 || isAcronym(n.word(i))):
				kind = reading.Organization
			case k == 2 && n.shared.FirstName(n.low[i]) != lexicon.Unknown && n.capital(i+1) && n.shared.Surname(n.low[i+1]):
				kind = reading.Person
			default:
				continue
			}
			n.found = append(n.found, found{first: i, last: i + k, kind: kind, sure: 0.6})
			i += k
			continue next
		}
		i++
	}
}

// isAcronym reports whether w is two to six capital letters, digits or full stops, the first a letter.
func isAcronym(w string) bool {
	letters := 0
	for i := 0; i < len(w); i++ {
		switch c := w[i]; {
		case c >= 'A' && c <= 'Z':
			letters++
		case i > 0 && (c == '.' || c == '-' || c >= '0' && c <= '9' || c == '&'):
		default:
			return false
		}
	}
	return letters >= 2 && len(w) <= 8
}

// landform reports whether a word begins the names of places.
func landform(w string) bool {
	switch w {
	case "mount", "mt.", "lake", "cape", "fort", "port", "gulf", "isle", "puerto", "río":
		return true
	}
	return false
}

func compass(w string) bool {
	switch w {
	case "north", "south", "east", "west", "northern", "southern", "eastern", "western", "central", "southeast", "southwest", "northeast", "northwest", "upper", "lower", "new", "greater":
		return true
	}
	return false
}
