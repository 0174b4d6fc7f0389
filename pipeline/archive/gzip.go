package archive

import (
	"bufio"
	"errors"
	"io"

	"github.com/klauspost/compress/gzip"
)

// gzipReader reads the members of a gzip file one after the other. It can go on behind a broken one, which is only
// right where every member stands for itself, as in a WARC.
type gzipReader struct {
	z     *gzip.Reader
	src   *bufio.Reader // over kept
	kept  *keeper
	start int64 // of the member at hand: bytes of the compressed file
	out   int64 // bytes unpacked
	sound int64 // of them, up to the end of the last member with the right checksum
	again int64 // bytes of the compressed file that were read another time
	err   error
}

// newGzip reads from src, which reads from kept.
func newGzip(src *bufio.Reader, kept *keeper) (*gzipReader, error) {
	kept.begin(src)
	g := &gzipReader{z: new(gzip.Reader), src: src, kept: kept}
	return g, g.member()
}

// member begins the next member. Its error is io.EOF where there is none, or nothing but zeros up to the end.
func (g *gzipReader) member() error {
	for {
		if b, err := g.src.Peek(1); err != nil || b[0] != 0 {
			break
		}
		g.src.Discard(1)
	}
	g.start = g.kept.at(g.src)
	g.err = g.z.Reset(g.src)
	g.z.Multistream(false)
	return g.err
}

func (g *gzipReader) Read(p []byte) (int, error) {
	for g.err == nil {
		n, err := g.z.Read(p)
		g.out += int64(n)
		if g.err = err; errors.Is(err, io.EOF) {
			g.sound = g.out
			g.member()
		}
		if n > 0 {
			return n, nil // and an error the next time
		}
	}
	return 0, g.err
}

// resync goes to the next member that begins with first, once unpacked. It is looked for behind the beginning of the one
// at hand: the decoder notices only later that this one is broken, where it was cut short in the midst of the next or the
// one after that. The answer is an error where there is none.
func (g *gzipReader) resync(first string) error {
	g.rewind(g.start + 1)
	for {
		if err := g.find(); err != nil {
			return err
		}
		at := g.kept.at(g.src)
		if g.member() == nil {
			head := make([]byte, len(first))
			if _, err := io.ReadFull(g.z, head); err == nil && string(head) == first {
				if first == "" || g.rewind(at) && g.member() == nil {
					return nil
				}
			}
		}
		g.rewind(at + 1)
	}
}

// find goes to what may be the header of a member (RFC 1952).
func (g *gzipReader) find() error {
	for {
		if _, err := g.src.ReadSlice(0x1f); err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return err
		}
		g.src.UnreadByte()
		head, err := g.src.Peek(4)
		if err != nil {
			return err
		}
		if head[0] == 0x1f && head[1] == 0x8b && head[2] == 8 && head[3]&0xe0 == 0 {
			return nil
		}
		g.src.Discard(1)
	}
}

// rewind goes back to a byte of the compressed file, or as near to it as can be. What is nothing but beginnings of
// members may not be read again for each of them: so there is an allowance for what is read again, in proportion to
// the whole, beyond which reading only goes forward.
func (g *gzipReader) rewind(to int64) bool {
	here := g.kept.at(g.src)
	to = max(to, g.kept.first())
	if to >= here {
		return to == here
	}
	if g.again > 8*g.kept.end+64<<20 {
		return false
	}
	g.again += here - to
	g.kept.rewind(to)
	g.src.Reset(g.kept)
	return true
}

// A keeper keeps what was read last of r, once that is asked for, so that it can be read again.
type keeper struct {
	r    io.Reader
	end  int64 // bytes of r read
	on   bool
	kept []byte // the last of them
	next int    // of kept: what is given next
}

// minKept is so many bytes that can surely be read again: what a bufio.Reader over the keeper may hold, and as much again.
const minKept = 2 * bufferSize

func (k *keeper) Read(p []byte) (int, error) {
	if k.next < len(k.kept) {
		n := copy(p[:min(len(p), 4096)], k.kept[k.next:]) // little, since it may soon be read again from elsewhere
		k.next += n
		return n, nil
	}
	n, err := k.r.Read(p)
	k.end += int64(n)
	if k.on {
		if len(k.kept)+n > 2*minKept {
			k.kept = k.kept[:copy(k.kept, k.kept[len(k.kept)-minKept:])]
		}
		k.kept = append(k.kept, p[:n]...)
		k.next = len(k.kept)
	}
	return n, err
}

// begin keeps from now on, with what lies in a buffer over the keeper.
func (k *keeper) begin(over *bufio.Reader) {
	buffered, _ := over.Peek(over.Buffered())
	k.on, k.kept = true, append(k.kept[:0], buffered...)
	k.next = len(k.kept)
}

// at is the place in r of the next byte of a buffer over the keeper.
func (k *keeper) at(over *bufio.Reader) int64 {
	return k.end - int64(len(k.kept)-k.next) - int64(over.Buffered())
}

// first is the first byte that can be read again.
func (k *keeper) first() int64 { return k.end - int64(len(k.kept)) }

func (k *keeper) rewind(to int64) { k.next = int(to - k.first()) }
