package coref

import (
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/schema"
)

// nearest gives each mention of a surname that several people bear to the one named last before it that fits its
// courtesy title, or else to the first one named after. A relative of whoever bears it so far, or somebody named in passing
// beside the one whom the text is about, does not take it over, see [work.passing]. A surname whose courtesy title fits no
// full name is a person too.
func (w *work) nearest(crowded []*form, family index) {
	if len(crowded) == 0 {
		return
	}
	bearer := map[string]bool{}
	for _, f := range crowded {
		bearer[f.family()] = true
	}
	type seat struct {
		family string
		gender mention.Gender
	}
	last, next, nobody := map[seat]*form{}, map[seat]*form{}, &form{}
	nobody.parent = nobody
	full, weight := map[*form]int{}, map[*form]int{} // of people: full names in the text; names of both kinds so far
	for i := range w.mentions {
		if f := w.of[i]; f != nil && f.kind == schema.Person && len(f.words) > 1 {
			full[f.root()]++
		}
	}
	kinsman := map[*form]bool{} // "his wife Ana" and "Ana Moor" are one who is named as a relative
	for i := range w.mentions {
		if f := w.of[i]; f != nil && f.kind == schema.Person && w.calledKin(i) {
			kinsman[f.root()] = true
		}
	}
	put := func(into map[seat]*form, i int, keep bool) {
		f := w.of[i]
		if f == nil || f.kind != schema.Person || !bearer[f.family()] || len(f.words) < 2 && !w.stranger(i, family) {
			return
		}
		g := w.mentions[i].Gender
		if g == mention.UnknownGender {
			g = f.root().gender
		}
		seats := []seat{{f.family(), mention.UnknownGender}, {f.family(), g}}
		if g == mention.UnknownGender {
			seats = []seat{{f.family(), g}, {f.family(), mention.Masculine}, {f.family(), mention.Feminine}}
		}
		stays := !keep && len(f.words) > 1 && w.passing(i, into[seats[0]], full, weight, kinsman)
		for k, s := range seats {
			if into[s] != nil && (keep || stays && (k == 0 || g == mention.UnknownGender)) {
				continue
			}
			into[s] = f
		}
	}
	holds := map[seat]*form{} // by family and office
	for i := range w.mentions {
		put(next, i, true)
		if f := w.of[i]; f != nil && f.kind == schema.Person && len(f.words) > 1 && bearer[f.family()] {
			for _, r := range w.mentions[i].Roles {
				at := seat{f.family() + " " + r.Head, mention.UnknownGender}
				if g := holds[at]; g == nil {
					holds[at] = f
				} else if g.root() != f.root() {
					holds[at] = nobody
				}
			}
		}
	}
	for i := range w.mentions {
		put(last, i, false)
		f := w.of[i]
		if f != nil && len(f.words) > 1 {
			weight[f.root()]++
		}
		if f == nil || f.kind != schema.Person || len(f.words) != 1 || !bearer[f.family()] || w.stranger(i, family) {
			continue
		}
		s := seat{f.family(), w.mentions[i].Gender}
		to := last[s]
		belief := 0.65
		if to == nil {
			to, belief = next[s], 0.5
		}
		if to != nil && !to.root().gender.Fits(s.gender) { // whom another courtesy title was given since
			if to = fitting(family[s.family], s.gender); to == nil {
				continue
			}
		}
		for _, r := range w.mentions[i].Roles { // "Senator Reyes": the one of them who is called a senator elsewhere
			if f := holds[seat{f.family() + " " + r.Head, mention.UnknownGender}]; f != nil && f != nobody && f.root().gender.Fits(s.gender) {
				to, belief = f, 0.9
				last[seat{f.family(), mention.UnknownGender}] = to
			}
		}
		if to == nil {
			continue
		}
		if s.gender != mention.UnknownGender {
			belief = 0.8
			to.root().gender = s.gender
			last[seat{f.family(), mention.UnknownGender}] = to
		}
		w.joined[i], w.belief[i] = to, belief
		weight[to.root()]++
	}
}

// fitting is the only one of some forms that a gender fits; nil where there is none, or several.
func fitting(forms []*form, g mention.Gender) *form {
	var one *form
	for _, f := range forms {
		switch {
		case len(f.words) < 2 || !f.root().gender.Fits(g):
		case one != nil && one.root() != f.root():
			return nil
		default:
			one = f
		}
	}
	return one
}

// passing reports whether the full name i leaves its surname to another bearer: it is said to be a relative's, and no more
// often named than the other, or only the other is named in full once; or it is named far less often.
func (w *work) passing(i int, other *form, full, weight map[*form]int, kinsman map[*form]bool) bool {
	const established = 3 // names of the other so far
	f := w.of[i]
	if other == nil || other.root() == f.root() {
		return false
	}
	mine, theirs := full[f.root()], weight[other.root()]
	if kinsman[f.root()] && !kinsman[other.root()] && full[other.root()] == 1 {
		return true
	}
	return mine <= theirs && w.relative(i) || theirs >= established && 2*mine < theirs
}

// relative reports whether a noun for a relative stands before a name in its sentence, or right behind it: "his wife, Ana
// Moor", "born to Ana Moor, a nurse", "Ana Moor, her aunt".
func (w *work) relative(i int) bool {
	const before, behind = 16, 3 // tokens
	m := &w.mentions[i]
	s := w.doc.Sentences[m.Sentence]
	first, last := w.doc.TokensIn(m.Span)
	for k := max(s.First, first-before); k < min(s.Last, last+behind); k++ {
		if (k < first || k >= last) && kin[w.low(k)] {
			return true
		}
	}
	return false
}

// calledKin reports whether a noun for a relative stands right before a name: "his wife Ana", "her husband, Bo,".
func (w *work) calledKin(i int) bool {
	first, _ := w.doc.TokensIn(w.mentions[i].Span)
	lo := w.doc.Sentences[w.mentions[i].Sentence].First
	if k := first - 1; k > lo && w.low(k) == "," {
		first--
	}
	return first > lo && kin[w.low(first-1)]
}

var kin = words(`wife husband widow widower spouse son sons daughter daughters brother brothers sister sisters sibling siblings twin
	mother father parents grandmother grandfather grandson granddaughter aunt uncle cousin cousins niece nephew stepfather
	stepmother fiancé fiancée fiance fiancee ex-wife ex-husband brother-in-law sister-in-law son-in-law daughter-in-law
	mother-in-law father-in-law married born`)

// stranger reports whether a surname's courtesy title fits none of the full names with it.
func (w *work) stranger(i int, family index) bool {
	g := w.mentions[i].Gender
	if g == mention.UnknownGender {
		return false
	}
	for _, f := range family[w.of[i].family()] {
		if f.root().gender.Fits(g) {
			return false
		}
	}
	return true
}
