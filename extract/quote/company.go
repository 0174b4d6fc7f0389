package quote

import (
	"slices"
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// longestInsertion is how many tokens an apposition may have between the people that a phrase joins.
const longestInsertion = 24

// conjuncts finds the first tokens of the second, third, … of those whom a phrase joins, where the first ends before token
// i: "Reyes and Moor", "Reyes, 52, and Moor", "Reyes, the mayor, and her deputy". Either tells that an "or" joins them.
func (a *attribution) conjuncts(i, last int) (starts []int, either bool) {
	joined := false // an "and" was seen: without one, commas make no list
	for i < last {
		switch strings.ToLower(a.doc.TokenText(i)) {
		case "and", "&", "or":
			joined = true
			if !a.person(i + 1) { // "and others"
				return starts, either
			}
			either = either || strings.EqualFold(a.doc.TokenText(i), "or")
			starts = append(starts, i+1)
			i = a.core(i+1, last)
			continue
		case ",":
			next := i + 1
			switch {
			case next >= last:
			case a.doc.Tokens[next].Class == text.Number: // an age
				i = next + 1
				continue
			case a.conjunction(next):
				i = next
				continue
			case a.named(next) && a.besideAt(a.doc.Tokens[next].Start) == nil:
				starts = append(starts, next)
				i = a.core(next, last)
				continue
			default:
				if k := a.insertion(next, last); k > 0 {
					i = k
					continue
				}
			}
		}
		break
	}
	if !joined {
		return nil, false
	}
	return starts, either
}

// namedApposition is where the names begin that tell who several are, and those behind the first: "The mayors of Lund and Malmö,
// Dana Reyes and Ed Moor,".
func (a *attribution) namedApposition(i, last int) (start int, rest []int) {
	for k := i; k+1 < last && k-i < longestInsertion; k++ {
		switch strings.ToLower(a.doc.TokenText(k)) {
		case "who", "which", "that", "whose":
			return 0, nil
		case ",":
			m := a.mentionAt(a.doc.Tokens[k+1].Start, schema.ByName)
			if m == nil || m.Kind != schema.Person {
				return 0, nil
			}
			rest, either := a.conjuncts(a.core(k+1, last), last)
			if either {
				return 0, nil
			}
			return k + 1, rest
		}
	}
	return 0, nil
}

// leading is the name at the head of the sentence that an "and" joins with a source which a reader took alone: "Reyes and" or
// "Reyes, the mayor, and" before "Moor said".
func (a *attribution) leading(first int) *coref.Mention {
	lo := a.doc.Sentences[a.doc.Tokens[first].Sentence].First
	k := first - 1
	if k <= lo || !strings.EqualFold(a.doc.TokenText(k), "and") {
		return nil
	}
	comma := a.doc.TokenText(k-1) == ","
	for j := lo; j < k && j-lo < longestLabel; j++ {
		m := a.nameOver(a.doc.Tokens[j].Start)
		if m == nil {
			continue
		}
		if m.Kind != schema.Person || m.Possessive || !a.titlesFrom(lo, m) {
			return nil
		}
		_, end := a.doc.TokensIn(m.Span)
		if !comma && end == k || comma && end < k-1 && a.doc.TokenText(end) == "," && a.aside(end+1, k-1) {
			return m
		}
		return nil
	}
	return nil
}

// aside reports whether tokens [i,end) look like an apposition or a relative clause, without a comma that would end it.
func (a *attribution) aside(i, end int) bool {
	if end-i > longestInsertion || i >= end {
		return false
	}
	for k := i; k < end; k++ {
		if a.doc.TokenText(k) == "," {
			return false
		}
	}
	if a.doc.Tokens[i].Class == text.Number {
		return true
	}
	w := strings.ToLower(a.doc.TokenText(i))
	return w == "who" || determiner(w)
}

func (a *attribution) conjunction(i int) bool {
	switch strings.ToLower(a.doc.TokenText(i)) {
	case "and", "&", "or":
		return true
	}
	return false
}

// insertion is where the comma stands that ends an apposition before an "and": "Reyes, the mayor, and Moor". It is 0 where
// there is none, and in a relative clause, which may have an "and" of its own.
func (a *attribution) insertion(i, last int) int {
	for k := i; k+1 < last && k-i < longestInsertion; k++ {
		switch strings.ToLower(a.doc.TokenText(k)) {
		case "who", "whose", "which", "that":
			return 0
		case ",":
			if a.conjunction(k + 1) {
				return k
			}
		}
	}
	return 0
}

// together finds whom each part of a phrase that joins several means. The first of them is the speaker and the others speak
// jointly; who is not named is left out.
func (a *attribution) together(s Speaker, first int, rest []int, last int) Speaker {
	m := a.nameOver(a.doc.Tokens[first].Start)
	common := lower(a.doc.TokenText(last-1)) && (m == nil || m.Kind != schema.Person)
	if common {
		s.Method = schema.MethodNominal
		if !determiner(strings.ToLower(a.doc.TokenText(rest[len(rest)-1]))) { // "European and American officials"
			return s
		}
	}
	starts := append([]int{first}, rest...)
	for k, start := range starts {
		stop := last
		if k+1 < len(starts) {
			stop = starts[k+1] - 1
		}
		if start >= stop {
			continue
		}
		part := a.speaker(a.doc.TokenSpan(start, stop), text.Span{})
		switch {
		case part.Entity < 0:
		case s.Entity < 0:
			s.Entity, s.Method, s.Belief = part.Entity, part.Method, part.Belief
		case part.Entity != s.Entity && !slices.Contains(s.Joint, part.Entity) && a.place(part.Entity) == a.place(s.Entity):
			s.Joint = append(s.Joint, part.Entity)
			s.Belief = min(s.Belief, part.Belief)
		}
	}
	return s
}

func (a *attribution) place(entity int) bool { return a.who.Entities[entity].Kind == schema.Place }

// speaksFor is the nouns for those who speak for somebody, a person too: "Reyes's lawyer", "a spokesman for the ministry".
var speaksFor = words(`spokesman spokeswoman spokesperson spokesmen spokeswomen spokespeople spokespersons representative
	representatives lawyer lawyers attorney attorneys solicitor solicitors barrister barristers counsel aide aides adviser
	advisers advisor advisors agent agents publicist publicists`)

// belongsTo is the nouns for those who are an organisation's or a government's.
var belongsTo = words(`official officials officer officers executive executives source sources diplomat diplomats envoy envoys
	ambassador negotiator negotiators delegate delegates leader leaders commander commanders authorities minister ministers
	secretary prosecutor prosecutors lawmaker lawmakers member members employee employees director directors manager managers
	analyst analysts economist economists researcher researchers scientist scientists professor professors investigator
	investigators inspector inspectors`)

func words(list string) map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(list) {
		m[w] = true
	}
	return m
}

