package archive

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"
)

// Files that are passed over because the work goes on behind them count as done.
func TestProgressGoesOn(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{"a.txt": "The first.", "b.txt": "The second one.", "c.txt": "The third."} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	read := func(from Position) Progress {
		s := Open([]string{dir}, Options{From: from})
		defer s.Close()
		for {
			d, err := s.Next(t.Context())
			if errors.Is(err, io.EOF) {
				return s.Progress()
			}
			if err != nil {
				t.Fatal(err)
			}
			d.Settle(t.Context(), nil)
		}
	}
	if p := read(Position{}); p.Before != 0 || p.Bytes != 35 {
		t.Errorf("all: %+v", p)
	}
	files := ""
	for _, name := range []string{"a.txt", "b.txt", "c.txt"} {
		files = chain(files, file{name: filepath.Join(dir, name)})
	}
	from := Position{File: 2, Passed: 2, Files: files}
	if p := read(from); p.Before != 25 || p.Bytes != 10 || p.Articles != 1 {
		t.Errorf("from the third file on: %+v", p)
	}
}
