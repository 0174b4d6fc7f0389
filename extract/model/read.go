package model

import (
	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/encoder"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/wordpiece"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// A reader is the memory of one reading, used again for the next.
type reader struct {
	m       *Model
	worker  *encoder.Worker
	scratch wordpiece.Scratch

	d        *text.Doc
	features feature.Of
	pieces   []int32 // word pieces of all tokens
	before   []int32 // before[i] is how many of them lie before token i
	cutter   cutter

	batch   encoder.Batch
	pending []pending // windows in the batch
	told    []int32   // the tokens of which the batch keeps vectors

	// the segment: tokens whose states are there and which are not decoded yet
	first    int // its first token
	tokens   int
	in       []float32 // [batch tokens][mixed]
	state    []float32 // [tokens][hidden]
	emission []float32 // [tokens][scores]
	decoder  *decode.Worker
	out      reading.Reading
}

// A pending window waits in the batch.
type pending struct {
	window
	at int // its first wanted piece
}

func newReader(m *Model) *reader {
	r := &reader{m: m, decoder: m.decoder.NewWorker(), worker: m.encoder.NewWorker(batchSize), cutter: cutter{size: windowSize, context: windowContext}}
	r.worker.Keep(m.kept)
	return r
}

func (r *reader) read(d *text.Doc) reading.Reading {
	r.d, r.out, r.first, r.tokens = d, reading.Reading{}, 0, 0
	if len(r.m.kept) > 0 {
		r.out.Vectors = &reading.Vectors{Width: len(r.m.kept) * hidden}
	}
	r.features.Compute(d)
	r.cutPieces()
	r.cutter.reset(r.before, r.features.Position)
	r.batch.Reset()
	r.pending, r.told = r.pending[:0], r.told[:0]
	for {
		w, ok := r.cutter.cut()
		if !ok {
			break
		}
		if len(r.batch.Piece)+r.cutter.cost(w.first, w.last)+2 > batchSize {
			r.encode()
		}
		r.add(w)
	}
	r.encode()
	r.decode()
	r.decoder.Finish(&r.out, d)
	out := r.out
	r.d, r.out = nil, reading.Reading{}
	return out
}

func (r *reader) cutPieces() {
	r.pieces, r.before = r.pieces[:0], append(r.before[:0], 0)
	for _, form := range r.features.Form {
		begin := len(r.pieces)
		r.pieces = r.m.vocabulary.Append(r.pieces, form, &r.scratch)
		switch n := len(r.pieces) - begin; {
		case n == 0:
			r.pieces = append(r.pieces, r.m.vocabulary.Unknown)
		case n > tokenPieces:
			r.pieces = r.pieces[:begin+tokenPieces]
		}
		r.before = append(r.before, int32(len(r.pieces)))
	}
}

// add puts a window's pieces into the batch. Of its core the first piece of each token is wanted.
func (r *reader) add(w window) {
	f, b := &r.features, &r.batch
	at := len(b.Piece)
	r.pending = append(r.pending, pending{w, len(b.Wanted)})
	b.Add(r.m.vocabulary.Begin, 0, 0, 0)
	for i := w.first; i < w.last; i++ {
		if i > w.first && f.Position[i] == paragraph {
			b.Add(r.m.vocabulary.End, 0, 0, 0)
		}
		if i >= w.coreFirst && i < w.coreLast {
			b.Wanted = append(b.Wanted, len(b.Piece))
			if r.out.Vectors != nil && f.Telling(i) {
				b.Kept = append(b.Kept, len(b.Piece))
				r.told = append(r.told, int32(i))
			}
		}
		place := f.Position[i]
		for _, piece := range r.pieces[r.before[i]:r.before[i+1]] {
			b.Add(piece, f.Shape[i], f.Quote[i], place)
			place = inside
		}
	}
	b.Add(r.m.vocabulary.End, 0, 0, 0)
	b.Lengths = append(b.Lengths, len(b.Piece)-at)
}

// encode runs the batch and adds the tokens of its cores to the segment, which is decoded when it is long enough.
func (r *reader) encode() {
	if len(r.pending) == 0 {
		return
	}
	vectors := r.worker.Encode(&r.batch)
	if r.out.Vectors != nil {
		r.keep(r.out.Vectors)
	}
	for _, p := range r.pending {
		if r.tokens >= segmentMost || r.tokens >= segmentTokens && r.features.Position[p.coreFirst] == paragraph {
			r.decode()
		}
		n := p.coreLast - p.coreFirst
		r.in = grow(r.in, (n+kernel.RowPad)*mixed)
		for k := range n {
			row := r.in[k*mixed : (k+1)*mixed]
			copy(row[:hidden], vectors[(p.at+k)*hidden:])
			r.m.mixer.told(row[hidden:], &r.features, p.coreFirst+k)
		}
		r.state = extend(r.state, (r.tokens+n+kernel.RowPad)*hidden)
		r.emission = extend(r.emission, (r.tokens+n+kernel.RowPad)*scores)
		r.m.mixer.states(r.m.set, r.state[r.tokens*hidden:], r.emission[r.tokens*scores:], r.in, n)
		r.tokens += n
	}
	r.batch.Reset()
	r.pending, r.told = r.pending[:0], r.told[:0]
}

// keep codes the vectors that the batch kept.
func (r *reader) keep(v *reading.Vectors) {
	kept := r.worker.Kept()
	v.Tokens = append(v.Tokens, r.told...)
	for i := range r.told {
		n, k := len(v.Codes), len(v.Params)
		v.Codes, v.Params = extend(v.Codes, n+v.Width), extend(v.Params, k+2)
		r.m.set.Quantise(v.Codes[n:], kept[i*v.Width:(i+1)*v.Width], v.Params[k:])
	}
}

// decode adds what the segment holds and begins the next one.
func (r *reader) decode() {
	r.decoder.Decode(&r.out, decode.Segment{Doc: r.d, Features: &r.features, First: r.first, Tokens: r.tokens, State: r.state, Emission: r.emission, Stride: scores})
	r.first, r.tokens = r.first+r.tokens, 0
}

// extend is s with room for n numbers, what it held kept.
func extend[T any](s []T, n int) []T {
	if cap(s) < n {
		bigger := make([]T, n, n+n/2)
		copy(bigger, s)
		return bigger
	}
	return s[:n]
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/4)
	}
	return s[:n]
}
