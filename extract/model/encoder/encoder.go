// Package encoder runs a BERT encoder (Devlin et al. 2019, post-layer-norm; MiniLM, Wang et al. 2020, is one) with int8
// weights over packed sequences of word pieces. It turns pieces into vectors and knows nothing of what they mean.
package encoder

import (
	"bytes"
	"fmt"
	"math"

	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
)

// Sizes of the networks that can be run; the number of layers is the file's.
const (
	Hidden     = 384
	Inner      = 1536 // of the feed-forward part
	Heads      = 12
	Positions  = 256 // pieces of the longest sequence
	Vocabulary = 30522

	head = Hidden / Heads
)

// An Encoder holds the weights. It is read-only and safe for concurrent use, each goroutine with a [Worker] of its own.
type Encoder struct {
	set                    *kernel.Set
	word                   []byte    // [Vocabulary][Hidden] int8
	wordScale              []float32 // [Vocabulary]
	position               []float32 // [Positions][Hidden], the token type 0 added
	shape, quote, place    []float32 // feature embeddings, [·][Hidden]
	normWeight, normOffset []float32
	layers                 []layer
}

type layer struct {
	query, keyValue, output, up, down *kernel.Matrix
	norm                              [2]struct{ weight, offset []float32 } // after attention, after the feed-forward part
}

// Load takes an encoder of n layers out of a file: the tensors "embeddings.*" and "layers.*" of ../train/FORMAT.md.
func Load(f *tensor.File, n int, set *kernel.Set) (*Encoder, error) {
	if n < 1 || n > 48 {
		return nil, fmt.Errorf("an encoder of %d layers", n)
	}
	e := &Encoder{set: set}
	var err error
	floats := func(name string, shape ...int) (x []float32) {
		if err == nil {
			x, err = f.Float32(name, shape...)
		}
		return x
	}
	load := func(name string, out, in int) (w []byte, scale, bias []float32) {
		scale, bias = floats(name+".scale", out), floats(name+".bias", out)
		if err == nil {
			w, err = f.Int8(name+".weight", out, in)
		}
		return w, scale, bias
	}
	matrix := func(name string, out, in int) (m *kernel.Matrix) {
		w, scale, bias := load(name, out, in)
		if err != nil {
			return nil
		}
		return kernel.Pack(w, scale, bias, out, in)
	}
	queryKeyValue := func(name string) (query, keyValue *kernel.Matrix) {
		w, scale, bias := load(name, 3*Hidden, Hidden)
		if err != nil {
			return nil, nil
		}
		for i := range Hidden { // attention divides its queries by the root of a head's width: here, once for all
			scale[i] /= float32(math.Sqrt(head))
			bias[i] /= float32(math.Sqrt(head))
		}
		return kernel.Pack(w[:Hidden*Hidden], scale[:Hidden], bias[:Hidden], Hidden, Hidden),
			kernel.Pack(w[Hidden*Hidden:], scale[Hidden:], bias[Hidden:], 2*Hidden, Hidden)
	}
	word, err := f.Int8("embeddings.word", Vocabulary, Hidden)
	if err != nil {
		return nil, err
	}
	e.word = bytes.Clone(word) // so that the rest of an unpacked file, of which Pack makes copies, can go
	e.wordScale = floats("embeddings.word.scale", Vocabulary)
	e.position = floats("embeddings.position", Positions, Hidden)
	e.shape = floats("embeddings.shape", feature.Shapes, Hidden)
	e.quote = floats("embeddings.quote", feature.Quotes, Hidden)
	e.place = floats("embeddings.place", feature.Positions, Hidden)
	e.normWeight, e.normOffset = floats("embeddings.norm.weight", Hidden), floats("embeddings.norm.bias", Hidden)
	for i := 0; i < n && err == nil; i++ {
		p := fmt.Sprintf("layers.%d.", i)
		l := layer{output: matrix(p+"out", Hidden, Hidden), up: matrix(p+"up", Inner, Hidden), down: matrix(p+"down", Hidden, Inner)}
		l.query, l.keyValue = queryKeyValue(p + "qkv")
		for k, name := range []string{"norm1", "norm2"} {
			l.norm[k].weight, l.norm[k].offset = floats(p+name+".weight", Hidden), floats(p+name+".bias", Hidden)
		}
		e.layers = append(e.layers, l)
	}
	if err != nil {
		return nil, err
	}
	return e, nil
}

// Layers is how many there are.
func (e *Encoder) Layers() int { return len(e.layers) }

// A Batch is word pieces of one or more sequences, one after another, with their features (see package feature).
type Batch struct {
	Piece                  []int32
	Shape, Quote, Position []uint8
	Lengths                []int // of the sequences; their sum is len(Piece)
	Wanted                 []int // the pieces whose vectors are asked for, ascending; all where it is empty
	Kept                   []int // pieces of which the vectors of inner layers are wanted too, see [Worker.Keep]
}

