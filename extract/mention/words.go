package mention

import (
	_ "embed"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/lexicon"
)

//go:embed nominals.txt
var nominalsList string

//go:embed offices.txt
var officesList string

// A Finder finds mentions. It is read-only, and so safe for concurrent use.
type Finder struct {
	lists    *lexicon.Shared
	nominals map[string]Gender
	offices  map[string]bool
}

// New returns a Finder that knows the given lists and this room's own. An error names file and line.
func New(lists *lexicon.Shared) (*Finder, error) {
	f := &Finder{lists: lists, nominals: map[string]Gender{}, offices: map[string]bool{}}
	entries, err := lexicon.ParseColumns("nominals.txt", nominalsList, 0, 1)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		g := UnknownGender
		if len(e.Values) == 1 {
			switch e.Values[0] {
			case "m":
				g = Masculine
			case "f":
				g = Feminine
			default:
				return nil, fmt.Errorf("nominals.txt:%d: %q is no gender", e.Line, e.Values[0])
			}
		}
		f.nominals[e.Key] = g
	}
	if entries, err = lexicon.ParseColumns("offices.txt", officesList, 0, 0); err != nil {
		return nil, err
	}
	for _, e := range entries {
		f.offices[e.Key] = true
	}
	return f, nil
}

// A noun is a word for a person.
type noun struct {
	key    string // in the singular, lower case, without "ex-" or a full stop
	title  bool   // may stand before a name
	office bool   // and is more than an occupation: "the mayor" is one person, "the economist" whoever was named
	plural bool
	gender Gender
}

// noun reads a word as a noun for a person.
func (f *Finder) noun(word string) (noun, bool) {
	key := strings.ToLower(word)
	if n, ok := f.singular(key); ok {
		return n, true
	}
	if i := strings.LastIndexByte(key, '-'); i > 0 { // "ex-president", "deputy-governor"; "president-elect"
		if n, ok := f.singular(key[i+1:]); ok {
			return n, true
		}
		if n, ok := f.singular(key[:strings.IndexByte(key, '-')]); ok && key[i:] == "-elect" {
			return n, true
		}
	}
	for _, p := range plurals {
		if stem, ok := strings.CutSuffix(key, p.plural); ok {
			if n, ok := f.singular(stem + p.singular); ok {
				n.plural = true
				return n, true
			}
		}
	}
	return noun{}, false
}

var plurals = []struct{ plural, singular string }{
	{"ies", "y"}, {"sses", "ss"}, {"men", "man"}, {"children", "child"}, {"people", "person"}, {"wives", "wife"}, {"s", ""},
}

func (f *Finder) singular(key string) (noun, bool) {
	if t, ok := f.lists.Title(key); ok && t.Class != lexicon.Honorific {
		return noun{key: office(strings.TrimSuffix(key, ".")), title: true, office: t.Class != lexicon.Occupation, gender: gender(t.Gender)}, true
	}
	if key == "professor" || key == "doctor" { // courtesy before a name, a noun elsewhere
		return noun{key: key, title: true}, true
	}
	for _, suffix := range [...]string{"ologist", "ographer", "ician"} {
		if strings.HasSuffix(key, suffix) {
			return noun{key: key, title: true}, true
		}
	}
	if g, ok := f.nominals[key]; ok {
		return noun{key: key, gender: g}, true
	}
	return noun{}, false
}

// office is the one name of an office that news writes in several ways: short before a name, in full elsewhere, and
// differently for men and women.
func office(key string) string {
	if o, ok := offices[key]; ok {
		return o
	}
	return key
}

