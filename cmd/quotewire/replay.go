package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/schema"
)

type replayCmd struct {
	Paths  []string `arg:"" name:"path" help:"Files, folders or patterns (** goes down into folders); - is standard input."`
	Out    string   `short:"o" default:"-" placeholder:"DEST" help:"Where records go: a file (compressed if its name ends in .gz or .zst), - for standard output, or nats://HOST for the NATS subject of records."`
	NATS   string   `name:"nats" group:"nats" placeholder:"URL" help:"The same as --out URL."`
	Format string   `enum:"auto,text,json,ndjson" default:"auto" placeholder:"FORM" help:"What comes out on standard output: text, json or ndjson."`
	Quiet  bool     `short:"q" help:"No progress and no summary."`
	readFlags
	natsFlags
}

func (replayCmd) Help() string {
	return `The same reading as extract, over archives: whatever files, folders and patterns hold. Order is that of the names.
A file appears under its name only once it is whole; until then it has the suffix .partial.

Examples:

    quotewire replay archive/ -o records.ndjson.gz
    quotewire replay 'dumps/**/*.ndjson.zst' --quiet | duckdb -c "select count(*) from read_json('/dev/stdin')"
    quotewire replay old.ndjson --nats nats://localhost:4222 --output articles.extracted.again`
}

func (c *replayCmd) Validate() error {
	if c.NATS != "" && c.Out != "-" {
		return errors.New("--nats and --out: one of them")
	}
	return nil
}

func (c *replayCmd) Run(ctx context.Context, a *app) (err error) {
	dest := c.Out
	if c.NATS != "" {
		dest = c.NATS
		if !strings.Contains(dest, "://") {
			dest = "nats://" + dest
		}
	}
	log := a.logger(zapcore.ErrorLevel)
	bar := a.newProgress(ctx, c.Quiet, c.Paths)
	complain := &complaint{app: a, before: bar.clear}
	source, err := a.openFiles(c.Paths, c.Field, complain.failed)
	if err != nil {
		return err
	}
	defer source.Close()
	bar.source = source
	x, err := c.open()
	if err != nil {
		return err
	}
	sink, err := a.openSink(ctx, dest, c.Format, c.natsFlags, a.logger(zapcore.WarnLevel))
	if err != nil {
		return err
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var seen tally
	sum, err := pipeline.Run(running, pipeline.Config{
		Source: source, Extract: seen.counting(x.Extract), Sink: stopAtError{sink, stop},
		Workers: c.Workers, Ordered: true, Format: c.decoding(), Log: log, Progress: bar.show,
	})
	bar.clear()
	told, errFinish := sink.finish(err == nil && (sum.Records > 0 || sum.Dead == 0))
	if err == nil {
		err = errFinish
	}
	if !c.Quiet {
		a.summary(sum, &seen, source.Progress())
		if told != "" {
			fmt.Fprintln(a.stderr, told)
		}
	}
	if err != nil {
		return cause(running, err)
	}
	return complain.verdict()
}

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
func (a *app) summary(sum pipeline.Summary, seen *tally, read archive.Progress) {
	seconds := max(sum.Elapsed.Seconds(), 1e-9)
	row := func(what, n string, per float64, unit string) {
		line := fmt.Sprintf("%9s  %12s", what, n)
		if unit != "" {
			line += fmt.Sprintf("  %9s %s/s", significant(per/seconds), unit)
		}
		fmt.Fprintln(a.stderr, line)
	}
	count := func(what string, n int64, unit string) { row(what, thousands(n), float64(n), unit) }
	count("articles", sum.Articles, "articles")
	count("records", sum.Records, "")
	count("dead", sum.Dead, "")
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
	shown  time.Time
}

func (a *app) newProgress(ctx context.Context, quiet bool, paths []string) *progress {
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
		if size, _ := archive.Size(ctx, paths); size > 0 {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.bar.ChangeMax64(size)
		}
	}()
	return p
}

// show is called after every article.
func (p *progress) show(sum pipeline.Summary) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bar == nil || time.Since(p.shown) < 100*time.Millisecond {
		return
	}
	p.shown = time.Now()
	line := counted(sum.Articles, "article", "articles")
	if sum.Elapsed > time.Second {
		line += fmt.Sprintf(", %s/s", significant(float64(sum.Articles)/sum.Elapsed.Seconds()))
	}
	if sum.Dead > 0 {
		line += fmt.Sprintf(", %s dead", thousands(sum.Dead))
	}
	p.bar.Describe(line)
	// A file read to its end while its articles are still being worked on is not the end.
	if read := p.source.Progress().Bytes; p.bar.GetMax64() < 0 || read < p.bar.GetMax64() {
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
