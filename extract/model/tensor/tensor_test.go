package tensor

import (
	"bytes"
	"encoding/binary"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"
)

func file(header string, data ...byte) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), data...)
}

func TestRead(t *testing.T) {
	f, err := Parse(file(`{"__metadata__":{"a":"b"},"x":{"dtype":"F32","shape":[1,2],"data_offsets":[0,8]},"w":{"dtype":"I8","shape":[2],"data_offsets":[8,10]}}`,
		0, 0, 128, 63, 0, 0, 0, 192, 5, 251))
	if err != nil {
		t.Fatal(err)
	}
	if f.Metadata["a"] != "b" || strings.Join(f.Names(), " ") != "w x" {
		t.Errorf("metadata %v, names %v", f.Metadata, f.Names())
	}
	x, err := f.Float32("x", 1, 2)
	if err != nil || x[0] != 1 || x[1] != -2 {
		t.Errorf("x is %v, %v", x, err)
	}
	w, err := f.Int8("w", 2)
	if err != nil || int8(w[0]) != 5 || int8(w[1]) != -5 {
		t.Errorf("w is %v, %v", w, err)
	}
	for _, err := range []error{
		second(f.Float32("x", 2, 1)), second(f.Float32("w", 2)), second(f.Int8("x", 1, 2)), second(f.Float32("y", 1)),
	} {
		if err == nil || !strings.Contains(err.Error(), "want") {
			t.Errorf("error %v does not say what was wanted", err)
		}
	}
}

func packed(t testing.TB, b []byte) []byte {
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(b, nil)
}

func TestReadPacked(t *testing.T) {
	whole := packed(t, file(`{"w":{"dtype":"I8","shape":[2],"data_offsets":[0,2]}}`, 5, 251))
	f, err := Parse(whole)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := f.Int8("w", 2); err != nil || int8(w[0]) != 5 || int8(w[1]) != -5 {
		t.Errorf("w is %v, %v", w, err)
	}
	damaged := bytes.Clone(whole)
	damaged[len(damaged)-1] ^= 1 // of the checksum
	for name, b := range map[string][]byte{
		"cut short": whole[:len(whole)-6], "damaged": damaged, "no frame": whole[:4], "bomb": packed(t, make([]byte, unpackedMost+1)),
	} {
		if _, err := Parse(b); err == nil || !strings.Contains(err.Error(), "unpacking") {
			t.Errorf("%s: error %v does not speak of unpacking", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestParseRefuses(t *testing.T) {
	for name, b := range map[string][]byte{
		"empty":          nil,
		"short":          {1, 2, 3},
		"long header":    binary.LittleEndian.AppendUint64(nil, 1<<62),
		"no JSON":        file("{"),
		"type":           file(`{"x":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}`, make([]byte, 8)...),
		"outside":        file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`),
		"before":         file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[-4,0]}}`),
		"size":           file(`{"x":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, make([]byte, 4)...),
		"negative shape": file(`{"x":{"dtype":"F32","shape":[-1,-1],"data_offsets":[0,4]}}`, make([]byte, 4)...),
		"huge shape":     file(`{"x":{"dtype":"F32","shape":[2147483647,2147483647,2147483647],"data_offsets":[0,4]}}`, make([]byte, 4)...),
	} {
		if _, err := Parse(b); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	f, err := Parse(file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 192, 127))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Float32("x", 1); err == nil {
		t.Error("not-a-number passes for a weight")
	}
}

func FuzzParse(f *testing.F) {
	f.Add(file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 128, 63))
	f.Add(packed(f, file(`{"x":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}`, 0, 0, 128, 63)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if f, err := Parse(b); err == nil {
			for _, name := range f.Names() {
				if e := f.tensors[name]; e.Type == "F32" {
					f.Float32(name, e.Shape...) // must not panic
				}
			}
		}
	})
}
