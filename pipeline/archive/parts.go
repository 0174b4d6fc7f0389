package archive

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/quotewire/quotewire/schema"
)

// Parts say how records are laid into a folder: in numbered parts, each of which appears whole or not at all. Parquet is
// three flat tables, articles, entities and quotes, each a folder that DuckDB, Spark and pandas read as one; they join on
// record_id. NDJSON is the records themselves.
type Parts struct {
	Bytes     int64  // of records as JSON in one part; 0: 64 MiB
	Partition string // "year" or "month": a folder month=2024-05 for each; empty: none
	Form      string // the end of a part's name: parquet, ndjson, ndjson.gz or ndjson.zst; empty: parquet
}

const defaultPart = 64 << 20

// partition is the folder of a record, empty where there are none.
func (p *Parts) partition(r *schema.Record) string {
	layout := map[string]string{"year": "2006", "month": "2006-01"}[p.Partition] // the name is no column of the tables
	if layout == "" {
		return ""
	}
	if at := timeOf(r.Article.PublishedAt); at != nil {
		return p.Partition + "=" + at.Format(layout)
	}
	return p.Partition + "=unknown"
}

func (p *Parts) tables() bool { return p.Form == "" || p.Form == "parquet" }

// write makes the files of part n out of a spool of records, and the same ones if it is called again: a part is there for
// good only when its journal says so. The rows of tables are those of the spool, if they are at hand: to read it back
// costs more than all the rest.
func (p *Parts) write(dir string, n int, spool string, known rows) error {
	if p.tables() {
		if known == nil {
			known = rows{}
			if err := eachLine(spool, func(line []byte) error {
				var r schema.Record
				if err := json.Unmarshal(line, &r); err != nil {
					return fmt.Errorf("%s: %w", spool, err)
				}
				known.add(p.partition(&r), &r)
				return nil
			}); err != nil {
				return err
			}
		}
		for _, key := range slices.Sorted(maps.Keys(known)) {
			if err := known[key].writeTables(dir, key, fmt.Sprintf("part-%05d.parquet", n)); err != nil {
				return err
			}
		}
		return nil
	}
	texts := map[string]*text{}
	defer func() {
		for _, t := range texts {
			t.f.Close()
		}
	}()
	if err := eachLine(spool, func(line []byte) error {
		var r schema.Record
		if p.Partition != "" { // else the line is all that is wanted
			if err := json.Unmarshal(line, &r); err != nil {
				return fmt.Errorf("%s: %w", spool, err)
			}
		}
		key := p.partition(&r)
		if texts[key] == nil {
			t, err := newText(filepath.Join(dir, key, fmt.Sprintf("part-%05d.%s", n, p.Form)))
			if err != nil {
				return err
			}
			texts[key] = t
		}
		return texts[key].add(line)
	}); err != nil {
		return err
	}
	for _, key := range slices.Sorted(maps.Keys(texts)) {
		if err := texts[key].finish(); err != nil {
			return err
		}
	}
	return nil
}

func eachLine(path string, do func([]byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	for in := bufio.NewReaderSize(f, bufferSize); ; {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) && len(line) == 0 {
			return nil
		}
		if err == nil {
			err = do(line)
		}
		if err != nil {
			return err
		}
	}
}

// rows are the rows of a part, by partition.
type rows map[string]*part

func (w rows) add(partition string, r *schema.Record) {
	if w[partition] == nil {
		w[partition] = new(part)
	}
	w[partition].add(r)
}

// A text is a part as NDJSON.
type text struct{ spool }

func newText(path string) (*text, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	s, err := openSpool(path, Commit{})
	return &text{s}, err
}

func (t *text) add(line []byte) error {
	t.block.Write(line)
	if t.block.Len() < blockBytes {
		return nil
	}
	return t.flush()
}

func (t *text) finish() error {
	if err := t.flush(); err != nil {
		return err
	}
	return t.spool.finish()
}
