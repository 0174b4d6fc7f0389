package eval

import "math"

// Calibration says how far confidences can be read as probabilities: quotes against a match in D (content and source),
// names against an exact match, speakers (of the quotes that are matched and whose speaker the gold names) against their entity.
type Calibration struct {
	ECE  float64 `json:"ece"`  // expected calibration error in percent: mean distance of confidence and precision over the bins, weighted by their size
	N    int     `json:"n"`    // predictions
	Bins []Bin   `json:"bins"` // the reliability diagram; empty bins left out
}

// A Bin is the predictions whose confidence lies in (Above, Above+0.1].
type Bin struct {
	Above      float64 `json:"above"`
	N          int     `json:"n"`
	Confidence float64 `json:"confidence"` // mean, in percent
	Right      float64 `json:"right"`      // percent
}

// calibration counts into ten bins of equal width, as Guo et al. (ICML 2017) do with fifteen.
type calibration struct {
	n, right [10]int
	sum      [10]float64
}

func (c *calibration) add(confidence float64, right bool) {
	bin := min(max(int(math.Ceil(confidence*10))-1, 0), 9)
	c.n[bin]++
	c.right[bin] += one(right)
	c.sum[bin] += confidence
}

// result is nil where no prediction states a confidence.
func (c *calibration) result() *Calibration {
	out, gap, stated := &Calibration{}, 0.0, false
	for i, n := range c.n {
		if n == 0 {
			continue
		}
		stated = stated || c.sum[i] > 0
		b := Bin{float64(i) / 10, n, 100 * ratio(c.sum[i], n), percent(c.right[i], n)}
		out.N += n
		out.Bins = append(out.Bins, b)
		gap += math.Abs(b.Confidence-b.Right) * float64(n)
	}
	if !stated {
		return nil
	}
	out.ECE = gap / float64(out.N)
	return out
}
