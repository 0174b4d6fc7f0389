package coref

import (
	"slices"
	"sort"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/schema"
)

// holder is a person who is said to hold a kind of office.
type holder struct {
	entity int
	role   mention.Role
}

// mostRoles bounds the work on a text that gives one person, or one office, more roles than any news does.
const mostRoles = 64

// titles places the definite descriptions: "the French president" is whoever the text calls so. Where several could be
// meant, it is the only one of them that stands in the same sentence or the one before.
func (w *work) titles() {
	holders := map[string][]holder{}
	var rulers []holder
	for e := range w.list {
		w.list[e].named = len(w.list[e].Mentions)
		if !w.person(e) || len(w.list[e].Roles) > mostRoles {
			continue
		}
		for _, r := range w.list[e].Roles {
			if r.Head != "" {
				holders[r.Head] = append(holders[r.Head], holder{e, r})
			}
			if rules(r) {
				rulers = append(rulers, holder{e, mention.Role{Head: "leader", Country: r.Country}})
			}
		}
	}
	for i := range w.mentions {
		m := &w.mentions[i]
		if m.Form != schema.ByTitle && m.Form != schema.ByNominal {
			continue
		}
		if !m.Beside.Empty() {
			if k := w.nameAt(m.Beside.Start); k >= 0 && w.person(w.mentions[k].Entity) {
				w.assign(i, w.mentions[k].Entity, 0.9)
			}
			continue
		}
		if mention.IsPronoun(firstWord(w.doc.Slice(m.Span))) || len(holders[m.Office.Head]) > mostRoles {
			continue // "his lawyer" is somebody else's than the lawyer named elsewhere
		}
		among := holders[m.Office.Head]
		if m.Office.Head == "leader" && m.Office.Country != "" && len(rulers) <= mostRoles { // "the Russian leader"
			among = slices.Concat(among, rulers)
		}
		if e, belief := w.holder(i, among); e >= 0 {
			w.assign(i, e, belief)
		}
	}
}

// rules reports whether a role makes its bearer the leader of the country that it names.
func rules(r mention.Role) bool {
	if r.Country == "" {
		return false
	}
	prime := false
	for _, o := range r.Offices {
		switch o {
		case "prime", "supreme":
			prime = true
		case "vice", "deputy", "assistant", "former", "ex", "late", "then", "elect", "bank", "parliament", "senate", "opposition", "party":
			return false
		}
	}
	switch r.Head {
	case "president", "premier", "chancellor", "king", "queen", "emir", "sultan":
		return true
	}
	return r.Head == "minister" && prime
}

// holder chooses among the holders of a kind of office the one that mention i means; -1 where that is not safe.
func (w *work) holder(i int, among []holder) (int, float64) {
	m := &w.mentions[i]
	best := map[int]float64{}
	var order []int
	for _, h := range among {
		e := &w.list[h.entity]
		if w.mentions[e.Mentions[0]].Start > m.Start || !e.Gender.Fits(m.Gender) {
			continue
		}
		fit := w.tenures(m.Office, h.role, agree(m.Office, h.role))
		if fit == 0 {
			continue
		}
		if _, ok := best[h.entity]; !ok {
			order = append(order, h.entity)
		}
		best[h.entity] = max(best[h.entity], fit)
	}
	// A role of another country speaks against a person even if a second one is silent about it.
	kept := order[:0]
	for _, e := range order {
		clash := false
		for _, r := range w.list[e].Roles {
			clash = clash || m.Office.Country != "" && r.Country != "" && r.Head == m.Office.Head && r.Country != m.Office.Country
		}
		if !clash || best[e] >= 0.9 {
			kept = append(kept, e)
		}
	}
	order = kept
	if len(order) == 0 {
		return -1, 0
	}
	sort.SliceStable(order, func(a, b int) bool { return best[order[a]] > best[order[b]] })
	if len(order) == 1 || best[order[0]] >= 0.9 && best[order[1]] < 0.9 {
		return order[0], best[order[0]]
	}
	near := -1
	for _, e := range order {
		if best[e] < best[order[0]] {
			break
		}
		if k := w.lastBefore(e, i); k >= 0 && w.mentions[k].Sentence >= m.Sentence-1 {
			if near >= 0 {
				return -1, 0
			}
			near = e
		}
	}
	return near, 0.65
}

// tenures is how well a description fits a role, given how well it does but for whether it is held: "the former mayor" is the one who is
// called so, and "the mayor" rather one who is not.
func (w *work) tenures(m, r mention.Role, fit float64) float64 {
	said, held := m.Tenure(w.doc), r.Tenure(w.doc)
	switch {
	case fit == 0 || said == "" && held == "":
	case said == held:
		return max(fit, 0.92)
	case said == schema.Acting, said == schema.Incoming, held == schema.Incoming && said == schema.Former, held == schema.Acting && said == schema.Former:
		return 0
	case said == schema.Former: // one who was introduced by the office
		return min(fit, 0.75)
	default:
		return min(fit, 0.7)
	}
	return fit
}

// agree says how well a description fits a role with the same noun; 0 where it does not.
func agree(m, r mention.Role) float64 {
	if m.Country != "" && r.Country != "" && m.Country != r.Country {
		return 0
	}
	has := map[string]bool{}
	for _, o := range r.Offices {
		has[o] = true
	}
	said := map[string]bool{}
	fit := 0.8
	for _, o := range m.Offices {
		said[o] = true
		if passing(o) {
			continue
		}
		if !has[o] {
			return 0
		}
		fit = 0.9
	}
	for _, o := range r.Offices {
		switch o {
		case "vice", "deputy", "assistant", "associate", "prime", "under":
			if !said[o] {
				return 0
			}
		}
	}
	if m.Country != "" {
		if m.Country == r.Country {
			return 0.95
		}
		fit = min(fit, 0.75)
	}
	return fit
}

// passing reports whether a word tells when an office is held rather than which it is.
func passing(word string) bool {
	switch word {
	case "former", "ex", "then", "late", "current", "new", "outgoing", "incoming", "acting", "interim", "veteran", "longtime":
		return true
	}
	return false
}

// nameAt is the mention by name that begins at a byte; -1 where there is none.
func (w *work) nameAt(start int) int {
	k := sort.Search(len(w.mentions), func(i int) bool { return w.mentions[i].Start >= start })
	for ; k < len(w.mentions) && w.mentions[k].Start == start; k++ {
		if w.mentions[k].Form == schema.ByName {
			return k
		}
	}
	return -1
}

// lastBefore is the last mention by name of an entity before mention i; -1 where there is none.
func (w *work) lastBefore(e, i int) int {
	all := w.list[e].Mentions[:w.list[e].named]
	k := sort.SearchInts(all, i)
	if k == 0 {
		return -1
	}
	return all[k-1]
}

func firstWord(s string) string {
	for i, r := range s {
		if r == ' ' || r == '\t' || r == '\u00a0' {
			return s[:i]
		}
	}
	return s
}
