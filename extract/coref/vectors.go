package coref

import (
	_ "embed"
	"fmt"
	"math"

	"github.com/quotewire/quotewire/extract/model/kernel"
	"github.com/quotewire/quotewire/extract/model/tensor"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/schema"
)

//go:embed accurate.safetensors
var accurate []byte

// RankerFormat is the one form of file that this package reads.
const RankerFormat = "quotewire-ranker/1"

// A Ranker weighs the people whom a pronoun may mean by the vectors that the reader's network has of the pronoun and of
// their last mentions, and by the features of rank.go. It is a mention-ranking network (Denis and Baldridge, EMNLP 2008;
// Clark and Manning, EMNLP 2016) whose pairs are scored by a hidden layer and a bilinear form, or the mean of several such
// networks; train/README.md has the arithmetic. It is read-only.
type Ranker struct {
	Layers []int  // of the reader's encoder, numbered from 1, whose vectors it wants
	SHA256 string // of the file
	Reader string // SHA-256 of the reader's weights that its own were trained with

	set      *kernel.Set
	width    int
	networks []network
	heat     float64 // what scores are divided by, so that likelihoods can be believed
	likely   float64 // the least likelihood at which a pronoun is given to a person
}

// A network is one set of weights.
type network struct {
	inner                int
	first, last, pronoun *kernel.Matrix // [width] → [2 * inner]: for the hidden layer; for the bilinear form
	features             []float32      // [features][inner]
	linear               []float32      // [features]: what each adds by itself
	forms                []float32      // [2][trail][inner]: by name or not × which of the last mentions
	out, nobody          []float32      // [inner]
	outBias, nobodyBias  float32
	unseen               float32 // the score of a person without vectors
}

// Accurate loads the ranker of the reader "accurate".
func Accurate() (*Ranker, error) { return loadRanker(accurate, kernel.Best()) }

func loadRanker(file []byte, set *kernel.Set) (*Ranker, error) {
	f, err := tensor.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("loading the ranker of pronouns: %w", err)
	}
	var c struct {
		Format, Reader         string
		Layers                 []int
		Width, Inner, Features int
		Networks               int
		Heat, Likely           float64
	}
	if err := f.Config(&c); err != nil {
		return nil, fmt.Errorf("loading the ranker of pronouns: %w", err)
	}
	if c.Format != RankerFormat || c.Features != features || c.Inner < 16 || c.Inner%16 != 0 || c.Inner > 1024 ||
		c.Width < 16 || c.Width%16 != 0 || c.Width > 1<<13 || c.Networks < 1 || c.Networks > 64 || c.Heat <= 0 {
		return nil, fmt.Errorf("the ranker of pronouns is %s of %d features, %d × %d; this program wants %s of %d features",
			c.Format, c.Features, c.Width, c.Inner, RankerFormat, features)
	}
	r := &Ranker{SHA256: f.SHA256, Layers: c.Layers, Reader: c.Reader, set: set, width: c.Width, heat: c.Heat, likely: c.Likely}
	for k := range c.Networks {
		n, err := loadNetwork(f, fmt.Sprintf("%d.", k), c.Width, c.Inner)
		if err != nil {
			return nil, fmt.Errorf("loading the ranker of pronouns: %w", err)
		}
		r.networks = append(r.networks, n)
	}
	return r, nil
}

func loadNetwork(f *tensor.File, prefix string, width, inner int) (network, error) {
	var err error
	floats := func(name string, shape ...int) (x []float32) {
		if err == nil {
			x, err = f.Float32(prefix+name, shape...)
		}
		return x
	}
	matrix := func(name string) *kernel.Matrix {
		scale, bias := floats(name+".scale", 2*inner), floats(name+".bias", 2*inner)
		var w []byte
		if err == nil {
			w, err = f.Int8(prefix+name+".weight", 2*inner, width)
		}
		if err != nil {
			return nil
		}
		return kernel.Pack(w, scale, bias, 2*inner, width)
	}
	n := network{
		inner: inner, first: matrix("first"), last: matrix("last"), pronoun: matrix("pronoun"),
		features: floats("features", features, inner), linear: floats("linear", features), forms: floats("forms", 2*trail, inner),
		out: floats("out", inner), nobody: floats("nobody", inner),
	}
	if b := floats("biases", 3); err == nil {
		n.outBias, n.nobodyBias, n.unseen = b[0], b[1], b[2]
	}
	return n, err
}

// A bench is where rows of vectors are multiplied: a tile of the kernels touches more rows than one.
type bench struct {
	r      *Ranker
	codes  []uint8
	params [2 * kernel.RowPad]float32
	out    []float32
}

func (r *Ranker) newBench() *bench {
	b := &bench{r: r, codes: kernel.Align[uint8](kernel.RowPad * r.width)}
	for _, n := range r.networks {
		b.out = kernel.Align[float32](kernel.RowPad * n.first.N)
	}
	return b
}

// take makes a row of v the one that is multiplied.
func (b *bench) take(v *reading.Vectors, row int) {
	copy(b.codes, v.Codes[row*v.Width:(row+1)*v.Width])
	copy(b.params[:], v.Params[2*row:2*row+2])
}

// through is the row through a matrix: n numbers for the hidden layer, then n for the bilinear form. They are good until the
// next call.
func (b *bench) through(m *kernel.Matrix, n int) []float32 {
	b.r.set.Multiply(b.out, b.codes, b.params[:], 1, m)
	return b.out[:2*n]
}

