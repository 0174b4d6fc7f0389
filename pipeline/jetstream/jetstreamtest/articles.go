package jetstreamtest

import (
	"fmt"
	"strings"
)

var (
	names  = []string{"Anna Berger", "Tomás Rivera", "Ines Okafor", "Paul Lindqvist", "Mira Castellan", "John Whitfield", "Sefa Demir"}
	places = []string{"Rotterdam", "Lisbon", "Nairobi", "Toronto", "Hamburg"}
	things = []string{"the harbour bridge", "the night trains", "the water plant", "the new school", "the fish market"}
)

// News is the i-th of any number of news, all different: two paragraphs of 40 words together.
func News(i int) (title, text string) {
	name, place, thing := names[i%len(names)], places[i/3%len(places)], things[i/2%len(things)]
	last := name[strings.IndexByte(name, ' ')+1:]
	return fmt.Sprintf("Vote %d on %s", i, thing),
		fmt.Sprintf("%s, the mayor of %s, said on Monday that %s would cost %d million euros. “We have waited %d years for this,” %s said.\n\nThe council voted %d to %d. Residents said that they were not asked.",
			name, place, thing, 3+i%90, 1+i%40, last, 10+i%30, i%10)
}

// Long is the i-th of long articles: n times News.
func Long(i, n int) string {
	all := make([]string, n)
	for k := range all {
		_, all[k] = News(i*37 + k)
	}
	return strings.Join(all, "\n\n")
}
