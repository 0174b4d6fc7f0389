package mention

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// search is the work on one doc.
type search struct {
	*Finder
	doc   *text.Doc
	names []reading.Name // tidied: in text order, disjoint, none empty
	first []int          // per name: its first token
	last  []int          // per name: one past its last token
	owner []int32        // per token: 1 + the name that it belongs to; 0 where none
	used  []bool         // per token: part of a title that stands beside a name
	out   []Mention
}

// tidy puts a reader's names into text order and leaves out what no reader should give: empty ones, spans outside the
// text, overlaps. It adds the sources that look like a full name or are a name that stands elsewhere, and such names at a source's end.
func (f *Finder) tidy(doc *text.Doc, names []reading.Name, sources []text.Span) []reading.Name {
	all := make([]reading.Name, 0, len(names))
	for _, n := range names {
		for _, part := range byParagraph(doc, doc.Trim(n.Span)) {
			if n.Span = bare(doc, part); !n.Empty() {
				all = append(all, n)
			}
		}
	}
	all = pairs(doc.Text, seats(doc.Text, within(doc.Text, disjoint(all))))
	given := len(all)
	known := map[string]reading.Kind{} // names, and the last words of people's
	if len(sources) > 0 {
		for _, n := range all {
			name := doc.Slice(n.Span)
			known[name] = n.Kind
			if n.Kind == reading.Person {
				known[name[strings.LastIndexByte(name, ' ')+1:]] = n.Kind
			}
		}
	}
	for _, s := range sources {
		if s = bare(doc, s); s.Empty() {
			continue
		}
		s, kind, ok := f.speaks(doc, s, known)
		if !ok {
			continue
		}
		i := sort.Search(given, func(i int) bool { return all[i].End > s.Start })
		if i < given && all[i].Overlaps(s) {
			if all[i].Span == s && all[i].Kind == reading.Other { // what speaks under such a name is no work or event
				all[i].Kind = reading.Person
			}
			continue
		}
		all = append(all, reading.Name{Span: s, Kind: kind, Confidence: 0.5})
	}
	if len(all) > given {
		all = disjoint(all)
	}
	return all
}

// byParagraph cuts a span where a line is blank: a heading's name is not one with the next paragraph's. A name may run on
// over the end of a line.
func byParagraph(doc *text.Doc, s text.Span) (parts []text.Span) {
	start, gap, blank, lines := s.Start, false, 0, 0 // in a gap that began at blank and has so many line ends
	for i := s.Start; i < s.End; i++ {
		switch c := doc.Text[i]; c {
		case ' ', '\t', '\r', '\n':
			if !gap {
				gap, blank, lines = true, i, 0
			}
			if c == '\n' {
				lines++
			}
		default:
			if gap && lines > 1 {
				parts, start = append(parts, text.Span{Start: start, End: blank}), i
			}
			gap = false
		}
	}
	return append(parts, text.Span{Start: start, End: s.End})
}

func disjoint(names []reading.Name) []reading.Name {
	sort.SliceStable(names, func(i, j int) bool {
		a, b := names[i].Span, names[j].Span
		return a.Start < b.Start || a.Start == b.Start && a.End > b.End
	})
	out, end := names[:0], 0
	for _, n := range names {
		if n.Start >= end {
			out, end = append(out, n), n.End
		}
	}
	return out
}

// within parts a place from the one that it lies in: "Bethel, Vt." is two. Washington, D.C., is one, and an address stays whole.
func within(s string, names []reading.Name) []reading.Name {
	nested := func(n reading.Name) int {
		at := strings.Index(s[n.Start:n.End], ", ")
		if n.Kind != reading.Place || at < 0 {
			return -1
		}
		place, region := s[n.Start:n.Start+at], s[n.Start+at+2:n.End]
		if !capital(place) || !capital(region) || strings.ContainsAny(place, "0123456789") || party.MatchString(s[n.Start:n.End]) || capitalDistrict[region] {
			return -1
		}
		return n.Start + at
	}
	if !slices.ContainsFunc(names, func(n reading.Name) bool { return nested(n) >= 0 }) {
		return names
	}
	out := make([]reading.Name, 0, len(names)+4)
	for _, n := range names {
		for at := nested(n); at >= 0; at = nested(n) {
			out = append(out, reading.Name{Span: text.Span{Start: n.Start, End: at}, Kind: n.Kind, Confidence: n.Confidence})
			n.Start = at + 2
		}
		out = append(out, n)
	}
	return out
}

var capitalDistrict = words("D.C. D.C DC")

