package baseline

import "github.com/quotewire/quotewire/extract/text"

// Rules for content inside quotation marks.

// quoteBefore is the quotation that ends just before token i, with a comma on either side of its closing mark or
// none; ok only where it is not merely a word or two inside a sentence.
func (a *attributor) quoteBefore(i int) (run, bool) {
	if i >= len(a.Tokens) {
		return run{}, false
	}
	s := a.sentence(i)
	k := i - 1
	if k >= 0 && a.in[k] < 0 && (a.low[k] == "," || a.low[k] == "—" || a.low[k] == "--") {
		k--
	}
	if k < 0 || a.in[k] < 0 || a.class(k) != text.CloseQuote && a.in[k] == a.in[min(k+1, len(a.Tokens)-1)] {
		return run{}, false
	}
	if a.paragraph(k) != a.Sentences[s].Paragraph {
		return run{}, false
	}
	q := run{a.quotationStart(k), k + 1}
	if k == i-1 {
		for k > q.first && a.class(k) == text.CloseQuote {
			k--
		}
		switch a.low[k] {
		case ",":
		case ".": // “…” Lind said.
			if b := a.bounds(i); a.sentence(k) == s || b.last-b.first > 6 {
				return run{}, false
			}
		case "?", "!", "—", "--", "…", "...", "-":
			// “Who cares?” Lind asked. But: “Who cares?” Lind went on to say that …
			if a.sentence(k) != s && a.bounds(i).last-i > 12 {
				return run{}, false
			}
		default:
			return run{}, false
		}
	}
	// What stands before the mark in its sentence is part of a mixed quote: "It was “a mess,” he said".
	if first := a.bounds(q.first).first; first < q.first && a.in[first] < 0 {
		if !a.speaks(q) && !a.verbIn(first, q.first) { // a title: “At Noon,”
			return run{}, false
		}
		first = a.dateline(first)
		if k := q.first - 1; a.low[k] == ":" || a.low[k] == "," && a.attributes(first, k) {
			return q, true
		}
		if !a.attributes(first, q.first) {
			q.first = first
		}
	}
	return q, true
}

// attributes reports whether a verb of speech stands in [first,last) outside quotations.
func (a *attributor) attributes(first, last int) bool {
	for i := max(first, last-maxBack); i < last; i++ {
		if v, ok := a.verbs[a.low[i]]; ok && a.in[i] < 0 && v.has(frameQuote) && a.isVerb(i, v) {
			return true
		}
	}
	return false
}

// afterQuote: “We won,” Lind said. “It is over.”
func (a *attributor) afterQuote(i int, v verb) (finding, bool) {
	if !v.has(frameQuote) && !v.has(frameClause) {
		return finding{}, false
	}
	cue, source, _ := a.cueAt(i)
	if source.empty() || source.last != cue.first || source.first == 0 {
		return finding{}, false
	}
	q, ok := a.quoteBefore(source.first)
	if !ok {
		return finding{}, false
	}
	return finding{content: a.goOn(a.whole(q), cue.last), cue: cue, source: source}, true
}

// whole puts the earlier paragraphs of a quotation before its last one.
func (a *attributor) whole(last run) []run {
	q := a.in[last.last-1]
	if first := a.start[q]; first < last.first {
		return a.quotationRuns(q, first)
	}
	return []run{last}
}

// inverted: “We won,” said Lind, the mayor.
func (a *attributor) inverted(i int, v verb) (finding, bool) {
	if !v.has(frameQuote) || v.form == gerund || i == 0 || i+1 >= len(a.Tokens) {
		return finding{}, false
	}
	first, _, _ := a.group(i)
	q, ok := a.quoteBefore(first)
	if !ok || a.in[i+1] >= 0 {
		return finding{}, false
	}
	np := a.nounPhraseAfter(i+1, true)
	if np.empty() {
		return finding{}, false
	}
	source := np
	if a.tag(np.first) != "PRP" {
		source = a.apposition(np)
	}
	return finding{content: a.goOn(a.whole(q), source.last), cue: run{first, i + 1}, source: source}, true
}

// invertedFirst: Said Lind, who runs the clinic: “We won.”
func (a *attributor) invertedFirst(i int, v verb) (finding, bool) {
	b := a.bounds(i)
	if i != b.first || !v.has(frameQuote) || v.form != past && v.form != third || i+2 >= b.last || a.in[i+1] >= 0 || !a.capital(i+1) && a.tag(i+1) != "DT" {
		return finding{}, false
	}
	np := a.nounPhraseAfter(i+1, true)
	if np.empty() {
		return finding{}, false
	}
	source := a.apposition(np)
	k := source.last
	for ; k < len(a.Tokens) && k < source.last+8 && a.in[k] < 0; k++ {
		if a.finite(k) || a.low[k] == "." {
			return finding{}, false
		}
	}
	if k >= len(a.Tokens) || a.class(k) != text.OpenQuote || a.in[k] < 0 || a.low[k-1] != "," && a.low[k-1] != ":" {
		return finding{}, false
	}
	return finding{content: a.quotationRuns(a.in[k], k), cue: run{i, i + 1}, source: source}, true
}

