package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/schema"
)

type runCmd struct {
	Files  []string      `arg:"" optional:"" name:"file" help:"Publish these articles, print what arrives downstream, and end."`
	NATS   string        `name:"nats" env:"NATS_URL" group:"nats" placeholder:"URL" help:"Where NATS is; an embedded server is started if not given."`
	Listen string        `group:"nats" placeholder:"HOST:PORT" help:"Where the embedded server listens; 127.0.0.1:4222, and with files nowhere."`
	Store  string        `group:"nats" type:"path" placeholder:"DIR" help:"Where the embedded server keeps its streams; .quotewire, and with files a folder that is removed."`
	Fast   bool          `group:"nats" help:"Let the system decide when the embedded server's writes reach the disk; a power cut may then lose two minutes."`
	MaxAge time.Duration `group:"nats" placeholder:"TIME" help:"How long new streams keep articles and records, such as 720h; for ever if not given."`
	Grace  time.Duration `default:"30s" group:"work" help:"How long work in hand may take once told to stop (${default})."`
	Limit  time.Duration `default:"10m" group:"work" placeholder:"TIME" help:"How long, such as 90s, one article may be read before it becomes a dead letter of class timeout (${default}); 0 is for ever."`
	Format string        `enum:"auto,text,json,ndjson" default:"auto" placeholder:"FORM" help:"With files: what comes out, text, json or ndjson. Text at a terminal, else ndjson."`
	readFlags
	natsFlags `kong:"set='raw=Where raw articles come in (articles.raw.>).',set='consumer=Durable consumer that all workers share (quotewire).'"`
}

func (runCmd) Help() string {
	return `Without files, run serves: it takes raw articles from a NATS subject, publishes a record for each on another, and
goes on until SIGINT or SIGTERM; what is in hand is then finished, and a second signal ends it at once. Several
processes share the work if they are given the same --nats and --consumer. An article that cannot be read goes to the
dead letters with its reason.

With files, run shows the whole pipe on them: they are published as raw articles, what arrives downstream is printed,
and it ends when all is settled.

Examples:

    quotewire run testdata/articles
    quotewire run --store /var/lib/quotewire --listen 0.0.0.0:4222
    quotewire run --nats nats://nats.example:4222 --creds worker.creds --workers 4
    nats pub articles.raw.wire "$(cat article.txt)"; nats sub 'articles.extracted.>'`
}

func (c *runCmd) Validate() error {
	if c.NATS != "" && (c.Listen != "" || c.Store != "" || c.Fast) {
		return errors.New("--listen, --store and --fast are for the embedded server, but --nats (or NATS_URL) names another")
	}
	if c.Limit < 0 {
		return fmt.Errorf("--limit: %s is less than nothing", c.Limit)
	}
	return nil
}

func (c *runCmd) Run(ctx context.Context, a *app) error {
	log := a.logger(zapcore.InfoLevel)
	p := &pipe{log: log}
	if len(c.Files) > 0 { // each dead letter has its line already
		log, p.log = a.logger(zapcore.WarnLevel), a.logger(zapcore.ErrorLevel)
	}
	x, err := c.open()
	if err != nil {
		return err
	}
	if err := c.connect(ctx, p, log); err != nil {
		return errors.Join(err, p.close())
	}
	if len(c.Files) > 0 {
		err = c.show(ctx, a, p, x)
	} else {
		err = c.serve(ctx, a, p, x)
	}
	return errors.Join(err, p.close())
}

// A pipe is NATS as run uses it.
type pipe struct {
	server  *jetstream.Server // nil where NATS is elsewhere
	conn    *jetstream.Conn
	streams *jetstream.Streams
	remove  string      // the store, if it is only for this run
	log     *zap.Logger // of the work; NATS has its own
}

func (c *runCmd) connect(ctx context.Context, p *pipe, log *zap.Logger) (err error) {
	options := c.options(c.NATS, log)
	if c.NATS == "" && c.Context == "" {
		if p.server, err = c.embed(p, log); err != nil {
			return err
		}
		options = jetstream.Options{Server: p.server, Log: log}
	}
	setup := c.setup()
	setup.MaxAge = c.MaxAge
	if len(c.Files) == 0 { // serving waits for ever
		if p.conn, err = jetstream.Connect(ctx, options); err == nil {
			p.streams, err = p.conn.Streams(ctx, setup)
		}
		return err
	}
	if p.conn, err = connect(ctx, options); err == nil {
		p.streams, err = open(ctx, p.conn, setup)
	}
	return err
}

func (c *runCmd) embed(p *pipe, log *zap.Logger) (*jetstream.Server, error) {
	e := jetstream.EmbedConfig{Dir: c.Store, Listen: c.Listen, Fast: c.Fast, Log: log}
	switch {
	case len(c.Files) > 0 && e.Dir == "":
		dir, err := os.MkdirTemp("", "quotewire-")
		if err != nil {
			return nil, err
		}
		p.remove, e.Dir, e.Fast = dir, dir, true
	case len(c.Files) == 0:
		if e.Dir == "" {
			e.Dir = ".quotewire"
		}
		if e.Listen == "" {
			e.Listen = "127.0.0.1:4222"
		}
	}
	server, err := jetstream.Embed(e)
	if errors.Is(err, syscall.EADDRINUSE) || err != nil && strings.Contains(err.Error(), "address already in use") {
		return nil, hint(err, "if NATS runs there already, use it: --nats nats://%s; else listen elsewhere: --listen 127.0.0.1:4333", e.Listen)
	}
	if err != nil {
		return nil, hint(err, "give it a folder of its own with --store, or name a NATS server with --nats")
	}
	return server, nil
}

