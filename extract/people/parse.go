package people

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/schema"
)

// An Error says where a list is broken, and how.
type Error struct {
	Line   int    // from 1
	Column int    // in bytes, from 1
	Field  string // the column or key that is meant; may be empty
	Reason string
}

func (e *Error) Error() string {
	s := strconv.Itoa(e.Line) + ":" + strconv.Itoa(e.Column) + ": "
	if e.Field != "" {
		s += e.Field + ": "
	}
	return s + e.Reason
}

// Bounds of one row.
const (
	maxField = 4096    // bytes of an id, a name, an alias, a role
	maxNames = 1000    // names and aliases
	maxRoles = 100     //
	maxLine  = 1 << 20 // bytes of a line of NDJSON
)

// Parse reads and compiles a list. Content tells its form: where the first character is "{" it is NDJSON, an object a line
// with id, name, aliases, roles and kind; else CSV, or TSV where the first line holds a tab, whose first line names these
// columns in any order. Only id and name must be there; other columns and keys are passed over. In CSV, aliases and roles
// are parted by ";" or "|". A kind is "person", which it is if not given, or "organization". "Reyes, Dana" is read as
// "Dana Reyes".
//
// What is wrong with the list is an [*Error]; then nothing of it is loaded. Other errors are those of r.
func Parse(r io.Reader) (*List, error) {
	sum := sha256.New()
	in := bufio.NewReaderSize(io.TeeReader(r, sum), 1<<16)
	if mark, _ := in.Peek(3); string(mark) == "\uFEFF" {
		in.Discard(3)
	}
	b := &builder{}
	p := parser{in: in, into: b}
	if first, err := p.first(); err != nil {
		return nil, err
	} else if first == '{' {
		err = p.ndjson()
		if err != nil {
			return nil, err
		}
	} else if err := p.csv(); err != nil {
		return nil, err
	}
	if len(b.starts) == 0 {
		return nil, &Error{Line: 1, Column: 1, Reason: "the list holds nobody"}
	}
	rows, keys := b.compile()
	if first, again, ok := b.twice(&rows); ok {
		return nil, &Error{int(b.lines[again]), 1, "id", fmt.Sprintf("%q stands in line %d already", brief(rows.at(again).id), b.lines[first])}
	}
	return &List{rows: rows, keys: keys, digest: hex.EncodeToString(sum.Sum(nil))}, nil
}

type parser struct {
	in   *bufio.Reader
	into *builder
	line int // lines passed over before the first character
}

// first is the first character that is no space; blank lines before it are passed over.
func (p *parser) first() (byte, error) {
	for column := 1; ; column++ {
		c, err := p.in.ReadByte()
		if errors.Is(err, io.EOF) {
			return 0, &Error{Line: 1, Column: 1, Reason: "the file is empty"}
		}
		if err != nil {
			return 0, err
		}
		switch c {
		case '\n':
			p.line++
			column = 0
		case ' ', '\r':
		case 0, 0xFF, 0xFE:
			return 0, &Error{p.line + 1, column, "", "not UTF-8 text"}
		case '[':
			return 0, &Error{p.line + 1, column, "", "a JSON array: want NDJSON, an object a line, or CSV"}
		default:
			return c, p.in.UnreadByte()
		}
	}
}

