// Package kernel multiplies matrices and works on rows of them, for the forward pass of the trained readers: products
// of 7-bit activations with 8-bit weights, float32 products for attention, softmax, layer norm, GELU, quantisation.
//
// A [Set] is one way to do that; [Best] picks the fastest that the machine has. All sets agree to the bit: integer sums
// are exact (7 bits keep VPMADDUBSW from saturating), floats are summed along k one fused step at a time and along rows
// in sixteen lanes folded by one tree, whatever the width of the registers. So a text is read alike on every machine.
// What it costs is one bit of the activations where VNNI could take eight.
//
// Callers own all memory; nothing here allocates but [Pack] and [Align]. Lengths are the caller's duty: the kernels
// check none.
package kernel

import "unsafe"

// RowPad is the number of rows a tile may touch past the last one: buffers that a product reads or writes must have
// room for that many more.
const RowPad = 8

// A Set is a complete choice of kernels, safe for concurrent use.
type Set struct {
	Name string

	floatRows, floatColumns int // of a tile
	floatTile               func(a *float32, lda int, b *float32, ldb int, k int, c *float32, ldc int, bias *float32)
	dotRows, dotColumns     int
	dotTile                 func(a *uint8, lda int, b *int8, panel int, k4 int, c *float32, ldc int, rows *float32, columns *float32)
	softmax                 func(x *float32, n int)
	addNorm                 func(out, x, add, gamma, beta *float32, n int)
	gelu                    func(x *float32, n int)
	quantise                func(q *uint8, x *float32, n int, row *float32)
}

// A Matrix holds the int8 weights of a linear layer in panels of sixteen columns, [N/16][K/4][16][4], and what takes
// its products back to floats. It is read-only.
type Matrix struct {
	K, N    int       // inputs (a multiple of 16), outputs (a multiple of 48)
	weights []int8    //
	columns []float32 // a panel: 16 scales, 16 sums of the weights times scale, 16 biases
}

const panel = 16 // columns of a panel

// Pack arranges weights given as outputs × inputs, each byte an int8, with a scale and a bias an output. Outputs are padded to a multiple of
// 48 with zeros, so N may be larger than n.
func Pack(weights []byte, scale, bias []float32, n, k int) *Matrix {
	m := &Matrix{K: k, N: (n + 47) / 48 * 48}
	m.weights = Align[int8](m.N * k)
	m.columns = Align[float32](3 * m.N)
	for j := range n {
		to := m.weights[j/panel*panel*k+j%panel*4:]
		sum := 0
		for i, code := range weights[j*k : (j+1)*k] {
			to[i/4*4*panel+i%4] = int8(code)
			sum += int(int8(code))
		}
		c := m.columns[j/panel*3*panel+j%panel:]
		c[0], c[panel], c[2*panel] = scale[j], scale[j]*float32(sum), bias[j]
	}
	return m
}

// Multiply sets c[rows][w.N] to the product of the coded rows of a[rows][w.K] with w, plus bias. params holds two
// numbers a row, as [Set.Quantise] writes them.
func (s *Set) Multiply(c []float32, a []uint8, params []float32, rows int, w *Matrix) {
	for j := 0; j < w.N; j += s.dotColumns {
		for i := 0; i < rows; i += s.dotRows {
			s.dotTile(&a[i*w.K], w.K, &w.weights[j*w.K], panel*w.K, w.K/4, &c[i*w.N+j], 4*w.N, &params[2*i], &w.columns[3*j])
		}
	}
}

// MultiplyFloat sets c = a·b + bias for rows × columns of c and k of a and b; the strides count floats. columns must be
// a multiple of 32; bias may be nil.
func (s *Set) MultiplyFloat(c []float32, ldc int, a []float32, lda int, b []float32, ldb int, rows, k, columns int, bias []float32) {
	var from *float32
	for j := 0; j < columns; j += s.floatColumns {
		if bias != nil {
			from = &bias[j]
		}
		for i := 0; i < rows; i += s.floatRows {
			s.floatTile(&a[i*lda], 4*lda, &b[j], 4*ldb, k, &c[i*ldc+j], 4*ldc, from)
		}
	}
}

// FloatRows is the number of rows that MultiplyFloat handles at a time.
func (s *Set) FloatRows() int { return s.floatRows }

// Softmax replaces x, whose length is a positive multiple of 16 (pad with -1e30), by exp(x-max) over their sum.
func (s *Set) Softmax(x []float32) { s.softmax(&x[0], len(x)) }

// AddNorm sets out to the layer norm of x+add (Ba et al. 2016, epsilon 1e-12). The length is a positive multiple of
// 16; out may be x or add.
func (s *Set) AddNorm(out, x, add, gamma, beta []float32) {
	s.addNorm(&out[0], &x[0], &add[0], &gamma[0], &beta[0], len(out))
}

// Gelu replaces x, whose length is a positive multiple of 16, by x·Φ(x) (Hendrycks and Gimpel 2016), right to 9e-5.
func (s *Set) Gelu(x []float32) { s.gelu(&x[0], len(x)) }

// Quantise writes 7-bit codes of x, whose length is a positive multiple of 16: x is about row[0]·q + row[1].
func (s *Set) Quantise(q []uint8, x []float32, row []float32) {
	s.quantise(&q[0], &x[0], len(x), &row[0])
}

// Align allocates n numbers on a 64-byte boundary.
func Align[T int8 | uint8 | float32](n int) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	b := make([]T, n+64/size)
	skip := int(-uintptr(unsafe.Pointer(&b[0]))&63) / size
	return b[skip : skip+n : skip+n]
}

// Best is the fastest set that this machine can run.
func Best() *Set {
	sets := Available()
	return sets[len(sets)-1]
}