// whose is the entity whom an unnamed speaker speaks for, or belongs to: the port in "a spokesman for the port", the ministry
// in "two ministry officials"; -1 where the phrase does not tell. The core of the phrase is tokens [first,end).
func (a *attribution) whose(first, end, last int) int {
	if end <= first {
		return -1
	}
	head := strings.ToLower(a.doc.TokenText(end - 1))
	if !speaksFor[head] && !belongsTo[head] {
		return -1
	}
	for k := end - 2; k >= first && k >= end-8; k-- {
		if m := a.nameOver(a.doc.Tokens[k].Start); m != nil {
			return a.owner(m, head)
		}
	}
	if end >= last {
		return -1
	}
	switch strings.ToLower(a.doc.TokenText(end)) {
	case "for", "of", "from", "at", "with", "in", "to":
	default:
		return -1
	}
	if t := a.nominalAt(a.doc.Tokens[min(end+1, last-1)].Start); t != nil && t.Entity >= 0 && end+1 < last { // "a spokesman for the president"
		return a.owner(t, head)
	}
	for k := end + 1; k < last && k < end+7; k++ {
		if m := a.nameOver(a.doc.Tokens[k].Start); m != nil {
			if m.Possessive { // "for Norway's energy agency"
				return -1
			}
			return a.owner(m, head)
		}
		if w := strings.ToLower(a.doc.TokenText(k)); a.doc.Tokens[k].Class != text.Word || w == "who" || w == "in" || w == "at" || w == "and" {
			return -1
		}
	}
	return -1
}

// owner is the entity of a name that stands beside a noun for a speaker. A person's name tells whose lawyer somebody is, not
// whose leader; a place's tells whose official somebody is, and where a lawyer lives.
func (a *attribution) owner(m *coref.Mention, head string) int {
	switch spokes := strings.HasPrefix(head, "spokes") || strings.HasPrefix(head, "representative"); {
	case m.Kind == schema.Person && !speaksFor[head], m.Kind == schema.Place && speaksFor[head] && !spokes:
		return -1
	}
	return m.Entity
}

