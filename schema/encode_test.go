package schema

import (
	"bytes"
	"encoding/json"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// standard is the record as encoding/json writes it.
func standard(r Record) ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	err := e.Encode(r)
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), err
}

func sameAsStandard(t *testing.T, r Record) {
	t.Helper()
	want, errWant := standard(r)
	got, err := r.JSON()
	if (err == nil) != (errWant == nil) {
		t.Fatalf("error %v, encoding/json's %v", err, errWant)
	}
	if err != nil {
		return
	}
	if !bytes.Equal(got, want) {
		t.Fatal(cmp.Diff(string(want), string(got)))
	}
	before := []byte("before")
	if all, _ := r.AppendJSON(before); string(all) != "before"+string(want) {
		t.Fatalf("appended: %s", all)
	}
}

// TestEncode draws records in which every field has values of every kind that its type allows: none can be left out
// of AppendJSON, or written otherwise than encoding/json writes it.
func TestEncode(t *testing.T) {
	sameAsStandard(t, Record{})
	sameAsStandard(t, made())
	r := rand.New(rand.NewPCG(1, 2))
	for range 2000 {
		var rec Record
		draw(r, reflect.ValueOf(&rec).Elem())
		sameAsStandard(t, rec)
	}
	nan := math.NaN()
	bad := made()
	bad.Entities[1].Place.Lat = &nan
	sameAsStandard(t, bad)
	if all, err := bad.AppendJSON([]byte("before")); err == nil || string(all) != "before" {
		t.Errorf("%s, %v", all, err)
	}
}

var (
	drawnStrings = []string{"", "e1", "Košice", "\"\\/<>&\x00\b\f\n\r\t\x1f\x7f", "\u2028\u2029\ufffd", "\xff\xc3", "字\xe5\xad", "😀\xf0\x9f\x98"}
	drawnFloats  = []float64{0, 1, 0.875, 0.001, -41.5, 1e-6, 1e-7, -9.5e-10, 1e20, 1e21, -1.25e300, 5e-324, math.MaxFloat64}
)

// draw fills a value of the types of a record with anything that they allow.
func draw(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			draw(r, v.Field(i))
		}
	case reflect.Slice:
		if n := r.IntN(4); n > 0 { // else nil
			v.Set(reflect.MakeSlice(v.Type(), n-1, n-1))
			for i := range n - 1 {
				draw(r, v.Index(i))
			}
		}
	case reflect.Pointer:
		if r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			draw(r, v.Elem())
		}
	case reflect.String:
		v.SetString(drawnStrings[r.IntN(len(drawnStrings))])
	case reflect.Int:
		v.SetInt([]int64{0, 1, -7, 99, 65536, math.MaxInt64, math.MinInt64}[r.IntN(7)])
	case reflect.Float64:
		v.SetFloat(drawnFloats[r.IntN(len(drawnFloats))])
	default:
		panic(v.Type())
	}
}

// FuzzEncode has any strings and numbers in a record that has every field.
func FuzzEncode(f *testing.F) {
	for i, s := range drawnStrings {
		f.Add(s, drawnFloats[i], i, uint64(i))
	}
	f.Fuzz(func(t *testing.T, s string, x float64, n int, seed uint64) {
		rec := made()
		rec.Article.Title, rec.Entities[0].Name, rec.Quotes[0].Text, rec.Quotes[0].Evidence = &s, s, s, s
		rec.Entities[1].Place.Lat, rec.Entities[0].Confidence, rec.Quotes[0].Speaker.Confidence = &x, Probability(x), Probability(x)
		rec.Entities[0].Mentions[0].Start, rec.Quotes[0].Spans[0].End = n, n
		sameAsStandard(t, rec)
		rec = Record{}
		draw(rand.New(rand.NewPCG(seed, 1)), reflect.ValueOf(&rec).Elem())
		rec.Warnings = slices.Insert(rec.Warnings, 0, Warning{s, s})
		sameAsStandard(t, rec)
	})
}

func BenchmarkEncode(b *testing.B) {
	rec := made()
	for range 6 {
		rec.Entities = append(rec.Entities, rec.Entities...)
		rec.Quotes = append(rec.Quotes, rec.Quotes...)
	}
	for name, encode := range map[string]func(Record) ([]byte, error){"JSON": Record.JSON, "encoding/json": standard} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				data, err := encode(rec)
				if err != nil {
					b.Fatal(err)
				}
				b.SetBytes(int64(len(data)))
			}
		})
	}
}
