package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A vector is sixteen lanes: one register or two.
type vector []VecPhysical

// vectors hands out registers from number from on.
func (w width) vectors(from, n int) []vector {
	out := make([]vector, n)
	for i := range out {
		out[i] = w.reg[from+i*w.per() : from+(i+1)*w.per()]
	}
	return out
}

// part is the p-th register's share of sixteen lanes at m.
func (w width) part(m Mem, p int) Mem {
	m.Disp += p * w.bytes
	return m
}

func (w width) read(m Mem, v vector) {
	for p, r := range v {
		VMOVUPS(w.part(m, p), r)
	}
}

func (w width) write(v vector, m Mem) {
	for p, r := range v {
		VMOVUPS(r, w.part(m, p))
	}
}

// each applies a two-operand form op(x, y, y) lane by lane.
func each(op func(...Op), x, y vector) {
	for p := range y {
		op(x[p], y[p], y[p])
	}
}

// broadcast folds the sixteen lanes of v to one value by the tree (8, 4, 2, 1) and puts it into all of them; v and t
// must be registers below 16.
func (w width) broadcast(op func(...Op), v, t vector, v0, t0 int) {
	if w.bytes == 64 {
		VEXTRACTF64X4(I8(1), v[0], ymm[t0])
		op(ymm[t0], ymm[v0], ymm[v0])
	} else {
		op(v[1], v[0], v[0])
	}
	VEXTRACTF128(I8(1), ymm[v0], xmm[t0])
	op(xmm[t0], xmm[v0], xmm[v0])
	VMOVHLPS(xmm[v0], xmm[v0], xmm[t0])
	op(xmm[t0], xmm[v0], xmm[v0])
	VPSHUFD(I8(1), xmm[v0], xmm[t0])
	op(xmm[t0], xmm[v0], xmm[v0])
	for _, r := range v {
		VBROADCASTSS(xmm[v0], r)
	}
}

func vmin(x ...Op) { VMINPS(x...) }
func vmax(x ...Op) { VMAXPS(x...) }
func vadd(x ...Op) { VADDPS(x...) }

// overRow emits body for each sixteen floats of n, with their byte offset in i.
func overRow(label string, i, n GPVirtual, body func()) {
	XORQ(i, i)
	Label(label)
	body()
	ADDQ(imm(4*lanes), i)
	CMPQ(i, n)
	JL(LabelRef(label))
}

var exponentialPolynomial = []float32{1.0 / 120, 1.0 / 24, 1.0 / 6, 0.5, 1, 1}

// exponential replaces x, which is not positive, by eˣ: 2ⁿ·P(r), r in ±ln2/2, P of degree 5; t and p are scratch.
func exponential(x, t, p VecPhysical) {
	VMAXPS(operand(-87), x, x)
	VMULPS(operand(1.44269504), x, t)
	VCVTPS2DQ(t, t) // to nearest even
	VCVTDQ2PS(t, p)
	VFNMADD231PS(operand(0.693147182), p, x)
	VMOVUPS(operand(exponentialPolynomial[0]), p)
	for _, c := range exponentialPolynomial[1:] {
		VFMADD213PS(operand(c), x, p)
	}
	VPSLLD(I8(23), t, t)
	VPADDD(t, p, x)
}

func softmax(w width) {
	begin("softmax"+w.suffix, "func(x *float32, n int)",
		"replaces n floats by exp(x-max)/sum. n is a positive multiple of 16; pad with -1e30.")
	x, n, i := load("x"), load("n"), GP64()
	SHLQ(I8(2), n)
	v := w.vectors(0, 5)
	most, sum, e, t, p := v[0], v[1], v[2], v[3], v[4]
	first := func(k int) int { return k * w.per() }
	w.hold(exponentialPolynomial...)
	w.hold(-87, 1.44269504, 0.693147182)
	at := Mem{Base: x, Index: i, Scale: 1}
	w.read(Mem{Base: x}, most)
	overRow("most", i, n, func() {
		w.read(at, e)
		each(vmax, e, most)
	})
	w.broadcast(vmax, most, t, first(0), first(3))
	for _, r := range sum {
		w.zero(r)
	}
	overRow("exp", i, n, func() {
		w.read(at, e)
		for k := range e {
			VSUBPS(most[k], e[k], e[k])
			exponential(e[k], t[k], p[k])
			VADDPS(e[k], sum[k], sum[k])
		}
		w.write(e, at)
	})
	w.broadcast(vadd, sum, t, first(1), first(3))
	for k := range t {
		VMOVUPS(constant(1), t[k])
		VDIVPS(sum[k], t[k], sum[k])
	}
	overRow("scale", i, n, func() {
		w.read(at, e)
		each(func(x ...Op) { VMULPS(x...) }, sum, e)
		w.write(e, at)
	})
	end()
}

