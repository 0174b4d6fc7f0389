package fast

import (
	"fmt"

	"github.com/quotewire/quotewire/extract/model/decode"
	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
)

const (
	width  = 192                                                 // of a token's state
	scores = (decode.Attributions + decode.Names + 47) / 48 * 48 // columns of the emissions
	tile   = 64                                                  // tokens that pass a block at a time: what fits the cache
	known  = 12 + 8 + 4 + 4*distance                             // what is told of shape, quotation, position and distances
	given  = wordWidth + filters + known                         // what a token's state is made of
	reach  = 31                                                  // tokens to either side that a state can depend on
	border = 16                                                  // the largest dilation: rows of zeros around a text

	distance = 6 // width of a distance's vector
)

// dilations are the distances of the two neighbours that each block sees; their sum is reach.
var dilations = [...]int{1, 2, 4, 8, 16}

// A network is the weights. It is read-only.
type network struct {
	set                    *kernel.Set
	shape, quote, position []float32
	distances              [4][]float32 // see [reader.tell]
	input                  *kernel.Matrix
	normWeight, normOffset []float32
	blocks                 [len(dilations)]block
	emit                   *kernel.Matrix // emissions: attributions first, then names
}

type block struct {
	near, out              *kernel.Matrix
	normWeight, normOffset []float32
}

func loadNetwork(f *tensor.File, set *kernel.Set) (*network, error) {
	n := &network{set: set}
	var err error
	floats := func(name string, shape ...int) (x []float32) {
		if err == nil {
			x, err = f.Float32(name, shape...)
		}
		return x
	}
	codes := func(name string, out, in int) (w []byte) {
		if err == nil {
			w, err = f.Int8(name+".weight", out, in)
		}
		return w
	}
	matrix := func(name string, out, in int) *kernel.Matrix {
		w, scale, bias := codes(name, out, in), floats(name+".scale", out), floats(name+".bias", out)
		if err != nil {
			return nil
		}
		return kernel.Pack(w, scale, bias, out, in)
	}
	norm := func(name string) (weight, offset []float32) {
		return floats(name+".weight", width), floats(name+".bias", width)
	}
	n.shape, n.quote, n.position = floats("token.shape", feature.Shapes, 12), floats("token.quote", feature.Quotes, 8), floats("token.position", feature.Positions, 4)
	for i, name := range []string{"opened", "closed", "closes", "begun"} {
		n.distances[i] = floats("token."+name, buckets, distance)
	}
	n.input = matrix("input", width, given)
	n.normWeight, n.normOffset = norm("input.norm")
	for i := range n.blocks {
		p, b := fmt.Sprintf("blocks.%d.", i), &n.blocks[i]
		b.near, b.out = matrix(p+"near", width, 3*width), matrix(p+"out", width, width)
		b.normWeight, b.normOffset = norm(p + "norm")
	}
	const attributions, names = decode.Attributions, decode.Names
	weights := append(append([]byte(nil), codes("attributions", attributions, width)...), codes("names", names, width)...)
	scale := append(floats("attributions.scale", attributions), floats("names.scale", names)...)
	bias := append(floats("attributions.bias", attributions), floats("names.bias", names)...)
	if err != nil {
		return nil, err
	}
	n.emit = kernel.Pack(weights, scale, bias, attributions+names, width)
	return n, nil
}

// A pass is the memory of one goroutine's forward passes.
type pass struct {
	n        *network
	x, y     []float32 // [border + tokens + border][width]: states before and after a block; rows of zeros around them
	emission []float32 // [tokens][scores]
	rows     []float32 // [tile][3*width]
	inner    []float32 // [tile][width]
	codes    []uint8
	params   []float32
	zero     []float32
}

func (n *network) newPass() *pass {
	const rows = tile + kernel.RowPad
	return &pass{
		n: n, rows: kernel.Align[float32](rows * 3 * width), inner: kernel.Align[float32](rows * width),
		codes: kernel.Align[uint8](rows * 3 * width), params: kernel.Align[float32](2 * rows), zero: kernel.Align[float32](width),
	}
}

// run sets the states and emissions of `tokens` tokens; given(i, row) writes what is told of token i. The state of
// token i is then p.state(i). It allocates nothing for as many tokens as were seen before.
func (p *pass) run(tokens int, given func(i int, row []float32)) {
	n := p.n
	room := (2*border + tokens + kernel.RowPad) * width
	if len(p.x) < room {
		p.x, p.y = kernel.Align[float32](room+room/4), kernel.Align[float32](room+room/4)
	}
	if room := (tokens + kernel.RowPad) * scores; len(p.emission) < room {
		p.emission = kernel.Align[float32](room + room/4)
	}
	for at := 0; at < tokens; at += tile {
		rows := min(tile, tokens-at)
		for i := range rows {
			given(at+i, p.rows[i*width:(i+1)*width])
		}
		p.multiply(p.inner, p.rows, rows, n.input)
		for i := range rows {
			n.set.AddNorm(p.state(at+i), p.inner[i*width:(i+1)*width], p.zero, n.normWeight, n.normOffset)
		}
	}
	for k := range n.blocks {
		p.block(tokens, dilations[k], &n.blocks[k])
	}
	for at := 0; at < tokens; at += tile {
		p.multiply(p.emission[at*scores:], p.x[(border+at)*width:], min(tile, tokens-at), n.emit)
	}
}

// block is one dilated convolution: x = norm(x + out(gelu(near(x before, x, x after)))).
func (p *pass) block(tokens, dilation int, b *block) {
	n := p.n
	clear(p.x[:border*width])
	clear(p.x[(border+tokens)*width : (2*border+tokens)*width])
	for at := 0; at < tokens; at += tile {
		rows := min(tile, tokens-at)
		for i := range rows {
			row, from := p.rows[i*3*width:], (border+at+i)*width
			copy(row[:width], p.x[from-dilation*width:])
			copy(row[width:2*width], p.x[from:])
			copy(row[2*width:3*width], p.x[from+dilation*width:])
		}
		p.multiply(p.inner, p.rows, rows, b.near)
		n.set.Gelu(p.inner[:rows*width])
		p.multiply(p.rows, p.inner, rows, b.out)
		for i := range rows {
			at := (border + at + i) * width
			n.set.AddNorm(p.y[at:at+width], p.x[at:at+width], p.rows[i*width:(i+1)*width], b.normWeight, b.normOffset)
		}
	}
	p.x, p.y = p.y, p.x
}

// state is the row of token i.
func (p *pass) state(i int) []float32 { return p.x[(border+i)*width : (border+i+1)*width] }

// multiply codes the rows of a and multiplies.
func (p *pass) multiply(c, a []float32, rows int, m *kernel.Matrix) {
	a = a[:rows*m.K]
	for i := range rows {
		p.n.set.Quantise(p.codes[i*m.K:], a[i*m.K:(i+1)*m.K], p.params[2*i:])
	}
	p.n.set.Multiply(c, p.codes, p.params, rows, m)
}
