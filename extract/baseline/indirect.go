package baseline

import (
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// Rules for content that is a clause, an infinitive or a noun phrase, with or without quotation marks in it.

// complementizer reports whether a clause is announced at token i: "that", "whether", "why" …
func (a *attributor) complementizer(i int) bool {
	switch a.low[i] {
	case "that", "whether", "if", "why", "how", "what", "when", "where", "who":
		return a.in[i] < 0
	}
	return false
}

// that: Lind said on Monday that they won.
func (a *attributor) that(i int, v verb) (finding, bool) {
	if !v.has(frameThat) || i+2 >= len(a.Tokens) {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	k := i + 1
	if v.has(frameHear) && !a.complementizer(k) {
		return finding{}, false
	}
	k = a.adjunct(k)
	if k > i+1 && a.low[k] != "that" || !a.complementizer(k) || a.sentence(k) != a.sentence(i) {
		return finding{}, false
	}
	if source.empty() && !passive && cue.first == i && v.form != gerund && a.bounds(i).first != i {
		return finding{}, false
	}
	return a.forward(i, cue, source, k, full), true
}

// told: Lind told reporters they won.
func (a *attributor) told(i int, v verb) (finding, bool) {
	if !v.has(frameHear) || i+2 >= len(a.Tokens) || a.in[i+1] >= 0 {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	if passive {
		return finding{}, false
	}
	np := a.nounPhraseAfter(i+1, false)
	if np.empty() || np.last >= len(a.Tokens) {
		return finding{}, false
	}
	k := a.adjunct(np.last)
	if k >= len(a.Tokens) || a.sentence(k) != a.sentence(i) {
		return finding{}, false
	}
	switch {
	case a.complementizer(k), a.low[k] == "to", a.low[k] == "not" && a.low[min(k+1, len(a.Tokens)-1)] == "to":
		return a.forward(i, cue, source, k, full), true
	case a.in[k] < 0 && a.startsClause(k):
		return a.forward(i, cue, source, k, full), true
	}
	return finding{}, false
}

// startsClause reports whether a noun phrase and its finite verb stand at token i.
func (a *attributor) startsClause(i int) bool {
	if a.in[i] >= 0 {
		return false
	}
	np := a.nounPhraseAfter(i, true)
	if np.empty() && a.isTag(i, "JJ") && i+1 < len(a.Tokens) && a.finite(i+1) { // "many doubted her"
		return true
	}
	if np.empty() {
		return a.tag(i) == "EX" || a.tag(i) == "VBG" && a.verbIn(i+1, min(a.bounds(i).last, i+12))
	}
	end := min(a.bounds(i).last, np.last+14)
	for k := np.last; k < end; k++ {
		if a.in[k] >= 0 {
			return k < np.last+3
		}
		if a.finite(k) || formOfBe(a.low[k]) || a.low[k] == "'s" && a.tag(k) != "POS" {
			return true
		}
		if c := a.low[k]; c == ";" || c == ":" || c == "," && k > np.last {
			return false
		}
	}
	return false
}

// clauseAhead reports whether a clause must begin at token k, since the verb takes nothing else and a finite verb comes.
func (a *attributor) clauseAhead(k int, v verb) bool {
	if v.has(frameNP) || !v.has(frameQuote) || a.class(k) == text.Punct {
		return false
	}
	switch tag := a.tag(k); {
	case tag == "TO" || tag == "CC" || a.finite(k):
		return false
	case tag == "IN" && a.low[k] != "despite" && a.low[k] != "if":
		return false
	}
	for i := k + 1; i < min(a.sentenceEnd(k), k+40); i++ {
		if a.finite(i) {
			return true
		}
		if c := a.low[i]; c == ";" || c == "that" && a.in[i] < 0 {
			return false
		}
	}
	return false
}

// setOff: They won, Lind said, by a hair.
func (a *attributor) setOff(i int, v verb) (finding, bool) {
	if !v.has(frameClause) || v.form == gerund {
		return finding{}, false
	}
	b := a.bounds(i)
	cue, source, passive := a.cueAt(i)
	if passive {
		return finding{}, false
	}
	first, last := source.first, cue.last
	if source.empty() || source.last != cue.first { // ", said Lind"
		if cue.first <= b.first || a.low[cue.first-1] != "," || i+1 >= b.last {
			return finding{}, false
		}
		np := a.nounPhraseAfter(i+1, true)
		if np.empty() || !v.has(frameQuote) {
			return finding{}, false
		}
		source = np
		if a.tag(np.first) != "PRP" {
			source = a.apposition(np)
		}
		first, last = cue.first, source.last
	}
	if first <= b.first {
		return finding{}, false
	}
	comma := a.low[first-1] == ","
	if a.low[first-1] == "as" && first-1 > b.first {
		first--
		comma = a.low[first-1] == ","
	}
	if !comma {
		return finding{}, false
	}
	rest := a.adjunct(last)
	before := run{a.dateline(b.first), first - 1}
	if before.empty() {
		return finding{}, false
	}
	for before.first < before.last && (a.low[before.first] == "but" || a.low[before.first] == "and") {
		before.first++
	}
	f := finding{content: []run{before}, cue: cue, source: source}
	switch {
	case rest >= b.last || a.low[rest] == "." || a.low[rest] == ";":
		if !a.verbIn(before.first, before.last) && !(a.in[before.first] >= 0 && a.speaks(before)) {
			return finding{}, false
		}
		f.content = a.goOn(f.content, last)
		return f, true
	case a.low[rest] == "," && rest+1 < b.last:
		if w, ok := a.verbs[a.low[rest+1]]; ok && w.form == gerund || a.low[rest+1] == "according" {
			return f, a.verbIn(before.first, before.last)
		}
		if before.last-before.first > 40 {
			return finding{}, false
		}
		f.content = append(f.content, run{rest + 1, a.clauseEnd(a.page, rest+1, full, a.tag(i))})
		return f, true
	}
	return finding{}, false
}

// clause: Lind said they won.
func (a *attributor) clause(i int, v verb) (finding, bool) {
	if !v.has(frameClause) || v.has(frameHear) && !v.has(frameQuote) || i+2 >= len(a.Tokens) {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	if passive || source.empty() || v.act == schema.Thought && a.low[cue.first] == "to" {
		return finding{}, false
	}
	k := i + 1
	if w := source.first - 1; w >= 0 && a.in[w] < 0 && a.finite(k) && (a.low[w] == "which" || a.low[w] == "that" || a.low[w] == "who") {
		// "a plan which Lind said was hers": the pronoun is part of what she said
		return finding{content: []run{{w, w + 1}, {k, a.clauseEnd(a.page, k, phrasal, a.tag(i))}}, cue: cue, source: source}, true
	}
	if !a.startsClause(k) && !a.clauseAhead(k, v) {
		if k = a.adjunct(k); k == i+1 || k >= len(a.Tokens) || a.sentence(k) != a.sentence(i) || !a.startsClause(k) && !a.clauseAhead(k, v) {
			return finding{}, false
		}
	}
	return a.forward(i, cue, source, k, full), true
}

// infinitive: Lind promised to resign.
func (a *attributor) infinitive(i int, v verb) (finding, bool) {
	if !v.has(frameInf) || i+2 >= len(a.Tokens) || a.low[i+1] != "to" || a.in[i+1] >= 0 || !a.isTag(i+2, "VB") && !a.isTag(i+2, "RB") {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	if source.empty() && !passive || v.act == schema.Thought && a.low[cue.first] == "to" {
		return finding{}, false
	}
	return a.forward(i, cue, source, i+1, phrasal), true
}

// preposition: Lind called for an inquiry. The preposition belongs to the cue.
func (a *attributor) preposition(i int, v verb) (finding, bool) {
	if i+2 >= len(a.Tokens) || a.in[i+1] >= 0 {
		return finding{}, false
	}
	k := i + 1
	ok := v.has(frameOut) && a.low[k] == "out"
	for _, prep := range v.preps {
		ok = ok || a.low[k] == prep
	}
	if !ok || a.sentence(k+1) != a.sentence(i) {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	if source.empty() || passive {
		return finding{}, false
	}
	cue.last = k + 1
	kind := phrasal
	if v.has(frameOut) || a.complementizer(k+1) {
		kind = full
	}
	return a.forward(i, cue, source, k+1, kind), true
}

// object: Lind praised the new law; Lind called it a disgrace.
func (a *attributor) object(i int, v verb) (finding, bool) {
	if !v.has(frameNP) && !v.has(frameName) && !v.has(frameAs) || i+1 >= len(a.Tokens) || a.sentence(i+1) != a.sentence(i) {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	if source.empty() || passive || v.act == schema.Thought && a.low[cue.first] == "to" {
		return finding{}, false
	}
	if v.form == past && a.tag(i) == "VBN" && cue.first == i { // "a drug called …"
		return finding{}, false
	}
	if !v.has(frameNP) && !v.has(frameName) && !a.follows("as", i) {
		return finding{}, false
	}
	if a.in[i+1] < 0 && a.nounPhraseAfter(i+1, false).empty() && a.tag(i+1) != "VBG" {
		return finding{}, false
	}
	return a.forward(i, cue, source, i+1, phrasal), true
}

// follows reports whether a word stands soon after token i, before any mark.
func (a *attributor) follows(w string, i int) bool {
	for k := i + 1; k < min(a.bounds(i).last, i+12) && a.class(k) != text.Punct; k++ {
		if a.low[k] == w && a.in[k] < 0 {
			return true
		}
	}
	return false
}

// forward is the finding whose content begins at token k after the cue.
func (a *attributor) forward(i int, cue, source run, k int, kind clauseKind) finding {
	end := a.clauseEnd(a.page, k, kind, a.tag(i))
	if !source.empty() && source.last == source.first+1 && (a.low[source.first] == "who" || a.low[source.first] == "which" || a.low[source.first] == "that") {
		end = a.relativeEnd(k, end, kind)
	}
	if first := a.bounds(i).first; first == cue.first && a.verbs[a.low[i]].form == gerund {
		// "Promising that all will be well, Lind left": who does it follows.
		for c := k + 1; c+1 < end; c++ {
			if a.low[c] != "," || a.in[c] >= 0 || a.in[c+1] >= 0 {
				continue
			}
			if np := a.nounPhraseAfter(c+1, false); !np.empty() && np.last < len(a.Tokens) && a.finite(np.last) {
				end, source = c, np
				break
			}
		}
	}
	content := []run{{k, end}}
	if end > k && a.in[end-1] >= 0 { // it ends in a quotation, which may go on over paragraphs or sentences
		if runs := a.quotationRuns(a.in[end-1], end-1); len(runs) > 1 {
			content = append(content, runs[1:]...)
		}
		content = a.goOn(content, content[len(content)-1].last)
	}
	return finding{content: content, cue: cue, source: source}
}

// relativeEnd cuts the content of a relative clause ("who wants to resign") where the main clause goes on.
func (a *attributor) relativeEnd(first, end int, kind clauseKind) int {
	for k := first + 1; k < end; k++ {
		if a.in[k] >= 0 {
			continue
		}
		if a.low[k] == "," || kind == phrasal && a.finite(k) && k > first+1 {
			return k
		}
		if a.complementizer(k) || a.low[k] == "because" {
			kind = full
		}
	}
	return end
}

// dateline skips "BERLIN, May 3 (Agency) —" at the head of a paragraph.
func (a *attributor) dateline(first int) int {
	s := a.Sentences[a.Tokens[first].Sentence]
	if a.Sentences[a.Paragraphs[s.Paragraph].First].First != first {
		return first
	}
	for k := first + 1; k < min(s.Last-1, first+14); k++ {
		switch w := a.low[k]; {
		case a.in[k] >= 0 || a.finite(k):
			return first
		case (w == "—" || w == "--" || w == "–" || w == "-") && a.Tokens[k].Start > a.Tokens[k-1].End && (a.low[k-1] == ")" || isAcronym(a.word(first))):
			return k + 1
		}
	}
	return first
}

// accordingTo: The plan failed, according to two officials.
func (a *attributor) accordingTo(i int) bool {
	if a.low[i] != "according" || i+2 >= len(a.Tokens) || a.low[i+1] != "to" || a.in[i+2] >= 0 {
		return false
	}
	b := a.bounds(i)
	np := a.nounPhraseAfter(i+2, true)
	if np.empty() {
		return false
	}
	source := a.apposition(np)
	if i == b.first { // "According to a study made for the city by two clinics, …": up to the comma
		for k := source.last; k < min(b.last, i+maxPhrase) && a.in[k] < 0; k++ {
			if a.low[k] == "," {
				source.last = k
				break
			}
			if a.finite(k) || a.low[k] == ":" {
				break
			}
		}
	}
	f := finding{cue: run{i, i + 2}, source: source, act: "speech", rule: "according-to", sure: 0.85}
	rest := run{source.last, a.sentenceEnd(i)}
	for rest.first < rest.last && (a.low[rest.first] == "," || a.low[rest.first] == ":") {
		rest.first++
	}
	before := run{a.dateline(b.first), i}
	for before.first < before.last && (a.low[before.first] == "but" || a.low[before.first] == "and") {
		before.first++
	}
	if !before.empty() {
		f.content = append(f.content, before)
	}
	if source.last < b.last && (a.low[source.last] == "," || before.empty() && a.low[source.last] == ":") && !rest.empty() && (before.empty() || a.in[rest.first] >= 0 || !a.verbIn(before.first, before.last)) {
		f.content = append(f.content, rest)
	}
	a.add(f)
	return true
}

// noun: his claim that they won; and adjectives: Lind is confident that they won.
func (a *attributor) noun(i int) bool {
	n, ok := a.nouns[a.low[i]]
	if !ok || i+3 >= len(a.Tokens) || i == 0 {
		return false
	}
	b := a.bounds(i)
	k := i + 1
	if n.adjective {
		first, _, _ := a.group(i)
		if first == i || !formOfBe(a.low[first]) && !formOfBe(a.low[max(first, i-2)]) && !formOfBe(a.low[i-1]) || a.in[k] >= 0 {
			return false
		}
		source := a.subject(first)
		if source.empty() {
			return false
		}
		cue := run{first, k}
		switch w := a.low[k]; {
		case w == "that" || w == "to" && a.isTag(k+1, "VB"):
		case w == "about" || w == "of" || w == "in":
			cue.last, k = k+1, k+1
		case a.startsClause(k):
		default:
			return false
		}
		a.add(finding{content: a.forward(i, cue, source, k, full).content, cue: cue, source: source, act: n.act, rule: "adjective", sure: 0.5})
		return true
	}
	if !a.isTag(i, "NN") || a.low[k] != "that" || a.in[k] >= 0 || k+2 >= b.last || !a.startsClause(k+1) {
		return false
	}
	cue, source := run{i, i + 1}, run{}
	j := i - 1
	for j > b.first && a.isTag(j, "JJ") {
		j--
	}
	switch {
	case a.tag(j) == "PRP$":
		source = run{j, j + 1}
	case a.low[j] == "'s" || a.tag(j) == "POS":
		if np := a.nounPhraseBefore(j); !np.empty() {
			source = run{np.first, j + 1}
		}
	}
	if source.empty() { // "expressed concern that", "with the argument that"
		if a.tag(j) == "DT" && j > b.first {
			j--
		}
		if a.isTag(j, "VB") && a.in[j] < 0 {
			if _, own := a.verbs[a.low[j]]; own {
				first, _, _ := a.group(j)
				cue.first = first
				source = a.subject(first)
			}
		}
		if source.empty() {
			source = a.governor(j + 1)
		}
	}
	a.add(finding{content: a.forward(i, cue, source, k, full).content, cue: cue, source: source, act: n.act, rule: "noun", sure: 0.3})
	return true
}

// colon: LIND: We won. And: Police: Man held after fire.
func (a *attributor) colon(i int) bool {
	if a.low[i] != ":" || i+1 >= len(a.Tokens) {
		return false
	}
	b := a.bounds(i)
	s := a.Sentences[a.Tokens[i].Sentence]
	paragraph := a.Paragraphs[s.Paragraph]
	first := a.Sentences[paragraph.First].First
	if b.first != first || i-first > 8 || i == first {
		return false
	}
	for k := first; k < i; k++ {
		if a.class(k) != text.Word || a.finite(k) {
			return false
		}
	}
	if !a.capital(first) || !a.isNoun(i-1) && !a.capital(i-1) {
		return false
	}
	k := i + 1
	end := a.Sentences[paragraph.Last-1].Last
	if a.paragraph(k) != s.Paragraph {
		return false
	}
	name := true
	for j := first; j < i; j++ {
		name = name && a.capital(j)
	}
	f := finding{cue: run{i, i + 1}, source: run{first, i}, act: "speech", rule: "colon", sure: 0.9}
	switch {
	case a.in[k] >= 0 && a.class(k) == text.OpenQuote:
		f.content = a.quotationRuns(a.in[k], k)
	case name && end-k > 2 && (isAcronym(a.word(i-1)) || a.person(first, i) || s.Paragraph == 0 && a.names[i]):
		f.content = []run{{k, a.lineEnd(end)}}
	case paragraph.Last-paragraph.First == 1 && end-k > 3 && (a.low[i-1] == "poll" || a.low[i-1] == "report" || a.low[i-1] == "study" || a.low[i-1] == "police" || a.low[i-1] == "officials" || a.low[i-1] == "survey" || a.low[i-1] == "sources" || a.low[i-1] == "newspaper" || a.low[i-1] == "camp" || a.low[i-1] == "campaign" || a.low[i-1] == "spokesman" || a.low[i-1] == "spokeswoman" || a.low[i-1] == "minister" || a.low[i-1] == "court" || a.low[i-1] == "official"):
		f.content = []run{{k, a.lineEnd(end)}}
	default:
		return false
	}
	a.add(f)
	return true
}

// lineEnd takes the full stop off a headline.
func (a *attributor) lineEnd(end int) int {
	if a.in[end-1] < 0 && a.low[end-1] == "." {
		end--
	}
	return end
}

// person reports whether [first,last) looks like a person's name.
func (a *attributor) person(first, last int) bool {
	return a.shared.FirstName(a.low[first]) != 0 && last-first > 1 || a.shared.Surname(a.low[last-1])
}
