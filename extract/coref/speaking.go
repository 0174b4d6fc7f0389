package coref

import (
	"strings"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/schema"
)

// How sure it is that an organisation is meant by "it", and by "they", where that is the source of something said.
const (
	itSpeaks   = 0.8
	theySpeaks = 0.7
)

// spoken places "it" and "they" where they are the source of something said or thought outside quotation marks: an
// organisation, or the government that a place stands for. "It" is the only one of them that is a subject, or was a source,
// in the same sentence before it or in the sentence before; "they" only one that was the last source, with nobody named
// since.
func (w *work) spoken() {
	spoke := -1 // the last mention that was a source
	for i := range w.mentions {
		m := &w.mentions[i]
		if (m.Form == schema.ByName || bodyNominal(m)) && (w.source[i] >= 0 || w.isSource(i)) {
			spoke = i
		}
		if m.Form != schema.ByPronoun || m.Grammar != 3 || m.Possessive || m.Quotation >= 0 || m.Entity >= 0 || !w.isSource(i) {
			continue
		}
		switch {
		case m.Gender == mention.Neuter && !w.thingly(i):
			if e := w.only(i); e >= 0 {
				w.assign(i, e, itSpeaks)
			}
		case m.Plural && spoke >= 0 && w.near(spoke, i) && w.body(spoke) && !w.personBetween(spoke, i):
			w.assign(i, w.mentions[spoke].Entity, theySpeaks)
		}
	}
}

// isSource reports whether a mention is the whole source of an attribution, its article apart.
func (w *work) isSource(i int) bool {
	const article = len("the ")
	m := w.mentions[i].Span
	for k := w.sourceFrom(m.Start - article); k < len(w.sources) && w.sources[k].Start <= m.Start; k++ {
		s := w.sources[k]
		if s.End >= m.End && s.End <= m.End+len(",") && (s.Start == m.Start || strings.EqualFold(w.doc.Text[s.Start:m.Start], "the ")) {
			return true
		}
	}
	return false
}

// only is the one body that comes into question for the "it" at i; -1 where there is none or several.
func (w *work) only(i int) int {
	one := -1
	for k := i - 1; k >= 0 && w.near(k, i); k-- {
		if !w.body(k) || w.part(k) > headed && (w.part(k) == preceded || !w.isSource(k)) {
			continue
		}
		if e := w.mentions[k].Entity; one >= 0 && e != one {
			return -1
		} else {
			one = e
		}
	}
	return one
}

// thingly reports whether the verb behind a pronoun is one of what a text, a film or a deed tells rather than a body: "it
// shows", "it means".
func (w *work) thingly(i int) bool {
	_, k := w.doc.TokensIn(w.mentions[i].Span)
	for ; k < len(w.doc.Tokens) && adverbs[w.low(k)]; k++ {
	}
	return k < len(w.doc.Tokens) && thingly[w.low(k)]
}

var thingly = words(`is was has had 's ’s show shows showed read reads send sends sent mean means meant seem seems seemed appear
	appears appeared look looks looked feel feels felt sound sounds sounded suggests suggested tells told reflects reflected
	implies implied indicates indicated proves proved happened turns turned takes took made makes came comes`)

// near reports whether mention k stands in the sentence of i or the one before it.
func (w *work) near(k, i int) bool { return w.mentions[k].Sentence >= w.mentions[i].Sentence-1 }

// bodyNominal reports whether a mention is a noun for an organisation that is known: "the union".
func bodyNominal(m *Mention) bool {
	return m.Form == schema.ByNominal && m.Kind == schema.Organization && m.Entity >= 0
}

// body reports whether a mention is the name of an organisation or a noun for it, or the name of a place that is said to speak.
func (w *work) body(k int) bool {
	m := &w.mentions[k]
	if m.Entity < 0 || m.Form != schema.ByName && !bodyNominal(m) || m.Quotation >= 0 || m.Possessive || w.insideRole(k) {
		return false
	}
	return w.list[m.Entity].Kind == schema.Organization || w.list[m.Entity].Kind == schema.Place && w.isSource(k)
}

// personBetween reports whether a person is named between two mentions.
func (w *work) personBetween(k, i int) bool {
	for k++; k < i; k++ {
		if w.mentions[k].Form == schema.ByName && w.person(w.mentions[k].Entity) {
			return true
		}
	}
	return false
}
