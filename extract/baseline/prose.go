package baseline

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/jdkato/prose/v2"

	"github.com/quotewire/quotewire/extract/text"
)

// A tagger is github.com/jdkato/prose/v2 behind a guard: a tag of the Penn Treebank and a label of its name recogniser
// for each of our tokens. It never panics, and takes time linear in the text. Its one model is read-only, so a tagger is
// safe for concurrent use.
//
// prose splits what it is given into tokens of its own, and that is where most of its defects lie: it loses the rest of
// a word after an apostrophe ("don't," → "do"; "'She" vanishes), panics where lower-casing changes a word's length, takes
// quadratic time for runs of marks, and lets equal words of a document share one token, so that the last one's tag
// overwrites the others'. The guard turns the first defect against the rest: every token is handed over with the tail
// "'ll" and a number. prose cuts a word before "'ll" without looking at it further, then loses the tail. So it sees our
// tokens exactly, each once.
type tagger struct {
	model *prose.Model
}

// Limits of what one call of prose is given. A sentence beyond maxTokens is tagged piece by piece; a token beyond
// maxTokenBytes is handed over as a stand-in of the same shape, since nothing is to be learned from it.
const (
	maxTokens     = 400
	maxTokenBytes = 64
)

// newTagger decodes prose's weights, about 350 ms and 40 MB, once for all.
func newTagger() (t *tagger, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("loading prose's model: %v", r)
		}
	}()
	return &tagger{model: prose.ModelFromData("shared")}, nil
}

// A mark is what prose says about one token.
type mark struct {
	tag   string // Penn Treebank: "NNP", "VBD", "``"; "" where prose gave none
	label string // "B-PERSON", "I-GPE", …, "O"; "" likewise
}

// tag marks every token of d. What prose fails on keeps the empty mark.
func (t *tagger) tag(d *text.Doc) []mark {
	marks := make([]mark, len(d.Tokens))
	for _, s := range d.Sentences {
		for first := s.First; first < s.Last; first += maxTokens {
			last := min(first+maxTokens, s.Last)
			t.tagRun(d, first, last, marks[first:last])
		}
	}
	return marks
}

func (t *tagger) tagRun(d *text.Doc, first, last int, marks []mark) {
	defer func() {
		if recover() != nil { // prose's own; a run without marks reads worse, and does no harm
			clear(marks)
		}
	}()
	var b strings.Builder
	for i := first; i < last; i++ {
		if i > first {
			b.WriteByte(' ')
		}
		b.WriteString(armour(standIn(d, i), i-first))
	}
	doc, err := prose.NewDocument(b.String(), prose.UsingModel(t.model), prose.WithSegmentation(false))
	if err != nil {
		return
	}
	tokens := doc.Tokens()
	if len(tokens) != len(marks) {
		return
	}
	for i, tok := range tokens {
		marks[i] = mark{tag: tok.Tag, label: tok.Label}
		if isQuote(d.Tokens[first+i].Class) { // never part of a name, whatever prose thinks
			marks[i].label = "O"
		}
	}
}

// armour gives a token the tail that makes prose take it whole. "'ll" itself would be cut in its middle; alone it is
// left whole, and it does no harm that all of them share one tag.
func armour(word string, n int) string {
	if strings.Contains(strings.ToLower(word), "'ll") {
		if len(word) == len("'ll") {
			return word
		}
		word = strings.ReplaceAll(strings.ToLower(word), "'ll", "-ll")
	}
	return word + "'ll" + strconv.Itoa(n)
}

// standIn is what prose is given for token i: the token as the Penn Treebank writes it, in bytes that prose can lower-case.
func standIn(d *text.Doc, i int) string {
	tok := d.Tokens[i]
	switch tok.Class {
	case text.OpenQuote:
		return "``"
	case text.CloseQuote, text.StrayQuote:
		return "''"
	}
	s := d.Text[tok.Start:tok.End]
	switch s {
	case "—", "–", "―", "--", "---", "*", "**":
		return "--"
	case "…":
		return "..."
	case "[", "{":
		return "("
	case "]", "}":
		return ")"
	}
	if len(s) > maxTokenBytes {
		if r, _ := utf8.DecodeRuneInString(s); unicode.IsUpper(r) {
			return "Xxx"
		}
		return "xxx"
	}
	plain := true
	for j := 0; j < len(s); j++ {
		if s[j] <= ' ' || s[j] >= 0x7f {
			plain = false
			break
		}
	}
	if plain {
		if len(s) > 1 && strings.IndexByte(`$("[`, s[0]) >= 0 { // prose would part it
			return s[1:]
		}
		return s
	}
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '’' || r == '‘' || r == 'ʼ':
			b.WriteByte('\'')
		case r == unicode.ReplacementChar || unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte('?')
		case len(string(unicode.ToLower(r))) != len(string(r)): // "Ⱥ", "İ": prose would slice at the wrong place
			b.WriteByte('X')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isQuote(c text.Class) bool {
	return c == text.OpenQuote || c == text.CloseQuote || c == text.StrayQuote
}
