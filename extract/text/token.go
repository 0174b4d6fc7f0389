package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// tokenize appends the tokens of the line s[start:end]. They are made for sequence labelling: a name must never share
// a token with what does not belong to it, so compounds are cut at hyphens and slashes ("Paris-based" is three tokens)
// and clitics are cut off ("Anna's" is two); what people read as one word stays one ("O'Brien", "U.S.", "1,200.5").
//
// Quotation marks come out as [StrayQuote]; [pairQuotations] tells what they are.
func tokenize(s string, start, end int, tokens []Token) []Token {
	t := tokenizer{s: s, end: end, tokens: tokens, first: len(tokens)}
	for i := start; i < end; {
		r, size, k := at(s, i)
		switch k {
		case space:
			i += size
		case letter, digit:
			i = t.word(i)
		case quote:
			i = t.quote(i, r, size)
		case punct:
			i = t.punct(i, r, size)
		default:
			i = t.symbol(i, r, size)
		}
	}
	return t.tokens
}

type tokenizer struct {
	s      string
	end    int // of the line
	tokens []Token
	first  int // token of the line
	noHost int // no host name ends before this offset
}

func (t *tokenizer) add(start, end int, c Class) int {
	t.tokens = append(t.tokens, Token{Span: Span{start, end}, Class: c})
	return end
}

// run returns the end of the run of letters, marks and digits that begins at i, and what it holds. An underscore
// between two of them is part of it.
func (t *tokenizer) run(i int) (end int, letters, digits bool) {
	s := t.s
	for i < t.end {
		if c := s[i]; c < utf8.RuneSelf {
			switch k := asciiKind[c]; {
			case k == letter:
				letters = true
			case k == digit:
				digits = true
			case c == '_' && (letters || digits) && i+1 < t.end && t.wordAt(i+1):
			default:
				return i, letters, digits
			}
			i++
			continue
		}
		r, size, k := at(s, i)
		switch {
		case k == digit:
			digits = true
		case k != letter:
			return i, letters, digits
		case ideograph(r):
			if letters || digits {
				return i, letters, digits
			}
			return i + size, true, false
		default:
			letters = true
		}
		i += size
	}
	return i, letters, digits
}

func (t *tokenizer) wordAt(i int) bool {
	_, k := after(t.s, i, t.end)
	return k == letter || k == digit
}

// word cuts the word that begins at start, with its clitic if it has one, and returns where it ends.
func (t *tokenizer) word(start int) int {
	s := t.s
	i, letters, digits := t.run(start)
	for i < t.end {
		r, size, _ := at(s, i)
		next := i + size
		switch {
		case r == '.':
			if end, ok := t.dotted(start, i, letters, digits); ok {
				if !digits || s[end-1] == '.' { // an abbreviation or a host name
					return t.add(start, end, Word)
				}
				var l bool
				i, l, _ = t.run(next)
				letters = letters || l
				continue
			}
		case isApostrophe(r) && next < t.end && letters:
			end, ok := t.apostrophe(start, i, next)
			if end > 0 && ok {
				return end
			}
			if end > 0 {
				i = end
				continue
			}
		case (r == ',' || r == ':') && digits && !letters && t.groups(next, r):
			var l bool
			i, l, _ = t.run(next)
			letters = letters || l
			continue
		case r == '&' && letters && !digits && t.upper(start, i) && next < t.end:
			if end, _, _ := t.run(next); end > next && end-next <= 3 && t.upper(next, end) {
				i = end
				continue
			}
		case r == '@':
			if end := t.mail(start, next); end > 0 {
				return end
			}
		case r == ':' && letters && strings.HasPrefix(s[next:t.end], "//") && next+2 < t.end && t.wordAt(next+2):
			return t.add(start, t.url(next+2), Word)
		}
		break
	}
	switch {
	case digits && !letters:
		return t.add(start, i, Number)
	default:
		return t.add(start, i, Word)
	}
}

