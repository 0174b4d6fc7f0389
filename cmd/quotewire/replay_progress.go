package main

import (
	"context"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/schema"
)

// A tally counts what a summary tells beside pipeline.Summary.
type tally struct{ words, people atomic.Int64 }

func (t *tally) counting(extract func(schema.Article) schema.Record) func(schema.Article) schema.Record {
	return func(a schema.Article) schema.Record {
		r := extract(a)
		t.words.Add(int64(wordsIn(a.Text)))
		people := 0
		for _, e := range r.Entities {
			if e.Kind == schema.Person {
				people++
			}
		}
		t.people.Add(int64(people))
		return r
	}
}

// wordsIn counts what stands between white space, as wc -w does.
func wordsIn(s string) int {
	n, inside := 0, false
	for i := 0; i < len(s); i++ {
		space := s[i] == ' ' || '\t' <= s[i] && s[i] <= '\r'
		if !space && !inside {
			n++
		}
		inside = !space
	}
	return n
}

// summary is the table at the end: how many, and how fast.
func (a *app) summary(sum pipeline.Summary, seen *tally, read archive.Progress, known *duplicates) {
	skipped := int64(0)
	if known != nil && known.skip {
		skipped = sum.Copies
	}
	seconds := max(sum.Elapsed.Seconds(), 1e-9)
	row := func(what, n string, per float64, unit string) {
		line := fmt.Sprintf("%10s  %12s", what, n)
		if unit != "" {
			line += fmt.Sprintf("  %9s %s/s", significant(per/seconds), unit)
		}
		fmt.Fprintln(a.stderr, line)
	}
	count := func(what string, n int64, unit string) { row(what, thousands(n), float64(n), unit) }
	count("articles", sum.Articles, "articles")
	count("records", sum.Records, "")
	count("dead", sum.Dead, "")
	if sum.Skipped > skipped {
		count("not wanted", sum.Skipped-skipped, "")
	}
	if sum.Copies > 0 {
		count("copies", sum.Copies, "")
	}
	if read.Skipped > 0 {
		count("no article", read.Skipped, "")
	}
	if sum.Later > 0 {
		count("not done", sum.Later, "")
	}
	count("quotes", sum.Quotes, "")
	count("people", seen.people.Load(), "")
	count("words", seen.words.Load(), "words")
	row("MB read", significant(float64(read.Bytes)/1e6), float64(read.Bytes)/1e6, "MB")
	row("seconds", fmt.Sprintf("%.1f", seconds), 0, "")
}

// significant writes two or three significant digits, and large numbers whole.
func significant(x float64) string {
	switch {
	case x >= 100:
		return thousands(int64(x + 0.5))
	case x >= 10:
		return fmt.Sprintf("%.1f", x)
	case x >= 1:
		return fmt.Sprintf("%.2f", x)
	}
	return fmt.Sprintf("%.2g", x)
}

// progress is the bar on a terminal; without one it does nothing.
type progress struct {
	mu     sync.Mutex
	out    io.Writer
	bar    *progressbar.ProgressBar
	source *archive.Source
	before int64 // articles that earlier runs settled
	shown  time.Time
}

// newProgress makes a bar over the bytes of paths, or over size bytes if that is not 0.
func (a *app) newProgress(ctx context.Context, quiet bool, paths []string, size int64) *progress {
	p := &progress{out: a.stderr}
	if quiet || !isTerminal(a.stderr) || isTerminal(a.stdout) && a.flags.Color == "never" {
		return p
	}
	p.bar = progressbar.NewOptions64(-1,
		progressbar.OptionSetWriter(a.stderr),
		progressbar.OptionShowBytes(true),
		progressbar.OptionShowCount(),
		progressbar.OptionUseIECUnits(false),
		progressbar.OptionSetPredictTime(true),
		progressbar.OptionThrottle(100*time.Millisecond),
		progressbar.OptionSetWidth(20),
		progressbar.OptionEnableColorCodes(false),
		progressbar.OptionSetTheme(progressbar.Theme{Saucer: "━", SaucerHead: "━", SaucerPadding: "·", BarStart: "", BarEnd: ""}),
		progressbar.OptionClearOnFinish(),
	)
	go func() { // a large folder takes a while to add up; the bar learns the whole as soon as it is known
		if size == 0 {
			size, _ = archive.Size(ctx, paths)
		}
		if size > 0 {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.bar.ChangeMax64(size)
		}
	}()
	return p
}

// goOn names the source whose progress is shown, and what earlier runs have settled.
func (p *progress) goOn(source *archive.Source, before archive.Counts) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.source, p.before, p.shown = source, before.Articles, time.Time{}
}

// show is called after every article.
func (p *progress) show(sum pipeline.Summary) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	line := counted(p.before+sum.Articles, "article", "articles")
	if sum.Elapsed > time.Second {
		line += fmt.Sprintf(", %s/s", significant(float64(sum.Articles)/sum.Elapsed.Seconds()))
	}
	if sum.Dead > 0 {
		line += fmt.Sprintf(", %s dead", thousands(sum.Dead))
	}
	p.bar.Describe(line)
	// A file read to its end while its articles are still being worked on is not the end.
	done := p.source.Progress()
	if read := done.Before + done.Bytes; p.bar.GetMax64() < 0 || read < p.bar.GetMax64() {
		p.bar.Set64(read)
	}
}

func (p *progress) clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar != nil {
		io.WriteString(p.out, "\r\x1b[K") // with whatever the terminal itself has echoed there
	}
}
