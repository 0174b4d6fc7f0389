//go:build amd64 && !purego

package kernel

import "golang.org/x/sys/cpu"

var avx2 = Set{
	Name:      "avx2",
	floatRows: 6, floatColumns: 16, floatTile: floatTile6x16AVX2,
	dotRows: 4, dotColumns: 16, dotTile: dotTile4x16AVX2,
	softmax: softmaxAVX2, addNorm: addNormAVX2, gelu: geluAVX2, quantise: quantiseAVX2,
}

var avx512 = Set{
	Name:      "avx512-vnni",
	floatRows: 8, floatColumns: 32, floatTile: floatTile8x32AVX512,
	dotRows: 8, dotColumns: 48, dotTile: dotTile8x48AVX512,
	softmax: softmaxAVX512, addNorm: addNormAVX512, gelu: geluAVX512, quantise: quantiseAVX512,
}

// Available lists the sets that this machine can run, slowest first.
func Available() []*Set {
	sets := []*Set{&Portable}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		sets = append(sets, &avx2)
		if cpu.X86.HasAVX512F && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512VNNI {
			sets = append(sets, &avx512)
		}
	}
	return sets
}