// principal is whom a named speaker speaks for, as the roles beside its name say: the ministry of "Lee Moor, a spokesman for
// the ministry".
func (a *attribution) principal(m *coref.Mention) int {
	for _, r := range m.Roles {
		if r.Head != "spokesperson" && !speaksFor[r.Head] {
			continue
		}
		for _, at := range [...]text.Span{r.Of, r.Title} {
			if at.Empty() {
				continue
			}
			for _, n := range a.who.Within(at) {
				if n.Form == schema.ByName && n.Entity != m.Entity && !(at == r.Of && n.Possessive) {
					if e := a.owner(n, r.Head); e >= 0 {
						return e
					}
				}
			}
		}
	}
	return -1
}

// carry gives "the spokesman" the ministry of "a spokesman for the ministry" shortly before, and "they" those who spoke
// jointly. "She" right behind what a spokeswoman said is this one, not whoever was named last.
func (a *attribution) carry() {
	const far = 2 // paragraphs
	var unnamed, joint *draft
	near := func(d, before *draft) bool {
		return before != nil && a.paragraph(d.source.Start)-a.paragraph(before.source.Start) <= far && before.source.Start < d.source.Start
	}
	var before *draft // the one whose source was the last
	for i := range a.drafts {
		d := &a.drafts[i]
		s := d.Speaker
		if s == nil || d.source.Empty() {
			continue
		}
		if s.Entity < 0 && s.Of < 0 && near(d, unnamed) {
			if w := strings.Fields(strings.ToLower(a.doc.Slice(s.Phrase))); len(w) == 2 && w[0] == "the" && w[1] == a.head(unnamed) {
				s.Of = unnamed.Speaker.Of
			}
		}
		if s.Entity < 0 && s.Method == schema.MethodPronoun && near(d, joint) {
			switch strings.ToLower(a.doc.Slice(s.Phrase)) {
			case "they", "both", "the two", "the pair", "they both":
				s.Entity, s.Joint, s.Belief = joint.Speaker.Entity, joint.Speaker.Joint, joint.Speaker.Belief*0.85
			}
		}
		if before != nil && a.same(before, d) {
			s.Entity, s.Belief, s.Of = -1, 1, before.Speaker.Of
		}
		if before == nil || d.source.Start > before.source.Start {
			before = d
		}
		switch {
		case s.Entity < 0 && s.Of >= 0:
			unnamed = d
		case len(s.Joint) > 0:
			joint = d
		case s.Entity >= 0 && s.Method != schema.MethodContinued:
			joint = nil // somebody else spoke since
		}
	}
}

// same reports whether the "he" or "she" of a draft is somebody without a name who was the source before, with nobody named
// since whom the pronoun fits.
func (a *attribution) same(before, d *draft) bool {
	s := before.Speaker
	if s.Entity >= 0 || a.paragraph(d.source.Start)-a.paragraph(before.source.Start) > 1 {
		return false
	}
	m := a.mentionAt(d.source.Start, schema.ByPronoun)
	if m == nil || m.Span != d.source || m.Grammar != 3 || m.Plural || m.Gender == mention.Neuter || m.Quotation >= 0 {
		return false
	}
	if s.Method == schema.MethodPronoun {
		was := a.mentionAt(s.Phrase.Start, schema.ByPronoun)
		if before.same && was != nil && was.Gender == m.Gender && !a.namedBetween(s.Phrase.End, m) {
			d.same = true
			return true
		}
		return false
	}
	if s.Method != schema.MethodNominal && s.Method != schema.MethodTitle || !singular(a.head(before)) {
		return false
	}
	head, n := a.head(before), a.nominalAt(s.Phrase.Start)
	switch woman, man := strings.HasSuffix(head, "woman"), strings.HasSuffix(head, "sman"); {
	case woman && m.Gender == mention.Masculine, man && m.Gender == mention.Feminine, n != nil && !n.Gender.Fits(m.Gender):
		return false
	case !woman && !man && n == nil && !speaksFor[head] && !belongsTo[head]: // "the mayor's office"
		return false
	}
	d.same = !a.namedBetween(s.Phrase.End, m)
	return d.same
}

