// Package tensortest writes files of weights as package tensor reads them, for tests.
package tensortest

import (
	"encoding/binary"
	"encoding/json"
	"math"
	"slices"
)

// A File is written tensor by tensor; the zero File is empty.
type File struct {
	Metadata map[string]string

	tensors map[string]any
	data    []byte
}

// Bytes adds a tensor of type I8.
func (f *File) Bytes(name string, b []byte, shape ...int) { f.add(name, "I8", b, shape) }

// Floats adds a tensor of type F32; next is asked for its numbers, one after the other.
func (f *File) Floats(name string, next func() float64, shape ...int) {
	n := 1
	for _, s := range shape {
		n *= s
	}
	var b []byte
	for range n {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(float32(next())))
	}
	f.add(name, "F32", b, shape)
}

func (f *File) add(name, kind string, b []byte, shape []int) {
	if f.tensors == nil {
		f.tensors = map[string]any{}
	}
	at := len(f.data)
	f.data = append(f.data, b...)
	f.tensors[name] = map[string]any{"dtype": kind, "shape": shape, "data_offsets": []int{at, len(f.data)}}
}

// Encode is the file.
func (f *File) Encode() []byte {
	header := map[string]any{"__metadata__": f.Metadata}
	for name, t := range f.tensors {
		header[name] = t
	}
	h, err := json.Marshal(header)
	if err != nil {
		panic(err) // strings and numbers only
	}
	return slices.Concat(binary.LittleEndian.AppendUint64(nil, uint64(len(h))), h, f.data)
}
