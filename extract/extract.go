// Package extract reads a news article: who and where it speaks of, and who said what. It is pure: no input or output, no
// logging, and no text can make it fail.
//
// [Extractor.Extract] is the five steps, each a package of its own: text cuts, a reader ([Open]: model, model/fast or
// baseline) finds names and attributions, coref says who is who (mention finds whom it may be), quote says who spoke, place
// and people link to the world and to the user's list. Package eval measures it.
package extract

import (
	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/place"
	"github.com/quotewire/quotewire/extract/quote"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// An Extractor makes records of articles. It is safe for concurrent use.
type Extractor struct {
	reader   Reader           // by rules or by weights: the step that there are several of
	resolver *coref.Resolver  // which mentions are of the same one
	places   *place.Gazetteer // where a place lies
	lists    *lexicon.Shared  // words that more than one step knows
	people   *people.List     // the user's own; may be nil
	self     schema.Extractor // what each record says of its maker
}

// New returns an Extractor that reads with r. The version is the program's own. It fails on a broken word list.
func New(r Reader, version string) (*Extractor, error) {
	lists, err := lexicon.Load()
	if err != nil {
		return nil, err
	}
	resolver, err := coref.New(lists)
	if err != nil {
		return nil, err
	}
	return &Extractor{reader: r, resolver: resolver.With(r.Ranker), places: place.Open(), lists: lists, self: describe(r, version)}, nil
}

// Linked returns an Extractor that reads as x does and also links people and organisations to a list of the user's own. The
// list is part of its fingerprint.
func (x *Extractor) Linked(list *people.List) *Extractor {
	linked := *x
	linked.people, linked.self = list, knowing(x.self, list)
	return &linked
}

// Extract makes the record of one article. The same article gives the same record, whatever text it holds. An article in
// another language than English gives a record that says so and nothing else.
func (x *Extractor) Extract(a schema.Article) schema.Record {
	doc := text.Cut(schema.Valid(a.Text)) // paragraphs, sentences, tokens, quotation marks; the text untouched
	if other, _ := otherLanguage(a); other {
		return record(x.self, a, doc, coref.Resolution{}, nil, nil, people.Result{})
	}
	found := x.reader.Read(doc)                // names, cues, sources, contents: spans with confidence
	who := x.resolver.Resolve(doc, found)      // mentions → entities: canonical names, roles
	quotes := quote.Attribute(doc, found, who) // cue + source + content → who said what
	where := locate(x.places, doc, who)        // places → countries, coordinates
	links := x.people.Link(x.lists, doc, who)  // entities → the user's own ids, where a list is given
	return record(x.self, a, doc, who, quotes, where, links)
}
