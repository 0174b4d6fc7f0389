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
// kept is what r reads from.
func unpack(r *bufio.Reader, kept *keeper, b *budget) (content *bufio.Reader, packing []string, gz *gzipReader, done func(), err error) {
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
			z, err := newGzip(r, kept)
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
		kept = &keeper{r: &spent{inner, b}}
		r = bufio.NewReaderSize(kept, bufferSize)
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
