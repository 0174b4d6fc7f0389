package people

import (
	"strings"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/schema"
)

// A name is a name as it is compared.
type name struct {
	written  string   // spaces made one
	words    []string // folded, see [coref.Words]
	initials bool     // the first word is initials
	suffix   string   // "jr", "iii"
	alias    bool     // not the row's main name
}

func newName(written string) name {
	n := name{written: strings.Join(strings.Fields(written), " ")}
	n.words, n.initials = coref.Words(n.written)
	if len(n.words) > 0 {
		n.suffix = generation(n.written[strings.LastIndexByte(n.written, ' ')+1:])
	}
	return n
}

// newNameOf is newName for a kind: an organisation's name is compared without "the".
func newNameOf(kind schema.Kind, written string) name {
	n := newName(written)
	if kind == schema.Organization && len(n.words) > 1 && n.words[0] == "the" {
		n.words = n.words[1:]
	}
	return n
}

// generation reads a suffix that tells father and son apart.
func generation(word string) string {
	switch s := strings.ToLower(strings.Trim(word, ".,")); s {
	case "jr", "sr", "ii", "iii", "iv":
		return s
	case "junior":
		return "jr"
	}
	return ""
}

// family is the last word, loosely.
func (n *name) family() string { return loose(n.words[len(n.words)-1]) }

// filed is the keys under which a name of the list is found.
func (n *name) filed() []uint64 {
	keys := []uint64{n.whole()}
	if len(n.words) == 1 {
		return append(keys, hash("=", loose(n.words[0])))
	}
	keys = append(keys, n.initial(">"))
	if n.initials {
		return append(keys, n.initial("<"))
	}
	return append(keys, n.pair())
}

// asked is the keys of the rows that a name in an article may mean.
func (n *name) asked() []uint64 {
	keys := []uint64{n.whole()}
	switch {
	case len(n.words) == 1:
		return append(keys, hash("=", loose(n.words[0])))
	case n.initials:
		return append(keys, n.initial(">"))
	}
	return append(keys, n.pair(), n.initial("<"))
}

// whole is the key of all words, however they are parted: "Jong Un", "Jong-un", "Jongun".
func (n *name) whole() uint64 { return hash("=", n.words...) }

// pair is the key of the given name and the family name: of middle names, short forms and transliterations.
func (n *name) pair() uint64 { return hash("=", loose(coref.Given(n.words[0])), n.family()) }

// initial is the key of the first initial and the family name: ">" leads from initials to whoever has them, "<" from a
// full name to who is listed by initials.
func (n *name) initial(direction string) uint64 { return hash(direction, n.words[0][:1], n.family()) }

// held is the key of who bears a family name and has a word in a role.
func held(family, word string) uint64 { return hash("@", family, " ", word) }

// hash is FNV-1a of 64 bits (Fowler, Noll, Vo), mixed as MurmurHash3 ends, so that its first bits spread too.
func hash(kind string, parts ...string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(kind); i++ {
		h = (h ^ uint64(kind[i])) * 1099511628211
	}
	for _, p := range parts {
		for i := 0; i < len(p); i++ {
			h = (h ^ uint64(p[i])) * 1099511628211
		}
	}
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	return h ^ h>>33
}

// loose spells a folded word as its transliterations meet: "Zelensky", "Zelenskyy", "Zelenskiy"; "Sergei", "Sergey";
// "Mueller", "Müller"; "Aleksei", "Alexey". Words under four letters stay: there a letter parts names.
func loose(word string) string {
	if len(word) < 4 {
		return word
	}
	var spelled [64]byte
	out := spelled[:0]
	if word[0] == 'y' { // "Yevgeny", "Evgeny"
		word = word[1:]
	}
	for i := 0; i < len(word); i++ {
		c := word[i]
		next := byte(0)
		if i+1 < len(word) {
			next = word[i+1]
		}
		switch {
		case c == 'k' && next == 'h':
			continue
		case c == 'k' && next == 's':
			c, i = 'x', i+1
		case c == 'p' && next == 'h':
			c, i = 'f', i+1
		case c == 't' && next == 'c' && strings.HasPrefix(word[i+2:], "h"):
			continue
		case (c == 'a' || c == 'o' || c == 'u') && next == 'e':
			i++
		case c == 'w':
			c = 'v'
		case c == 'y', c == 'j' && i > 0:
			c = 'i'
		}
		if n := len(out); n > 0 && out[n-1] == c && c < utf8.RuneSelf {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
