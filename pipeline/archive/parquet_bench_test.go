package archive

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"
)

// BenchmarkParquet reads rows of which a tenth, the text, is wanted, as of the tables that crawls are published in, where
// the page as it was lies beside its text. "every column" is how much it costs to read them all.
func BenchmarkParquet(b *testing.B) {
	type row struct {
		URL  string `parquet:"url"`
		Page string `parquet:"page,zstd"`
		Text string `parquet:"text,zstd"`
	}
	var rows []row
	for i := range 2000 {
		text := fmt.Sprintf("“Ferry %d will sail,” said Mayor Iris Pell. ", i)
		rows = append(rows, row{fmt.Sprint("https://news.example/", i), strings.Repeat("<p class=\"story\">"+text+"</p>\n", 400), strings.Repeat(text, 60)})
	}
	var data bytes.Buffer
	if err := parquet.Write(&data, rows); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(b.TempDir(), "f")
	write(b, file, data.Bytes())
	b.Run("wanted columns", func(b *testing.B) {
		for b.Loop() {
			if got, failed := readAll(b, Options{}, file); len(got) != len(rows) || failed != nil {
				b.Fatal(len(got), failed)
			}
		}
		b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "articles/s")
	})
	b.Run("every column", func(b *testing.B) {
		for b.Loop() {
			f, err := parquet.OpenFile(bytes.NewReader(data.Bytes()), int64(data.Len()))
			if err != nil {
				b.Fatal(err)
			}
			n := 0
			for _, group := range f.RowGroups() {
				r := group.Rows()
				buffer := make([]parquet.Row, 16)
				for {
					k, err := r.ReadRows(buffer)
					n += k
					if errors.Is(err, io.EOF) {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
				}
				r.Close()
			}
			if n != len(rows) {
				b.Fatal(n)
			}
		}
		b.ReportMetric(float64(len(rows)*b.N)/b.Elapsed().Seconds(), "articles/s")
	})
}
