package coref

import (
	"strings"

	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// part is the part that a mention has in its sentence, found out once.
func (w *work) part(i int) int {
	if w.played == nil {
		w.played = make([]int8, len(w.mentions))
	}
	if w.played[i] == 0 {
		w.played[i] = int8(w.guess(i) + 1)
	}
	return int(w.played[i]) - 1
}

// guess tells the part of a mention by the words beside it.
func (w *work) guess(i int) int {
	m := &w.mentions[i]
	lo, hi := w.doc.Sentences[m.Sentence].First, w.doc.Sentences[m.Sentence].Last
	first, last := w.doc.TokensIn(m.Span)
	if m.Form == schema.ByPronoun {
		switch w.pronoun(i) {
		case heading, subject:
			return acting
		case possessor:
			return owning
		}
		if first > lo && prepositions[w.low(first-1)] {
			return preceded
		}
		return remaining
	}
	if m.Possessive || last < hi && w.doc.Tokens[last].Class == text.Clitic && strings.HasSuffix(w.low(last), "s") && w.possessive(last) {
		return owning
	}
	for _, r := range m.Roles { // "Mayor Dana Reyes" begins with the mayor
		if r.Title.Start < m.Start {
			if k := w.doc.TokenAt(r.Title.Start); k >= lo && k < first {
				first = k
			}
		}
	}
	k := first - 1
	for k >= max(lo, first-courtesies) && (articles[w.low(k)] || w.doc.Tokens[k].Class == text.OpenQuote || w.courtesy(k)) {
		k--
	}
	before := ""
	if k >= lo {
		before = w.low(k)
	}
	if prepositions[before] {
		return preceded
	}
	if w.verbFollows(last, hi) {
		return acting
	}
	if k < lo || heads[before] {
		return headed
	}
	if t := w.doc.Tokens[k].Class; t == text.CloseQuote || t == text.Punct && before != "," && before != "(" && before != "-" {
		return headed
	}
	return remaining
}

// possessive tells the "'s" of "Reyes's car" from that of "Reyes's gone": what follows is no participle or article.
func (w *work) possessive(k int) bool {
	if k+1 >= len(w.doc.Tokens) {
		return true
	}
	next := w.low(k + 1)
	return !articles[next] && next != "been" && next != "not" && next != "got"
}

// courtesies is how many tokens before a name may be articles, quotation marks and forms of address. It bounds the work for
// a sentence of nothing else.
const courtesies = 16

// courtesy reports whether token k belongs to a "Mr." or "Dr" before a name.
func (w *work) courtesy(k int) bool {
	word := w.doc.TokenText(k)
	if word == "." && k > 0 {
		word = w.doc.TokenText(k - 1)
	}
	switch strings.ToLower(strings.TrimSuffix(word, ".")) {
	case "mr", "mrs", "ms", "miss", "dr", "sir", "dame", "lord", "lady", "madam":
		return true
	}
	return false
}

// verbFollows reports whether a verb begins right behind a mention, or behind an insertion in commas or brackets there.
func (w *work) verbFollows(k, hi int) bool {
	const longest = 14 // tokens of an insertion
	if k >= hi {
		return false
	}
	switch open := w.doc.TokenText(k); open {
	case ",", "(", "—", "–":
		end := open
		if open == "(" {
			end = ")"
		}
		for j := k + 1; j < hi && j-k < longest; j++ {
			if w.doc.TokenText(j) == end {
				return w.verb(j+1, hi)
			}
		}
		return false
	}
	return w.verb(k, hi)
}

// verb reports whether the word at token k looks like a finite verb.
func (w *work) verb(k, hi int) bool {
	for n := 0; k < hi && n < 2 && (adverbs[w.low(k)] || strings.HasSuffix(w.low(k), "ly")); n++ {
		k++
	}
	if k >= hi || w.doc.Tokens[k].Class == text.Clitic && w.low(k) != "n't" {
		return k < hi && w.doc.Tokens[k].Class == text.Clitic && !strings.HasSuffix(w.low(k), "s")
	}
	l := w.low(k)
	if verbs[l] {
		return true
	}
	if w.doc.Tokens[k].Class != text.Word || l != w.doc.TokenText(k) || prepositions[l] || heads[l] {
		return false
	}
	return len(l) > 3 && (strings.HasSuffix(l, "ed") || strings.HasSuffix(l, "s") && !strings.HasSuffix(l, "ss") && !strings.HasSuffix(l, "us"))
}

// pronoun is the part that a pronoun has by its form, and "her" by the word behind it.
func (w *work) pronoun(i int) int {
	m := &w.mentions[i]
	k := w.doc.TokenAt(m.Start)
	s := w.doc.Sentences[m.Sentence]
	switch w.low(k) {
	case "he", "she":
		for j := k - 1; j >= s.First; j-- {
			if w.doc.Tokens[j].Class == text.Word {
				return subject
			}
		}
		return heading
	case "himself", "herself":
		return reflexive
	case "his", "hers":
		return possessor
	case "her":
		if k+1 >= s.Last || w.doc.Tokens[k+1].Class != text.Word && w.doc.Tokens[k+1].Class != text.Number && w.doc.Tokens[k+1].Class != text.OpenQuote {
			return object
		}
		if next := w.low(k + 1); prepositions[next] || heads[next] || articles[next] || adverbs[next] || determiners[next] {
			return object
		}
		return possessor
	}
	return object
}

// clauses counts the places between two mentions of a sentence where a clause may begin, up to three.
func (w *work) clauses(a, b text.Span) int {
	n := 0
	_, first := w.doc.TokensIn(a)
	last, _ := w.doc.TokensIn(b)
	for k := first; k < last && n < 3 && k-first < 64; k++ {
		l := w.low(k)
		if l == "," || l == ";" || l == ":" || l == "—" || l == "–" || heads[l] || l == "and" || l == "who" || l == "to" {
			n++
		}
	}
	return n
}

// beside is what stands beside the mention k, and between it and the pronoun i.
func (w *work) beside(i, k int) [8]bool {
	m, n := &w.mentions[i], &w.mentions[k]
	first, last := w.doc.TokensIn(n.Span)
	at := w.doc.TokenAt(m.Start)
	token := func(k int) string {
		if k < 0 || k >= len(w.doc.Tokens) {
			return ""
		}
		return w.low(k)
	}
	behind := last + 1
	for behind < at && behind < last+3 && determiners[token(behind)] {
		behind++
	}
	return [8]bool{
		token(last) == "," && at == last+1 && w.pronoun(i) == possessor, // "Lee Moor, her rival": not Moor
		token(first-1) == "(",
		token(first-1) == "and" || token(last) == "and",
		token(last) == "who" || token(last) == "," && token(last+1) == "who",
		token(first-1) == "by",
		token(first-1) == ",",
		token(last) == "and" && at == last+1, // "Reyes and his wife"
		strings.Contains(w.doc.Slice(n.Span), " "),
	}
}

func (w *work) low(k int) string { return strings.ToLower(w.doc.TokenText(k)) }

func words(list string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.Fields(list) {
		out[word] = true
	}
	return out
}

// The words that tell parts apart: closed classes of English, and the forms of verbs that no ending gives away.
var (
	articles     = words(`the a an`)
	determiners  = words(`this that these those some any no his their its our my your each every both all another`)
	prepositions = words(`of in on at by for with from to into over under about against between among through during without
		within after before behind beyond near like unlike than via toward towards alongside despite upon off out around
		including concerning regarding versus`)
	heads = words(`that while as when but because if though although whom which said says where whether since so then what how why
		until once unless whereas`)
	adverbs = words(`also then later never still now always often soon once again just already even ever first finally both
		eventually subsequently himself herself`)
	verbs = words(`is was are were be been has have had does do did can could will would shall should may might must isn't wasn't
		'd 'll 've said told went took made won left became began got gave wrote met saw ran came led lost found held felt knew
		thought sent kept stood sat grew spoke put cut set hit let read paid bought brought built caught fell fought sang sold
		taught threw drew drove flew forgot forgave broke chose rose shot spent stole swore understood withdrew hid beat bore
		bound bit blew dealt dug ate fed fled froze heard hung hurt laid lay lent lit meant quit rang rode sank sought shook
		shone shut slept slid spread sprang stuck struck swam swept swung tore undertook woke wore wept wound says`)
)
