package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"
	"golang.org/x/text/transform"

	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/schema"
)

// A splitter cuts the content of one file into articles. next returns io.EOF after the last, a *badArticle for one
// that is given up while the rest goes on, and any other error when the file cannot be read further.
type splitter interface {
	next() (article, error)
}

type article struct {
	data        []byte // its own, not shared
	contentType string // without charset
	line        int    // first line in the file, from 1; 0 where the article is the file
	item        int    // its number in a file without lines, from 1
	known       schema.Article
}

type badArticle struct {
	line   int
	reason string
	item   int
}

func (b *badArticle) Error() string { return b.reason }

// formOf names the form of the file that a splitter reads, for people.
func formOf(s splitter) string {
	switch s := s.(type) {
	case *lines:
		return "NDJSON"
	case *values:
		return "JSON"
	case *warc:
		return "WARC"
	case *feed:
		return "RSS or Atom"
	case *news:
		return "news XML"
	case *parquetRows:
		return "Parquet"
	case *table:
		if s.sep == '\t' {
			return "TSV"
		}
		return "CSV"
	case *whole:
		if s.contentType == "text/html" {
			return "HTML"
		}
	}
	return "text"
}

// layout is how the articles of a file are parted.
type layout int

const (
	empty      layout = iota
	ndjson            // one JSON value a line
	jsonValues        // JSON over several lines: an object, an array, or values one after the other
	textFile          // the file is one article
	htmlFile
	warcFile    // Common Crawl and the Internet Archive
	tableFile   // CSV or TSV with a header
	feedFile    // RSS or Atom
	newsFile    // NITF or NewsML-G2, one or many
	parquetFile //
)

const contentTypeJSON = "application/json"

// sniff tells the layout by the first bytes. It makes UTF-8 of UTF-16, but for markup, and takes a byte order mark off
// JSON.
func sniff(r *bufio.Reader, fields schema.Fields) (layout, error) {
	head, err := r.Peek(r.Size() / 2)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull) && len(head) == 0 {
		return empty, err
	}
	if len(bytes.TrimSpace(bytes.TrimPrefix(head, []byte("\ufeff")))) == 0 {
		return empty, nil
	}
	if wide, mark := wideOf(head); wide != nil {
		// Markup with a mark is left as it is: its declaration says how to read it. What was buffered is read through the
		// decoder too: the old reader becomes its source.
		if text, _ := wide.NewDecoder().Bytes(head[:len(head)&^3]); !mark || !bytes.HasPrefix(bytes.TrimSpace(text), []byte("<")) {
			old := *r
			*r = *bufio.NewReaderSize(transform.NewReader(&old, wide.NewDecoder()), bufferSize)
			return sniff(r, fields)
		}
	}
	bare := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\ufeff")), "\r\n")
	switch root := format.XMLRoot(head); {
	case bytes.HasPrefix(bare, []byte("WARC/1.")), bytes.HasPrefix(bare, []byte("WARC/0.")):
		return warcFile, nil
	case bytes.HasPrefix(head, []byte("PAR1")):
		return parquetFile, nil
	case root == "rss", root == "feed", root == "RDF":
		return feedFile, nil
	case format.IsNewsXML(root), root == "newsMessage", root == "packageItem":
		return newsFile, nil
	}
	if kind := foreign(head); kind != "" {
		return empty, fmt.Errorf("the file is %s, which is not an article", kind)
	}
	switch format.Sniff(head) {
	case format.JSON, format.NDJSON, format.JSONArray:
	case format.HTML:
		return htmlFile, nil
	default:
		if separator(firstLine(head), fields) != 0 {
			return tableFile, nil
		}
		if line, _, ok := bytes.Cut(head, []byte("\r")); ok && bytes.IndexByte(head, '\n') < 0 && separator(line, fields) != 0 {
			old := *r // as spreadsheets once wrote it on the Macintosh
			*r = *bufio.NewReaderSize(&returns{&old}, bufferSize)
			return tableFile, nil
		}
		return textFile, nil
	}
	if bytes.HasPrefix(head, []byte("\ufeff")) {
		r.Discard(len("\ufeff"))
		return sniff(r, fields)
	}
	if first := bytes.TrimLeft(head, " \t\r\n"); first[0] == '{' && likelyLines(first) {
		return ndjson, nil
	}
	return jsonValues, nil
}

