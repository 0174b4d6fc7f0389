package archive

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

var (
	killArticles = flag.Int("kill.articles", 3000, "articles in the archive that is replayed and killed")
	killTimes    = flag.Int("kill.times", 4, "SIGKILLs")
)

// reader is an extractor that costs little, so that the test is about files.
func reader(a schema.Article) schema.Record {
	about, warnings := a.About()
	for i := 0; i < 4; i++ {
		schema.RecordID(a.Text, about.TextSHA256, "0000000000000000")
	}
	return schema.Record{
		Schema: schema.URI, ID: schema.RecordID(about.ID, about.TextSHA256, "0000000000000000"), Article: about,
		Offsets: schema.Offsets{Unit: "codepoint"}, Entities: []schema.Entity{}, Quotes: []schema.Quote{}, Warnings: append([]schema.Warning{}, warnings...),
		Extractor: schema.Extractor{Name: "test", Version: "1", Reader: "none", Fingerprint: "0000000000000000", Models: []schema.Model{}},
	}
}

func replay(in, out string, workers int) error {
	var o *Output
	var from Commit
	var err error
	if kind, form, ok := strings.Cut(filepath.Base(out), ".parts."); ok && kind != "" {
		o, from, err = ResumeParts(out, out+".dead.ndjson", in, Parts{Bytes: 1 << 18, Form: form, Partition: "month"})
	} else {
		o, from, err = Resume(out, out+".dead.ndjson", in)
	}
	if err != nil {
		return err
	}
	s := Open([]string{in}, Options{From: from.Position, Settled: o.Settled})
	defer s.Close()
	if _, err = pipeline.Run(context.Background(), pipeline.Config{Source: s, Extract: reader, Sink: o, Ordered: true, Workers: workers}); err != nil {
		return errors.Join(err, o.Leave())
	}
	return o.Close()
}

func TestMain(m *testing.M) {
	if in := os.Getenv("QUOTEWIRE_REPLAY"); in != "" { // the process that is killed
		workers, _ := strconv.Atoi(os.Getenv("QUOTEWIRE_WORKERS"))
		if err := replay(in, os.Getenv("QUOTEWIRE_OUT"), workers); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// made is an archive of three files: WARC.gz, tar.zst of JSON, NDJSON, with articles that are bad.
func made(t *testing.T, n int) string {
	dir := filepath.Join(t.TempDir(), "in")
	body := func(i int) string {
		return strings.Repeat(fmt.Sprintf("“Number %d will sail,” said Mayor Iris Pell of Marlhaven. ", i), 20+i%30)
	}
	var warc bytes.Buffer
	var members []string
	var lines strings.Builder
	for i := range n {
		switch {
		case i%3 == 0:
			warc.Write(gzipped(warcOf("conversion", "Content-Type: text/plain\r\n", body(i))))
		case i%3 == 1 && i%20 == 1:
			members = append(members, `{"id": 7`)
		case i%3 == 1:
			members = append(members, fmt.Sprintf(`{"id":"m%d","date":"2024-0%d-03","text":%q}`, i, 1+i%4, body(i)))
		case i%50 == 2:
			lines.WriteString("{\"id\":\"bad\"}\n")
		default:
			fmt.Fprintf(&lines, "{\"id\":\"l%d\",\"date\":\"2024-0%d-03\",\"text\":%q}\n", i, 1+i%4, body(i))
		}
	}
	write(t, filepath.Join(dir, "a.warc.gz"), warc.Bytes())
	var tars [][]byte
	for i := 0; i < len(members); i += 500 {
		var b []string
		b = append(b, members[i:min(i+500, len(members))]...)
		tars = append(tars, []byte(strings.Join(b, "\n")))
	}
	for i, m := range tars {
		write(t, filepath.Join(dir, fmt.Sprintf("b%04d.tar.zst", i)), zstandard(string(tarOf(member("x.ndjson", string(m))))))
	}
	write(t, filepath.Join(dir, "c.ndjson"), []byte(lines.String()))
	return dir
}

// A replay that is killed at any moment, by SIGKILL, and begun again by any number of workers, writes the same bytes
// as one that is left alone. With flags for a large one:
//
//	go test ./pipeline/archive -run Killed -kill.articles 100000 -kill.times 20 -v
func TestKilled(t *testing.T) {
	in := made(t, *killArticles)
	dir := t.TempDir()
	for _, suffix := range []string{"", ".gz", ".zst", ".parts.parquet", ".parts.ndjson.zst"} {
		want := filepath.Join(dir, "want.ndjson"+suffix)
		began := time.Now()
		if err := replay(in, want, 2); err != nil {
			t.Fatal(err)
		}
		whole := time.Since(began)
		got := filepath.Join(dir, "got.ndjson"+suffix)
		kills, starts := 0, 0
		for {
			starts++
			c := exec.Command(os.Args[0])
			c.Env = append(os.Environ(), "QUOTEWIRE_REPLAY="+in, "QUOTEWIRE_OUT="+got, fmt.Sprint("QUOTEWIRE_WORKERS=", 1+starts%4))
			var said bytes.Buffer
			c.Stderr = &said
			if err := c.Start(); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- c.Wait() }()
			after := whole * 10
			if kills < *killTimes {
				after = 30*time.Millisecond + time.Duration(rand.Int64N(int64(whole)*2/int64(*killTimes)+1))
			}
			select {
			case err := <-done:
				if err != nil {
					t.Fatalf("start %d: %v: %s", starts, err, said.String())
				}
			case <-time.After(after):
				c.Process.Kill()
				<-done
				kills++
				continue
			}
			break
		}
		for _, name := range []string{"", ".dead.ndjson"} {
			a, errA := allOf(want + name)
			b, errB := allOf(got + name)
			if errA != nil || errB != nil || !bytes.Equal(a, b) {
				t.Fatalf("%s: %d and %d bytes differ (%v, %v)", suffix+name, len(a), len(b), errA, errB)
			}
		}
		if _, err := os.Stat(got + ".journal"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the journal is still there: %v", err)
		}
		t.Logf("ndjson%s: %d articles, undisturbed %s; %d kills, %d starts: the same bytes", suffix, *killArticles, whole.Round(time.Millisecond), kills, starts)
	}
}

// Killed between the commit of a part and the end of its spool, a replay leaves nothing of that behind.
func TestSpoolLeft(t *testing.T) {
	t.Chdir(t.TempDir())
	record := reader(schema.Article{ID: "a", Text: "Text."})
	resume := func() *Output {
		o, _, err := ResumeParts("out", "", "run", Parts{Bytes: 1})
		if err != nil {
			t.Fatal(err)
		}
		return o
	}
	settle := func(o *Output) {
		if err := errors.Join(o.Put(t.Context(), record, pipeline.Origin{}), o.Settled(pipeline.Delivery{}, Position{Done: 1}, nil)); err != nil {
			t.Fatal(err)
		}
	}
	o := resume()
	settle(o)
	o.mu.Lock()
	err := o.save() // makes part 0
	o.mu.Unlock()
	if err := errors.Join(err, o.Leave()); err != nil {
		t.Fatal(err)
	}
	write(t, "out/.part-00000.partial", []byte("{}\n"))
	o = resume()
	settle(o)
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	hidden, _ := filepath.Glob("out/.*")
	parts, _ := filepath.Glob("out/articles/*.parquet")
	if len(hidden) != 0 || len(parts) != 2 {
		t.Errorf("left behind %q; parts %q", hidden, parts)
	}
}

// allOf is the bytes of a file, or of all files in a folder with their names.
func allOf(path string) (all []byte, err error) {
	err = filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(p)
		all = append(append(all, strings.TrimPrefix(p, path)+"\n"...), data...)
		return err
	})
	return all, err
}

