package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/schema"
)

// A sink that was opened. finish makes what was put safe, or leaves it unfinished; it returns a line about where the
// records are, if that needs telling.
type openSink struct {
	pipeline.Sink
	finish func(whole bool) (told string, err error)
}

// openSink turns what the user calls a destination into a sink.
func (a *app) openSink(ctx context.Context, dest, format string, nats natsFlags, log *zap.Logger) (openSink, error) {
	keep := func(bool) (string, error) { return "", nil }
	switch {
	case dest == "" || dest == "-":
		return openSink{a.printer(format), keep}, nil

	case isNATS(dest):
		conn, err := connect(ctx, nats.options(dest, log))
		if err != nil {
			return openSink{}, err
		}
		streams, err := open(ctx, conn, nats.setup())
		if err != nil {
			return openSink{}, errors.Join(err, conn.Close(ctx))
		}
		return openSink{streams.Sink(), func(bool) (string, error) {
			return "the records are in stream " + streams.ExtractedStream + " at " + conn.URL(), conn.Close(context.WithoutCancel(ctx))
		}}, nil

	case strings.Contains(dest, "://"):
		return openSink{}, usageError{fmt.Errorf("--out %s: only files and nats:// are known", dest)}

	default:
		w, err := archive.Create(dest)
		if err != nil {
			return openSink{}, err
		}
		return openSink{w, func(whole bool) (string, error) {
			if whole {
				return "the records are in " + dest, w.Close()
			}
			left, err := w.Abandon()
			if left == "" {
				return "", err
			}
			return "what was read before is in " + left, err
		}}, nil
	}
}

func isNATS(dest string) bool {
	u, err := url.Parse(dest)
	return err == nil && (u.Scheme == "nats" || u.Scheme == "tls" || u.Scheme == "ws" || u.Scheme == "wss")
}

// printer writes records to standard output, in the form that the reader there wants.
func (a *app) printer(format string) pipeline.Sink {
	if format == "auto" {
		format = "ndjson"
		if isTerminal(a.stdout) {
			format = "text"
		}
	}
	switch format {
	case "text":
		return newView(a.stdout, colours(a.flags.Color, a.stdout))
	case "json":
		return &indented{w: a.stdout}
	default:
		return archive.NewWriter(a.stdout)
	}
}

// indented writes records as JSON that people can read, one after the other.
type indented struct {
	mu sync.Mutex
	w  io.Writer
}

func (i *indented) Put(_ context.Context, r schema.Record, _ pipeline.Origin) error {
	line, err := r.JSON()
	if err != nil {
		return pipeline.Permanent(err)
	}
	var b bytes.Buffer
	if err := json.Indent(&b, line, "", "  "); err != nil {
		return pipeline.Permanent(err)
	}
	b.WriteByte('\n')
	i.mu.Lock()
	defer i.mu.Unlock()
	_, err = i.w.Write(b.Bytes())
	return err
}

// openFiles turns paths into a source. What is given up has its line on standard error.
func (a *app) openFiles(paths []string, fields schema.Fields, failed func(pipeline.Origin, error)) (*archive.Source, error) {
	return a.openArchive(paths, fields, failed, archive.Options{})
}

func (a *app) openArchive(paths []string, fields schema.Fields, failed func(pipeline.Origin, error), o archive.Options) (*archive.Source, error) {
	if len(paths) == 0 {
		if isTerminal(a.stdin) {
			return nil, hint(usageError{errors.New("no files, and nothing comes through a pipe")},
				"name files, folders or patterns, or pipe an article in: quotewire extract < article.txt")
		}
		paths = []string{"-"}
	}
	o.Fields, o.Stdin, o.Failed = fields, bufio.NewReaderSize(a.stdin, 1<<16), failed
	return archive.Open(paths, o), nil
}

// A complaint tells of articles that were given up, one line each, and knows what to advise in the end.
type complaint struct {
	mu       sync.Mutex
	app      *app
	before   func() // clears what is in the way on the terminal
	n        int
	noText   int // of n: no text found, perhaps under a name of its own
	tooLarge bool
}

func (c *complaint) failed(from pipeline.Origin, err error) {
	f := pipeline.Describe(err)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.before != nil {
		c.before()
	}
	c.n++
	if f.Class == pipeline.ClassArticle && f.Field == "text" && strings.Contains(f.Reason, "missing") {
		c.noText++
	}
	c.tooLarge = c.tooLarge || f.Class == pipeline.ClassSize
	var line strings.Builder
	where := from.String()
	if where == "" || where == "-" {
		where = "standard input"
	}
	line.WriteString(clean(where) + ": ")
	if f.Field != "" {
		line.WriteString(clean(f.Field) + ": ")
	}
	line.WriteString(clean(f.Reason))
	if f.Article != "" {
		line.WriteString(" (article " + clean(shortID(f.Article)) + ")")
	}
	fmt.Fprintln(c.app.stderr, c.app.ink().failure(line.String()))
}

// verdict is errArticles if anything was given up, after a line of advice where there is any.
func (c *complaint) verdict() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == 0 {
		return nil
	}
	if c.noText > 0 {
		fmt.Fprintln(c.app.stderr, "quotewire: if the text has a name of its own there, give it: --field text=NAME"+
			" (quotewire schema --article lists the names that are known)")
	}
	return errArticles
}

// stopAtError ends a run with the first error of its sink that no further article will escape: a full disk, a closed
// connection. The articles themselves are not at fault.
type stopAtError struct {
	pipeline.Sink
	stop context.CancelCauseFunc
}

func (s stopAtError) Put(ctx context.Context, r schema.Record, from pipeline.Origin) error {
	err := s.Sink.Put(ctx, r, from)
	if err != nil && !pipeline.IsPermanent(err) {
		s.stop(hint(fmt.Errorf("writing records: %w", err), "the articles are not at fault; the run ended there and can be started again"))
	}
	return err
}
