package main

import (
	"archive/tar"
	"bytes"
	"encoding/csv"
	"strings"
	"sync"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zip"
	"github.com/klauspost/compress/zstd"
	"github.com/parquet-go/parquet-go"
	"github.com/ulikunitz/xz"
)

// A member is a file in an archive.
type member struct {
	name string
	data []byte
}

// made is when all members were last changed.
var made = time.Date(2025, 9, 1, 0, 0, 0, 0, time.UTC)

// gzips are writers to use again: a WARC has a member of gzip for each record, and a new one costs far more than the record.
var gzips = sync.Pool{New: func() any { return gzip.NewWriter(nil) }}

func gzipped(data []byte) []byte {
	var b bytes.Buffer
	z := gzips.Get().(*gzip.Writer)
	defer gzips.Put(z)
	z.Reset(&b)
	z.Write(data)
	check(z.Close())
	return b.Bytes()
}

func zstandard(data []byte) []byte {
	z, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1))
	check(err)
	return z.EncodeAll(data, nil)
}

func xzed(data []byte) []byte {
	var b bytes.Buffer
	z, err := xz.NewWriter(&b)
	check(err)
	_, err = z.Write(data)
	check(err)
	check(z.Close())
	return b.Bytes()
}

func tarred(members []member) []byte {
	var b bytes.Buffer
	t := tar.NewWriter(&b)
	check(t.WriteHeader(&tar.Header{Name: "articles/", Typeflag: tar.TypeDir, Mode: 0o755, ModTime: made}))
	for _, m := range members {
		check(t.WriteHeader(&tar.Header{Name: "articles/" + m.name, Size: int64(len(m.data)), Mode: 0o644, ModTime: made}))
		_, err := t.Write(m.data)
		check(err)
	}
	check(t.WriteHeader(&tar.Header{Name: "articles/latest.json", Linkname: members[0].name, Typeflag: tar.TypeSymlink, ModTime: made}))
	check(t.Close())
	return b.Bytes()
}

func zipped(members []member) []byte {
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, m := range members {
		w, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Deflate, Modified: made})
		check(err)
		_, err = w.Write(m.data)
		check(err)
	}
	check(z.Close())
	return b.Bytes()
}

// table has the names of columns that spreadsheets and databases give: Headline, Author, Date, Body.
func table(all []article, sep rune) []byte {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma = sep
	check(w.Write([]string{"ID", "Link", "Headline", "Author", "Source", "Lang", "Date", "Body"}))
	for _, a := range all {
		check(w.Write([]string{a.ID, a.URL, a.Title, strings.Join(a.Authors, "; "), a.Publisher, a.Language, a.Published, a.Text}))
	}
	w.Flush()
	check(w.Error())
	return b.Bytes()
}

func columns(all []article) []byte {
	var b bytes.Buffer
	w := parquet.NewGenericWriter[article](&b, parquet.CreatedBy("quotewire", "1", "testdata"), parquet.Compression(&parquet.Zstd))
	_, err := w.Write(all)
	check(err)
	check(w.Close())
	return b.Bytes()
}
