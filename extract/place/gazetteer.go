// Package place finds out which place on earth a name of a text means. It holds a gazetteer of countries, their divisions,
// populated places of more than 500 people and well-known waters, mountains and regions, and chooses among those of one
// name by what the text says around it. README.md tells where the gazetteer comes from.
package place

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"sync"

	"github.com/klauspost/compress/zstd"
)

//go:embed gazetteer.bin.zst
var packed []byte

// A Gazetteer knows places by name. It is read-only, and so safe for concurrent use.
type Gazetteer struct {
	tables func() *tables
}

// Open returns the gazetteer that the program carries. It is unpacked when it is first asked, which takes some tens of
// milliseconds and 12 MB.
func Open() *Gazetteer {
	return &Gazetteer{sync.OnceValue(func() *tables {
		t, err := unpack(packed)
		if err != nil {
			panic("the gazetteer in the program is broken: " + err.Error()) // it is part of the program, and a test reads it
		}
		return t
	})}
}

// Load returns the gazetteer that gen wrote.
func Load(packed []byte) (*Gazetteer, error) {
	t, err := unpack(packed)
	if err != nil {
		return nil, err
	}
	return &Gazetteer{func() *tables { return t }}, nil
}

// Feature is what a place is.
type Feature uint8

const (
	Country  Feature = iota
	State            // a first-level division of a country
	County           // a second-level one
	Capital          // a country's capital
	Seat             // the seat of a state's government
	City             // any other populated place
	District         // a part of a city
	Continent
	Region // several countries, or parts of some
	Water
	Mountain
	Island
	Building
	features // how many there are
)

// String is the feature's name in a record.
func (f Feature) String() string {
	switch f {
	case Country:
		return "country"
	case State:
		return "state"
	case County:
		return "county"
	case Capital, Seat, City:
		return "city"
	case District:
		return "district"
	case Continent:
		return "continent"
	case Region:
		return "region"
	case Water:
		return "water"
	case Mountain:
		return "mountain"
	case Island:
		return "island"
	default:
		return "building"
	}
}

// Magic begins an unpacked gazetteer. It counts the changes of the form.
const Magic = "qwplace1"

// tables is an unpacked gazetteer: a sorted list of keys, and columns with a row a place. The rows stand in the order of
// their main keys, so that a key need not list the places whose main name it is.
//
//	magic     8 bytes
//	counts    4 × uint32: places n, states s, countries c, bytes of keys k
//	countries c × 2 bytes: ISO 3166-1 codes; the first is "--", none
//	states    s × uint32: the row of each; the first is no state
//	id        4 planes of n bytes, the low bytes first: GeoNames id, 0 where there is none
//	lat, lon  3 planes of n bytes each: ten-thousandths of a degree, plus 90 and 180 degrees
//	country   n bytes
//	state     2 planes of n bytes
//	feature   n bytes
//	people    n bytes: 25 times the decimal logarithm of population + 1
//	keys      k bytes: for each, how many bytes it shares with the key before (0 for every sixteenth), how many follow, these;
//	          then uvarints: how many rows have it as their main key, how many others have it, and these rows times 2,
//	          plus 1 where it is a code of a state ("TX") or an adjective of a country ("French")
//
// All numbers are little-endian. Planes, not whole numbers, because they pack better.
type tables struct {
	countries                        []byte
	states                           []byte
	id, lat, lon                     []byte
	country, state, feature, peoples []byte
	n                                int
	keys                             []byte
	blocks                           []block // of 16 keys
}

type block struct {
	at  uint32 // offset of its first key
	row uint32 // the first row with that key, or a later one
}

const perBlock = 16

var errShort = errors.New("gazetteer: cut short")

