package coref

import (
	"strings"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// seen is a person who stands in a sentence.
type seen struct {
	entity  int
	subject bool // by its place it may be the subject of its clause
	quoted  int  // the quotation that it stands in; -1 outside
	belief  float64
}

// scene is the people of one sentence.
type scene struct {
	sentence int
	people   []seen
}

const (
	crowd  = 12 // people of one sentence that are kept: beyond that no pronoun is safe
	recall = 2  // sentences back in which a pronoun looks for its person
)

// pronouns places "he" and "she" where the grammar leaves little doubt: the only person that fits, in the same sentence
// before the pronoun or in the one before; or the subject there. A pronoun inside a quotation looks inside that
// quotation alone, since its "he" is not the story's. The passes for "they", "it" and "we" would guess, and there are none.
func (w *work) pronouns() {
	w.narrate()
	var past []scene // the last sentences with people, oldest first
	now := scene{sentence: -1}
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Sentence != now.sentence {
			if len(now.people) > 0 {
				if past = append(past, now); len(past) > recall {
					past = past[1:]
				}
			}
			now = scene{sentence: m.Sentence}
		}
		if m.Form == schema.ByPronoun {
			if m.Grammar != 3 || m.Gender != mention.Masculine && m.Gender != mention.Feminine {
				continue
			}
			e, belief := w.antecedent(i, now, past)
			if e < 0 {
				continue
			}
			w.assign(i, e, belief)
		}
		if w.person(m.Entity) && len(now.people) < crowd && !w.insideRole(i) {
			now.people = append(now.people, seen{m.Entity, w.subject(i), m.Quotation, m.Belief})
		}
	}
}

// antecedent finds the person whom the pronoun i means; -1 where it is not safe to say. Somebody who stands there only
// behind a preposition or as an object gives way to the subject of a sentence further back.
func (w *work) antecedent(i int, now scene, past []scene) (int, float64) {
	m := &w.mentions[i]
	object := !m.Possessive && !w.subject(i)
	if len(now.people) == crowd {
		return -1, 0
	}
	now.people = w.others(i, now.people)
	best := w.choose(m, now.people, object)
	best.belief *= 0.95
	if best.belief > 0 && best.belief < 0.7 { // beside another who fits, in the pronoun's own sentence: right half the time
		return -1, 0
	}
	if best.entity != none && best.subject || m.Quotation >= 0 {
		return best.answer()
	}
	for k := len(past) - 1; k >= 0 && best.entity != -1; k-- {
		if !w.near(past[k].sentence, m.Sentence) {
			break
		}
		c := w.choose(m, past[k].people, false)
		c.belief *= 0.9
		for range len(past) - 1 - k {
			c.belief *= 0.9
		}
		switch {
		case c.entity < 0 && best.entity != none:
		case best.entity == none:
			best = c
		case c.subject && c.entity != best.entity:
			c.belief = min(c.belief, 0.7)
			return c.answer()
		}
		if best.subject {
			break
		}
	}
	return best.answer()
}

// others leaves out the person of whose description the pronoun is a part: "Lee Moor, her rival" is not her.
func (w *work) others(i int, people []seen) []seen {
	m := &w.mentions[i]
	k := w.doc.TokenAt(m.Start) - 1
	if !m.Possessive || i == 0 || k < 1 || w.doc.TokenText(k) != "," {
		return people
	}
	n := &w.mentions[i-1]
	if n.Entity < 0 || n.End != w.doc.Tokens[k-1].End {
		return people
	}
	var out []seen
	for _, p := range people {
		if p.entity != n.Entity {
			out = append(out, p)
		}
	}
	return out
}

// choice is somebody whom a pronoun may mean.
type choice struct {
	entity  int     // -1 where two fit equally, none where nobody does
	belief  float64 // that it is, if all before it is right
	chain   float64 // that the mention it was chosen by is of this entity
	subject bool
}

func (c choice) answer() (int, float64) { return max(c.entity, -1), min(c.belief, c.chain) }

const none = -2 // nobody here fits: look further back

