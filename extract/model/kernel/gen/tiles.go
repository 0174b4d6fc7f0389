package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// floatTile is rows × (n registers) of C = A·B + bias: one fused step a k, so that every width rounds alike.
func floatTile(w width, rows, n int) {
	columns := n * w.bytes / 4
	begin(fmt.Sprintf("floatTile%dx%d%s", rows, columns, w.suffix),
		"func(a *float32, lda int, b *float32, ldb int, k int, c *float32, ldc int, bias *float32)",
		fmt.Sprintf("computes %d rows and %d columns of C = A*B + bias. Strides count bytes; bias may be nil.", rows, columns))
	a, lda, b, ldb, k := load("a"), load("lda"), load("b"), load("ldb"), load("k")
	sum := func(i, j int) VecPhysical { return w.reg[i*n+j] }
	right := func(j int) VecPhysical { return w.reg[rows*n+j] }
	left := w.reg[rows*n+n]
	for i := range rows * n {
		w.zero(w.reg[i])
	}
	as := newStrided(a, lda, rows)
	unrolled(k, 4, func(u int) {
		for j := range n {
			VMOVUPS(Mem{Base: b, Disp: j * w.bytes}, right(j))
		}
		for i := range rows {
			VBROADCASTSS(as.line(i, 4*u), left)
			for j := range n {
				VFMADD231PS(right(j), left, sum(i, j))
			}
		}
		ADDQ(ldb, b)
	}, func(u int) { as.advance(4 * u) })
	c, ldc, bias := load("c"), load("ldc"), load("bias")
	TESTQ(bias, bias)
	JE(LabelRef("store"))
	for j := range n {
		VMOVUPS(Mem{Base: bias, Disp: j * w.bytes}, right(j))
		for i := range rows {
			VADDPS(right(j), sum(i, j), sum(i, j))
		}
	}
	Label("store")
	cs := newStrided(c, ldc, rows)
	for i := range rows {
		for j := range n {
			VMOVUPS(sum(i, j), cs.line(i, j*w.bytes))
		}
	}
	end()
}

// dotTile is rows × (panels of 16 columns) of the product of 7-bit activations and 8-bit weights, taken back to
// floats. Sums of products are exact integers: VPMADDUBSW cannot saturate on 7 bits (2·127·127 < 2¹⁵), so AVX2 and
// VNNI agree.
func dotTile(w width, rows, panels int) {
	n := panels * w.per() // registers a row
	vnni := w.bytes == 64
	begin(fmt.Sprintf("dotTile%dx%d%s", rows, panels*lanes, w.suffix),
		"func(a *uint8, lda int, b *int8, panel int, k4 int, c *float32, ldc int, rows *float32, columns *float32)",
		fmt.Sprintf("computes %d rows and %d columns of the dequantised product; k4 is k/4, panel the bytes of one panel of b.", rows, panels*lanes))
	a, lda, b, panel, k := load("a"), load("lda"), load("b"), load("panel"), load("k4")
	sum := func(i, j int) VecPhysical { return w.reg[i*n+j] }
	right := func(j int) VecPhysical { return w.reg[rows*n+j] }
	left, product, ones := w.reg[rows*n+n], w.reg[rows*n+n+1], w.reg[len(w.reg)-1]
	for i := range rows * n {
		w.zero(w.reg[i])
	}
	if !vnni {
		words := GLOBL("words1", RODATA|NOPTR)
		for i := range 8 {
			DATA(4*i, U32(0x00010001))
		}
		VMOVDQU(words, ones)
	}
	as, bs := newStrided(a, lda, rows), newStrided(b, panel, panels)
	unrolled(k, 4, func(u int) {
		for j := range n {
			VMOVUPS(bs.line(j/w.per(), u*4*lanes+j%w.per()*w.bytes), right(j))
		}
		for i := range rows {
			VPBROADCASTD(as.line(i, 4*u), left)
			for j := range n {
				if vnni {
					VPDPBUSD(right(j), left, sum(i, j))
					continue
				}
				VPMADDUBSW(right(j), left, product)
				VPMADDWD(ones, product, product)
				VPADDD(product, sum(i, j), sum(i, j))
			}
		}
	}, func(u int) { as.advance(4 * u); bs.advance(4 * lanes * u) })

	// c = scale·sum, times the row's step, plus the row's lowest times the column's sum, plus bias
	c, ldc, rp, columns := load("c"), load("ldc"), load("rows"), load("columns")
	column := func(kind, j int) Mem { // panels hold 16 scales, 16 sums, 16 biases
		return Mem{Base: columns, Disp: j/w.per()*4*3*lanes + kind*4*lanes + j%w.per()*w.bytes}
	}
	for j := range n {
		VMOVUPS(column(0, j), right(j))
		for i := range rows {
			VCVTDQ2PS(sum(i, j), sum(i, j))
			VMULPS(right(j), sum(i, j), sum(i, j))
		}
	}
	cs := newStrided(c, ldc, rows)
	step, lowest, out := w.reg[rows*n], w.reg[rows*n+1], w.reg[rows*n+2]
	for i := range rows {
		VBROADCASTSS(Mem{Base: rp, Disp: 8 * i}, step)
		VBROADCASTSS(Mem{Base: rp, Disp: 8*i + 4}, lowest)
		for j := range n {
			VMOVUPS(column(2, j), out)
			VFMADD231PS(column(1, j), lowest, out)
			VFMADD231PS(sum(i, j), step, out)
			VMOVUPS(out, cs.line(i, j*w.bytes))
		}
	}
	end()
}