// dotted decides whether the full stop at dot belongs to the word s[start:dot], and returns where the word ends with it
// and with what follows that is part of it.
func (t *tokenizer) dotted(start, dot int, letters, digits bool) (end int, ok bool) {
	s, next := t.s, dot+1
	r, k := after(s, next, t.end)
	switch {
	case digits:
		// "3.5", "1.2.3", "3.5bn"
		if k == digit {
			e, _, _ := t.run(next)
			return e, true
		}
		if c := s[dot-1]; (c == 'a' || c == 'p') && strings.HasPrefix(s[next:t.end], "m.") { // "10a.m."
			return next + 2, true
		}
		return 0, false
	case k == letter || k == digit:
		if end := t.initials(start, dot); end > next {
			return end, true
		}
		if end := t.host(start, next); end > 0 {
			return end, true
		}
		if a := abbreviationOf(s[start:dot]); a != 0 && (a != beforeNumber || k == digit) {
			if end := t.initials(next, next+utf8.RuneLen(r)); end > 0 && (s[start:dot] == "Ph" || s[start:dot] == "Ed") { // "Ph.D."
				return end, true
			}
			return next, true
		}
		if end := t.initials(start, dot); end > 0 {
			return end, true
		}
		return 0, false
	case r == '.': // an ellipsis begins
		return 0, false
	}
	if first, size := utf8.DecodeRuneInString(s[start:]); start+size == dot && unicode.IsUpper(first) {
		// An initial, unless nothing follows it ("vitamin C.") or it is the pronoun.
		return next, t.more(next) && (first != 'I' || t.afterInitial())
	}
	switch abbreviationOf(s[start:dot]) {
	case 0:
		return 0, false
	case beforeNumber:
		i := next
		for i < t.end && (s[i] == ' ' || s[i] == '#' || s[i] == '(') {
			i++
		}
		_, k := after(s, i, t.end)
		return next, k == digit || r == ','
	case beforeAny:
		return next, t.more(next) // at the end of a line the full stop is the sentence's
	}
	return next, true
}

// more reports whether a letter or digit follows in the line.
func (t *tokenizer) more(i int) bool {
	for i < t.end {
		_, size, k := at(t.s, i)
		if k == letter || k == digit {
			return true
		}
		i += size
	}
	return false
}

func (t *tokenizer) afterInitial() bool {
	if len(t.tokens) == t.first {
		return false
	}
	w := t.s[t.tokens[len(t.tokens)-1].Start:t.tokens[len(t.tokens)-1].End]
	return len(w) == 2 && w[1] == '.'
}

// initials returns the end of a chain of single letters with full stops ("U.S.", "a.m.", "U.S") of which the first is
// s[start:dot]; dot+1 where one capital is followed by a longer word ("J.Smith"); 0 where there is none.
func (t *tokenizer) initials(start, dot int) int {
	s := t.s
	single := func(i int) int { // end of a letter that stands alone at i, or 0
		if i >= t.end {
			return 0
		}
		if _, size, k := at(s, i); k == letter && !t.wordAt(i+size) {
			return i + size
		}
		return 0
	}
	if dot >= t.end || s[dot] != '.' || single(start) != dot {
		return 0
	}
	end, n := dot+1, 1
	for {
		e := single(end)
		if e == 0 {
			break
		}
		n++
		if e < t.end && s[e] == '.' && !strings.HasPrefix(s[e:t.end], "..") {
			end = e + 1
			continue
		}
		if e < t.end && (s[e] == '.') {
			return e
		}
		end = e
		break
	}
	first, _ := utf8.DecodeRuneInString(s[start:])
	if n == 1 && !unicode.IsUpper(first) {
		return 0
	}
	return end
}

// groups reports whether s[i:] goes on with a number after a comma ("1,200") or colon ("10:30").
func (t *tokenizer) groups(i int, r rune) bool {
	want := 3
	if r == ':' {
		want = 2
	}
	n := 0
	for i+n < t.end && n <= want && '0' <= t.s[i+n] && t.s[i+n] <= '9' {
		n++
	}
	return n == want
}

// upper reports whether s[i:j] is made of at most three capitals.
func (t *tokenizer) upper(i, j int) bool {
	if j-i > 3 {
		return false
	}
	for ; i < j; i++ {
		if t.s[i] < 'A' || t.s[i] > 'Z' {
			return false
		}
	}
	return true
}

// apostrophe decides about an apostrophe s[i:next] inside a word. It returns 0 where the word ends before it; where it is
// part of the word, the end of the part that follows; and, with done, where it cut off a clitic and added both tokens.
func (t *tokenizer) apostrophe(start, i, next int) (end int, done bool) {
	s := t.s
	if _, k := after(s, next, t.end); k != letter {
		return 0, false
	}
	end, _, _ = t.run(next)
	switch tail := s[next:end]; {
	case len(tail) == 1 && tail[0]|0x20 == 't' && i > start && s[i-1]|0x20 == 'n':
		if i-1 > start {
			t.add(start, i-1, Word)
		}
		return t.add(i-1, end, Clitic), true
	case isClitic(tail):
		t.add(start, i, Word)
		return t.add(i, end, Clitic), true
	}
	return end, false
}

