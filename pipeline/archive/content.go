package archive

import (
	"archive/tar"
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strconv"
	"strings"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/remote"
	"github.com/quotewire/quotewire/schema"
)

const (
	maxNesting = 4         // archives inside one another
	maxMembers = 20e6      // of one archive
	freeBytes  = 256 << 20 // so much may come out of any file
	maxRatio   = 500       // and beyond, so many times what went in: real articles pack to a tenth, seldom to a fiftieth
)

// A content is what lies under one name: a file, or a member of an archive.
type content struct {
	name   string
	r      io.Reader
	size   int64        // bytes of r as far as known; negative where not
	file   io.ReaderAt  // r, where it can be read anywhere; size is known then
	depth  int          // archives around it
	form   string       // they and the compression, from the inside out: "tar in gzip"
	gz     *gzipReader  // right below r, if it is gzip that r was unpacked from
	rest   func() int64 // bytes of it that were not read yet; nil where that cannot be told
	budget *budget
}

// A budget bounds what may come out of one file, whatever lies inside what: the guard against bombs.
type budget struct {
	in  func() int64 // bytes of the file read so far
	out int64        // bytes unpacked
}

var errBomb = fmt.Errorf("unpacks to more than %d times its size: it is taken for a bomb, and nothing more is read of it", maxRatio)

// spent counts what is read from r.
type spent struct {
	r io.Reader
	b *budget
}

func (s *spent) Read(p []byte) (int, error) {
	n, err := s.r.Read(p)
	s.b.out += int64(n)
	if s.b.out > freeBytes && s.b.out/maxRatio > s.b.in() {
		return 0, errBomb
	}
	return n, err
}

// read hands out the articles of one content, and the error that ended it, if any.
func (s *Source) read(ctx context.Context, c content) {
	from := pipeline.Origin{File: c.name}
	kept := &keeper{r: c.r}
	base := bufio.NewReaderSize(kept, bufferFor(c.size))
	inner, packing, gz, done, err := unpack(base, kept, c.budget)
	defer done()
	if len(packing) > 0 {
		c.r, c.file, c.size, c.gz = inner, nil, -1, gz
	}
	if len(packing) == 0 && c.size >= 0 {
		c.rest = func() int64 { return c.size - kept.at(base) }
	}
	for _, p := range packing {
		c.form = in(p, c.form)
	}
	if err == nil {
		switch head, _ := inner.Peek(inner.Size() / 2); container(head) {
		case "tar":
			c.form = in("tar", c.form)
			err = s.readTar(ctx, c, inner)
		case "zip":
			c.form = in("zip", c.form)
			err = s.readZip(ctx, c, inner)
		default:
			var split splitter
			if split, err = s.split(c, inner); err == nil {
				err = s.readArticles(ctx, from, c.form, split)
			}
		}
	}
	if err == nil || errors.Is(err, io.EOF) || ctx.Err() != nil {
		return
	}
	if len(packing) > 0 && !errors.Is(err, errBomb) {
		err = explainPacked(packing, kept.at(base), err)
	}
	s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(err), From: from, Form: c.form})
}

// in says what lies in what.
func in(inner, outer string) string {
	if outer == "" {
		return inner
	}
	return inner + " in " + outer
}

// bufferFor keeps the buffers of small members small.
func bufferFor(size int64) int {
	if size < 0 || size > bufferSize {
		return bufferSize
	}
	return int(max(size, 4096))
}

func (s *Source) readArticles(ctx context.Context, from pipeline.Origin, packed string, split splitter) error {
	for ctx.Err() == nil && !s.enough() {
		a, err := split.next()
		if err == nil {
			a, err = revive(a)
		}
		from.Line, from.Item = a.line, a.item
		form := in(formOf(split), packed)
		var bad *badArticle
		switch {
		case err == nil:
			s.hand(ctx, pipeline.Delivery{Data: a.data, ContentType: a.contentType, Known: a.known, From: from, Form: form})
		case errors.As(err, &bad):
			from.Line, from.Item = bad.line, bad.item
			s.hand(ctx, pipeline.Delivery{Err: &schema.ArticleError{Reason: bad.reason}, From: from, Form: form})
		default:
			return err
		}
	}
	return ctx.Err() // or there are enough
}

// container names the archive that head begins, if it is one that holds files.
func container(head []byte) string {
	switch {
	case len(head) > 262 && bytes.Equal(head[257:262], []byte("ustar")), oldTar(head):
		return "tar"
	case bytes.HasPrefix(head, []byte("PK\x03\x04")) && !office(head), bytes.HasPrefix(head, []byte("PK\x05\x06")):
		return "zip"
	}
	return ""
}

