package archive

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"io"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
)

func TestSource(t *testing.T) {
	pipelinetest.TestSource(t, func(t *testing.T, articles [][]byte) pipelinetest.SourceUnderTest {
		file := filepath.Join(t.TempDir(), "articles.ndjson.zst")
		write(t, file, zstandard(string(bytes.Join(articles, []byte("\n")))))
		var dead [][]byte
		s := Open([]string{file}, Options{Delay: 30 * time.Millisecond, Failed: func(from pipeline.Origin, _ error) {
			dead = append(dead, articles[from.Line-1])
		}})
		return pipelinetest.SourceUnderTest{
			Source: s, Ends: true, Repeats: true,
			Dead:  func(*testing.T) [][]byte { s.failing.Lock(); defer s.failing.Unlock(); return dead },
			Close: func(context.Context) error { return s.Close() },
		}
	})
}

func TestSink(t *testing.T) {
	pipelinetest.TestSink(t, func(t *testing.T) pipelinetest.SinkUnderTest {
		var b bytes.Buffer
		return pipelinetest.SinkUnderTest{
			Sink: NewWriter(&b),
			Records: func(*testing.T) [][]byte {
				var records [][]byte
				for line := range bytes.Lines(b.Bytes()) {
					records = append(records, bytes.TrimSuffix(line, []byte("\n")))
				}
				return records
			},
		}
	})
}

// endless is an archive of any size that nobody has to keep.
type endless struct {
	head, part, tail string
	n                int // parts still to come
	rest             string
	begun            bool
}

func (e *endless) Read(p []byte) (int, error) {
	for e.rest == "" {
		switch {
		case !e.begun:
			e.begun, e.rest = true, e.head
		case e.n > 0:
			e.n--
			e.rest = e.part
		case e.tail != "":
			e.rest, e.tail = e.tail, ""
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, e.rest)
	e.rest = e.rest[n:]
	return n, nil
}

// live is the bytes of the heap that are in use, garbage not counted: when that goes is no business of these tests.
func live() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

var memoryMB = flag.Int("memory.mb", 512, "megabytes of each archive that TestMemory reads")

// Half a gigabyte passes through a few megabytes of memory, be it many articles or one that never ends. With a flag for
// more:
//
//	go test ./pipeline/archive -run Memory/a_long_line -memory.mb 5120 -v
func TestMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 2 GB")
	}
	size := *memoryMB << 20
	line := `{"id":"x","text":"` + strings.Repeat("The ferry did not sail. ", 170) + `"}`
	word := strings.Repeat("x", 1<<16)
	for name, c := range map[string]struct {
		r        *endless
		articles int
		failed   int
	}{
		"lines":        {&endless{part: line + "\n", n: size / len(line)}, size / len(line), 0},
		"array":        {&endless{head: "[" + line, part: ",\n" + line, n: size / len(line), tail: "]"}, size/len(line) + 1, 0},
		"a long line":  {&endless{head: line + "\n" + `{"text":"`, part: word, n: size / len(word), tail: "\"}\n" + line}, 2, 1},
		"a long value": {&endless{head: "[" + line + ",\n" + `{"text":"`, part: word, n: size / len(word), tail: "\"},\n" + line + "]"}, 2, 1},
		"a long text":  {&endless{part: word, n: size / len(word)}, 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			before := live()
			s := Open([]string{"-"}, Options{Stdin: c.r, MaxArticle: 4 << 20})
			defer s.Close()
			articles, failed, most := 0, 0, int64(0)
			for i := 0; ; i++ {
				d, err := s.Next(t.Context())
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatal(err)
				}
				if d.Err != nil {
					failed++
				} else {
					articles++
				}
				if err := d.Settle(t.Context(), d.Err); err != nil {
					t.Fatal(err)
				}
				if i%5000 == 0 || d.Err != nil {
					most = max(most, live()-before)
				}
			}
			if articles != c.articles || failed != c.failed {
				t.Errorf("%d articles, %d failures; want %d, %d", articles, failed, c.articles, c.failed)
			}
			if most > 64<<20 {
				t.Errorf("%d MB of memory", most>>20)
			}
			t.Logf("%d articles, at most %d MB", articles, most>>20)
		})
	}
}
