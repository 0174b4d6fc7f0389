package eval

import (
	"slices"
	"strings"
)

// Speakers are measure F, over the attributions matched in D (or, in incomplete gold, covered by at least half) whose
// gold names a speaker.
type Speakers struct {
	Gold     int         `json:"gold"`
	Matched  int         `json:"matched"`
	Answered int         `json:"answered"` // of the matched, those predicted with a name
	Exact    SpeakerRate `json:"exact"`    // the gold name or, where the gold has coreference, another name of its group
	Loose    SpeakerRate `json:"loose"`    // the words of one name are among those of the other
}

// SpeakerRate is a share in percent.
type SpeakerRate struct {
	OfAnswered float64 `json:"of_answered"`
	OfMatched  float64 `json:"of_matched"`
	OfGold     float64 `json:"of_gold"`
}

type speakerCount struct{ gold, matched, answered, exact, loose int }

func (n *speakerCount) addGold(attributions []Attribution) {
	for i := range attributions {
		n.gold += one(attributions[i].SourceEntity != "")
	}
}

// addMatch takes the names of the document's groups to accept any name of the speaker's.
func (n *speakerCount) addMatch(gold, pred *Attribution, names map[string][]string) {
	if gold.SourceEntity == "" {
		return
	}
	answer := plainName(pred.SourceEntity)
	right := []string{plainName(gold.SourceEntity)}
	if gold.SourceGroup != "" {
		right = append(right, names[gold.SourceGroup]...)
	}
	n.matched++
	if answer == "" {
		return
	}
	n.answered++
	words := strings.Fields(answer)
	n.exact += one(slices.Contains(right, answer))
	n.loose += one(slices.ContainsFunc(right, func(name string) bool {
		theirs := strings.Fields(name)
		return among(words, theirs) || among(theirs, words)
	}))
}

func among(words, of []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(of, w) })
}

func (n *speakerCount) result() Speakers {
	rate := func(right int) SpeakerRate {
		return SpeakerRate{percent(right, n.answered), percent(right, n.matched), percent(right, n.gold)}
	}
	return Speakers{n.gold, n.matched, n.answered, rate(n.exact), rate(n.loose)}
}

// groupNames is the plain names of each gold coreference group, pronouns left out.
func groupNames(d *Document) map[string][]string {
	out := map[string][]string{}
	for _, e := range d.Entities {
		if n := plainName(string(d.runes()[e.Start:e.End])); n != "" && !isPronoun(n) {
			out[e.Group] = append(out[e.Group], n)
		}
	}
	return out
}

func isPronoun(name string) bool {
	switch name {
	case "he", "him", "his", "himself", "she", "her", "hers", "herself", "they", "them", "their", "theirs", "themselves",
		"it", "its", "itself", "i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves",
		"you", "your", "yours", "yourself", "who", "whom", "whose", "which", "that", "this", "these", "those", "one":
		return true
	}
	return false
}
