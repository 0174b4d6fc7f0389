package coref

import (
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

const (
	crowd = 12 // people who come into question for a pronoun, at most: the last named ones
	ahead = 8  // mentions behind a pronoun in its own sentence that are looked at: "Since he left, Reyes …"
	trail = 3  // mentions of a person that the vectors are looked up of, the last ones
	reach = 5  // narrated sentences back in which a pronoun looks for its person, at most
)

// presence is what was seen of a person so far.
type presence struct {
	entity  int
	last    int   // the last mention
	trail   []int // the last mentions, the last one first; never written to once made
	subject int   // the last one that was a subject; -1 if none was
	count   int   // mentions
	first   int   // sentence of the first mention
	leads   int   // the last sentence whose first person this was; -1 if none
}

// stage is the people seen so far.
type stage struct {
	recent  []int // entities, the one seen last at the end; at most crowd
	of      map[int]*presence
	most    int // the most mentions of anybody
	scene   int // the sentence of the last mention
	started bool
}

func (s *stage) see(w *work, i int) {
	m := &w.mentions[i]
	p := s.of[m.Entity]
	if p == nil {
		p = &presence{entity: m.Entity, subject: -1, first: m.Sentence, leads: -1}
		s.of[m.Entity] = p
	}
	if !s.started || s.scene != m.Sentence {
		s.started, s.scene, p.leads = true, m.Sentence, m.Sentence
	}
	p.last = i
	p.trail = append([]int{i}, p.trail[:min(len(p.trail), trail-1)]...)
	p.count++
	s.most = max(s.most, p.count)
	if w.part(i) <= headed {
		p.subject = i
	}
	for k, e := range s.recent {
		if e == m.Entity {
			s.recent = append(s.recent[:k], s.recent[k+1:]...)
			break
		}
	}
	if s.recent = append(s.recent, m.Entity); len(s.recent) > crowd {
		s.recent = append(s.recent[:0], s.recent[1:]...)
	}
}

// pronouns places "he" and "she", "his" and "her": a ranker weighs the people seen last, and nobody, by features of place,
// grammar and agreement; where the best is not likely enough the pronoun stays without an entity. The passes for "they",
// "it" and "we" would guess, and there are none.
func (w *work) pronouns() {
	w.narrate()
	w.voices()
	s := &stage{of: map[int]*presence{}}
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Form == schema.ByPronoun {
			if m.Grammar != 3 || m.Gender != mention.Masculine && m.Gender != mention.Feminine {
				continue
			}
			if e, belief := w.rank(i, s); e >= 0 {
				w.assign(i, e, belief)
			}
		}
		if w.person(m.Entity) && !w.insideRole(i) {
			s.see(w, i)
		}
	}
}

// selves places "I", "me" and "my" inside quotation marks: they are whose words stand there. Outside of them, as in "I asked
// her", they are the author's, who is no entity of the text.
func (w *work) selves() {
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Form != schema.ByPronoun || m.Grammar != 1 || m.Plural || m.Quotation < 0 || w.inside[i] < 0 {
			continue
		}
		v := w.voice[w.inside[i]]
		if v < 0 || w.mentions[v].Quotation == m.Quotation { // a quote inside the quotation
			continue
		}
		if voice := &w.mentions[v]; w.person(voice.Entity) && !w.several(int(v)) {
			w.assign(i, voice.Entity, voice.Belief*0.95)
		}
	}
}

// several reports whether a mention is one of those that a source joins, "Reyes and Moor": their "I" is either's.
func (w *work) several(v int) bool {
	for k := v + 1; k < len(w.mentions) && w.source[k] == w.source[v]; k++ {
		if n := &w.mentions[k]; n.Entity >= 0 && n.Entity != w.mentions[v].Entity && w.person(n.Entity) {
			return true
		}
	}
	return false
}

// voices finds the content that each mention lies in, the innermost if several do, and whose source each is.
func (w *work) voices() {
	w.inside, w.source = make([]int32, len(w.mentions)), make([]int32, len(w.mentions))
	var stack []part
	k := 0
	for i := range w.mentions {
		m := &w.mentions[i]
		for ; k < len(w.contents) && w.contents[k].Start <= m.Start; k++ {
			stack = append(stack, w.contents[k])
		}
		for len(stack) > 0 && stack[len(stack)-1].End <= m.Start {
			stack = stack[:len(stack)-1]
		}
		w.inside[i], w.source[i] = -1, -1
		if n := len(stack); n > 0 && m.End <= stack[n-1].End {
			w.inside[i] = int32(stack[n-1].of)
		}
	}
	k = 0
	for a := range w.voice {
		w.voice[a] = -1
	}
	for i := range w.mentions {
		m := &w.mentions[i]
		for k < len(w.sources) && w.sources[k].End <= m.Start {
			k++
		}
		if k < len(w.sources) && w.sources[k].Span.Contains(m.Span) && m.Kind == schema.Person {
			a := w.sources[k].of
			w.source[i] = int32(a)
			if w.voice[a] < 0 {
				w.voice[a] = int32(i)
			}
		}
	}
}

// part is a piece of the content, or the source, of an attribution.
type part struct {
	text.Span
	of int
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
