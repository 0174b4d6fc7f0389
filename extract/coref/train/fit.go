package main

import (
	"bytes"
	"fmt"
	"go/format"
	"math"
	"os"

	"github.com/quotewire/quotewire/extract/coref"
)

// likelihoods is the softmax over the candidates of an example, nobody among them.
func likelihoods(e example, weights []float32, out []float64) []float64 {
	out = out[:0]
	top := math.Inf(-1)
	for _, fs := range e.features {
		s := 0.0
		for _, f := range fs {
			s += float64(weights[f])
		}
		out = append(out, s)
		top = max(top, s)
	}
	sum := 0.0
	for k := range out {
		out[k] = math.Exp(out[k] - top)
		sum += out[k]
	}
	for k := range out {
		out[k] /= sum
	}
	return out
}

// fit maximises the likelihood that a right candidate is chosen, whichever of them, less decay times half the squared
// weights: logistic regression over candidates with Adam (Kingma and Ba, ICLR 2015), all examples a step.
func fit(all []example, decay float64, epochs int) []float32 {
	weights := make([]float32, coref.Features)
	mean, square, gradient := make([]float64, len(weights)), make([]float64, len(weights)), make([]float64, len(weights))
	var p []float64
	for step := 1; step <= epochs; step++ {
		for i, w := range weights {
			gradient[i] = decay * float64(w)
		}
		for _, e := range all {
			if len(e.right) == 0 {
				continue
			}
			p = likelihoods(e, weights, p)
			right := 0.0
			for k, ok := range e.right {
				if ok {
					right += p[k]
				}
			}
			for k, fs := range e.features {
				g := p[k]
				if e.right[k] {
					g -= p[k] / max(right, 1e-9)
				}
				for _, f := range fs {
					gradient[f] += g
				}
			}
		}
		rate := 0.05 * (1 - 0.9*float64(step)/float64(epochs))
		for i, g := range gradient {
			mean[i] = 0.9*mean[i] + 0.1*g
			square[i] = 0.999*square[i] + 0.001*g*g
			m, v := mean[i]/(1-math.Pow(0.9, float64(step))), square[i]/(1-math.Pow(0.999, float64(step)))
			weights[i] -= float32(rate * m / (math.Sqrt(v) + 1e-8))
		}
	}
	for i := range weights {
		weights[i] = float32(math.Round(float64(weights[i])*1000) / 1000)
	}
	return weights
}

// report prints how often the best candidate is right, by threshold, and how far its likelihood can be read as one.
func report(name string, all []example, weights []float32, gap bool) {
	var n, candidates int
	type count struct{ said, right int }
	var at [10]count
	var bins [10]struct {
		n, right int
		sum      float64
	}
	var p []float64
	for _, e := range all {
		if e.gap != gap {
			continue
		}
		if gap && !e.named {
			// nothing to find, but something to say wrongly
		} else {
			n++
		}
		if len(e.right) == 0 {
			continue
		}
		if !e.right[len(e.right)-1] {
			candidates++
		}
		p = likelihoods(e, weights, p)
		best := 0
		for k := range p[:len(p)-1] {
			if p[k] > p[best] {
				best = k
			}
		}
		if gap && e.asked[best] == 0 {
			continue
		}
		for t := range at {
			if p[best] >= float64(t)/10 {
				at[t].said++
				if e.right[best] {
					at[t].right++
				}
			}
		}
		b := &bins[min(int(p[best]*10), 9)]
		b.n++
		b.sum += p[best]
		if e.right[best] {
			b.right++
		}
	}
	if n == 0 {
		return
	}
	fmt.Fprintf(os.Stderr, "%-10s %d, of them %d among the candidates\n", name, n, candidates)
	for _, t := range []int{0, 4, 5, 6, 7, 8} {
		a := at[t]
		pr, re := float64(a.right)/max(1, float64(a.said)), float64(a.right)/float64(n)
		fmt.Fprintf(os.Stderr, "  at %.1f: P %.1f R %.1f F %.1f\n", float64(t)/10, 100*pr, 100*re, 200*pr*re/max(1e-9, pr+re))
	}
	error, said := 0.0, 0
	for t, b := range bins {
		if t >= 5 && b.n > 0 {
			fmt.Fprintf(os.Stderr, "  %.1f: likelihood %.2f, right %.2f, n %d\n", float64(t)/10, b.sum/float64(b.n), float64(b.right)/float64(b.n), b.n)
			error += math.Abs(b.sum - float64(b.right))
			said += b.n
		}
	}
	fmt.Fprintf(os.Stderr, "  expected calibration error %.3f\n", error/max(1, float64(said)))
}

// write makes a table in Go of the weights.
func write(path string, weights []float32) error {
	var b bytes.Buffer
	b.WriteString(`// Written by extract/coref/train, whose README.md says how and from what: do not edit.

package coref

// weights is what each feature adds to the score of a candidate: logistic regression on GAP's development texts
// (Apache-2.0) and GUM's training texts (annotations CC BY 4.0).
var weights = [features]float32{
`)
	for i := 0; i < len(weights); i += 12 {
		b.WriteByte('\t')
		for _, w := range weights[i:min(i+12, len(weights))] {
			fmt.Fprintf(&b, "%g, ", w)
		}
		b.WriteByte('\n')
	}
	b.WriteString("}\n")
	src, err := format.Source(b.Bytes())
	if err != nil {
		return err
	}
	return os.WriteFile(path, src, 0o644)
}
