// Package archive reads articles out of files and writes records into them. It knows folders, compression and the
// ways in which several articles share one file; what an article means is for pipeline/format.
//
// In: walk.go finds the files, content.go and compress.go open them and the files inside them, split.go tells how their
// articles are parted, and one file each cuts a kind: lines, values (JSON), warc, table, feed, parquet. A new kind is one more
// splitter in a file of its own, a line in sniff and one in [Source.split]. messages.go has a stream in place of files.
//
// Out: writer.go writes one file that is whole or not there; output.go with journal.go one that a replay can go on with after a
// crash; parts.go and tables.go a folder of them, Parquet too. dead.go has the articles that were given up.
package archive

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"hash/fnv"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/remote"
	"github.com/quotewire/quotewire/schema"
)

// Options may be left zero.
type Options struct {
	Stdin      io.Reader       // what "-" reads; nil is an empty input
	Fields     schema.Fields   // the user's own names of columns, beside the customary ones
	MaxArticle int             // bytes of one article, markup included; 0 means 64 MiB
	Attempts   int             // deliveries of one article before a passing failure counts as final; 0 means 5
	Delay      time.Duration   // before the second delivery, doubled for each further one; 0 means 1 s
	From       Position        // hand out nothing before it
	Recall     bool            // but for the articles, as deliveries of which only the copies are wanted: see pipeline.Delivery
	Patience   remote.Patience // with connections, where files lie elsewhere
	Limit      int             // hand out no more than so many articles; 0: all
	Sample     float64         // hand out this part of the articles, chosen by a hash of their bytes; 0: all
	// Settled is told of every delivery that is settled for good, and of the position behind it; its error becomes that
	// of Settle.
	Settled func(pipeline.Delivery, Position, error) error
	Failed  func(pipeline.Origin, error) // told of every file and article that was settled as given up; one call at a time
}

const (
	defaultMaxArticle = 64 << 20
	defaultAttempts   = 5
	bufferSize        = 256 << 10
	ahead             = 8 // articles read before they are asked for, so that reading and extraction overlap
)

// A Source reads articles from files, folders and globs, here or elsewhere, one after the other: arguments as given,
// folders and globs by name; or from a stream that keeps its messages. It never holds more than a few articles in
// memory. A file or an article that cannot be read is delivered too, as an error to be settled in its turn, and the rest
// goes on. Where the network is at fault and not the file, Next fails with [ErrLost], and nothing goes on.
//
// A failure that is not permanent brings the article back after a delay, so Next answers io.EOF only once every
// delivery is settled.
type Source struct {
	paths    []string
	messages Messages // instead of paths
	opt      Options

	begin sync.Once
	stop  context.CancelFunc
	found chan pipeline.Delivery // closed after the last
	again chan pipeline.Delivery // come back after a passing failure
	freed chan struct{}          // a delivery was settled for good
	open  atomic.Int64           // deliveries not settled for good

	bytes, before, files, articles, failures, skipped counter

	// Of the goroutine that reads; broken is looked at once found is closed.
	at     Position
	lost   func() error // why the file at hand cannot be read on, if that is the network's fault; nil: it lies here
	broken error

	failing sync.Mutex // serialises Failed
}

// Open makes a Source over paths: files, folders, doublestar globs, URLs (see [remote.Find]), or "-" for standard input.
// Nothing is touched before the first Next. Close it to give the files back.
func Open(paths []string, o Options) *Source {
	s := newSource(o)
	s.paths = paths
	return s
}

func newSource(o Options) *Source {
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
		opt: o, at: Position{File: -1, Passed: o.From.Passed, Last: o.From.Last},
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
		if found == nil && s.broken != nil {
			return pipeline.Delivery{}, s.broken
		}
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
	Before   int64 // bytes of the files that Options.From lies behind, which are not opened
	Files    int64 // opened
	Articles int64 // handed out, each once
	Failures int64 // files and articles settled as given up
	Skipped  int64 // members and records that are no articles by their kind: links, empty files, requests in a WARC
}