// goOn adds the quotations that go on after a cue that ends before token i: in the same sentence after a comma, or
// as the next sentences of the paragraph.
func (a *attributor) goOn(content []run, i int) []run {
	if i >= len(a.Tokens) {
		return content
	}
	b := a.bounds(max(i-1, 0))
	paragraph := a.paragraph(i - 1)
	k := i
	for k < b.last && k < i+2*maxPhrase && a.in[k] < 0 {
		k++
	}
	if k < b.last && a.in[k] >= 0 { // in the same sentence
		if c := a.low[k-1]; c != "," && c != ":" && c != "—" && c != "--" || a.attributes(i, k) {
			return content
		}
		runs := a.quotationRuns(a.in[k], k)
		last := runs[len(runs)-1].last
		if end := a.sentenceEnd(k); last < end && len(runs) == 1 && last-1 < len(a.Tokens) && a.bounds(last-1).last > last {
			if e := a.clauseEnd(a.page, k, full, ""); e > last {
				runs[0].last = e
			}
		}
		content = append(content, runs...)
		k = content[len(content)-1].last
	} else if k < b.last && k-i >= 2*maxPhrase {
		return content
	} else {
		k = b.last
	}
	// whole sentences in quotation marks that follow at once
	for k < len(a.Tokens) && a.in[k] < 0 && a.low[k] == "." {
		k++
	}
	for k < len(a.Tokens) && a.in[k] >= 0 && a.class(k) == text.OpenQuote && a.paragraph(k) == paragraph {
		runs := a.quotationRuns(a.in[k], k)
		last := runs[len(runs)-1].last
		if last < len(a.Tokens) && a.sentence(last) == a.sentence(last-1) && a.low[last] != "." {
			return content // it has a cue, or a sentence, of its own
		}
		content = append(content, runs...)
		k = last
		if k < len(a.Tokens) && a.low[k] == "." {
			k++
		}
	}
	return content
}

// beforeQuote: Lind said: “We won.”
func (a *attributor) beforeQuote(i int, v verb) (finding, bool) {
	if !v.has(frameQuote) && !v.has(frameClause) && !v.has(frameHear) || i+1 >= len(a.Tokens) {
		return finding{}, false
	}
	cue, source, passive := a.cueAt(i)
	if passive {
		return finding{}, false
	}
	k := i + 1
	if v.has(frameName) && !a.names[k] && a.in[k] < 0 && a.low[k] != "," && a.low[k] != ":" {
		return finding{}, false // called it “a mess”: what is called so belongs to the content
	}
	// Whatever stands between, without a verb: told the host of the show on Monday, “…”
	for end := min(a.bounds(i).last, i+20); k < end && a.in[k] < 0; k++ {
		if c := a.low[k]; c == ":" || c == "," && k+1 < end && a.in[k+1] >= 0 {
			break
		}
		if a.finite(k) || a.low[k] == ";" || a.low[k] == "that" {
			return finding{}, false
		}
	}
	if k > i+1 && k < len(a.Tokens) && a.in[k] >= 0 && !v.has(frameHear) && !a.speaks(run{k, a.quotationEnd(k)}) {
		return finding{}, false // a phrase in marks, inside a sentence of its own
	}
	if k < len(a.Tokens) && a.in[k] < 0 && (a.low[k] == "," || a.low[k] == ":") && k+1 < len(a.Tokens) && a.sentence(k) == a.sentence(i) {
		k++
	}
	if k >= len(a.Tokens) || a.class(k) != text.OpenQuote || a.in[k] < 0 {
		return finding{}, false
	}
	if s := a.sentence(k); s != a.sentence(i) && a.low[k-1] != ":" {
		return finding{}, false
	}
	runs := a.quotationRuns(a.in[k], k)
	last := &runs[len(runs)-1]
	if n := last.last; n < len(a.Tokens) && a.sentence(n) == a.sentence(n-1) && a.low[n] != "." && a.low[n-1] != "," {
		// The sentence goes on outside the marks.
		if first := a.quotationStart(n - 1); a.sentence(first) == a.sentence(n) {
			last.last = max(n, a.clauseEnd(a.page, first, full, a.tag(i)))
		}
	} else {
		runs = a.goOn(runs, n)
	}
	return finding{content: runs, cue: cue, source: source}, true
}

// continued gives a quotation of whole sentences that has no cue, and follows one that has, to the same unnamed source.
func (a *attributor) continued() {
	after := map[int]bool{} // paragraphs whose quotations are somebody's
	for _, f := range a.found {
		for _, c := range f.content {
			if a.in[c.last-1] >= 0 {
				after[a.paragraph(c.last-1)] = true
			}
		}
	}
	i := 0
	for q := range a.Quotations {
		if a.Quotations[q].Depth > 0 || len(a.Quotations[q].Parts) == 0 {
			continue
		}
		for i < len(a.Tokens) && a.in[i] != int32(q) {
			i++
		}
		if i == len(a.Tokens) {
			return
		}
		if a.used[q] {
			continue
		}
		s := a.Sentences[a.Tokens[i].Sentence]
		if s.First != i || !after[s.Paragraph] && !after[s.Paragraph-1] {
			continue
		}
		runs := a.quotationRuns(int32(q), i)
		end := runs[len(runs)-1].last
		if end < len(a.Tokens) && a.sentence(end) == a.sentence(end-1) && a.low[end] != "." || !a.speaks(runs[0]) {
			continue
		}
		a.found = append(a.found, finding{content: runs, act: "speech", rule: "continued", sure: 0.5})
		after[a.paragraph(end-1)] = true
	}
}
