package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"github.com/quotewire/quotewire/schema"
)

// table reads CSV and TSV (RFC 4180) with a header, whatever the separator. Each row becomes a JSON object under the
// names of the header. A quotation mark that is never closed costs its own row and not the rest of the file: after
// reading on for maxQuoted bytes the row is given up, and reading goes on with the line after the one it began on.
type table struct {
	r      *bufio.Reader
	max    int
	sep    byte
	names  []string
	line   int // of the next byte
	broken int // rows given up for a quotation mark
}

const (
	maxQuoted = 1 << 20 // bytes of a row with line breaks inside quotation marks
	maxBroken = 100     // after so many no field is believed to run over a line
)

func newTable(r *bufio.Reader, most int) *table { return &table{r: r, max: most, line: 1} }

func firstLine(head []byte) []byte {
	head = bytes.TrimPrefix(head, []byte("\ufeff"))
	line, rest, ok := bytes.Cut(head, []byte("\n"))
	if ok && saysSeparator(line) != 0 {
		line, _, ok = bytes.Cut(rest, []byte("\n"))
	}
	if !ok || len(line) > 16<<10 {
		return nil
	}
	return line
}

// saysSeparator is the separator that a line before the header says, as spreadsheets have it: sep=;
func saysSeparator(line []byte) byte {
	line = bytes.TrimRight(line, "\r\n")
	if rest, ok := bytes.CutPrefix(bytes.ToLower(line), []byte("sep=")); ok && len(rest) == 1 {
		return rest[0]
	}
	return 0
}

// separator tells a table by its header, in which at least two names of an article's fields stand, one of them that of
// its text: anything less could be prose. 0 is no table.
func separator(header []byte, fields schema.Fields) byte {
	for _, sep := range []byte(",\t;|") {
		names, ok := splitRow(bytes.TrimRight(header, "\r"), sep)
		if !ok || len(names) < 2 {
			continue
		}
		known := 0
		text := false
		for _, field := range schema.ArticleFields() {
			own := fields[field]
			for _, name := range names {
				if isNameOf(name, field) || own != "" && (name == own || strings.HasPrefix(own, name+".")) {
					known++
					text = text || field == "text"
					break
				}
			}
		}
		if known >= 2 && text {
			return sep
		}
	}
	return 0
}

func isNameOf(name, field string) bool {
	for _, c := range schema.Customary(field) {
		if strings.EqualFold(c, strings.TrimSpace(name)) {
			return true
		}
	}
	return false
}

// splitRow parts one row; not ok where a quotation mark is not closed.
func splitRow(row []byte, sep byte) (fields []string, ok bool) {
	var field []byte
	for i := 0; ; {
		field = field[:0]
		if i < len(row) && row[i] == '"' {
			i++
			for {
				j := bytes.IndexByte(row[i:], '"')
				if j < 0 {
					return nil, false
				}
				field = append(field, row[i:i+j]...)
				i += j + 1
				if i < len(row) && row[i] == '"' {
					field = append(field, '"')
					i++
					continue
				}
				break
			}
		}
		j := bytes.IndexByte(row[i:], sep)
		if j < 0 {
			return append(fields, string(append(field, row[i:]...))), true
		}
		field = append(field, row[i:i+j]...)
		fields = append(fields, string(field))
		i += j + 1
	}
}

// open reports whether a row ends inside quotation marks.
func (t *table) open(row []byte) bool {
	_, ok := splitRow(row, t.sep)
	return !ok
}

func (t *table) next() (article, error) {
	if t.names == nil {
		row, err := t.row()
		if err != nil {
			return article{}, err
		}
		row = bytes.TrimPrefix(row, []byte("\ufeff"))
		if sep := saysSeparator(row); sep != 0 {
			t.sep = sep
			if row, err = t.row(); err != nil {
				return article{}, err
			}
		}
		t.names, _ = splitRow(row, t.sep)
		t.customary()
	}
	for {
		line := t.line
		row, err := t.row()
		if err != nil {
			return article{}, err
		}
		if len(bytes.TrimSpace(row)) == 0 {
			continue
		}
		values, _ := splitRow(row, t.sep)
		if len(values) > len(t.names) {
			return article{}, &badArticle{line: line, reason: "has more fields than the header"}
		}
		object := make(map[string]string, len(values))
		for i, v := range values {
			if v != "" && t.names[i] != "" {
				object[t.names[i]] = utf8Of(v)
			}
		}
		data, err := json.Marshal(object)
		return article{data: data, contentType: contentTypeJSON, line: line}, err
	}
}

// customary writes the names of columns in the case in which the alias table has them: Title, TEXT.
func (t *table) customary() {
	for i, name := range t.names {
		t.names[i] = strings.TrimSpace(name)
		for _, field := range schema.ArticleFields() {
			for _, c := range schema.Customary(field) {
				if strings.EqualFold(c, t.names[i]) && c != t.names[i] {
					t.names[i] = c
				}
			}
		}
	}
}

// utf8Of takes what is not UTF-8 for Windows-1252, which spreadsheets write where they write anything else.
func utf8Of(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	out, err := charmap.Windows1252.NewDecoder().String(s)
	if err != nil {
		return schema.Valid(s)
	}
	return out
}

// row reads a row, which may be several lines.
func (t *table) row() ([]byte, error) {
	begin := t.line
	row, err := t.readLine()
	if err != nil {
		return nil, err
	}
	if t.sep == 0 {
		t.sep = separator(bytes.TrimPrefix(row, []byte("\ufeff")), nil)
		if t.sep == 0 {
			t.sep = likeliest(row)
		}
	}
	if !t.open(row) {
		return row, nil
	}
	var more []byte // what was read beyond the first line
	lines := 0
	marks := bytes.Count(row, []byte{'"'})
	for t.broken < maxBroken && len(more) < min(maxQuoted, t.max) {
		line, err := t.readLine()
		if err != nil {
			break
		}
		lines++
		more = append(append(more, '\n'), line...)
		// Only with an even number of marks can all be closed.
		if marks += bytes.Count(line, []byte{'"'}); marks%2 == 0 {
			if whole := append(bytes.Clone(row), more...); !t.open(whole) {
				return whole, nil
			}
		}
	}
	t.broken++
	if lines > 0 {
		t.r = bufio.NewReaderSize(io.MultiReader(bytes.NewReader(append(more[1:], '\n')), t.r), bufferSize)
		t.line -= lines
	}
	return nil, &badArticle{line: begin, reason: "a quotation mark is not closed"}
}

func likeliest(header []byte) byte {
	best, most := byte(','), 0
	for _, sep := range []byte(",\t;|") {
		if n := bytes.Count(header, []byte{sep}); n > most {
			best, most = sep, n
		}
	}
	return best
}

func (t *table) readLine() ([]byte, error) {
	l := lines{r: t.r, max: t.max, n: t.line - 1, raw: true}
	line, err := l.line()
	t.line = l.n + 1
	var bad *badArticle
	if errors.As(err, &bad) {
		return nil, bad
	}
	return line, err
}
