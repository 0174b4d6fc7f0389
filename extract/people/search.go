package people

import (
	"math"
	"sort"
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/schema"
)

// A search gathers the rows that one entity may be.
type search struct {
	list  matcher
	found []candidate
	more  int // rows under a key that were not looked at, as there are too many
}

// A candidate is a row with the odds that it is meant, against all that is not in the list.
type candidate struct {
	row  uint32
	rule rule
	odds float64
}

// mostRows bounds the rows under one key that are looked at. More bear one name only in a list of everybody, and there a
// name alone tells nothing: the rest counts as as many namesakes.
const mostRows = 64

// person looks a person up: by all that the article calls them, or by surname and office.
func (l matcher) person(e *coref.Entity, offices []office) search {
	s := search{list: l}
	names := namesOf(e)
	rows := map[uint32]bool{}
	for i := range names {
		n := &names[i]
		for _, key := range n.asked() {
			s.under(key, rows)
		}
		if len(n.words) > 1 && s.more == 0 {
			continue
		}
		for _, o := range offices { // a surname alone; or a name that so many bear that not all were looked at
			s.under(held(n.family(), o.head), rows)
		}
	}
	for row := range rows {
		s.judge(row, schema.Person, names, offices)
	}
	return s
}

// organization looks an organisation up, by its names as they are.
func (l matcher) organization(e *coref.Entity) search {
	s := search{list: l}
	names := make([]name, 0, 1+len(e.Aliases))
	rows := map[uint32]bool{}
	for _, written := range append([]string{e.Name}, e.Aliases...) {
		n := newNameOf(schema.Organization, written)
		if len(n.words) == 0 {
			continue
		}
		names = append(names, n)
		s.under(n.whole(), rows)
	}
	for row := range rows {
		s.judge(row, schema.Organization, names, nil)
	}
	return s
}

// namesOf is what an entity is called, its canonical name first. A form that only leaves out words of that name ("Trump",
// of "Donald Trump") says nothing more, and is left out.
func namesOf(e *coref.Entity) []name {
	var out []name
	for _, written := range append([]string{e.Name}, e.Aliases...) {
		n := newName(written)
		if len(n.words) == 0 || len(out) > 0 && (n.suffix == out[0].suffix || len(n.words) == 1) && within(n.words, out[0].words) {
			continue
		}
		out = append(out, n)
	}
	return out
}

func within(part, whole []string) bool {
	for _, w := range whole {
		if len(part) > 0 && part[0] == w {
			part = part[1:]
		}
	}
	return len(part) == 0
}

// under adds the rows under a key.
func (s *search) under(key uint64, rows map[uint32]bool) {
	all := s.list.keys.find(key)
	if len(all) > mostRows {
		s.more = max(s.more, len(all)-mostRows)
		all = all[:mostRows]
	}
	for _, row := range all {
		rows[row] = true
	}
}

// judge adds a row if one of its names fits one of the entity's.
func (s *search) judge(at uint32, kind schema.Kind, names []name, offices []office) {
	row := s.list.rows.at(at)
	if row.kind != kind {
		return
	}
	best := candidate{row: at}
	full := false // a full name of the row's, which none of the entity's fits
	fits := false
	for i, written := range row.names {
		known := newNameOf(kind, written)
		known.alias = i > 0
		full = full || len(known.words) > 1
		for k := range names {
			by, odds := match(&names[k], &known)
			if kind == schema.Organization && by.likeness != exact && by.likeness != folded && by.likeness != alias {
				continue
			}
			if odds > best.odds {
				best.rule, best.odds = by, odds
			}
			fits = fits || odds > 0 && len(known.words) > 1 && len(names[k].words) > 1
		}
	}
	if kind == schema.Person && full && !fits && best.odds > 0 && len(names[0].words) > 1 {
		best.odds *= 0.1 // the article's full name is another one than the row's: they share a nickname
	}
	byFamily := best.odds == 0 && len(offices) > 0 && bearsFamily(names, row.names)
	if best.odds == 0 && !byFamily {
		return
	}
	if len(offices) > 0 && len(row.roles) > 0 {
		factor := s.list.agree(offices, row.roles)
		if byFamily && factor > 1 {
			best.rule, best.odds = rule{likeness: surname}, surnameOdds
		}
		best.odds *= factor
		best.rule.role = factor > 1
	}
	if best.odds > 0 {
		s.found = append(s.found, best)
	}
}

// bearsFamily reports whether all that the article gives is the family name of one of the row's full names.
func bearsFamily(names []name, of []string) bool {
	if len(names) != 1 || len(names[0].words) != 1 {
		return false
	}
	for _, written := range of {
		if n := newName(written); len(n.words) > 1 && n.family() == names[0].family() && (names[0].suffix == "" || names[0].suffix == n.suffix) {
			return true
		}
	}
	return false
}

// decide links to the likeliest row. Each candidate's probability is its odds' share of the odds of all, and of one for
// whoever is not in the list: two rows that fit alike share the belief, and neither is likely.
func (s *search) decide() (*schema.Link, *Ambiguity) {
	if len(s.found) == 0 {
		return nil, nil
	}
	sort.Slice(s.found, func(i, j int) bool {
		a, b := s.found[i], s.found[j]
		return a.odds > b.odds || a.odds == b.odds && a.row < b.row
	})
	sum := 1.0
	for _, c := range s.found {
		sum += c.odds
	}
	sum += float64(s.more) * s.found[len(s.found)-1].odds
	best := s.found[0]
	if p := best.odds / sum; p >= likely {
		return &schema.Link{
			ID: s.list.rows.at(best.row).id, Rule: best.rule.String(), Confidence: schema.Round(math.Min(p, surest)),
		}, nil
	}
	if (sum-1)/sum < likely || len(s.found)+s.more == 1 {
		return nil, nil // a faint likeness, not a choice
	}
	a := &Ambiguity{More: s.more}
	for i, c := range s.found {
		if i == mostIDs {
			a.More += len(s.found) - mostIDs
			break
		}
		a.IDs = append(a.IDs, strings.Clone(s.list.rows.at(c.row).id))
	}
	return nil, a
}