// Reset empties b and keeps its memory.
func (b *Batch) Reset() {
	b.Piece, b.Shape, b.Quote, b.Position, b.Lengths = b.Piece[:0], b.Shape[:0], b.Quote[:0], b.Position[:0], b.Lengths[:0]
	b.Wanted = b.Wanted[:0]
	b.Kept = b.Kept[:0]
}

// Add appends a piece to the sequence that is being built.
func (b *Batch) Add(piece int32, shape, quote, position uint8) {
	b.Piece = append(b.Piece, piece)
	b.Shape, b.Quote, b.Position = append(b.Shape, shape), append(b.Quote, quote), append(b.Position, position)
}

// innerRows is how many rows pass the feed-forward part at a time: what fits the cache.
const innerRows = 48

// A Worker owns the memory of one goroutine's forward passes. Encode allocates nothing but room for what is kept.
type Worker struct {
	e        *Encoder
	capacity int
	state    []float32 // [pieces][Hidden]
	query    []float32 // [pieces][Hidden]
	keyValue []float32 // [pieces][2*Hidden]
	context  []float32 // [pieces][Hidden]
	out      []float32 // [pieces][Hidden]
	inner    []float32 // [innerRows][Inner]
	keys     []float32 // [head][pieces of a sequence], one head's keys
	scores   []float32 // [a tile's rows][pieces of a sequence]
	codes    []uint8
	params   []float32
	zero     []float32
	layers   []int     // whose vectors are kept
	kept     []float32 // [b.Kept][layers][Hidden]
}

// NewWorker makes a worker for batches of up to capacity pieces.
func (e *Encoder) NewWorker(capacity int) *Worker {
	const sequence = Positions + 32
	rows := capacity + kernel.RowPad
	return &Worker{
		e: e, capacity: capacity,
		state: kernel.Align[float32](rows * Hidden), query: kernel.Align[float32](rows * Hidden),
		keyValue: kernel.Align[float32](rows * 2 * Hidden), context: kernel.Align[float32](rows * Hidden), out: kernel.Align[float32](rows * Hidden),
		inner: kernel.Align[float32]((innerRows + kernel.RowPad) * Inner),
		keys:  kernel.Align[float32](head * sequence), scores: kernel.Align[float32](2 * kernel.RowPad * sequence),
		codes: kernel.Align[uint8](max(rows*Hidden, (innerRows+kernel.RowPad)*Inner)), params: kernel.Align[float32](2 * max(rows, innerRows+kernel.RowPad)),
		zero: kernel.Align[float32](Hidden),
	}
}

// Keep has the worker remember, of the pieces that a batch asks for, the vectors that come out of some of the layers
// before the last, numbered from 1.
func (w *Worker) Keep(layers []int) { w.layers = layers }

// Kept is those of the last batch, [b.Kept][layers][Hidden]. They are good until the next call of Encode.
func (w *Worker) Kept() []float32 { return w.kept }

// keep copies what is wanted of layer i, numbered from 1.
func (w *Worker) keep(b *Batch, i int) {
	for k, layer := range w.layers {
		if layer != i {
			continue
		}
		for n, piece := range b.Kept {
			copy(w.kept[(n*len(w.layers)+k)*Hidden:], w.state[piece*Hidden:(piece+1)*Hidden])
		}
	}
}

// Encode gives the vectors of the wanted pieces, [wanted][Hidden]. They are good until the next call. It panics when b
// holds more pieces than the worker's capacity, or a sequence more than [Positions].
func (w *Worker) Encode(b *Batch) []float32 {
	e, n := w.e, len(b.Piece)
	if n > w.capacity {
		panic(fmt.Sprintf("encoder: %d pieces for a worker of %d", n, w.capacity))
	}
	w.embed(b)
	rows := n // pieces that are still carried on
	if size := len(b.Kept) * len(w.layers) * Hidden; cap(w.kept) < size {
		w.kept = make([]float32, size, size+size/4)
	} else {
		w.kept = w.kept[:size]
	}
	for i := range e.layers {
		l := &e.layers[i]
		w.code(w.state, n, Hidden)
		w.multiply(w.keyValue, n, l.keyValue)
		// The last layer looks at all pieces, but only for the wanted ones.
		last := i == len(e.layers)-1 && len(b.Wanted) > 0
		if last {
			rows = len(b.Wanted)
			for k, piece := range b.Wanted {
				copy(w.state[k*Hidden:(k+1)*Hidden], w.state[piece*Hidden:(piece+1)*Hidden])
			}
			w.code(w.state, rows, Hidden)
		}
		w.multiply(w.query, rows, l.query)
		at, row := 0, 0
		for _, length := range b.Lengths {
			upTo := at + length
			if last {
				upTo = row
				for upTo < rows && b.Wanted[upTo] < at+length {
					upTo++
				}
			}
			w.attention(row, upTo-row, at, length)
			at, row = at+length, upTo
		}
		w.code(w.context, rows, Hidden)
		w.multiply(w.out, rows, l.output)
		w.addNorm(0, rows, l.norm[0].weight, l.norm[0].offset)
		for at := 0; at < rows; at += innerRows {
			some := min(innerRows, rows-at)
			w.code(w.state[at*Hidden:], some, Hidden)
			w.multiply(w.inner, some, l.up)
			e.set.Gelu(w.inner[:some*Inner])
			w.code(w.inner, some, Inner)
			w.multiply(w.out[at*Hidden:], some, l.down)
			w.addNorm(at, some, l.norm[1].weight, l.norm[1].offset)
		}
		w.keep(b, i+1)
	}
	return w.state[:rows*Hidden]
}

