//go:build unix

package chaos_test

import (
	"fmt"
	"strings"
)

var (
	names  = []string{"Anna Berger", "Tomás Rivera", "Ines Okafor", "Paul Lindqvist", "Mira Castellan", "John Whitfield", "Sefa Demir"}
	places = []string{"Rotterdam", "Lisbon", "Nairobi", "Toronto", "Hamburg"}
	things = []string{"the harbour bridge", "the night trains", "the water plant", "the new school", "the fish market"}
)

// bad reports whether the i-th article cannot be read: one in twenty.
func bad(i int) bool { return i%20 == 7 }

// article is the i-th article: all are different, and short enough for thousands of them.
func article(i int) []byte {
	name, place, thing := names[i%len(names)], places[i/3%len(places)], things[i/2%len(things)]
	last := name[strings.IndexByte(name, ' ')+1:]
	if bad(i) {
		switch i / 20 % 4 {
		case 0:
			return fmt.Appendf(nil, `{"id":"chaos-%d","text":"The council met`, i)
		case 1:
			return fmt.Appendf(nil, `{"id":"chaos-%d","title":"No text"}`, i)
		case 2:
			return fmt.Appendf(nil, `{"id":"chaos-%d","text":""}`, i)
		default:
			return fmt.Appendf(nil, "{\"id\":\"chaos-%d\",\"text\":\"Broken \xff\xfe bytes\"}", i)
		}
	}
	return fmt.Appendf(nil, `{"id":"chaos-%d","language":"en","title":"Vote %d on %s","text":"%s, the mayor of %s, said on Monday that %s would cost %d million euros. “We have waited %d years for this,” %s said.\n\nThe council voted %d to %d. Residents said that they were not asked."}`,
		i, i, thing, name, place, thing, 3+i%90, 1+i%40, last, 10+i%30, i%10)
}