// close gives back what connect took, in the order in which nothing is lost.
func (p *pipe) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var errs []error
	if p.conn != nil {
		errs = append(errs, p.conn.Close(ctx))
	}
	if p.server != nil {
		errs = append(errs, p.server.Close())
	}
	if p.remove != "" {
		errs = append(errs, os.RemoveAll(p.remove))
	}
	return errors.Join(errs...)
}

// work is the worker of both ways of running.
func (c *runCmd) work(p *pipe, x *extract.Extractor) pipeline.Config {
	return pipeline.Config{
		Sink: p.streams.Sink(), Extract: x.Extract, Fingerprint: self(x).Fingerprint, Workers: c.Workers, Format: c.decoding(), Grace: c.Grace, Limit: c.Limit, Memory: memoryLimit(), Log: p.log,
	}
}

func (c *runCmd) serve(ctx context.Context, a *app, p *pipe, x *extract.Extractor) error {
	warm(x)
	config := c.work(p, x)
	source, err := p.streams.Source(ctx, config.InHand())
	if err != nil {
		return err
	}
	config.Source = source
	c.announce(a, p, x)
	sum, err := pipeline.Run(ctx, config)
	if errors.Is(context.Cause(ctx), errInterrupted) {
		err = nil // that is how serving ends
	}
	closing, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	err = errors.Join(err, source.Close(closing))
	p.log.Info("stopped", zap.Int64("articles", sum.Articles), zap.Int64("records", sum.Records), zap.Int64("dead", sum.Dead),
		zap.Int64("later", sum.Later), zap.Int64("quotes", sum.Quotes), zap.Duration("after", sum.Elapsed.Round(time.Millisecond)))
	if errors.Is(err, pipeline.ErrStuck) {
		err = hint(err, "whatever supervises it does that; what was given up: quotewire dead ls --class timeout")
	}
	return err
}

// warm reads an article of no one's. The first one takes some fifty times as long as the next, for what is unpacked when
// it is needed; and the first that a worker gets after another was killed is one of those that come back, of which a
// second death while they are read says that they are poison.
func warm(x *extract.Extractor) {
	x.Extract(schema.Article{Language: "en", Title: "Warm", Text: "“The lake was warm,” said Ada Norling, a swimmer from Oslo, on Friday. " +
		"She told the Lake Board that its members had “no idea”.\n\nAccording to Norling, they never swim."})
}

// announce says where articles go in and records come out: in plain words at a terminal, else as a line of the log.
func (c *runCmd) announce(a *app, p *pipe, x *extract.Extractor) {
	workers := c.Workers
	if workers == 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	s, url, store := p.streams, p.conn.URL(), "kept by the server"
	if p.server != nil {
		url, store = p.server.URL(), p.server.Dir()
	}
	by := self(x)
	if !isTerminal(a.stderr) {
		p.log.Info("serving", zap.String("nats", url), zap.String("store", store),
			zap.String("raw", s.Raw), zap.String("raw_stream", s.RawStream),
			zap.String("extracted", s.Extracted), zap.String("extracted_stream", s.ExtractedStream),
			zap.String("dead", s.Dead), zap.String("dead_stream", s.DeadStream), zap.String("quotes", s.Quotes),
			zap.String("consumer", s.Consumer), zap.Int("workers", workers), zap.String("reader", by.Reader), zap.String("fingerprint", by.Fingerprint))
		return
	}
	ink := a.ink()
	kind := "NATS"
	if p.server != nil {
		kind = "Embedded NATS"
		if wd, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(wd, store); err == nil && !strings.HasPrefix(rel, "..") {
				store = rel
			}
		}
	}
	width := max(len(s.Raw), len(s.Extracted), len(s.Dead))
	row := func(what, subject, stream string) {
		fmt.Fprintf(a.stderr, "  %-9s  %s%s  %s\n", what, ink.bold(subject), strings.Repeat(" ", width-len(subject)), ink.faint("stream "+stream))
	}
	fmt.Fprintf(a.stderr, "%s at %s, store: %s\n", kind, ink.bold(url), store)
	row("articles", s.Raw, s.RawStream)
	row("records", s.Extracted, s.ExtractedStream)
	row("dead", s.Dead, s.DeadStream)
	if s.Quotes != "" {
		fmt.Fprintf(a.stderr, "  %-9s  %s\n", "quotes", ink.bold(s.Quotes))
	}
	fmt.Fprintf(a.stderr, "%s, reader %s %s. Ctrl-C stops.\n", counted(workers, "worker", "workers"), by.Reader, ink.faint(by.Fingerprint))
}
