package people

import (
	"slices"
	"strings"

	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
)

// An office is a role of the article's, or of the list's, as it is compared.
type office struct {
	head      string   // of the article's: its noun, "minister"
	words     []string // all that says what it is, each once
	countries []string // ISO 3166-1 codes, of "Russian" and "Russia"
}

// offices is the roles of an entity.
func (l matcher) offices(doc *text.Doc, roles []mention.Role) []office {
	if len(roles) > 16 {
		roles = roles[:16] // enough to tell anybody
	}
	var out []office
	for _, r := range roles {
		written := doc.Slice(r.Title)
		if !r.Of.Empty() {
			written += " of " + doc.Slice(r.Of)
		}
		o := l.office(written)
		head := roleWords(r.Head)
		if len(head) == 0 || len(o.words) == 0 {
			continue
		}
		o.head = head[len(head)-1]
		if r.Country != "" && !slices.Contains(o.countries, r.Country) {
			o.countries = append(o.countries, r.Country)
		}
		out = append(out, o)
	}
	return out
}

// office reads a role as words and countries.
func (l matcher) office(written string) office {
	var o office
	words := roleWords(written)
next:
	for i := 0; i < len(words); {
		for n := min(4, len(words)-i); n > 0; n-- {
			phrase := strings.Join(words[i:i+n], " ")
			code, ok := l.lists.Country(phrase)
			if !ok || code == "" {
				code, ok = l.lists.Demonym(phrase)
			}
			if ok && code != "" {
				if !slices.Contains(o.countries, code) {
					o.countries = append(o.countries, code)
				}
				i += n
				continue next
			}
		}
		if w := words[i]; !idle(w) && !slices.Contains(o.words, w) {
			o.words = append(o.words, w)
		}
		i++
	}
	return o
}

// mostRoleWords bounds the words of one role that are looked at.
const mostRoleWords = 24

// roleWords cuts a role into words of lower case, without possessives; full stops inside an acronym are left out.
func roleWords(written string) []string {
	words := strings.FieldsFunc(strings.ToLower(written), func(r rune) bool {
		return strings.ContainsRune(" \t\r\n,;:()/-–—\"“”", r)
	})
	kept := make([]string, 0, len(words)+1)
	for _, w := range words {
		w = strings.TrimSuffix(strings.TrimSuffix(w, "'s"), "’s")
		if w = strings.ReplaceAll(strings.Trim(w, "'’‘"), ".", ""); w != "" && len(kept) < mostRoleWords {
			switch w {
			case "pm":
				kept = append(kept, "prime", "minister")
			case "ceo":
				kept = append(kept, "chief", "executive")
			default:
				kept = append(kept, spelled(w))
			}
		}
	}
	return kept
}

// spelled writes an office out, and the same for man and woman.
func spelled(word string) string {
	switch word {
	case "sen":
		return "senator"
	case "gov":
		return "governor"
	case "gen":
		return "general"
	case "lt":
		return "lieutenant"
	case "col":
		return "colonel"
	case "maj":
		return "major"
	case "capt":
		return "captain"
	case "adm":
		return "admiral"
	case "sgt":
		return "sergeant"
	case "prof":
		return "professor"
	case "rev":
		return "reverend"
	case "chairman", "chairwoman", "chairperson":
		return "chair"
	case "spokeswoman", "spokesperson":
		return "spokesman"
	case "rep", "congressman", "congresswoman":
		return "representative"
	}
	return word
}

// idle reports whether a word says nothing of what an office is; whether it is still held, a list may not know.
func idle(w string) bool {
	switch w {
	case "of", "the", "for", "and", "a", "an", "in", "at", "on", "to", "from", "by", "with", "his", "her", "its", "their",
		"former", "ex", "acting", "then", "current", "late", "new", "longtime", "outgoing", "incoming", "mr", "mrs", "ms", "dr":
		return true
	}
	return false
}

// Factors by which roles change the odds of a row.
const (
	sharedWord    = 8.0  // "minister", "finance"
	sharedCountry = 4.0  //
	otherWord     = 0.8  // in one of the two only: people shorten
	otherRank     = 0.25 // "deputy", in one of the two only
	otherCountry  = 0.1  // each names one, and not the same
	noneShared    = 0.35 // the list's roles may be old, or not all
	mostFactor    = 1000.0
)

// agree is the factor of the likest pair of roles.
func (l matcher) agree(offices []office, roles []string) float64 {
	best := 0.0
	for _, written := range roles {
		known := l.office(written)
		for i := range offices {
			best = max(best, offices[i].like(&known))
		}
	}
	return best
}

// like compares a role of an article's with one of the list's.
func (o *office) like(known *office) float64 {
	if !slices.Contains(known.words, o.head) {
		if o.abroad(known) {
			return noneShared * 0.5
		}
		return noneShared
	}
	factor := 1.0
	for _, w := range o.words {
		if slices.Contains(known.words, w) {
			factor *= sharedWord
		} else {
			factor *= missing(w)
		}
	}
	for _, w := range known.words {
		if !slices.Contains(o.words, w) {
			factor *= missing(w)
		}
	}
	if o.abroad(known) {
		return min(factor, 1) * otherCountry
	}
	for _, c := range o.countries {
		if slices.Contains(known.countries, c) {
			factor *= sharedCountry
			break
		}
	}
	return min(factor, mostFactor)
}

// abroad reports that both roles name countries, and none in common.
func (o *office) abroad(known *office) bool {
	return len(o.countries) > 0 && len(known.countries) > 0 && !slices.ContainsFunc(o.countries, func(c string) bool {
		return slices.Contains(known.countries, c)
	})
}

func missing(word string) float64 {
	switch word {
	case "deputy", "vice", "assistant", "under", "shadow", "associate", "junior", "aide", "adviser", "advisor", "spokesman":
		return otherRank
	}
	return otherWord
}
