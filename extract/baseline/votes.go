package baseline

import (
	"strings"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// What no list knows is put to the vote: prose's label, the words around, and every other place of the document where
// the same name stands.

// A ballot sums evidence by kind.
type ballot [reading.Other + 1]float64

func (b *ballot) best() (reading.Kind, float64) {
	best := reading.Person
	for k := range b {
		if b[k] > b[best] {
			best = reading.Kind(k)
		}
	}
	return best, b[best]
}

// rest reads a run that no list knows as a whole: first names and acronyms decide; else prose's label and the words
// around it vote, and settle counts the votes of the whole document.
func (n *namer) rest(first, last int) {
	count := last - first
	end := n.low[last-1]
	g := n.shared.FirstName(n.low[first])
	plain := n.plain[end] && !n.shared.Surname(end) && (g == lexicon.Unknown || n.lower[end] || count > 2)
	switch {
	case count == 1 && isAcronym(n.word(first)):
		if last < len(n.Tokens) && n.low[last] == "$" {
			return
		}
		n.add(first, last, reading.Organization, 0.6)
		return
	case count >= 2 && count <= 5 && g != lexicon.Unknown && !plain:
		n.addPerson(first, last, 0.85)
		return
	}
	b := n.ballot(first, last)
	n.label(first, last, b)
	n.context(first, last, b)
	if g != lexicon.Unknown && !plain {
		b[reading.Person] += 2
	}
	if n.shared.Surname(end) {
		b[reading.Person]++
	}
	if plain {
		b[reading.Other] += 2
	}
	if !plain && (count == 2 || count == 3) && !n.plain[n.low[first]] { // two strange words: most often somebody
		b[reading.Person] += 0.8
	}
	n.found = append(n.found, found{first: first, last: last, kind: reading.Other, sure: 0.3})
}

func (n *namer) ballot(first, last int) *ballot {
	w := n.phrase(first, last)
	b := n.votes[w]
	if b == nil {
		b = new(ballot)
		n.votes[w] = b
	}
	return b
}

// label lets prose's labels of [first,last) vote, the last word's counting double.
func (n *namer) label(first, last int, b *ballot) {
	share := 1.5 / float64(last-first+1)
	for i := first; i < last; i++ {
		v := share
		if i == last-1 {
			v *= 2
		}
		switch strings.TrimPrefix(strings.TrimPrefix(n.marks[i].label, "B-"), "I-") {
		case "PERSON":
			b[reading.Person] += v
		case "GPE", "GSP", "LOCATION", "FACILITY":
			b[reading.Place] += v * 0.5 // given too freely
		case "ORGANIZATION":
			b[reading.Organization] += v
		default:
			b[reading.Other] += v * 0.5
		}
	}
}

// context lets the words around [first,last) vote.
func (n *namer) context(first, last int, b *ballot) {
	sent := n.Sentences[n.Tokens[first].Sentence]
	if first > sent.First {
		switch w := n.low[first-1]; w {
		case "in":
			b[reading.Place] += 1.5
		case "near", "across", "throughout", "outside", "towards", "toward":
			b[reading.Place] += 1
		case "from", "at", "into":
			b[reading.Place] += 0.5
		case "the", "a", "an", "this":
			b[reading.Person] -= 2
			b[reading.Other] += 0.5
		default:
			if _, ok := n.shared.Title(w); ok { // "president", in lower case
				b[reading.Person] += 2.5
			}
		}
	}
	if last >= sent.Last {
		return
	}
	w := n.low[last]
	if v, ok := n.verbs[w]; ok && v.has(frameQuote) && (v.form == past || v.form == third) {
		b[reading.Person] += 1.5
	}
	if kind, ok := n.nameWords[w]; ok {
		b[kind] += 1
	}
	if tag := n.tag(last); tag == "VBD" || tag == "VBZ" {
		b[reading.Person] += 0.5
	}
	switch w {
	case "city", "town", "area", "border", "neighbourhood", "neighborhood", "capital":
		b[reading.Place] += 1.5
	case "who":
		b[reading.Person] += 1.5
	case ",":
		if last+1 < sent.Last {
			if n.low[last+1] == "who" || n.class(last+1) == text.Number && last+2 < sent.Last && n.low[last+2] == "," && len(n.low[last+1]) == 2 {
				b[reading.Person] += 2
			}
		}
	}
}

// settle lets the document decide where a name was left open: a surname of somebody named in full is that person,
// wherever it stands; else the votes count.
func (n *namer) settle() {
	for i := range n.found {
		f := &n.found[i]
		if f.sure > 0.75 {
			continue
		}
		w := n.phrase(f.first, f.last)
		if f.kind != reading.Person && n.people[w] {
			f.kind, f.sure = reading.Person, 0.8
		} else if b := n.votes[w]; b != nil && f.sure < 0.4 {
			if kind, v := b.best(); v > 0 {
				f.kind = kind
				f.sure = min(0.7, 0.3+v/10)
			}
		}
		n.known[w] = f.kind
	}
}
