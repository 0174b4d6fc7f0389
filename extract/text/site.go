package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A site is a quotation mark with its surroundings.
type site struct {
	token      int
	prev, next rune // the code points beside it
	mark       mark
	gapL, gapR bool // white space or an end of the paragraph beside it
	opens      bool // stands as an opening mark does: before a word
	closes     bool // stands as a closing mark does: after one
	possessive bool // may be the apostrophe of a plural: "the dogs' bowl"
	canEnd     bool // a mark from this one on, in the paragraph, could close a single quotation
	surelyEnds bool // one after this surely closes a single quotation, and none before that opens one
}

// survey lists the marks of paragraph i with their surroundings.
func (p *pairing) survey(i int) {
	d, para := p.d, p.d.Paragraphs[i]
	p.marks, p.later = p.marks[:0], [marks]int{}
	for ; p.seen < len(p.all) && int(p.all[p.seen]) < para.Last; p.seen++ {
		t := int(p.all[p.seen])
		tok := d.Tokens[t]
		s := site{token: t, mark: markOf(d.Text[tok.Start:tok.End])}
		p.later[s.mark]++
		s.gapL = t == para.First || d.Tokens[t-1].End < tok.Start
		s.gapR = t+1 == para.Last || d.Tokens[t+1].Start > tok.End
		var pk, nk kind
		if !s.gapL {
			s.prev, pk = before(d.Text, tok.Start)
		}
		if !s.gapR {
			s.next, nk = after(d.Text, tok.End, len(d.Text))
		}
		prevOpens := s.gapL || pk == symbol || strings.ContainsRune("([{—–-―/*_", s.prev) || pk == quote && len(p.marks) > 0 && p.marks[len(p.marks)-1].opens
		s.opens = prevOpens && !s.gapR && !strings.ContainsRune(",.;:!?)]}%", s.next)
		if !s.gapR && s.next == '.' && d.Tokens[t+1].Len() > 1 { // "...and"
			s.opens = prevOpens
		}
		nextCloses := s.gapR || nk == punct && !strings.ContainsRune("([{", s.next) || nk == quote || nk == symbol || d.Tokens[t+1].Class == Clitic
		s.closes = !s.gapL && nextCloses && !strings.ContainsRune("([{", s.prev)
		if s.closes && s.opens && pk == quote { // `"'` at the head of a word: as the one before
			s.closes = false
		}
		if s.mark == apostrophe || s.mark == singleRight {
			s.possessive = s.closes && strings.ContainsRune("sSxXzZ", s.prev) && t+1 < para.Last && s.gapR && p.lower(t+1)
		}
		p.marks = append(p.marks, s)
	}
	can, surely := false, false
	for m := len(p.marks) - 1; m >= 0; m-- {
		s := &p.marks[m]
		s.surelyEnds = surely
		if closesSingle(s) {
			can, surely = true, surely || !s.possessive
		} else if s.mark.single() && s.opens {
			surely = false
		}
		s.canEnd = can
	}
}

func closesSingle(s *site) bool {
	return (s.mark == apostrophe || s.mark == singleRight) && s.closes && !s.opens && !unicode.IsDigit(s.next)
}

func (p *pairing) lower(t int) bool {
	r, _ := utf8.DecodeRuneInString(p.d.Text[p.d.Tokens[t].Start:])
	return unicode.IsLetter(r) && !unicode.IsUpper(r)
}
