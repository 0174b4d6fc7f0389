// Package baseline reads names and attributions by rules on top of github.com/jdkato/prose/v2's tags: the yardstick for
// trained readers. It knows English news prose, and nothing of who is who.
package baseline

import (
	_ "embed"
	"fmt"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

//go:embed verbs.txt
var verbsList string

//go:embed nouns.txt
var nounsList string

//go:embed namewords.txt
var nameWordsList string

//go:embed nonames.txt
var noNamesList string

//go:embed orgs.txt
var orgsList string

//go:embed groups.txt
var groupsList string

//go:embed qualifiers.txt
var qualifiersList string

//go:embed commonwords.txt
var commonList string

//go:embed places.txt
var placesList string

//go:embed plainwords.txt
var plainList string

// A Reader is prose and rules. It is read-only once made, and so safe for concurrent use.
type Reader struct {
	tagger     *tagger
	shared     *lexicon.Shared
	verbs      map[string]verb         // by form
	nouns      map[string]noun         // by form
	nameWords  map[string]reading.Kind // heads of names of organisations and places
	orgs       map[string]bool
	groups     map[string]bool
	places     map[string]bool
	nonames    map[string]bool
	qualifiers map[string]bool
	common     map[string]bool
	plain      map[string]bool
}

// New loads prose's model and the word lists, in about 350 ms. It fails only on a broken list, naming file and line.
func New() (*Reader, error) {
	t, err := newTagger()
	if err != nil {
		return nil, err
	}
	r := &Reader{tagger: t}
	if r.shared, err = lexicon.Load(); err != nil {
		return nil, fmt.Errorf("loading the shared word lists: %w", err)
	}
	if r.verbs, err = parseVerbs("verbs.txt", verbsList); err != nil {
		return nil, err
	}
	if r.nouns, err = parseNouns("nouns.txt", nounsList); err != nil {
		return nil, err
	}
	if r.nameWords, err = parseNameWords("namewords.txt", nameWordsList); err != nil {
		return nil, err
	}
	for _, l := range []struct {
		file, data string
		into       *map[string]bool
	}{
		{"orgs.txt", orgsList, &r.orgs},
		{"groups.txt", groupsList, &r.groups},
		{"places.txt", placesList, &r.places},
		{"nonames.txt", noNamesList, &r.nonames},
		{"qualifiers.txt", qualifiersList, &r.qualifiers},
		{"commonwords.txt", commonList, &r.common},
		{"plainwords.txt", plainList, &r.plain},
	} {
		if *l.into, err = parseSet(l.file, l.data); err != nil {
			return nil, err
		}
	}
	return r, nil
}

// Read finds names and attributions. It is total, deterministic, and takes time linear in the text.
func (r *Reader) Read(d *text.Doc) reading.Reading {
	p := newPage(d, r.tagger.tag(d))
	names := r.names(p)
	return reading.Reading{Names: names, Attributions: r.attributions(p, names)}
}
