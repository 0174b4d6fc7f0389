package extract

import (
	"os"
	"strings"
	"testing"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// TestOtherLanguagesAreNotRead: no paragraph in another language, though there be a sentence of English in it, and no
// headline of a dozen words comes before the reader; each gives a record that says so. Every English one does.
func TestOtherLanguagesAreNotRead(t *testing.T) {
	data, err := os.ReadFile("language/testdata/texts.tsv")
	if err != nil {
		t.Fatal(err)
	}
	read := false
	x, err := New(Reader{Name: "telltale", Read: func(*text.Doc) reading.Reading { read = true; return reading.Reading{} }}, "test")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for line := range strings.Lines(string(data)) {
		field := strings.Split(strings.TrimSpace(line), "\t")
		for _, stated := range []string{"", field[0]} {
			english := field[0] == "en"
			if stated == "" && !english && field[1] == "short headline" {
				continue // too short to tell
			}
			n++
			read = false
			r := x.Extract(schema.Article{Text: field[2], Language: stated})
			if err := r.Check(field[2]); err != nil {
				t.Error(err)
			}
			warned := false
			for _, w := range r.Warnings {
				warned = warned || w.Code == schema.WarnLanguage
			}
			if read != english || warned == english {
				t.Errorf("%s %s, stated %q: read %t, warned %t", field[0], field[1], stated, read, warned)
			}
		}
	}
	if n < 100 {
		t.Errorf("only %d texts", n)
	}
}