// pronoun is what the networks make of the pronoun in a row, one after another.
func (b *bench) pronoun(v *reading.Vectors, row int) (x []float32) {
	b.take(v, row)
	for i := range b.r.networks {
		n := &b.r.networks[i]
		x = append(x, b.through(n.pronoun, n.inner)...)
	}
	return x
}

// mention is what they make of a mention from one row to another; nil where it has no vectors.
func (b *bench) mention(v *reading.Vectors, first, last int) (x []float32) {
	if first < 0 || last < 0 {
		return nil
	}
	b.take(v, first)
	for i := range b.r.networks {
		n := &b.r.networks[i]
		x = append(x, b.through(n.first, n.inner)...)
	}
	b.take(v, last)
	at := 0
	for i := range b.r.networks {
		n := &b.r.networks[i]
		for _, y := range b.through(n.last, n.inner) {
			x[at] += y
			at++
		}
	}
	return x
}

// A view is a mention of a candidate: what [bench.mention] made of it, and its form.
type view struct {
	x    []float32
	name bool
	rank int // 0 for the last mention
}

// scores says of each candidate for a pronoun how well it fits, in logits: of those with views, then of nobody. features
// has the features of each, nobody's too.
func (r *Ranker) scores(pronoun []float32, features [][]int, views [][]view) []float64 {
	out := make([]float64, len(features))
	at := 0
	for i := range r.networks {
		n := &r.networks[i]
		n.score(out, pronoun[at:at+2*n.inner], features, views, at)
		at += 2 * n.inner
	}
	for k := range out {
		out[k] /= float64(len(r.networks)) * r.heat
	}
	return out
}

// score adds to out what this network, whose numbers begin at `at` in those of a mention, thinks of each candidate.
func (n *network) score(out []float64, pronoun []float32, features [][]int, views [][]view, at int) {
	told, hidden := make([]float32, n.inner), make([]float32, n.inner)
	var each []float64
	for k, fs := range features {
		copy(told, pronoun[:n.inner])
		linear := float32(0)
		for _, f := range fs {
			linear += n.linear[f]
			for i, x := range n.features[f*n.inner : (f+1)*n.inner] {
				told[i] += x
			}
		}
		score := float64(n.unseen)
		if k == len(views) {
			score = float64(rectified(told, n.nobody) + n.nobodyBias)
		} else {
			each = each[:0]
			for _, v := range views[k] {
				form := n.forms[v.rank*n.inner:]
				if v.name {
					form = n.forms[(trail+v.rank)*n.inner:]
				}
				x := v.x[at : at+2*n.inner]
				for i := range hidden {
					hidden[i] = told[i] + x[i] + form[i]
				}
				each = append(each, float64(rectified(hidden, n.out)+n.outBias+product(x[n.inner:], pronoun[n.inner:])))
			}
			if len(each) > 0 {
				score = mean(each)
			}
		}
		out[k] += score + float64(linear)
	}
}

// rectified is the sum of the positive numbers of x, weighed.
func rectified(x, weight []float32) float32 {
	sum := float32(0)
	for i, y := range x {
		if y > 0 {
			sum += float32(y * weight[i])
		}
	}
	return sum
}

// product is the bilinear form; training has divided it by the root of the width.
func product(a, b []float32) float32 {
	sum := float32(0)
	for i, x := range a {
		sum += float32(x * b[i])
	}
	return sum
}

// mean is the logarithm of the mean of exponentials.
func mean(x []float64) float64 {
	top, sum := x[0], 0.0
	for _, v := range x {
		top = max(top, v)
	}
	for _, v := range x {
		sum += math.Exp(v - top)
	}
	return top + math.Log(sum/float64(len(x)))
}

// sight is what a ranker has made of the mentions of one doc so far, of each once.
type sight struct {
	bench *bench
	seen  map[int][]float32 // by mention; nil where it has no vectors
}

// look is nil where there is nothing to look at.
func (w *work) look() *sight {
	if w.ranker == nil || w.found.Vectors == nil || w.found.Vectors.Width != w.ranker.width {
		return nil
	}
	return &sight{bench: w.ranker.newBench(), seen: map[int][]float32{}}
}

// viewed scores the candidates for a pronoun with the vectors; nil where the pronoun has none.
func (w *work) viewed(c *Choice) []float64 {
	v := w.found.Vectors
	first, _ := w.doc.TokensIn(w.mentions[c.Mention].Span)
	at := v.At(first)
	if at < 0 {
		return nil
	}
	views := make([][]view, len(c.Entities))
	for k, trail := range c.Trails {
		for rank, m := range trail {
			x, ok := w.sight.seen[m]
			if !ok {
				first, last := w.doc.TokensIn(w.mentions[m].Span)
				x = w.sight.bench.mention(v, v.At(first), v.At(last-1))
				w.sight.seen[m] = x
			}
			if x != nil {
				views[k] = append(views[k], view{x, w.mentions[m].Form == schema.ByName, rank})
			}
		}
	}
	return w.ranker.scores(w.sight.bench.pronoun(v, at), c.Features, views)
}

// scores says of each candidate how likely it is, nobody last, in logits.
func (w *work) scores(c *Choice) []float64 {
	if w.sight != nil {
		if out := w.viewed(c); out != nil {
			return out
		}
	}
	out := make([]float64, len(c.Features))
	for k, fs := range c.Features {
		for _, f := range fs {
			out[k] += float64(w.weights[f])
		}
	}
	return out
}