// seats takes the letter of the party off what an American politician sits for: "Ann Pell (D-Ohio)", "Ann Pell, R-Ashland,",
// "Ann Pell (R., Okla.)". What is left is a place, whatever the reader took the whole for.
func seats(s string, names []reading.Name) []reading.Name {
	for i := 1; i < len(names); i++ {
		n, who := &names[i], names[i-1]
		between := s[who.End:n.Start]
		if who.Kind != reading.Person || n.Kind == reading.Other || between != " (" && between != ", " {
			continue
		}
		if m := party.FindString(s[n.Start:n.End]); m != "" {
			n.Start += len(m)
			n.Kind = reading.Place
		}
	}
	return names
}

var party = regexp.MustCompile(`^(?:[DRI]\.?[-–]|[DRI]\.?, )\b`)

// pairs parts two known names that a hyphen joins, "the Reyes-Moor talks": each half is a name of the text, or the last
// word of one.
func pairs(s string, names []reading.Name) []reading.Name {
	hyphens := 0
	kinds := map[string]reading.Kind{}
	for _, n := range names {
		name := s[n.Start:n.End]
		if strings.ContainsAny(name, "-–") && !strings.ContainsRune(name, ' ') {
			hyphens++
			continue
		}
		for _, w := range [...]string{name, name[strings.LastIndexByte(name, ' ')+1:]} {
			if _, ok := kinds[w]; !ok {
				kinds[w] = n.Kind
			}
		}
	}
	if hyphens == 0 {
		return names
	}
	out := make([]reading.Name, 0, len(names)+hyphens)
	for _, n := range names {
		name := s[n.Start:n.End]
		if i := strings.IndexAny(name, "-–"); i > 0 && !strings.ContainsRune(name, ' ') {
			_, size := utf8.DecodeRuneInString(name[i:])
			left, ok := kinds[name[:i]]
			right, too := kinds[name[i+size:]]
			if ok && too {
				out = append(out,
					reading.Name{Span: text.Span{Start: n.Start, End: n.Start + i}, Kind: left, Confidence: n.Confidence},
					reading.Name{Span: text.Span{Start: n.Start + i + size, End: n.End}, Kind: right, Confidence: n.Confidence})
				continue
			}
		}
		out = append(out, n)
	}
	return out
}

