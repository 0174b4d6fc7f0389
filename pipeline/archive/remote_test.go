package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/remote"
)

// A site serves files with ranges, and counts what it sends. Files whose name begins with "missing" break off for good.
type site struct {
	files map[string][]byte
	mu    sync.Mutex
	sent  map[string]int
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(r.URL.Path, "/")
	s.mu.Lock()
	data, ok := s.files[name]
	s.mu.Unlock()
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprint(len(data))))
	http.ServeContent(&counting{w, s, name}, r, "", time.Time{}, bytes.NewReader(data))
}

type counting struct {
	http.ResponseWriter
	s    *site
	name string
}

func (c *counting) Write(p []byte) (int, error) {
	c.s.mu.Lock()
	c.s.sent[c.name] += len(p)
	c.s.mu.Unlock()
	return c.ResponseWriter.Write(p)
}

func open(t *testing.T, files map[string][]byte) (*site, string) {
	t.Helper()
	s := &site{files: files, sent: map[string]int{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL + "/"
}

// Files elsewhere are read as if they lay here: told by content, packed, and those that are read from their end.
func TestElsewhere(t *testing.T) {
	type row struct {
		Text string `parquet:"text"`
	}
	var rows bytes.Buffer
	if err := parquet.Write(&rows, []row{{"A."}, {"B."}}); err != nil {
		t.Fatal(err)
	}
	_, at := open(t, map[string][]byte{
		"a.gz": gzipped("{\"a\":1}\n{\"a\":2}\n"), "b": zipOf("x.json", `{"a":3}`, "y.txt", "Text."), "c": rows.Bytes(), "d.json": []byte(`{"a":4}`),
	})
	got, failed := readAll(t, Options{}, at+"a.gz", at+"b", at+"nowhere", at+"c", at+"d.json")
	want := []string{"a.gz:1 {\"a\":1}", "a.gz:2 {\"a\":2}", "b!x.json:1 {\"a\":3}", "b!y.txt Text.", `c#1 {"text":"A."}`, `c#2 {"text":"B."}`, `d.json:1 {"a":4}`}
	for i := range want {
		want[i] = at + want[i]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{at + "nowhere: the server answers 404 Not Found"}, failed); diff != "" {
		t.Errorf("failures (-want +got):\n%s", diff)
	}
	if size, files := Size(t.Context(), []string{at + "a.gz", at + "d.json"}); files != 2 || size != int64(len(gzipped("{\"a\":1}\n{\"a\":2}\n"))+7) {
		t.Errorf("%d bytes in %d files", size, files)
	}
}

// Of Parquet elsewhere only the columns that are wanted travel.
func TestParquetColumns(t *testing.T) {
	type row struct {
		Title string `parquet:"title"`
		Page  []byte `parquet:"page"` // nothing that an article has
		Text  string `parquet:"text"`
	}
	var rows []row
	noise := []byte(incompressible(120))
	for i := range 2000 {
		copy(noise, fmt.Sprint(i))
		rows = append(rows, row{fmt.Sprint("Title ", i), bytes.Clone(noise), fmt.Sprint("Text ", i)})
	}
	var b bytes.Buffer
	if err := parquet.Write(&b, rows, parquet.MaxRowsPerRowGroup(1000)); err != nil {
		t.Fatal(err)
	}
	s, at := open(t, map[string][]byte{"f": b.Bytes()})
	got, failed := readAll(t, Options{}, at+"f")
	if len(got) != 2000 || failed != nil || got[1999] != at+`f#2000 {"text":"Text 1999","title":"Title 1999"}` {
		t.Fatalf("%d articles, %q, the last %q", len(got), failed, got[len(got)-1:])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if all := b.Len(); all < 8<<20 || s.sent["f"] > all/2 {
		t.Errorf("%d of %d bytes were sent", s.sent["f"], all)
	}
	t.Logf("%d of %d bytes were sent", s.sent["f"], b.Len())
}

// A server that gives no parts is asked for a file that is read from its end once more, and not for each part of it.
func TestNoParts(t *testing.T) {
	data := storedZip(t, "big.txt", incompressible(120000), "good.json", `{"a":1}`)
	var gets atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			gets.Add(1)
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Write(data)
	}))
	defer server.Close()
	got, failed := readAll(t, Options{}, server.URL+"/f")
	if len(got) != 120001 || failed != nil || gets.Load() > 2 || len(data) < 4<<20 {
		t.Errorf("%d articles of %d bytes in %d requests, %q", len(got), len(data), gets.Load(), failed)
	}
}

// A replay that lost its connection ends there, blames no article, and goes on to the same bytes.
func TestLostConnection(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&b, "{\"id\":\"%d\",\"text\":\"“No %d,” said Iris Pell.\"}\n", i, i)
	}
	var broken atomic.Bool
	files := map[string][]byte{"a.ndjson": []byte(b.String()), "b.json": []byte(`{"id":"b","text":"The end."}`)}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		data := files[strings.TrimPrefix(r.URL.Path, "/")]
		w.Header().Set("ETag", `"1"`)
		if broken.Load() && r.Method == http.MethodGet {
			if r.Header.Get("Range") != "" {
				panic(http.ErrAbortHandler)
			}
			w.Header().Set("Content-Length", fmt.Sprint(len(data)))
			w.Write(data[:len(data)/2])
			panic(http.ErrAbortHandler)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}))
	defer server.Close()
	paths := []string{server.URL + "/a.ndjson", server.URL + "/b.json"}
	run := func(out string) error {
		o, from, err := Resume(out, "", "run")
		if err != nil {
			return err
		}
		s := Open(paths, Options{From: from.Position, Settled: o.Settled, Patience: remote.Patience{Tries: 3, Delay: time.Millisecond, Stall: time.Second}})
		defer s.Close()
		sum, err := pipeline.Run(t.Context(), pipeline.Config{Source: s, Extract: reader, Sink: o, Ordered: true, Workers: 2})
		if sum.Dead > 0 {
			t.Errorf("%d articles were blamed", sum.Dead)
		}
		if err != nil {
			return errors.Join(err, o.Leave())
		}
		return o.Close()
	}
	if err := run("want"); err != nil {
		t.Fatal(err)
	}
	broken.Store(true)
	if err := run("got"); !errors.Is(err, ErrLost) || !strings.Contains(err.Error(), paths[0]) {
		t.Fatalf("the error is %v", err)
	}
	broken.Store(false)
	if err := run("got"); err != nil {
		t.Fatal(err)
	}
	want, _ := os.ReadFile("want")
	got, _ := os.ReadFile("got")
	if len(want) == 0 || !bytes.Equal(want, got) {
		t.Errorf("%d bytes, want %d", len(got), len(want))
	}
}

