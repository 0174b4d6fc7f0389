package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A pairing pairs the marks of a text, paragraph by paragraph, in one pass with a stack: each mark is pushed and popped
// at most once.
type pairing struct {
	d     *Doc
	all   []int32 // tokens of the text that may be marks
	seen  int     // of all, those up to the end of the paragraph
	marks []site  // of the paragraph
	bare  bool    // the quotation that is open goes on without a mark at the head of the next paragraph
	open  []opened
	count [marks]int // of open, by mark
	later [marks]int // of the paragraph's marks yet to come, by mark
	found []candidate
	parts []part // of found, by first token
}

type opened struct {
	candidate int32
	part      int32 // the one of this paragraph
	mark      mark
	again     bool // a quotation of the same family began inside
}

type candidate struct {
	close int32 // token
	parts int32
	index int32 // into Doc.Quotations
	state uint8 // of closing
}

const (
	unclosed uint8 = iota
	closed
	stray
)

// A part is what lies in one paragraph. It begins with a mark unless it is bare.
type part struct {
	candidate, open, last int32 // the latter are tokens, both within
	bare                  bool
}

// pairQuotations finds the quotations of d and classes its quotation marks, the tokens that are StrayQuote until now.
func pairQuotations(d *Doc) []Quotation {
	p := pairing{d: d}
	n := 0
	for t := range d.Tokens {
		d.Tokens[t].Quotation = -1
		if d.Tokens[t].Class == StrayQuote {
			n++
		}
	}
	if n == 0 {
		return nil
	}
	p.all, p.found, p.parts = make([]int32, 0, n), make([]candidate, 0, n/2+1), make([]part, 0, n/2+1)
	for t := range d.Tokens {
		if d.Tokens[t].Class == StrayQuote {
			p.all = append(p.all, int32(t))
		}
	}
	for i := range d.Paragraphs {
		p.survey(i)
		m := p.resume(i)
		for ; m < len(p.marks); m++ {
			p.decide(i, m)
		}
		p.suspend(i)
	}
	return p.quotations()
}

// resume goes on with the quotations that the paragraph before left open and that [pairing.suspend] kept, and returns
// how many marks at the head of paragraph i repeat theirs.
func (p *pairing) resume(i int) int {
	for m := range p.open {
		o := &p.open[m]
		o.part = int32(len(p.parts))
		p.found[o.candidate].parts++
		if p.bare {
			p.parts = append(p.parts, part{candidate: o.candidate, open: int32(p.d.Paragraphs[i].First), bare: true})
			return 0
		}
		p.parts = append(p.parts, part{candidate: o.candidate, open: int32(p.marks[m].token)})
		p.later[p.marks[m].mark]--
	}
	return len(p.open)
}

// suspend ends the quotations that paragraph i leaves open with it, except those that the next one resumes.
func (p *pairing) suspend(i int) {
	keep := 0
	for keep < len(p.open) && p.repeated(i+1, keep) {
		keep++
	}
	p.bare = keep == 0 && len(p.open) > 0 && !p.open[0].again && p.runsOn(i, p.open[0].mark)
	if p.bare {
		keep = 1
	}
	for m, o := range p.open {
		p.parts[o.part].last = int32(p.d.Paragraphs[i].Last - 1)
		if m < keep {
			continue
		}
		// A mark that nothing closes, with another of its family after it, is a slip rather than a quotation.
		if o.again && p.found[o.candidate].parts == 1 {
			p.found[o.candidate].state = stray
		}
		p.count[o.mark]--
	}
	p.open = p.open[:keep]
	for m := range p.open {
		p.open[m].again = false
	}
}

// repeated reports whether paragraph i repeats at its head the mark of the open quotation m.
func (p *pairing) repeated(i, m int) bool {
	if i >= len(p.d.Paragraphs) {
		return false
	}
	para := p.d.Paragraphs[i]
	t := para.First + m
	if t+1 >= para.Last || p.d.Tokens[t].Class != StrayQuote || m > 0 && p.d.Tokens[t-1].End < p.d.Tokens[t].Start {
		return false
	}
	was, is := p.open[m].mark, markOf(p.d.TokenText(t))
	return is == was || was == laquo && is == raquo || was == left && is == right
}

