package extract

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func opened(t testing.TB, reader string) *Extractor {
	t.Helper()
	r, err := Open(reader)
	if err != nil {
		t.Fatal(err)
	}
	x, err := New(r, "test")
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func where(g *schema.Geography) string {
	if g == nil {
		return "-"
	}
	var parts []string
	if g.Country != nil {
		parts = append(parts, *g.Country)
	}
	if g.Feature != nil {
		parts = append(parts, *g.Feature)
	}
	if g.Lat != nil && g.Lon != nil {
		parts = append(parts, fmt.Sprintf("%.0f,%.0f", *g.Lat, *g.Lon))
	}
	if g.GeoNames != nil {
		parts = append(parts, fmt.Sprint(*g.GeoNames))
	}
	return strings.Join(parts, " ")
}

func TestPlacesOfARecord(t *testing.T) {
	const body = `COLUMBUS, Ga. (AP) — The mayor of Columbus flew from Georgia to France on Monday.

"Germany was next," Jane Doe said in Berlin. The ship crossed the Black Sea and the Canadian crew slept.`
	r := opened(t, "fast").Extract(schema.Article{Text: body})
	if err := r.Check(body); err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, e := range r.Entities {
		if e.Kind == schema.Place {
			got[strings.ToLower(e.Name)] = where(e.Place)
		} else if e.Place != nil {
			t.Errorf("%s is a %s at %s", e.Name, e.Kind, where(e.Place))
		}
	}
	for name, want := range map[string]string{
		"columbus": "US city 32,-85 4188985", "france": "FR country 47,3 3017382", "germany": "DE country 51,10 2921044",
		"berlin": "DE city 53,13 2950159",
	} {
		if got[name] != want {
			t.Errorf("%s is at %q, want %q; all: %v", name, got[name], want, got)
		}
	}
	if at, ok := got["canadian"]; ok {
		t.Errorf("an adjective is a place: %s", at)
	}
}

// Spans outside the text name nothing, and no text makes it fail.
func TestLocate(t *testing.T) {
	x := opened(t, "baseline")
	got := x.Locate("Zürich\xff, then Ōsaka", [][]schema.Span{{{Start: 0, End: 6}}, {{Start: 14, End: 19}}, {{Start: 90, End: 99}}, {}})
	var all []string
	for _, g := range got {
		all = append(all, where(g))
	}
	if diff := cmp.Diff([]string{"CH city 47,9 2657896", "JP city 35,136 1853909", "-", "-"}, all); diff != "" {
		t.Error(diff)
	}
}

// What the places cost beside all of a record, in one run.
func BenchmarkPlaces(b *testing.B) {
	paths, err := filepath.Glob("../testdata/articles/*.txt")
	if err != nil || len(paths) == 0 {
		b.Fatalf("no articles: %v", err)
	}
	var bodies []string
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		bodies = append(bodies, string(data))
	}
	for _, reader := range []string{"fast", "accurate"} {
		b.Run(reader, func(b *testing.B) {
			x := opened(b, reader)
			var places, all time.Duration
			x.Extract(schema.Article{Text: "In Paris."}) // unpacks the gazetteer
			for b.Loop() {
				for _, body := range bodies {
					began := time.Now()
					x.Extract(schema.Article{Text: body})
					all += time.Since(began)
					doc := text.Cut(body)
					who := x.resolver.Resolve(doc, x.reader.Read(doc))
					began = time.Now()
					locate(x.places, doc, who)
					places += time.Since(began)
				}
			}
			b.ReportMetric(100*places.Seconds()/all.Seconds(), "%places")
			b.ReportMetric(places.Seconds()*1e6/float64(b.N*len(bodies)), "µs-places/article")
		})
	}
}
