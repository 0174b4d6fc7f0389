// Package extract reads a news article: who and where it speaks of, and who said what. It is pure: no input or output, no
// logging, and no text can make it fail.
package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/quotewire/quotewire/extract/baseline"
	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/model"
	"github.com/quotewire/quotewire/extract/model/fast"
	"github.com/quotewire/quotewire/extract/model/weights"
	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/place"
	"github.com/quotewire/quotewire/extract/quote"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// RulesVersion counts the changes to how a text is read, by whatever rule or word list. It is part of the fingerprint:
// raise it with every change that may alter a record, so that articles are read again on an upgrade.
const RulesVersion = 4

// A Reader finds names and attributions in a text.
type Reader struct {
	Name   string                          // "baseline"
	Models []schema.Model                  // the weights it reads with; their hashes are part of the fingerprint
	Read   func(*text.Doc) reading.Reading // total and deterministic; called by many goroutines at once
	Ranker *coref.Ranker                   // of the people whom pronouns may mean, by the vectors of Read; may be nil
}

// Readers is the names that Open knows.
func Readers() []string { return []string{"accurate", "fast", "baseline"} }

// Open loads the reader of a name. It fails on a name that it does not know, and on a broken word list or model.
func Open(name string) (Reader, error) {
	switch name {
	case "accurate", "fast":
		r, err := trained(name)
		if err != nil {
			return Reader{}, fmt.Errorf("load reader %s: %w", name, err)
		}
		return r, nil
	case "baseline":
		r, err := baseline.New()
		if err != nil {
			return Reader{}, fmt.Errorf("load reader %s: %w", name, err)
		}
		return Reader{Name: name, Read: r.Read}, nil
	}
	return Reader{}, fmt.Errorf("no reader %q: there is %s", name, strings.Join(Readers(), ", "))
}

// trained loads a reader with weights.
func trained(name string) (Reader, error) {
	sayings, err := baseline.Sayings()
	if err != nil {
		return Reader{}, err
	}
	if name == "fast" {
		m, err := fast.Load(weights.Fast, sayings)
		if err != nil {
			return Reader{}, err
		}
		return Reader{Name: name, Models: []schema.Model{{Name: m.Name, Version: fast.Format, SHA256: m.SHA256}}, Read: m.Read}, nil
	}
	m, err := model.Load(weights.Accurate, sayings)
	if err != nil {
		return Reader{}, err
	}
	r := Reader{Name: name, Models: []schema.Model{{Name: m.Name, Version: model.Format, SHA256: m.SHA256}}, Read: m.Read}
	ranker, err := coref.Accurate()
	if err != nil {
		return Reader{}, err
	}
	if ranker.Reader == m.SHA256 { // it knows the vectors of one set of weights: TestRanker fails while it has others
		if err := m.Keep(ranker.Layers); err != nil {
			return Reader{}, err
		}
		r.Ranker = ranker
		r.Models = append(r.Models, schema.Model{Name: "pronouns", Version: coref.RankerFormat, SHA256: ranker.SHA256})
	}
	return r, nil
}

// An Extractor makes records of articles. It is safe for concurrent use.
type Extractor struct {
	reader   Reader
	resolver *coref.Resolver
	places   *place.Gazetteer
	lists    *lexicon.Shared
	people   *people.List // the user's own; may be nil
	self     schema.Extractor
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
	linked.people = list
	h := sha256.Sum256([]byte(x.self.Fingerprint + "\npeople " + list.Digest() + "\n"))
	linked.self.Fingerprint = hex.EncodeToString(h[:8])
	return &linked
}

// Extract makes the record of one article. The same article gives the same record, whatever text it holds. An article in
// another language than English gives a record that says so and nothing else.
func (x *Extractor) Extract(a schema.Article) schema.Record {
	doc := text.Cut(schema.Valid(a.Text)) // paragraphs, sentences, tokens, quotation marks; the text untouched
	if other, _ := otherLanguage(a); other {
		return x.record(a, doc, coref.Resolution{}, nil, nil, people.Result{})
	}
	found := x.reader.Read(doc)                // names, cues, sources, contents: spans with confidence
	who := x.resolver.Resolve(doc, found)      // mentions → entities: canonical names, roles
	quotes := quote.Attribute(doc, found, who) // cue + source + content → who said what
	where := locate(x.places, doc, who)        // places → countries, coordinates
	links := x.people.Link(x.lists, doc, who)  // entities → the user's own ids, where a list is given
	return x.record(a, doc, who, quotes, where, links)
}

// describe says who makes the records.
func describe(r Reader, version string) schema.Extractor {
	h := sha256.New()
	fmt.Fprintf(h, "quotewire rules %d\nreader %s\n", RulesVersion, r.Name)
	for _, m := range r.Models {
		fmt.Fprintf(h, "model %q %q %q\n", m.Name, m.Version, m.SHA256)
	}
	return schema.Extractor{
		Name: "quotewire", Version: version, Reader: r.Name, Fingerprint: hex.EncodeToString(h.Sum(nil)[:8]),
		Models: append([]schema.Model{}, slices.Clone(r.Models)...),
	}
}