// take checks a row and files it. Where tells the line and column of each of its fields.
func (p *parser) take(r row, where func(field string, i int) (line, column int)) error {
	fail := func(field string, i int, format string, args ...any) error {
		line, column := where(field, i)
		return &Error{line, column, field, fmt.Sprintf(format, args...)}
	}
	check := func(field string, i int, s string) error {
		switch {
		case len(s) > maxField:
			return fail(field, i, "is of %d bytes, want %d at most", len(s), maxField)
		case !utf8.ValidString(s):
			return fail(field, i, "is not valid UTF-8")
		case strings.ContainsFunc(s, unicode.IsControl):
			return fail(field, i, "holds a control character")
		}
		return nil
	}
	if r.id == "" {
		return fail("id", 0, "is empty")
	}
	if err := check("id", 0, r.id); err != nil {
		return err
	}
	for i, s := range r.names {
		field := "name"
		if i > 0 {
			field = "aliases"
		}
		if err := check(field, max(i-1, 0), s); err != nil {
			return err
		}
	}
	for i, s := range r.roles {
		if err := check("roles", i, s); err != nil {
			return err
		}
	}
	switch {
	case r.names[0] == "":
		return fail("name", 0, "is empty")
	case !strings.ContainsFunc(r.names[0], func(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }):
		return fail("name", 0, "%q holds no letter", brief(r.names[0]))
	case len(r.names) > maxNames:
		return fail("aliases", 0, "are %d, want %d at most", len(r.names)-1, maxNames-1)
	case len(r.roles) > maxRoles:
		return fail("roles", 0, "are %d, want %d at most", len(r.roles), maxRoles)
	}
	if r.kind == schema.Person {
		for i, s := range r.names {
			r.names[i] = called(s)
		}
	}
	size := len(r.id) + 4
	for _, fields := range [...][]string{r.names, r.roles} {
		for _, s := range fields {
			size += len(s) + 1
		}
	}
	if p.into.text.Len()+size > maxText {
		return fail("", 0, "the list is too long: %d bytes at most", maxText)
	}
	line, _ := where("id", 0)
	p.into.add(r, line)
	return nil
}

// called writes a person's name as articles do: "Reyes, Dana" the other way round, and "Dr. Dana Reyes" without the title,
// which no canonical name has.
func called(s string) string {
	if family, given, ok := strings.Cut(s, ","); ok && !strings.Contains(given, ",") && generation(strings.TrimSpace(given)) == "" {
		s = strings.TrimSpace(strings.TrimSpace(given) + " " + strings.TrimSpace(family))
	}
	for {
		title, rest, _ := strings.Cut(s, " ")
		if rest = strings.TrimSpace(rest); !courtesy(title) || !strings.Contains(rest, " ") {
			return s
		}
		s = rest
	}
}

func courtesy(word string) bool {
	switch strings.ToLower(strings.TrimSuffix(word, ".")) {
	case "mr", "mrs", "ms", "miss", "mx", "dr", "prof", "professor", "sir", "dame", "lord", "lady", "rev", "hon":
		return true
	}
	return false
}

func kindOf(s string) (schema.Kind, bool) {
	switch strings.ToLower(s) {
	case "", "person":
		return schema.Person, true
	case "organization", "organisation":
		return schema.Organization, true
	}
	return "", false
}

const wrongKind = "is %q, want person or organization"

// csv reads a list of comma-separated values (RFC 4180), or tab-separated ones.
func (p *parser) csv() error {
	r := csv.NewReader(p.in)
	r.FieldsPerRecord, r.ReuseRecord = -1, true
	if start, _ := p.in.Peek(p.in.Buffered()); bytes.IndexByte(firstLine(start), '\t') >= 0 {
		r.Comma = '\t'
	}
	header, err := r.Read()
	if err != nil {
		return p.wrong(err)
	}
	column := map[string]int{}
	for i, h := range header {
		h = strings.ToLower(strings.TrimSpace(h))
		switch h {
		case "alias":
			h = "aliases"
		case "role":
			h = "roles"
		}
		if _, twice := column[h]; twice && slices.Contains([]string{"id", "name", "aliases", "roles", "kind"}, h) {
			line, at := r.FieldPos(i)
			return &Error{p.line + line, at, "", fmt.Sprintf("the header names %q twice", h)}
		}
		column[h] = i
	}
	for _, need := range []string{"id", "name"} {
		if _, ok := column[need]; !ok {
			return &Error{p.line + 1, 1, "", fmt.Sprintf("the header has no column %q: want id,name,aliases,roles", need)}
		}
	}
	width := len(header)
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return p.wrong(err)
		}
		if len(record) != width {
			line, at := r.FieldPos(min(len(record), width+1) - 1)
			return &Error{p.line + line, at, "", fmt.Sprintf("the row has %d of the header's %d columns", len(record), width)}
		}
		value := func(name string) string {
			if i, ok := column[name]; ok {
				return strings.TrimSpace(record[i])
			}
			return ""
		}
		where := func(field string, _ int) (int, int) {
			i := column[field]
			line, at := r.FieldPos(i)
			return p.line + line, at
		}
		kind, ok := kindOf(value("kind"))
		if !ok {
			line, at := where("kind", 0)
			return &Error{line, at, "kind", fmt.Sprintf(wrongKind, brief(value("kind")))}
		}
		row := row{kind: kind, id: value("id"), names: append([]string{value("name")}, parts(value("aliases"))...), roles: parts(value("roles"))}
		if err := p.take(row, where); err != nil {
			return err
		}
	}
}

