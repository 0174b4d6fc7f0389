package archive

import (
	"bufio"
	"bytes"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"

	"github.com/quotewire/quotewire/schema"
)

// warc reads WARC 0.17 to 1.1 (ISO 28500), as Common Crawl and the Internet Archive write it: responses that are pages,
// resources, and the conversions to text of a WET. All other records are passed over and counted. What is broken is
// given up and the next record looked for; in gzip, where each record is a member of its own, also behind damaged data.
//
// The archive is not believed in more than it must: a body that claims to be chunked or compressed and is not (Common
// Crawl unpacks bodies and leaves the headers) is taken as it is.
type warc struct {
	r       *bufio.Reader
	gz      *gzipReader // below r, if it is
	budget  *budget
	max     int
	skipped *counter
	n       int               // records begun
	many    bool              // records lie together in a member of gzip
	left    *io.LimitedReader // the block of the record at hand
	rest    func() int64      // bytes left in the file, where they can be told
	again   *again            // below r, once anything was read that belongs to the next record
	page    *bufio.Reader     // over left, for one response after the other
}

func newWARC(r *bufio.Reader, c content, most int, skipped *counter) *warc {
	return &warc{r: r, gz: c.gz, rest: c.rest, budget: c.budget, max: most, skipped: skipped, page: bufio.NewReaderSize(nil, 16<<10)}
}

func (w *warc) next() (article, error) {
	for {
		a, wanted, err := w.record()
		switch {
		case err == nil && wanted:
			a.item = w.n
			return a, nil
		case err == nil:
			w.skipped.Add(1)
		case errors.Is(err, io.EOF):
			return a, io.EOF
		default:
			var bad *badArticle
			if errors.As(err, &bad) {
				bad.item = w.n
				return a, bad
			}
			if broken := w.n; w.resync(err) {
				return a, &badArticle{item: broken, reason: fmt.Sprintf("the record is broken: %v; reading goes on at byte %d", err, w.gz.start)}
			}
			return a, err
		}
	}
}

// resync goes on at the next member of gzip behind damage, if there is one. Where each record is a member of its own, as
// the standard has it, one with a record at its beginning is looked for, else any.
func (w *warc) resync(err error) bool {
	if w.gz == nil || errors.Is(err, errBomb) {
		return false
	}
	first := "WARC/"
	if w.many {
		first = ""
	}
	if w.gz.resync(first) != nil {
		return false
	}
	w.left = nil
	unpacked := &spent{w.gz, w.budget}
	if w.again != nil {
		w.again.r.Reset(unpacked)
		w.again.head = nil
		w.r.Reset(w.again)
		return true
	}
	w.r.Reset(unpacked)
	return true
}

// whole reports whether the member of gzip that the record ends in is whole, as far as can be told: one that was cut short
// goes on, for the decoder, in the bytes of the next, and becomes garbage where the record should end.
func (w *warc) whole() error {
	if w.gz == nil || w.many {
		return nil
	}
	end := w.gz.out - int64(w.r.Buffered())
	if w.again != nil {
		end -= int64(len(w.again.head) + w.again.r.Buffered())
	}
	for w.gz.sound < end {
		_, err := w.r.Peek(w.r.Buffered() + 1)
		switch {
		case w.gz.sound >= end:
		case errors.Is(err, bufio.ErrBufferFull), w.r.Buffered() > maxBehind:
			w.many = true
		case err == nil:
			continue
		default:
			return err
		}
		return nil
	}
	return nil
}

// cut ends a block where the next record begins inside it, because its length was wrong or the file was cut in between,
// and goes on with that one.
func (w *warc) cut(data []byte) []byte {
	if w.left.N == 0 {
		behind, _ := w.r.Peek(4 + len("WARC/"))
		if rest := bytes.TrimLeft(behind, "\r\n"); len(rest) == 0 || bytes.HasPrefix(rest, []byte("WARC/")) {
			return data // it ends where it should
		}
	}
	end, next := beginsInside(data)
	if next < 0 || w.again != nil && w.again.total > maxAgain {
		return data
	}
	if w.again == nil {
		w.again = &again{r: w.r}
		w.r = bufio.NewReaderSize(w.again, bufferSize)
	}
	buffered, _ := w.r.Peek(w.r.Buffered())
	w.again.head = slices.Concat(data[next:], buffered, w.again.head)
	w.again.total += len(w.again.head)
	w.r.Reset(w.again)
	w.left.N = 0
	return data[:end]
}