// Progress may be called at any time from any goroutine.
func (s *Source) Progress() Progress {
	return Progress{s.bytes.Load(), s.before.Load(), s.files.Load(), s.articles.Load(), s.failures.Load(), s.skipped.Load()}
}

// Size adds up the bytes and number of the files that paths lead to, as far as they can be seen. Standard input and
// pipes count nothing.
func Size(ctx context.Context, paths []string) (size int64, files int) {
	walk(ctx, paths, remote.Patience{}, func(f file) bool {
		if n, _, ok := f.stat(); ok && n >= 0 {
			size += n
			files++
		}
		return ctx.Err() == nil
	}, func(string, error) {})
	return size, files
}

func (s *Source) readAll(ctx context.Context) {
	defer close(s.found)
	if s.opt.Recall {
		s.at.Passed = 0
	}
	if s.messages != nil {
		s.readMessages(ctx)
		return
	}
	from := s.opt.From
	begin := func(f file) (skip bool) {
		s.at = Position{File: s.at.File + 1, Passed: s.at.Passed, Files: chain(s.at.Files, f)}
		if s.at.File == from.File && from.Files != "" && s.at.Files != from.Files {
			s.broken = fmt.Errorf("%s: %w", f.name, ErrOtherInput)
		}
		return s.at.File < from.File && !s.opt.Recall
	}
	walk(ctx, s.paths, s.opt.Patience, func(f file) bool {
		switch skip := begin(f); {
		case s.broken != nil:
		case !skip:
			s.readFile(ctx, f)
			if s.broken == nil && ctx.Err() == nil && s.at.File == from.File && s.at.Done < from.Done && !s.enough() {
				s.broken = fmt.Errorf("%s: %w", f.name, ErrOtherInput)
			}
		default:
			if size, _, ok := f.stat(); ok && size > 0 {
				s.before.Add(size)
			}
		}
		return ctx.Err() == nil && !s.enough()
	}, func(path string, err error) {
		skip := begin(file{name: path})
		switch {
		case ctx.Err() != nil || s.broken != nil:
		case errors.Is(err, ErrLost):
			s.broken = fmt.Errorf("%s: %w", path, err)
		case !skip:
			s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(err), From: pipeline.Origin{File: path}})
		}
	})
}

// ErrOtherInput is the error of an interrupted work that cannot be gone on with.
var ErrOtherInput = errors.New("what is read now is not what was read before: a file up to here was added, removed or changed since the work was interrupted")

// enough reports whether nothing more is wanted, or can be had.
func (s *Source) enough() bool {
	return s.opt.Limit > 0 && s.at.Passed >= s.opt.Limit || s.broken != nil || s.lost != nil && s.lost() != nil
}

// readFile hands out the articles of one file.
func (s *Source) readFile(ctx context.Context, f file) {
	c := content{name: f.name, size: -1}
	raw := s.opt.Stdin
	switch {
	case f.away != nil:
		r := f.away.Open(ctx, s.opt.Patience)
		defer r.Close()
		s.lost = r.Lost
		defer func() {
			if err := s.lost(); err != nil && ctx.Err() == nil {
				s.broken = fmt.Errorf("%s: %w: %w", f.name, ErrLost, err)
			}
			s.lost = nil
		}()
		raw = r
		if c.size = f.away.Size; c.size >= 0 {
			c.file = r
		}
	case f.name != "-":
		here, err := os.Open(f.name)
		if err != nil {
			s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(plain(err)), From: pipeline.Origin{File: f.name}})
			return
		}
		defer here.Close()
		raw = here
		if info, err := here.Stat(); err == nil && info.Mode().IsRegular() {
			c.file, c.size = here, info.Size()
		}
	}
	s.files.Add(1)
	in := &counted{r: raw, total: &s.bytes}
	c.r, c.budget = in, &budget{in: func() int64 { return in.n }}
	s.read(ctx, c)
}

