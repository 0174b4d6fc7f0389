package place

import (
	"math"
	"slices"

	"github.com/quotewire/quotewire/extract/text"
)

// A Link is the place that a name was found to mean. The zero value is no place.
type Link struct {
	Known      bool    // at least the country is
	Located    bool    // one place of the gazetteer is meant; else only the country is sure, and what follows it is empty
	Country    string  // ISO 3166-1 code; empty for seas and the like
	GeoNames   int     // id; 0 where the gazetteer has none
	Lat, Lon   float64 // degrees; of an area, a point near its middle
	Feature    Feature
	Confidence float64 // in [0,1]: that it is this place, or this country
}

// Link finds out what the places of a text are; each is given by the spans of its names. The choice among places of one
// name follows what the literature on toponym resolution found to tell most (Leidner, "Toponym resolution in text", 2007;
// Lieberman, Samet, "Adaptive context features for toponym resolution in streaming news", SIGIR 2012): containment written
// in the text ("Paris, Texas"), population and rank, and the other places of the text: their countries, their states and
// how near they lie. All places are weighed at once, in a few rounds, each by the chances of the others.
//
// It takes time linear in the places. It is deterministic, and no text can make it fail.
func (g *Gazetteer) Link(body string, places [][]text.Span) []Link {
	if len(places) == 0 {
		return nil
	}
	return g.tables().link(body, places, chosen())
}

func (t *tables) link(body string, places [][]text.Span, by weights) []Link {
	links := make([]Link, len(places))
	w := work{tables: t, weights: by, body: body, statesOf: make([]float64, len(t.states)/4), cells: map[cellAt]cell{}}
	w.gather(places)
	w.contain(places)
	for i := range w.places {
		w.weigh(&w.places[i], false)
	}
	for range w.weights.rounds {
		w.survey()
		for i := range w.places {
			w.weigh(&w.places[i], true)
		}
	}
	for i := range w.places {
		links[i] = w.choose(&w.places[i])
	}
	return links
}

// most is how many places of one name are weighed, those with most people first. The commonest names have some hundred.
const most = 80

// A candidate is a place that a name may mean.
type candidate struct {
	match
	country  uint8
	state    int
	feature  Feature
	lat, lon float64
	prior    float64 // what speaks for it by itself and by what is written beside the name; in nats
	chance   float64 // in [0,1]; those of one name and that of a place which the gazetteer lacks sum to 1
}

// named is one place of the text.
type named struct {
	candidates []candidate
	inside     []area // what the text writes that it lies in
	part       bool   // only a part of it is meant: "northern Iraq"
	of         int    // a place that the text writes before it, "Paris" for the Texas in "Paris, Texas"; -1
}

type work struct {
	*tables
	weights weights
	body    string
	places  []named
	key     []byte // the last one looked up
	found   []match
	after   bool      // it stands after a comma
	score   []float64 // of the candidates of one place

	// Where the places of the text lie, as far as is known: the sums of their chances.
	whole       float64
	countriesOf [256]float64
	statesOf    []float64
	cells       map[cellAt]cell
	peopled     [180][6]uint64 // the cells that may hold some, a bit each
}

// gather looks the names up.
func (w *work) gather(places [][]text.Span) {
	w.places = make([]named, len(places))
	for i, spans := range places {
		p := &w.places[i]
		p.of = -1
		var seen [8]string
		n := 0
		for _, s := range spans {
			name := w.body[s.Start:s.End]
			if n == len(seen) || slices.Contains(seen[:n], name) {
				continue
			}
			seen[n] = name
			n++
			w.name(p, s, name)
		}
		for c := range p.candidates {
			w.describe(&p.candidates[c])
		}
		w.namesakes(p.candidates)
		w.lesser(p.candidates)
		if len(p.candidates) > most {
			slices.SortStableFunc(p.candidates, func(a, b candidate) int {
				switch {
				case a.prior > b.prior:
					return -1
				case a.prior < b.prior:
					return 1
				}
				return 0
			})
			p.candidates = p.candidates[:most]
		}
	}
}

// describe fills a candidate in.
func (w *work) describe(c *candidate) {
	c.country, c.state, c.feature = w.country[c.row], w.stateOf(c.row), Feature(w.feature[c.row])
	c.lat, c.lon = w.degrees(c.row)
	c.prior = w.weights.people*w.magnitude(c.row) + w.weights.feature[c.feature]
	if c.how != byName || w.magnitude(c.row) < 6 { // all names of the greatest cities are well known
		c.prior += w.weights.how[c.how]
	}
}

