package kernel

import (
	"math"
	"unsafe"
)

// Portable is plain Go: what machines without kernels of their own run, and what the others are tested against. It is
// about a hundred times slower than AVX-512.
var Portable = Set{
	Name:      "portable",
	floatRows: 1, floatColumns: panel, floatTile: floatTileGo,
	dotRows: 1, dotColumns: panel, dotTile: dotTileGo,
	softmax: softmaxGo, addNorm: addNormGo, gelu: geluGo, quantise: quantiseGo,
}

type lanes [16]float32

func at[T any](p *T, bytes, n int) []T {
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(p), bytes)), n)
}

func floatTileGo(a *float32, lda int, b *float32, ldb int, k int, c *float32, ldc int, bias *float32) {
	var sum lanes
	for i, left := range at(a, 0, k) {
		right := (*lanes)(unsafe.Add(unsafe.Pointer(b), i*ldb))
		for j := range sum {
			sum[j] = fma(left, right[j], sum[j])
		}
	}
	if bias != nil {
		for j, x := range at(bias, 0, panel) {
			sum[j] += x
		}
	}
	copy(at(c, 0, panel), sum[:])
}

func dotTileGo(a *uint8, lda int, b *int8, _ int, k4 int, c *float32, ldc int, rows *float32, columns *float32) {
	var sum [panel]int32
	left, right := at(a, 0, 4*k4), at(b, 0, 4*panel*k4)
	for k := 0; k < len(left); k += 4 {
		x := (*[4]uint8)(left[k:])
		x0, x1, x2, x3 := int32(x[0]), int32(x[1]), int32(x[2]), int32(x[3])
		w := (*[4 * panel]int8)(right[panel*k:])
		for j := range sum {
			sum[j] += x0*int32(w[4*j]) + x1*int32(w[4*j+1]) + x2*int32(w[4*j+2]) + x3*int32(w[4*j+3])
		}
	}
	row, column, out := at(rows, 0, 2), at(columns, 0, 3*panel), at(c, 0, panel)
	for j, s := range sum {
		out[j] = fma(row[0], float32(s)*column[j], fma(row[1], column[panel+j], column[2*panel+j]))
	}
}

// fold is the one order in which sixteen lanes become one.
func (l *lanes) fold(op func(x, y float32) float32) float32 {
	for half := 8; half > 0; half /= 2 {
		for i := range half {
			l[i] = op(l[i+half], l[i])
		}
	}
	return l[0]
}

func least(x, y float32) float32 { return min(x, y) }
func most(x, y float32) float32  { return max(x, y) }
func plus(x, y float32) float32  { return x + y }

func softmaxGo(p *float32, n int) {
	x := at(p, 0, n)
	top := *(*lanes)(x)
	for i, v := range x {
		top[i%16] = max(v, top[i%16])
	}
	highest := top.fold(most)
	var sum lanes
	for i, v := range x {
		x[i] = exponential(v - highest)
		sum[i%16] += x[i]
	}
	scale := 1 / sum.fold(plus)
	for i := range x {
		x[i] *= scale
	}
}

// exponential is eˣ for x that is not positive: 2ⁿ·P(r), r in ±ln2/2.
func exponential(x float32) float32 {
	x = max(x, -87)
	n := math.RoundToEven(float64(x * 1.44269504))
	x = fma(-0.693147182, float32(n), x)
	p := float32(1.0 / 120)
	for _, c := range [...]float32{1.0 / 24, 1.0 / 6, 0.5, 1, 1} {
		p = fma(p, x, c)
	}
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(n))<<23)
}

func addNormGo(out, x, add, gamma, beta *float32, n int) {
	o, a, b, g, h := at(out, 0, n), at(x, 0, n), at(add, 0, n), at(gamma, 0, n), at(beta, 0, n)
	var sum lanes
	for i := range o {
		o[i] = a[i] + b[i]
		sum[i%16] += o[i]
	}
	mean := sum.fold(plus) / float32(n)
	var square lanes
	for i, v := range o {
		square[i%16] = fma(v-mean, v-mean, square[i%16])
	}
	scale := 1 / float32(math.Sqrt(float64(square.fold(plus)/float32(n)+1e-12)))
	for i, v := range o {
		o[i] = fma((v-mean)*scale, g[i], h[i])
	}
}

// The constants of gen/gelu.go.
const geluClamp = 4.2

var geluPolynomial = [...]float32{0.398919076, -0.0664202571, 0.00990016945, -0.00114891573, 0.000103647835, -7.12928977e-06,
	3.57872693e-07, -1.2212606e-08, 2.50732324e-10, -2.32026876e-12}

func geluGo(p *float32, n int) {
	x := at(p, 0, n)
	for i, v := range x {
		t := max(min(v, geluClamp), -geluClamp)
		u, p := t*t, geluPolynomial[len(geluPolynomial)-1]
		for k := len(geluPolynomial) - 2; k >= 0; k-- {
			p = fma(p, u, geluPolynomial[k])
		}
		x[i] = v * fma(p, t, 0.5)
	}
}

func quantiseGo(q *uint8, p *float32, n int, row *float32) {
	x, codes, params := at(p, 0, n), at(q, 0, n), at(row, 0, 2)
	low, high := *(*lanes)(x), *(*lanes)(x)
	for i, v := range x {
		low[i%16], high[i%16] = min(v, low[i%16]), max(v, high[i%16])
	}
	lowest := low.fold(least)
	reach := max(high.fold(most)-lowest, 1e-12)
	inverse := 127 / reach
	for i, v := range x {
		codes[i] = uint8(math.RoundToEven(float64((v - lowest) * inverse)))
	}
	params[0], params[1] = reach/127, lowest
}

// fma is x·y + z rounded once to float32, as the vector units do it.
func fma(x, y, z float32) float32 {
	product, add := float64(x)*float64(y), float64(z) // the product is exact: 48 bits
	sum := product + add
	if math.Float64bits(sum)&(1<<29-1) == 1<<28 { // half-way between two float32: was the sum itself rounded?
		back := sum - product
		if lost := (product - (sum - back)) + (add - back); lost > 0 { // Knuth's two-sum
			sum = math.Nextafter(sum, math.Inf(1))
		} else if lost < 0 {
			sum = math.Nextafter(sum, math.Inf(-1))
		}
	}
	return float32(sum)
}