// beginsInside says where in a block the next record begins, behind an empty line, and where the one before ends.
func beginsInside(data []byte) (end, next int) {
	for at := 0; ; {
		i := bytes.Index(data[at:], []byte("\nWARC/"))
		if i < 0 {
			return 0, -1
		}
		at += i + 1
		before := bytes.TrimRight(data[:at], "\r\n")
		line, after, ok := bytes.Cut(data[at:], []byte("\n"))
		if ok && bytes.Count(data[len(before):at], []byte("\n")) >= 2 && len(line) < 20 && len(after) > 5 && bytes.EqualFold(after[:5], []byte("WARC-")) {
			return len(before), at
		}
	}
}

// again is what is read another time, before what comes then.
type again struct {
	head  []byte
	r     *bufio.Reader
	total int
}

const maxAgain = 1 << 30 // bytes read another time, in one file, for wrong lengths

func (a *again) Read(p []byte) (int, error) {
	if len(a.head) > 0 {
		n := copy(p, a.head)
		a.head = a.head[n:]
		return n, nil
	}
	return a.r.Read(p)
}

const maxBehind = 32 << 10 // bytes behind a record in its member of gzip, beyond which there must be more records in it

const maxWARCHeader = 64 << 10 // bytes of all headers of a record, or of a page

// record reads the next record. Its error is io.EOF only at the end of the file.
func (w *warc) record() (a article, wanted bool, err error) {
	if w.left != nil {
		if _, err := io.Copy(io.Discard, w.left); err != nil {
			return a, false, err
		}
		if w.left.N > 0 {
			return a, false, io.EOF // cut short: told when its body was read
		}
		w.left = nil
	}
	err = w.begin()
	if !errors.Is(err, io.EOF) {
		w.n++
	}
	if err != nil {
		return a, false, err
	}
	h, err := header(w.r)
	var length int64
	if errors.As(err, new(badHeader)) {
		err = &badArticle{reason: "the WARC header cannot be read: " + err.Error()}
	} else if err == nil {
		if length, err = strconv.ParseInt(h.Get("Content-Length"), 10, 64); err != nil || length < 0 {
			err = &badArticle{reason: fmt.Sprintf("the WARC record has no length (%.40q); the next one is looked for", h.Get("Content-Length"))}
		}
	}
	if err == nil && w.rest != nil && length > int64(w.max) && length > w.rest() {
		err = &badArticle{reason: fmt.Sprintf("the WARC record claims %d bytes, more than the file has; the next one is looked for", length)}
	}
	if err != nil {
		return a, false, cmp.Or(w.whole(), err)
	}
	w.left = &io.LimitedReader{R: w.r, N: length}
	a, wanted, err = w.content(h, length)
	if wanted && err == nil {
		err = w.whole()
	}
	return a, wanted, err
}

