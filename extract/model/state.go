package model

import (
	"fmt"

	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/encoder"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
)

const (
	hidden  = encoder.Hidden
	letters = 48                       // filters over a token's letters
	known   = 16 + 12 + 4              // what is told of shape, quotation and place
	mixed   = hidden + letters + known // what a token's state is made of
	attrs   = decode.Attributions
	names   = decode.Names
	scores  = (attrs + names + 31) / 32 * 32      // columns of the emissions, padded for the kernels
	windows = 3                                   // letters that a filter sees at a time
	taps    = windows * feature.Letters * letters // numbers in the filters' table
)

// A mixer makes a token's state of its first word piece's vector, its letters and its features, and the emissions of
// both taggers of the state.
type mixer struct {
	filter             []float32 // [windows][Letters][letters]: what a letter adds to each filter from each side
	filterBias         []float32 // [letters]
	shape, quote, spot []float32 // embeddings of 16, 12 and 4
	mix, mixBias       []float32 // [mixed][hidden], [hidden]
	norm, normOffset   []float32
	emit, emitBias     []float32 // [hidden][scores], [scores]: attributions first
}

func loadMixer(f *tensor.File) (*mixer, error) {
	m := &mixer{}
	var err error
	floats := func(name string, shape ...int) (x []float32) {
		if err == nil {
			x, err = f.Float32(name, shape...)
		}
		return x
	}
	letter, filter := floats("letters.embedding", feature.Letters, 16), floats("letters.conv.weight", letters, 16, windows)
	m.filterBias = floats("letters.conv.bias", letters)
	m.shape, m.quote, m.spot = floats("token.shape", feature.Shapes, 16), floats("token.quote", feature.Quotes, 12), floats("token.position", feature.Positions, 4)
	mix := floats("token.mix.weight", hidden, mixed)
	m.mixBias = floats("token.mix.bias", hidden)
	m.norm, m.normOffset = floats("token.norm.weight", hidden), floats("token.norm.bias", hidden)
	attr, name := floats("attributions.weight", attrs, hidden), floats("names.weight", names, hidden)
	m.emitBias = append(append(floats("attributions.bias", attrs), floats("names.bias", names)...), make([]float32, scores-attrs-names)...)
	if err != nil {
		return nil, fmt.Errorf("loading the token states: %w", err)
	}
	m.filter = make([]float32, taps)
	for tap := range windows {
		for l := 1; l < feature.Letters; l++ { // letter 0 is padding and adds nothing
			for k := range letters {
				var sum float32
				for c := range 16 {
					sum += letter[l*16+c] * filter[(k*16+c)*windows+tap]
				}
				m.filter[(tap*feature.Letters+l)*letters+k] = sum
			}
		}
	}
	m.mix = transposed(mix, hidden, mixed, hidden)
	m.emit = transposed(append(attr, name...), attrs+names, hidden, scores)
	return m, nil
}

// transposed turns rows × columns into columns × stride.
func transposed(x []float32, rows, columns, stride int) []float32 {
	out := kernel.Align[float32](columns * stride)
	for i := range rows {
		for j := range columns {
			out[j*stride+i] = x[i*columns+j]
		}
	}
	return out
}

// told writes what is known of token i besides its pieces: its letters through the filters, the greatest value of
// each, and its features.
func (m *mixer) told(out []float32, f *feature.Of, i int) {
	word := &f.Letters[i]
	n := 0
	for n < feature.Width && word[n] != 0 {
		n++
	}
	best := (*[letters]float32)(out)
	clear(best[:]) // filters are cut off at zero
	for at := range feature.Width {
		sum := *(*[letters]float32)(m.filterBias)
		if at <= n { // beyond, there is nothing but padding to be seen
			for tap := range windows {
				if p := at + tap - 1; p >= 0 && p < n {
					row := (*[letters]float32)(m.filter[(tap*feature.Letters+int(word[p]))*letters:])
					for k := range sum {
						sum[k] += row[k]
					}
				}
			}
		}
		for k := range sum {
			best[k] = max(best[k], sum[k])
		}
		if at > n {
			break
		}
	}
	rest := out[letters:]
	copy(rest[:16], m.shape[int(f.Shape[i])*16:])
	copy(rest[16:28], m.quote[int(f.Quote[i])*12:])
	copy(rest[28:32], m.spot[int(f.Position[i])*4:])
}

// states turns n rows of mixed, each a piece's vector and what is told of its token, into states and emissions. All
// buffers have room for kernel.RowPad rows more.
func (m *mixer) states(set *kernel.Set, state, emission, in []float32, n int) {
	set.MultiplyFloat(state, hidden, in, mixed, m.mix, hidden, n, mixed, hidden, m.mixBias)
	set.Gelu(state[:n*hidden])
	for i := range n {
		x := state[i*hidden : (i+1)*hidden]
		set.AddNorm(x, x, in[i*mixed:i*mixed+hidden], m.norm, m.normOffset)
	}
	set.MultiplyFloat(emission, scores, state, hidden, m.emit, scores, n, hidden, scores, m.emitBias)
}
