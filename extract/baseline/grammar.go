package baseline

import (
	"strings"

	"github.com/quotewire/quotewire/extract/text"
)

// A run is tokens [first,last); empty where last <= first.
type run struct{ first, last int }

func (r run) empty() bool { return r.last <= r.first }

// Looking around is bounded, so that reading stays linear whatever the length of a sentence.
const (
	maxPhrase = 30  // tokens of a noun phrase
	maxClause = 250 // tokens of a clause
	maxBack   = 60  // tokens back to the subject of a coordinated verb
)

func (p *page) isNoun(i int) bool {
	return p.isTag(i, "NN") || p.tag(i) == "PRP" || p.class(i) == text.Number || p.tag(i) == "CD" || p.tag(i) == "EX"
}

// finite reports whether token i is a finite verb or an auxiliary.
func (p *page) finite(i int) bool {
	switch p.tag(i) {
	case "VBD", "VBZ", "VBP", "MD":
		return true
	}
	return false
}

// auxiliary reports whether a word may stand in a verb group before the verb.
func auxiliary(w string) bool {
	switch w {
	case "have", "has", "had", "having", "'ve", "'d", "'ll", "'re", "'m", "is", "are", "was", "were", "be", "been", "being", "am",
		"will", "would", "could", "should", "can", "may", "might", "must", "do", "does", "did", "n't", "not", "never", "to", "ca", "wo":
		return true
	}
	return false
}

func formOfBe(w string) bool {
	switch w {
	case "is", "are", "was", "were", "be", "been", "being", "am", "'re", "'m":
		return true
	}
	return false
}

// group is the first token of the verb group that ends with the verb i: "has also [said]". Its adverbs and
// auxiliaries are part of the cue.
func (p *page) group(i int) (first int, passive, infinitive bool) {
	low := p.bounds(i).first
	first = i
	for first > low && i-first < 8 {
		w := p.low[first-1]
		switch {
		case p.in[first-1] >= 0 != (p.in[i] >= 0):
			return
		case auxiliary(w):
		case w == "'s" && p.marks[first-1].tag != "POS" && p.class(first-1) == text.Clitic:
		case p.isTag(first-1, "RB") && p.class(first-1) == text.Word && w != "however" && w != "meanwhile" && w != "here" && w != "there" && w != "ago" && w != "later" && w != "earlier":
		default:
			return
		}
		passive = passive || formOfBe(w) || w == "'s"
		infinitive = infinitive || w == "to"
		first--
	}
	return
}

// nounPhraseBefore is the noun phrase that ends before token end; empty if none does.
func (p *page) nounPhraseBefore(end int) run {
	if end <= 0 {
		return run{}
	}
	low := max(p.bounds(end-1).first, end-maxPhrase)
	i := end - 1
	if i < low || p.in[i] >= 0 {
		return run{}
	}
	switch tag := p.tag(i); {
	case tag == "PRP" || tag == "WP" || tag == "EX":
		return run{i, end}
	case p.low[i] == "that" || p.low[i] == "which":
		return run{i, end}
	case tag == "DT" || tag == "JJ" && (p.low[i] == "many" || p.low[i] == "several" || p.low[i] == "few" || p.low[i] == "others"):
		if k := p.low[i]; k == "the" || k == "a" || k == "an" {
			return run{}
		}
	case p.low[i] == ")":
		for k := i - 1; k >= low && i-k < 8; k-- {
			if p.low[k] == "(" {
				if np := p.phraseBefore(k, low); !np.empty() {
					return run{np.first, end}
				}
				break
			}
		}
		return run{}
	case !p.isNoun(i) && p.low[i] != "%" && !(p.capital(i) && nameTag(tag)):
		return run{}
	}
	return p.phraseBefore(end, low)
}

// nameTag reports whether a capitalised word of that tag may be part of a name.
func nameTag(tag string) bool {
	switch tag {
	case "", "IN", "CC", "TO", "MD", "VBD", "VBZ", "VBP", "EX", "UH", "DT":
		return false
	}
	return tag[0] != 'W' && !strings.HasPrefix(tag, "RB")
}