func firstLine(b []byte) []byte {
	line, _, _ := bytes.Cut(b, []byte("\n"))
	return line
}

// parts cuts a list at ";" and "|".
func parts(s string) []string {
	var out []string
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ';' || r == '|' }) {
		if part = strings.TrimSpace(part); part != "" {
			out = append(out, part)
		}
	}
	return out
}

func (p *parser) wrong(err error) error {
	var e *csv.ParseError
	if !errors.As(err, &e) {
		return err
	}
	reason := e.Err.Error()
	if e.Err == csv.ErrQuote {
		reason = `a quoted field is not closed, or goes on after its closing quote`
		if e.StartLine != e.Line {
			reason += ", in the row that begins in line " + strconv.Itoa(p.line+e.StartLine)
		}
	}
	return &Error{p.line + e.Line, e.Column, "", reason}
}

// A line is one object of NDJSON.
type line struct {
	ID      json.RawMessage `json:"id"` // a string, or a number as it is written
	Name    string          `json:"name"`
	Aliases []string        `json:"aliases"`
	Roles   []string        `json:"roles"`
	Kind    string          `json:"kind"`
}

func (p *parser) ndjson() error {
	for {
		p.line++
		data, err := p.readLine()
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		if text := bytes.TrimSpace(data); len(text) > 0 {
			if err := p.object(data); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// readLine reads a line that is not longer than it may be.
func (p *parser) readLine() ([]byte, error) {
	var whole []byte
	for {
		part, err := p.in.ReadSlice('\n')
		if whole == nil && err != bufio.ErrBufferFull {
			return part, err
		}
		if whole = append(whole, part...); len(whole) > maxLine {
			return nil, &Error{p.line, 1, "", fmt.Sprintf("the line is longer than %d bytes", maxLine)}
		}
		if err != bufio.ErrBufferFull {
			return whole, err
		}
	}
}

func (p *parser) object(data []byte) error {
	if i := invalid(data); i >= 0 {
		return &Error{p.line, i + 1, "", "is not valid UTF-8"}
	}
	var l line
	if err := json.Unmarshal(data, &l); err != nil {
		var syntax *json.SyntaxError
		var kind *json.UnmarshalTypeError
		switch {
		case errors.As(err, &syntax):
			return &Error{p.line, min(max(int(syntax.Offset), 1), len(data)), "", "not JSON: " + syntax.Error()}
		case errors.As(err, &kind):
			return &Error{p.line, max(int(kind.Offset), 1), kind.Field, "is a JSON " + kind.Value + ", want " + wanted(kind.Field)}
		}
		return &Error{p.line, 1, "", err.Error()}
	}
	where := func(field string, _ int) (int, int) {
		return p.line, max(bytes.Index(data, []byte(`"`+field+`"`)), 0) + 1
	}
	kind, ok := kindOf(strings.TrimSpace(l.Kind))
	if !ok {
		line, at := where("kind", 0)
		return &Error{line, at, "kind", fmt.Sprintf(wrongKind, brief(l.Kind))}
	}
	id := string(l.ID)
	switch {
	case id == "" || id == "null":
		id = ""
	case id[0] == '"':
		json.Unmarshal(l.ID, &id) // valid: it is part of a value that was
	case id[0] != '-' && (id[0] < '0' || id[0] > '9'):
		line, at := where("id", 0)
		return &Error{line, at, "id", "want a string or a number"}
	}
	r := row{kind: kind, id: strings.TrimSpace(id), names: append([]string{strings.TrimSpace(l.Name)}, trimmed(l.Aliases)...), roles: trimmed(l.Roles)}
	return p.take(r, where)
}

func trimmed(list []string) []string {
	var out []string
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}

func wanted(field string) string {
	switch field {
	case "aliases", "roles":
		return "a list of strings"
	case "":
		return "an object"
	}
	return "a string"
}

// invalid is where bytes stop being UTF-8, or -1.
func invalid(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// brief shortens what an error repeats.
func brief(s string) string {
	const most = 60
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