func isClitic(tail string) bool {
	switch len(tail) {
	case 1:
		switch tail[0] | 0x20 {
		case 's', 'd', 'm':
			return true
		}
	case 2:
		switch tail {
		case "re", "ve", "ll", "RE", "VE", "LL":
			return true
		}
	}
	return false
}

// quote cuts a quotation mark, or a word or clitic that an apostrophe begins.
func (t *tokenizer) quote(i int, r rune, size int) int {
	s, next := t.s, i+size
	switch r {
	case '\'', '`', '’', '‘': // doubled, or tripled: at the end of a word the single one comes first
		if !strings.HasPrefix(s[next:t.end], s[i:next]) {
			break
		}
		if _, k := before(s, i); k != space && strings.HasPrefix(s[next+size:t.end], s[i:next]) && !strings.HasPrefix(s[next+2*size:t.end], s[i:next]) {
			return t.add(i, next, StrayQuote)
		}
		return t.add(i, next+size, StrayQuote)
	}
	if !isApostrophe(r) || r == '`' || r == '´' || !t.wordAt(next) {
		return t.add(i, next, StrayQuote)
	}
	end, letters, digits := t.run(next)
	tail := s[next:end]
	prev, k := before(s, i)
	follows, _ := after(s, end, t.end)
	switch {
	case isClitic(tail) && !isApostrophe(follows) && (k == space && (r == '\'' || r == '’') || k == letter || k == digit || strings.ContainsRune(".)]%”\"", prev)):
		return t.add(i, end, Clitic) // "U.S.'s", "1990's", and cut off already: "Anna 's"
	case k == letter || k == digit:
	case digits && (len(tail) == 2 && !letters || len(tail) == 3 && tail[2] == 's'): // '90s
		return t.add(i, end, Word)
	case tail == "n" && isApostrophe(follows): // rock 'n' roll
		return t.add(i, end+utf8.RuneLen(follows), Word)
	case isElided(tail):
		return t.add(i, end, Word)
	}
	return t.add(i, next, StrayQuote)
}

// punct cuts a punctuation mark, or several that are one: "...", "--".
func (t *tokenizer) punct(i int, r rune, size int) int {
	next := i + size
	if r == '.' || r == '-' {
		for next < t.end && t.s[next] == byte(r) {
			next++
		}
	}
	return t.add(i, next, Punct)
}

// symbol cuts a symbol, an @handle or #tag, or an emoji of several code points.
func (t *tokenizer) symbol(i int, r rune, size int) int {
	s, next := t.s, i+size
	switch {
	case (r == '@' || r == '#') && next < t.end:
		if _, k := before(s, i); k == letter || k == digit {
			break
		}
		end, letters, _ := t.run(next)
		if letters && (r == '#' || s[next] < utf8.RuneSelf) {
			return t.add(i, end, Word)
		}
	case r < utf8.RuneSelf:
	case 0x1F1E6 <= r && r <= 0x1F1FF: // flags: two regional indicators
		if c, _ := after(s, next, t.end); 0x1F1E6 <= c && c <= 0x1F1FF {
			next += 4
		}
	case unicode.IsSymbol(r):
		next = t.emoji(next)
	}
	return t.add(i, next, Symbol)
}

// emoji returns the end of the emoji whose first code point ends at i: with its variation selectors, skin tones, tags,
// and whatever is joined to it by zero-width joiners (UTS 51).
func (t *tokenizer) emoji(i int) int {
	for i < t.end {
		r, size := utf8.DecodeRuneInString(t.s[i:t.end])
		switch {
		case r == 0x200D: // joiner
			i += size
			if c, k := after(t.s, i, t.end); k == symbol && c != utf8.RuneError && c >= utf8.RuneSelf {
				i += utf8.RuneLen(c)
			}
		case unicode.IsMark(r), 0x1F3FB <= r && r <= 0x1F3FF, 0xE0020 <= r && r <= 0xE007F:
			i += size
		default:
			return i
		}
	}
	return i
}
