package eval

import (
	"cmp"
	"maps"
	"slices"

	"github.com/quotewire/quotewire/schema"
)

// AttributionScores are the measures B, D, E and F of the package comment.
type AttributionScores struct {
	Gold     int           `json:"gold"`
	Pred     int           `json:"pred"`
	Ignored  int           `json:"ignored"` // predictions neither right nor wrong under the options
	Linked   LinkedScores  `json:"D"`
	Content  ContentScores `json:"B"`
	Covered  CoverScores   `json:"E"`
	Speakers *Speakers     `json:"F,omitempty"` // nil where the gold names no speakers
}

// LinkedScores are measure D.
type LinkedScores struct {
	Headline    PRF `json:"headline"`     // content and source
	WithCue     PRF `json:"with_cue"`     // and the cue too
	ContentOnly PRF `json:"content_only"` //
	OfMatched   struct {
		Source      float64 `json:"source"` // percent of the matched whose sources overlap, or are both empty
		SourceExact float64 `json:"source_exact"`
		Cue         float64 `json:"cue"`
		CueExact    float64 `json:"cue_exact"`
	} `json:"of_matched"`
}

// ContentScores are measure B.
type ContentScores struct {
	Exact   PRF                                `json:"exact"`
	Partial PRF                                `json:"partial"` // P: mean share of a prediction inside gold content; R: mean share of gold content found
	ByKind  map[schema.QuoteKind]ContentRecall `json:"recall_by_kind"`
}

// ContentRecall is recall in percent.
type ContentRecall struct {
	Gold    int     `json:"gold"`
	Exact   float64 `json:"exact"`
	Partial float64 `json:"partial"`
}

// CoverScores are measure E at its two thresholds.
type CoverScores struct {
	Low  CoverScore `json:"0.3"`
	High CoverScore `json:"0.8"`
}

// CoverScore is measure E at one threshold.
type CoverScore struct {
	PRF
	Speaker float64 `json:"speaker"` // percent of the found whose sources agree
}

// parts is an attribution in tokens.
type parts struct{ content, cue, source tokenSet }

func (t tokens) parts(a *Attribution) parts {
	return parts{t.set(a.Content), t.set(a.Cue), t.set(a.Source)}
}

func (t tokens) allParts(as []Attribution) []parts {
	out := make([]parts, len(as))
	for i := range as {
		out[i] = t.parts(&as[i])
	}
	return out
}

type pair struct{ gold, pred int }

// match matches one to one, greedily, the best overlap of contents first and none below one half; agreeing sources,
// then agreeing cues, then the order in the files break ties.
func match(gold, pred []parts) []pair {
	type candidate struct {
		pair
		overlap     float64
		source, cue int // 0: they agree
	}
	var all []candidate
	for i := range gold {
		for j := range pred {
			if v := iou(gold[i].content, pred[j].content); v >= 0.5 {
				all = append(all, candidate{pair{i, j}, v, disagree(gold[i].source, pred[j].source), disagree(gold[i].cue, pred[j].cue)})
			}
		}
	}
	slices.SortFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.overlap, a.overlap), a.source-b.source, a.cue-b.cue, a.gold-b.gold, a.pred-b.pred)
	})
	usedGold, usedPred := make([]bool, len(gold)), make([]bool, len(pred))
	var out []pair
	for _, c := range all {
		if !usedGold[c.gold] && !usedPred[c.pred] {
			usedGold[c.gold], usedPred[c.pred] = true, true
			out = append(out, c.pair)
		}
	}
	return out
}

func disagree(a, b tokenSet) int {
	if agree(a, b) {
		return 0
	}
	return 1
}

// compared is one document with the attributions that count.
type compared struct {
	document *Document
	answer   *Document
	gold     []Attribution
	pred     []Attribution
	g, p     []parts
	ignored  int
}

// compare leaves out what the options leave out.
func compare(d, answer *Document, keep func(*Attribution) bool, kind schema.QuoteKind) compared {
	t := tokenize(d.runes())
	c := compared{document: d, answer: answer}
	var leftOut []tokenSet
	for i := range d.Attributions {
		if a := &d.Attributions[i]; keep(a) {
			c.gold = append(c.gold, *a)
		} else {
			leftOut = append(leftOut, t.set(a.Content))
		}
	}
	c.g = t.allParts(c.gold)
	p := t.allParts(answer.Attributions)
	matched := make([]bool, len(p))
	for _, m := range match(c.g, p) {
		matched[m.pred] = true
	}
	var mask []bool
	if kind != "" {
		mask = quoteMask(d.runes())
	}
	for j := range p {
		ignored := !matched[j] && (slices.ContainsFunc(leftOut, func(x tokenSet) bool { return iou(x, p[j].content) >= 0.5 }) ||
			kind != "" && kindOf(d.runes(), answer.Attributions[j].Content, mask) != kind)
		if ignored {
			c.ignored++
			continue
		}
		c.pred = append(c.pred, answer.Attributions[j])
		c.p = append(c.p, p[j])
	}
	return c
}

