package coref

import (
	"sort"
	"strings"
	"unicode"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/schema"
)

// entities makes an entity of each set of forms.
func (w *work) entities() {
	number := map[*form]int{}
	for i := range w.mentions {
		f, belief := w.of[i], 1.0
		if f == nil {
			continue
		}
		if f.belief > 0 {
			belief = f.belief
		}
		if to := w.joined[i]; to != nil {
			f, belief = to, w.belief[i]
		}
		root := f.root()
		e, ok := number[root]
		if !ok {
			e = len(w.list)
			number[root] = e
			w.list = append(w.list, Entity{Kind: w.of[i].kind, Gender: root.gender})
		}
		w.mentions[i].Entity, w.mentions[i].Belief = e, belief
		entity := &w.list[e]
		entity.Mentions = append(entity.Mentions, i)
		entity.Confidence = max(entity.Confidence, w.mentions[i].Confidence)
		entity.Roles = append(entity.Roles, w.mentions[i].Roles...)
		entity.surely = entity.surely || len(w.of[i].words) > 1 || w.mentions[i].Courtesy || len(w.mentions[i].Roles) > 0
	}
	for e := range w.list {
		w.call(&w.list[e])
	}
}

// call gives an entity its canonical name, the fullest of its forms, and its aliases.
func (w *work) call(e *Entity) {
	type surface struct {
		text  string
		words int
		count int
		sure  bool
	}
	at := map[string]int{}
	var all []surface
	for _, i := range e.Mentions {
		s := oneLine(w.doc.Slice(w.mentions[i].Span))
		if surname := w.shared[i]; surname != "" {
			s += " " + surname
		}
		k, ok := at[s]
		if !ok {
			k = len(all)
			at[s] = k
			f := w.of[i]
			n := 0
			for _, word := range w.proper(f) {
				if len(word) > 1 {
					n += 2
				} else {
					n++ // an initial says less
				}
			}
			all = append(all, surface{text: s, words: n})
		}
		all[k].count++
		all[k].sure = all[k].sure || w.joined[i] == nil
	}
	best := 0
	for k := range all {
		a, b := all[k], all[best]
		switch {
		case a.sure != b.sure:
			if a.sure {
				best = k
			}
		case a.words != b.words:
			if a.words > b.words {
				best = k
			}
		case shouts(a.text) != shouts(b.text):
			if shouts(b.text) {
				best = k
			}
		case a.count > b.count:
			best = k
		}
	}
	e.Name = all[best].text
	for k, s := range all {
		if k != best {
			e.Aliases = append(e.Aliases, s.text)
		}
	}
}

// proper leaves out what a reader may have taken into a person's name by mistake, "Crooked Ada Brightman": words before a
// known given name that are none themselves.
func (w *work) proper(f *form) []string {
	if f.kind != schema.Person || len(f.words) < 3 || f.initials || w.lists.FirstName(f.words[0]) != lexicon.Unknown {
		return f.words
	}
	if w.lists.FirstName(f.words[1]) == lexicon.Unknown || particle(f.words[1]) {
		return f.words
	}
	if parts := strings.Fields(w.doc.Slice(w.mentions[f.mentions[0]].Span)); len(parts) > 1 && strings.ContainsAny(parts[1], "-‐‑") {
		return f.words // "Ada Roth-Amsel"
	}
	return f.words[2:]
}

// shouts reports whether a name of more than an acronym's length is all capitals.
func shouts(s string) bool {
	return len(s) > 5 && strings.ToUpper(s) == s && strings.ContainsFunc(s, unicode.IsLetter)
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// roles keeps each role once.
func (w *work) roles() {
	for e := range w.list {
		entity := &w.list[e]
		sort.SliceStable(entity.Roles, func(i, j int) bool { return entity.Roles[i].Title.Start < entity.Roles[j].Title.Start })
		seen := map[string]bool{}
		kept := entity.Roles[:0]
		for _, r := range entity.Roles {
			k := strings.ToLower(oneLine(w.doc.Slice(r.Title)))
			if !r.Of.Empty() {
				k += "\x00" + strings.ToLower(oneLine(w.doc.Slice(r.Of)))
			}
			if !seen[k] {
				seen[k] = true
				kept = append(kept, r)
			}
		}
		entity.Roles = kept
	}
}

// finish sorts what the later passes added: mentions by place, those that overlap one of their own entity's names left
// out; entities by first mention.
func (w *work) finish() {
	for e := range w.list {
		entity := &w.list[e]
		sort.Ints(entity.Mentions)
		kept := entity.Mentions[:0]
		for _, i := range entity.Mentions {
			if n := len(kept); n > 0 && w.mentions[i].Start < w.mentions[kept[n-1]].End {
				drop := i
				if w.mentions[i].Form == schema.ByName {
					drop, kept[n-1] = kept[n-1], i
				}
				w.mentions[drop].Entity = -1
				continue
			}
			kept = append(kept, i)
		}
		entity.Mentions = kept
	}
	order := make([]int, len(w.list))
	for e := range order {
		order[e] = e
	}
	sort.SliceStable(order, func(i, j int) bool { return w.list[order[i]].Mentions[0] < w.list[order[j]].Mentions[0] })
	list := make([]Entity, len(w.list))
	w.number = make([]int, len(w.list))
	for to, from := range order {
		list[to], w.number[from] = w.list[from], to
	}
	w.list = list
	for i := range w.mentions {
		if e := w.mentions[i].Entity; e >= 0 {
			w.mentions[i].Entity = w.number[e]
		}
	}
}

// assign says that mention i is of entity e.
func (w *work) assign(i, e int, belief float64) {
	w.mentions[i].Entity, w.mentions[i].Belief = e, belief
	w.list[e].Mentions = append(w.list[e].Mentions, i)
	if g := w.mentions[i].Gender; w.list[e].Gender == mention.UnknownGender && g != mention.UnknownGender && belief >= 0.7 {
		w.list[e].Gender = g
	}
}

func (w *work) person(e int) bool { return e >= 0 && w.list[e].Kind == schema.Person }
