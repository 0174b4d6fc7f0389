package place

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/text"
)

// weights say how much speaks for a candidate, in nats.
type weights struct {
	people         float64           // a tenfold population
	feature        [features]float64 //
	how            [3]float64        // by how its name was found
	written        float64           // the text writes what it lies in
	plainly        float64           // likewise, by a code or with nothing that reads like a list
	sameCountry    float64           // all other places lie in its country
	sameState      float64           // many others lie in its state
	near           float64           // many others lie close by
	namesake       float64           // against a state called after a great city in it
	ofCountry      float64           // against a state or a city that shares its country's name
	renamed        float64           // against another name of a city, where a state or a city as great has it
	smallInCountry float64           // against a small town that has the name of a country
	smallInState   float64           // against a small town that has the name of a state
	half           float64           // how many others are half of many
	reach          float64           // kilometres in which nearness falls to 1/e
	unknown        float64           // for a place that the gazetteer lacks
	rounds         int               //
	beside         float64           // kilometres within which two candidates are no rivals
	enough         float64           // the chance from which on a place is linked
	agreed         float64           // the chance from which on a country is
}

// chosen are the weights in use. Those of a place by itself were set by judgement; those of its neighbours were chosen on
// the development half of the Local-Global Lexicon; see README.md.
func chosen() weights {
	return weights{
		people: 1,
		feature: [features]float64{
			Country: 4, State: 3, County: -1, Capital: 4.5, Seat: 0.5, City: 0, District: -1,
			Continent: 9, Region: 11, Water: 10, Mountain: 7, Island: 7, Building: 8, // they have no population that would speak for them
		},
		how:     [3]float64{0, -1.5, -1},
		written: 6, plainly: 10, sameCountry: 5, sameState: 4, near: 5, half: 0.35, reach: 130, unknown: 3, rounds: 3,
		namesake: 5, ofCountry: 8, renamed: 3, smallInCountry: 3, smallInState: 3, beside: 60, enough: 0.5, agreed: 0.85,
	}
}

// point reports whether a place is small enough for its coordinates to say where all of it is.
func (f Feature) point() bool { return f >= County && f <= District || f == Building }

// name adds what a name may mean to the candidates of a place.
func (w *work) name(p *named, s text.Span, name string) {
	w.after = strings.HasSuffix(w.body[:s.Start], ", ")
	name = strings.TrimSuffix(strings.TrimSuffix(name, "'s"), "’s")
	if !strings.Contains(name, " ") && direction(name) {
		return // "the West" is not the West Region of Cameroon
	}
	if elsewhere[strings.ToLower(name)] && !strings.HasPrefix(w.body[s.End:], ", ") {
		return
	}
	if w.look(p, name) {
		return
	}
	if head, tail, ok := strings.Cut(name, ","); ok && w.look(p, head) {
		for tail != "" {
			var part string
			part, tail, _ = strings.Cut(tail, ",")
			p.inside = append(p.inside, w.written(strings.TrimSpace(part), true)...)
		}
		return
	}
	if first, rest, ok := strings.Cut(name, " "); ok && direction(first) {
		p.part = w.look(p, rest)
	}
}

// elsewhere are names of what lies in no country, though some town is called so: Earth, Texas. "The Gulf" is one of several.
var elsewhere = map[string]bool{
	"earth": true, "moon": true, "sun": true, "mercury": true, "venus": true, "mars": true, "jupiter": true, "saturn": true, "uranus": true,
	"neptune": true, "pluto": true, "gulf": true,
}

// direction reports whether a word may stand before a name without being part of it.
func direction(word string) bool {
	switch strings.ToLower(word) {
	case "north", "south", "east", "west", "northern", "southern", "eastern", "western", "northeastern", "northwestern", "southeastern",
		"southwestern", "northeast", "northwest", "southeast", "southwest", "central", "upper", "lower", "greater", "downtown", "mainland",
		"occupied", "rural", "metropolitan", "inner", "outer":
		return true
	}
	return false
}

