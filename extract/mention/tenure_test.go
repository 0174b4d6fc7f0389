package mention

import (
	"testing"

	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func TestTenure(t *testing.T) {
	f := finder(t)
	for _, c := range []struct {
		text string
		want schema.Tenure
	}{
		{`Mayor <p>Bo Ek</p> came.`, ""},
		{`Former Mayor <p>Bo Ek</p> came.`, schema.Former},
		{`Ex-minister <p>Bo Ek</p> came.`, schema.Former},
		{`Then-President <p>Bo Ek</p> came.`, schema.Former},
		{`The late king <p>Bo Ek</p> came.`, schema.Former},
		{`<p>Bo Ek</p>, who was the mayor, came.`, schema.Former},
		{`<p>Bo Ek</p>, the retired general, came.`, schema.Former},
		{`<p>Bo Ek</p> is the mayor.`, ""},
		{`Acting Mayor <p>Bo Ek</p> came.`, schema.Acting},
		{`<p>Bo Ek</p>, the interim coach, came.`, schema.Acting},
		{`President-elect <p>Bo Ek</p> came.`, schema.Incoming},
		{`The president-elect said so.`, schema.Incoming},
		{`<p>Bo Ek</p>, the incoming director, came.`, schema.Incoming},
		{`The outgoing president, <p>Bo Ek</p>, came.`, ""}, // he still holds it
	} {
		s, found, err := readingtest.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		doc := text.Cut(s)
		seen := false
		for _, m := range f.Find(doc, found.Names, nil) {
			for _, r := range append(m.Roles, m.Office) {
				if r.Title.Empty() {
					continue
				}
				seen = true
				if got := r.Tenure(doc); got != c.want {
					t.Errorf("%s: %q is held %q, want %q", s, doc.Slice(r.Title), got, c.want)
				}
			}
		}
		if !seen {
			t.Errorf("%s: no role", s)
		}
	}
}
