package eval

import "slices"

// scoreSentences counts G: a sentence is predicted to hold speech if a predicted content shares a letter or digit with
// it, or, where it has none, any character.
func scoreSentences(gold *Gold, answers []*Document) *PRF {
	right, pred, all := 0, 0, 0
	for i := range gold.Documents {
		d := &gold.Documents[i]
		alnum := make([]int, len(d.runes())+1) // letters and digits before each code point
		for k, r := range d.runes() {
			alnum[k+1] = alnum[k] + one(isAlnum(r))
		}
		var spans []Span
		for _, a := range answers[i].Attributions {
			spans = append(spans, a.Content...)
		}
		for _, s := range d.Sentences {
			wordless := alnum[s.Start] == alnum[s.End]
			said := slices.ContainsFunc(spans, func(c Span) bool {
				start, end := max(c[0], s.Start), min(c[1], s.End)
				return start < end && (wordless || alnum[start] < alnum[end])
			})
			pred += one(said)
			all += one(s.Speech)
			right += one(said && s.Speech)
		}
	}
	out := counted(right, pred, all)
	return &out
}

// IncompleteScores are what can be said against gold that does not annotate everything: recall of E, and F.
type IncompleteScores struct {
	Gold     int      `json:"gold"`
	Low      float64  `json:"E recall 0.3"` // percent of the contents of which more than .3 lies in one prediction
	High     float64  `json:"E recall 0.8"`
	Speakers Speakers `json:"F"`
}

// scoreIncomplete lets each gold content take the prediction that covers most of it, of those the shortest.
func scoreIncomplete(gold *Gold, answers []*Document, keep func(*Attribution) bool) *IncompleteScores {
	all, low, high := 0, 0, 0
	var speakers speakerCount
	for i := range gold.Documents {
		d := &gold.Documents[i]
		t := tokenize(d.runes())
		names := groupNames(d)
		p := t.allParts(answers[i].Attributions)
		for j := range d.Attributions {
			a := &d.Attributions[j]
			if !keep(a) {
				continue
			}
			all++
			speakers.addGold([]Attribution{*a})
			content := t.set(a.Content)
			best, by := 0.0, -1
			for k := range p {
				v := coverage(content, p[k].content)
				if by < 0 || v > best || v == best && p[k].content.size() < p[by].content.size() {
					best, by = v, k
				}
			}
			low += one(best > 0.3)
			high += one(best > 0.8)
			if best >= 0.5 {
				speakers.addMatch(a, &answers[i].Attributions[by], true, names)
			}
		}
	}
	return &IncompleteScores{all, percent(low, all), percent(high, all), speakers.result()}
}
