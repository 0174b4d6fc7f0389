package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/schollz/progressbar/v3"
	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/schema"
)

type replayCmd struct {
	Paths     []string `arg:"" name:"path" help:"Files, folders or patterns (** goes down into folders); - is standard input."`
	Out       string   `short:"o" default:"-" placeholder:"DEST" help:"Where records go: a file (compressed if its name ends in .gz or .zst), a folder/ for Parquet tables, - for standard output, or nats://HOST for the NATS subject of records."`
	NATS      string   `name:"nats" group:"nats" placeholder:"URL" help:"The same as --out URL."`
	Format    string   `enum:"auto,text,json,ndjson" default:"auto" placeholder:"FORM" help:"What comes out on standard output: text, json or ndjson."`
	Partition string   `enum:"none,year,month" default:"none" placeholder:"BY" help:"Parquet in a folder for each year or month of publication."`
	Roll      int64    `default:"64" placeholder:"MB" help:"Megabytes of records in one part of Parquet."`
	DeadFile  string   `placeholder:"FILE" help:"Where articles go that cannot be read: NDJSON that replay takes again. With --out FILE only."`
	Restart   bool     `help:"Begin anew, though an interrupted replay into the same file could go on."`
	Limit     int      `placeholder:"N" help:"Read no more than the first N articles."`
	Sample    float64  `placeholder:"PART" help:"Read only so many of all articles: 0.01 is one in a hundred. The same ones each time."`
	Quiet     bool     `short:"q" help:"No progress and no summary."`
	wantedFlags
	readFlags
	natsFlags
}

func (replayCmd) Help() string {
	return `The same reading as extract, over archives: whatever files, folders and patterns hold. Order is that of the names.
A file appears under its name only once it is whole; until then it has the suffix .partial, and a journal beside it.
Interrupted in any way, the same command goes on where it was, and the file in the end is the same to the byte.

Read are JSON, NDJSON, text, HTML, NITF, NewsML-G2, RSS, Atom, CSV, TSV, Parquet, WARC and WET, in gzip, zstd, bzip2, xz,
tar and zip, one inside another, told by their content.

Examples:

    quotewire replay archive/ -o records.ndjson.gz
    quotewire replay archive/ -o tables/ && duckdb -c "select speaker, count(*) from 'tables/quotes/*.parquet' group by 1"
    quotewire replay 'dumps/**/*.ndjson.zst' --quiet | duckdb -c "select count(*) from read_json('/dev/stdin')"
    quotewire replay old.ndjson --nats nats://localhost:4222 --output articles.extracted.again`
}

func (c *replayCmd) Validate() error {
	if c.NATS != "" && c.Out != "-" {
		return errors.New("--nats and --out: one of them")
	}
	if c.Limit < 0 || c.Sample < 0 || c.Sample > 1 {
		return errors.New("--limit is not negative, --sample between 0 and 1")
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
	x, err := c.open()
	if err != nil {
		return err
	}
	options := archive.Options{Limit: c.Limit, Sample: c.Sample}
	var before archive.Counts
	var sink openSink
	if regular(dest) {
		sink, before, err = c.resume(a, dest, x, &options)
	} else if sink, err = a.openSink(ctx, dest, c.Format, c.natsFlags, a.logger(zapcore.WarnLevel)); err == nil && c.DeadFile != "" {
		err = usageError{errors.New("--dead-file needs --out FILE")}
	}
	if err != nil {
		return err
	}
	source, err := a.openArchive(c.Paths, c.Field, complain.failed, options)
	if err != nil {
		return err
	}
	defer source.Close()
	bar.source = source
	if before.Articles > 0 && !c.Quiet {
		fmt.Fprintf(a.stderr, "going on after %s: %s, %s dead\n", counted(before.Articles, "article", "articles"),
			counted(before.Records, "record", "records"), thousands(before.Dead))
	}
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var seen tally
	sum, err := pipeline.Run(running, pipeline.Config{
		Source: source, Admit: c.admit(), Extract: seen.counting(x.Extract), Sink: stopAtError{sink, stop},
		Workers: c.Workers, Ordered: true, Format: c.decoding(), Log: log, Progress: bar.show,
	})
	bar.clear()
	told, errFinish := sink.finish(err == nil && (sum.Records+before.Records > 0 || sum.Dead == 0 || c.DeadFile != ""))
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

// regular reports whether a destination is a file that can be gone on with: no stream, no device.
func regular(dest string) bool {
	if dest == "" || dest == "-" || strings.Contains(dest, "://") {
		return false
	}
	if folder(dest) {
		return true
	}
	info, err := os.Stat(dest)
	return err != nil || info.Mode().IsRegular()
}

// folder reports whether a destination is one of Parquet tables: a folder, or a name that ends like one.
func folder(dest string) bool {
	info, err := os.Stat(dest)
	return strings.HasSuffix(dest, "/") || err == nil && info.IsDir()
}

// resume opens a file of records, and goes on where its journal says.
func (c *replayCmd) resume(a *app, dest string, x *extract.Extractor, options *archive.Options) (openSink, archive.Counts, error) {
	journal := dest + ".journal"
	if folder(dest) {
		journal = filepath.Join(dest, ".journal")
	}
	if c.Restart {
		if err := os.Remove(journal); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return openSink{}, archive.Counts{}, err
		}
	}
	by := self(x)
	run, err := json.Marshal(struct {
		Paths              []string
		Field              map[string]string
		Text               bool
		Limit              int
		Sample             float64
		Dead, Partition    string
		Roll               int64
		Wanted             wantedFlags
		Version, Extractor string
	}{c.Paths, c.Field, c.Text, c.Limit, c.Sample, c.DeadFile, c.Partition, c.Roll, c.wantedFlags, by.Version, by.Fingerprint})
	if err != nil {
		return openSink{}, archive.Counts{}, err
	}
	var out *archive.Output
	var from archive.Commit
	left := dest + archive.Unfinished
	if folder(dest) {
		left = dest
		out, from, err = archive.ResumeTables(dest, c.DeadFile, string(run), archive.Tables{PartBytes: c.Roll << 20, Partition: c.Partition})
	} else {
		out, from, err = archive.Resume(dest, c.DeadFile, string(run))
	}
	switch {
	case errors.Is(err, archive.ErrOtherRun):
		return openSink{}, from.Counts, hint(err, "the inputs, the settings or the extractor differ; finish that run as it was begun, or give --restart to begin anew")
	case errors.Is(err, fs.ErrExist):
		return openSink{}, from.Counts, hint(err, "wait for it, or write to another file")
	case err != nil:
		return openSink{}, from.Counts, err
	}
	options.From, options.Settled = from.Position, out.Settled
	return openSink{out, func(whole bool) (string, error) {
		if whole {
			return "the records are in " + dest, out.Close()
		}
		if out.Counts().Records == 0 {
			return "", out.Discard()
		}
		return "interrupted; the same command goes on with " + left, out.Leave()
	}}, from.Counts, nil
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
	if sum.Skipped > 0 {
		count("not wanted", sum.Skipped, "")
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
