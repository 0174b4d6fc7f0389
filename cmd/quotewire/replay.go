package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
)

type replayCmd struct {
	Paths      []string `arg:"" optional:"" name:"path" help:"Files, folders or patterns (** goes down into folders); https://, s3://, gs:// and azblob:// too; - is standard input."`
	Out        string   `short:"o" default:"-" placeholder:"DEST" help:"Where records go: a file (compressed if its name ends in .gz or .zst), a folder/ of parts (Parquet tables, or as --parts says), - for standard output, or nats://HOST for the NATS subject of records."`
	NATS       string   `name:"nats" group:"nats" placeholder:"URL" help:"The same as --out URL; with --stream, where that is (nats://127.0.0.1:4222, if NATS_URL does not say else)."`
	Format     string   `enum:"auto,text,json,ndjson" default:"auto" placeholder:"FORM" help:"What comes out on standard output: text, json or ndjson."`
	Parts      string   `enum:"parquet,ndjson,ndjson.gz,ndjson.zst" default:"parquet" placeholder:"FORM" help:"What a folder/ is filled with: parquet, ndjson, ndjson.gz or ndjson.zst, in parts named part-00000.FORM."`
	Partition  string   `enum:"none,year,month" default:"none" placeholder:"BY" help:"Parts in a folder for each year or month of publication."`
	Roll       int64    `default:"64" placeholder:"MB" help:"Megabytes of records in one part, before compression."`
	DeadFile   string   `placeholder:"FILE" help:"Where articles go that cannot be read: NDJSON that replay takes again. With --out FILE only."`
	Restart    bool     `help:"Begin anew, though an interrupted replay into the same file could go on."`
	Limit      int      `placeholder:"N" help:"Read no more than the first N articles; how many, not how long as with run."`
	Sample     float64  `placeholder:"PART" help:"Read only so many of all articles: 0.01 is one in a hundred. The same ones each time."`
	Duplicates string   `enum:"keep,mark,skip" default:"keep" placeholder:"HOW" help:"Articles that repeat an earlier one, word for word or nearly: keep, mark (article.copy_of in the record is the id of the first) or skip. Of the last half million articles."`
	DryRun     bool     `help:"Say what is there (forms, fields, languages, dates, copies), and read nothing with a model. JSON if standard output is no terminal."`
	Quiet      bool     `short:"q" help:"No progress and no summary."`
	streamFlags
	wantedFlags
	readFlags
	natsFlags `kong:"set='raw=Where raw articles come in (articles.raw.>); with --stream, which of its subjects are read: all, if not given.',set='consumer=Of no effect here, where no durable consumer is read; run has it.'"`
}

func (replayCmd) Help() string {
	return `The same reading as extract, over archives: whatever files, folders and patterns hold. Order is that of the names.
A file appears under its name only once it is whole; until then it has the suffix .partial, and a journal beside it.
Interrupted in any way, the same command goes on where it was, and the file in the end is the same to the byte.

Read are JSON, NDJSON, text, HTML, NITF, NewsML-G2, RSS, Atom, CSV, TSV, Parquet, WARC and WET, in gzip, zstd, bzip2, xz,
tar and zip, one inside another, told by their content.

What lies elsewhere is read from any byte on, and where a connection breaks from there: https://HOST/FILE; s3://BUCKET/PREFIX
and patterns in it, for whoever the AWS variables and files say we are (?endpoint=URL, ?region=NAME, ?anonymous=true); gs://
with Google's application default credentials; azblob:// with AZURE_STORAGE_ACCOUNT and AZURE_STORAGE_KEY or _SAS_TOKEN.

With --stream the articles are those that a JetStream stream keeps, as its workers had them: their records have the same ids.
It is read up to where it ended when the replay began, through a consumer that goes away by itself.

Examples:

    quotewire replay archive/ -o records.ndjson.gz
    quotewire replay archive/ -o tables/ && duckdb -c "select speaker, count(*) from 'tables/quotes/*.parquet' group by 1"
    quotewire replay 'dumps/**/*.ndjson.zst' --quiet | duckdb -c "select count(*) from read_json('/dev/stdin')"
    quotewire replay archive/ --dry-run
    quotewire replay archive/ -o records.ndjson.gz --duplicates skip
    quotewire replay old.ndjson --nats nats://localhost:4222 --output articles.extracted.again
    quotewire replay 's3://commoncrawl/crawl-data/CC-NEWS/2024/05/*.warc.gz?anonymous=true' --limit 1000 -o news.ndjson
    quotewire replay --stream ARTICLES_RAW --since 2024-05-03 -o records.ndjson.gz`
}

func (c *replayCmd) Validate() error {
	switch {
	case c.Stream == "" && c.NATS != "" && c.Out != "-":
		return errors.New("--nats and --out: one of them")
	case c.Stream == "" && (c.FromSeq > 0 || c.Store != ""):
		return errors.New("--from-seq and --store go with --stream")
	case c.Stream != "" && len(c.Paths) > 0:
		return errors.New("--stream is read instead of files: leave the one or the others away")
	case c.Stream != "" && c.Store != "" && c.NATS != "":
		return errors.New("--store is for an embedded server that is not running, but --nats names a running one")
	}
	if c.Parts != "parquet" && !folder(c.Out) {
		return errors.New("--parts is what a folder is filled with: give one with --out FOLDER/")
	}
	if c.Limit < 0 || c.Sample < 0 || c.Sample > 1 {
		return errors.New("--limit is not negative, --sample between 0 and 1")
	}
	if c.DryRun && (c.Out != "-" || c.NATS != "" && c.Stream == "" || c.DeadFile != "" || c.Restart) {
		return errors.New("--dry-run writes no records: leave --out, --nats, --dead-file and --restart away")
	}
	return nil
}

