package eval

import (
	"slices"
	"strings"
	"unicode"
)

// Speakers are measure F, over the attributions matched in D (or, in incomplete gold, covered by at least half) whose
// gold names a speaker. Where the gold tells who says it jointly, an answer is exact if it names all of them and nobody else.
type Speakers struct {
	Gold     int         `json:"gold"`
	Matched  int         `json:"matched"`
	Answered int         `json:"answered"` // of the matched, those predicted with a name
	Exact    SpeakerRate `json:"exact"`    // the gold name or, where the gold has coreference, another name of its group
	Loose    SpeakerRate `json:"loose"`    // the words of one name are among those of the other

	Entities    *SpeakerEntities `json:"entities,omitempty"`    // nil where the gold has no coreference
	Calibration *Calibration     `json:"calibration,omitempty"` // of the answered whose sources agree, by entity or exact name
}

// SpeakerEntities are the speakers as entities, where the gold has coreference, however their names are written there: of
// those who are named in the text ("Ms Reyes", but not "the states" or "some studies"), those whose quotes are given to the
// same entity. An entity of the reading is the one of the gold in whose mentions most of its names stand.
type SpeakerEntities struct {
	Gold     int         `json:"gold"`
	Matched  int         `json:"matched"`
	Answered int         `json:"answered"`
	Right    SpeakerRate `json:"right"`
}

// SpeakerRate is a share in percent.
type SpeakerRate struct {
	OfAnswered float64 `json:"of_answered"`
	OfMatched  float64 `json:"of_matched"`
	OfGold     float64 `json:"of_gold"`
}

type speakerCount struct {
	gold, matched, answered, exact, loose int
	entities                              struct{ gold, matched, answered, right int }
	named                                 map[string]bool   // of the document: the groups with a name
	groupOf                               map[string]string // of the document: the group that each entity of the reading is
	confidence                            calibration
}

// document prepares for the attributions of one document.
func (n *speakerCount) document(gold, answer *Document) {
	n.named, n.groupOf = map[string]bool{}, map[string]string{}
	if !slices.ContainsFunc(gold.Entities, func(e Entity) bool { return e.Group != "" }) {
		return
	}
	text := gold.runes()
	for i := range gold.Entities {
		e := &gold.Entities[i]
		switch e.Type {
		case "person", "place", "organization":
			n.named[e.Group] = n.named[e.Group] || looksNamed(text, e)
		}
	}
	votes := map[[2]string]int{}
	for _, m := range answer.Mentions {
		if m.Form != "name" {
			continue
		}
		if g := innermost(gold.Entities, m.Start, m.End); g != nil {
			at := [2]string{m.Cluster, g.Group}
			votes[at]++
			if best, ok := n.groupOf[m.Cluster]; !ok || votes[at] > votes[[2]string{m.Cluster, best}] {
				n.groupOf[m.Cluster] = g.Group
			}
		}
	}
}

// innermost is the shortest of the entities that hold a span.
func innermost(entities []Entity, start, end int) (best *Entity) {
	for i := range entities {
		e := &entities[i]
		if e.Start <= start && e.End >= end && (best == nil || e.End-e.Start < best.End-best.Start) {
			best = e
		}
	}
	return best
}

// looksNamed reports whether a mention looks like a name: capitals that are not owed to the beginning of a sentence.
func looksNamed(text []rune, e *Entity) bool {
	words := strings.Fields(string(text[e.Start:e.End]))
	for len(words) > 0 && (strings.EqualFold(words[0], "the") || isPronoun(strings.ToLower(words[0]))) {
		words = words[1:]
	}
	if len(words) == 0 || !unicode.IsUpper([]rune(words[0])[0]) {
		return false
	}
	before := strings.TrimRight(string(text[max(0, e.Start-3):e.Start]), " ")
	if before != "" && !strings.HasSuffix(before, "\n") && !strings.ContainsAny(before[len(before)-1:], ".?!:") {
		return true
	}
	return len(words) > 1 && unicode.IsUpper([]rune(words[1])[0])
}

func (n *speakerCount) addGold(attributions []Attribution) {
	for i := range attributions {
		n.gold += one(attributions[i].SourceEntity != "")
		n.entities.gold += one(n.named[attributions[i].SourceGroup])
	}
}

// addMatch counts a match; sources tells whether the sources agree, without which a speaker's confidence means nothing. It takes the names of the document's groups to accept any name of the speaker's.
func (n *speakerCount) addMatch(gold, pred *Attribution, sources bool, names map[string][]string) {
	if gold.SourceEntity == "" {
		return
	}
	answer := plainName(pred.SourceEntity)
	right := []string{plainName(gold.SourceEntity)}
	all := true
	if gold.SourceJoint != nil {
		theirs, ours := speakerNames(gold), speakerNames(pred)
		if all = slices.Equal(theirs, ours); all {
			right = append(right, answer) // whoever of them stands first
		}
	}
	if gold.SourceGroup != "" {
		right = append(right, names[gold.SourceGroup]...)
	}
	n.matched++
	if n.named[gold.SourceGroup] {
		n.entities.matched++
		n.entities.answered += one(pred.SourceGroup != "")
		n.entities.right += one(pred.SourceGroup != "" && n.groupOf[pred.SourceGroup] == gold.SourceGroup)
	}
	if answer == "" {
		return
	}
	n.answered++
	words := strings.Fields(answer)
	exact := all && slices.Contains(right, answer)
	n.exact += one(exact)
	if sources && pred.SourceConfidence > 0 {
		n.confidence.add(pred.SourceConfidence, exact || pred.SourceGroup != "" && gold.SourceGroup != "" && n.groupOf[pred.SourceGroup] == gold.SourceGroup)
	}
	n.loose += one(slices.ContainsFunc(right, func(name string) bool {
		theirs := strings.Fields(name)
		return among(words, theirs) || among(theirs, words)
	}))
}

// speakerNames is the names of all who say it, sorted.
func speakerNames(a *Attribution) []string {
	out := []string{plainName(a.SourceEntity)}
	for _, name := range a.SourceJoint {
		out = append(out, plainName(name))
	}
	slices.Sort(out)
	return out
}

func among(words, of []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !slices.Contains(of, w) })
}

func (n *speakerCount) result() Speakers {
	rate := func(right int) SpeakerRate {
		return SpeakerRate{percent(right, n.answered), percent(right, n.matched), percent(right, n.gold)}
	}
	out := Speakers{Calibration: n.confidence.result(), Gold: n.gold, Matched: n.matched, Answered: n.answered, Exact: rate(n.exact), Loose: rate(n.loose)}
	if e := n.entities; e.gold > 0 {
		out.Entities = &SpeakerEntities{e.gold, e.matched, e.answered,
			SpeakerRate{percent(e.right, e.answered), percent(e.right, e.matched), percent(e.right, e.gold)}}
	}
	return out
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
