package extract

import (
	"math"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/place"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// locate finds out which places the text's are, by entity: nil for what is no place, and where it is not safe to say.
func locate(gazetteer *place.Gazetteer, doc *text.Doc, who coref.Resolution) []*schema.Geography {
	where := make([]*schema.Geography, len(who.Entities))
	var entities []int
	var names [][]text.Span
	for i, e := range who.Entities {
		if e.Kind != schema.Place {
			continue
		}
		var spans []text.Span
		for _, k := range e.Mentions {
			if m := &who.Mentions[k]; m.Form == schema.ByName {
				spans = append(spans, m.Span)
			}
		}
		entities, names = append(entities, i), append(names, spans)
	}
	for k, link := range gazetteer.Link(doc.Text, names) {
		if link.Known {
			where[entities[k]] = geography(link)
		}
	}
	return where
}

// Locate finds out which places the names are that somebody else found, each given by its spans in code points. So the
// linking of places is measured by itself.
func (x *Extractor) Locate(body string, names [][]schema.Span) []*schema.Geography {
	doc := text.Cut(schema.Valid(body))
	places := make([][]text.Span, len(names))
	for i, spans := range names {
		for _, s := range spans {
			places[i] = append(places[i], text.Span{Start: doc.ByteOffset(s.Start), End: doc.ByteOffset(s.End)})
		}
	}
	where := make([]*schema.Geography, len(names))
	for i, link := range x.places.Link(doc.Text, places) {
		if link.Known {
			where[i] = geography(link)
		}
	}
	return where
}

func geography(l place.Link) *schema.Geography {
	g := &schema.Geography{}
	if l.Country != "" {
		g.Country = &l.Country
	}
	if !l.Located {
		return g
	}
	if l.GeoNames != 0 {
		g.GeoNames = &l.GeoNames
	}
	feature := l.Feature.String()
	lat, lon := degrees(l.Lat), degrees(l.Lon)
	g.Lat, g.Lon, g.Feature = &lat, &lon, &feature
	return g
}

// degrees keeps what the gazetteer knows, about ten metres, and no more digits.
func degrees(v float64) float64 { return math.Round(v*1e4) / 1e4 }
