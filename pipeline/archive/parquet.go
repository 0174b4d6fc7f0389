package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/quotewire/quotewire/schema"
)

// parquetRows reads Parquet: each row becomes a JSON object of the columns that may be an article's fields, under their names.
// A column of strings, numbers, dates or times gives a value; a structure an object; a list of strings a list; a list of
// structures with a name (authors) a list of the names. What else lies in structures, in lists or maps, one deep, counts
// if the user names it (text=story.body). Whatever is nested more is passed over; a file without any text that can be
// read is an error, which names what there is. Columns that are not wanted are not read.
type parquetRows struct {
	groups  []parquet.RowGroup
	columns []parquetColumn // by leaf
	wanted  []int           // of them
	rows    parquet.RowReadSeekCloser
	buffer  []parquet.Row
	ready   []parquet.Row
	n       int
	done    func()
}

type parquetColumn struct {
	name string   // of the top-level column
	in   []string // names below it, of a structure
	list bool
	text func(parquet.Value) any
}

func newParquet(c content, r *bufio.Reader, fields schema.Fields) (s splitter, err error) {
	f, size, done, err := seekable(c, r)
	if err != nil {
		return nil, err
	}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("the Parquet file is broken: %v", p)
		}
		if err != nil {
			done()
		}
	}()
	file, err := parquet.OpenFile(f, size, parquet.SkipPageIndex(true), parquet.SkipBloomFilters(true), parquet.ReadBufferSize(bufferSize))
	if err != nil {
		return nil, fmt.Errorf("the Parquet file cannot be read: %w", err)
	}
	p := &parquetRows{groups: file.RowGroups(), buffer: make([]parquet.Row, 16), done: done}
	leaves := map[string]int{} // of each top-level column
	for _, path := range file.Schema().Columns() {
		leaves[path[0]]++
	}
	text := false // there is a column for it
	for i, path := range file.Schema().Columns() {
		leaf, _ := file.Schema().Lookup(path...)
		names := withoutLists(path)
		single := leaf.MaxRepetitionLevel == 0
		column := parquetColumn{name: path[0], list: !single, text: valueOf(leaf.Node)}
		switch own := ownName(strings.Join(names, "."), fields); {
		case own && leaf.MaxRepetitionLevel <= 1, single && len(path) > 1 && isWanted(path[0], fields):
			column.in = names[1:]
		case isWanted(path[0], fields) && (single || leaf.MaxRepetitionLevel == 1 && (leaves[path[0]] == 1 || path[len(path)-1] == "name")):
		default:
			p.columns = append(p.columns, column)
			continue
		}
		text = text || serves(path[0], "text", fields)
		p.wanted, p.columns = append(p.wanted, i), append(p.columns, column)
	}
	if !text {
		return nil, fmt.Errorf("no column of the Parquet file is known to hold the text; name one with --field text=NAME; it has %s", columnsOf(file.Schema()))
	}
	return p, nil
}

// withoutLists leaves the groups out that only make a list or a map of what is below them.
func withoutLists(path []string) (names []string) {
	for i := 0; i < len(path); i++ {
		rest := path[i:]
		switch {
		case i > 0 && len(rest) > 1 && (rest[0] == "list" && (rest[1] == "element" || rest[1] == "item") || rest[0] == "bag" && rest[1] == "array_element"):
			i++
		case i > 0 && (rest[0] == "key_value" && len(rest) > 1 || rest[0] == "array" && len(rest) == 1):
		default:
			names = append(names, rest[0])
		}
	}
	return names
}

// columnsOf lists the columns that may hold text, with what stands in the way of reading them.
func columnsOf(s *parquet.Schema) string {
	var all []string
	for _, path := range s.Columns() {
		leaf, _ := s.Lookup(path...)
		if kind := leaf.Node.Type().Kind(); kind != parquet.ByteArray && kind != parquet.FixedLenByteArray {
			continue
		}
		name := schema.Valid(strings.Join(withoutLists(path), "."))
		if leaf.MaxRepetitionLevel > 1 {
			name += " (a list within a list: not read)"
		}
		if len(all) == 20 {
			return strings.Join(all, ", ") + " …"
		}
		all = append(all, name)
	}
	if all == nil {
		return "no column of strings"
	}
	return strings.Join(all, ", ")
}