// singular reports whether a noun for a speaker looks like one of a single person.
func singular(noun string) bool {
	switch {
	case noun == "", !lower(noun), noun == "people", noun == "police", strings.HasSuffix(noun, "men"), strings.HasSuffix(noun, "people"):
		return false
	}
	return !strings.HasSuffix(noun, "s") || strings.HasSuffix(noun, "ss")
}

// nominalAt is the title or nominal that begins at a byte.
func (a *attribution) nominalAt(start int) *coref.Mention {
	if m := a.mentionAt(start, schema.ByNominal); m != nil {
		return m
	}
	return a.mentionAt(start, schema.ByTitle)
}

// namedBetween reports whether somebody is named between a byte and a pronoun whom it may mean.
func (a *attribution) namedBetween(from int, m *coref.Mention) bool {
	for _, n := range a.who.Within(text.Span{Start: from, End: m.Start}) {
		if n.Form == schema.ByName && n.Kind == schema.Person && a.who.Entities[n.Entity].Gender.Fits(m.Gender) {
			return true
		}
	}
	return false
}

// head is the noun of an unnamed speaker's phrase.
func (a *attribution) head(d *draft) string {
	first, last := a.doc.TokensIn(d.Speaker.Phrase)
	if first == last {
		return ""
	}
	return strings.ToLower(a.doc.TokenText(a.core(first, last) - 1))
}

// regent mends the source of a participle whose reader took it for that of the clause before: in “Though Reyes agreed,
// Moor warned them, saying that …” it is Moor who says it. The source is then the subject of the main clause, a name or a
// pronoun with a verb behind it.
func (a *attribution) regent(source, cue text.Span) text.Span {
	first, last := a.doc.TokensIn(source)
	at, _ := a.doc.TokensIn(cue)
	if first == last || at == 0 || at >= len(a.doc.Tokens) || last >= at || !strings.HasSuffix(a.doc.TokenText(at), "ing") || a.doc.TokenText(at-1) != "," {
		return source
	}
	lo := a.doc.Sentences[a.doc.Tokens[first].Sentence].First
	if a.doc.Tokens[first].Sentence != a.doc.Tokens[at].Sentence || first == lo || !subordinator[strings.ToLower(a.doc.TokenText(first-1))] {
		return source
	}
	if first-1 > lo && a.doc.Tokens[first-2].Class == text.Word && !strings.EqualFold(a.doc.TokenText(first-2), "even") {
		return source // not at the head of a clause
	}
	for k := last; k+1 < at-1; k++ {
		if a.doc.TokenText(k) != "," {
			continue
		}
		if s, ok := a.subject(k+1, at-1); ok {
			return s
		}
	}
	return source
}

var subordinator = words(`though although while whilst as after before when if because since whereas once until unless where`)

// subject is the noun phrase that begins at token k, if it ends with a name, or is "he" or "she", and a verb may follow.
func (a *attribution) subject(k, hi int) (text.Span, bool) {
	start := a.doc.Tokens[k].Start
	end := 0
	if mention.IsPronoun(a.doc.TokenText(k)) {
		switch strings.ToLower(a.doc.TokenText(k)) {
		case "he", "she", "they", "it":
			end = k + 1
		}
	}
	for j := k; end == 0 && j < hi && j-k < 12; j++ {
		m := a.nameOver(a.doc.Tokens[j].Start)
		if m == nil {
			continue
		}
		_, stop := a.doc.TokensIn(m.Span)
		head := m.Start
		for _, r := range m.Roles {
			head = min(head, r.Title.Start)
		}
		if t := a.besideAt(m.Start); t != nil {
			head = min(head, t.Start)
		}
		if m.Kind != schema.Place && !m.Possessive && (head == start || j == k) {
			end = stop
		} else {
			j = stop - 1
		}
	}
	if end == 0 || end >= hi {
		return text.Span{}, false
	}
	next := end
	if a.doc.TokenText(next) == "," { // "his foreign minister, Lee Moor, warned"
		next++
	}
	if next >= hi || a.doc.Tokens[next].Class != text.Word || !lower(a.doc.TokenText(next)) || a.conjunction(next) {
		return text.Span{}, false
	}
	switch strings.ToLower(a.doc.TokenText(next)) {
	case "of", "for", "from", "in", "at", "with", "to", "on", "by", "who", "which", "that", "whose", "as", "the", "a", "an", "his", "her", "its", "their":
		return text.Span{}, false
	}
	return text.Span{Start: start, End: a.doc.Tokens[end-1].End}, true
}