// look adds the rows of one name and reports whether there are any.
func (w *work) look(p *named, name string) bool {
	w.key = AppendKey(w.key[:0], name)
	w.found = w.rows(w.found[:0], w.key, 4*most)
	before := len(p.candidates) // one name has no row twice
	for _, m := range w.found {
		if m.how == byCode && Feature(w.feature[m.row]) == State && !strings.Contains(name, ".") && !w.after {
			continue
		}
		known := false
		for i := range p.candidates[:before] {
			if p.candidates[i].row == m.row {
				known = true
				p.candidates[i].how = min(p.candidates[i].how, m.how)
				break
			}
		}
		if !known {
			p.candidates = append(p.candidates, candidate{match: m})
		}
	}
	return len(p.candidates) > before
}

// contain reads what the text writes a place lies in: "Paris, Texas", "Springfield, Ill.", "Paris (Texas)".
func (w *work) contain(places [][]text.Span) {
	at := map[int]int{} // the place whose name begins at an offset
	for i, spans := range places {
		for _, s := range spans {
			at[s.Start] = i
		}
	}
	for i, spans := range places {
		for k, s := range spans {
			if k >= 8 {
				break
			}
			w.follow(i, s, at)
		}
	}
	for i := range w.places {
		p := &w.places[i]
		for k := range p.candidates {
			c := &p.candidates[k]
			c.prior += w.bonus(c, p.inside)
		}
		if p.of < 0 {
			continue
		}
		for k := range p.candidates {
			c := &p.candidates[k]
			if c.feature != Country && c.feature != State {
				continue
			}
			a := area{country: c.country, state: c.state, plain: c.how == byCode}
			for n := range w.places[p.of].candidates {
				if a.holds(&w.places[p.of].candidates[n]) {
					c.prior += w.bonus(&w.places[p.of].candidates[n], []area{a})
					break
				}
			}
		}
	}
}

// bonus is what the areas say for a candidate.
func (w *work) bonus(c *candidate, inside []area) float64 {
	most := 0.0
	for _, a := range inside {
		if !a.holds(c) {
			continue
		}
		if a.plain {
			return w.weights.plainly
		}
		most = w.weights.written
	}
	return most
}

// follow reads what stands after one mention of place i.
func (w *work) follow(i int, s text.Span, at map[int]int) {
	list := strings.HasSuffix(w.body[:s.Start], ", ")
	end := s.End
	for range 2 { // "Cottonport, Avoyelles Parish, La."
		rest := w.body[end:]
		if !strings.HasPrefix(rest, ", ") && !strings.HasPrefix(rest, " (") {
			return
		}
		end += 2
		rest = rest[2:]
		words, length := phrase(rest)
		if words == 0 {
			return
		}
		for n := words; n > 0; n-- {
			part := firstWords(rest, n)
			found := w.written(part, !list && !listed(rest[len(part):]))
			if len(found) == 0 {
				continue
			}
			w.places[i].inside = append(w.places[i].inside, found...)
			if j, ok := at[end]; ok && j != i {
				w.places[j].of = i
			}
			return
		}
		end += length
	}
}

// phrase counts the words in capitals at the head of a text that may be a name, three at most, and their bytes.
func phrase(s string) (words, length int) {
	for words < 3 {
		r, _ := utf8.DecodeRuneInString(s[length:])
		if !unicode.IsUpper(r) {
			break
		}
		for length < len(s) && length < 2*longest {
			r, size := utf8.DecodeRuneInString(s[length:])
			if !unicode.IsLetter(r) && r != '.' && r != '-' && r != '\'' && r != '’' {
				break
			}
			length += size
		}
		words++
		if length+1 >= len(s) || s[length] != ' ' {
			break
		}
		if r, _ := utf8.DecodeRuneInString(s[length+1:]); !unicode.IsUpper(r) {
			break
		}
		if words < 3 {
			length++
		}
	}
	return words, length
}

