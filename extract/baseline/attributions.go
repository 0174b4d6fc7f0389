package baseline

import (
	"cmp"
	"slices"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A finding is an attribution in tokens, before it is known whether it stands.
type finding struct {
	content     []run
	cue, source run
	act         schema.Act
	rule        string
	sure        float64
}

// A rule finds attributions around a token that may be a cue. Rules are asked in order, surest first; the first that
// answers for a token has it.
type rule struct {
	name string  // after "baseline/" in Evidence
	doc  string  // an example
	sure float64 // share that was right on PolNeAR's development set, content and source, rounded
	find func(a *attributor, i int, v verb) (finding, bool)
}

// thoughtSure is what no rule exceeds where the cue is a verb of thought, which people themselves agree on less.
const thoughtSure = 0.55

func verbRules() []rule {
	return []rule{
		{"after-quote", `“We won,” Lind said. “It is over.”`, 0.95, (*attributor).afterQuote},
		{"inverted", `“We won,” said Lind, the mayor.`, 0.9, (*attributor).inverted},
		{"inverted-first", `Said Lind: “We won.”`, 0.85, (*attributor).invertedFirst},
		{"before-quote", `Lind said: “We won.”`, 0.85, (*attributor).beforeQuote},
		{"that", `Lind said on Monday that they won.`, 0.75, (*attributor).that},
		{"told", `Lind told reporters they won.`, 0.7, (*attributor).told},
		{"set-off", `They won, Lind said, by a hair.`, 0.8, (*attributor).setOff},
		{"clause", `Lind said they won.`, 0.75, (*attributor).clause},
		{"infinitive", `Lind promised to resign.`, 0.55, (*attributor).infinitive},
		{"preposition", `Lind called for an inquiry.`, 0.65, (*attributor).preposition},
		{"object", `Lind praised the new law.`, 0.6, (*attributor).object},
	}
}

// An attributor reads the attributions of one page.
type attributor struct {
	*Reader
	*page
	found []finding
	used  []bool // quotations that are somebody's
	names []bool // tokens before which the name of a person or an organisation ends
	last  struct {
		verb        int // the token that cueAt was last asked for, plus one: all rules ask for it in turn
		cue, source run
		passive     bool
	}
}

func (r *Reader) attributions(p *page, names []reading.Name) []reading.Attribution {
	a := &attributor{Reader: r, page: p, used: make([]bool, len(p.Quotations)), names: make([]bool, len(p.Tokens)+1)}
	i := 0
	for _, n := range names {
		for i < len(p.Tokens) && p.Tokens[i].Start < n.End {
			i++
		}
		a.names[i] = n.Kind == reading.Person || n.Kind == reading.Organization
	}
	rules := verbRules()
	for i := range p.Tokens {
		if p.in[i] >= 0 {
			continue
		}
		if a.accordingTo(i) || a.colon(i) || a.noun(i) {
			continue
		}
		v, ok := r.verbs[p.low[i]]
		if !ok || !a.isVerb(i, v) {
			continue
		}
		for _, rule := range rules {
			f, ok := rule.find(a, i, v)
			if !ok {
				continue
			}
			f.act, f.rule, f.sure = v.act, rule.name, rule.sure
			if v.act == schema.Thought {
				f.sure = min(f.sure, thoughtSure)
			}
			a.add(f)
			break
		}
	}
	a.settle()
	a.continued()
	slices.SortStableFunc(a.found, func(x, y finding) int { return cmp.Compare(x.content[0].first, y.content[0].first) })
	out := make([]reading.Attribution, 0, len(a.found))
	for _, f := range a.found {
		at := reading.Attribution{Act: f.act, Confidence: f.sure, Evidence: "baseline/" + f.rule}
		for _, c := range f.content {
			at.Content = append(at.Content, p.span(c.first, c.last))
		}
		if !f.cue.empty() {
			at.Cue = p.span(f.cue.first, f.cue.last)
		}
		if !f.source.empty() {
			at.Source = p.span(f.source.first, f.source.last)
		}
		out = append(out, at)
	}
	return out
}

// add keeps a finding if it says something.
func (a *attributor) add(f finding) {
	content := f.content[:0]
	for _, c := range f.content {
		for c.first < c.last && a.in[c.first] < 0 && (a.low[c.first] == "," || a.low[c.first] == ":") {
			c.first++
		}
		for c.first < c.last && a.in[c.last-1] < 0 && (a.low[c.last-1] == "," || a.low[c.last-1] == ":" || a.low[c.last-1] == "." || a.low[c.last-1] == ";") {
			c.last--
		}
		c.last = min(c.last, len(a.Tokens))
		if !c.empty() {
			content = append(content, c)
		}
	}
	if len(content) == 0 {
		return
	}
	f.content = content
	a.found = append(a.found, f)
}

// settle drops what lies inside other content: attributions are not nested. Larger contents are the outer ones.
func (a *attributor) settle() {
	size := func(f finding) (n int) {
		for _, c := range f.content {
			n += c.last - c.first
		}
		return
	}
	order := make([]int, len(a.found))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(i, j int) int { return cmp.Compare(size(a.found[j]), size(a.found[i])) })
	taken := make([]bool, len(a.Tokens)) // tokens of contents that stand
	outer := make([]bool, len(a.Tokens)) // tokens of their cues and sources
	keep := make([]bool, len(a.found))
next:
	for _, i := range order {
		f := &a.found[i]
		for k := f.cue.first; k < f.cue.last; k++ {
			if taken[k] || outer[k] {
				continue next
			}
		}
		for _, c := range f.content {
			for k := c.first; k < c.last; k++ {
				if taken[k] {
					continue next
				}
			}
		}
		keep[i] = true
		for _, c := range f.content {
			for k := c.first; k < c.last; k++ {
				taken[k] = true
				if q := a.in[k]; q >= 0 {
					a.used[q] = true
				}
			}
		}
		for k := f.cue.first; k < f.cue.last; k++ {
			outer[k] = true
		}
	}
	n := 0
	for i := range a.found {
		if keep[i] {
			a.found[n] = a.found[i]
			n++
		}
	}
	a.found = a.found[:n]
}

