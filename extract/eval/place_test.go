package eval

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/schema"
)

const placesGold = `{"id": "a", "text": "From Avila to Brod and Avila, in Corvia by Dorn.", "entities": [
	{"start": 5, "end": 10, "type": "LOC", "geonames": "11", "fcode": "PPL", "lat": 40, "lon": -5},
	{"start": 14, "end": 18, "type": "LOC", "geonames": "12", "fcode": "PPL", "lat": 45, "lon": 16},
	{"start": 23, "end": 28, "type": "LOC", "geonames": "11", "fcode": "PPL", "lat": 40, "lon": -5},
	{"start": 33, "end": 39, "type": "LOC", "geonames": "13", "fcode": "PCLI", "lat": 60, "lon": 100},
	{"start": 43, "end": 47, "type": "LOC"}]}`

// Avila is right by distance, Brod wrong by it, Corvia right by its id alone, Dorn has no point to compare.
func TestPlaces(t *testing.T) {
	var gold Gold
	if err := gold.Read(strings.NewReader(strings.ReplaceAll(placesGold, "\n", " "))); err != nil {
		t.Fatal(err)
	}
	number := func(v float64) *float64 { return &v }
	var asked []string
	answers := gold.PredictPlaces(func(text string, names [][]Span) []*schema.Geography {
		where := make([]*schema.Geography, len(names))
		for i, spans := range names {
			name := text[spans[0][0]:spans[0][1]]
			asked = append(asked, name)
			three := 13
			where[i] = map[string]*schema.Geography{
				"Avila":  {Lat: number(41), Lon: number(-5)},
				"Brod":   {Lat: number(47), Lon: number(16)},
				"Corvia": {Lat: number(50), Lon: number(40), GeoNames: &three},
			}[name]
		}
		return where
	})
	if diff := cmp.Diff([]string{"Avila", "Brod", "Corvia", "Dorn"}, asked); diff != "" {
		t.Error("one place a name:", diff)
	}
	want := &Places{
		Gold: 4, Found: 4, Answered: 4, Within: Rate{75, 75}, Distance: 50, SameID: Rate{25, 25}, Countries: 1, Country: 100,
	}
	report, err := Score(&gold, answers, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, report.Places); diff != "" {
		t.Error(diff)
	}

	// What is written and read again scores the same.
	var file bytes.Buffer
	if err := answers.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := ReadPredictions(&file)
	if err != nil {
		t.Fatal(err)
	}
	if report, err = Score(&gold, again, Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, report.Places); diff != "" {
		t.Error(diff)
	}

	// A name that the reader found only half, one that it did not find, and one without a point.
	few := NewPredictions(Document{ID: "a", Entities: []Entity{
		{Start: 0, End: 10, Type: "LOC", Lat: number(40.5), Lon: number(-5)}, {Start: 14, End: 18, Type: "LOC"},
	}})
	if report, err = Score(&gold, few, Options{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(&Places{Gold: 4, Found: 2, Answered: 1, Within: Rate{100, 25}, Distance: 25, Countries: 1}, report.Places); diff != "" {
		t.Error(diff)
	}
}

func TestKilometres(t *testing.T) {
	for _, test := range []struct{ lat1, lon1, lat2, lon2, want float64 }{
		{0, 0, 0, 0, 0}, {0, 0, 1, 0, 111.195}, {60, 0, 60, 1, 55.597}, {0, 179.5, 0, -179.5, 111.195}, {90, 0, -90, 50, 20015.12},
	} {
		if got := kilometres(test.lat1, test.lon1, test.lat2, test.lon2); got < test.want-0.01 || got > test.want+0.01 {
			t.Errorf("kilometres(%v, %v, %v, %v) = %v, want %v", test.lat1, test.lon1, test.lat2, test.lon2, got, test.want)
		}
	}
}
