package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/quotewire/quotewire/pipeline/retry"
)

// ErrChanged is the error of a file that is not the same any more in the middle of reading.
var ErrChanged = errors.New("the file was changed while it was read")

// A refusal is an answer that another try would not mend: not there, not allowed.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

// Passing reports whether an error of this package is one of the network or of a busy server, which may be gone the next
// time, and not one of the file.
func Passing(err error) bool {
	var r refusal
	return err != nil && !errors.As(err, &r) && !errors.Is(err, ErrChanged)
}

// Patience bounds how long a Reader goes on where nothing comes. Zero is eight tries in about a minute.
type Patience struct {
	Tries int           // in a row without a byte
	Delay time.Duration // before the second, doubled for each further one up to a minute
	Stall time.Duration // without a byte, after which a connection counts as broken
}

func (p Patience) filled() Patience {
	if p == (Patience{}) {
		return Patience{Tries: 8, Delay: 500 * time.Millisecond, Stall: time.Minute}
	}
	return p
}

// ends reports whether another try is of no use after so many failures. A host that nobody knows is asked for twice: it
// is a slip of the pen, or there is no network at all.
func (p Patience) ends(failed int, err error) bool {
	var dns *net.DNSError
	return !Passing(err) || failed >= p.Tries || failed >= 2 && errors.As(err, &dns) && dns.IsNotFound
}

// wait is how long to wait after so many failures.
func (p Patience) wait(failed int) time.Duration { return retry.Delay(p.Delay, time.Minute, failed-1) }

// A Reader reads a File. Where the connection breaks, it goes on from the byte where it stood, as long as the file is the
// same. Read and Close are for one goroutine at a time; ReadAt may be called from many.
type Reader struct {
	ctx      context.Context
	file     File
	patience Patience
	whole    stream

	mu      sync.Mutex // for file and what follows
	lost    error
	noParts bool // the server sends all that lies before too

	caching sync.Mutex
	blocks  []block // most recently used last
}

// Open makes a Reader; nothing is asked for before the first Read.
func (f File) Open(ctx context.Context, p Patience) *Reader {
	r := &Reader{ctx: ctx, file: f, patience: p.filled()}
	r.whole = stream{r: r, to: -1}
	return r
}

// Read reads on. Its errors name the byte at which nothing more came. The beginning, by which a file is told, is a block
// of ReadAt: files that are read from their end need no more of their whole.
func (r *Reader) Read(p []byte) (int, error) {
	if at := r.whole.at; at < blockSize && r.Size() >= 0 && r.whole.body == nil && len(p) > 0 {
		n, err := r.ReadAt(p[:min(int64(len(p)), blockSize-at)], at)
		if r.whole.at += int64(n); n > 0 {
			err = nil
		}
		return n, err
	}
	return r.whole.Read(p)
}

// Lost is the error for which the reading ended, if it is of the network and not of the file.
func (r *Reader) Lost() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lost
}

// Size is the size of the file, negative as long as it is not known.
func (r *Reader) Size() int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.file.Size
}

// Parts reports whether ReadAt costs what it reads, as far as is known after the first Read: a server that gives no parts
// sends all that lies before, each time.
func (r *Reader) Parts() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.file.Size >= 0 && !r.noParts
}

func (r *Reader) open(ctx context.Context, from, to int64) (body, error) {
	r.mu.Lock()
	f := r.file
	r.mu.Unlock()
	return f.open(ctx, f, from, to)
}

// Close gives the connection back.
func (r *Reader) Close() error {
	r.whole.drop()
	return nil
}

const (
	blockSize = 1 << 20 // bytes asked for at once by ReadAt
	maxBlocks = 16      // kept
)

type block struct {
	n    int64 // offset in blocks
	data []byte
}

// ReadAt reads anywhere in a file whose size is known. What it asks for it keeps for a while, so that neighbours cost
// nothing.
func (r *Reader) ReadAt(p []byte, at int64) (n int, err error) {
	size := r.Size()
	if size < 0 {
		return 0, errors.New("the server does not say how long the file is")
	}
	r.caching.Lock()
	defer r.caching.Unlock()
	for n < len(p) {
		if at+int64(n) >= size {
			return n, io.EOF
		}
		b, err := r.block((at+int64(n))/blockSize, size)
		if err != nil {
			return n, err
		}
		n += copy(p[n:], b.data[at+int64(n)-b.n*blockSize:])
	}
	return n, nil
}

