package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract/place"
	"github.com/quotewire/quotewire/extract/text"
)

// What pack writes, package place reads; cut short anywhere, it refuses.
func TestPack(t *testing.T) {
	all := []*record{
		{id: 1, name: "Corvia", country: "AB", lat: -10.5, lon: 170.25, feature: place.Country, people: 5e6},
		{id: 2, name: "Dorn", codes: []string{"DN"}, country: "AB", state: "AB.1", lat: -11, lon: 171, feature: place.State, people: 1e6},
		{id: 3, name: "Avila", names: []string{"Ávila Vieja"}, country: "AB", state: "AB.1", lat: -11.1234, lon: -179.9, feature: place.City, people: 9e5},
		{name: "Sea of Brod", lat: 90, lon: 180, feature: place.Water},
		{id: 5, name: "—", country: "AB"}, // no name to look up
	}
	for i := range 40 { // more than one block of keys
		all = append(all, &record{id: 1000 + i, name: fmt.Sprintf("Avil %c%d", 'a'+i%7, i), country: "AB", feature: place.City, people: 1e5})
	}
	data, err := pack(all)
	if err != nil {
		t.Fatal(err)
	}
	g, err := place.Load(data)
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct{ name, want string }{
		{"Corvia", "1 AB country -10.5000 170.2500"},
		{"Dorn", "2 AB state -11.0000 171.0000"},
		{"AVILA", "3 AB city -11.1234 -179.9000"},
		{"avila vieja", "3 AB city -11.1234 -179.9000"},
		{"Avila, DN", "3 AB city -11.1234 -179.9000"},
		{"the Sea of Brod", "0  water 90.0000 180.0000"},
		{"Avil d38", "1038 AB city 0.0000 0.0000"},
		{"Avil", "no"}, {"—", "no"}, {"DN", "no"}, {"zzz", "no"},
	} {
		l := g.Link(test.name, [][]text.Span{{{Start: 0, End: len(test.name)}}})[0]
		got := "no"
		if l.Located {
			got = fmt.Sprintf("%d %s %s %.4f %.4f", l.GeoNames, l.Country, l.Feature, l.Lat, l.Lon)
		}
		if got != test.want {
			t.Errorf("%s is %q, want %q", test.name, got, test.want)
		}
	}
	for cut := range len(data) {
		if _, err := place.Load(data[:cut]); err == nil {
			t.Fatalf("the first %d bytes of %d load", cut, len(data))
		}
	}
}

func TestAlternate(t *testing.T) {
	great, small := &record{people: 1e6}, &record{people: 900}
	for name, want := range map[string]bool{
		"Nova York": true, "NYC": false, "L.A.": true, "nova york": false, "Нью-Йорк": false, "N": false, "": false, strings.Repeat("Ab", 40): false,
	} {
		if got := alternate(great, name); got != want {
			t.Errorf("alternate(%q) = %v, want %v", name, got, want)
		}
		if alternate(small, name) {
			t.Errorf("%q is a further name of a hamlet", name)
		}
	}
}
