// Package reading holds what a reader finds in a text, whichever reader it is: names, and attributions of content to
// sources through cues. The steps that follow (who is who, who spoke) see spans and confidences, not the reader.
package reading

import (
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A Reading is one reader's answer for one [text.Doc]. All slices are in text order.
type Reading struct {
	Names        []Name
	Attributions []Attribution
	Vectors      *Vectors // nil where the reader has none
}

// Kind is what a name denotes. It is finer than schema.Kind: nationalities and other names are not entities of the
// record, but tell the later steps what a span is not.
type Kind uint8

const (
	Person       Kind = iota
	Place             // countries, cities, regions, waters, buildings
	Organization      //
	Nationality       // "Russian", "Democrat", "Muslim"
	Other             // events, works, products
)

// A Name is a proper name as written, without title ("President"), article or possessive.
type Name struct {
	text.Span
	Kind       Kind
	Confidence float64 // in [0,1]
}

// An Attribution is some content with the cue that attributes it and the source that it is attributed to, as PolNeAR
// has them (Newell et al., LREC 2018): quotation marks belong to the content, the final full stop of indirect content
// does not.
type Attribution struct {
	Content    []text.Span // in order, disjoint; at least one
	Cue        text.Span   // empty where there is none
	Source     text.Span   // the whole phrase ("a senior Kremlin official"); empty where there is none
	Act        schema.Act  //
	Confidence float64     // in [0,1]
	Evidence   string      // the rule or model that decided: "baseline/inverted"
}
