// Command gen writes the amd64 kernels of package kernel:
//
//	cd extract/model/kernel/gen && go run . -out ../kernel_amd64.s -stubs ../stub_amd64.go -pkg kernel
//
// It is a module of its own, so that avo is no dependency of the product. Vector registers are named by hand: AVX2 code
// must keep to Y0–Y15, and the budget of each tile stays visible. General registers are avo's to allocate.
//
// Every kernel computes each element by the same operations in the same order whatever the width of its registers:
// sums along k one fused step at a time, reductions in sixteen lanes folded by one tree. So all of them, and the plain
// Go versions, agree to the bit.
package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	. "github.com/mmcloughlin/avo/reg"
)

// A width is one size of vector register with its names.
type width struct {
	suffix string
	bytes  int
	reg    []VecPhysical
}

var (
	avx2 = width{"AVX2", 32, []VecPhysical{Y0, Y1, Y2, Y3, Y4, Y5, Y6, Y7, Y8, Y9, Y10, Y11, Y12, Y13, Y14, Y15}}
	// avx512 has VNNI too: without it 512 bits gain nothing over AVX2.
	avx512 = width{"AVX512", 64, []VecPhysical{Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z8, Z9, Z10, Z11, Z12, Z13, Z14, Z15,
		Z16, Z17, Z18, Z19, Z20, Z21, Z22, Z23, Z24, Z25, Z26, Z27, Z28, Z29, Z30, Z31}}
	xmm = []VecPhysical{X0, X1, X2, X3, X4, X5, X6, X7, X8, X9, X10, X11, X12, X13, X14, X15}
	ymm = avx2.reg
)

// lanes is how many float32 a reduction keeps apart, on every machine.
const lanes = 16

// per is the number of registers that hold those lanes.
func (w width) per() int { return 4 * lanes / w.bytes }

func (w width) zero(r VecPhysical) {
	if w.bytes == 64 {
		VPXORD(r, r, r)
	} else {
		VPXOR(r, r, r)
	}
}

// constant is x repeated over 64 bytes, so that any width can use it as an operand.
func constant(x float32) Mem {
	bits := math.Float32bits(x)
	if m, ok := constants[bits]; ok {
		return m
	}
	m := GLOBL(fmt.Sprintf("c%08x", bits), RODATA|NOPTR)
	for i := range 16 {
		DATA(4*i, U32(bits))
	}
	constants[bits] = m
	return m
}

var constants = map[uint32]Mem{}

func begin(name, signature, doc string) {
	TEXT(name, NOSPLIT, signature)
	Pragma("noescape")
	Doc(doc)
	held = map[float32]VecPhysical{}
}

// held are the constants of the present function that stand in registers.
var held map[float32]VecPhysical

// hold puts constants into registers where there are plenty, from the last one down.
func (w width) hold(xs ...float32) {
	for _, x := range xs {
		if _, ok := held[x]; ok || w.bytes < 64 {
			continue
		}
		r := w.reg[len(w.reg)-1-len(held)]
		VBROADCASTSS(constant(x), r)
		held[x] = r
	}
}

// operand is x, from a register or from memory.
func operand(x float32) Op {
	if r, ok := held[x]; ok {
		return r
	}
	return constant(x)
}

func end() {
	VZEROUPPER()
	RET()
}

func load(name string) GPVirtual { return Load(Param(name), GP64()).(GPVirtual) }

// imm is the shortest immediate of v.
func imm(v int) Op {
	if -128 <= v && v < 128 {
		return I8(v)
	}
	return I32(v)
}

// strided addresses lines that lie a fixed number of bytes apart, with one pointer for four of them.
type strided struct {
	base        []GPVirtual
	step, step3 GPVirtual
}

func newStrided(base, step GPVirtual, n int) strided {
	s := strided{base: []GPVirtual{base}, step: step}
	if n > 3 {
		s.step3 = GP64()
		LEAQ(Mem{Base: step, Index: step, Scale: 2}, s.step3)
	}
	for i := 4; i < n; i += 4 {
		p := GP64()
		LEAQ(Mem{Base: s.base[len(s.base)-1], Index: step, Scale: 4}, p)
		s.base = append(s.base, p)
	}
	return s
}

func (s strided) line(i, disp int) Mem {
	m := Mem{Base: s.base[i/4], Disp: disp}
	switch i % 4 {
	case 1:
		m.Index, m.Scale = s.step, 1
	case 2:
		m.Index, m.Scale = s.step, 2
	case 3:
		m.Index, m.Scale = s.step3, 1
	}
	return m
}

func (s strided) advance(bytes int) {
	for _, p := range s.base {
		ADDQ(imm(bytes), p)
	}
}

// unrolled emits step(0) … step(n-1) and after(n) while count >= n, then step(0) and after(1) for what is left.
func unrolled(count GPVirtual, n int, step, after func(int)) {
	Label("many")
	CMPQ(count, imm(n))
	JL(LabelRef("few"))
	for i := range n {
		step(i)
	}
	after(n)
	SUBQ(imm(n), count)
	JMP(LabelRef("many"))
	Label("few")
	TESTQ(count, count)
	JE(LabelRef("done"))
	step(0)
	after(1)
	DECQ(count)
	JMP(LabelRef("few"))
	Label("done")
}

func main() {
	ConstraintExpr("amd64,!purego")
	floatTile(avx2, 6, 2)
	floatTile(avx512, 8, 2)
	dotTile(avx2, 4, 1)
	dotTile(avx512, 8, 3)
	for _, w := range []width{avx2, avx512} {
		softmax(w)
		addNorm(w)
		gelu(w)
		quantise(w)
	}
	Generate()
}