// begin goes to the line that a record begins with, past whatever is in the way where a length was wrong.
func (w *warc) begin() error {
	for {
		line, err := w.r.ReadSlice('\n')
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if bytes.HasPrefix(bytes.TrimPrefix(line, []byte("\ufeff")), []byte("WARC/")) && len(line) < 20 {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// A badHeader is the error of headers that can be read and mean nothing.
type badHeader string

func (b badHeader) Error() string { return string(b) }

// header reads headers up to the empty line.
func header(r *bufio.Reader) (textproto.MIMEHeader, error) {
	h := textproto.MIMEHeader{}
	last := "" // header, which may go on in the next line
	for size := 0; ; {
		line, err := r.ReadSlice('\n')
		size += len(line)
		switch {
		case size > maxWARCHeader, errors.Is(err, bufio.ErrBufferFull):
			return h, badHeader("too long")
		case errors.Is(err, io.EOF):
			return h, badHeader("cut short")
		case err != nil:
			return h, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return h, nil
		}
		if line[0] == ' ' || line[0] == '\t' { // the value goes on
			if last != "" && len(h[last][0]) < 4096 { // or many of them would take long
				h[last] = []string{strings.TrimSpace(h[last][0] + " " + strings.TrimSpace(schema.Valid(string(line))))}
			}
			continue
		}
		last = ""
		if name, value, ok := bytes.Cut(line, []byte(":")); ok {
			key := textproto.CanonicalMIMEHeaderKey(string(bytes.TrimSpace(name)))
			if h[key] == nil {
				h[key], last = []string{strings.TrimSpace(schema.Valid(string(value)))}, key
			}
		}
	}
}

// content makes an article of a record, if it is one by its kind.
func (w *warc) content(h textproto.MIMEHeader, length int64) (a article, wanted bool, err error) {
	media, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	a.known = schema.Article{URL: strings.Trim(h.Get("Warc-Target-Uri"), "<>")}
	switch h.Get("Warc-Type") {
	case "response":
		if media != "application/http" && media != "" {
			return a, false, nil
		}
		return w.response(a, length)
	case "resource", "conversion":
		if a.contentType, wanted = page(media, params["charset"]); !wanted {
			return a, false, nil
		}
		if lang := h.Get("Warc-Identified-Content-Language"); lang == "eng" { // Common Crawl: up to three, by CLD2
			a.known.Language = "en"
		}
		a.data, err = w.body(length)
		return a, true, err
	}
	return a, false, nil
}

func (w *warc) body(length int64) ([]byte, error) {
	if length > int64(w.max) {
		return nil, &badArticle{reason: tooLong(w.max, "the record")}
	}
	data, err := io.ReadAll(w.left)
	data = w.cut(data)
	if err == nil && w.left.N > 0 {
		return nil, &badArticle{reason: fmt.Sprintf("the record is cut short: %d of %d bytes", length-w.left.N, length)}
	}
	return data, err
}

func (w *warc) response(a article, length int64) (article, bool, error) {
	// Headers first: pictures and videos are not even read.
	r := w.page
	r.Reset(w.left)
	status, err := r.ReadSlice('\n')
	if err != nil || !bytes.HasPrefix(status, []byte("HTTP/")) {
		return a, false, &badArticle{reason: "the response does not begin like HTTP"}
	}
	if fields := bytes.Fields(status); len(fields) < 2 || string(fields[1]) != "200" {
		return a, false, nil
	}
	h, err := header(r)
	if errors.As(err, new(badHeader)) {
		return a, false, &badArticle{reason: "the headers of the response cannot be read: " + err.Error()}
	}
	if err != nil {
		return a, false, err
	}
	media, params, _ := mime.ParseMediaType(h.Get("Content-Type"))
	var wanted bool
	if a.contentType, wanted = page(media, params["charset"]); !wanted {
		return a, false, nil
	}
	if length > int64(w.max) {
		return a, false, &badArticle{reason: tooLong(w.max, "the record")}
	}
	body := bytes.NewBuffer(make([]byte, 0, min(int64(r.Buffered())+w.left.N+bytes.MinRead, 1<<20))) // a length may lie
	if _, err := body.ReadFrom(r); err != nil {
		return a, false, err
	}
	data := w.cut(body.Bytes())
	if w.left.N > 0 {
		return a, false, &badArticle{reason: fmt.Sprintf("the record is cut short: %d of %d bytes", length-w.left.N, length)}
	}
	if strings.Contains(strings.ToLower(h.Get("Transfer-Encoding")), "chunked") {
		data = dechunk(data)
	}
	a.data, err = decode(data, strings.ToLower(h.Get("Content-Encoding")), w.max)
	if err != nil {
		return a, false, err
	}
	a.known.Language = plainLanguage(h.Get("Content-Language"))
	return a, true, nil
}

func plainLanguage(s string) string {
	if strings.ContainsAny(s, ",; ") {
		return ""
	}
	return s
}

// page says whether a media type may be an article, and how to read it. What has none is told by its content.
func page(media, charset string) (contentType string, ok bool) {
	switch media {
	case "text/html", "application/xhtml+xml", "text/plain", "application/json", "application/ld+json":
		if charset != "" {
			return mime.FormatMediaType(media, map[string]string{"charset": charset}), true
		}
		return media, true
	case "":
		return "", true
	}
	return "", false
}

// dechunk undoes HTTP's chunks. What is not chunked stays; what breaks off counts up to there.
func dechunk(data []byte) []byte {
	var out []byte
	for rest := data; ; {
		line, after, ok := bytes.Cut(rest, []byte("\n"))
		digits, _, _ := bytes.Cut(bytes.TrimSpace(line), []byte(";"))
		n, err := strconv.ParseUint(string(bytes.TrimSpace(digits)), 16, 31)
		switch {
		case !ok || err != nil:
			if out == nil {
				return data
			}
			return out
		case n == 0:
			return out
		}
		n = min(n, uint64(len(after)))
		out = append(out, after[:n]...)
		rest = bytes.TrimPrefix(bytes.TrimPrefix(after[n:], []byte("\r")), []byte("\n"))
	}
}

// decode undoes a content encoding. What is not encoded as it claims stays as it is.
func decode(data []byte, encoding string, most int) ([]byte, error) {
	var r io.Reader
	switch encoding {
	case "gzip", "x-gzip":
		z, err := gzip.NewReader(bytes.NewReader(data))
		if err != nil {
			return data, nil
		}
		r = z
	case "deflate":
		r = flate.NewReader(bytes.NewReader(data))
		if len(data) > 2 && data[0]&0x0f == 8 && (int(data[0])<<8|int(data[1]))%31 == 0 { // zlib's header
			r = flate.NewReader(bytes.NewReader(data[2:]))
		}
	case "br":
		r = brotli.NewReader(bytes.NewReader(data))
	default:
		return data, nil
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if len(out) > most {
		return nil, &badArticle{reason: tooLong(most, "the page")}
	}
	if err != nil && len(out) == 0 {
		return data, nil
	}
	return out, nil
}
