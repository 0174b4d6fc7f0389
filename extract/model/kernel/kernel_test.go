package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

func normal(r *rand.Rand, n int, scale float64) []float32 {
	x := Align[float32](n)
	for i := range x {
		x[i] = float32(r.NormFloat64() * scale)
	}
	return x
}

// same fails unless got and want are equal; only the sign of a zero may differ.
func same(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if got[i] != want[i] {
			t.Fatalf("%s: [%d] is %v, portable gives %v", what, i, got[i], want[i])
		}
	}
}

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

func TestMultiply(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, shape := range [][3]int{{1, 16, 48}, {7, 48, 13}, {33, 384, 1152}, {8, 1536, 384}, {13, 480, 100}} {
		rows, k, n := shape[0], shape[1], shape[2]
		x := normal(r, (rows+RowPad)*k, 1)
		weights, scale, bias := make([]byte, n*k), normal(r, n, 1), normal(r, n, 1)
		for i := range weights {
			weights[i] = byte(r.IntN(255) - 127)
		}
		w := Pack(weights, scale, bias, n, k)
		var want []float32
		for _, s := range Available() {
			q, params := Align[uint8]((rows+RowPad)*k), Align[float32](2*(rows+RowPad))
			for i := range rows {
				s.Quantise(q[i*k:], x[i*k:(i+1)*k], params[2*i:])
			}
			c := Align[float32]((rows + RowPad) * w.N)
			s.Multiply(c, q, params, rows, w)
			c = c[:rows*w.N]
			if want == nil { // portable comes first: hold it to arithmetic
				want = c
				for i := range rows {
					for j := range n {
						exact, size := float64(bias[j]), 1.0
						for l := range k {
							v := float64(params[2*i])*float64(q[i*k+l]) + float64(params[2*i+1])
							exact += v * float64(scale[j]) * float64(int8(weights[j*k+l]))
							size += math.Abs(v * float64(scale[j]) * float64(int8(weights[j*k+l])))
						}
						near(t, fmt.Sprint(shape, " at ", i, j), float64(c[i*w.N+j]), exact, 1e-6*size)
					}
				}
				continue
			}
			same(t, fmt.Sprint(s.Name, shape), c, want)
		}
	}
}

// The largest codes and weights must not overflow anything.
func TestMultiplyExtremes(t *testing.T) {
	const k, n = 1536, 48
	weights, ones := make([]byte, n*k), make([]float32, n)
	for i := range weights {
		weights[i] = 127
		if i/k%2 == 1 { // odd columns
			weights[i] = 256 - 127
		}
	}
	for i := range ones {
		ones[i] = 1
	}
	w := Pack(weights, ones, make([]float32, n), n, k)
	for _, s := range Available() {
		q, params, c := Align[uint8]((1+RowPad)*k), Align[float32](2*(1+RowPad)), Align[float32]((1+RowPad)*n)
		for i := range q {
			q[i] = 127
		}
		params[0] = 1
		s.Multiply(c, q, params, 1, w)
		for j := range n {
			if want := float32(127*127*k) * float32(1-j%2*2); c[j] != want {
				t.Fatalf("%s: column %d is %v, want %v", s.Name, j, c[j], want)
			}
		}
	}
}

func TestMultiplyFloat(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	for _, shape := range [][3]int{{1, 1, 32}, {5, 32, 128}, {40, 97, 32}, {9, 384, 64}} {
		rows, k, n := shape[0], shape[1], shape[2]
		lda, ldb, ldc := k+3, n+16, n+5
		a, b, bias := normal(r, (rows+RowPad)*lda, 1), normal(r, k*ldb, 1), normal(r, n, 1)
		var want []float32
		for _, s := range Available() {
			c := Align[float32]((rows + RowPad) * ldc)
			s.MultiplyFloat(c, ldc, a, lda, b, ldb, rows, k, n, bias)
			out := make([]float32, 0, rows*n)
			for i := range rows {
				out = append(out, c[i*ldc:i*ldc+n]...)
			}
			if want == nil {
				want = out
				for i := range rows {
					for j := range n {
						exact := float64(bias[j])
						for l := range k {
							exact += float64(a[i*lda+l]) * float64(b[l*ldb+j])
						}
						near(t, fmt.Sprint(shape, " at ", i, j), float64(out[i*n+j]), exact, 1e-4)
					}
				}
				continue
			}
			same(t, fmt.Sprint(s.Name, shape), out, want)
		}
	}
}

func TestRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{16, 48, 384, 1536} {
		for _, spread := range []float64{0, 1e-3, 1, 30} {
			x, add, gamma, beta := normal(r, n, spread), normal(r, n, spread), normal(r, n, 1), normal(r, n, 1)
			type result struct {
				soft, norm, gelu, params []float32
				codes                    []uint8
			}
			var want result
			for i, s := range Available() {
				got := result{soft: append([]float32(nil), x...), norm: make([]float32, n), gelu: append([]float32(nil), x...), params: make([]float32, 2), codes: make([]uint8, n)}
				got.soft[n/2] = -1e30
				s.Softmax(got.soft)
				s.AddNorm(got.norm, x, add, gamma, beta)
				s.Gelu(got.gelu)
				s.Quantise(got.codes, x, got.params)
				what := fmt.Sprintf("%s n=%d spread=%g ", s.Name, n, spread)
				if i > 0 {
					same(t, what+"softmax", got.soft, want.soft)
					same(t, what+"norm", got.norm, want.norm)
					same(t, what+"gelu", got.gelu, want.gelu)
					same(t, what+"params", got.params, want.params)
					if string(got.codes) != string(want.codes) {
						t.Fatalf("%s codes differ: %v, portable gives %v", what, got.codes, want.codes)
					}
					continue
				}
				want = got
				sum, mean, variance := 0.0, 0.0, 0.0
				for i, v := range x {
					sum += float64(got.soft[i])
					mean += float64(v+add[i]) / float64(n)
					near(t, what+"gelu", float64(got.gelu[i]), float64(v)*(1+math.Erf(float64(v)/math.Sqrt2))/2, 1e-4+1.4e-5*math.Abs(float64(v)))
					near(t, what+"code", float64(got.params[0])*float64(got.codes[i])+float64(got.params[1]), float64(v), float64(got.params[0])*0.5001+1e-12)
				}
				near(t, what+"softmax's sum", sum, 1, 1e-5)
				for i, v := range x {
					variance += math.Pow(float64(v+add[i])-mean, 2) / float64(n)
				}
				for i, v := range x {
					exact := (float64(v+add[i])-mean)/math.Sqrt(variance+1e-12)*float64(gamma[i]) + float64(beta[i])
					near(t, what+"norm", float64(got.norm[i]), exact, 1e-4)
				}
			}
		}
	}
}

func TestSoftmaxAgainstExp(t *testing.T) {
	x := make([]float32, 48)
	for i := range x {
		x[i] = float32(i)*1.7 - 40
	}
	var sum float64
	for _, v := range x {
		sum += math.Exp(float64(v))
	}
	y := append([]float32(nil), x...)
	Best().Softmax(y)
	for i, v := range x {
		near(t, fmt.Sprint("softmax of ", v), float64(y[i]), math.Exp(float64(v))/sum, 1e-6)
	}
}

// A fused step rounds once: compare with arithmetic of 200 bits where doubles would round twice.
func TestFusedRoundsOnce(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	x, y, z := float32(1+1.0/(1<<23)), float32(1+1.0/(1<<23)), float32(math.Ldexp(1, 24)) // x·y is just over 1: z+x·y lies just past a half-way point
	if got := fma(x, y, z); got != z+2 {
		t.Errorf("fma(%v, %v, %v) = %v, want %v", x, y, z, got, z+2)
	}
	one := Align[float32](1 + RowPad)
	for range 200 {
		a, b := float32(r.NormFloat64()), normal(r, 32, 1)
		one[0] = a
		c := Align[float32]((1 + RowPad) * 32)
		Best().MultiplyFloat(c, 32, one, 1, b, 32, 1, 1, 32, nil)
		for j := range b {
			if want := fma(a, b[j], 0); c[j] != want {
				t.Fatalf("%v·%v = %v, want %v", a, b[j], c[j], want)
			}
		}
	}
}

func TestPackPads(t *testing.T) {
	w := Pack([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, []float32{2}, []float32{3}, 1, 16)
	if w.N != 48 || w.K != 16 {
		t.Fatalf("packed to %d×%d, want 16×48", w.K, w.N)
	}
	q, c := Align[uint8]((1+RowPad)*16), Align[float32]((1+RowPad)*48)
	q[2] = 5
	Best().Multiply(c, q, append([]float32{1, 0}, make([]float32, 2*RowPad)...), 1, w)
	if c[0] != 2*3*5+3 || c[1] != 0 || c[47] != 0 {
		t.Errorf("got %v … %v", c[:2], c[47])
	}
}

var shapes = [][3]int{{64, 384, 1152}, {64, 384, 1536}, {64, 1536, 384}, {128, 384, 384}}

func BenchmarkMultiply(b *testing.B) {
	for _, s := range Available() {
		for _, shape := range shapes {
			rows, k, n := shape[0], shape[1], shape[2]
			b.Run(fmt.Sprintf("%s/%dx%dx%d", s.Name, rows, k, n), func(b *testing.B) {
				w := Pack(make([]byte, n*k), make([]float32, n), make([]float32, n), n, k)
				q, params, c := Align[uint8]((rows+RowPad)*k), Align[float32](2*(rows+RowPad)), Align[float32]((rows+RowPad)*n)
				for b.Loop() {
					s.Multiply(c, q, params, rows, w)
				}
				b.ReportMetric(2*float64(rows*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GOP/s")
			})
		}
	}
}

func BenchmarkMultiplyFloat(b *testing.B) {
	for _, s := range Available() {
		b.Run(s.Name, func(b *testing.B) {
			const rows, k, n = 128, 128, 128
			x, y, c := Align[float32]((rows+RowPad)*k), Align[float32](k*n), Align[float32]((rows+RowPad)*n)
			for b.Loop() {
				s.MultiplyFloat(c, n, x, k, y, n, rows, k, n, nil)
			}
			b.ReportMetric(2*float64(rows*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}

func BenchmarkRows(b *testing.B) {
	const n = 1536
	for _, s := range Available() {
		x, one := Align[float32](n), Align[float32](n)
		q, params := Align[uint8](n), Align[float32](2)
		for name, run := range map[string]func(){
			"softmax":  func() { s.Softmax(x[:128]) },
			"norm":     func() { s.AddNorm(x[:384], x[:384], one[:384], one[:384], one[:384]) },
			"gelu":     func() { s.Gelu(x) },
			"quantise": func() { s.Quantise(q, x, params) },
		} {
			b.Run(s.Name+"/"+name, func(b *testing.B) {
				for i := range x {
					x[i], one[i] = float32(i%17)/5-1.5, 1
				}
				for b.Loop() {
					run()
				}
			})
		}
	}
}