func (w *Worker) embed(b *Batch) {
	e, i := w.e, 0
	for _, length := range b.Lengths {
		if length > Positions {
			panic(fmt.Sprintf("encoder: a sequence of %d pieces", length))
		}
		for p := range length {
			id := int(b.Piece[i])
			x, scale := w.state[i*Hidden:(i+1)*Hidden], e.wordScale[id]
			word, position := e.word[id*Hidden:(id+1)*Hidden], e.position[p*Hidden:(p+1)*Hidden]
			shape := e.shape[int(b.Shape[i])*Hidden:][:Hidden]
			quote := e.quote[int(b.Quote[i])*Hidden:][:Hidden]
			place := e.place[int(b.Position[i])*Hidden:][:Hidden]
			for j := range x {
				x[j] = float32(float32(int8(word[j]))*scale) + position[j] + shape[j] + quote[j] + place[j]
			}
			e.set.AddNorm(x, x, w.zero, e.normWeight, e.normOffset)
			i++
		}
	}
}

// code turns rows of a into what multiply takes.
func (w *Worker) code(a []float32, rows, width int) {
	for i := range rows {
		w.e.set.Quantise(w.codes[i*width:], a[i*width:(i+1)*width], w.params[2*i:])
	}
}

// multiply sets c to the product of the coded rows with m.
func (w *Worker) multiply(c []float32, rows int, m *kernel.Matrix) {
	w.e.set.Multiply(c, w.codes, w.params, rows, m)
}

func (w *Worker) addNorm(at, rows int, weight, offset []float32) {
	for i := at; i < at+rows; i++ {
		x := w.state[i*Hidden : (i+1)*Hidden]
		w.e.set.AddNorm(x, x, w.out[i*Hidden:(i+1)*Hidden], weight, offset)
	}
}

// attention sets the context of rows, from the first on, that look at the n pieces from at on: head by head, a tile of
// rows at a time. A tile may write past the last row: into those of the next sequence, which are done later, or into the
// padding.
func (w *Worker) attention(first, rows, at, n int) {
	const step = 2 * Hidden
	set, tile := w.e.set, w.e.set.FloatRows()
	columns, padded := (n+31)/32*32, (n+15)/16*16 // what the products and softmax ask for
	for h := range Heads {
		key := w.keyValue[at*step+h*head:]
		query, value := w.query[first*Hidden+h*head:], key[Hidden:]
		w.transpose(key, n, columns)
		for i := 0; i < rows; i += tile {
			some := min(tile, rows-i)
			set.MultiplyFloat(w.scores, columns, query[i*Hidden:], Hidden, w.keys, columns, some, head, columns, nil)
			for r := range some {
				row := w.scores[r*columns:][:padded]
				for j := n; j < padded; j++ {
					row[j] = -1e30
				}
				set.Softmax(row)
			}
			set.MultiplyFloat(w.context[(first+i)*Hidden+h*head:], Hidden, w.scores, columns, value, step, some, n, head, nil)
		}
	}
}

// transpose puts the keys of one head column by column, four at a time.
func (w *Worker) transpose(key []float32, n, columns int) {
	const step = 2 * Hidden
	j := 0
	for ; j+4 <= n; j += 4 {
		k0, k1 := (*[head]float32)(key[j*step:]), (*[head]float32)(key[(j+1)*step:])
		k2, k3 := (*[head]float32)(key[(j+2)*step:]), (*[head]float32)(key[(j+3)*step:])
		for d := range k0 {
			out := (*[4]float32)(w.keys[d*columns+j:])
			out[0], out[1], out[2], out[3] = k0[d], k1[d], k2[d], k3[d]
		}
	}
	for ; j < n; j++ {
		for d := range head {
			w.keys[d*columns+j] = key[j*step+d]
		}
	}
	for d := range head {
		clear(w.keys[d*columns+n : (d+1)*columns])
	}
}
