package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// member reads one file of the one package in dir whose name has a form.
func member(dir, pattern, name string) ([]byte, error) {
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil {
		return nil, err
	}
	if len(found) != 1 {
		return nil, fmt.Errorf("%d packages %s in %s, want one", len(found), pattern, dir)
	}
	data, err := os.ReadFile(found[0])
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(found[0], ".tgz") {
		data, err = untar(data, name)
	} else {
		data, err = unzip(data, name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", found[0], err)
	}
	return data, nil
}

func untar(data []byte, name string) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	t := tar.NewReader(z)
	for {
		h, err := t.Next()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if h.Name == name {
			return io.ReadAll(t)
		}
	}
}

func unzip(data []byte, name string) ([]byte, error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, err
	}
	f, err := z.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(f)
}

// tsv is the fields of each line.
func tsv(data []byte) iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		for line := range strings.Lines(string(data)) {
			if !yield(strings.Split(strings.TrimRight(line, "\r\n"), "\t")) {
				return
			}
		}
	}
}

// dbf reads a dBase table, as shapefiles have it: the rows by column.
func dbf(data []byte) ([]map[string]string, error) {
	if len(data) < 32 {
		return nil, io.ErrUnexpectedEOF
	}
	count, head, size := int(binary.LittleEndian.Uint32(data[4:])), int(binary.LittleEndian.Uint16(data[8:])), int(binary.LittleEndian.Uint16(data[10:]))
	if len(data) < head+count*size || head < 33 {
		return nil, io.ErrUnexpectedEOF
	}
	rows := make([]map[string]string, count)
	for i := range rows {
		rows[i] = map[string]string{}
	}
	column := 1 // after the mark of deletion
	for f := data[32:head]; len(f) >= 32; f = f[32:] {
		name, _, _ := strings.Cut(string(f[:11]), "\x00")
		width := int(f[16])
		for i := range rows {
			cell := data[head+i*size+column:]
			rows[i][name] = strings.Trim(string(cell[:width]), " \x00")
		}
		column += width
	}
	return rows, nil
}

func number(s string) float64 {
	v, _ := strconv.ParseFloat(s, 64)
	return v
}
