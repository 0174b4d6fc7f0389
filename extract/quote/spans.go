package quote

import (
	"sort"
	"unicode"

	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// tidy trims spans, cuts them at the ends of paragraphs, and sorts them.
func (a *attribution) tidy(spans []text.Span) []text.Span {
	var out []text.Span
	for _, s := range spans {
		if s = a.doc.Trim(s); s.Empty() {
			continue
		}
		for k := a.paragraph(s.Start); k < len(a.doc.Paragraphs); k++ {
			p := a.doc.Paragraphs[k]
			if p.Start >= s.End {
				break
			}
			if c := a.doc.Trim(text.Span{Start: max(s.Start, p.Start), End: min(s.End, p.End)}); !c.Empty() {
				out = append(out, c)
			}
		}
	}
	return merge(out)
}

// merge sorts spans and makes one of those that overlap.
func merge(spans []text.Span) []text.Span {
	sort.Slice(spans, func(i, j int) bool {
		return spans[i].Start < spans[j].Start || spans[i].Start == spans[j].Start && spans[i].End < spans[j].End
	})
	out := spans[:0]
	for _, s := range spans {
		if n := len(out); n > 0 && s.Start < out[n-1].End {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// nested reports whether every span of b lies inside one of a.
func nested(a, b []text.Span) bool {
	k := 0
	for _, s := range b {
		for k < len(a) && a[k].End < s.End {
			k++
		}
		if k == len(a) || !a[k].Contains(s) {
			return false
		}
	}
	return true
}

func within(b, a []text.Span) bool { return nested(a, b) }

func same(a, b []text.Span) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

// before orders quotes: by beginning, the longer one first, and then by what follows.
func before(a, b []text.Span) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if a[i].Start != b[i].Start {
			return a[i].Start < b[i].Start
		}
		if a[i].End != b[i].End {
			return a[i].End > b[i].End
		}
	}
	return len(a) > len(b)
}

// marks knows what of a doc lies inside quotation marks.
type marks struct {
	doc    *text.Doc
	parts  []text.Span // of the outermost quotations, in order, disjoint
	of     []int       // per part: its quotation
	all    []int32     // per token: letters and digits before it
	inside []int32     // per token: those of them that lie inside quotation marks
	long   map[int]bool
}

func markup(doc *text.Doc) marks {
	m := marks{doc: doc, all: make([]int32, len(doc.Tokens)+1), inside: make([]int32, len(doc.Tokens)+1)}
	for i, q := range doc.Quotations {
		if q.Depth > 0 {
			continue
		}
		for _, p := range q.Parts {
			m.parts, m.of = append(m.parts, p), append(m.of, i)
		}
		if len(q.Parts) > 1 {
			if m.long == nil {
				m.long = map[int]bool{}
			}
			m.long[i] = true
		}
	}
	sort.Sort(&m)
	for i, t := range doc.Tokens {
		n := int32(0)
		if t.Class <= text.Clitic {
			n = int32(alphanumeric(doc.Text[t.Start:t.End]))
		}
		m.all[i+1], m.inside[i+1] = m.all[i]+n, m.inside[i]
		if t.Quotation >= 0 {
			m.inside[i+1] += n
		}
	}
	return m
}

func (m *marks) Len() int           { return len(m.parts) }
func (m *marks) Less(i, j int) bool { return m.parts[i].Start < m.parts[j].Start }
func (m *marks) Swap(i, j int) {
	m.parts[i], m.parts[j] = m.parts[j], m.parts[i]
	m.of[i], m.of[j] = m.of[j], m.of[i]
}

func alphanumeric(s string) (n int) {
	for _, r := range s {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			n++
		}
	}
	return n
}

// kind calls content direct where at least 98 of 100 of its letters and digits lie inside quotation marks, indirect
// where none does, else mixed: the convention of PARC (Pareti, 2012), with room for a slip of a mark.
func (m *marks) kind(spans []text.Span) schema.QuoteKind {
	all, inside := 0, 0
	for _, s := range spans {
		first, last := m.doc.TokensIn(s)
		if first == last {
			continue
		}
		all += int(m.all[last] - m.all[first])
		inside += int(m.inside[last] - m.inside[first])
	}
	switch {
	case inside == 0:
		return schema.Indirect
	case inside*100 >= all*98:
		return schema.Direct
	}
	return schema.Mixed
}

// quotationsOf lists the quotations among the wanted ones that have a part which spans hold, or fill by more than half.
func (m *marks) quotationsOf(spans []text.Span, wanted map[int]bool) []int {
	var out []int
	for _, s := range spans {
		for k := sort.Search(len(m.parts), func(k int) bool { return m.parts[k].End > s.Start }); k < len(m.parts) && m.parts[k].Start < s.End; k++ {
			if q := m.of[k]; wanted[q] && (s.Contains(m.parts[k]) || m.parts[k].Contains(s) && 2*s.Len() > m.parts[k].Len()) && (len(out) == 0 || out[len(out)-1] != q) {
				out = append(out, q)
			}
		}
	}
	return out
}
