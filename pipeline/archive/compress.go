package archive

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/ulikunitz/xz"
)

// maxPacking bounds compression inside compression; a file that packs itself for ever is one of the known traps.
const maxPacking = 4

// maxWindow bounds the memory of a decoder: what the strongest settings of xz and zstd ask for by default, and no more.
const maxWindow = 128 << 20 // bytes

// unpack peels compression off r, told by its first bytes, until something else appears. It names what it took off,
// outermost first, the gzip reader right below the content if that is what it is, and a func that gives the decoders back.
func unpack(r *bufio.Reader, b *budget) (content *bufio.Reader, packing []string, gz *gzipReader, done func(), err error) {
	var closers []func()
	done = func() {
		for _, c := range closers {
			c()
		}
	}
	for {
		head, _ := r.Peek(6)
		name := packed(head)
		if name == "" {
			return r, packing, gz, done, nil
		}
		if len(packing) == maxPacking {
			return r, packing, gz, done, fmt.Errorf("more than %d compressions inside one another", maxPacking)
		}
		packing = append(packing, name)
		gz = nil
		var inner io.Reader
		switch name {
		case "gzip":
			z, err := newGzip(r)
			if err != nil {
				return r, packing, gz, done, err
			}
			inner, gz = z, z
		case "bzip2":
			inner = bzip2.NewReader(r)
		case "xz":
			z, err := xz.ReaderConfig{DictCap: maxWindow}.NewReader(r)
			if err != nil {
				return r, packing, gz, done, err
			}
			inner = z
		case "zstd":
			z, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindow))
			if err != nil {
				return r, packing, gz, done, err
			}
			closers = append(closers, z.Close)
			inner = z
		}
		r = bufio.NewReaderSize(&spent{inner, b}, bufferSize)
	}
}

// packed names the compression that head begins, if any.
func packed(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte{0x1f, 0x8b}):
		return "gzip"
	case bytes.HasPrefix(head, []byte{0x28, 0xb5, 0x2f, 0xfd}):
		return "zstd"
	case len(head) >= 4 && bytes.HasPrefix(head, []byte("BZh")) && head[3] >= '1' && head[3] <= '9':
		return "bzip2"
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return "xz"
	case len(head) >= 4 && head[0]&0xf0 == 0x50 && bytes.Equal(head[1:4], []byte{0x2a, 0x4d, 0x18}):
		return "zstd" // a skippable frame, with which seekable files begin
	}
	return ""
}

// explainPacked says in which compression and near which byte of the file reading broke off.
func explainPacked(packing []string, offset int64, err error) error {
	name := strings.Join(packing, " in ")
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, zstd.ErrUnexpectedBlockSize):
		return fmt.Errorf("byte %d: the %s data is cut short; the articles before it were read", offset, name)
	case errors.Is(err, gzip.ErrHeader):
		return fmt.Errorf("byte %d: no %s data from here on; the articles before it were read", offset, name)
	}
	if errors.Is(err, errBomb) {
		return err
	}
	return fmt.Errorf("byte %d: reading %s: %w", offset, name, err)
}

// gzipReader reads the members of a gzip file one after the other. It can go on behind a broken one, which is only
// right where every member stands for itself, as in a WARC.
type gzipReader struct {
	z   *gzip.Reader
	src *bufio.Reader
}

func newGzip(r *bufio.Reader) (*gzipReader, error) {
	z, err := gzip.NewReader(r)
	return &gzipReader{z, r}, err
}

func (g *gzipReader) Read(p []byte) (int, error) { return g.z.Read(p) }

// resync looks for the next member. Its answer is io.EOF where there is none.
func (g *gzipReader) resync() error {
	for {
		if _, err := g.src.ReadSlice(0x1f); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		g.src.UnreadByte()
		head, err := g.src.Peek(4)
		if err != nil {
			return io.EOF
		}
		if head[0] == 0x1f && head[1] == 0x8b && head[2] == 8 && head[3]&0xe0 == 0 && g.z.Reset(g.src) == nil {
			return nil
		}
		g.src.Discard(1)
	}
}