func unpack(packed []byte) (*tables, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(64<<20))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	raw, err := d.DecodeAll(packed, nil)
	if err != nil {
		return nil, fmt.Errorf("gazetteer: %w", err)
	}
	if len(raw) < len(Magic)+16 {
		return nil, errShort
	}
	if string(raw[:len(Magic)]) != Magic {
		return nil, fmt.Errorf("gazetteer: begins with %q, want %q", raw[:len(Magic)], Magic)
	}
	raw = raw[len(Magic):]
	var count [4]int
	for i := range count {
		count[i] = int(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	raw = raw[16:]
	n, states, countries, keys := count[0], count[1], count[2], count[3]
	if want := 2*countries + 4*states + 15*n + keys; len(raw) != want {
		return nil, fmt.Errorf("gazetteer: %d bytes of tables, want %d", len(raw), want)
	}
	take := func(size int) []byte {
		part := raw[:size:size]
		raw = raw[size:]
		return part
	}
	t := &tables{n: n}
	t.countries, t.states = take(2*countries), take(4*states)
	t.id, t.lat, t.lon = take(4*n), take(3*n), take(3*n)
	t.country, t.state, t.feature, t.peoples = take(n), take(2*n), take(n), take(n)
	t.keys = take(keys)
	return t, t.index()
}

// index finds the blocks and checks once what every look-up then relies on.
func (t *tables) index() error {
	row, before := 0, 0
	for at, k := 0, 0; at < len(t.keys); k++ {
		e, next := t.entry(at)
		if next < 0 || e.shared > before || e.shared+len(e.rest) > longest {
			return fmt.Errorf("gazetteer: key %d is broken", k)
		}
		before = e.shared + len(e.rest)
		if k%perBlock == 0 {
			if e.shared != 0 {
				return fmt.Errorf("gazetteer: key %d leans on the one before", k)
			}
			t.blocks = append(t.blocks, block{uint32(at), uint32(row)})
		}
		for i, others := 0, e.others; i < e.other; i++ {
			r, size := binary.Uvarint(others)
			if r/2 >= uint64(t.n) {
				return fmt.Errorf("gazetteer: key %d is of no row", k)
			}
			others = others[size:]
		}
		if row+e.main > t.n {
			break
		}
		row += e.main
		at = next
	}
	if row != t.n {
		return fmt.Errorf("gazetteer: keys of %d places, want %d", row, t.n)
	}
	for i := range t.n {
		if 2*int(t.country[i]) >= len(t.countries) || 4*t.stateOf(i) >= len(t.states) || Feature(t.feature[i]) >= features {
			return fmt.Errorf("gazetteer: row %d is broken", i)
		}
	}
	for i := 0; i < len(t.states); i += 4 {
		if int(binary.LittleEndian.Uint32(t.states[i:])) >= t.n {
			return fmt.Errorf("gazetteer: state %d is of no row", i/4)
		}
	}
	return nil
}

// An entry is one key as it is packed.
type entry struct {
	shared int
	rest   []byte
	main   int    // rows with it as their main key
	other  int    // further rows
	others []byte // these
}

// entry reads the one at an offset; next is negative where it is broken.
func (t *tables) entry(at int) (e entry, next int) {
	b := t.keys[at:]
	if len(b) < 2 || len(b) < 2+int(b[1]) {
		return e, -1
	}
	e.shared, e.rest = int(b[0]), b[2:2+b[1]]
	b = b[2+b[1]:]
	main, size := binary.Uvarint(b)
	if size <= 0 || main > uint64(t.n) {
		return e, -1
	}
	b = b[size:]
	other, size := binary.Uvarint(b)
	if size <= 0 || other > uint64(len(b)) {
		return e, -1
	}
	b = b[size:]
	e.main, e.other, e.others = int(main), int(other), b
	for range e.other {
		_, size := binary.Uvarint(b)
		if size <= 0 {
			return e, -1
		}
		b = b[size:]
	}
	return e, len(t.keys) - len(b)
}

// find returns the entry of a key and the first row that has it as its main one. It takes logarithmic time and does not
// allocate.
func (t *tables) find(key []byte) (e entry, row int, ok bool) {
	if len(key) == 0 || len(key) > longest {
		return e, 0, false
	}
	low, high := 0, len(t.blocks) // the last block whose first key is not after key
	for low < high {
		mid := int(uint(low+high) / 2)
		at := int(t.blocks[mid].at)
		if string(t.keys[at+2:at+2+int(t.keys[at+1])]) <= string(key) {
			low = mid + 1
		} else {
			high = mid
		}
	}
	if low == 0 {
		return e, 0, false
	}
	at, row := int(t.blocks[low-1].at), int(t.blocks[low-1].row)
	var name [longest]byte
	for range perBlock {
		if at >= len(t.keys) {
			break
		}
		e, next := t.entry(at)
		length := e.shared + copy(name[e.shared:], e.rest)
		if string(name[:length]) == string(key) {
			return e, row, true
		}
		row += e.main
		at = next
	}
	return entry{}, 0, false
}

// rows appends the rows that have a key, those with it as their main name first, and at most a number of them; main says
// how many these are, codes is 1 for each of the others to which it is a mere code.
func (t *tables) rows(dst []match, key []byte, most int) []match {
	e, row, ok := t.find(key)
	if !ok {
		return dst
	}
	return e.matches(dst, row, most)
}

// matches appends the rows of an entry whose first main one is known.
func (e *entry) matches(dst []match, row, most int) []match {
	for i := 0; i < e.main && i < most; i++ {
		dst = append(dst, match{row: row + i})
	}
	others := e.others
	for i := 0; i < e.other && i < most; i++ {
		r, size := binary.Uvarint(others)
		others = others[size:]
		how := byName
		if r&1 == 1 {
			how = byCode
		}
		dst = append(dst, match{int(r / 2), how})
	}
	return dst
}

// A match is a row and how it came to a key.
type match struct {
	row int
	how how
}

type how uint8

const (
	byMain how = iota // its main name
	byName            // another name of it
	byCode            // of a state: "TX", "Tex."; of a country: what is of it, "French", "Finns"
)

func (t *tables) geonames(row int) int {
	return int(t.id[row]) | int(t.id[t.n+row])<<8 | int(t.id[2*t.n+row])<<16 | int(t.id[3*t.n+row])<<24
}

// degrees is where a place is.
func (t *tables) degrees(row int) (lat, lon float64) {
	plane := func(p []byte) int { return int(p[row]) | int(p[t.n+row])<<8 | int(p[2*t.n+row])<<16 }
	return float64(plane(t.lat)-90_0000) / 1e4, float64(plane(t.lon)-180_0000) / 1e4
}

func (t *tables) stateOf(row int) int { return int(t.state[row]) | int(t.state[t.n+row])<<8 }

func (t *tables) countryCode(country uint8) string {
	if country == 0 {
		return ""
	}
	return string(t.countries[2*int(country) : 2*int(country)+2])
}

// magnitude is the decimal logarithm of a place's population, or 0.
func (t *tables) magnitude(row int) float64 { return float64(t.peoples[row]) / 25 }

// kilometres is the distance over the ground, after Sinnott's haversine (Sky & Telescope 68, 1984).
func kilometres(lat1, lon1, lat2, lon2 float64) float64 {
	const rad = math.Pi / 180
	a := math.Sin((lat2 - lat1) * rad / 2)
	b := math.Sin((lon2 - lon1) * rad / 2)
	h := a*a + math.Cos(lat1*rad)*math.Cos(lat2*rad)*b*b
	return 2 * 6371.0088 * math.Asin(math.Sqrt(min(1, h)))
}