// runsOn reports whether the first mark of any kind but single after paragraph i, within a few paragraphs, can only close
// what the mark began.
func (p *pairing) runsOn(i int, m mark) bool {
	if m.single() {
		return false
	}
	for looked := 0; p.seen+looked < len(p.all) && looked < 10; looked++ {
		t := int(p.all[p.seen+looked])
		tok := p.d.Tokens[t]
		is := markOf(p.d.Slice(tok.Span))
		if is.single() {
			continue
		}
		if last := min(i+8, len(p.d.Paragraphs)-1); t >= p.d.Paragraphs[last].Last {
			return false
		}
		switch m {
		case left, low, right:
			return is == right
		case laquo:
			return is == raquo
		case cornerOpen:
			return is == cornerClose
		case straight, backticks, apostrophes:
			_, pk := before(p.d.Text, tok.Start)
			_, nk := after(p.d.Text, tok.End, len(p.d.Text))
			return (is == m || m == backticks && is == apostrophes) && (pk == letter || pk == punct) && (nk == space || nk == punct)
		}
		return false
	}
	return false
}

// decide tells what mark m of paragraph i is.
func (p *pairing) decide(i, m int) {
	s := &p.marks[m]
	p.later[s.mark]--
	switch s.mark {
	case straight:
		p.straight(s)
	case left:
		switch {
		case s.closes && !s.opens && p.count[low] > 0:
			p.close(s, low)
		case s.closes && !s.opens && p.top() == left:
			p.close(s, left)
		case s.gapR && s.token+1 == p.d.Paragraphs[i].Last:
			p.close(s, left)
		case s.closes && !s.opens: // stray
		default:
			p.push(s)
		}
	case right:
		switch {
		case p.inches(s): // stray
		case p.count[left]+p.count[right]+p.count[low] > 0:
			p.close(s, left, right, low)
		case p.top() == straight && s.closes:
			p.close(s, straight)
		case s.opens && !s.closes && p.later[right] > 0:
			p.push(s)
		}
	case low, backticks, cornerOpen, singleLow:
		p.push(s)
	case cornerClose:
		p.close(s, cornerOpen)
	case apostrophes:
		switch {
		case p.count[backticks]+p.count[apostrophes] > 0 && !(s.opens && !s.closes):
			p.close(s, backticks, apostrophes)
		case s.opens && p.later[apostrophes] > 0:
			p.push(s)
		case s.closes && (p.top() == straight || p.top() == left):
			p.close(s, straight, left)
		}
	case laquo:
		p.guillemet(s, raquo, laquo)
	case lsaquo:
		p.guillemet(s, rsaquo, lsaquo)
	case raquo:
		p.guillemet(s, laquo, raquo)
	case rsaquo:
		p.guillemet(s, lsaquo, rsaquo)
	default:
		p.single(i, s)
	}
}

func (p *pairing) straight(s *site) {
	inside := p.count[straight] > 0
	switch {
	case p.inches(s): // stray
	case s.opens && !s.closes:
		p.push(s)
	case s.closes && !s.opens:
		if inside || p.top() == left || p.top() == low || p.top() == backticks {
			if inside {
				p.close(s, straight)
			} else {
				p.close(s, left, low, backticks)
			}
		}
	case inside:
		p.close(s, straight)
	case s.gapL && s.gapR, !unicode.IsLetter(s.prev) && !unicode.IsDigit(s.prev), p.later[straight]%2 == 1 && !unicode.IsDigit(s.prev):
		p.push(s)
	}
}

// inches reports whether the mark stands in a height: 6'2".
func (p *pairing) inches(s *site) bool {
	if s.token < 3 || !unicode.IsDigit(s.prev) {
		return false
	}
	t := p.d.Tokens[s.token-3 : s.token]
	feet, _ := utf8.DecodeRuneInString(p.d.Slice(t[1].Span))
	return t[0].Class == Number && isApostrophe(feet) && t[2].Class == Number && t[0].End == t[1].Start && t[1].End == t[2].Start
}

// guillemet pairs marks that open in one language and close in another.
func (p *pairing) guillemet(s *site, other, self mark) {
	pointsIn := self == laquo || self == lsaquo // « opens unless »…« is the custom
	switch {
	case p.count[other] > 0 && (!pointsIn || s.closes || !s.opens):
		p.close(s, other)
	case pointsIn && (s.opens || !s.closes):
		p.push(s)
	case !pointsIn && s.opens && !s.closes && p.later[other] > 0:
		p.push(s)
	case p.count[self] > 0 && s.closes: // Finnish »…»
		p.close(s, self)
	case !pointsIn && s.opens && !s.closes && p.later[self] > 0:
		p.push(s)
	}
}