func addNorm(w width) {
	begin("addNorm"+w.suffix, "func(out, x, add, gamma, beta *float32, n int)",
		"sets out to the layer norm of x+add, epsilon 1e-12. n is a positive multiple of 16; out may be x or add.")
	out, x, add, gamma, beta, n, i := load("out"), load("x"), load("add"), load("gamma"), load("beta"), load("n"), GP64()
	v := w.vectors(0, 5)
	mean, square, e, t, count := v[0], v[1], v[2], v[3], v[4]
	first := func(k int) int { return k * w.per() }
	VXORPS(xmm[first(4)], xmm[first(4)], xmm[first(4)])
	VCVTSI2SSQ(n, xmm[first(4)], xmm[first(4)])
	for _, r := range count {
		VBROADCASTSS(xmm[first(4)], r)
	}
	SHLQ(I8(2), n)
	at := func(b GPVirtual) Mem { return Mem{Base: b, Index: i, Scale: 1} }
	for _, r := range mean {
		w.zero(r)
	}
	overRow("sum", i, n, func() {
		w.read(at(x), e)
		for k := range e {
			VADDPS(w.part(at(add), k), e[k], e[k])
		}
		w.write(e, at(out))
		each(vadd, e, mean)
	})
	w.broadcast(vadd, mean, t, first(0), first(3))
	for k := range mean {
		VDIVPS(count[k], mean[k], mean[k])
		w.zero(square[k])
	}
	overRow("square", i, n, func() {
		w.read(at(out), e)
		for k := range e {
			VSUBPS(mean[k], e[k], e[k])
			VFMADD231PS(e[k], e[k], square[k])
		}
	})
	w.broadcast(vadd, square, t, first(1), first(3))
	for k := range square {
		VDIVPS(count[k], square[k], square[k])
		VADDPS(constant(1e-12), square[k], square[k])
		VSQRTPS(square[k], square[k])
		VMOVUPS(constant(1), t[k])
		VDIVPS(square[k], t[k], square[k])
	}
	overRow("norm", i, n, func() {
		w.read(at(out), e)
		w.read(at(beta), t)
		for k := range e {
			VSUBPS(mean[k], e[k], e[k])
			VMULPS(square[k], e[k], e[k])
			VFMADD231PS(w.part(at(gamma), k), e[k], t[k])
		}
		w.write(t, at(out))
	})
	end()
}

// gaussian replaces x by x·Φ(x): Φ is ½ plus an odd polynomial on ±geluClamp and constant outside. t and p are scratch.
func gaussian(x, t, p VecPhysical) {
	clamp := func() {
		VMOVUPS(operand(geluClamp), t)
		VMINPS(t, x, t)
		VMAXPS(operand(-geluClamp), t, t)
	}
	clamp()
	VMULPS(t, t, t)
	VMOVUPS(operand(geluPolynomial[len(geluPolynomial)-1]), p)
	for k := len(geluPolynomial) - 2; k >= 0; k-- {
		VFMADD213PS(operand(geluPolynomial[k]), t, p)
	}
	clamp()
	VFMADD213PS(operand(0.5), t, p)
	VMULPS(p, x, x)
}

func gelu(w width) {
	begin("gelu"+w.suffix, "func(x *float32, n int)", "replaces n floats by x·Φ(x). n is a positive multiple of 16.")
	x, n, i := load("x"), load("n"), GP64()
	SHLQ(I8(2), n)
	v := w.vectors(0, 3)
	w.hold(geluPolynomial...)
	w.hold(geluClamp, -geluClamp, 0.5)
	at := Mem{Base: x, Index: i, Scale: 1}
	overRow("gelu", i, n, func() {
		w.read(at, v[0])
		for k := range v[0] {
			gaussian(v[0][k], v[1][k], v[2][k])
		}
		w.write(v[0], at)
	})
	end()
}

// quantise writes 7-bit codes of a row with the row's own step and lowest value.
func quantise(w width) {
	begin("quantise"+w.suffix, "func(q *uint8, x *float32, n int, row *float32)",
		"writes n codes in [0,127] with x ≈ row[0]*q + row[1]. n is a positive multiple of 16.")
	q, x, n, row, i := load("q"), load("x"), load("n"), load("row"), GP64()
	SHLQ(I8(2), n)
	v := w.vectors(0, 5)
	least, most, e, t, inverse := v[0], v[1], v[2], v[3], v[4]
	first := func(k int) int { return k * w.per() }
	at := Mem{Base: x, Index: i, Scale: 1}
	w.read(Mem{Base: x}, least)
	w.read(Mem{Base: x}, most)
	overRow("range", i, n, func() {
		w.read(at, e)
		each(vmin, e, least)
		each(vmax, e, most)
	})
	w.broadcast(vmin, least, t, first(0), first(3))
	w.broadcast(vmax, most, t, first(1), first(3))
	for k := range most {
		VSUBPS(least[k], most[k], most[k])
		VMAXPS(constant(1e-12), most[k], most[k])
		VMOVUPS(constant(127), t[k])
		VDIVPS(most[k], t[k], inverse[k])
		VDIVPS(t[k], most[k], most[k])
	}
	VMOVSS(xmm[first(1)], Mem{Base: row})
	VMOVSS(xmm[first(0)], Mem{Base: row, Disp: 4})
	overRow("codes", i, n, func() {
		w.read(at, e)
		for k := range e {
			VSUBPS(least[k], e[k], e[k])
			VMULPS(inverse[k], e[k], e[k])
			VCVTPS2DQ(e[k], e[k]) // to nearest even; at most 127 by a rounding, never more
		}
		if w.bytes == 64 {
			VPMOVUSDB(e[0], Mem{Base: q})
		} else {
			VPACKSSDW(e[1], e[0], e[0]) // 0–3 8–11 4–7 12–15
			VPERMQ(I8(-0x28), e[0], e[0])
			VEXTRACTI128(I8(1), e[0], xmm[first(3)])
			VPACKUSWB(xmm[first(3)], xmm[first(2)], xmm[first(2)])
			VMOVDQU(xmm[first(2)], Mem{Base: q})
		}
		ADDQ(imm(lanes), q)
	})
	end()
}
