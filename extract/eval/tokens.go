package eval

import (
	"encoding/binary"
	"slices"
	"sort"
	"strings"
	"unicode"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
)

// tokens are the units that spans are compared in: \w+(?:[’'\-.]\w+)*|[^\w\s] in the sense of Python's re, in which \w
// is any letter or number or "_". (Go's tables are of a newer Unicode than the scorers' Python; only characters
// assigned since then could be read differently.)
type tokens []Span

func tokenize(text []rune) tokens {
	var out tokens
	for i := 0; i < len(text); {
		start := i
		switch {
		case isWord(text[i]):
			for i = wordEnd(text, i); i+1 < len(text) && strings.ContainsRune("’'-.", text[i]) && isWord(text[i+1]); {
				i = wordEnd(text, i+1)
			}
			out = append(out, Span{start, i})
		case isSpace(text[i]):
			i++
		default:
			i++
			out = append(out, Span{start, i})
		}
	}
	return out
}

func wordEnd(text []rune, i int) int {
	for i < len(text) && isWord(text[i]) {
		i++
	}
	return i
}

// isAlnum is Python's str.isalnum of one character.
func isAlnum(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) }

// isWord is \w of Python's re.
func isWord(r rune) bool { return r == '_' || isAlnum(r) }

// isSpace is \s of Python's re, which counts the separators U+001C to U+001F.
func isSpace(r rune) bool { return unicode.IsSpace(r) || 0x1c <= r && r <= 0x1f }

// run is a stretch of tokens, [first, last).
type run struct{ first, last int }

// run is the tokens that s touches.
func (t tokens) run(s Span) run {
	first := sort.Search(len(t), func(i int) bool { return t[i][1] > s[0] })
	last := first
	for last < len(t) && t[last][0] < s[1] {
		last++
	}
	return run{first, last}
}

// runs is each span's tokens, without the spans that touch none.
func (t tokens) runs(spans []Span) []run {
	var out []run
	for _, s := range spans {
		if r := t.run(s); r.first < r.last {
			out = append(out, r)
		}
	}
	return out
}

// tokenSet is a set of tokens as runs: in order, disjoint, not even adjacent, so that equal sets have equal runs.
type tokenSet []run

func (t tokens) set(spans []Span) tokenSet { return union(t.runs(spans)) }

func union(runs []run) tokenSet {
	slices.SortFunc(runs, func(a, b run) int { return a.first - b.first })
	var out tokenSet
	for _, r := range runs {
		if n := len(out); n > 0 && r.first <= out[n-1].last {
			out[n-1].last = max(out[n-1].last, r.last)
		} else {
			out = append(out, r)
		}
	}
	return out
}

func (s tokenSet) size() int {
	n := 0
	for _, r := range s {
		n += r.last - r.first
	}
	return n
}

// key is the set as something that can be a map's key.
func (s tokenSet) key() string {
	b := make([]byte, 0, 8*len(s))
	for _, r := range s {
		b = binary.AppendUvarint(binary.AppendUvarint(b, uint64(r.first)), uint64(r.last))
	}
	return string(b)
}

// common is the size of the intersection.
func common(a, b tokenSet) int {
	n := 0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		n += max(0, min(a[i].last, b[j].last)-max(a[i].first, b[j].first))
		if a[i].last < b[j].last {
			i++
		} else {
			j++
		}
	}
	return n
}

// iou is intersection over union; 0 if either is empty.
func iou(a, b tokenSet) float64 {
	n := common(a, b)
	if n == 0 {
		return 0
	}
	return float64(n) / float64(a.size()+b.size()-n)
}

// agree says whether two sets overlap or are both empty.
func agree(a, b tokenSet) bool { return common(a, b) > 0 || len(a) == 0 && len(b) == 0 }

// coverage is the share of a that lies in b. Content that touches no token has none.
func coverage(a, b tokenSet) float64 { return ratio(float64(common(a, b)), a.size()) }

// plainName is a name without case and punctuation: what names are compared by.
func plainName(name string) string {
	name = cases.Lower(language.Und).String(name)
	name = strings.Map(func(r rune) rune {
		switch {
		case r == '_' || r == '-' || r == ' ':
			return ' '
		case isWord(r):
			return r
		}
		return -1
	}, name)
	return strings.Join(strings.Fields(name), " ")
}