// split chooses by content how the articles of one content are told apart.
func (s *Source) split(c content, r *bufio.Reader) (splitter, error) {
	kind, err := sniff(r, s.opt.Fields)
	if err != nil {
		return nil, err
	}
	most := s.opt.MaxArticle
	switch kind {
	case empty:
		if c.name == "-" || namedNDJSON(c.name) {
			return none{}, nil // a filter that let nothing through is no mistake
		}
		return nil, errors.New("the file is empty")
	case ndjson:
		return &lines{r: r, max: most}, nil
	case jsonValues:
		return &values{r: r, max: most, line: 1}, nil
	case htmlFile:
		return &whole{r: r, contentType: "text/html", max: most}, nil
	case warcFile:
		return newWARC(r, c, most, &s.skipped), nil
	case tableFile:
		return newTable(r, most), nil
	case feedFile:
		return &feed{r: r, max: most}, nil
	case newsFile:
		return newNews(r, most), nil
	case parquetFile:
		return newParquet(c, r, s.opt.Fields)
	default:
		return &whole{r: r, contentType: "text/plain", max: most}, nil
	}
}

func namedNDJSON(path string) bool {
	base := filepath.Base(path)
	return strings.Contains(base, ".ndjson") || strings.Contains(base, ".jsonl")
}

// hand gives out one delivery, unless nobody wants any more.
func (s *Source) hand(ctx context.Context, d pipeline.Delivery) {
	if s.enough() {
		return
	}
	d.Recall = s.past(d.From)
	s.at.Done++
	s.at.Sum = crc32.Update(s.at.Sum, castagnoli, d.Data)
	if from := s.opt.From; d.Recall && s.messages == nil && s.at.File == from.File && s.at.Done == from.Done && s.at.Sum != from.Sum {
		s.broken = fmt.Errorf("%v: %w", d.From, ErrOtherInput)
		return
	}
	switch {
	case d.Recall && !s.opt.Recall, d.Err == nil && !s.sampled(d.Data):
		return
	}
	s.at.Passed++
	if d.Recall && d.Err != nil {
		return // it was told
	}
	d.From.Attempt = 1
	d.Settle = s.settle(ctx, d, s.at)
	s.open.Add(1)
	select {
	case <-ctx.Done():
		s.open.Add(-1)
	case s.found <- d:
		if d.Err == nil && !d.Recall {
			s.articles.Add(1)
		}
	}
}

// past reports whether a delivery was settled before the work was interrupted.
func (s *Source) past(from pipeline.Origin) bool {
	p := s.opt.From
	if s.messages != nil {
		return from.Sequence <= p.Sequence
	}
	return s.at.File < p.File || s.at.File == p.File && s.at.Done < p.Done
}

func (s *Source) settle(ctx context.Context, d pipeline.Delivery, at Position) func(context.Context, error) error {
	var settled atomic.Bool
	return func(_ context.Context, err error) error {
		if settled.Swap(true) {
			return fmt.Errorf("settling %v: it was settled before", d.From)
		}
		if d.Recall {
			s.free()
			return nil
		}
		if err != nil && !pipeline.IsPermanent(err) && d.From.Attempt < s.opt.Attempts && ctx.Err() == nil {
			back := d
			back.From.Attempt++
			back.Settle = s.settle(ctx, back, at)
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
		var unsafe error
		if s.opt.Settled != nil {
			unsafe = s.opt.Settled(d, at, err)
		}
		s.free()
		return unsafe
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

type counter = atomic.Int64

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// sampled chooses by the bytes alone, so that the same articles are chosen in whatever order they come.
func (s *Source) sampled(data []byte) bool {
	if s.opt.Sample <= 0 || s.opt.Sample >= 1 {
		return true
	}
	h := fnv.New64a()
	h.Write(data)
	x := h.Sum64()
	x ^= x >> 33 // FNV leaves its high bits poor: the finish of MurmurHash3
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	return float64(x>>11)/(1<<53) < s.opt.Sample
}

// counted counts what is read from a file, for progress and against bombs.
type counted struct {
	r     io.Reader
	n     int64
	total *counter
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	c.total.Add(int64(n))
	return n, err
}