func (p *page) phraseBefore(end, low int) run {
	if end <= low {
		return run{}
	}
	first := end - 1
	for first > low {
		i := first - 1
		if p.in[i] >= 0 {
			break
		}
		w, tag := p.low[i], p.tag(i)
		determined := p.tag(first) == "DT" || p.tag(first) == "PRP$" || p.tag(first) == "PRP"
		switch {
		case i >= low && p.class(i) == text.Punct && (w == "-" || w == "&" || w == "." && i > low && p.Tokens[i].Start == p.Tokens[i-1].End && p.Tokens[i].End == p.Tokens[first].Start):
			if w == "-" && p.Tokens[i].Start != p.Tokens[max(i-1, low)].End {
				return run{first, end}
			}
		case p.class(i) == text.Punct:
			return run{first, end}
		case determined && w != "of" && w != "all" && w != "and" && w != "or" && tag != "IN" && tag != "TO":
			return run{first, end}
		case p.isTag(i, "NN"):
			if calendar(w) && !determined && p.isTag(first, "NN") {
				return run{first, end}
			}
		case p.isTag(i, "JJ") || tag == "DT" || tag == "PRP$" || tag == "CD" || tag == "POS" || p.class(i) == text.Number || w == "'s" || w == "$" || w == "%":
			if determined && (tag == "DT" || tag == "PRP$") {
				return run{first, end}
			}
		case tag == "VBN" && i > low && p.isTag(i-1, "NN") && (p.tag(first) == "IN" || p.low[first] == "by"): // "records kept by the city"
		case p.tag(i) == "IN" && i > low+1 && p.tag(i-1) == "VBN" && p.isTag(i-2, "NN"):
		case (tag == "VBN" || tag == "VBG") && !determined && i > low && (p.tag(i-1) == "DT" || p.isTag(i-1, "JJ") || p.tag(i-1) == "PRP$"):
		case w == "of" || w == "for" || w == "in" || w == "at" || w == "from" || w == "with" || w == "on" || w == "to" || w == "against" || w == "about" || w == "near":
			if i == low || !p.isTag(i-1, "NN") || calendar(p.low[i-1]) {
				return run{first, end}
			}
		case (w == "and" || w == "or") && i > low && (p.isTag(i-1, "NN") || p.isTag(i-1, "JJ")) && p.in[i-1] < 0:
		case i > low && p.low[i-1] == "-" && p.Tokens[i].Start == p.Tokens[i-1].End:
		case first < end-1 && p.low[first] == "-" && p.Tokens[first].Start == p.Tokens[i].End:
		case p.capital(i) && nameTag(tag) && i > low:
		default:
			return run{first, end}
		}
		first = i
	}
	return run{first, end}
}

// nounPhraseAfter is the noun phrase that begins at token i; empty if none does. With tail it takes prepositional
// phrases too.
func (p *page) nounPhraseAfter(i int, tail bool) run {
	return p.nounPhraseUntil(i, min(p.bounds(i).last, i+maxPhrase), tail)
}

func (p *page) nounPhraseUntil(i, end int, tail bool) run {
	if i >= end || p.in[i] >= 0 {
		return run{}
	}
	if tag := p.tag(i); tag == "PRP" || tag == "WP" {
		return run{i, i + 1}
	}
	last, noun := i, false
	for last < end && p.in[last] < 0 {
		w, tag := p.low[last], p.tag(last)
		switch {
		case p.isTag(last, "NN") || tag == "CD" || p.class(last) == text.Number:
			noun = true
		case tag == "DT" || tag == "PRP$" || tag == "PRP":
			if noun {
				return run{i, last}
			}
			if tag == "PRP" {
				return run{i, last + 1}
			}
		case p.isTag(last, "JJ") || (tag == "VBN" || tag == "VBG") && !noun:
			if noun && !p.nounFollows(last+1, end) {
				return run{i, last}
			}
		case w == "'s" || w == "'" && p.class(last) == text.Clitic:
			noun = false
		case p.capital(last) && !p.finite(last):
			noun = true
		case (w == "-" || w == "&") && last+1 < end && p.class(last) == text.Punct:
		case w == "and" && noun && last+1 < end && (p.isTag(last+1, "NN") || p.tag(last+1) == "DT") && p.capital(last-1) == p.capital(last+1):
			noun = false
		case noun && (w == "of" || tail && (w == "for" || w == "in" || w == "at" || w == "from" || w == "with" || w == "on")):
			np := run{}
			if last+1 < end {
				np = p.nounPhraseUntil(last+1, end, false)
			}
			if np.empty() || tail && w != "of" && calendar(p.low[np.last-1]) {
				return run{i, last}
			}
			last = np.last - 1
		default:
			if !noun {
				return run{}
			}
			return run{i, last}
		}
		last++
	}
	if !noun {
		return run{}
	}
	return run{i, last}
}

