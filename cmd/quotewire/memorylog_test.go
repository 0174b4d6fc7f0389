package main

import (
	"bytes"
	"fmt"
	"html"
	"math"
	"os"
	"runtime"
	"runtime/metrics"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A memoryLog is what a process used while it worked.
type memoryLog struct {
	began   time.Time
	samples []memorySample
}

type memorySample struct {
	articles   int           // done so far
	at         time.Duration // since the first sample
	resident   float64       // MB of the process in memory; 0 where the system does not say
	live       float64       // MB of the heap that the last collection found in use
	goroutines float64
}

func (m *memoryLog) sample(articles int) {
	if m.began.IsZero() {
		m.began = time.Now()
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(live)
	s := memorySample{articles: articles, at: time.Since(m.began), live: float64(live[0].Value.Uint64()) / 1e6, goroutines: float64(runtime.NumGoroutine())}
	if statm, err := os.ReadFile("/proc/self/statm"); err == nil {
		if fields := strings.Fields(string(statm)); len(fields) > 1 {
			pages, _ := strconv.Atoi(fields[1])
			s.resident = float64(pages*os.Getpagesize()) / 1e6
		}
	}
	m.samples = append(m.samples, s)
}

// median of what a function says of samples.
func (m memoryLog) median(samples []memorySample, of func(memorySample) float64) float64 {
	var values []float64
	for _, s := range samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

var (
	residentOf   = func(s memorySample) float64 { return s.resident }
	liveOf       = func(s memorySample) float64 { return s.live }
	goroutinesOf = func(s memorySample) float64 { return s.goroutines }
)

// String compares the second fifth of the run with the last; in the first the caches fill.
func (m memoryLog) String() string {
	n := len(m.samples)
	if n < 5 {
		return "too few samples of memory"
	}
	early, late := m.samples[n/5:2*n/5], m.samples[n-n/5:]
	return fmt.Sprintf("medians of the second fifth of the run and of the last: resident %.0f and %.0f MB, live heap %.1f and %.1f MB, goroutines %.0f and %.0f",
		m.median(early, residentOf), m.median(late, residentOf), m.median(early, liveOf), m.median(late, liveOf), m.median(early, goroutinesOf), m.median(late, goroutinesOf))
}

// svg draws memory and goroutines over articles.
func (m memoryLog) svg(title string) []byte {
	const (
		width, left, right = 760.0, 64.0, 120.0
		plot               = width - left - right
	)
	last := m.samples[len(m.samples)-1]
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %.0f 430" font-family="system-ui,sans-serif" font-size="12" role="img" aria-label="%s">
<style>
  svg{background:#fff} text{fill:#333} .grid{stroke:#ddd} .axis{stroke:#888} path{fill:none;stroke-width:1.6;stroke-linejoin:round}
  .resident{stroke:#1f6feb} .live{stroke:#2da44e} .goroutines{stroke:#bc4c00}
  text.resident,text.live,text.goroutines{stroke:none} text.resident{fill:#1f6feb} text.live{fill:#2da44e} text.goroutines{fill:#bc4c00}
  @media (prefers-color-scheme:dark){svg{background:#0d1117} text{fill:#ccc} .grid{stroke:#30363d} .axis{stroke:#777}}
</style>
<text x="%.0f" y="22" font-size="14" font-weight="600">%s</text>
`, width, html.EscapeString(title), left, html.EscapeString(title))
	x := func(articles int) float64 { return left + plot*float64(articles)/float64(last.articles) }
	type line struct {
		class, name string
		of          func(memorySample) float64
	}
	panel := func(top, height float64, unit string, lines ...line) {
		most := 1.0
		for _, l := range lines {
			for _, s := range m.samples {
				most = max(most, l.of(s))
			}
		}
		step := roundStep(most / 4)
		ceiling := step * math.Ceil(most*1.05/step)
		y := func(v float64) float64 { return top + height*(1-v/ceiling) }
		for v := 0.0; v <= ceiling; v += step {
			fmt.Fprintf(&b, `<path class="grid" stroke-width="1" d="M%.1f %.1fH%.1f"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`+"\n",
				left, y(v), left+plot, left-8, y(v)+4, thousands(int64(v)))
		}
		fmt.Fprintf(&b, `<path class="axis" d="M%.1f %.1fV%.1fH%.1f"/><text transform="translate(16 %.1f) rotate(-90)" text-anchor="middle">%s</text>`+"\n",
			left, top, top+height, left+plot, top+height/2, unit)
		for _, l := range lines {
			fmt.Fprintf(&b, `<path class="%s" d="`, l.class)
			for i, s := range m.samples {
				fmt.Fprintf(&b, "%s%.1f %.1f", map[bool]string{true: "M", false: "L"}[i == 0], x(s.articles), y(l.of(s)))
			}
			fmt.Fprintf(&b, `"/><text class="%s" x="%.1f" y="%.1f">%s</text>`+"\n", l.class, left+plot+8, y(l.of(last))+4, l.name)
		}
	}
	panel(42, 210, "memory, MB", line{"resident", "resident", residentOf}, line{"live", "live heap", liveOf})
	panel(282, 90, "goroutines", line{"goroutines", "goroutines", goroutinesOf})
	step := int(roundStep(float64(last.articles) / 5))
	for a := 0; a <= last.articles; a += step {
		fmt.Fprintf(&b, `<text x="%.1f" y="390" text-anchor="middle">%s</text>`+"\n", x(a), thousands(int64(a)))
	}
	fmt.Fprintf(&b, `<text x="%.1f" y="414" text-anchor="middle">articles settled, in %s</text>`+"\n</svg>\n", left+plot/2, last.at.Round(time.Second))
	return b.Bytes()
}

// roundStep is the next of 1, 2, 5, 10, 20 … that is not less.
func roundStep(v float64) float64 {
	for e := math.Pow(10, math.Floor(math.Log10(max(v, 1)))); ; e *= 10 {
		for _, k := range []float64{1, 2, 5} {
			if k*e >= v {
				return k * e
			}
		}
	}
}
