package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"

	"github.com/quotewire/quotewire/schema"
)

// parquetRows reads Parquet: each row becomes a JSON object of the columns that may be an article's fields, under their names.
// A column of strings, numbers, dates or times gives a value; a list of strings a list; a list of structures with a
// name (authors) a list of the names; what lies in a structure counts if the user names it (text=story.body). Whatever
// else is nested is passed over. Columns that are not wanted are not read.
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
	for i, path := range file.Schema().Columns() {
		leaf, _ := file.Schema().Lookup(path...)
		column := parquetColumn{name: path[0], list: leaf.MaxRepetitionLevel > 0, text: valueOf(leaf.Node)}
		switch {
		case leaf.MaxRepetitionLevel == 0 && len(path) > 1:
			if !ownName(strings.Join(path, "."), fields) {
				break
			}
			column.in = path[1:]
			p.wanted = append(p.wanted, i)
		case isWanted(path[0], fields) && (len(path) == 1 || leaf.MaxRepetitionLevel == 1 && (leaves[path[0]] == 1 || path[len(path)-1] == "name")):
			p.wanted = append(p.wanted, i)
		}
		p.columns = append(p.columns, column)
	}
	if len(p.wanted) == 0 {
		return nil, errors.New("no column of the Parquet file has a name that an article's field may have; give it: --field text=NAME")
	}
	return p, nil
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
	for _, field := range schema.ArticleFields() {
		if own := fields[field]; own == name || strings.HasPrefix(own, name+".") {
			return true
		}
		for _, c := range schema.Customary(field) {
			if c == name {
				return true
			}
		}
	}
	return false
}

// valueOf says how the values of a column are written.
func valueOf(n parquet.Node) func(parquet.Value) any {
	if t := n.Type().LogicalType(); t != nil {
		switch t := t.Value.(type) {
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
		switch {
		case v.IsNull():
		case column.in != nil:
			setIn(object, column.name, column.in, column.text(v))
		case column.list:
			list, _ := object[column.name].([]any)
			object[column.name] = append(list, column.text(v))
		default:
			object[column.name] = column.text(v)
		}
	}
	a.data, err = json.Marshal(object)
	a.contentType, a.item = contentTypeJSON, p.n
	return a, err
}

// setIn sets a value inside objects that are made if need be.
func setIn(object map[string]any, name string, in []string, value any) {
	for ; len(in) > 0; name, in = in[0], in[1:] {
		inner, ok := object[name].(map[string]any)
		if !ok {
			inner = map[string]any{}
			object[name] = inner
		}
		object = inner
	}
	object[name] = value
}