func (p *page) nounFollows(i, end int) bool {
	return i < end && p.in[i] < 0 && (p.isTag(i, "NN") || p.isTag(i, "JJ"))
}

// apposition extends a source by the appositions and relative clauses set in commas after it: "Ana Lind, who runs the
// clinic". It ends before the comma, mark or word that goes on with the sentence.
func (p *page) apposition(np run) run {
	end := min(p.bounds(np.first).last, np.last+maxPhrase)
	last := np.last
	for last+1 < end && p.low[last] == "," && p.in[last] < 0 && p.in[last+1] < 0 {
		switch tag := p.tag(last + 1); {
		case p.low[last+1] == "who" || p.low[last+1] == "whose":
		case tag == "DT" || tag == "PRP$" || tag == "CD" || p.class(last+1) == text.Number:
		case p.isTag(last+1, "NN") || p.isTag(last+1, "JJ"):
		default:
			return run{np.first, last}
		}
		k := last + 1
		for k < end && p.in[k] < 0 && p.low[k] != "," && p.low[k] != "." && p.low[k] != ";" && p.low[k] != ":" && p.low[k] != "—" && p.low[k] != ")" {
			k++
		}
		if p.low[last+1] != "who" && p.low[last+1] != "whose" && p.verbIn(last+1, k) {
			return run{np.first, last}
		}
		last = k
	}
	return run{np.first, last}
}

// verbIn reports whether a finite verb stands in [first,last) outside quotations.
func (p *page) verbIn(first, last int) bool {
	for i := first; i < min(last, first+maxClause); i++ {
		if p.in[i] < 0 && p.finite(i) {
			return true
		}
	}
	return false
}

// subject is the noun phrase that the verb group beginning at token i has before it, with its apposition and, as
// PolNeAR has it, the comma after that: "Ana Lind, a nurse,".
func (p *page) subject(i int) run {
	low := p.bounds(i).first
	if i <= low {
		return run{}
	}
	for k := i - 1; k > low+1 && p.in[k] < 0 && calendar(p.low[k]); { // "Lind on Saturday criticised"
		k--
		if w := p.low[k]; w == "on" || w == "last" || w == "late" || w == "early" || w == "this" || w == "earlier" {
			k--
		}
		if p.tag(k) == "VBN" && p.isTag(k-1, "NN") { // "a report published on Monday said"
			if np := p.nounPhraseBefore(k); !np.empty() {
				return run{np.first, i}
			}
		}
		i = k + 1
	}
	if w := p.low[i-1]; (w == "—" || w == "--") && p.in[i-1] < 0 {
		for k := i - 2; k > low && i-k < maxPhrase; k-- {
			if p.in[k] >= 0 {
				return run{}
			}
			if p.low[k] == w {
				if np := p.nounPhraseBefore(k); !np.empty() {
					return run{np.first, i}
				}
				return run{}
			}
		}
		return run{}
	}
	if p.low[i-1] != "," || p.in[i-1] >= 0 {
		np := p.nounPhraseBefore(i)
		if np.empty() {
			return np
		}
		return p.relative(np)
	}
	for k := i - 2; k > low && i-k < maxPhrase; k-- {
		if p.in[k] >= 0 {
			return run{}
		}
		if p.low[k] != "," {
			continue
		}
		np := p.nounPhraseBefore(k)
		if np.empty() {
			return run{}
		}
		switch tag := p.tag(k + 1); {
		case p.low[k+1] == "who" || p.low[k+1] == "which" || p.low[k+1] == "whose":
		case strings.HasPrefix(tag, "RB") || p.low[k+1] == "for" && i-k <= 5 || p.low[k+1] == "in" && i-k <= 5 || p.low[k+1] == "on" && i-k <= 6 || p.low[k+1] == "too":
			return np
		case p.verbIn(k+1, i-1):
			return run{}
		case tag == "DT" || tag == "PRP$" || tag == "CD" || p.class(k+1) == text.Number || p.isTag(k+1, "NN") || p.isTag(k+1, "JJ"):
			if np.first-1 > low && p.low[np.first-1] == "," { // a list or a chain of appositions: take one step more
				if more := p.nounPhraseBefore(np.first - 1); !more.empty() && p.capital(more.first) {
					np = more
				}
			}
		case tag == "VBG" || tag == "VBN" || tag == "IN":
			return np
		default:
			return run{}
		}
		return run{np.first, i}
	}
	return run{}
}

