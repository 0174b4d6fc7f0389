package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strings"

	"github.com/klauspost/compress/zstd"

	"github.com/quotewire/quotewire/extract/place"
)

// A record is one place on its way into the gazetteer.
type record struct {
	id       int
	name     string
	names    []string // its other ones
	codes    []string // "TX", "Tex."
	lat, lon float64
	country  string // ISO 3166-1; empty for none
	state    string // GeoNames code of the first-level division that it lies in, or is: "US.TX"
	feature  place.Feature
	people   float64
}

func key(name string) string { return string(place.AppendKey(nil, name)) }

// pack writes the form that package place documents.
func pack(all []*record) ([]byte, error) {
	main := map[*record]string{}
	all = slices.DeleteFunc(slices.Clone(all), func(r *record) bool {
		main[r] = key(r.name)
		return main[r] == ""
	})
	slices.SortStableFunc(all, func(a, b *record) int {
		if c := strings.Compare(main[a], main[b]); c != 0 {
			return c
		}
		if a.people != b.people {
			if a.people > b.people {
				return -1
			}
			return 1
		}
		return a.id - b.id
	})

	n := len(all)
	countries := []string{"--"}
	countryOf := map[string]int{"": 0}
	for _, r := range all {
		if _, ok := countryOf[r.country]; !ok {
			countryOf[r.country] = 0
			countries = append(countries, r.country)
		}
	}
	slices.Sort(countries[1:])
	for i, c := range countries[1:] {
		countryOf[c] = i + 1
	}
	if len(countries) > 256 {
		return nil, errors.New("more than 255 countries")
	}
	states := []uint32{0}
	stateOf := map[string]int{}
	for row, r := range all {
		if r.feature == place.State && r.state != "" {
			stateOf[r.state] = len(states)
			states = append(states, uint32(row))
		}
	}

	type others struct{ main, other []int }
	keys := map[string]*others{}
	at := func(k string) *others {
		o := keys[k]
		if o == nil {
			o = &others{}
			keys[k] = o
		}
		return o
	}
	id, lat, lon := make([]byte, 4*n), make([]byte, 3*n), make([]byte, 3*n)
	country, state, feature, people := make([]byte, n), make([]byte, 2*n), make([]byte, n), make([]byte, n)
	planes := func(to []byte, row, v int) {
		for ; len(to) > 0; to = to[n:] {
			to[row] = byte(v)
			v >>= 8
		}
	}
	for row, r := range all {
		planes(id, row, r.id)
		planes(lat, row, int(math.Round((r.lat+90)*1e4)))
		planes(lon, row, int(math.Round((r.lon+180)*1e4)))
		country[row] = byte(countryOf[r.country])
		planes(state, row, stateOf[r.state])
		feature[row] = byte(r.feature)
		people[row] = byte(math.Round(25 * math.Log10(max(0, r.people)+1)))

		at(main[r]).main = append(at(main[r]).main, row)
		seen := map[string]bool{"": true, main[r]: true}
		for code, names := range [][]string{r.names, r.codes} {
			for _, name := range names {
				if k := key(name); !seen[k] {
					seen[k] = true
					at(k).other = append(at(k).other, 2*row+code)
				}
			}
		}
	}

	sorted := make([]string, 0, len(keys))
	for k := range keys {
		sorted = append(sorted, k)
	}
	slices.Sort(sorted)
	var table []byte
	before := ""
	for i, k := range sorted {
		shared := 0
		if i%16 != 0 {
			for shared < min(len(k), len(before)) && k[shared] == before[shared] {
				shared++
			}
		}
		table = append(table, byte(shared), byte(len(k)-shared))
		table = append(table, k[shared:]...)
		o := keys[k]
		table = binary.AppendUvarint(table, uint64(len(o.main)))
		table = binary.AppendUvarint(table, uint64(len(o.other)))
		slices.SortStableFunc(o.other, func(a, b int) int { return int(people[b/2]) - int(people[a/2]) })
		for _, row := range o.other {
			table = binary.AppendUvarint(table, uint64(row))
		}
		before = k
	}

	var out bytes.Buffer
	out.WriteString(place.Magic)
	for _, v := range []int{n, len(states), len(countries), len(table)} {
		binary.Write(&out, binary.LittleEndian, uint32(v))
	}
	for _, c := range countries {
		out.WriteString(c)
	}
	for _, s := range states {
		binary.Write(&out, binary.LittleEndian, s)
	}
	for _, column := range [][]byte{id, lat, lon, country, state, feature, people, table} {
		out.Write(column)
	}
	w, err := zstd.NewWriter(nil, zstd.WithEncoderLevel(zstd.SpeedBestCompression), zstd.WithEncoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	return w.EncodeAll(out.Bytes(), nil), w.Close()
}