func (r *Reader) block(n, size int64) (block, error) {
	for i, b := range r.blocks {
		if b.n == n {
			r.blocks = append(append(r.blocks[:i], r.blocks[i+1:]...), b)
			return b, nil
		}
	}
	b := block{n: n, data: make([]byte, min(blockSize, size-n*blockSize))}
	s := stream{r: r, at: n * blockSize, to: n*blockSize + int64(len(b.data))}
	defer s.drop()
	if _, err := io.ReadFull(&s, b.data); err != nil {
		return block{}, err
	}
	if len(r.blocks) == maxBlocks {
		r.blocks = append(r.blocks[:0], r.blocks[1:]...)
	}
	r.blocks = append(r.blocks, b)
	return b, nil
}

// A stream reads a file from one offset to another through any number of connections.
type stream struct {
	r      *Reader
	at, to int64 // to: negative for the end
	body   io.ReadCloser
	cancel context.CancelFunc
	skip   int64 // bytes of body that come before at
	failed int   // tries in a row
}

func (s *stream) Read(p []byte) (int, error) {
	for len(p) > 0 {
		end := s.end()
		if end >= 0 && s.at >= end {
			return 0, io.EOF
		}
		n, err := s.try(p)
		if n > 0 {
			s.failed = 0
			return n, nil
		}
		if errors.Is(err, io.EOF) {
			if end < 0 {
				return 0, io.EOF
			}
			err = io.ErrUnexpectedEOF // and begun again from here
		}
		if err == nil {
			continue
		}
		if s.r.ctx.Err() != nil {
			return 0, s.r.ctx.Err()
		}
		if s.failed++; s.r.patience.ends(s.failed, err) {
			err = fmt.Errorf("byte %d: %w", s.at, plainNet(err))
			s.lose(err)
			return 0, err
		}
		if !retry.Sleep(s.r.ctx, s.r.patience.wait(s.failed)) {
			return 0, s.r.ctx.Err()
		}
	}
	return 0, nil
}

// try reads once, opening if need be. A connection on which nothing comes any more is broken off.
func (s *stream) try(p []byte) (n int, err error) {
	if s.body == nil {
		ctx, cancel := context.WithCancel(s.r.ctx)
		b, err := s.r.open(ctx, s.at, s.to)
		if err == nil {
			if err = s.learn(b); err != nil {
				b.Close()
			}
		}
		if err != nil {
			cancel()
			return 0, err
		}
		s.body, s.cancel, s.skip = b, cancel, b.skip
	}
	limit := int64(len(p))
	switch end := s.end(); {
	case s.skip > 0:
		limit = min(limit, s.skip)
	case end >= 0:
		limit = min(limit, end-s.at)
	}
	stalled := time.AfterFunc(s.r.patience.Stall, s.cancel)
	n, err = s.body.Read(p[:limit])
	if !stalled.Stop() && err != nil && s.r.ctx.Err() == nil {
		err = errStalled
	}
	if s.skip > 0 {
		s.skip -= int64(n)
		n = 0
	}
	s.at += int64(n)
	if err != nil {
		s.drop()
	}
	return n, err
}

var errStalled = errors.New("nothing came for too long")

func (s *stream) drop() {
	if s.body != nil {
		s.cancel()
		s.body.Close()
		s.body = nil
	}
}

func (s *stream) end() int64 {
	if s.to >= 0 {
		return s.to
	}
	return s.r.Size()
}

func (s *stream) lose(err error) {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	if Passing(err) {
		s.r.lost = err
	}
}

// learn takes over what the first answer says of the file, and holds the others to it.
func (s *stream) learn(b body) error {
	s.r.mu.Lock()
	defer s.r.mu.Unlock()
	f := &s.r.file
	if f.Size >= 0 && b.size >= 0 && f.Size != b.size || f.Version != "" && b.version != "" && f.Version != b.version {
		return ErrChanged
	}
	if f.Size < 0 {
		f.Size = b.size
	}
	s.r.noParts = s.r.noParts || b.noParts
	if f.Version == "" {
		f.Version = b.version
	}
	return nil
}

// plainNet takes the method and address off an error whose file is told beside it.
func plainNet(err error) error {
	var op *net.OpError
	if errors.As(err, &op) && op.Err != nil {
		return fmt.Errorf("%s: %w", op.Op, op.Err)
	}
	return err
}