func ownName(path string, fields schema.Fields) bool {
	for _, own := range fields {
		if own == path {
			return true
		}
	}
	return false
}

func isWanted(name string, fields schema.Fields) bool {
	return slices.ContainsFunc(schema.ArticleFields(), func(field string) bool { return serves(name, field, fields) })
}

// serves reports whether a top-level column may be, or hold, an article's field.
func serves(name, field string, fields schema.Fields) bool {
	if own := fields[field]; own != "" {
		return own == name || strings.HasPrefix(own, name+".")
	}
	return slices.Contains(schema.Customary(field), name)
}

// valueOf says how the values of a column are written.
func valueOf(n parquet.Node) func(parquet.Value) any {
	if t := n.Type().LogicalType(); t != nil {
		switch t := t.Value.(type) {
		case *format.UUIDType:
			return func(v parquet.Value) any {
				b := v.ByteArray()
				if len(b) != 16 {
					return utf8Of(string(b))
				}
				return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
			}
		case *format.DateType:
			return func(v parquet.Value) any {
				return time.Unix(int64(v.Int32())*86400, 0).UTC().Format(time.DateOnly)
			}
		case *format.TimestampType:
			since := time.UnixMilli
			switch t.Unit.Value.(type) {
			case *format.MicroSeconds:
				since = time.UnixMicro
			case *format.NanoSeconds:
				since = func(n int64) time.Time { return time.Unix(0, n) }
			}
			return func(v parquet.Value) any { return since(v.Int64()).UTC().Format(time.RFC3339Nano) }
		}
	}
	switch n.Type().Kind() {
	case parquet.Int32:
		return func(v parquet.Value) any { return v.Int32() }
	case parquet.Int64:
		return func(v parquet.Value) any { return v.Int64() }
	case parquet.Float:
		return func(v parquet.Value) any { return v.Float() }
	case parquet.Double:
		return func(v parquet.Value) any { return v.Double() }
	case parquet.Boolean:
		return func(v parquet.Value) any { return v.Boolean() }
	case parquet.Int96: // how Spark and Hive once wrote times: nanoseconds of the day, Julian day
		return func(v parquet.Value) any {
			i := v.Int96()
			return time.Unix((int64(i[2])-2440588)*86400, int64(uint64(i[1])<<32|uint64(i[0]))).UTC().Format(time.RFC3339Nano)
		}
	}
	return func(v parquet.Value) any { return utf8Of(string(v.ByteArray())) }
}

func (p *parquetRows) next() (a article, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("the Parquet file is broken after row %d: %v", p.n, r)
		}
		if err != nil {
			if p.rows != nil {
				p.rows.Close()
				p.rows = nil
			}
			p.done()
		}
	}()
	for len(p.ready) == 0 {
		if p.rows == nil {
			if len(p.groups) == 0 {
				return a, io.EOF
			}
			var chunks []parquet.ColumnChunk
			all := p.groups[0].ColumnChunks()
			for _, i := range p.wanted {
				chunks = append(chunks, all[i])
			}
			p.rows, p.groups = parquet.NewColumnChunkRowReader(chunks), p.groups[1:]
		}
		n, err := p.rows.ReadRows(p.buffer)
		p.ready = p.buffer[:n]
		if err != nil && !errors.Is(err, io.EOF) {
			return a, fmt.Errorf("the Parquet file is broken after row %d: %w", p.n, err)
		}
		if n == 0 {
			p.rows.Close()
			p.rows = nil
		}
	}
	row := p.ready[0]
	p.ready = p.ready[1:]
	p.n++
	object := map[string]any{}
	for _, v := range row {
		column := p.columns[v.Column()]
		if !v.IsNull() {
			set(object, column.name, column.in, column.list, column.text(v))
		}
	}
	a.data, err = json.Marshal(object)
	a.contentType, a.item = contentTypeJSON, p.n
	return a, err
}

// set sets a value, or adds one to a list, inside objects that are made if need be.
func set(object map[string]any, name string, in []string, add bool, value any) {
	for ; len(in) > 0; name, in = in[0], in[1:] {
		inner, ok := object[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		object = inner
	}
	if add {
		list, _ := object[name].([]any)
		object[name] = append(list, value)
		return
	}
	object[name] = value
}