func (p *pairing) single(i int, s *site) {
	if s.mark == singleLeft && s.closes && !s.opens {
		if p.count[singleLow] > 0 || p.top() == singleLeft {
			p.close(s, singleLow, singleLeft)
		}
		return
	}
	isOpen := p.count[apostrophe]+p.count[singleLeft]+p.count[singleRight]+p.count[singleLow]+p.count[backtick] > 0
	switch {
	case s.opens && !s.closes, s.mark == singleLeft, s.mark == backtick && !(isOpen && s.closes):
		head := s.token == p.d.Paragraphs[i].First
		ends := s.canEnd
		if s.mark == backtick {
			ends = ends || p.later[backtick] > 0
		}
		if ends || head && s.mark == singleLeft && len(p.open) == 0 || p.heads(i+1, len(p.open), s.mark) {
			p.push(s)
		}
		return
	case !s.closes || unicode.IsDigit(s.prev) && unicode.IsDigit(s.next): // stray
		return
	case isOpen:
		top := p.top()
		switch {
		case s.possessive && s.surelyEnds: // the dogs' bowl
		case !top.single() && (unicode.IsLetter(s.prev)): // inside another quotation
		default:
			p.close(s, apostrophe, singleLeft, singleRight, singleLow, backtick)
			return
		}
	}
	if (s.mark == apostrophe || s.mark == singleRight) && strings.ContainsRune("sSxXzZ", s.prev) {
		p.d.Tokens[s.token].Class = Clitic
	}
}

// heads reports whether the mark is token n of paragraph i.
func (p *pairing) heads(i, n int, m mark) bool {
	if i >= len(p.d.Paragraphs) {
		return false
	}
	t := p.d.Paragraphs[i].First + n
	return t < p.d.Paragraphs[i].Last && p.d.Tokens[t].Class == StrayQuote && markOf(p.d.TokenText(t)) == m
}

func (p *pairing) top() mark {
	if len(p.open) == 0 {
		return noMark
	}
	return p.open[len(p.open)-1].mark
}

func (p *pairing) push(s *site) {
	if n := len(p.open); n > 0 && p.open[n-1].mark.single() == s.mark.single() {
		p.open[n-1].again = true
	}
	p.open = append(p.open, opened{mark: s.mark, candidate: int32(len(p.found)), part: int32(len(p.parts))})
	p.count[s.mark]++
	p.parts = append(p.parts, part{candidate: int32(len(p.found)), open: int32(s.token)})
	p.found = append(p.found, candidate{parts: 1})
}

// close ends with the mark at s the innermost quotation that one of openers began. Whatever was opened inside it and is
// still open was no quotation.
func (p *pairing) close(s *site, openers ...mark) {
	n := 0
	for _, o := range openers {
		n += p.count[o]
	}
	if n == 0 {
		return
	}
	for {
		last := len(p.open) - 1
		o := p.open[last]
		p.open = p.open[:last]
		p.count[o.mark]--
		p.parts[o.part].last = int32(s.token)
		c := &p.found[o.candidate]
		for _, m := range openers {
			if o.mark == m {
				c.state, c.close = closed, int32(s.token)
				return
			}
		}
		c.state = stray
	}
}

// quotations builds the result and tells each token what it is and in which quotation it lies.
func (p *pairing) quotations() []Quotation {
	tokens := p.d.Tokens
	kept, spans := int32(0), int32(0)
	for i := range p.found {
		if c := &p.found[i]; c.state != stray {
			c.index = kept
			kept++
			spans += c.parts
		}
	}
	if kept == 0 {
		return nil
	}
	quotations := make([]Quotation, kept)
	arena := make([]Span, spans)
	for i := range p.found {
		if c := &p.found[i]; c.state != stray {
			quotations[c.index] = Quotation{Parts: arena[:0:c.parts], Depth: -1, Unclosed: c.state == unclosed}
			arena = arena[c.parts:]
			if c.state == closed {
				tokens[c.close].Class = CloseQuote
			}
		}
	}
	var stack []part
	next := 0
	for t := range tokens {
		for len(stack) > 0 && int(stack[len(stack)-1].last) < t {
			stack = stack[:len(stack)-1]
		}
		for next < len(p.parts) && int(p.parts[next].open) <= t {
			x := p.parts[next]
			next++
			c := p.found[x.candidate]
			if c.state == stray {
				continue
			}
			q := &quotations[c.index]
			q.Parts = append(q.Parts, Span{tokens[x.open].Start, tokens[x.last].End})
			if q.Depth < 0 {
				q.Depth = len(stack)
			}
			if !x.bare {
				tokens[t].Class = OpenQuote
			}
			x.candidate = c.index
			stack = append(stack, x)
		}
		if len(stack) > 0 {
			tokens[t].Quotation = stack[len(stack)-1].candidate
		}
	}
	return quotations
}
