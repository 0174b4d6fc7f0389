package mention

import (
	"strings"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

const (
	longestOffice   = 9  // tokens of a title before its noun, at most
	longestAddition = 14 // tokens of what follows its noun: "of law at …"
)

// before reads the titles in front of the name that begins at token first: "French President", "Mr.", "his wife,".
func (s *search) before(m *Mention, first int) {
	lo := s.doc.Sentences[m.Sentence].First
	k := first - 1
	for k >= lo && s.owner[k] == 0 {
		w, from := s.word(k, lo)
		g, ok := s.courtesy(w)
		if !ok {
			break
		}
		m.Courtesy = true
		if g != UnknownGender {
			m.Gender = g
		}
		s.use(from, k+1)
		k = from - 1
	}
	if k < lo {
		return
	}
	apposed := false
	if s.doc.TokenText(k) == "," && k > lo {
		if !s.closes(first, m) {
			return
		}
		apposed = true
		k--
	}
	head, end, ok := s.headAt(k, lo, apposed)
	if !ok {
		return
	}
	n, _ := s.noun(s.headWord(head, lo))
	if n.plural {
		return
	}
	if !n.title && head > lo { // "chief executive", though an executive is no title
		_, n.title = s.lists.Title(s.low(head-1) + " " + s.low(head))
	}
	role, start := s.leftward(head, end, lo)
	if apposed {
		det, ok := s.determined(start, lo, role)
		if !ok {
			return
		}
		s.out = append(s.out, s.titleMention(det, end, role, n, m.Span))
		start = det
	}
	if m.Gender == UnknownGender {
		m.Gender = n.gender
	}
	if n.title || apposed {
		m.Roles = append(m.Roles, role)
	}
	s.use(start, end)
}

// closes reports whether an apposition that began before the comma ends after the name m that begins at token first.
func (s *search) closes(first int, m *Mention) bool {
	hi := s.doc.Sentences[m.Sentence].Last
	for first < hi && s.doc.Tokens[first].Start < m.End {
		first++
	}
	if first == hi {
		return true
	}
	switch s.doc.TokenText(first) {
	case ",", ".", ";", ":", ")", "!", "?", "—", "–":
		return true
	}
	return false
}

// headAt looks for the noun of a title that ends with token k: k itself, or the noun before an "of" as in
// "Secretary of State". In front of a comma what follows the "of" may be longer.
func (s *search) headAt(k, lo int, apposed bool) (head, end int, ok bool) {
	if h := s.elect(k); h > lo-1 && h < k {
		if n, ok := s.noun(s.doc.TokenText(h)); ok && n.title && s.owner[h] == 0 {
			return h, k + 1, true
		}
	}
	if s.owner[k] == 0 {
		if n, ok := s.noun(s.headWord(k, lo)); ok && (n.title || !capital(s.doc.TokenText(k))) {
			return k, k + 1, true
		}
	}
	reach := 4
	if apposed {
		reach = 8
	}
	for j := k; j > lo && j > k-reach; j-- {
		switch s.low(j) {
		case "of", "for", "at", "in", "to":
			if s.owner[j-1] != 0 {
				return 0, 0, false
			}
			n, ok := s.noun(s.headWord(j-1, lo))
			if ok && (apposed || n.title && s.low(j) == "of") {
				return j - 1, k + 1, true
			}
			if s.low(j) != "in" && s.low(j) != "of" {
				return 0, 0, false
			}
		case "the", "and", "&":
		default:
			if s.doc.Tokens[j].Class != text.Word || s.owner[j] == 0 && !apposed && !capital(s.doc.TokenText(j)) {
				return 0, 0, false
			}
		}
	}
	return 0, 0, false
}

// elect is the token of the office that the "elect" at token k belongs to, "President-elect"; k where there is none.
func (s *search) elect(k int) int {
	switch s.low(k) {
	case "elect", "designate":
		if k >= 2 && s.doc.TokenText(k-1) == "-" {
			return k - 2
		}
		return max(k-1, 0)
	}
	return k
}

// leftward reads the words of an office before its head: adjectives, nationalities, names. It returns where they begin.
func (s *search) leftward(head, end, lo int) (Role, int) {
	start, role := head, Role{}
	for j := head - 1; j >= lo && head-j <= longestOffice; j-- {
		if o := s.owner[j]; o != 0 {
			n := s.names[o-1]
			// Of people only a surname goes before a noun: "Reyes campaign manager".
			if n.Kind == reading.Person && (s.last[o-1]-s.first[o-1] > 1 || start != j+1) || n.Kind == reading.Other || n.End != s.doc.Tokens[j].End {
				break
			}
			j = s.first[o-1]
			start = j
			continue
		}
		w := s.doc.TokenText(j)
		l := strings.ToLower(w)
		if l == "'s" || l == "’s" {
			if j > lo && s.owner[j-1] != 0 {
				if n := s.names[s.owner[j-1]-1]; n.Kind == reading.Place || n.Kind == reading.Organization {
					role.Of = n.Span
				}
			}
			break
		}
		switch {
		case l == "and" || l == "&":
			if j == lo || s.owner[j-1] != 0 || start != j+1 || !s.officeWord(s.low(j-1)) {
				j = lo // ends the loop
			}
			continue
		case (l == "-" || l == "/" || l == "–") && start == j+1:
			continue
		case s.officeWord(l), capital(w) && capital(s.doc.TokenText(head)) && j > lo && s.doc.Tokens[j].Class == text.Word && !closed[l]:
			start = j
			continue
		case s.field(j, lo):
			start = j
			continue
		}
		break
	}
	return s.fill(role, start, head, end), start
}

// field reports whether token j is a plain word between a determiner, "the" or "Samoa's", and the rest of an office: "fisheries" in
// "the fisheries minister".
func (s *search) field(j, lo int) bool {
	const longest = 3 // such words
	for n := 0; j >= lo && n < longest; n, j = n+1, j-1 {
		l := s.low(j)
		if s.owner[j] != 0 || s.doc.Tokens[j].Class != text.Word || closed[l] || l != s.doc.TokenText(j) || strings.HasSuffix(l, "ing") {
			return false
		}
		if j == lo {
			return false
		}
		switch s.low(j - 1) {
		case "the", "his", "her", "their", "its", "'s", "’s":
			return true
		}
	}
	return false
}

func (s *search) officeWord(l string) bool {
	if s.offices[l] {
		return true
	}
	if n, ok := s.noun(l); ok && !n.plural {
		return true
	}
	if _, ok := s.lists.Demonym(l); ok {
		return true
	}
	i := strings.LastIndexByte(l, '-')
	return i > 0 && (s.offices[l[i+1:]] || s.offices[l[:i]])
}

// fill completes a role whose title is tokens [start,end) with its noun at head.
func (s *search) fill(r Role, start, head, end int) Role {
	r.Title = s.doc.TokenSpan(start, end)
	lo := s.doc.Sentences[s.doc.Tokens[head].Sentence].First
	if n, ok := s.noun(s.headWord(head, lo)); ok {
		if r.Head = n.key; r.Head == "pm" {
			r.Head, r.Offices = "minister", append(r.Offices, "prime")
		}
	}
	for j := start; j < end; j++ {
		if j == head {
			continue
		}
		if o := s.owner[j]; o != 0 {
			if code, ok := s.country(s.doc.Slice(s.names[o-1].Span)); ok && r.Country == "" {
				r.Country = code
			}
			continue
		}
		l := s.low(j)
		if code, ok := s.country(l); ok {
			if r.Country == "" {
				r.Country = code
			}
		} else if j < head {
			r.Offices = append(r.Offices, l)
		}
	}
	if r.Country == "" && !r.Of.Empty() {
		r.Country, _ = s.country(s.doc.Slice(r.Of))
	}
	return r
}

// after reads what is said of a name behind it: in apposition, ", the city's fire chief,", or by a verb, see copula.
func (s *search) after(m *Mention, i int) {
	hi := s.doc.Sentences[m.Sentence].Last
	verb := i
	if i+2 < hi && s.doc.TokenText(i) == "," && s.doc.Tokens[i+1].Class == text.Number && s.doc.TokenText(i+2) == "," { // an age
		i += 2
		if verb = i; i+1 < hi && s.low(i+1) != "who" {
			verb++
		}
	}
	if k, past := s.copula(verb, hi); k >= 0 {
		before := len(m.Roles)
		s.described(m, k, hi, true)
		if past && len(m.Roles) > before {
			m.Roles[before].Offices = append(m.Roles[before].Offices, "former")
		}
	} else if i < hi && s.doc.TokenText(i) == "," {
		s.described(m, i+1, hi, false)
	}
}

// described reads a description that begins at token i. One behind a verb must tell an office or an occupation: "is the
// mayor", not "is a man".
func (s *search) described(m *Mention, i, hi int, clause bool) {
	determined, role := false, Role{}
	if i < hi {
		switch s.low(i) {
		case "a", "an", "the", "his", "her", "their", "its", "our", "my", "one":
			determined = true
			i++
		}
	}
	start, head := i, -1
scan:
	for k := i; k < hi && k-i < longestOffice; k++ {
		if o := s.owner[k]; o != 0 {
			n := s.names[o-1]
			if n.Kind == reading.Person || n.Kind == reading.Other && !determined {
				return // a list of people: "Reyes, President Moor and …"
			}
			if head >= 0 && s.nextNoun(k, hi) < 0 {
				break
			}
			k = s.last[o-1] - 1
			continue
		}
		w, l := s.doc.TokenText(k), s.low(k)
		n, isNoun := s.noun(w)
		switch {
		case l == "'s" || l == "’s" || l == "'" || l == "’":
			role.Of = text.Span{}
			if s.owner[k-1] != 0 {
				role.Of = s.names[s.owner[k-1]-1].Span
			}
			start, head, determined = k+1, -1, true
		case isNoun && !n.plural:
			head = k
		case head >= 0:
			if s.nextNoun(k, hi) < 0 {
				break scan
			}
		case closed[l] || s.doc.Tokens[k].Class != text.Word && l != "-" && l != "/" && l != "." && s.doc.Tokens[k].Class != text.Number:
			return
		case !determined && !s.officeWord(l) && !capital(w):
			return
		}
	}
	if head < start || head < 0 {
		return
	}
	n, _ := s.noun(s.doc.TokenText(head))
	end := head + 1
	for k := end; k < hi && k < head+3; k++ { // "mayor-elect"
		if s.elect(k) == head {
			end = k + 1
			break
		}
	}
	if end < hi {
		if s.owner[end] != 0 && s.names[s.owner[end]-1].Kind == reading.Person {
			return
		}
		var ok bool
		if end, ok = s.addition(end, hi, &role); !ok {
			return
		}
	}
	if !n.title && (!determined || clause) {
		return
	}
	m.Roles = append(m.Roles, s.fill(role, start, head, end))
	if m.Gender == UnknownGender {
		m.Gender = n.gender
	}
	s.use(i, end)
}

// nextNoun looks from token i over names and the words of offices for a noun that goes on the one before: the
// "representative" of "deputy UN representative". It is -1 where there is none.
func (s *search) nextNoun(i, hi int) int {
	for n := 0; i < hi && n < 4; n++ {
		if o := s.owner[i]; o != 0 {
			if k := s.names[o-1].Kind; k == reading.Person || k == reading.Other {
				return -1
			}
			i = s.last[o-1]
			continue
		}
		l := s.low(i)
		if x, ok := s.noun(l); ok {
			if x.plural {
				return -1
			}
			return i
		}
		if !s.officeWord(l) {
			return -1
		}
		i++
	}
	return -1
}

// addition reads what follows the noun of an apposition: nothing, "of Norway", "of law at Ghent". It returns the end of
// the title, before the preposition of the first name, and reports whether the apposition ends as one should.
func (s *search) addition(i, hi int, role *Role) (end int, ok bool) {
	end = i
	prep := -1
	for k := i; k < hi && k-i < longestAddition; k++ {
		l := s.low(k)
		switch l {
		case "of", "for", "at", "from", "in", "to", "on", "with", "near":
			if prep >= 0 {
				end = k
			}
			prep = k
		case ",", ".", ";", ":", ")", "—", "–", "!", "?", "and", "who", "since", "until", "but", "when", "”", "\"":
			if prep >= 0 && role.Of.Empty() {
				end = k
			}
			return end, true
		default:
			if prep < 0 {
				return end, k > i // "chief said" is no apposition
			}
			if o := s.owner[k]; o != 0 && role.Of.Empty() {
				if s.names[o-1].Kind == reading.Person {
					return end, true
				}
				role.Of = s.names[o-1].Span
				return prep, true
			}
		}
	}
	return end, true
}

// word returns the word that ends with token k, its full stop joined to it, and its first token.
func (s *search) word(k, lo int) (string, int) {
	if k > lo && s.doc.TokenText(k) == "." && s.doc.Tokens[k-1].End == s.doc.Tokens[k].Start {
		return s.doc.TokenText(k-1) + ".", k - 1
	}
	return s.doc.TokenText(k), k
}

func (s *search) headWord(k, lo int) string {
	w, _ := s.word(k, lo)
	return w
}

func (s *search) use(from, to int) {
	for i := from; i < to; i++ {
		s.used[i] = true
	}
}

// closed is the words that end an office to the left and forbid an apposition to the right: they belong to a clause.
var closed = words(`a an the this that these those and or but as if while when where who whom whose which what because
	although though since until after before during for of in on at by with from to into over under about against between
	said says say told tells added adds is was are were be been being has have had will would can could may might must
	should did does do not also then yesterday today tomorrow monday tuesday wednesday thursday friday saturday sunday
	meanwhile however moreover he she it they we i you his her their its our`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}