// choose picks among the people of a sentence: -1 where two fit equally.
//
// The beliefs are shares that were right on GUM train with gold names, rounded down; on GAP, where two people of one gender
// always compete, they are about a third lower.
func (w *work) choose(m *Mention, people []seen, object bool) choice {
	fitting, known, subject, first := none, none, none, true
	many, manyKnown := false, false
	belief := map[int]float64{}
	for _, p := range people {
		g := w.list[p.entity].Gender
		if p.quoted != m.Quotation || !g.Fits(m.Gender) {
			continue
		}
		belief[p.entity] = max(belief[p.entity], p.belief)
		if fitting != none && fitting != p.entity {
			many = true
		}
		if fitting == none {
			fitting = p.entity
		}
		if g == m.Gender {
			if known != none && known != p.entity {
				manyKnown = true
			}
			if known == none {
				known = p.entity
			}
		}
		if p.subject && first {
			subject, first = p.entity, false
		}
	}
	is := func(e int, b float64) choice { return choice{e, b, belief[e], e == subject} }
	switch {
	case fitting == none:
		return choice{entity: none}
	case object && fitting == subject && !many:
		return choice{entity: -1} // "Reyes told him": he is not Reyes
	case !many && known != none:
		return is(fitting, 1)
	case !many:
		return is(fitting, 0.9)
	case subject != none && !object && w.list[subject].Gender == m.Gender:
		if !manyKnown {
			return is(subject, 0.9)
		}
		return is(subject, 0.8)
	case subject != none && !object && !m.Possessive && (w.list[subject].surely || known == none || manyKnown):
		return is(subject, 0.7)
	case known != none && !manyKnown:
		return is(known, 0.7)
	}
	return choice{entity: -1}
}

// insideRole reports whether a name is part of the title of the name behind it: "Reyes campaign manager Lee Moor".
func (w *work) insideRole(i int) bool {
	for k := i + 1; k < len(w.mentions) && k <= i+2; k++ {
		for _, r := range w.mentions[k].Roles {
			if r.Title.Contains(w.mentions[i].Span) || r.Of == w.mentions[i].Span {
				return true
			}
		}
	}
	return false
}

// near reports whether a pronoun of sentence b may look back to sentence a: at most one sentence that is not all quotation
// lies between, in three paragraphs at most.
func (w *work) near(a, b int) bool {
	return w.outer[b]-w.outer[a] <= 2 && w.doc.Sentences[b].Paragraph-w.doc.Sentences[a].Paragraph <= 3
}

// narrate counts, before each sentence, those that have words outside quotation marks.
func (w *work) narrate() {
	w.outer = make([]int32, len(w.doc.Sentences)+1)
	for i, s := range w.doc.Sentences {
		w.outer[i+1] = w.outer[i]
		for t := s.First; t < s.Last; t++ {
			if w.doc.Tokens[t].Class == text.Word && w.doc.Tokens[t].Quotation < 0 {
				w.outer[i+1]++
				break
			}
		}
	}
}

// subject guesses from its place whether a mention is the subject of a clause: it is no possessive and no preposition
// or "and" stands before it, and a subject pronoun is one by its form.
func (w *work) subject(i int) bool {
	m := &w.mentions[i]
	if m.Form == schema.ByPronoun {
		switch strings.ToLower(w.doc.Slice(m.Span)) {
		case "he", "she":
			return true
		}
		// "His lawyer": whose sentence it is shows at its head
		return m.Possessive && w.doc.TokenAt(m.Start) == w.doc.Sentences[m.Sentence].First
	}
	if m.Possessive {
		return false
	}
	lo := w.doc.Sentences[m.Sentence].First
	start := m.Start
	for _, r := range m.Roles {
		if r.Title.Start < m.Start {
			start = min(start, r.Title.Start)
		}
	}
	k := w.doc.TokenAt(start) - 1
	for k >= lo && (w.doc.TokenText(k) == "the" || w.doc.Tokens[k].Class == text.OpenQuote) {
		k--
	}
	if k < lo {
		return true
	}
	t := w.doc.Tokens[k]
	if t.Class == text.Punct || t.Class == text.CloseQuote {
		return true
	}
	switch strings.ToLower(w.doc.TokenText(k)) {
	case "that", "while", "as", "when", "but", "because", "if", "though", "although", "whom", "which", "said", "says", "where",
		"whether", "since", "so", "then", "what", "how", "why", "before", "after", "until":
		return true
	}
	return false
}
