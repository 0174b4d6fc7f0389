package lexicon

import (
	_ "embed"
	"fmt"
	"strings"
)

//go:embed titles.txt
var titlesList string

//go:embed firstnames.txt
var firstNamesList string

//go:embed surnames.txt
var surnamesList string

//go:embed demonyms.txt
var demonymsList string

//go:embed countries.txt
var countriesList string

//go:embed regions.txt
var regionsList string

//go:embed cities.txt
var citiesList string

// Gender is what a first name or a title tells of who bears it.
type Gender uint8

const (
	Unknown   Gender = iota // not in the list, or it tells nothing
	Masculine               //
	Feminine                //
	Either                  // borne by both
)

// Class is what sort of title it is.
type Class uint8

const (
	Honorific  Class = iota // "Mr.", "Dr.", "Sir"
	Noble                   // "King", "Duchess"
	Religious               // "Pope", "Rev."
	Rank                    // "Gen.", "Sergeant"
	Office                  // "President", "Sen.", "Chief Executive"
	Occupation              // "economist", "striker": describes rather than addresses
)

// A Title is an entry of the list of titles.
type Title struct {
	Class  Class
	Gender Gender
	Words  int // of which it consists, by spaces: 2 for "prime minister"
}

// Shared is the lists that several rooms read. It is read-only once loaded, and so safe for concurrent use. All
// look-ups take a phrase in any case, its words parted by one space; curly apostrophes are taken for straight ones.
type Shared struct {
	titles    map[string]Title
	longest   int // words of the longest title
	first     map[string]Gender
	surnames  map[string]bool
	demonyms  map[string]string
	countries map[string]string
	regions   map[string]string
	cities    map[string]string
}

// Load parses the shared lists. An error names file and line.
func Load() (*Shared, error) {
	s := &Shared{titles: map[string]Title{}, first: map[string]Gender{}, surnames: map[string]bool{}}
	if err := s.loadTitles(titlesList); err != nil {
		return nil, err
	}
	if err := s.loadFirstNames(firstNamesList); err != nil {
		return nil, err
	}
	surnames, err := ParseColumns("surnames.txt", surnamesList, 0, 0)
	if err != nil {
		return nil, err
	}
	for _, e := range surnames {
		s.surnames[e.Key] = true
	}
	for _, l := range []struct {
		file, data string
		into       *map[string]string
	}{
		{"demonyms.txt", demonymsList, &s.demonyms},
		{"countries.txt", countriesList, &s.countries},
		{"regions.txt", regionsList, &s.regions},
		{"cities.txt", citiesList, &s.cities},
	} {
		if *l.into, err = parseCodes(l.file, l.data); err != nil {
			return nil, err
		}
	}
	return s, nil
}

var classes = [...]string{"honorific", "noble", "religious", "rank", "office", "occupation"}

func (s *Shared) loadTitles(data string) error {
	entries, err := ParseColumns("titles.txt", data, 1, 2)
	if err != nil {
		return err
	}
next:
	for _, e := range entries {
		t := Title{Words: 1 + strings.Count(e.Key, " ")}
		if len(e.Values) == 2 {
			if t.Gender = gender(e.Values[1]); t.Gender == Unknown {
				return fmt.Errorf("titles.txt:%d: %q is no gender", e.Line, e.Values[1])
			}
		}
		for c, name := range classes {
			if name == e.Values[0] {
				t.Class = Class(c)
				s.titles[e.Key] = t
				s.longest = max(s.longest, t.Words)
				continue next
			}
		}
		return fmt.Errorf("titles.txt:%d: %q is no class of title", e.Line, e.Values[0])
	}
	return nil
}

func (s *Shared) loadFirstNames(data string) error {
	entries, err := ParseColumns("firstnames.txt", data, 1, 1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		g := gender(e.Values[0])
		if g == Unknown {
			return fmt.Errorf("firstnames.txt:%d: %q is no gender", e.Line, e.Values[0])
		}
		s.first[e.Key] = g
	}
	return nil
}

func gender(s string) Gender {
	switch s {
	case "m":
		return Masculine
	case "f":
		return Feminine
	case "mf":
		return Either
	}
	return Unknown
}

// parseCodes reads a list whose value is an ISO code or "-".
func parseCodes(file, data string) (map[string]string, error) {
	entries, err := ParseColumns(file, data, 1, 1)
	if err != nil {
		return nil, err
	}
	m := make(map[string]string, len(entries))
	for _, e := range entries {
		code := e.Values[0]
		if code == "-" {
			code = ""
		} else if len(code) < 2 || code != strings.ToUpper(code) {
			return nil, fmt.Errorf("%s:%d: %q is no ISO code", file, e.Line, code)
		}
		m[e.Key] = code
	}
	return m, nil
}

// Title looks a whole title up: "Sen.", "prime minister".
func (s *Shared) Title(phrase string) (Title, bool) {
	t, ok := s.titles[fold(phrase)]
	return t, ok
}

// LongestTitle is the number of words of the longest title.
func (s *Shared) LongestTitle() int { return s.longest }

// FirstName is the gender of a first name; Unknown where the list does not have it.
func (s *Shared) FirstName(word string) Gender { return s.first[fold(word)] }

// Surname reports whether a word is a frequent family name.
func (s *Shared) Surname(word string) bool { return s.surnames[fold(word)] }

// Demonym looks a nationality or people up ("Russian", "Finns"). The country is an ISO 3166-1 code, empty where there is
// none or several ("European").
func (s *Shared) Demonym(phrase string) (country string, ok bool) {
	country, ok = s.demonyms[fold(phrase)]
	return
}

// Country looks a country or territory up and gives its ISO 3166-1 code.
func (s *Shared) Country(phrase string) (code string, ok bool) {
	code, ok = s.countries[fold(phrase)]
	return
}

// Region looks a state or province up ("Calif.", "Bavaria"): an ISO 3166-2 code or that of its country.
func (s *Shared) Region(phrase string) (code string, ok bool) {
	code, ok = s.regions[fold(phrase)]
	return
}

// City looks a capital or large city up and gives the code of its country, empty where it is not known.
func (s *Shared) City(phrase string) (country string, ok bool) {
	country, ok = s.cities[fold(phrase)]
	return
}

func fold(phrase string) string {
	return strings.ReplaceAll(strings.ToLower(phrase), "’", "'")
}
