package coref

import (
	"math"
	"slices"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A Choice is what the ranker saw at one pronoun: for training it, and for looking at what it did.
type Choice struct {
	Mention  int     // index into Resolution.Mentions
	Entities []int   // who comes into question, indices into Resolution.Entities
	Trails   [][]int // of each, its last mentions, indices into Resolution.Mentions, the nearest first
	Features [][]int // of each, the indices of those that hold; those of nobody come last
}

// The features are all of the kind that holds or does not. They come in groups, one of each group for a candidate; a
// group is a table whose dimensions are the things that are crossed in it.
const (
	fPlace   = 0                              // where the last mention stands × its part × the pronoun's
	fSubject = fPlace + places*parts*pronouns // where the last mention as a subject stands × the pronoun's part
	fClauses = fSubject + places*pronouns     // in the same sentence: clauses between × part × the pronoun's
	fRecency = fClauses + 4*parts*pronouns    // how many who fit were seen since × the pronoun's part
	fRivals  = fRecency + 4*pronouns          // how many fit at all × how many of them by a known gender
	fGender  = fRivals + 4*4                  // gender known or not × anybody's known or not × the pronoun's gender is not told
	fCount   = fGender + 2*2                  // mentions so far × the most of all or not
	fTopic   = fCount + 4*2                   // first in its sentence, first in the doc
	fForm    = fTopic + 2*2                   // form of the last mention × place
	fQuoted  = fForm + 4*places               // inside which quotation marks × the speaker there or not
	fSource  = fQuoted + 5*4                  // both are sources
	fMarks   = fSource + 4                    // what stands beside the last mention
	fFar     = fMarks + 8                     // tokens between, by powers of two
	fSure    = fFar + 10                      // how sure it is who the last mention is
	fNobody  = fSure + 4                      // for nobody: the pronoun's part × in quotation marks or not
	fAlone   = fNobody + pronouns*2           // for nobody: how many fit
	fLead    = fAlone + 4                     // for nobody: place of the last seen who fits
	features = fLead + places + 1
)

// places is how many places are told apart: the same sentence, the one before, …; behind the pronoun.
const places = reach + 2

// The parts that a mention may have in its sentence, as far as its neighbours tell.
const (
	acting    = iota // the subject: a verb follows
	headed           // the subject by its place at the head of a clause
	owning           // a possessive
	preceded         // a preposition stands before it
	remaining        // an object, or anything else
	parts
)

// The parts of a pronoun.
const (
	heading   = iota // "he", first in its sentence
	subject          // "he"
	possessor        // "his"
	object           // "him"
	reflexive        // "himself"
	pronouns
)

// likely is the least probability at which a pronoun is given to a person, where a Ranker does not say another.
const likely = 0.5

// rank chooses the person whom the pronoun i means; -1 where nobody is likely enough.
func (w *work) rank(i int, s *stage) (entity int, belief float64) {
	c := w.choice(i, s)
	if len(c.Entities) == 0 {
		return -1, 0
	}
	if w.traced {
		w.choices = append(w.choices, c)
	}
	best, sum, top := -1, 0.0, math.Inf(-1)
	scores := w.scores(&c)
	for k := range c.Entities {
		if scores[k] > top {
			best, top = k, scores[k]
		}
	}
	for _, x := range scores {
		sum += math.Exp(x - top)
	}
	least := likely
	if w.sight != nil {
		least = w.ranker.likely
	}
	if p := 1 / sum; p >= least {
		return c.Entities[best], p
	}
	return -1, 0
}

// choice gathers who comes into question for a pronoun.
func (w *work) choice(i int, s *stage) Choice {
	m := &w.mentions[i]
	c := Choice{Mention: i}
	role := w.pronoun(i)
	var fit []*presence // the one seen last first
	known := 0
	for k := len(s.recent) - 1; k >= 0; k-- {
		p := s.of[s.recent[k]]
		if w.fits(m, p.entity) && w.place(p.last, i) < places-1 && !w.barred(i, role, p) {
			fit = append(fit, p)
			known += one(w.list[p.entity].Gender == m.Gender)
		}
	}
	later := len(fit)
	for k := i + 1; k < len(w.mentions) && k <= i+ahead && w.mentions[k].Sentence == m.Sentence; k++ {
		n := &w.mentions[k]
		if n.Form != schema.ByName || !w.person(n.Entity) || !w.fits(m, n.Entity) || seen(fit, n.Entity) || w.insideRole(k) {
			continue
		}
		p := &presence{entity: n.Entity, last: k, trail: []int{k}, subject: -1, first: n.Sentence, leads: -1}
		if w.part(k) <= headed {
			p.subject = k
		}
		fit = append(fit, p)
		known += one(w.list[p.entity].Gender == m.Gender)
	}
	if len(fit) == 0 {
		return c
	}
	for k, p := range fit {
		c.Entities = append(c.Entities, p.entity)
		c.Trails = append(c.Trails, p.trail)
		rank := k
		if k >= later {
			rank = 3
		}
		c.Features = append(c.Features, w.features(i, role, p, s, min(rank, 3), len(fit), known))
	}
	lead := places
	if later > 0 {
		lead = w.place(fit[0].last, i)
	}
	c.Features = append(c.Features, []int{
		fNobody + 2*role + one(m.Quotation >= 0), fAlone + min(len(fit), 4) - 1, fLead + lead,
	})
	return c
}

func seen(all []*presence, entity int) bool {
	for _, p := range all {
		if p.entity == entity {
			return true
		}
	}
	return false
}

// barred reports whether grammar forbids that a pronoun means a person: “Moor, her rival” is not her, in “Moor told him”
// he is not Moor, and nobody who is quoted calls himself "he".
func (w *work) barred(i, role int, p *presence) bool {
	m, n := &w.mentions[i], &w.mentions[p.last]
	if m.Quotation >= 0 && w.speaks(i, p.entity) == 3 {
		return true
	}
	if m.Sentence != n.Sentence {
		return false
	}
	switch role {
	case possessor:
		return w.beside(i, p.last)[0]
	case object:
		return w.part(p.last) <= headed && w.clauses(n.Span, m.Span) == 0
	}
	return false
}

// fits reports whether the gender of an entity and that of a pronoun agree.
func (w *work) fits(m *Mention, entity int) bool { return w.list[entity].Gender.Fits(m.Gender) }

// place is where mention k stands, seen from the pronoun i: narrated sentences back; behind it.
func (w *work) place(k, i int) int {
	a, b := w.mentions[k].Sentence, w.mentions[i].Sentence
	if k > i {
		return places - 1
	}
	if a == b {
		return 0
	}
	if n := int(w.outer[b] - w.outer[a]); n < reach {
		return max(n, 1)
	}
	if w.outer[b]-w.outer[a] == reach {
		return reach
	}
	return places - 1
}

// features lists what holds of a person and the pronoun i.
func (w *work) features(i, role int, p *presence, s *stage, rank, fit, known int) []int {
	m, n := &w.mentions[i], &w.mentions[p.last]
	place, part := w.place(p.last, i), w.part(p.last)
	subject := places - 1
	if p.subject >= 0 && p.subject < i {
		subject = min(w.place(p.subject, i), places-1)
	}
	gender := one(w.list[p.entity].Gender == m.Gender)
	out := []int{
		fPlace + (place*parts+part)*pronouns + role,
		fSubject + subject*pronouns + role,
		fRecency + rank*pronouns + role,
		fRivals + (min(fit, 4)-1)*4 + min(known, 3),
		fGender + gender*2 + one(known > 0),
		fCount + min(p.count, 3)*2 + one(p.count > 0 && p.count == s.most),
		fTopic + one(p.leads == n.Sentence)*2 + one(p.first == 0),
		fForm + shape(n)*places + place,
		fFar + far(w.doc, n.Span, m.Span),
	}
	if place == 0 {
		out = append(out, fClauses+(w.clauses(n.Span, m.Span)*parts+part)*pronouns+role)
	}
	out = append(out, fQuoted+w.quoted(i, p.last)*4+w.speaks(i, p.entity))
	out = append(out, fSource+one(w.source[p.last] >= 0)*2+one(w.source[i] >= 0))
	for k, holds := range w.beside(i, p.last) {
		if holds {
			out = append(out, fMarks+k)
		}
	}
	switch {
	case n.Belief >= 0.9:
		out = append(out, fSure)
	case n.Belief >= 0.7:
		out = append(out, fSure+1)
	default:
		out = append(out, fSure+2)
	}
	return out
}

func shape(m *Mention) int {
	switch {
	case m.Form == schema.ByPronoun:
		return 0
	case m.Form != schema.ByName:
		return 1
	case m.Courtesy || len(m.Roles) > 0:
		return 2
	}
	return 3
}

// far is the power of two of the tokens between two spans.
func far(doc *text.Doc, a, b text.Span) int {
	d := doc.TokenAt(b.Start) - doc.TokenAt(a.Start)
	if d < 0 {
		d = -d
	}
	n := 0
	for ; d > 1 && n < 9; d /= 2 {
		n++
	}
	return n
}

// quoted tells how two mentions lie to quotation marks.
func (w *work) quoted(i, k int) int {
	a, b := w.mentions[i].Quotation, w.mentions[k].Quotation
	switch {
	case a < 0 && b < 0:
		return 0
	case a == b:
		return 1
	case b < 0:
		return 2
	case a < 0:
		return 3
	}
	return 4
}

// speaks tells whether an entity is the voice of the words in which a pronoun stands: there is no voice, it is another's,
// it is this one's.
func (w *work) speaks(i, entity int) int {
	a := w.inside[i]
	if a < 0 || w.voice[a] < 0 {
		return 0
	}
	switch e := w.mentions[w.voice[a]].Entity; {
	case e < 0:
		return 1
	case e == entity:
		return 3
	}
	return 2
}

func one(b bool) int {
	if b {
		return 1
	}
	return 0
}

// Trace resolves a doc and tells what was seen at each pronoun. Given weights, it ranks by them instead of the built-in ones
// and without vectors.
func (r *Resolver) Trace(doc *text.Doc, found reading.Reading, weights []float32) (Resolution, []Choice) {
	w := r.work(doc, found)
	w.traced = true
	if weights != nil {
		w.weights, w.sight = weights, nil
	}
	who := w.resolve()
	for c := range w.choices {
		for k, e := range w.choices[c].Entities {
			w.choices[c].Entities[k] = w.number[e]
		}
	}
	return who, w.choices
}

// Features is how many features there are, and so weights.
const Features = features

// Weights is a copy of the weights in use.
func Weights() []float32 { return slices.Clone(weights[:]) }
