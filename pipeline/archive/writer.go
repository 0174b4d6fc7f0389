package archive

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

// A Writer is a sink that writes records as NDJSON, one a line. It is safe for concurrent use.
//
// A file that it writes appears under its name only once it is whole, at Close; until then, and for good if writing
// fails, the records are in a file of that name with the suffix [Unfinished]. So Put's nil means that the record is
// safe only if Close answers nil too, and a Writer on a file is no sink for a source that forgets what was
// acknowledged.
type Writer struct {
	mu      sync.Mutex
	out     *bufio.Writer
	packing io.WriteCloser // nil where nothing is compressed
	flush   bool           // after every record: somebody is reading along
	file    *os.File       // nil for a stream
	path    string
	written int64
	err     error // the first, after which nothing is written
}

// NewWriter writes to a stream, which it does not close; every record is passed on at once.
func NewWriter(w io.Writer) *Writer {
	return &Writer{out: bufio.NewWriter(w), flush: true}
}

// Create writes to a file, compressed as the end of its name says: .gz or .zst. An existing file is replaced at Close.
func Create(path string) (*Writer, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return createSpecial(path, info)
	}
	f, err := os.Create(path + Unfinished)
	if err != nil {
		return nil, err
	}
	w := &Writer{file: f, path: path}
	var below io.Writer = f
	switch {
	case strings.HasSuffix(path, ".gz"):
		w.packing = gzip.NewWriter(f)
	case strings.HasSuffix(path, ".zst"):
		w.packing, err = zstd.NewWriter(f, zstd.WithEncoderConcurrency(1))
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	if w.packing != nil {
		below = w.packing
	}
	w.out = bufio.NewWriterSize(below, bufferSize)
	return w, nil
}

// createSpecial writes to what cannot be renamed into place: a device or a named pipe.
func createSpecial(path string, info os.FileInfo) (*Writer, error) {
	if info.IsDir() {
		return nil, fmt.Errorf("%s is a folder", path)
	}
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return nil, err
	}
	return &Writer{out: bufio.NewWriter(f), flush: true, file: f}, nil
}

// Put writes one record. After an error nothing more is written, and every further Put answers with that error.
func (w *Writer) Put(_ context.Context, r schema.Record, _ pipeline.Origin) error {
	line, err := r.JSON()
	if err != nil {
		return pipeline.Permanent(err)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return w.err
	}
	w.out.Write(line)
	w.err = w.out.WriteByte('\n')
	if w.err == nil && w.flush {
		w.err = w.out.Flush()
	}
	if w.err == nil {
		w.written += int64(len(line)) + 1
	}
	return w.err
}

// Err is the error that ended writing, if any: a disk that is full, a reader that went away.
func (w *Writer) Err() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.err
}

// Bytes counts what was written, before compression.
func (w *Writer) Bytes() int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.written
}

// Close makes the file safe on disk and gives it its name. Where anything failed, the file stays unfinished.
func (w *Writer) Close() error {
	if err := w.finish(); err != nil {
		return err
	}
	if w.path == "" {
		return nil
	}
	if err := os.Rename(w.path+Unfinished, w.path); err != nil {
		return err
	}
	// The name lies in the folder, which must reach the disk as well. Not every system can do that.
	if dir, err := os.Open(filepath.Dir(w.path)); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}

// Abandon closes the file without giving it its name, and says where the records are that were written so far. Where
// there are none, or for a stream, it leaves nothing and says nothing.
func (w *Writer) Abandon() (unfinished string, err error) {
	empty := w.Bytes() == 0
	err = w.finish()
	if w.path == "" {
		return "", err
	}
	if empty {
		return "", errors.Join(err, os.Remove(w.path+Unfinished))
	}
	return w.path + Unfinished, err
}

func (w *Writer) finish() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	errs := []error{w.err}
	if w.err == nil {
		errs = append(errs, w.out.Flush())
	}
	if w.packing != nil {
		errs = append(errs, w.packing.Close())
	}
	if w.file != nil {
		if w.path != "" {
			errs = append(errs, w.file.Sync())
		}
		errs = append(errs, w.file.Close())
	}
	if w.err == nil {
		w.err = errors.New("the writer is closed")
	}
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