// wideOf tells UTF-16 and UTF-32 by a byte order mark, or UTF-16 without one by the zeros of Latin text.
func wideOf(head []byte) (wide encoding.Encoding, mark bool) {
	switch {
	case bytes.HasPrefix(head, []byte("\xff\xfe\x00\x00")):
		return utf32.UTF32(utf32.LittleEndian, utf32.ExpectBOM), true
	case bytes.HasPrefix(head, []byte("\x00\x00\xfe\xff")):
		return utf32.UTF32(utf32.BigEndian, utf32.ExpectBOM), true
	case bytes.HasPrefix(head, []byte("\xff\xfe")), bytes.HasPrefix(head, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), true
	}
	var zeros [2]int
	few := head[:min(len(head), 1024)&^1]
	for i, c := range few {
		if c == 0 {
			zeros[i%2]++
		}
	}
	switch most := len(few) * 9 / 20; {
	case len(few) < 16:
	case zeros[0] == 0 && zeros[1] >= most:
		return unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), false
	case zeros[1] == 0 && zeros[0] >= most:
		return unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), false
	}
	return nil, false
}

// likelyLines tells NDJSON from JSON that is laid out over several lines, by its first line.
func likelyLines(head []byte) bool {
	line, _, found := bytes.Cut(head, []byte("\n"))
	line = bytes.TrimRight(line, " \t\r")
	if json.Valid(line) || !found && len(head) >= bufferSize/4 {
		return true // a long line, of which the end is not seen: nobody lays out JSON so
	}
	// A line of NDJSON that was cut short ends in the middle of a word; a line of laid-out JSON ends where a value may
	// follow.
	return found && len(line) > 1 && strings.IndexByte("{[,:", line[len(line)-1]) < 0
}

// foreign names a kind of file that holds no article for certain, or whose kind is not read yet.
func foreign(head []byte) string {
	switch {
	case bytes.HasPrefix(head, []byte("BZh")) && len(head) > 4 && head[3] >= '1' && head[3] <= '9' && bytes.HasPrefix(head[4:], []byte("1AY&SY")):
		return "bzip2 data"
	case bytes.HasPrefix(head, []byte("\xfd7zXZ\x00")):
		return "xz data"
	case bytes.HasPrefix(head, []byte("7z\xbc\xaf\x27\x1c")):
		return "a 7z archive"
	case bytes.HasPrefix(head, []byte("SQLite format 3\x00")):
		return "an SQLite database"
	case bytes.HasPrefix(head, []byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")):
		return "an old Office document"
	}
	mime, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch top, _, _ := strings.Cut(mime, "/"); {
	case top == "image" || top == "audio" || top == "video" || top == "font":
		return "of type " + mime
	case mime == "application/pdf":
		return "a PDF document"
	case mime == "application/zip":
		return "an Office document"
	case top == "application" && mime != "application/octet-stream":
		return "of type " + mime
	}
	return ""
}

// returns makes line breaks of carriage returns.
type returns struct{ r io.Reader }

func (c *returns) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\r' {
			p[i] = '\n'
		}
	}
	return n, err
}

type none struct{}

func (none) next() (article, error) { return article{}, io.EOF }

// whole reads a file that is one article.
type whole struct {
	r           io.Reader
	contentType string
	max         int
	done        bool
}

func (w *whole) next() (article, error) {
	if w.done {
		return article{}, io.EOF
	}
	w.done = true
	data, err := io.ReadAll(io.LimitReader(w.r, int64(w.max)+1))
	if err != nil {
		return article{}, err
	}
	if len(data) > w.max {
		return article{}, errors.New(tooLong(w.max, "the file"))
	}
	return article{data: data, contentType: w.contentType}, nil
}

func tooLong(max int, what string) string {
	if max >= 1<<20 {
		return fmt.Sprintf("%s is longer than %d MiB, the most that one article may have", what, max>>20)
	}
	return fmt.Sprintf("%s is longer than %d bytes, the most that one article may have", what, max)
}
