package eval

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"

	"github.com/quotewire/quotewire/schema"
)

// Places are measure P: which place on earth a name means, for gold names with a point. A name is right within 161 km (100
// miles, the customary limit since Cheng, Caverlee and Lee, CIKM 2010; see Gritta et al., "A pragmatic guide to geoparsing
// evaluation", 2020) if its answer has the gold's GeoNames id, or lies no farther from the gold's point. The id counts
// as no distance because the point of a country or a state is anywhere in it, and gazetteers differ by hundreds of
// kilometres. A name without an answer is wrong. The answer to a name is that of the prediction with the same span, or
// else of the first that overlaps it.
type Places struct {
	Gold      int     `json:"gold"`
	Found     int     `json:"found"`     // of them, those that a predicted name overlaps
	Answered  int     `json:"answered"`  // and that have a point
	Within    Rate    `json:"within"`    // right within 161 km
	Distance  float64 `json:"distance"`  // of the gold, in percent: the same by distance alone, whatever the id
	SameID    Rate    `json:"same_id"`   // right by GeoNames id
	Countries int     `json:"countries"` // of the gold, those that are countries
	Country   float64 `json:"country"`   // of these, in percent, right by id
}

// Rate is a share in percent.
type Rate struct {
	OfAnswered float64 `json:"of_answered"`
	OfGold     float64 `json:"of_gold"`
}

const (
	near        = 161.0    // kilometres
	earthRadius = 6371.009 // kilometres, mean
)

func (g *Gold) hasPlaces() bool {
	for i := range g.Documents {
		for k := range g.Documents[i].Entities {
			if g.Documents[i].Entities[k].located() {
				return true
			}
		}
	}
	return false
}

func (e *Entity) located() bool { return e.Lat != nil && e.Lon != nil }

func scorePlaces(gold *Gold, answers []*Document) *Places {
	p := &Places{}
	var within, distance, id, country int
	for i := range gold.Documents {
		bySpan := map[Span]*Entity{}
		for k := range answers[i].Entities {
			e := &answers[i].Entities[k]
			bySpan[Span{e.Start, e.End}] = e
		}
		for k := range gold.Documents[i].Entities {
			want := &gold.Documents[i].Entities[k]
			if !want.located() {
				continue
			}
			p.Gold++
			state := strings.HasPrefix(want.FeatureCode, "PCL") // GeoNames' codes of political entities
			p.Countries += one(state)
			got := bySpan[Span{want.Start, want.End}]
			if got == nil {
				got = overlapping(answers[i].Entities, want)
			}
			if got == nil {
				continue
			}
			p.Found++
			if !got.located() {
				continue
			}
			p.Answered++
			same := want.GeoNames != "" && want.GeoNames == got.GeoNames
			close := kilometres(*want.Lat, *want.Lon, *got.Lat, *got.Lon) <= near
			id += one(same)
			within += one(same || close)
			distance += one(close)
			country += one(same && state)
		}
	}
	p.Within = Rate{percent(within, p.Answered), percent(within, p.Gold)}
	p.SameID = Rate{percent(id, p.Answered), percent(id, p.Gold)}
	p.Distance, p.Country = percent(distance, p.Gold), percent(country, p.Countries)
	return p
}

func overlapping(all []Entity, want *Entity) *Entity {
	for i := range all {
		if e := &all[i]; e.Type == "LOC" && e.Start < want.End && want.Start < e.End {
			return e
		}
	}
	return nil
}

// kilometres is the distance over the ground by the haversine formula.
func kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a, b := math.Sin((lat2-lat1)*rad/2), math.Sin((lon2-lon1)*rad/2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
}

// locate writes down where a record says that an entity is.
func (e *Entity) locate(g *schema.Geography) {
	if g == nil {
		return
	}
	e.Lat, e.Lon = g.Lat, g.Lon
	if g.GeoNames != nil {
		e.GeoNames = json.Number(strconv.Itoa(*g.GeoNames))
	}
	if g.Country != nil {
		e.Country = *g.Country
	}
}

// PredictPlaces has the gold's own names of places located: what is then scored is the choice among places of one name
// alone, not the finding of names. Names that differ by case alone are given as one place.
func (g *Gold) PredictPlaces(locate func(text string, names [][]Span) []*schema.Geography) *Predictions {
	p := &Predictions{Documents: make([]Document, len(g.Documents))}
	for i := range g.Documents {
		d := &g.Documents[i]
		runes := d.runes()
		out := Document{ID: d.ID, Domain: d.Domain, Annotator: d.Annotator, Entities: []Entity{}, Attributions: []Attribution{}}
		var names [][]Span
		var of []int // the place of each entity of out
		known := map[string]int{}
		for _, e := range d.Entities {
			if e.Type != "LOC" {
				continue
			}
			name := strings.ToLower(string(runes[e.Start:e.End]))
			k, ok := known[name]
			if !ok {
				k = len(names)
				known[name], names = k, append(names, nil)
			}
			names[k] = append(names[k], Span{e.Start, e.End})
			of = append(of, k)
			out.Entities = append(out.Entities, Entity{Start: e.Start, End: e.End, Type: "LOC"})
		}
		where := locate(d.Text, names)
		for k := range out.Entities {
			out.Entities[k].locate(where[of[k]])
		}
		p.Documents[i] = out
	}
	_ = p.index()
	return p
}
