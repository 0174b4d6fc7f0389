package baseline

import (
	"fmt"
	"strings"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/schema"
)

// A frame is what may follow a verb that attributes; verbs.txt explains them.
type frame uint16

const (
	frameClause frame = 1 << iota
	frameThat
	frameQuote
	frameHear
	frameInf
	frameNP
	frameName
	frameAs
	frameOut
)

var frameNames = map[string]frame{
	"clause": frameClause | frameThat, "that": frameThat, "quote": frameQuote, "hear": frameHear, "inf": frameInf,
	"np": frameNP, "name": frameName | frameAs, "as": frameAs, "out": frameOut,
}

// A verb attributes.
type verb struct {
	lemma  string
	act    schema.Act
	frames frame
	preps  []string // prepositions that belong to the cue
	form   form
}

// A form is an inflected form, as far as spelling tells.
type form uint8

const (
	base   form = iota // "say"
	third              // "says"
	past               // "said": past tense or participle
	gerund             // "saying"
)

func (v verb) has(f frame) bool { return v.frames&f != 0 }

func parseVerbs(file, data string) (map[string]verb, error) {
	entries, err := lexicon.ParseColumns(file, data, 2, 3)
	if err != nil {
		return nil, err
	}
	verbs := make(map[string]verb, 4*len(entries))
	for _, e := range entries {
		v := verb{lemma: e.Key}
		if v.act, err = parseAct(e.Values[0]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, e.Line, err)
		}
		for _, name := range strings.Split(e.Values[1], ",") {
			if prep, ok := strings.CutPrefix(name, "p:"); ok && prep != "" {
				v.preps = append(v.preps, prep)
			} else if f, ok := frameNames[name]; ok {
				v.frames |= f
			} else {
				return nil, fmt.Errorf("%s:%d: %q is no frame", file, e.Line, name)
			}
		}
		forms := regular(e.Key)
		if len(e.Values) == 3 {
			irregular := false
			for _, w := range strings.Split(e.Values[2], ",") {
				if strings.HasSuffix(w, "ing") {
					forms[w] = gerund
					delete(forms, regularGerund(e.Key))
					continue
				}
				if !irregular {
					delete(forms, regularPast(e.Key))
					irregular = true
				}
				if w != e.Key { // "read" is read as the base form
					forms[w] = past
				}
			}
		}
		for w, f := range forms {
			if other, ok := verbs[w]; ok && other.lemma != e.Key && (f == base || other.form != base) {
				continue // "found" is of "find" before it is of "found"
			}
			v.form = f
			verbs[w] = v
		}
	}
	return verbs, nil
}

// Sayings is every form of the verbs that take a clause or a quotation and nothing else: what they attribute was
// uttered. It fails on a broken list.
func Sayings() (map[string]bool, error) {
	verbs, err := parseVerbs("verbs.txt", verbsList)
	if err != nil {
		return nil, err
	}
	sayings := make(map[string]bool, len(verbs))
	for form, v := range verbs {
		if v.act == schema.Speech && v.has(frameClause) && v.has(frameQuote) && v.frames&^(frameClause|frameThat|frameQuote) == 0 && len(v.preps) == 0 {
			sayings[form] = true
		}
	}
	return sayings, nil
}

// regular inflects a regular verb.
func regular(lemma string) map[string]form {
	forms := map[string]form{lemma: base, regularPast(lemma): past, regularGerund(lemma): gerund}
	switch {
	case endsInConsonantY(lemma):
		forms[lemma[:len(lemma)-1]+"ies"] = third
	case strings.HasSuffix(lemma, "s") || strings.HasSuffix(lemma, "sh") || strings.HasSuffix(lemma, "ch") || strings.HasSuffix(lemma, "x") || strings.HasSuffix(lemma, "z"):
		forms[lemma+"es"] = third
	default:
		forms[lemma+"s"] = third
	}
	return forms
}

func regularPast(lemma string) string {
	switch {
	case strings.HasSuffix(lemma, "e"):
		return lemma + "d"
	case endsInConsonantY(lemma):
		return lemma[:len(lemma)-1] + "ied"
	}
	return lemma + "ed"
}

func regularGerund(lemma string) string {
	if strings.HasSuffix(lemma, "e") && !strings.HasSuffix(lemma, "ee") {
		return lemma[:len(lemma)-1] + "ing"
	}
	return lemma + "ing"
}

func endsInConsonantY(s string) bool {
	return len(s) > 1 && s[len(s)-1] == 'y' && !strings.ContainsRune("aeiou", rune(s[len(s)-2]))
}

// A noun attributes the clause after it; so does an adjective after a form of "be".
type noun struct {
	act       schema.Act
	adjective bool
}

func parseNouns(file, data string) (map[string]noun, error) {
	entries, err := lexicon.ParseColumns(file, data, 2, 2)
	if err != nil {
		return nil, err
	}
	nouns := make(map[string]noun, len(entries))
	for _, e := range entries {
		n := noun{adjective: e.Values[1] == "adjective"}
		if n.act, err = parseAct(e.Values[0]); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, e.Line, err)
		}
		if !n.adjective && e.Values[1] != "noun" {
			return nil, fmt.Errorf("%s:%d: %q is neither noun nor adjective", file, e.Line, e.Values[1])
		}
		nouns[e.Key] = n
	}
	return nouns, nil
}

func parseAct(s string) (schema.Act, error) {
	switch a := schema.Act(s); a {
	case schema.Speech, schema.Thought:
		return a, nil
	}
	return "", fmt.Errorf("%q is neither speech nor thought", s)
}

func parseNameWords(file, data string) (map[string]reading.Kind, error) {
	entries, err := lexicon.ParseColumns(file, data, 1, 1)
	if err != nil {
		return nil, err
	}
	words := make(map[string]reading.Kind, len(entries))
	for _, e := range entries {
		switch e.Values[0] {
		case "org":
			words[e.Key] = reading.Organization
		case "place":
			words[e.Key] = reading.Place
		case "other":
			words[e.Key] = reading.Other
		default:
			return nil, fmt.Errorf("%s:%d: %q is neither org, place nor other", file, e.Line, e.Values[0])
		}
	}
	return words, nil
}

func parseSet(file, data string) (map[string]bool, error) {
	entries, err := lexicon.ParseColumns(file, data, 0, 0)
	if err != nil {
		return nil, err
	}
	set := make(map[string]bool, len(entries))
	for _, e := range entries {
		set[e.Key] = true
	}
	return set, nil
}