// firstWords is the first n words that phrase counted.
func firstWords(s string, n int) string {
	_, length := phrase(s)
	at := 0
	for i := 0; at < length; i++ {
		next := strings.IndexByte(s[at:length], ' ')
		if next < 0 {
			return s[:length]
		}
		if i == n-1 {
			return s[:at+next]
		}
		at += next + 1
	}
	return s[:at]
}

// listed reports whether what follows a name goes on as a list does: "Boston, New York and Chicago".
func listed(after string) bool {
	return strings.HasPrefix(after, " and ") || strings.HasPrefix(after, " or ") || strings.HasPrefix(after, ", and ") ||
		strings.HasPrefix(after, ", or ") || strings.HasPrefix(after, " & ")
}

// areas are the countries and states that a phrase names; plain where nothing else can be meant by it.
func (w *work) written(phrase string, plain bool) []area {
	w.key = AppendKey(w.key[:0], phrase)
	w.found = w.rows(w.found[:0], w.key, most)
	code := len(phrase) > 2 || strings.ToUpper(phrase) == phrase
	var out []area
	for _, m := range w.found {
		a := area{w.country[m.row], w.stateOf(m.row), plain || m.how == byCode}
		switch f := Feature(w.feature[m.row]); {
		case f == Country && m.how != byCode:
			a.state = 0
			out = append(out, a)
		case f == State && (m.how != byCode || code), f == County:
			out = append(out, a)
		}
	}
	return out
}

// A cell gathers the places of about one degree by one.
type cell struct{ weight, lat, lon float64 }

// Cells stand in bands of one degree from the south pole, with fewer columns the nearer the poles.
type cellAt struct{ band, column int }

func bandOf(lat float64) int { return min(179, int(lat+90)) }

func columns(band int) int {
	return 3 + int(357*math.Cos((float64(band)-89.5)*math.Pi/180))
}

func columnOf(lon float64, columns int) int {
	return min(columns-1, int((lon+180)/360*float64(columns)))
}

// faint is the chance below which a candidate says nothing about others.
const faint = 0.02

// survey sums up where the places of the text lie, as far as is known.
func (w *work) survey() {
	w.whole, w.countriesOf, w.peopled = 0, [256]float64{}, [180][6]uint64{}
	clear(w.statesOf)
	clear(w.cells)
	for i := range w.places {
		w.count(&w.places[i], 1)
	}
}

// count adds the candidates of a place to the sums, or takes them away.
func (w *work) count(p *named, sign float64) {
	for i := range p.candidates {
		c := &p.candidates[i]
		if c.chance < faint {
			continue
		}
		weight := sign * c.chance
		w.whole += weight
		w.countriesOf[c.country] += weight
		w.statesOf[c.state] += weight
		if !c.feature.point() {
			continue
		}
		band := bandOf(c.lat)
		at := cellAt{band, columnOf(c.lon, columns(band))}
		in := w.cells[at]
		in.weight += weight
		in.lat += weight * c.lat
		in.lon += weight * c.lon
		w.cells[at] = in
		w.peopled[at.band][at.column/64] |= 1 << (at.column % 64)
	}
}

// near is how many places of the text lie close to a candidate, those at the distance of reach for 1/e each.
func (w *work) near(c *candidate) float64 {
	sum := 0.0
	middle := bandOf(c.lat)
	for band := max(0, middle-1); band <= min(179, middle+1); band++ {
		n := columns(band)
		column := columnOf(c.lon, n)
		for d := -1; d <= 1; d++ {
			at := cellAt{band, (column + d + n) % n}
			if w.peopled[at.band][at.column/64]>>(at.column%64)&1 == 0 {
				continue
			}
			if in := w.cells[at]; in.weight > 1e-6 {
				sum += in.weight * math.Exp(-kilometres(c.lat, c.lon, in.lat/in.weight, in.lon/in.weight)/w.weights.reach)
			}
		}
	}
	return sum
}