var offices = map[string]string{
	"sen": "senator", "gov": "governor", "rep": "representative", "congressman": "representative", "congresswoman": "representative",
	"congressperson": "representative", "gen": "general", "col": "colonel", "capt": "captain", "lt": "lieutenant", "sgt": "sergeant",
	"maj": "major", "adm": "admiral", "pres": "president", "atty": "attorney", "supt": "superintendent", "det": "detective",
	"rev": "reverend", "chairman": "chair", "chairwoman": "chair", "chairperson": "chair", "spokesman": "spokesperson",
	"spokeswoman": "spokesperson", "councilman": "councillor", "councilwoman": "councillor", "councilor": "councillor",
	"assemblyman": "assemblymember", "assemblywoman": "assemblymember", "adviser": "advisor",
	"co-founder": "founder", "cofounder": "founder",
}

// courtesy reads a word as a courtesy title: "Mr.", "Dr".
func (f *Finder) courtesy(word string) (Gender, bool) {
	t, ok := f.lists.Title(word)
	if !ok || t.Class != lexicon.Honorific || !capital(word) {
		return UnknownGender, false
	}
	return gender(t.Gender), true
}

// country reads an adjective or a name as that of a country.
func (f *Finder) country(phrase string) (code string, ok bool) {
	if code, ok = f.lists.Demonym(phrase); ok {
		return code, true
	}
	return f.lists.Country(phrase)
}

// FirstName is the gender that a given name tells; "Jean-Claude" is looked up by its first part too.
func (f *Finder) FirstName(name string) Gender {
	g := f.lists.FirstName(name)
	if g == lexicon.Unknown {
		if i := strings.IndexAny(name, "-‐‑"); i > 0 {
			g = f.lists.FirstName(name[:i])
		}
	}
	return gender(g)
}

func gender(g lexicon.Gender) Gender {
	switch g {
	case lexicon.Masculine:
		return Masculine
	case lexicon.Feminine:
		return Feminine
	}
	return UnknownGender
}

func capital(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

// A pronoun's features.
type pronoun struct {
	grammar    uint8
	gender     Gender
	plural     bool
	possessive bool
}

func pronounOf(word string) (pronoun, bool) {
	if len(word) > 10 {
		return pronoun{}, false
	}
	if word == "I" {
		return pronoun{grammar: 1}, true
	}
	if len(word) > 1 && capital(word[1:]) { // "US", "IT", "HE" in a headline: too doubtful
		return pronoun{}, false
	}
	switch strings.ToLower(word) {
	case "he", "him", "himself":
		return pronoun{3, Masculine, false, false}, true
	case "his":
		return pronoun{3, Masculine, false, true}, true
	case "she", "herself":
		return pronoun{3, Feminine, false, false}, true
	case "her", "hers":
		return pronoun{3, Feminine, false, true}, true
	case "it", "itself":
		return pronoun{3, Neuter, false, false}, true
	case "its":
		return pronoun{3, Neuter, false, true}, true
	case "they", "them", "themselves":
		return pronoun{3, UnknownGender, true, false}, true
	case "their", "theirs":
		return pronoun{3, UnknownGender, true, true}, true
	case "me", "myself":
		return pronoun{1, UnknownGender, false, false}, true
	case "my", "mine":
		return pronoun{1, UnknownGender, false, true}, true
	case "we", "us", "ourselves":
		return pronoun{1, UnknownGender, true, false}, true
	case "our", "ours":
		return pronoun{1, UnknownGender, true, true}, true
	case "you", "yourself", "yourselves":
		return pronoun{2, UnknownGender, false, false}, true
	case "your", "yours":
		return pronoun{2, UnknownGender, false, true}, true
	}
	return pronoun{}, false
}

// IsPronoun reports whether a word is a personal pronoun, in any case and number.
func IsPronoun(word string) bool {
	_, ok := pronounOf(word)
	return ok
}

// Head is the noun for a person that a word is, in the singular and in the one way that offices go by; empty where it is none.
func (f *Finder) Head(word string) string {
	n, _ := f.noun(word)
	return n.key
}

// Noun reports whether a word is a noun for a person, in either number: "spokesman", "officials".
func (f *Finder) Noun(word string) bool {
	_, ok := f.noun(word)
	return ok
}