// isVerb reports whether token i is used as the verb v: spelling alone does not tell "claims" from "claims".
func (a *attributor) isVerb(i int, v verb) bool {
	if i > 0 && a.low[i-1] == "-" { // "the so-called reform"
		return false
	}
	switch tag := a.tag(i); v.form {
	case third:
		// prose takes "says" for a noun behind a name: “…,” Lind notes.
		return tag == "VBZ" || tag == "NNS" && v.has(frameQuote) && i > 0 && a.in[i-1] < 0 && (a.tag(i-1) == "PRP" || a.tag(i-1) == "NNP" && a.capital(i-1)) &&
			(i < 3 || a.in[a.nounPhraseStart(i-1)] >= 0 || i+1 < len(a.Tokens) && (a.low[i+1] == "that" || a.low[i+1] == ":" || a.low[i+1] == "." || a.in[i+1] >= 0 || a.tag(i+1) == "PRP" || a.tag(i+1) == "DT"))
	case past:
		return tag == "VBD" || tag == "VBN" || tag == "NNP" && v.has(frameQuote) && a.bounds(i).first == i
	case gerund:
		return tag == "VBG"
	default:
		return tag == "VBP" || tag == "VB" || tag == "VBD"
	}
}

// nounPhraseStart is the token before the noun phrase that ends with token i; 0 where there is none.
func (a *attributor) nounPhraseStart(i int) int {
	np := a.nounPhraseBefore(i + 1)
	if np.empty() || np.first == 0 {
		return 0
	}
	if np.first > 1 && a.low[np.first-1] == "," {
		return np.first - 2
	}
	return np.first - 1
}

// cueAt is the cue of verb i and its source: the subject beside it, or that of the verb it leans on. A passive has none.
func (a *attributor) cueAt(i int) (cue, source run, passive bool) {
	if a.last.verb != i+1 {
		a.last.cue, a.last.source, a.last.passive = a.cueOf(i)
		a.last.verb = i + 1
	}
	return a.last.cue, a.last.source, a.last.passive
}

func (a *attributor) cueOf(i int) (cue, source run, passive bool) {
	first, passive, infinitive := a.group(i)
	cue = run{first, i + 1}
	form := a.verbs[a.low[i]].form
	if passive && form == past {
		return cue, run{}, true
	}
	if !infinitive {
		source = a.subject(first)
	}
	if source.empty() && (form == gerund || infinitive || first > 0 && (a.low[first-1] == "and" || a.low[first-1] == "but" || a.low[first-1] == ",")) {
		source = a.governor(first)
	}
	return cue, source, false
}

// quotationRuns is the parts of quotation q as tokens, beginning with the one that holds token i.
func (a *attributor) quotationRuns(q int32, i int) []run {
	var runs []run
	for i < len(a.Tokens) && a.in[i] == q {
		end := a.quotationEnd(i)
		runs = append(runs, run{i, end})
		i = end
	}
	return runs
}

// quotationStart is the first token of the quotation that token i lies in, as far back as its paragraph goes.
func (a *attributor) quotationStart(i int) int { return a.part[i].first }

// speaks reports whether a quotation is speech by its look: more than a scare quote or a title of a work.
func (a *attributor) speaks(r run) bool {
	words, lowercase := 0, 0
	for i := r.first; i < r.last && words < 50; i++ {
		if t := a.Tokens[i]; t.Class == text.Word {
			words++
			if !a.capital(i) {
				lowercase++
			}
		}
	}
	return words >= 4 && lowercase*2 >= words
}
