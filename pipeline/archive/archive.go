// Package archive reads articles out of files and writes records into them. It knows folders, compression and the
// ways in which several articles share one file; what an article means is for pipeline/format.
//
// A new kind of file is one more splitter in a file of its own, and one line in [Source.split].
package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

// Options may be left zero.
type Options struct {
	Stdin      io.Reader                    // what "-" reads; nil is an empty input
	MaxArticle int                          // bytes of one article, markup included; 0 means 64 MiB
	Attempts   int                          // deliveries of one article before a passing failure counts as final; 0 means 5
	Delay      time.Duration                // before the second delivery, doubled for each further one; 0 means 1 s
	Failed     func(pipeline.Origin, error) // told of every file and article that was settled as given up; one call at a time
}

const (
	defaultMaxArticle = 64 << 20
	defaultAttempts   = 5
	bufferSize        = 256 << 10
	ahead             = 8 // articles read before they are asked for, so that reading and extraction overlap
)

// A Source reads articles from files, folders and globs, one after the other: arguments as given, folders and globs
// by name. It never holds more than a few articles in memory. A file or an article that cannot be read is delivered
// too, as an error to be settled in its turn, and the rest goes on.
//
// A failure that is not permanent brings the article back after a delay, so Next answers io.EOF only once every
// delivery is settled.
type Source struct {
	paths []string
	opt   Options

	begin sync.Once
	stop  context.CancelFunc
	found chan pipeline.Delivery // closed after the last
	again chan pipeline.Delivery // come back after a passing failure
	freed chan struct{}          // a delivery was settled for good
	open  atomic.Int64           // deliveries not settled for good

	bytes, files, articles, failures atomic.Int64

	failing sync.Mutex // serialises Failed
}

// Open makes a Source over paths: files, folders, doublestar globs, or "-" for standard input. Nothing is touched
// before the first Next. Close it to give the files back.
func Open(paths []string, o Options) *Source {
	if o.MaxArticle <= 0 {
		o.MaxArticle = defaultMaxArticle
	}
	if o.Attempts <= 0 {
		o.Attempts = defaultAttempts
	}
	if o.Delay <= 0 {
		o.Delay = time.Second
	}
	if o.Stdin == nil {
		o.Stdin = bytes.NewReader(nil)
	}
	return &Source{
		paths: paths, opt: o,
		stop:  func() {},
		found: make(chan pipeline.Delivery, ahead),
		again: make(chan pipeline.Delivery),
		freed: make(chan struct{}, 1),
	}
}

// Next hands out the next article. See [pipeline.Source].
func (s *Source) Next(ctx context.Context) (pipeline.Delivery, error) {
	s.begin.Do(func() {
		reading, stop := context.WithCancel(context.Background())
		s.stop = stop
		go s.readAll(reading)
	})
	if err := ctx.Err(); err != nil {
		return pipeline.Delivery{}, err
	}
	found := s.found
	for {
		if found == nil && s.open.Load() == 0 {
			return pipeline.Delivery{}, io.EOF
		}
		select {
		case <-ctx.Done():
			return pipeline.Delivery{}, ctx.Err()
		case d := <-s.again:
			return d, nil
		case d, ok := <-found:
			if !ok {
				found = nil
				continue
			}
			return d, nil
		case <-s.freed:
		}
	}
}

// Close ends the reading. Deliveries in hand may still be settled.
func (s *Source) Close() error {
	s.begin.Do(func() { close(s.found) })
	s.stop()
	return nil
}

// Progress is how far a Source has come.
type Progress struct {
	Bytes    int64 // read from the files as they lie there, compressed or not
	Files    int64 // opened
	Articles int64 // handed out, each once
	Failures int64 // files and articles settled as given up
}

// Progress may be called at any time from any goroutine.
func (s *Source) Progress() Progress {
	return Progress{s.bytes.Load(), s.files.Load(), s.articles.Load(), s.failures.Load()}
}

// Size adds up the bytes and number of the files that paths lead to, as far as they can be seen. Standard input and
// pipes count nothing.
func Size(ctx context.Context, paths []string) (size int64, files int) {
	walk(paths, func(path string) bool {
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
			size += info.Size()
			files++
		}
		return ctx.Err() == nil
	}, func(string, error) {})
	return size, files
}