// lesser speaks against what is meant less by a name than the country, the state or the city that it belongs to: by another name
// of a city (Mexico, Oklahoma; Amman was Philadelphia once), and by that of a small town.
func (w *work) lesser(all []candidate) {
	owner := features
	var country uint8 // that of an owner
	city := -1.0
	for i := range all {
		switch c := &all[i]; {
		case c.how != byMain:
		case c.feature == Country || c.feature == State && owner != Country:
			owner, country = c.feature, c.country
		case c.feature == City || c.feature == Seat || c.feature == Capital:
			city = max(city, w.magnitude(c.row))
		}
	}
	if owner == State && city >= 6 {
		owner = features // Moscow is the city, not what is called after it
	}
	for i := range all {
		c := &all[i]
		m := w.magnitude(c.row)
		switch {
		case c.feature == Country || c.feature > District || c.how == byCode:
		case owner == Country && c.country == country && (c.how == byName || c.feature == State):
			c.prior -= w.weights.ofCountry
		case c.feature == State:
		case c.how == byName && (owner == Country || owner == State && m < 6.5 || city > m-1.2):
			c.prior -= w.weights.renamed
		case owner == Country && m < 6:
			c.prior -= w.weights.smallInCountry
		case owner == State && m < 5:
			c.prior -= w.weights.smallInState
		}
	}
}

// namesakes prefers a great city to the state that is called after it: who writes "Moscow" does not mean its oblast.
func (w *work) namesakes(all []candidate) {
	type city struct {
		country uint8
		state   int
	}
	var great map[city]float64
	for i := range all {
		if c := &all[i]; c.state != 0 && (c.feature == Capital || c.feature == Seat || c.feature == City) {
			if great == nil {
				great = map[city]float64{}
			}
			at := city{c.country, c.state}
			great[at] = max(great[at], w.magnitude(c.row))
		}
	}
	for i := range all {
		c := &all[i]
		if c.feature != State {
			continue
		}
		own := great[city{c.country, c.state}]
		// Cities like Moscow and Kyiv are states of their own, and the state around them bears the name too.
		for at, m := range great {
			if at.country == c.country && at.state != c.state && math.Abs(m-w.magnitude(c.row)) < 0.5 {
				own = max(own, m)
			}
		}
		if own > 0 && own > w.magnitude(c.row)-0.7 {
			c.prior -= w.weights.namesake
		}
	}
}

// An area is what contains places: a country, or one of its states.
type area struct {
	country uint8
	state   int // 0: the whole country
	plain   bool
}

func (a area) holds(c *candidate) bool {
	if c.country != a.country || c.feature == Country {
		return false
	}
	return a.state == 0 || c.state == a.state && c.feature != State
}

// weigh gives each candidate its chance.
func (w *work) weigh(p *named, context bool) {
	if len(p.candidates) == 0 {
		return
	}
	if context {
		w.count(p, -1) // a place says nothing about itself
	}
	best := math.Inf(-1)
	score := slices.Grow(w.score[:0], len(p.candidates))[:len(p.candidates)]
	w.score = score
	for i := range p.candidates {
		c := &p.candidates[i]
		score[i] = c.prior
		if context {
			if c.country != 0 {
				score[i] += w.weights.sameCountry * max(w.countriesOf[c.country], 0) / (max(w.whole, 0) + 0.5)
			}
			if c.state != 0 {
				score[i] += w.weights.sameState * saturate(w.statesOf[c.state], w.weights.half)
			}
			if c.feature.point() {
				score[i] += w.weights.near * saturate(w.near(c), w.weights.half)
			}
		}
		best = max(best, score[i])
	}
	if context {
		w.count(p, 1)
	}
	sum := math.Exp(w.weights.unknown - best) // it may be none of them
	for i := range score {
		score[i] = math.Exp(score[i] - best)
		sum += score[i]
	}
	for i := range score {
		p.candidates[i].chance = score[i] / sum
	}
}

func saturate(x, half float64) float64 {
	x = max(x, 0)
	return x / (x + half)
}

// choose says what a place is, if that is likely enough. Candidates beside the likeliest are no rivals of it: a town and the
// county around it.
func (w *work) choose(p *named) Link {
	if len(p.candidates) == 0 {
		return Link{}
	}
	best := &p.candidates[0]
	for i := range p.candidates {
		if c := &p.candidates[i]; c.chance > best.chance {
			best = c
		}
	}
	sure, country := 0.0, 0.0
	var by [256]float64
	for i := range p.candidates {
		c := &p.candidates[i]
		by[c.country] += c.chance
		if c == best || (c.feature.point() || c.feature == State) && (best.feature.point() || best.feature == State) && kilometres(c.lat, c.lon, best.lat, best.lon) < w.weights.beside {
			sure += c.chance
		}
	}
	if sure >= w.weights.enough && (!p.part || best.feature.point()) {
		return Link{
			Known: true, Located: true, Country: w.countryCode(best.country), GeoNames: w.geonames(best.row), Lat: best.lat, Lon: best.lon,
			Feature: best.feature, Confidence: min(sure, 1),
		}
	}
	likeliest := best.country
	for c := range by {
		if by[c] > country {
			country, likeliest = by[c], uint8(c)
		}
	}
	if likeliest == 0 || country < w.weights.agreed {
		return Link{}
	}
	return Link{Known: true, Country: w.countryCode(likeliest), Confidence: min(country, 1)}
}
