package extract_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/schema"
)

func list(t testing.TB, s string) *people.List {
	t.Helper()
	l, err := people.Parse(strings.NewReader(s))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLinked(t *testing.T) {
	plain := open(t, "baseline")
	a := schema.Article{Text: "“The ferry will sail at nine,” said Mayor Iris Pell. Olaf Brandt left the harbour."}
	linked := plain.Linked(list(t, "id,name\n7,Iris Pell\n8,Olaf Brandt\n9,Olaf Brandt\n"))
	r := linked.Extract(a)
	if err := r.Check(a.Text); err != nil {
		t.Fatal(err)
	}
	for _, e := range r.Entities {
		switch e.Name {
		case "Iris Pell":
			if e.Link == nil || e.Link.ID != "7" || e.Link.Rule != "exact_name" {
				t.Errorf("%s: %+v", e.Name, e.Link)
			}
		default:
			if e.Link != nil {
				t.Errorf("%s: %+v", e.Name, *e.Link)
			}
		}
	}
	warned := slices.IndexFunc(r.Warnings, func(w schema.Warning) bool { return w.Code == schema.WarnAmbiguous })
	if warned < 0 || !strings.Contains(r.Warnings[warned].Message, "Olaf Brandt (e2) may be 8, 9 of the list") {
		t.Errorf("warnings %v", r.Warnings)
	}

	// The list is part of the fingerprint, and so of the record's id; the same list gives the same bytes.
	bare := plain.Extract(a)
	other := plain.Linked(list(t, "id,name\n1,Somebody Else\n")).Extract(a)
	again := plain.Linked(list(t, "id,name\n7,Iris Pell\n8,Olaf Brandt\n9,Olaf Brandt\n")).Extract(a)
	if bare.ID == r.ID || bare.ID == other.ID || r.ID == other.ID || r.Extractor.Fingerprint == other.Extractor.Fingerprint {
		t.Errorf("ids %s, %s, %s", bare.ID, r.ID, other.ID)
	}
	one, _ := r.JSON()
	two, _ := again.JSON()
	if string(one) != string(two) {
		t.Errorf("two records:\n%s\n%s", one, two)
	}
}

// TestNamesakes: however many people of an article a list has twice, the record tells of few, and says so.
func TestNamesakes(t *testing.T) {
	var rows, text strings.Builder
	rows.WriteString("id,name\n")
	for i := range 60 {
		name := fmt.Sprintf("Maria %c%cson", 'A'+i%26, 'a'+i/26)
		fmt.Fprintf(&rows, "a%d,%s\nb%d,%s\n", i, name, i, name)
		fmt.Fprintf(&text, "Mrs. %s came. ", name)
	}
	r := open(t, "baseline").Linked(list(t, rows.String())).Extract(schema.Article{Text: text.String()})
	if err := r.Check(text.String()); err != nil {
		t.Fatal(err)
	}
	n := 0
	last := ""
	for _, w := range r.Warnings {
		if w.Code == schema.WarnAmbiguous {
			n++
			last = w.Message
		}
	}
	if n != 21 || !strings.Contains(last, "more names may each be several of the list") {
		t.Errorf("%d warnings, the last %q", n, last)
	}
}
