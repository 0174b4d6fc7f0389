package coref

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/schema"
)

// A form is a name as the text writes it, whatever its case, accents, hyphens and full stops, with all its mentions of
// one kind. Forms that turn out to be of one entity are joined: each points to another one of its set, in the end to
// the set's root (Tarjan, JACM 1975).
type form struct {
	words    []string // folded
	kind     schema.Kind
	mentions []int
	parent   *form
	size     int
	initials bool // the first word is one or more initials: "J. D. Vance"
	acronym  bool // one word, all capitals
	gender   mention.Gender
	belief   float64 // that its mentions are of the set's entity; 0 where nothing doubts it
}

func (f *form) root() *form {
	for f.parent != f {
		f.parent = f.parent.parent
		f = f.parent
	}
	return f
}

// join makes one set of two.
func join(a, b *form) {
	a, b = a.root(), b.root()
	if a == b {
		return
	}
	if a.size < b.size {
		a, b = b, a
	}
	b.parent = a
	a.size += b.size
	if a.gender == mention.UnknownGender {
		a.gender = b.gender
	}
}

func (f *form) key() string    { return strings.Join(f.words, " ") }
func (f *form) last() string   { return f.words[len(f.words)-1] }
func (f *form) family() string { return skeleton(f.last()) }

// foldWords cuts a name into comparable words: lower case, without accents, full stops and generational suffixes,
// hyphens taken for spaces. "J. D." and "J.D." are one word, "jd".
func foldWords(name string) (words []string, initials, acronym bool) {
	name = norm.NFKD.String(name)
	var b strings.Builder
	letters, upper := 0, 0
	var lone []bool // per word: it is nothing but initials
	flush := func(stop bool) {
		if b.Len() == 0 {
			return
		}
		w := b.String()
		b.Reset()
		only := upper == letters && letters > 0 && (stop || letters == 1 || letters <= 3 && !strings.ContainsAny(w, "aeiouy"))
		letters, upper = 0, 0
		if n := len(words); n > 0 && only && lone[n-1] && len(words[n-1]) < 4 {
			words[n-1] += w
			return
		}
		words, lone = append(words, w), append(lone, only)
	}
	capitals, count := 0, 0
	stop := false
	for _, r := range name {
		switch {
		case unicode.Is(unicode.Mn, r), r == '.', r == '\'', r == '’', r == 'ʼ', r == '‘', r == '`':
			stop = stop || r == '.'
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			letters++
			count++
			if unicode.IsUpper(r) {
				upper++
				capitals++
			}
			if s, ok := plain[unicode.ToLower(r)]; ok {
				b.WriteString(s)
			} else {
				b.WriteRune(unicode.ToLower(r))
			}
		default:
			flush(stop)
			stop = false
		}
	}
	flush(stop)
	for len(words) > 1 {
		switch words[len(words)-1] {
		case "jr", "sr", "ii", "iii", "iv", "junior":
			words, lone = words[:len(words)-1], lone[:len(lone)-1]
			continue
		}
		break
	}
	if len(words) > 0 {
		initials = lone[0]
	}
	return words, initials, len(words) == 1 && count > 1 && capitals == count
}

// plain spells letters that have no decomposition.
var plain = map[rune]string{'ø': "o", 'ł': "l", 'ß': "ss", 'æ': "ae", 'œ': "oe", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i"}

// skeleton makes the customary transliterations of one family name equal: "Zelensky", "Zelenskyy", "Zelenskiy". Short
// names are left as they are: there "y" and "i" part different names.
func skeleton(word string) string {
	if len(word) < 6 {
		return word
	}
	stem := strings.TrimRight(word, "iyj")
	if len(word)-len(stem) > 0 && len(stem) > 3 {
		word = stem + "y"
	}
	var b strings.Builder
	var before rune
	for _, r := range word {
		if r != before {
			b.WriteRune(r)
		}
		before = r
	}
	return b.String()
}

// particle reports whether a word begins a family name: "van", "bin".
func particle(word string) bool {
	switch word {
	case "van", "von", "de", "der", "den", "del", "della", "di", "da", "dos", "das", "do", "du", "la", "le", "al", "el", "bin", "ibn",
		"ben", "bint", "abu", "st", "ter", "ten", "zu", "af":
		return true
	}
	return false
}

// given is the form of a given name under which its short forms meet.
func given(word string) string {
	if full, ok := short[word]; ok {
		return full
	}
	return word
}

// short is customary English short forms of given names. A short form that serves several names is left out.
var short = map[string]string{
	"abe": "abraham", "al": "albert", "andy": "andrew", "barb": "barbara", "becky": "rebecca", "ben": "benjamin", "bernie": "bernard",
	"bill": "william", "billy": "william", "bob": "robert", "bobby": "robert", "cathy": "catherine", "charlie": "charles",
	"chuck": "charles", "cindy": "cynthia", "dan": "daniel", "danny": "daniel", "dave": "david", "debbie": "deborah", "dick": "richard",
	"don": "donald", "doug": "douglas", "ed": "edward", "eddie": "edward", "fred": "frederick", "greg": "gregory", "jack": "john",
	"jeff": "jeffrey", "jerry": "gerald", "jim": "james", "jimmy": "james", "joe": "joseph", "joey": "joseph", "josh": "joshua",
	"kathy": "katherine", "ken": "kenneth", "larry": "lawrence", "liz": "elizabeth", "mandy": "amanda", "matt": "matthew",
	"mike": "michael", "mitch": "mitchell", "nick": "nicholas", "pam": "pamela", "pete": "peter", "phil": "philip",
	"ray": "raymond", "rick": "richard", "rob": "robert", "ron": "ronald", "russ": "russell", "steve": "stephen", "steven": "stephen",
	"stu": "stuart", "sue": "susan", "ted": "edward", "tim": "timothy", "tom": "thomas", "tommy": "thomas", "tony": "anthony",
	"vince": "vincent", "walt": "walter", "will": "william", "zach": "zachary",
}
