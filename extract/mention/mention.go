// Package mention finds where a text means a person, a place or an organisation: by name ("Dana Reyes"), by title
// ("the French president"), by nominal ("the widow") and by pronoun ("she"). It also reads what stands around a name:
// courtesy titles, offices, appositions. Which mentions are of the same one is not its business; see package coref.
package mention

import (
	"sort"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A Mention is one place in a text where somebody or something is meant.
type Mention struct {
	text.Span              // as published: a name without its title, a title with its article
	Form       schema.Form //
	Kind       schema.Kind //
	Sentence   int         // index into Doc.Sentences
	Quotation  int         // index into Doc.Quotations of the outermost one that it lies in; -1 outside
	Gender     Gender      //
	Plural     bool        // "they"; a name for a family, "the Reyeses"
	Grammar    uint8       // of a pronoun: its person, 1, 2 or 3; else 0
	Possessive bool        // "her", "Reyes's"
	Courtesy   bool        // of a name: "Mr", "Dr" and their like stand before it
	Roles      []Role      // of a name: what the text says about it where it stands
	Office     Role        // of a title or nominal: how it reads as a role
	Beside     text.Span   // of a title or nominal: the name that it stands beside, as in "his wife, Ana,"; may be empty
	Confidence float64     // in [0,1], the reader's for names
}

// A Role is a title, an office or an affiliation as the text writes it.
type Role struct {
	Title   text.Span // "Russian Foreign Minister", "fire chief"
	Of      text.Span // the name that it belongs to, where written apart: "Russia" in "Russia's foreign minister"; may be empty
	Head    string    // its noun in lower case, "minister"
	Offices []string  // the words before the head in lower case, "former", "foreign"; nationalities and names are not among them
	Country string    // ISO 3166-1 code, where an adjective or a name tells
}

// Gender is what a mention tells of who is meant.
type Gender uint8

const (
	UnknownGender Gender = iota
	Masculine
	Feminine
	Neuter
)

// Fits reports whether two genders may be of the same one.
func (g Gender) Fits(h Gender) bool { return g == UnknownGender || h == UnknownGender || g == h }

// Find returns the mentions of a doc in text order. Names never overlap; a title may hold a name ("the U.S. president"
// holds "U.S."). Sources are the phrases that a reader takes for speakers: one that looks like a person's full name
// counts as a name even where the reader's names lack it.
//
// It takes time linear in the tokens, but for the sorting of names.
func (f *Finder) Find(doc *text.Doc, names []reading.Name, sources []text.Span) []Mention {
	s := &search{Finder: f, doc: doc, names: f.tidy(doc, names, sources)}
	s.place()
	for i := range s.names {
		s.name(i) // names.go; what stands around it, around.go
	}
	s.titles()   // phrases.go: "the French president", "her lawyer"
	s.pronouns() // words.go knows them
	sort.SliceStable(s.out, func(i, j int) bool {
		a, b := s.out[i].Span, s.out[j].Span
		return a.Start < b.Start || a.Start == b.Start && a.End > b.End
	})
	s.quotations() // which quotation each lies in
	return s.out
}
