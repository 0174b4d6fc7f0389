package eval

import (
	"errors"
	"strings"
)

// A GAPName is one of the two names of a GAP text.
type GAPName struct {
	Start int  `json:"start"`
	End   int  `json:"end"`
	Coref bool `json:"coref"` // the pronoun means it
}

// GAPPronoun is the pronoun of a GAP text.
type GAPPronoun struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// GAPScores are the measure of GAP (Webster et al., "Mind the GAP: A Balanced Corpus of Gendered Ambiguous Pronouns",
// TACL 2018): each text asks of two names whether its pronoun means them. Precision, recall and F count the names said
// to be meant, over all texts and by the gender of the pronoun.
//
// The texts are read whole, no name given: a name counts as meant if a mention by name of the pronoun's entity overlaps it.
type GAPScores struct {
	All       PRF     `json:"all"`
	Masculine PRF     `json:"masculine"`
	Feminine  PRF     `json:"feminine"`
	Bias      float64 `json:"bias"` // F feminine over F masculine
}

func (d *Document) isGAP() bool { return d.Pronoun != nil && d.A != nil && d.B != nil }

// gapFits says whether the spans of a GAP text lie in it.
func (d *Document) gapFits(inside func(what string, start, end int) error) error {
	if d.Pronoun == nil && d.A == nil && d.B == nil {
		return nil
	}
	if !d.isGAP() {
		return errors.New("a pronoun, A and B belong together")
	}
	return errors.Join(inside("pronoun", d.Pronoun.Start, d.Pronoun.End), inside("A", d.A.Start, d.A.End), inside("B", d.B.Start, d.B.End))
}

func scoreGAP(gold *Gold, answers []*Document) *GAPScores {
	var masculine, feminine [3]int // right, predicted, gold
	some := false
	for i := range gold.Documents {
		d := &gold.Documents[i]
		if !d.isGAP() {
			continue
		}
		some = true
		n := &masculine
		switch strings.ToLower(d.Pronoun.Text) {
		case "she", "her", "hers", "herself":
			n = &feminine
		}
		var said *Entity
		for k := range answers[i].Mentions {
			if m := &answers[i].Mentions[k]; m.Start == d.Pronoun.Start && m.End == d.Pronoun.End {
				said = m
			}
		}
		for _, name := range []*GAPName{d.A, d.B} {
			meant := false
			for _, m := range answers[i].Mentions {
				meant = meant || said != nil && m.Cluster == said.Cluster && m.Form == "name" && m.Start < name.End && name.Start < m.End
			}
			n[0] += one(meant && name.Coref)
			n[1] += one(meant)
			n[2] += one(name.Coref)
		}
	}
	if !some {
		return nil
	}
	s := &GAPScores{
		All:       counted(masculine[0]+feminine[0], masculine[1]+feminine[1], masculine[2]+feminine[2]),
		Masculine: counted(masculine[0], masculine[1], masculine[2]),
		Feminine:  counted(feminine[0], feminine[1], feminine[2]),
	}
	if s.Masculine.F > 0 {
		s.Bias = s.Feminine.F / s.Masculine.F
	}
	return s
}
