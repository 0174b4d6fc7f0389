package quote

import (
	"regexp"
	"slices"
	"sort"
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/mention"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// How sure it is that several are meant by "the couple" or "the two", where they stand near, and where the text has no others.
const (
	groupNear = 0.85
	groupFar  = 0.7
)

// mostMembers bounds the size of a group: longer lists are rosters.
const mostMembers = 8

// A group is those whom a text names in one breath, "Ana and Bo Moor", "Reyes, Moor and Ek".
type group struct {
	members  []int // entities, different ones of one kind
	end      int   // of the last name: a byte
	partners bool  // "Ana Moor and her husband, Bo"
}

// groups finds whom "the couple", "the brothers", "the two ministers", "both", "the Moors", "the latter" mean, where they are the source of a
// quote and no name told it.
func (a *attribution) groups() {
	var all []group
	var spoke []group // the last that were meant so: "the two" may still be "the couple"
	for i := range a.drafts {
		d := &a.drafts[i]
		if d.source.Empty() || d.Speaker == nil {
			continue
		}
		p, ok := a.plural(d.source)
		if !ok || d.Speaker.Entity >= 0 && p.family == "" {
			continue
		}
		if all == nil {
			all = a.inOneBreath()
		}
		members, belief := a.meant(p, all, d.source.Start)
		if len(members) == 0 && p.one == 0 {
			members, belief = a.meant(p, spoke, d.source.Start)
		}
		if len(members) == 0 {
			continue
		}
		if len(members) > 1 {
			spoke = []group{{members, d.source.End, p.couple}}
		}
		s := d.Speaker
		s.Entity, s.Joint, s.Belief, s.Method = members[0], members[1:], belief, schema.MethodNominal
	}
}

// A several is a phrase that means several people who were named, or one of two.
type several struct {
	count    int            // how many; 0 where it does not tell
	couple   bool           // they are partners
	siblings bool           // they have one surname
	family   string         // their surname in the plural
	floats   bool           // "both" within a sentence: they stand in it
	gender   mention.Gender //
	one      int            // 1 + the one of two that is meant; 0 for all
}

var numbers = map[string]int{"two": 2, "three": 3, "four": 4, "pair": 2, "duo": 2, "trio": 3, "both": 2}

// manyPeople is nouns for several people; "both sides" and "the two countries" are none.
var manyPeople = words(`activists actors ambassadors authors boys candidates chancellors climbers colleagues commanders daughters defendants diplomats
	directors doctors economists envoys executives experts founders friends generals girls governors heads judges kings lawmakers lawyers leaders
	mayors ministers musicians neighbors neighbours officers officials owners partners pilots players politicians premiers presidents prosecutors queens
	researchers rivals scientists secretaries senators sons students survivors suspects teachers teammates teenagers witnesses writers`)

// plural reads a source phrase as one that means several.
func (a *attribution) plural(source text.Span) (several, bool) {
	first, last := a.doc.TokensIn(source)
	for last > first && a.doc.Tokens[last-1].Class == text.Punct {
		last--
	}
	var words []string
	for k := first; k < last && k-first < 5; k++ {
		words = append(words, strings.ToLower(a.doc.TokenText(k)))
	}
	if len(words) == 0 || len(words) > 4 {
		return several{}, false
	}
	p := several{}
	if k := a.doc.Sentences[a.doc.Tokens[first].Sentence].First; words[0] == "both" && first > k {
		c := a.doc.Tokens[first-1].Class
		p.floats = c != text.CloseQuote && c != text.OpenQuote
	}
	if words[0] == "the" || words[0] == "all" {
		words = words[1:]
	} else if words[0] != "both" {
		return p, false
	}
	if len(words) == 0 {
		return p, false
	}
	if n, ok := numbers[words[0]]; ok {
		p.count = n
		if len(words) == 1 {
			return p, true
		}
		words = words[1:]
	}
	if len(words) != 1 {
		return p, false
	}
	switch w := words[0]; {
	case w == "couple" && p.count == 0, w == "spouses":
		p.count, p.couple = 2, true
	case w == "men", w == "brothers":
		p.gender, p.siblings = mention.Masculine, w == "brothers"
	case w == "women", w == "sisters":
		p.gender, p.siblings = mention.Feminine, w == "sisters"
	case w == "siblings", w == "twins":
		p.siblings = true
	case w == "former" && p.count == 0:
		p.count, p.one = 2, 1
	case w == "latter" && p.count == 0:
		p.count, p.one = 2, 2
	case p.count > 0 && manyPeople[w]: // "the two ministers"
	case p.count == 0 && last-first == 2 && strings.HasSuffix(w, "s") && !lower(a.doc.TokenText(last-1)):
		p.family = w
	default:
		return p, false
	}
	return p, p.count > 0 || p.siblings || p.family != ""
}

// meant is those of a text's groups before a byte whom a phrase means; none where that is not safe to say.
func (a *attribution) meant(p several, all []group, start int) ([]int, float64) {
	const (
		near = 2  // paragraphs
		most = 64 // groups looked at
	)
	var best *group
	others := false
	behind := sort.Search(len(all), func(k int) bool { return all[k].end > start })
	for k := behind - 1; k >= max(0, behind-most); k-- {
		switch g := &all[k]; {
		case p.one > 0 && k < behind-1:
		case p.floats && g.end < a.sentenceOf(start):
		case !a.fits(p, g):
		case best == nil:
			best = g
		default:
			others = others || !slices.Equal(best.members, g.members)
		}
	}
	if best == nil && p.family != "" {
		return a.family(p.family, start)
	}
	if best == nil {
		return nil, 0
	}
	belief := groupNear
	if a.paragraph(start)-a.paragraph(best.end) > near {
		if others || !p.couple && !p.siblings && p.family == "" {
			return nil, 0
		}
		belief = groupFar
	}
	if p.one > 0 {
		return best.members[p.one-1 : p.one], belief
	}
	return best.members, belief
}

// sentenceOf is where the sentence of a byte begins.
func (a *attribution) sentenceOf(offset int) int {
	return a.doc.Tokens[a.doc.Sentences[a.doc.Tokens[a.doc.TokenAt(offset)].Sentence].First].Start
}

func (a *attribution) fits(p several, g *group) bool {
	if p.count > 0 && len(g.members) != p.count {
		return false
	}
	surname, same := "", true
	for _, m := range g.members {
		e := &a.who.Entities[m]
		if p.one == 0 && e.Kind != schema.Person || !e.Gender.Fits(p.gender) {
			return false
		}
		s := a.surname(m)
		same = same && (surname == "" || s == surname)
		surname = s
	}
	switch {
	case p.couple:
		return same || g.partners
	case p.siblings:
		return same
	case p.family != "":
		return same && (p.family == surname+"s" || p.family == surname+"es")
	}
	return true
}

// family is the only two people of a surname.
func (a *attribution) family(plural string, start int) ([]int, float64) {
	if a.families == nil {
		a.families = map[string][]int{}
		for e := range a.who.Entities {
			if a.who.Entities[e].Kind == schema.Person {
				s := a.surname(e)
				a.families[s+"s"] = append(a.families[s+"s"], e)
				a.families[s+"es"] = append(a.families[s+"es"], e)
			}
		}
	}
	both := a.families[plural]
	if len(both) != 2 || a.who.Mentions[a.who.Entities[both[1]].Mentions[0]].Start > start {
		return nil, 0
	}
	return slices.Clone(both), groupFar
}

// surname is the last word of an entity's name in lower case.
func (a *attribution) surname(entity int) string {
	name := a.who.Entities[entity].Name
	return strings.ToLower(name[strings.LastIndexByte(name, ' ')+1:])
}

// What stands between two names of a group.
var (
	joinsNames = regexp.MustCompile(`^(,| \(| –| —)? ?(\d{1,3},? )?,? ?(and|&) (the )?$`)
	joinsKin   = regexp.MustCompile(`^,? and (his|her|their) (wife|husband|spouse|partner|fiancée?|boyfriend|girlfriend),? $`)
	partsNames = regexp.MustCompile(`^, (\d{1,3}, )?$`)
)

// inOneBreath is a text's groups, by their ends.
func (a *attribution) inOneBreath() []group {
	const longest = 40 // bytes between two names
	var out []group
	var open group // begun with a comma, not yet closed by an "and"
	var before *coref.Mention
	for i := range a.who.Mentions {
		m := &a.who.Mentions[i]
		if m.Form != schema.ByName || m.Entity < 0 {
			continue
		}
		start := m.Start
		for _, r := range m.Roles {
			if r.Title.End <= m.Start && (before == nil || r.Title.Start >= before.End) {
				start = min(start, r.Title.Start)
			}
		}
		linked := false
		if before != nil && start >= before.End && start-before.End <= longest && a.who.Entities[m.Entity].Kind == a.who.Entities[before.Entity].Kind && m.Sentence == before.Sentence {
			gap := a.doc.Text[before.End:start]
			if t := a.besideAt(m.Start); t != nil && t.Start >= before.End {
				gap = a.doc.Text[before.End:m.Start]
			}
			kin := joinsKin.MatchString(gap)
			switch {
			case kin || joinsNames.MatchString(gap):
				if n := len(open.members); n <= mostMembers && !slices.Contains(open.members, m.Entity) {
					out = append(out, group{append(open.members, m.Entity), m.End, kin})
				}
			case partsNames.MatchString(gap):
				linked = !slices.Contains(open.members, m.Entity) && len(open.members) < mostMembers
				if linked {
					open.members = append(open.members, m.Entity)
				}
			}
		}
		if !linked {
			open = group{members: []int{m.Entity}}
		}
		before = m
	}
	return out
}
