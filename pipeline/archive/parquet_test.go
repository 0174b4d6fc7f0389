package archive

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/schema"
)

// However columns are nested, there are articles, or an error that says what stands where the text was looked for.
func TestParquetNesting(t *testing.T) {
	t.Chdir(t.TempDir())
	type paragraph struct {
		Text string `parquet:"text"`
		Kind string `parquet:"kind"`
	}
	type story struct {
		Body  string      `parquet:"body"`
		Title *string     `parquet:"title,optional"`
		Parts []paragraph `parquet:"parts,list"`
	}
	for _, c := range []struct {
		name   string
		data   []byte
		fields schema.Fields
		want   []string // title and text, or the error, of each article; or of the file
	}{
		{"a list of paragraphs", parquetOf(t, struct {
			Title string   `parquet:"title"`
			Text  []string `parquet:"text,list"`
		}{"A", []string{"b", "c"}}), nil, []string{"A: b\nc"}},
		{"a repeated field", parquetOf(t, struct {
			Title string   `parquet:"title"`
			Text  []string `parquet:"text"`
		}{"A", []string{"b", "c"}}), nil, []string{"A: b\nc"}},
		{"a list of structures of one field", parquetOf(t, struct {
			Text []struct {
				P string `parquet:"p"`
			} `parquet:"text,list"`
		}{[]struct {
			P string `parquet:"p"`
		}{{"b"}, {"c"}}}), nil, []string{": b\nc"}},
		{"a list of structures, of which the user names a field", parquetOf(t, struct {
			Body []paragraph `parquet:"body,list"`
		}{[]paragraph{{"b", "p"}, {"c", "p"}}}), schema.Fields{"text": "body.text"}, []string{": b\nc"}},
		{"a list of structures, of which nobody does", parquetOf(t, struct {
			Body []paragraph `parquet:"body,list"`
		}{[]paragraph{{"b", "p"}}}), nil, []string{"f: no column of the Parquet file is known to hold the text; name one with --field text=NAME; it has body.text, body.kind"}},
		{"a structure that is customary", parquetOf(t, struct {
			Body struct {
				Value string `parquet:"value"`
			} `parquet:"body"`
			Publisher struct {
				Name string `parquet:"name"`
			} `parquet:"publisher"`
		}{}), nil, []string{"body: is empty"}},
		{"optional structures", parquetOf(t, struct {
			Story *story `parquet:"story,optional"`
		}{&story{"b", nil, nil}}, struct {
			Story *story `parquet:"story,optional"`
		}{}), schema.Fields{"text": "story.body", "title": "story.title"}, []string{": b", "text: missing; looked for story.body"}},
		{"a list within a structure", parquetOf(t, struct {
			Story *story `parquet:"story,optional"`
		}{&story{"", nil, []paragraph{{"b", ""}, {"c", ""}}}}), schema.Fields{"text": "story.parts.text"}, []string{": b\nc"}},
		{"a map", parquetOf(t, struct {
			Text map[string]string `parquet:"text"`
		}{map[string]string{"k": "v"}}), nil, []string{"f: no column of the Parquet file is known to hold the text; name one with --field text=NAME; it has text.key, text.value"}},
		{"lists within lists", parquetOf(t, struct {
			Text []story `parquet:"text"`
		}{}), nil, []string{"f: no column of the Parquet file is known to hold the text; name one with --field text=NAME; it has " +
			"text.body, text.title, text.parts.text (a list within a list: not read), text.parts.kind (a list within a list: not read)"}},
		{"numbers, identifiers and decimals", parquetOf(t, struct {
			ID   [16]byte `parquet:"id,uuid"`
			Text string   `parquet:"text"`
			Date int32    `parquet:"date,date"`
			URL  int64    `parquet:"url,decimal(2:10)"`
		}{[16]byte{1, 255}, "b", 20000, 5}), nil, []string{"article 01ff0000-0000-0000-0000-000000000000: url: is a number, want a string"}},
		{"bytes that are no characters", parquetOf(t, struct {
			Text []byte `parquet:"text"`
		}{[]byte{0xe9, 't', 0xe9}}), nil, []string{": été"}},
		{"no columns of strings", parquetOf(t, struct {
			N int64 `parquet:"n"`
		}{1}), nil, []string{"f: no column of the Parquet file is known to hold the text; name one with --field text=NAME; it has no column of strings"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, "f", c.data)
			got, failed := readAll(t, Options{Fields: c.fields}, "f")
			for i, s := range got {
				_, data, _ := strings.Cut(s, " ")
				a, err := format.Decode([]byte(data), contentTypeJSON, format.Options{Fields: c.fields})
				if got[i] = a.Title + ": " + a.Text; err != nil {
					got[i] = err.Error()
				}
			}
			if diff := cmp.Diff(c.want, append(got, failed...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func parquetOf[T any](t *testing.T, rows ...T) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := parquet.Write(&b, rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
