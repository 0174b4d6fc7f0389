package text

import "strings"

// Limits of RFC 5321 and RFC 1035, in bytes. They keep each look ahead and behind short.
const (
	maxLocal = 64
	maxHost  = 253
)

// hostRune reports whether c may stand in a host name.
func hostRune(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '.'
}

// hostEnd returns the end of the run of host name characters at i, without final full stops and hyphens.
func (t *tokenizer) hostEnd(i int) int {
	j := i
	for j < t.end && j-i <= maxHost && hostRune(t.s[j]) {
		j++
	}
	for j > i && (t.s[j-1] == '.' || t.s[j-1] == '-') {
		j--
	}
	return j
}

// host returns the end of the address without scheme that begins with s[start:next], the first label and its full stop
// ("example.org", "www.example.org/path"), or 0. Only top-level domains customary in news tell it from a missing space.
func (t *tokenizer) host(start, next int) int {
	if next <= t.noHost {
		return 0
	}
	end := t.hostEnd(next)
	t.noHost = end
	if strings.EqualFold(t.s[start:next], "www.") || isTopLevel(t.s[strings.LastIndexByte(t.s[:end], '.')+1:end]) {
		if end < t.end && (t.s[end] == '/' || t.s[end] == '?') {
			return t.url(end)
		}
		return end
	}
	return 0
}

// url returns the end of the address whose host begins, or lies, before i: at white space, quotation marks or angle
// brackets, and without the punctuation that belongs to the sentence.
func (t *tokenizer) url(i int) int {
	start, open := i, 0
	for i < t.end {
		r, size, k := at(t.s, i)
		if k == space || k == quote && r != '\'' || r == '<' || r == '>' || r == '…' {
			break
		}
		switch r {
		case '(':
			open++
		case ')':
			open--
		}
		i += size
	}
	for i > start {
		switch c := t.s[i-1]; {
		case c == ')' && open < 0:
			open++
		case strings.IndexByte(`.,;:!?'*_]}|`, c) >= 0:
		default:
			return i
		}
		i--
	}
	return i
}

// mail adds the e-mail address whose local part ends with the word s[start:next-1] and whose host begins at next. The
// local part may have been cut into tokens already; they become one. It returns 0 where there is no address.
func (t *tokenizer) mail(start, next int) int {
	end := t.hostEnd(next)
	dot := strings.LastIndexByte(t.s[next:end], '.')
	if dot < 1 || !isLetters(t.s[next+dot+1:end]) {
		return 0
	}
	n := len(t.tokens)
	for n > t.first && t.tokens[n-1].End == start && next-1-t.tokens[n-1].Start <= maxLocal && isLocal(t.s[t.tokens[n-1].Start:start]) {
		start = t.tokens[n-1].Start
		n--
	}
	t.tokens = t.tokens[:n]
	return t.add(start, end, Word)
}

func isLocal(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !hostRune(c) && c != '_' && c != '%' && c != '+' {
			return false
		}
	}
	return true
}

func isLetters(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i] | 0x20; c < 'a' || c > 'z' {
			return false
		}
	}
	return len(s) >= 2
}
