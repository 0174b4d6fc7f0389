package readingtest

import (
	"fmt"
	"sort"
	"strings"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// Parse takes the marks out of a text and returns what they say. Names are marked <p>, <l>, <o>, <n> and <x> (person,
// place, organisation, nationality, other), the parts of attribution 1 <c1> (content; several make one), <q1> (cue) and
// <s1> (source), of a thought <t1> in place of <c1>. Every mark is closed: </p>, </c1>.
//
//	<s1><p>Dana Reyes</p></s1> <q1>said</q1> <c1>the bridge would stay shut</c1>.
func Parse(marked string) (string, reading.Reading, error) {
	var (
		b     strings.Builder
		r     reading.Reading
		open  = map[string]int{}
		parts = map[string]*reading.Attribution{}
		ids   []string
	)
	for i := 0; i < len(marked); {
		tag, n := tagAt(marked[i:])
		if n == 0 {
			b.WriteByte(marked[i])
			i++
			continue
		}
		i += n
		name, closing := strings.CutPrefix(tag, "/")
		if !closing {
			open[name] = b.Len()
			continue
		}
		start, ok := open[name]
		if !ok {
			return "", r, fmt.Errorf("<%s> closes what is not open", tag)
		}
		delete(open, name)
		span := text.Span{Start: start, End: b.Len()}
		if k := strings.Index("plonx", name); k >= 0 && len(name) == 1 {
			kinds := [...]reading.Kind{reading.Person, reading.Place, reading.Organization, reading.Nationality, reading.Other}
			r.Names = append(r.Names, reading.Name{Span: span, Kind: kinds[k], Confidence: 0.9})
			continue
		}
		id := name[1:]
		a := parts[id]
		if a == nil {
			a = &reading.Attribution{Act: schema.Speech, Confidence: 0.9, Evidence: "test"}
			parts[id] = a
			ids = append(ids, id)
		}
		switch name[0] {
		case 't':
			a.Act = schema.Thought
			fallthrough
		case 'c':
			a.Content = append(a.Content, span)
		case 'q':
			a.Cue = span
		case 's':
			a.Source = span
		}
	}
	for name := range open {
		return "", r, fmt.Errorf("<%s> is never closed", name)
	}
	for _, id := range ids {
		a := parts[id]
		if len(a.Content) == 0 {
			return "", r, fmt.Errorf("attribution %s has no content", id)
		}
		r.Attributions = append(r.Attributions, *a)
	}
	sort.SliceStable(r.Names, func(i, j int) bool { return r.Names[i].Start < r.Names[j].Start })
	sort.SliceStable(r.Attributions, func(i, j int) bool {
		return r.Attributions[i].Content[0].Start < r.Attributions[j].Content[0].Start
	})
	return b.String(), r, nil
}

// tagAt is the mark that s begins with, and its length; 0 where there is none.
func tagAt(s string) (string, int) {
	if len(s) < 3 || s[0] != '<' {
		return "", 0
	}
	end := strings.IndexByte(s, '>')
	if end < 0 || end > 6 {
		return "", 0
	}
	tag := s[1:end]
	name := strings.TrimPrefix(tag, "/")
	switch {
	case name == "":
		return "", 0
	case len(name) == 1 && strings.Contains("plonx", name):
	case len(name) > 1 && strings.ContainsRune("ctqs", rune(name[0])) && strings.Trim(name[1:], "0123456789") == "":
	default:
		return "", 0
	}
	return tag, end + 1
}