// What is gone on with must be what was read before: told by the files, and where they say nothing by the articles.
func TestOtherInput(t *testing.T) {
	lines := func(n int, first string) string {
		var b strings.Builder
		fmt.Fprintf(&b, "{\"a\":%q}\n", first)
		for i := range n {
			fmt.Fprintf(&b, "{\"a\":%d}\n", i)
		}
		return b.String()
	}
	settle := func(stdin string, from Position, recall bool, n int) (got []string, at Position, err error) {
		s := Open([]string{"-"}, Options{Stdin: strings.NewReader(stdin), From: from, Recall: recall,
			Settled: func(_ pipeline.Delivery, p Position, _ error) error { at = p; return nil }})
		defer s.Close()
		for len(got) < n {
			d, err := s.Next(t.Context())
			if err != nil {
				return got, at, err
			}
			line := string(d.Data)
			if d.Recall {
				line += " again"
			}
			got = append(got, line)
			d.Settle(t.Context(), nil)
		}
		return got, at, nil
	}
	_, at, err := settle(lines(9, "x"), Position{}, false, 3)
	if err != nil || at.Done != 3 {
		t.Fatal(at, err)
	}
	for _, c := range []struct {
		name, stdin string
		recall      bool
		want        string
		failed      bool
	}{
		{name: "the same", stdin: lines(4, "x"), want: `[{"a":2} {"a":3}]`},
		{name: "the same, recalled", stdin: lines(4, "x"), recall: true, want: `[{"a":"x"} again {"a":0} again {"a":1} again {"a":2} {"a":3}]`},
		{name: "another article", stdin: lines(4, "y"), want: "[]", failed: true},
		{name: "another article, recalled", stdin: lines(4, "y"), recall: true, want: `[{"a":"y"} again {"a":0} again]`, failed: true},
		{name: "fewer articles", stdin: lines(1, "x"), want: "[]", failed: true},
		{name: "nothing", stdin: "", want: "[]", failed: true},
	} {
		got, _, err := settle(c.stdin, at, c.recall, 100)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%s: %v, want %s", c.name, got, c.want)
		}
		if c.failed != errors.Is(err, ErrOtherInput) || !c.failed && !errors.Is(err, io.EOF) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

// A stream is gone on with by its sequence, and ends where it ended when the work began.
func TestMessages(t *testing.T) {
	var asked []string
	read := func(_ context.Context, after, last uint64) iter.Seq2[pipeline.Delivery, error] {
		asked = append(asked, fmt.Sprintf("%d-%d", after, last))
		return func(yield func(pipeline.Delivery, error) bool) {
			for seq := after + 1; seq <= last; seq++ {
				if seq%4 == 0 { // deleted
					continue
				}
				if !yield(pipeline.Delivery{Data: fmt.Appendf(nil, `{"n":%d}`, seq), From: pipeline.Origin{Stream: "S", Sequence: seq}}, nil) {
					return
				}
			}
			if last == 99 {
				yield(pipeline.Delivery{}, errors.New("no connection"))
			}
		}
	}
	run := func(o Options, n int) (got []string, at Position, err error) {
		o.Settled = func(_ pipeline.Delivery, p Position, _ error) error { at = p; return nil }
		s := OpenMessages(read, o)
		defer s.Close()
		for len(got) < n {
			d, err := s.Next(t.Context())
			if err != nil {
				return got, at, err
			}
			got = append(got, strings.TrimSuffix(fmt.Sprintf("%v%v", d.From.Sequence, d.Recall), "false"))
			d.Settle(t.Context(), nil)
		}
		return got, at, nil
	}
	got, at, err := run(Options{From: Position{Last: 9}}, 4)
	if fmt.Sprint(got) != "[1 2 3 5]" || err != nil || at.Sequence != 5 || at.Last != 9 || at.Passed != 4 {
		t.Fatal(got, at, err)
	}
	if got, _, err := run(Options{From: at}, 100); fmt.Sprint(got) != "[6 7 9]" || err != io.EOF {
		t.Error(got, err)
	}
	if got, end, err := run(Options{From: at, Recall: true, Limit: 6}, 100); fmt.Sprint(got) != "[1true 2true 3true 5true 6 7]" || err != io.EOF || end.Passed != 6 || end.Sequence != 7 {
		t.Error(got, end, err)
	}
	if want := "[0-9 5-9 0-9]"; fmt.Sprint(asked) != want {
		t.Errorf("asked for %v, want %s", asked, want)
	}
	if got, _, err := run(Options{From: Position{Sequence: 96, Last: 99}}, 100); fmt.Sprint(got) != "[97 98 99]" || err == nil || err.Error() != "no connection" {
		t.Error(got, err)
	}
}