func (c *replayCmd) Run(ctx context.Context, a *app) (err error) {
	if len(c.Paths) == 0 && c.Stream == "" {
		return hint(usageError{errors.New(`expected "<path> ...", or --stream NAME`)}, "see quotewire replay --help")
	}
	if c.DryRun {
		return c.survey(ctx, a)
	}
	dest := c.Out
	if c.NATS != "" && c.Stream == "" {
		dest = c.NATS
		if !strings.Contains(dest, "://") {
			dest = "nats://" + dest
		}
	}
	log := a.logger(zapcore.ErrorLevel)
	from, err := c.from(ctx, a)
	if err != nil {
		return err
	}
	defer from.close()
	bar := a.newProgress(ctx, c.Quiet, c.Paths, from.size())
	complain := &complaint{app: a, before: bar.clear}
	x, err := c.open()
	if err != nil {
		return err
	}
	options := archive.Options{Limit: c.Limit, Sample: c.Sample}
	var before archive.Counts
	var sink openSink
	if regular(dest) {
		sink, before, err = c.resume(dest, x, from, &options)
	} else if sink, err = a.openSink(ctx, dest, c.Format, c.natsFlags, a.logger(zapcore.WarnLevel)); err == nil && c.DeadFile != "" {
		err = usageError{errors.New("--dead-file needs --out FILE")}
	}
	if err != nil {
		return err
	}
	known := c.duplicates()
	options.Recall = known != nil && options.From.Passed > 0
	source, err := from.open(complain.failed, options)
	if err != nil {
		return err
	}
	defer source.Close()
	if before.Articles > 0 && !c.Quiet {
		fmt.Fprintf(a.stderr, "going on after %s: %s, %s dead\n", counted(before.Articles, "article", "articles"),
			counted(before.Records, "record", "records"), thousands(before.Dead))
	}
	bar.goOn(source, before)
	running, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	var seen tally
	sum, err := pipeline.Run(running, pipeline.Config{
		Source: source, Admit: from.admit(), Copies: known.decider(), Extract: seen.counting(x.Extract), Sink: stopAtError{sink, stop},
		Workers: c.Workers, Ordered: true, Format: c.decoding(), Memory: memoryLimit(), Log: log, Progress: bar.show,
	})
	bar.clear()
	told, errFinish := sink.finish(err == nil && (sum.Records+before.Records > 0 || sum.Dead == 0 || c.DeadFile != ""))
	if err == nil {
		err = errFinish
	}
	if !c.Quiet {
		a.summary(sum, &seen, source.Progress(), known)
		if told != "" {
			fmt.Fprintln(a.stderr, told)
		}
	}
	switch {
	case err == nil:
		return complain.verdict()
	case errors.Is(err, archive.ErrLost):
		return hint(err, "no article is to blame: the same command, given again later, goes on where it was if it writes files")
	case errors.Is(err, archive.ErrOtherInput):
		return hint(err, "give the same files again, or --restart to begin anew")
	}
	return cause(running, err)
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
func (c *replayCmd) resume(dest string, x *extract.Extractor, from *articles, options *archive.Options) (openSink, archive.Counts, error) {
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
		Duplicates         string
		Sample             float64
		Dead, Partition    string
		Roll               int64
		Parts              string
		Wanted             wantedFlags
		Version, Extractor string
		Stream             any
	}{c.Paths, c.Field, c.Text, c.Limit, c.Duplicates, c.Sample, c.DeadFile, c.Partition, c.Roll, c.Parts, c.wantedFlags, by.Version, by.Fingerprint, from.identity()})
	if err != nil {
		return openSink{}, archive.Counts{}, err
	}
	var out *archive.Output
	var last archive.Commit
	left := dest + archive.Unfinished
	if folder(dest) {
		left = dest
		out, last, err = archive.ResumeParts(dest, c.DeadFile, string(run), archive.Parts{Bytes: c.Roll << 20, Partition: c.Partition, Form: c.Parts})
	} else {
		out, last, err = archive.Resume(dest, c.DeadFile, string(run))
	}
	switch {
	case errors.Is(err, archive.ErrOtherRun):
		return openSink{}, last.Counts, hint(err, "the inputs, the settings or the extractor differ; finish that run as it was begun, or give --restart to begin anew")
	case errors.Is(err, fs.ErrExist):
		return openSink{}, last.Counts, hint(err, "wait for it, or write to another file")
	case err != nil:
		return openSink{}, last.Counts, err
	}
	options.From, options.Settled = last.Position, out.Settled
	return openSink{out, func(whole bool) (string, error) {
		if whole {
			return "the records are in " + dest, out.Close()
		}
		if out.Counts().Records == 0 {
			return "", out.Discard()
		}
		return "interrupted; the same command goes on with " + left, out.Leave()
	}}, last.Counts, nil
}
