package mention

import (
	"sort"
	"strings"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// titles finds the definite descriptions of one person: "the French president", "her lawyer", "Norway's king".
func (s *search) titles() {
	for _, sentence := range s.doc.Sentences {
		for i := sentence.First; i < sentence.Last; i++ {
			if s.owner[i] != 0 || s.used[i] {
				continue
			}
			if n, ok := s.noun(s.doc.TokenText(i)); !ok || n.plural {
				continue
			}
			// The last noun of a row is the head: "the police chief".
			head := i
			for head+1 < sentence.Last && !s.used[head+1] {
				next := s.nextNoun(head+1, sentence.Last)
				if next < 0 || s.used[next] {
					break
				}
				head = next
			}
			s.title(i, head, sentence.First, sentence.Last)
			i = head
		}
	}
}

func (s *search) title(first, head, lo, hi int) {
	end := head + 1
	if end < hi && s.owner[end] != 0 && s.names[s.owner[end]-1].Kind == reading.Person {
		return // it stands before a name
	}
	for k := end; k < hi && k < end+2; k++ {
		if s.elect(k) == head && k > head {
			end = k + 1
			break
		}
	}
	if end < hi && s.owner[end] != 0 && s.names[s.owner[end]-1].Kind == reading.Person {
		return
	}
	if end < hi && s.doc.Tokens[end].Class == text.Word {
		if n, ok := s.noun(s.doc.TokenText(end)); ok && n.plural {
			return // "the police officers"
		}
	}
	role, start := s.leftward(head, end, lo)
	det, ok := s.determined(start, lo, role)
	if !ok || s.low(det) == "a" || s.low(det) == "an" {
		return
	}
	if end+1 < hi && s.low(end) == "of" { // "the president of Norway", "the head of the United Nations"
		k := end + 1
		if s.low(k) == "the" && k+1 < hi {
			k++
		}
		if o := s.owner[k]; o != 0 && s.names[o-1].Kind != reading.Person && s.names[o-1].Start == s.doc.Tokens[k].Start {
			role.Of = s.names[o-1].Span
			end = s.last[o-1]
			if role.Country == "" {
				role.Country, _ = s.country(s.doc.Slice(role.Of))
			}
		}
	}
	n, _ := s.noun(s.doc.TokenText(head))
	s.out = append(s.out, s.titleMention(det, end, role, n, text.Span{}))
}

func (s *search) titleMention(start, end int, role Role, n noun, beside text.Span) Mention {
	m := Mention{
		Span: s.doc.TokenSpan(start, end), Form: schema.ByNominal, Kind: schema.Person, Sentence: s.doc.Tokens[start].Sentence,
		Gender: n.gender, Office: role, Beside: beside, Confidence: 0.9,
	}
	if n.office {
		m.Form = schema.ByTitle
	}
	return m
}

// determined finds the determiner of a title that begins at token start: "the", "her", a name's "'s". The whole then
// begins there.
func (s *search) determined(start, lo int, role Role) (int, bool) {
	k := start - 1
	if k < lo {
		return start, false
	}
	switch s.low(k) {
	case "the", "a", "an", "his", "her", "their", "its", "our", "my":
		return k, true
	case "'s", "’s", "'", "’":
		if k > lo {
			if o := s.owner[k-1]; o != 0 {
				return s.first[o-1], true
			}
			// "the city's mayor"
			for j := k - 1; j >= lo && k-j <= 4; j-- {
				if s.low(j) == "the" {
					return j, true
				}
			}
		}
	}
	return start, false
}

// pronouns finds the personal pronouns, in a sentence of capitals too, but for "US" and "IT".
func (s *search) pronouns() {
	shouted := make([]bool, len(s.doc.Sentences))
	for i, sentence := range s.doc.Sentences {
		shouted[i] = s.shouted(sentence)
	}
	for i, t := range s.doc.Tokens {
		if t.Class != text.Word || t.Len() > 10 || s.owner[i] != 0 {
			continue
		}
		word := s.doc.TokenText(i)
		if shouted[t.Sentence] && word != "US" && word != "IT" && word != "I" {
			word = strings.ToLower(word)
		}
		p, ok := pronounOf(word)
		if !ok {
			continue
		}
		s.out = append(s.out, Mention{
			Span: t.Span, Form: schema.ByPronoun, Kind: schema.Person, Sentence: t.Sentence, Gender: p.gender, Plural: p.plural,
			Grammar: p.grammar, Possessive: p.possessive, Confidence: 1,
		})
	}
}

// shouted reports whether a sentence is words in capitals, at least three of them.
func (s *search) shouted(sentence text.Sentence) bool {
	words := 0
	for k := sentence.First; k < sentence.Last; k++ {
		if s.doc.Tokens[k].Class != text.Word {
			continue
		}
		if word := s.doc.TokenText(k); strings.ToUpper(word) != word {
			return false
		}
		words++
	}
	return words > 2
}

// quotations tells each mention which quotation it lies in.
func (s *search) quotations() {
	type part struct {
		text.Span
		of int
	}
	var parts []part
	for i, q := range s.doc.Quotations {
		if q.Depth > 0 {
			continue
		}
		for _, p := range q.Parts {
			parts = append(parts, part{p, i})
		}
	}
	sort.Slice(parts, func(i, j int) bool { return parts[i].Start < parts[j].Start })
	k := 0
	for i := range s.out {
		m := &s.out[i]
		for k < len(parts) && parts[k].End <= m.Start {
			k++
		}
		m.Quotation = -1
		if k < len(parts) && parts[k].Start <= m.Start {
			m.Quotation = parts[k].of
		}
	}
}