func (s *Source) readAll(ctx context.Context) {
	defer close(s.found)
	walk(s.paths, func(path string) bool {
		s.readFile(ctx, path)
		return ctx.Err() == nil
	}, func(path string, err error) {
		s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(err), From: pipeline.Origin{File: path}})
	})
}

// readFile hands out the articles of one file.
func (s *Source) readFile(ctx context.Context, path string) {
	from := pipeline.Origin{File: path}
	raw := s.opt.Stdin
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(plain(err)), From: from})
			return
		}
		defer f.Close()
		raw = f
	}
	s.files.Add(1)
	file := &counted{r: raw, total: &s.bytes}
	base := bufio.NewReaderSize(file, bufferSize)

	content, packing, done, err := unpack(base)
	defer done()
	var split splitter
	if err == nil {
		split, err = s.split(content, path)
	}
	for err == nil && ctx.Err() == nil {
		var a article
		a, err = split.next()
		from.Line = a.line
		var bad *badArticle
		switch {
		case err == nil:
			s.hand(ctx, pipeline.Delivery{Data: a.data, ContentType: a.contentType, From: from})
		case errors.As(err, &bad):
			from.Line = bad.line
			s.hand(ctx, pipeline.Delivery{Err: &schema.ArticleError{Reason: bad.reason}, From: from})
			err = nil
		}
	}
	if err == nil || errors.Is(err, io.EOF) {
		return
	}
	from.Line = 0
	if len(packing) > 0 {
		err = explainPacked(packing, file.n-int64(base.Buffered()), err)
	}
	s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(plain(err)), From: from})
}

// split chooses by content how the articles of one file are told apart.
func (s *Source) split(r *bufio.Reader, path string) (splitter, error) {
	kind, err := sniff(r)
	if err != nil {
		return nil, err
	}
	switch kind {
	case empty:
		if path == "-" || namedNDJSON(path) {
			return none{}, nil // a filter that let nothing through is no mistake
		}
		return nil, errors.New("the file is empty")
	case ndjson:
		return &lines{r: r, max: s.opt.MaxArticle}, nil
	case jsonValues:
		return &values{r: r, max: s.opt.MaxArticle, line: 1}, nil
	case htmlFile:
		return &whole{r: r, contentType: "text/html", max: s.opt.MaxArticle}, nil
	default:
		return &whole{r: r, contentType: "text/plain", max: s.opt.MaxArticle}, nil
	}
}

func namedNDJSON(path string) bool {
	base := filepath.Base(path)
	return strings.Contains(base, ".ndjson") || strings.Contains(base, ".jsonl")
}

// hand gives out one delivery, unless nobody wants any more.
func (s *Source) hand(ctx context.Context, d pipeline.Delivery) {
	d.From.Attempt = 1
	d.Settle = s.settle(ctx, d)
	s.open.Add(1)
	select {
	case <-ctx.Done():
		s.open.Add(-1)
	case s.found <- d:
		if d.Err == nil {
			s.articles.Add(1)
		}
	}
}

func (s *Source) settle(ctx context.Context, d pipeline.Delivery) func(context.Context, error) error {
	var settled atomic.Bool
	return func(_ context.Context, err error) error {
		if settled.Swap(true) {
			return fmt.Errorf("settling %v: it was settled before", d.From)
		}
		if err != nil && !pipeline.IsPermanent(err) && d.From.Attempt < s.opt.Attempts && ctx.Err() == nil {
			back := d
			back.From.Attempt++
			back.Settle = s.settle(ctx, back)
			delay := s.opt.Delay << (d.From.Attempt - 1)
			delay += time.Duration(rand.Int64N(int64(delay)/4 + 1)) // so that what failed together does not come back together
			time.AfterFunc(delay, func() {
				select {
				case s.again <- back:
				case <-ctx.Done():
					s.free()
				}
			})
			return nil
		}
		if err != nil {
			s.fail(d.From, err)
		}
		s.free()
		return nil
	}
}

func (s *Source) free() {
	s.open.Add(-1)
	select {
	case s.freed <- struct{}{}:
	default:
	}
}

func (s *Source) fail(from pipeline.Origin, err error) {
	s.failures.Add(1)
	if s.opt.Failed == nil {
		return
	}
	s.failing.Lock()
	defer s.failing.Unlock()
	s.opt.Failed(from, err)
}

// counted counts what is read from a file, for progress and for error offsets.
type counted struct {
	r     io.Reader
	n     int64
	total *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.total.Add(int64(n))
	return n, err
}