func TestOtherRun(t *testing.T) {
	t.Chdir(t.TempDir())
	o, _, err := Resume("out", "", "one")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := Resume("out", "", "one"); !errors.Is(err, fs.ErrExist) {
		t.Errorf("a second process got in: %v", err)
	}
	if err := o.Leave(); err != nil {
		t.Fatal(err)
	}
	if _, _, err := Resume("out", "", "two"); !errors.Is(err, ErrOtherRun) {
		t.Errorf("another run: %v", err)
	}
}

// Dead articles can be replayed: what was delivered comes out of their letters again.
func TestDeadAgain(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "in", []byte("{\"id\":1\n{\"id\":\"b\"}\n{\"id\":\"c\",\"text\":\"caf\xe9\"}\n{\"id\":\"d\",\"text\":\"Good.\"}\n"))
	if err := replay("in", "out", 1); err != nil {
		t.Fatal(err)
	}
	got, failed := readAll(t, Options{}, "out.dead.ndjson")
	want := []string{`out.dead.ndjson:1 {"id":1`, `out.dead.ndjson:2 {"id":"b"}`, "out.dead.ndjson:3 {\"id\":\"c\",\"text\":\"caf\xe9\"}"}
	if fmt.Sprint(got) != fmt.Sprint(want) || failed != nil {
		t.Errorf("%q %q", got, failed)
	}
}

func TestLimitAndSample(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	for i := range 2000 {
		fmt.Fprintf(&b, "{\"a\":%d}\n", i)
	}
	write(t, "in", []byte(b.String()))
	if got, _ := readAll(t, Options{Limit: 7}, "in", "in"); len(got) != 7 {
		t.Errorf("%d articles, want 7", len(got))
	}
	got, _ := readAll(t, Options{Sample: 0.1}, "in")
	if len(got) < 150 || len(got) > 250 {
		t.Errorf("%d articles of 2000, want about 200", len(got))
	}
	again, _ := readAll(t, Options{Sample: 0.1}, "in")
	if fmt.Sprint(got) != fmt.Sprint(again) {
		t.Error("another sample the second time")
	}
}