// oldTar tells a tar archive of before POSIX, which has no mark, by the checksum of its first header.
func oldTar(head []byte) bool {
	if len(head) < 512 || head[0] == 0 || head[156] != 0 && (head[156] < '0' || head[156] > '9') {
		return false
	}
	sum := int64(8 * ' ')
	for i, c := range head[:512] {
		if i < 148 || i >= 156 {
			sum += int64(c)
		}
	}
	stated, err := strconv.ParseInt(strings.Trim(string(head[148:156]), " \x00"), 8, 64)
	return err == nil && stated == sum
}

// office tells an Office or OpenDocument file, which is a zip archive too, by its first member.
func office(head []byte) bool {
	if len(head) < 46 {
		return false
	}
	name := head[30:]
	return bytes.HasPrefix(name, []byte("[Content_Types].xml")) || bytes.HasPrefix(name, []byte("mimetype")) || bytes.HasPrefix(name, []byte("_rels/"))
}

// member hands out what lies in one member of an archive. Links and devices are passed over, as are hidden and
// unfinished files; a name that leads out of the archive is told and not read, though nothing is ever written by it.
func (s *Source) member(ctx context.Context, c content, name string, size int64, open func() (io.ReadCloser, error)) {
	at := c.name + "!" + name
	fail := func(err error) {
		s.hand(ctx, pipeline.Delivery{Err: pipeline.Permanent(err), From: pipeline.Origin{File: at}})
	}
	slashed := strings.ReplaceAll(name, `\`, "/")
	clean := path.Clean(slashed)
	switch base := path.Base(clean); {
	case path.IsAbs(clean), clean == "..", strings.HasPrefix(clean, "../"), len(clean) > 1 && clean[1] == ':', strings.ContainsRune(name, 0):
		fail(errors.New("the name leads out of the archive: the member is not read"))
		return
	case strings.HasPrefix(base, "."), strings.HasSuffix(base, Unfinished), strings.HasPrefix(clean, "__MACOSX/"):
		s.skipped.Add(1)
		return
	case c.depth == maxNesting:
		fail(fmt.Errorf("more than %d archives inside one another", maxNesting))
		return
	}
	r, err := open()
	if err != nil {
		fail(err)
		return
	}
	defer r.Close()
	s.read(ctx, content{name: at, r: r, size: size, depth: c.depth + 1, form: c.form, budget: c.budget})
}

func (s *Source) readTar(ctx context.Context, c content, r *bufio.Reader) error {
	t := tar.NewReader(r)
	for n := 0; ctx.Err() == nil && !s.enough(); n++ {
		h, err := t.Next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("tar, after %d members: %w", n, err)
		case n == maxMembers:
			return fmt.Errorf("tar: more than %d members", n)
		case h.Typeflag == tar.TypeDir:
		case h.Typeflag != tar.TypeReg && h.Typeflag != tar.TypeGNUSparse:
			s.skipped.Add(1)
		case h.Size == 0:
			s.skipped.Add(1)
		default:
			s.member(ctx, c, h.Name, h.Size, func() (io.ReadCloser, error) { return io.NopCloser(t), nil })
		}
	}
	return ctx.Err()
}

func (s *Source) readZip(ctx context.Context, c content, r *bufio.Reader) error {
	f, size, done, err := seekable(c, r)
	if err != nil {
		return err
	}
	defer done()
	// The whole is in hand, so that what counts as put in is its size.
	c.budget = &budget{in: func() int64 { return max(size, 1) }, out: c.budget.out}
	z, err := zip.NewReader(f, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return err // it begins with zip
	}
	if len(z.File) > maxMembers {
		return fmt.Errorf("zip: more than %d members", int(maxMembers))
	}
	for _, m := range z.File {
		switch {
		case ctx.Err() != nil, s.enough():
			return ctx.Err()
		case m.FileInfo().IsDir():
		case !m.Mode().IsRegular(), m.UncompressedSize64 == 0:
			s.skipped.Add(1)
		default:
			s.member(ctx, c, m.Name, int64(m.UncompressedSize64), func() (io.ReadCloser, error) {
				r, err := m.Open()
				if err != nil {
					return nil, err
				}
				return struct {
					io.Reader
					io.Closer
				}{&spent{r, c.budget}, r}, nil
			})
		}
	}
	return nil
}

const maxSpool = 16 << 30 // bytes of an archive inside another that has to be laid down to be read

// seekable gives what can only be read from its end, as a file: the file itself, or a copy that is gone when done.
func seekable(c content, r io.Reader) (at io.ReaderAt, size int64, done func(), err error) {
	if away, ok := c.file.(*remote.Reader); c.file != nil && (!ok || away.Parts()) {
		return c.file, c.size, func() {}, nil
	}
	f, err := os.CreateTemp("", "quotewire-*")
	if err != nil {
		return nil, 0, nil, err
	}
	done = func() { f.Close(); os.Remove(f.Name()) }
	if size, err = io.Copy(f, io.LimitReader(r, maxSpool+1)); err == nil && size > maxSpool {
		err = errors.New("too large to be read from inside another archive: unpack that one first")
	}
	if err != nil {
		done()
		return nil, 0, nil, err
	}
	return f, size, done, nil
}
