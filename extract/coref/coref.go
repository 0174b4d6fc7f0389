// Package coref finds out which mentions are of the same person, place or organisation, and gives each its canonical
// name and its roles. It works in passes, from sure to loose, as the sieves of Raghunathan et al. (EMNLP 2010) do: full
// names, surnames, given names and acronyms; then titles; then pronouns. A mention that no pass can place safely stays
// without an entity.
package coref

import (
	"cmp"
	"slices"
	"sort"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A Resolution says who is who in one doc.
type Resolution struct {
	Entities []Entity  // by first mention
	Mentions []Mention // in text order, those without an entity too
}

// An Entity is one person, place or organisation that the text names at least once.
type Entity struct {
	Kind       schema.Kind
	Name       string         // the fullest form that the text gives, without titles
	Aliases    []string       // its other forms, by first mention
	Roles      []mention.Role // by place, each once
	Gender     mention.Gender //
	Confidence float64        // that it is an entity of this kind
	Mentions   []int          // indices into Resolution.Mentions, ascending
	surely     bool           // of a person: a full name, a title or "Mr" leaves no doubt that it is one
	named      int            // of Mentions, those by name, until the others are sorted among them
}

// A Mention is a mention with the entity that it is of.
type Mention struct {
	mention.Mention
	Entity int     // index into Resolution.Entities; -1 where it is not safe to say
	Belief float64 // in [0,1]: that it is this entity's
}

// A Resolver resolves. It is read-only, and so safe for concurrent use.
type Resolver struct {
	lists  *lexicon.Shared
	finder *mention.Finder
	ranker *Ranker // for docs whose reading has vectors; may be nil
}

// New returns a Resolver. An error names the file and line of a broken word list.
func New(lists *lexicon.Shared) (*Resolver, error) {
	finder, err := mention.New(lists)
	if err != nil {
		return nil, err
	}
	return &Resolver{lists: lists, finder: finder}, nil
}

// With returns a Resolver that also ranks by the vectors of a reading. A nil ranker leaves it to the features alone.
func (r *Resolver) With(ranker *Ranker) *Resolver {
	with := *r
	with.ranker = ranker
	return &with
}

// Resolve finds the mentions of a doc and who they are. It takes time linear in the text, but for sorting.
func (r *Resolver) Resolve(doc *text.Doc, found reading.Reading) Resolution {
	return r.work(doc, found).resolve()
}

// work finds the mentions.
func (r *Resolver) work(doc *text.Doc, found reading.Reading) *work {
	w := &work{Resolver: r, doc: doc, found: found, weights: weights[:]}
	w.sight = w.look()
	var sources []text.Span
	for i, a := range found.Attributions {
		for _, c := range a.Content {
			w.contents = append(w.contents, part{c, i})
		}
		if !a.Source.Empty() {
			sources = append(sources, a.Source)
			w.sources = append(w.sources, part{a.Source, i})
		}
	}
	w.voice = make([]int32, len(found.Attributions))
	byStart := func(a, b part) int { return cmp.Or(a.Start-b.Start, b.End-a.End) }
	slices.SortFunc(w.contents, byStart)
	slices.SortFunc(w.sources, byStart)
	for _, m := range r.finder.Find(doc, r.nicknames(doc, found.Names), sources) {
		w.mentions = append(w.mentions, Mention{Mention: m, Entity: -1})
	}
	w.nominals()
	return w
}

// resolve says who they are.
func (w *work) resolve() Resolution {
	w.forms()         // form.go, names.go: the distinct ways in which names are written
	w.settleKinds()   // one kind each, where the reader wavers
	w.people()        // forms of one person: full names, then parts of them
	w.bodies()        // bodies.go: forms of one place or organisation: acronyms, "the bank"
	w.entities()      // entities.go: joined forms become entities with canonical names
	w.roles()         // each role once
	w.titles()        // titles.go: "the French president"
	w.ages()          // relatives.go: "the 52-year-old"
	w.affiliations()  // affiliations.go: "the Republican", "the Dane"
	w.pronouns()      // pronouns.go, rank.go, vectors.go: "he" and "she", by the learned ranker
	w.relatives()     // relatives.go: "her husband"
	w.selves()        // "I" and "me" inside quotation marks
	w.placeNominals() // nominals.go: "the company", "the ministry"
	w.spoken()        // speaking.go: "it" and "they" that speak
	w.finish()        // in the order of the text
	return Resolution{w.list, w.mentions}
}

// work is the state of one resolution.
type work struct {
	*Resolver
	doc      *text.Doc
	found    reading.Reading
	mentions []Mention
	all      []*form         // distinct forms of names, by first mention
	of       []*form         // per mention: its form; nil for what is no name
	joined   map[int]*form   // mentions that go to another form than their own, for their context
	belief   map[int]float64 // of those, and of surnames
	shared   map[int]string  // of mentions: the surname that stands with the name behind, see shares
	list     []Entity        //
	outer    []int32         // see narrate
	contents []part          // of the attributions, by place
	sources  []part          // likewise
	inside   []int32         // see voices
	source   []int32         // likewise
	voice    []int32         // per attribution: the first person of its source, a mention; -1 if there is none
	played   []int8          // per mention: 1 + its part, 0 where nobody asked yet
	weights  []float32       // of the features, for ranking without vectors
	sight    *sight          // for ranking with them; nil without
	traced   bool            // to keep the choices
	choices  []Choice        // at the pronouns so far
	number   []int           // of the entities, after sorting
}

// Within lists the mentions inside a span that have an entity, in text order.
func (r *Resolution) Within(s text.Span) []*Mention {
	var out []*Mention
	for i := sort.Search(len(r.Mentions), func(i int) bool { return r.Mentions[i].Start >= s.Start }); i < len(r.Mentions) && r.Mentions[i].Start < s.End; i++ {
		if m := &r.Mentions[i]; m.Entity >= 0 && m.End <= s.End {
			out = append(out, m)
		}
	}
	return out
}
