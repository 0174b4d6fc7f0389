package quote

import (
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// speaker finds whom a source phrase means. What counts is its head: "Trump's lawyer" is not Trump, "the Reyes campaign"
// not Reyes, "a spokesman for the ministry" neither a known person nor the ministry.
func (a *attribution) speaker(phrase, cue text.Span) Speaker {
	s := Speaker{Phrase: phrase, Entity: -1, Of: -1, Method: schema.MethodUnknown, Belief: 1}
	first, last := a.doc.TokensIn(phrase)
	for first < last && a.idle(first) {
		first++
	}
	if first == last {
		return s
	}
	word := strings.ToLower(a.doc.TokenText(first))
	switch word {
	case "who", "which", "that", "whom":
		if last-first == 1 {
			return a.relative(s, first)
		}
	}
	if m := a.possessor(first, a.withClitic(last, cue)); m != nil {
		s.Method = schema.MethodName
		a.mean(&s, m)
		if s.Entity < 0 {
			s.Method = schema.MethodUnknown
		}
		return s
	}
	if (mention.IsPronoun(a.doc.TokenText(first)) || a.mentionAt(a.doc.Tokens[first].Start, schema.ByPronoun) != nil) && (!possessive(word) || last-first == 1) {
		s.Method = schema.MethodPronoun
		if rest, either := a.conjuncts(first+1, last); either {
			return s
		} else if len(rest) > 0 {
			return a.together(s, first, rest, last)
		}
		if m := a.mentionAt(a.doc.Tokens[first].Start, schema.ByPronoun); m != nil {
			a.mean(&s, m)
		}
		return s
	}
	end := a.core(first, last)
	if rest, either := a.conjuncts(end, last); len(rest) > 0 {
		if either {
			return s
		}
		return a.together(s, first, rest, last)
	}
	if start, rest := a.namedApposition(end, last); len(rest) > 0 {
		return a.together(s, start, rest, last)
	}
	if m := a.appositionEnd(first, end, last); m != nil {
		s.Method = schema.MethodName
		a.mean(&s, m)
		s.Of = a.principal(m)
		return s
	}
	if m := a.nameEndingAt(end, a.doc.Tokens[first].Start); m != nil {
		s.Method = schema.MethodName
		a.mean(&s, m)
		s.Of = a.principal(m)
		if s.Entity < 0 {
			s.Method = schema.MethodUnknown
		}
		return s
	}
	if m := a.titleIn(first, end); m != nil {
		s.Method = schema.MethodNominal
		if m.Form == schema.ByTitle {
			s.Method = schema.MethodTitle
		}
		a.mean(&s, m)
		if s.Entity < 0 {
			s.Of = a.whose(first, end, last)
		}
		return s
	}
	s.Of = a.whose(first, end, last)
	if s.Of >= 0 || determiner(word) || lower(a.doc.TokenText(first)) || end > first && lower(a.doc.TokenText(end-1)) {
		s.Method = schema.MethodNominal
	}
	return s
}

func lower(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsLower(r)
}

// withClitic is where a phrase ends that begins before token last, with the "'s" behind it where the cue follows there at
// once: a reader may take "Reyes" or "Reyes’s" for the source in “Reyes’s belief that”.
func (a *attribution) withClitic(last int, cue text.Span) int {
	if last >= len(a.doc.Tokens) || cue.Empty() || a.doc.Tokens[last].Start != a.doc.Tokens[last-1].End {
		return last
	}
	switch a.doc.TokenText(last) {
	case "'s", "’s", "'", "’":
		if t := a.doc.Tokens[last]; cue.Start == t.Start || cue.Start >= t.End && cue.Start <= t.End+1 {
			return last + 1
		}
	}
	return last
}

// possessor is the name of a phrase that is nothing but that name and its "'s": "Reyes’s" in “Reyes’s belief that”.
func (a *attribution) possessor(first, last int) *coref.Mention {
	switch a.doc.TokenText(last - 1) {
	case "'s", "’s", "'", "’":
	default:
		return nil
	}
	if strings.EqualFold(a.doc.TokenText(first), "the") {
		first++
	}
	if first >= last-1 {
		return nil
	}
	m := a.nameOver(a.doc.Tokens[last-2].Start)
	if m == nil || m.End != a.doc.Tokens[last-2].End {
		return nil
	}
	start := m.Start
	for _, r := range m.Roles {
		if r.Title.Start < start {
			start = r.Title.Start
		}
	}
	if a.doc.Tokens[first].Start != m.Start && a.doc.Tokens[first].Start != start {
		return nil
	}
	return m
}

// mean lets a speaker be the entity of a mention.
func (a *attribution) mean(s *Speaker, m *coref.Mention) {
	if m.Entity >= 0 {
		s.Entity, s.Belief = m.Entity, m.Belief
	}
}

// undated leaves a dateline out of a source, "LUND, Sweden — A pilot": places, dates and agencies before a dash.
func (a *attribution) undated(source text.Span) text.Span {
	const longest = 12 // tokens
	first, last := a.doc.TokensIn(source)
	if first == last || a.doc.Tokens[first].Start != a.doc.Paragraphs[a.paragraph(source.Start)].Start {
		return source
	}
	for k := first; k+1 < last && k-first < longest; k++ {
		switch t := a.doc.Tokens[k]; a.doc.TokenText(k) {
		case "—", "–", "--", "-":
			if k > first && t.Start > a.doc.Tokens[k-1].End && a.doc.Tokens[k+1].Start > t.End {
				return text.Span{Start: a.doc.Tokens[k+1].Start, End: source.End}
			}
			return source
		default:
			if t.Class == text.Word && lower(a.doc.TokenText(k)) {
				return source
			}
		}
	}
	return source
}

// idle reports whether a token at the head of a phrase says nothing of who is meant.
func (a *attribution) idle(i int) bool {
	if c := a.doc.Tokens[i].Class; c != text.Word && c != text.Number {
		return true
	}
	switch strings.ToLower(a.doc.TokenText(i)) {
	case "even", "only", "both", "by", "from", "and", "but", "yet", "including":
		return true
	}
	return false
}

func determiner(word string) bool {
	switch word {
	case "the", "a", "an", "one", "two", "three", "four", "five", "some", "many", "most", "several", "few", "all", "other", "another",
		"those", "these", "this", "that", "any", "no", "nobody", "everyone", "everybody", "someone", "somebody", "people", "officials":
		return true
	}
	return possessive(word)
}

func possessive(word string) bool {
	switch word {
	case "his", "her", "their", "its", "our", "my", "your":
		return true
	}
	return false
}

// core returns where the core of the noun phrase that begins at token first ends: before the first preposition, comma,
// bracket or relative pronoun that is no part of a name, and without the "himself" or "also" behind a name.
func (a *attribution) core(first, last int) int {
	end := last
scan:
	for i := first; i < last; i++ {
		if m := a.nameOver(a.doc.Tokens[i].Start); m != nil {
			for i+1 < last && a.doc.Tokens[i+1].Start < m.End {
				i++
			}
			continue
		}
		t := a.doc.Tokens[i]
		if i == first {
			continue
		}
		w := strings.ToLower(a.doc.TokenText(i))
		switch w {
		case "-", "–", "/", ".", "&":
			continue
		case "of", "for", "from", "in", "at", "with", "to", "on", "by", "near", "who", "which", "that", "whose", "as", "and", "or", "himself",
			"herself", "itself", "themselves", "alone", "also", "too", "later", "then", "again", "when", "while", "after", "before", "during",
			"under", "inside", "within", "against", "about", "like", "among", "between":
			end = i
			break scan
		}
		if t.Class == text.Punct || t.Class == text.OpenQuote {
			end = i
			break scan
		}
	}
	for end > first && (a.doc.Tokens[end-1].Class == text.Punct || a.doc.Tokens[end-1].Class == text.CloseQuote || a.doc.Tokens[end-1].Class == text.StrayQuote) &&
		a.nameOver(a.doc.Tokens[end-1].Start) == nil {
		end--
	}
	return end
}

// person reports whether the noun phrase of a person may begin at a token.
func (a *attribution) person(token int) bool {
	if token >= len(a.doc.Tokens) {
		return false
	}
	t := a.doc.Tokens[token]
	if mention.IsPronoun(a.doc.TokenText(token)) {
		return true
	}
	r, _ := utf8.DecodeRuneInString(a.doc.TokenText(token))
	return t.Class == text.Word && unicode.IsUpper(r) || determiner(strings.ToLower(a.doc.TokenText(token)))
}

// named reports whether a name or a pronoun begins at a token.
func (a *attribution) named(token int) bool {
	return a.mentionAt(a.doc.Tokens[token].Start, schema.ByName) != nil || mention.IsPronoun(a.doc.TokenText(token))
}

// appositionEnd is the person whose name ends a phrase that describes them first: "a lawyer for the firm, Lee Moor,". In
// "a spokesman for the mayor, Lee Moor," the name is the mayor's.
func (a *attribution) appositionEnd(first, end, last int) *coref.Mention {
	for last > end && (a.doc.Tokens[last-1].Class == text.Punct || a.doc.Tokens[last-1].Class == text.CloseQuote) {
		last--
	}
	if last <= end || a.nameEndingAt(end, a.doc.Tokens[first].Start) != nil {
		return nil
	}
	m := a.nameEndingAt(last, a.doc.Tokens[end].Start)
	if m == nil || m.Kind != schema.Person || m.End != a.doc.Tokens[last-1].End {
		return nil
	}
	start := m.Start
	for _, r := range m.Roles { // "her rival, Senator Lee Moor,"
		if r.Title.End <= m.Start && r.Title.Start >= a.doc.Tokens[end].Start {
			start = min(start, r.Title.Start)
		}
	}
	k := a.doc.TokenAt(start) - 1
	for n := 0; m.Courtesy && n < 2 && k > end && a.doc.TokenText(k) != ","; n++ { // "Dr."
		k--
	}
	if k < end || a.doc.TokenText(k) != "," {
		return nil
	}
	if t := a.besideAt(m.Start); t != nil && t.Start > a.doc.Tokens[end-1].Start {
		return nil
	}
	return m
}

// relative finds what "who" or "which" goes back to: the name, the apposition or the title right before it.
func (a *attribution) relative(s Speaker, token int) Speaker {
	k := token - 1
	if k >= 0 && a.doc.TokenText(k) == "," {
		k--
	}
	if k < 0 || a.doc.Tokens[k].Sentence != a.doc.Tokens[token].Sentence {
		return s
	}
	end := a.doc.Tokens[k].End
	if m := a.nameOver(a.doc.Tokens[k].Start); m != nil && m.End == end && !m.Possessive {
		if named := a.beforeAddition(m); named != nil {
			m = named
		}
		if m.Kind == schema.Person || !strings.HasPrefix(strings.ToLower(a.doc.TokenText(token)), "who") {
			s.Method = schema.MethodName
			a.mean(&s, m)
		}
	} else if m := a.apposed(end); m != nil {
		s.Method = schema.MethodName
		a.mean(&s, m)
	} else if m := a.titleIn(a.doc.Sentences[a.doc.Tokens[k].Sentence].First, k+1); m != nil && m.End == end {
		s.Method = schema.MethodNominal
		if m.Form == schema.ByTitle {
			s.Method = schema.MethodTitle
		}
		a.mean(&s, m)
	}
	if s.Entity < 0 {
		s.Method = schema.MethodUnknown
	}
	return s
}

// apposed is the name, shortly before, of which a role ends at the given byte.
func (a *attribution) apposed(end int) *coref.Mention {
	k := sort.Search(len(a.who.Mentions), func(i int) bool { return a.who.Mentions[i].Start >= end })
	for n := 0; k > 0 && n < 8; n++ {
		k--
		m := &a.who.Mentions[k]
		if m.Form != schema.ByName {
			continue
		}
		for _, r := range m.Roles {
			if r.Title.End == end || r.Of.End == end {
				return m
			}
		}
	}
	return nil
}

// beforeAddition is the person of whose role the name m is the end: "Reyes, mayor of Lund, who …".
func (a *attribution) beforeAddition(m *coref.Mention) *coref.Mention {
	if n := a.apposed(m.End); n != nil && n.Kind == schema.Person && n != m {
		return n
	}
	return nil
}

// nameOver is the mention by name that holds the byte at offset.
func (a *attribution) nameOver(offset int) *coref.Mention {
	k := sort.Search(len(a.who.Mentions), func(i int) bool { return a.who.Mentions[i].Start > offset })
	for n := 0; k > 0 && n < 4; n++ { // titles hold names, so a few may lie between
		k--
		if m := &a.who.Mentions[k]; m.Form == schema.ByName {
			if m.End > offset {
				return m
			}
			return nil
		}
	}
	return nil
}

// nameEndingAt is the name that ends with the token before end and begins at or behind a byte. A name with a possessive
// is none: there something of it speaks.
func (a *attribution) nameEndingAt(end, from int) *coref.Mention {
	if end == 0 {
		return nil
	}
	m := a.nameOver(a.doc.Tokens[end-1].Start)
	if m == nil || m.Possessive || m.Start < from || m.End < a.doc.Tokens[end-1].End {
		return nil
	}
	return m
}

// mentionAt is the mention of a form that begins at a byte.
func (a *attribution) mentionAt(start int, form schema.Form) *coref.Mention {
	k := sort.Search(len(a.who.Mentions), func(i int) bool { return a.who.Mentions[i].Start >= start })
	for ; k < len(a.who.Mentions) && a.who.Mentions[k].Start == start; k++ {
		if m := &a.who.Mentions[k]; m.Form == form {
			return m
		}
	}
	return nil
}

// titleIn is the title or nominal whose head is that of tokens [first,end): it ends where they do or behind them.
func (a *attribution) titleIn(first, end int) *coref.Mention {
	if first >= end {
		return nil
	}
	from, to := a.doc.Tokens[first].Start, a.doc.Tokens[end-1].End
	k := sort.Search(len(a.who.Mentions), func(i int) bool { return a.who.Mentions[i].Start >= to })
	for n := 0; k > 0 && n < 8; n++ {
		k--
		m := &a.who.Mentions[k]
		if m.Start < from {
			break
		}
		if (m.Form == schema.ByTitle || m.Form == schema.ByNominal) && (m.Office.Title.End == to || m.End == to) {
			return m
		}
	}
	return nil
}

// besideAt is the title in apposition to the name that begins at a byte.
func (a *attribution) besideAt(start int) *coref.Mention {
	k := sort.Search(len(a.who.Mentions), func(i int) bool { return a.who.Mentions[i].Start >= start })
	for n := 0; k > 0 && n < 4; n++ {
		k--
		if m := &a.who.Mentions[k]; m.Beside.Start == start && !m.Beside.Empty() {
			return m
		}
	}
	return nil
}