func scoreAttributions(gold *Gold, answers []*Document, keep func(*Attribution) bool, kind schema.QuoteKind) (*AttributionScores, *Calibration) {
	var (
		out      AttributionScores
		content  contentCount
		linked   linkedCount
		low      = coverCount{threshold: 0.3}
		high     = coverCount{threshold: 0.8}
		speakers speakerCount
	)
	for i := range gold.Documents {
		c := compare(&gold.Documents[i], answers[i], keep, kind)
		out.Gold += len(c.g)
		out.Pred += len(c.p)
		out.Ignored += c.ignored
		content.add(c)
		linked.add(c, &speakers)
		low.add(c)
		high.add(c)
	}
	out.Content = content.result(out.Gold, out.Pred)
	out.Linked = linked.result(out.Gold, out.Pred)
	out.Covered = CoverScores{low.result(out.Gold, out.Pred), high.result(out.Gold, out.Pred)}
	if speakers.gold > 0 {
		s := speakers.result()
		out.Speakers = &s
	}
	return &out, linked.confidence.result()
}

// contentCount counts B.
type contentCount struct {
	exact                int
	sharePred, shareGold float64
	kinds                map[schema.QuoteKind]kindCount
}

type kindCount struct {
	gold, exact int
	share       float64
}

func (n *contentCount) add(c compared) {
	predicted := map[string]int{}
	for _, p := range c.p {
		predicted[p.content.key()]++
	}
	left := maps.Clone(predicted)
	allGold, allPred := allContent(c.g), allContent(c.p)
	for _, p := range c.p {
		n.sharePred += coverage(p.content, allGold)
	}
	for i, g := range c.g {
		k := g.content.key()
		if left[k] > 0 {
			left[k]--
			n.exact++
		}
		share := coverage(g.content, allPred)
		n.shareGold += share
		if n.kinds == nil {
			n.kinds = map[schema.QuoteKind]kindCount{}
		}
		of := n.kinds[c.gold[i].Kind]
		of.gold++
		of.share += share
		if predicted[k] > 0 {
			of.exact++
		}
		n.kinds[c.gold[i].Kind] = of
	}
}

func allContent(all []parts) tokenSet {
	var runs []run
	for _, a := range all {
		runs = append(runs, a.content...)
	}
	return union(runs)
}

func (n *contentCount) result(gold, pred int) ContentScores {
	out := ContentScores{Exact: counted(n.exact, pred, gold), Partial: prf(n.sharePred, pred, n.shareGold, gold)}
	out.ByKind = map[schema.QuoteKind]ContentRecall{}
	for k, of := range n.kinds {
		out.ByKind[k] = ContentRecall{of.gold, percent(of.exact, of.gold), 100 * ratio(of.share, of.gold)}
	}
	return out
}

// linkedCount counts D, and the confidences against it.
type linkedCount struct {
	matched, source, sourceExact, cue, cueExact, both int
	confidence                                        calibration
}

func (n *linkedCount) add(c compared, speakers *speakerCount) {
	speakers.document(c.document, c.answer)
	speakers.addGold(c.gold)
	names := groupNames(c.document)
	right := make([]bool, len(c.p))
	for _, m := range match(c.g, c.p) {
		g, p := c.g[m.gold], c.p[m.pred]
		source, cue := agree(g.source, p.source), agree(g.cue, p.cue)
		n.matched++
		n.source += one(source)
		n.cue += one(cue)
		n.both += one(source && cue)
		n.sourceExact += one(slices.Equal(g.source, p.source))
		n.cueExact += one(slices.Equal(g.cue, p.cue))
		speakers.addMatch(&c.gold[m.gold], &c.pred[m.pred], source, names)
		right[m.pred] = source
	}
	for j := range c.pred {
		n.confidence.add(c.pred[j].Confidence, right[j])
	}
}

func (n *linkedCount) result(gold, pred int) (out LinkedScores) {
	out.Headline = counted(n.source, pred, gold)
	out.WithCue = counted(n.both, pred, gold)
	out.ContentOnly = counted(n.matched, pred, gold)
	out.OfMatched.Source = percent(n.source, n.matched)
	out.OfMatched.SourceExact = percent(n.sourceExact, n.matched)
	out.OfMatched.Cue = percent(n.cue, n.matched)
	out.OfMatched.CueExact = percent(n.cueExact, n.matched)
	return out
}

// coverCount counts E.
type coverCount struct {
	threshold      float64
	found, speaker int
}

func (n *coverCount) add(c compared) {
	taken := make([]bool, len(c.p))
	for _, g := range c.g {
		best, by := n.threshold, -1
		for j := range c.p {
			if taken[j] {
				continue
			}
			if v := coverage(g.content, c.p[j].content); v > best {
				best, by = v, j
			}
		}
		if by >= 0 {
			taken[by] = true
			n.found++
			n.speaker += one(agree(g.source, c.p[by].source))
		}
	}
}

func (n *coverCount) result(gold, pred int) CoverScore {
	return CoverScore{counted(n.found, pred, gold), percent(n.speaker, n.found)}
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}
