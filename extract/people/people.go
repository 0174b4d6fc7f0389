// Package people links the people and organisations of an article to a list of the user's own. A [List] is compiled
// once: every name of it lies in one text, and an index of hashed keys leads from what an article may write to the rows
// that may be meant. Keys only propose; the row's own words decide, by [rule], and the article's roles tell namesakes
// apart. Where two rows remain likely, there is no link but an [Ambiguity].
package people

import (
	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A List is a user's list, compiled by [Parse]. It is read-only, and so safe for concurrent use.
type List struct {
	rows   rows
	keys   keys
	digest string
}

// Len is the number of rows.
func (l *List) Len() int { return l.rows.len() }

// Digest is the SHA-256 of the bytes that the list was parsed from, in hex.
func (l *List) Digest() string { return l.digest }

// A Result is what a list says of the entities of one article.
type Result struct {
	Links     []*schema.Link // per entity; nil where there is none. Empty where there is no list
	Ambiguous []Ambiguity    // by entity
}

// An Ambiguity is an entity that several rows may be, none of them likely enough.
type Ambiguity struct {
	Entity int      // index into Resolution.Entities
	IDs    []string // of the likeliest rows, likeliest first; at most [mostIDs]
	More   int      // how many rows beside them
}

const (
	// likely is how probable a row must be to be linked.
	likely = 0.6
	// surest bounds the confidence: two people may share a name, an office and a list that knows only one of them.
	surest = 0.98
	// mostIDs bounds the candidates that an Ambiguity names.
	mostIDs = 5
)

// A matcher is a list as it is read.
type matcher struct {
	*List
	lists *lexicon.Shared
}

// Link looks the entities of a doc up. The same resolution and list give the same result. Its cost for an entity does not
// grow with the list, but for the depth of a binary search. A nil List links nothing. The lists
// are read for the countries in roles.
func (l *List) Link(lists *lexicon.Shared, doc *text.Doc, who coref.Resolution) Result {
	if l == nil {
		return Result{}
	}
	m := matcher{l, lists}
	out := Result{Links: make([]*schema.Link, len(who.Entities))}
	for i := range who.Entities {
		e := &who.Entities[i]
		var s search
		switch e.Kind {
		case schema.Person:
			s = m.person(e, m.offices(doc, e.Roles))
		case schema.Organization:
			s = m.organization(e)
		default:
			continue
		}
		link, ambiguity := s.decide()
		out.Links[i] = link
		if ambiguity != nil {
			ambiguity.Entity = i
			out.Ambiguous = append(out.Ambiguous, *ambiguity)
		}
	}
	return out
}
