package baseline

import "github.com/quotewire/quotewire/extract/text"

// A clauseKind says how far the content of an attribution reaches: to the end of a clause, which without a parser is a
// matter of commas and of what stands behind them. Which of them end it was counted on PolNeAR's training set.
type clauseKind uint8

const (
	full    clauseKind = iota // a clause with its own subject: "that" and bare clauses
	phrasal                   // an infinitive or a noun phrase: ends earlier
)

// sentenceEnd is the token after the last one of the sentence of i that is not its closing full stop.
func (p *page) sentenceEnd(i int) int {
	b := p.bounds(i)
	last := b.last
	for last > b.first+1 && p.in[last-1] < 0 && (p.low[last-1] == "." || p.low[last-1] == ";" || p.low[last-1] == ":" || p.low[last-1] == ",") {
		last--
	}
	return last
}

// quotationEnd is the token after the last one of the part of quotation that token i lies in.
func (p *page) quotationEnd(i int) int {
	if p.in[i] < 0 {
		return i + 1
	}
	return p.part[i].last
}

// clauseEnd is the token after the clause that begins at start. The verb's tag tells a coordinated verb from one inside.
func (r *Reader) clauseEnd(p *page, start int, kind clauseKind, tag string) int {
	end := min(p.sentenceEnd(start), start+maxClause)
	i := start
	for i < end {
		if p.in[i] >= 0 {
			i = p.quotationEnd(i)
			if i >= end {
				return i
			}
			continue
		}
		switch w := p.low[i]; {
		case w == ";":
			return i
		case w == "—" || w == "--" || w == "–" || w == "-" && i > start && p.Tokens[i].Start > p.Tokens[i-1].End:
			if i > start+1 && !p.dashed(i, end) {
				return i
			}
		case w == "(" && kind == phrasal && i > start+1:
			return i
		case w == "according" && i > start:
			return i
		case w == "," && i+1 < end:
			if r.endsAtComma(p, start, i, end, kind, tag) {
				return i
			}
		case (w == "and" || w == "but") && i > start+1 && i+2 < end:
			if r.coordinated(p, i+1, end, tag) || kind == phrasal && p.tag(i+1) == "PRP" && p.finite(i+2) {
				return i
			}
		}
		i++
	}
	return max(end, start)
}

// endsAtComma reports whether the clause ends at the comma i.
func (r *Reader) endsAtComma(p *page, start, i, end int, kind clauseKind, tag string) bool {
	if p.in[i+1] >= 0 || i <= start+1 { // "that, while …"
		return false
	}
	w := p.low[i+1]
	switch w {
	case "which", "while", "although", "though", "despite", "compared", "but", "yet", "so", "according", "whereas", "where":
		return true
	case "who", "when", "as", "after", "before":
		return kind == phrasal
	case "and", "or":
		if i+2 >= end || p.in[i+2] >= 0 {
			return false
		}
		switch t := p.tag(i + 2); {
		case p.low[i+2] == "that":
			return false
		case t == "PRP" || t == "VBD" || t == "VBZ" || t == "MD" || t == "EX":
			return true
		}
		return kind == phrasal && p.verbIn(i+2, min(end, i+12))
	case "he", "she", "they", "it", "we", "i":
		return true
	}
	if v, ok := r.verbs[w]; ok && p.isTag(i+1, "VB") && (v.form == gerund || v.has(frameQuote) && v.form == past) {
		return true
	}
	if p.tag(i+1) == "VBG" && kind == phrasal {
		return true
	}
	if kind == phrasal && p.capital(i+1) { // ", Lind shot back"
		if np := p.nounPhraseAfter(i+1, false); !np.empty() && np.last < end && p.tag(np.last) == "VBD" {
			return true
		}
	}
	// ", Lind said" and the like belong to what follows.
	for k := i + 2; k < min(end, i+8) && p.in[k] < 0 && p.class(k) != text.Punct; k++ {
		if v, ok := r.verbs[p.low[k]]; ok && v.has(frameQuote) && p.finite(k) && (k+1 >= end || p.low[k+1] == "," || p.low[k+1] == "." || p.in[k+1] >= 0) {
			return true
		}
	}
	return false
}

// dashed reports whether the dash i opens a parenthesis that closes soon, after which the clause goes on.
func (p *page) dashed(i, end int) bool {
	for k := i + 1; k+1 < min(end, i+25); k++ {
		if p.in[k] < 0 && p.low[k] == p.low[i] && p.class(k) == p.class(i) {
			return p.finite(k+1) || p.low[k+1] == "and" || p.tag(k+1) == "IN"
		}
	}
	return false
}

// coordinated reports whether a verb of the cue's own form, itself one that attributes, follows "and" at i.
func (r *Reader) coordinated(p *page, i, end int, tag string) bool {
	for k := i; k < min(end, i+3) && p.in[k] < 0; k++ {
		if p.isTag(k, "RB") || p.low[k] == "has" || p.low[k] == "have" {
			continue
		}
		v, ok := r.verbs[p.low[k]]
		return ok && p.tag(k) == tag && v.form != base
	}
	return false
}