// bare trims a span, and takes off its end a possessive and a bracket that opens in it and does not close: "Ana Moor (D-Ohio". It is
// empty where nothing that could be a name is left.
func bare(doc *text.Doc, a text.Span) text.Span {
	a = doc.Trim(a)
	if i := strings.IndexByte(doc.Slice(a), '('); i > 0 && strings.IndexByte(doc.Slice(a)[i:], ')') < 0 {
		a = doc.Trim(text.Span{Start: a.Start, End: a.Start + i})
	}
	for _, p := range [...]string{"'s", "’s", "'", "’"} {
		if t, ok := strings.CutSuffix(doc.Slice(a), p); ok {
			a.End = a.Start + len(t)
			break
		}
	}
	if a = doc.Trim(a); strings.IndexFunc(doc.Slice(a), func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0 {
		return text.Span{}
	}
	return a
}

// speaks is the name of a source that is one, or that ends in one before a comma: "Mr. Moor, who was there", "the engineer Ana Moor".
func (f *Finder) speaks(doc *text.Doc, source text.Span, known map[string]reading.Kind) (text.Span, reading.Kind, bool) {
	if kind, ok := known[doc.Slice(source)]; ok {
		return source, kind, true
	}
	if f.looksLikePerson(doc, source) {
		return source, reading.Person, true
	}
	first, last := doc.TokensIn(source)
	end := first
	for end < last && doc.TokenText(end) != "," {
		end++
	}
	start := end
	for start > first && end-start < 4 && doc.Tokens[start-1].Class == text.Word && capital(doc.TokenText(start-1)) {
		start--
	}
	for ; start < end; start++ {
		s := doc.TokenSpan(start, end)
		if kind, ok := known[doc.Slice(s)]; ok && kind != reading.Other && kind != reading.Nationality {
			return s, kind, true
		}
		if f.looksLikePerson(doc, s) {
			return s, reading.Person, true
		}
	}
	return text.Span{}, 0, false
}

// looksLikePerson reports whether a phrase is two to four capitalised words of which the first is a known given name.
func (f *Finder) looksLikePerson(doc *text.Doc, s text.Span) bool {
	first, last := doc.TokensIn(s)
	if n := last - first; n < 2 || n > 4 {
		return false
	}
	for i := first; i < last; i++ {
		w := doc.TokenText(i)
		if doc.Tokens[i].Class != text.Word || !capital(w) || len(w) > 1 && strings.ToUpper(w) == w && !strings.HasSuffix(w, ".") {
			return false
		}
		if _, ok := f.noun(w); ok {
			return false
		}
	}
	return f.FirstName(doc.TokenText(first)) != UnknownGender && !doc.Tokens[first].Empty()
}

// place finds the tokens of each name.
func (s *search) place() {
	s.owner = make([]int32, len(s.doc.Tokens))
	s.used = make([]bool, len(s.doc.Tokens))
	s.first, s.last = make([]int, len(s.names)), make([]int, len(s.names))
	for i := range s.names {
		s.first[i], s.last[i] = s.doc.TokensIn(s.names[i].Span)
		for t := s.first[i]; t < s.last[i]; t++ {
			s.owner[t] = int32(i + 1)
		}
	}
}

// name makes the mention of one name, with what stands around it.
func (s *search) name(i int) {
	n := s.names[i]
	m := Mention{Span: n.Span, Form: schema.ByName, Confidence: min(max(n.Confidence, 0), 1)}
	switch n.Kind {
	case reading.Person:
		m.Kind = schema.Person
	case reading.Place:
		m.Kind = schema.Place
	case reading.Organization:
		m.Kind = schema.Organization
	default:
		return
	}
	first, last := s.first[i], s.last[i]
	if first == last { // only where a reader's name lies in white space, which bare excludes; total all the same
		return
	}
	m.Sentence = s.doc.Tokens[first].Sentence
	if last < len(s.doc.Tokens) && s.doc.Tokens[last].Start == m.End {
		w := s.doc.TokenText(last)
		m.Possessive = w == "'s" || w == "’s" || (w == "'" || w == "’") && strings.HasSuffix(s.doc.Slice(m.Span), "s")
	}
	if m.Kind == schema.Person {
		s.person(&m, first, last)
	}
	s.out = append(s.out, m)
}

func (s *search) person(m *Mention, first, last int) {
	// A title that the reader took into the name is no part of it, unless it is as well a given name: "Dean", "Earl", but not "Sen.".
	for first+1 < last {
		w := s.doc.TokenText(first)
		_, courtesy := s.courtesy(w)
		n, noun := s.noun(w)
		if !courtesy && !(noun && n.title) || s.FirstName(w) != UnknownGender && !strings.HasSuffix(w, ".") {
			break
		}
		s.owner[first] = 0
		first++
		m.Start = s.doc.Tokens[first].Start
	}
	s.before(m, first)
	if m.End == s.doc.Tokens[last-1].End && !m.Possessive {
		s.after(m, last)
	}
	if m.Gender == UnknownGender && last-first > 1 && !FamilyFirst(s.low(first), s.doc.Slice(m.Span)) {
		m.Gender = s.FirstName(s.doc.TokenText(first))
	}
	m.Plural = m.Plural || s.family(first, last)
}

// FamilyFirst reports whether a name begins with its family name, as those of China, Korea and Vietnam mostly do: its first word, in lower
// case, is a frequent one, and, if that is as well a given name elsewhere, the next is of two syllables with a hyphen.
func FamilyFirst(first, name string) bool {
	return familyFirst[first] && strings.ContainsRune(name, ' ') || givenToo[first] && strings.ContainsAny(name, "-‐‑")
}

// Frequent family names that the bearers' languages write first (general knowledge).
var (
	familyFirst = words(`bui cai cao chang chen cheng choi dang deng ding dong duong fan fang feng fu gao gong guo hoang hou hsu huang hwang jeong
		jiang jin kwon liang liao lin liu luo mao ngo nguyen pan park peng pham phan qian qin shao shen shi song su tan tang tran tsai tseng
		vu wang wei wu xi xiang xiao xie xu xue yan yang ye yin yu yuan zeng zhang zhao zheng zhong zhou zhu`)
	givenToo = words(`an cho do han he ho jang jung kang kim lam lee li lim lu ma min seo shin sun yoon you`)
)

// family reports whether a name means a family or a couple: "the Reyeses", "the Reyes family".
func (s *search) family(first, last int) bool {
	if last < len(s.doc.Tokens) {
		switch strings.ToLower(s.doc.TokenText(last)) {
		case "family", "families", "brothers", "sisters", "twins", "dynasty":
			return first > 0 && s.low(first-1) == "the"
		}
	}
	return last-first == 1 && first > 0 && s.low(first-1) == "the" && strings.HasSuffix(s.doc.TokenText(first), "s")
}

func (s *search) low(i int) string { return strings.ToLower(s.doc.TokenText(i)) }
