package people

import (
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
)

// A likeness is in what way two names are alike. Its text is the rule of a link.
type likeness uint8

const (
	unlike          likeness = iota
	exact                    // letter by letter
	folded                   // but for case, accents, hyphens, full stops
	alias                    // one of the row's other names, exact or folded
	transliteration          // see loose
	short                    // "Jim" for "James"
	middle                   // one leaves out middle names, or gives their initials
	initials                 // "J. D. Vance" for "James David Vance"
	suffix                   // the article leaves out "Jr."
	surname                  // alone in the article; with a role only
)

// A rule is what decided a link.
type rule struct {
	likeness
	role bool // the article's role for the person is one of the row's
}

func (r rule) String() string {
	s := [...]string{"none", "exact_name", "folded_name", "alias", "transliteration", "short_name", "middle_name", "initials", "suffix", "surname"}[r.likeness]
	if r.role {
		s += "+role"
	}
	return s
}

// Odds, for each way of being alike, that two names mean the same person, against somebody who is not in the list. They
// are judgements and not measured: lists differ too much. A name that is alike in several ways multiplies.
const (
	exactOdds   = 9.0
	singleOdds  = 6.0 // of one word: a surname or an artist's name that the list has by itself
	surnameOdds = 0.3

	byFolding         = 0.95
	byTransliteration = 0.5
	byShort           = 0.5
	byMiddle          = 0.45
	byInitials        = 0.55 // two and more of them
	byInitial         = 0.22
	bySuffix          = 0.25
)

// match compares a name in an article with one of the list. Odds of 0 mean that they are different names. A surname is
// never like a full name.
func match(a, b *name) (rule, float64) {
	m := matching{odds: exactOdds, least: 1}
	if a.suffix != b.suffix {
		switch {
		case a.suffix == "", a.suffix == "sr" && b.suffix == "":
			m.weaken(suffix, bySuffix)
		default:
			return rule{}, 0
		}
	}
	one := len(a.words) == 1 || len(b.words) == 1
	if one {
		m.odds = singleOdds
	}
	switch {
	case a.written == b.written:
		m.is(exact, b.alias)
	case strings.Join(a.words, "") == strings.Join(b.words, ""):
		m.odds *= byFolding
		m.is(folded, b.alias)
	case one:
		if len(a.words) != len(b.words) || len(a.words[0]) < 6 || loose(a.words[0]) != loose(b.words[0]) {
			return rule{}, 0
		}
		m.weaken(transliteration, byTransliteration)
	case !m.full(a, b):
		return rule{}, 0
	}
	return rule{likeness: m.by}, m.odds
}

// matching is the state of one comparison: the weakest likeness so far is what it is called by.
type matching struct {
	by    likeness
	odds  float64
	least float64
}

func (m *matching) weaken(by likeness, factor float64) {
	m.odds *= factor
	if factor < m.least {
		m.by, m.least = by, factor
	}
}

// is says what two equal names are, if nothing weaker is known of them.
func (m *matching) is(by likeness, of bool) {
	if m.least < 1 {
		return
	}
	if m.by = by; of {
		m.by = alias
	}
}

// full compares two names of several words each: family name, given name, and what stands between.
func (m *matching) full(a, b *name) bool {
	x, y := a.words, b.words
	if f, g := x[len(x)-1], y[len(y)-1]; f != g {
		if loose(f) != loose(g) {
			return false
		}
		m.weaken(transliteration, byTransliteration)
	}
	x, y = x[:len(x)-1], y[:len(y)-1]
	if a.initials || b.initials {
		p, q := heads(x, a.initials), heads(y, b.initials)
		if !strings.HasPrefix(p, q) && !strings.HasPrefix(q, p) {
			return false
		}
		if len(p) > 1 && len(q) > 1 {
			m.weaken(initials, byInitials)
		} else {
			m.weaken(initials, byInitial)
		}
		return true
	}
	if f, g := x[0], y[0]; f != g {
		switch {
		case loose(f) == loose(g):
			m.weaken(transliteration, byTransliteration)
		case coref.Given(f) == coref.Given(g):
			m.weaken(short, byShort)
		default:
			return false
		}
	}
	if x, y = x[1:], y[1:]; strings.Join(x, "") != strings.Join(y, "") {
		if len(x) > len(y) {
			x, y = y, x
		}
		if !abridges(x, y) {
			return false
		}
		m.weaken(middle, byMiddle)
	}
	return true
}

// heads is the first letters of words, of initials all.
func heads(words []string, initials bool) string {
	var b strings.Builder
	for i, w := range words {
		if i == 0 && initials {
			b.WriteString(w)
		} else {
			b.WriteString(w[:1])
		}
	}
	return b.String()
}

// abridges reports whether middle names are some of others, in order, each whole or by its initial: "Q." of "Quincy
// Adams". Neither "A." nor "Ann" is one of "M.".
func abridges(few, all []string) bool {
	for _, w := range all {
		if len(few) > 0 && (w == few[0] || loose(w) == loose(few[0]) || len(few[0]) == 1 && w[0] == few[0][0] || len(w) == 1 && few[0][0] == w[0]) {
			few = few[1:]
		}
	}
	return len(few) == 0
}