// relative extends a noun phrase that ends a relative clause to what the clause belongs to: "the man who led the talks".
func (p *page) relative(np run) run {
	low := max(p.bounds(np.first).first, np.first-10)
	if np.first <= low || !p.isTag(np.first-1, "VB") && p.tag(np.first-1) != "IN" {
		return np
	}
	for k := np.first - 1; k > low; k-- {
		if p.in[k] >= 0 || p.class(k) == text.Punct {
			break
		}
		if p.low[k] == "who" {
			if head := p.nounPhraseBefore(k); !head.empty() {
				return run{head.first, np.last}
			}
			break
		}
	}
	return np
}

// governor is the subject of the nearest finite verb before token i that has one beside it: whom a participle
// (", saying that") or a coordinated verb ("and said that") goes on speaking of.
func (p *page) governor(i int) run {
	low := max(p.bounds(i).first, i-maxBack)
	for k := i - 1; k > low; k-- {
		if p.in[k] >= 0 || !p.finite(k) {
			continue
		}
		first, _, _ := p.group(k)
		if np := p.subject(first); !np.empty() && p.low[np.first] != "which" && p.low[np.first] != "that" && p.low[np.first] != "it" {
			return np
		}
	}
	return run{}
}

// calendar reports whether w names a day, a month or a time of day.
func calendar(w string) bool {
	switch w {
	case "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "today", "yesterday", "tomorrow", "tonight",
		"january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
		"morning", "afternoon", "evening", "night", "week", "month", "year", "weekend", "time":
		return true
	}
	return false
}

// adjunct skips what may stand between a cue and its content: "on Monday", "in an interview", "later", "to reporters".
func (p *page) adjunct(i int) int {
	end := p.bounds(i).last
	for n := 0; n < 4 && i < end && p.in[i] < 0; n++ {
		w, tag := p.low[i], p.tag(i)
		switch {
		case calendar(w) && w != "may" || w == "later" || w == "earlier" || w == "recently" || w == "again" || w == "once" || w == "publicly" || w == "repeatedly" || w == "privately":
			i++
		case (w == "last" || w == "this" || w == "next" || w == "earlier" || w == "late" || w == "early") && i+1 < end && calendar(p.low[i+1]):
			i += 2
		case w == "in" || w == "on" || w == "at" || w == "during" || w == "to" && tag != "VB" || w == "via" || w == "through" || w == "after" || w == "of" || w == "before" || w == "by" || w == "with":
			if i+1 >= end {
				return i
			}
			if calendar(p.low[i+1]) {
				i += 2
				continue
			}
			np := p.nounPhraseAfter(i+1, false)
			if np.empty() {
				return i
			}
			i = np.last
			for k := np.first; k < np.last; k++ {
				if calendar(p.low[k]) && p.capital(k) {
					i = k + 1
					break
				}
			}
		default:
			return i
		}
	}
	return i
}
