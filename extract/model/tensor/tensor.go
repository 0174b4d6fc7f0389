// Package tensor reads weights in the safetensors format (huggingface/safetensors): eight bytes of length, a JSON
// header of names, types, shapes and offsets, then the numbers, little-endian. A file may be packed with Zstandard (RFC 8878).
package tensor

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/klauspost/compress/zstd"
)

const (
	packedMagic  = "\x28\xb5\x2f\xfd" // a Zstandard frame begins so
	unpackedMost = 256 << 20          // bytes; a packed file that wants more is none of ours
)

// A File is a set of named tensors and the metadata that came with them. It is read-only.
type File struct {
	Metadata map[string]string
	SHA256   string // of the file as it was given, packed or not; in hexadecimal digits
	tensors  map[string]entry
	data     []byte
}

type entry struct {
	Type    string `json:"dtype"`
	Shape   []int  `json:"shape"`
	Offsets [2]int `json:"data_offsets"`
}

// Parse reads the header of a file and checks that every tensor lies inside, with as many bytes as its shape asks for.
// The numbers are not copied: data must not change as long as the File is used. A packed file is unpacked first, whole.
func Parse(data []byte) (*File, error) {
	hash := sha256.Sum256(data)
	if bytes.HasPrefix(data, []byte(packedMagic)) {
		var err error
		if data, err = unpack(data); err != nil {
			return nil, fmt.Errorf("unpacking a safetensors file: %w", err)
		}
	}
	if len(data) < 8 {
		return nil, fmt.Errorf("%d bytes are no safetensors file", len(data))
	}
	length := binary.LittleEndian.Uint64(data)
	if length > uint64(len(data)-8) {
		return nil, fmt.Errorf("a header of %d bytes does not fit into a safetensors file of %d", length, len(data))
	}
	var header map[string]json.RawMessage
	if err := json.Unmarshal(data[8:8+length], &header); err != nil {
		return nil, fmt.Errorf("reading the header of a safetensors file: %w", err)
	}
	f := &File{SHA256: hex.EncodeToString(hash[:]), tensors: make(map[string]entry, len(header)), data: data[8+length:]}
	for name, raw := range header {
		if name == "__metadata__" {
			if err := json.Unmarshal(raw, &f.Metadata); err != nil {
				return nil, fmt.Errorf("reading the metadata of a safetensors file: %w", err)
			}
			continue
		}
		var e entry
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, fmt.Errorf("tensor %s: %w", name, err)
		}
		size, ok := map[string]int{"F32": 4, "I8": 1, "U8": 1}[e.Type]
		if !ok {
			return nil, fmt.Errorf("tensor %s: type %s is not one of F32, I8, U8", name, e.Type)
		}
		for _, n := range e.Shape {
			if n < 0 || n > math.MaxInt32 || size > math.MaxInt32 {
				return nil, fmt.Errorf("tensor %s: shape %v is out of range", name, e.Shape)
			}
			size *= n
		}
		if e.Offsets[0] < 0 || e.Offsets[1] > len(f.data) || e.Offsets[1]-e.Offsets[0] != size {
			return nil, fmt.Errorf("tensor %s: bytes %v of %d do not hold %s of shape %v", name, e.Offsets, len(f.data), e.Type, e.Shape)
		}
		f.tensors[name] = e
	}
	return f, nil
}

func unpack(data []byte) ([]byte, error) {
	d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(unpackedMost))
	if err != nil {
		return nil, err
	}
	defer d.Close()
	return d.DecodeAll(data, nil)
}

// Config reads what a model file states of itself: the JSON object that its metadata has under "config".
func (f *File) Config(to any) error {
	if err := json.Unmarshal([]byte(f.Metadata["config"]), to); err != nil {
		return fmt.Errorf("reading the model's config: %w", err)
	}
	return nil
}

// Names lists the tensors in alphabetical order.
func (f *File) Names() []string {
	names := make([]string, 0, len(f.tensors))
	for name := range f.tensors {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func (f *File) find(name, kind string, shape []int) ([]byte, error) {
	e, ok := f.tensors[name]
	if !ok {
		return nil, fmt.Errorf("tensor %s is missing, want %s of shape %v", name, kind, shape)
	}
	if e.Type != kind || !slices.Equal(e.Shape, shape) {
		return nil, fmt.Errorf("tensor %s is %s of shape %v, want %s of shape %v", name, e.Type, e.Shape, kind, shape)
	}
	return f.data[e.Offsets[0]:e.Offsets[1]], nil
}

// Float32 is a copy of a tensor of type F32; it fails unless the tensor has just that shape.
func (f *File) Float32(name string, shape ...int) ([]float32, error) {
	b, err := f.find(name, "F32", shape)
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(b)/4)
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(b[4*i:]))
		if v := float64(x[i]); math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, fmt.Errorf("tensor %s: number %d is %v", name, i, x[i])
		}
	}
	return x, nil
}

// Int8 is a tensor of type I8, not copied; it fails unless the tensor has just that shape.
func (f *File) Int8(name string, shape ...int) ([]byte, error) { return f.find(name, "I8", shape) }

// Matrix is a matrix of rows × columns as floats, copied: name.weight, of type F32, or of type I8 with a scale a row,
// name.scale.
func (f *File) Matrix(name string, rows, columns int) ([]float32, error) {
	if f.tensors[name+".weight"].Type != "I8" {
		return f.Float32(name+".weight", rows, columns)
	}
	codes, err := f.Int8(name+".weight", rows, columns)
	if err != nil {
		return nil, err
	}
	scale, err := f.Float32(name+".scale", rows)
	if err != nil {
		return nil, err
	}
	x := make([]float32, len(codes))
	for i, c := range codes {
		x[i] = float32(int8(c)) * scale[i/columns]
	}
	return x, nil
}

// Require fails unless what a model file states of itself is what the program wants. Both must be comparable.
func Require(what string, have, want any) error {
	if have != want {
		return fmt.Errorf("the model's %s is %v, this program wants %v", what, have, want)
	}
	return nil
}
