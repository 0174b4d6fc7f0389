// Package lexicon knows the form of Quotewire's word lists and holds those that several rooms read: titles, first names
// with gender, family names, nationalities, countries, regions and cities. Lists that one room alone reads lie beside
// that room, in the same form.
//
// A list is a text file: one entry a line, its key first, then tab-separated values; lines that begin with "#" and
// empty lines are for people. Keys are in lower case and looked up so.
package lexicon

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// An Entry is one line of a list.
type Entry struct {
	Key    string   // never empty
	Values []string // what follows it, tab by tab; none is empty
	Line   int      // 1 for the file's first
}

// Parse reads a list. It refuses, naming file and line, what is most often a slip of the editor: invalid UTF-8, white
// space around a key or a value, an empty one, capitals in a key, and a key that stands twice.
func Parse(file, data string) ([]Entry, error) {
	var entries []Entry
	first := map[string]int{}
	for i, line := range strings.Split(strings.TrimSuffix(data, "\n"), "\n") {
		n := i + 1
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if !utf8.ValidString(line) {
			return nil, fmt.Errorf("%s:%d: invalid UTF-8", file, n)
		}
		fields := strings.Split(line, "\t")
		for _, f := range fields {
			if f == "" {
				return nil, fmt.Errorf("%s:%d: empty field", file, n)
			}
			if strings.TrimSpace(f) != f {
				return nil, fmt.Errorf("%s:%d: white space around %q", file, n, f)
			}
		}
		key := fields[0]
		if strings.IndexFunc(key, unicode.IsUpper) >= 0 {
			return nil, fmt.Errorf("%s:%d: key %q is not in lower case", file, n, key)
		}
		if before, ok := first[key]; ok {
			return nil, fmt.Errorf("%s:%d: %q stands already in line %d", file, n, key, before)
		}
		first[key] = n
		entries = append(entries, Entry{Key: key, Values: fields[1:], Line: n})
	}
	return entries, nil
}

// ParseColumns is [Parse] for a list whose every entry has at least min and at most max values.
func ParseColumns(file, data string, min, max int) ([]Entry, error) {
	entries, err := Parse(file, data)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if len(e.Values) < min || len(e.Values) > max {
			return nil, fmt.Errorf("%s:%d: %q has %d values, not %d to %d", file, e.Line, e.Key, len(e.Values), min, max)
		}
	}
	return entries, nil
}
