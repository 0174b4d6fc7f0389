// Package eval measures a reading against gold: precision, recall and F of names, quotes and their speakers. It knows
// no extractor, only the records that one makes.
//
//	var gold eval.Gold
//	err := gold.Read(file)                              // told by its fields: names, attributions, sentences, instances
//	answers := gold.Predict(read, workers, progress)    // or eval.ReadPredictions
//	report, err := eval.Score(&gold, answers, eval.Options{})
//	report.WriteTable(os.Stdout)
//
// The measures are those in use for the corpora at hand, so that figures can be laid beside published ones:
//
//   - names: exact span and type, as CoNLL-2003 (Tjong Kim Sang and De Meulder), and a loose form that leaves out a
//     leading "the" and a trailing possessive
//   - A*: source, cue and content spans, unlinked, on the instances of CofeNet (Wang et al., COLING 2022): exact,
//     same begin, Jaccard
//   - B: content spans, exact and by share of tokens (Pareti 2015, after Johansson and Moschitti)
//   - D: whole attributions, matched one to one, greedily, at a content overlap (intersection over union) of at least
//     one half; right if the sources overlap too. The headline figure
//   - E: content found if more than .3 or .8 of it lies in one prediction (Asr et al., GenderGapTracker, 2021)
//   - F: the speaker's name, of attributions matched in D
//   - G: sentences that hold speech, on NewsDiscourse (Choubey et al., ACL 2020)
//   - C: coreference of the entities that are named: MUC, B³, CEAFφ4 and their mean, as in the CoNLL shared tasks; names are
//     compared by what they name, and also by equal spans
//   - GAP: which of two names a pronoun means (Webster et al., TACL 2018)
//   - P: which place on earth a name means: by GeoNames id, and within 161 km
//   - the expected calibration error of the confidences (Guo et al., ICML 2017)
//
// Spans are compared as sets of tokens: words with inner ' - . and single other characters; a token belongs to a span
// that touches it. All offsets are code points of the gold text.
package eval

import (
	"fmt"
	"slices"

	"github.com/quotewire/quotewire/schema"
)

// Options restrict what is scored. The zero value scores everything.
type Options struct {
	Types     []string          // the name types scored and summed; nil: PER, LOC, ORG
	Rename    map[string]string // gold name types renamed first, such as Literal to LOC
	Speech    bool              // only gold attributions whose cue is a verb of speech
	Kind      schema.QuoteKind  // only gold attributions of this kind
	DropNoise bool              // not the gold attributions marked as noise: captions and the like
	Act       schema.Act        // only predicted attributions of this act, or of none stated
}

// Score measures predictions against gold. A prediction that matches a gold attribution which the options leave out,
// and no remaining one, is ignored: it is neither right nor wrong. With Options.Kind so is one that matches nothing and
// is by its quotation marks of another kind.
//
// The error is about the files: a span outside its text, or gold that lacks what an option asks for.
func Score(gold *Gold, predicted *Predictions, o Options) (*Report, error) {
	if o.Types == nil {
		o.Types = []string{"PER", "LOC", "ORG"}
	}
	if o.Act != "" {
		predicted = predicted.only(o.Act)
	}
	r := &Report{Records: len(gold.Documents)}
	answers := make([]*Document, len(gold.Documents))
	for i := range gold.Documents {
		d := &gold.Documents[i]
		answers[i] = predicted.of(d)
		if answers[i] == nil {
			answers[i] = &Document{ID: d.ID}
			r.Unanswered++
		}
		if err := answers[i].fits(d.runes()); err != nil {
			return nil, fmt.Errorf("prediction for %s: %w", d.ID, err)
		}
	}
	if gold.hasNames(o) {
		r.Names = scoreNames(gold, answers, o, false)
		r.NamesLoose = scoreNames(gold, answers, o, true)
		r.NameCalibration = nameCalibration(gold, answers, o)
	}
	if gold.hasClusters() {
		r.Coreference = scoreCoreference(gold, answers)
	}
	if gold.hasPlaces() {
		r.Places = scorePlaces(gold, answers)
	}
	r.GAP = scoreGAP(gold, answers)
	keep, err := gold.filter(o)
	if err != nil {
		return nil, err
	}
	switch gold.content() {
	case sentences:
		r.Sentences = scoreSentences(gold, answers)
	case incomplete:
		r.Incomplete = scoreIncomplete(gold, answers, keep)
	case attributions:
		r.Attributions, r.QuoteCalibration = scoreAttributions(gold, answers, keep, o.Kind)
		if o.Kind == "" {
			for _, k := range kinds {
				alone, _ := scoreAttributions(gold, answers, func(a *Attribution) bool { return keep(a) && a.Kind == k }, k)
				if alone.Gold > 0 {
					r.Kinds = append(r.Kinds, KindScores{k, alone})
				}
			}
		}
	}
	if len(gold.Instances) > 0 {
		r.Spans, err = scoreInstances(gold.Instances, predicted)
	}
	return r, err
}

var kinds = []schema.QuoteKind{schema.Direct, schema.Mixed, schema.Indirect}

// filter tells which gold attributions count.
func (g *Gold) filter(o Options) (keep func(*Attribution) bool, err error) {
	for i := range g.Documents {
		for j := range g.Documents[i].Attributions {
			if o.Speech && g.Documents[i].Attributions[j].SpeechCue == nil {
				return nil, fmt.Errorf("gold %s does not say which cues are of speech (no speech_cue)", g.Documents[i].ID)
			}
		}
	}
	return func(a *Attribution) bool {
		return !(o.Speech && !*a.SpeechCue) && (o.Kind == "" || a.Kind == o.Kind) && !(o.DropNoise && a.Noise)
	}, nil
}

func (g *Gold) hasNames(o Options) bool {
	return slices.ContainsFunc(g.Documents, func(d Document) bool {
		return slices.ContainsFunc(d.Entities, func(e Entity) bool { return slices.Contains(o.Types, renamed(e.Type, o.Rename)) })
	})
}

// PRF is precision, recall and their harmonic mean, in percent.
type PRF struct {
	P    float64 `json:"p"`
	R    float64 `json:"r"`
	F    float64 `json:"f"`
	Gold int     `json:"gold"`
	Pred int     `json:"pred"`
}

// prf scores what of the predictions is right (counts, or sums of shares) and what of the gold is found.
func prf(right float64, pred int, found float64, gold int) PRF {
	p, r := ratio(right, pred), ratio(found, gold)
	s := PRF{P: 100 * p, R: 100 * r, Gold: gold, Pred: pred}
	if p+r > 0 {
		s.F = 200 * p * r / (p + r)
	}
	return s
}

func counted(right, pred, gold int) PRF { return prf(float64(right), pred, float64(right), gold) }

func ratio(n float64, of int) float64 {
	if of == 0 {
		return 0
	}
	return n / float64(of)
}

func percent(n, of int) float64 { return 100 * ratio(float64(n), of) }
