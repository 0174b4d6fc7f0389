package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

func put(t *testing.T, w *Writer, ids ...string) {
	t.Helper()
	for _, id := range ids {
		if err := w.Put(context.Background(), schema.Record{ID: id}, pipeline.Origin{}); err != nil {
			t.Fatal(err)
		}
	}
}

// What was written comes back through a Source, whatever the compression, and only after Close.
func TestCreate(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"out.ndjson", "out.ndjson.gz", "out.ndjson.zst"} {
		write(t, name, []byte("what was there before"))
		w, err := Create(name)
		if err != nil {
			t.Fatal(err)
		}
		put(t, w, "one", "two")
		if b, _ := os.ReadFile(name); string(b) != "what was there before" {
			t.Errorf("%s changed before Close", name)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		got, failed := readAll(t, Options{}, name)
		if len(got) != 2 || failed != nil || !strings.Contains(got[0], `"one"`) || !strings.Contains(got[1], `"two"`) {
			t.Errorf("%s: %q %q", name, got, failed)
		}
		if _, err := os.Stat(name + Unfinished); err == nil {
			t.Errorf("%s%s is still there", name, Unfinished)
		}
		if err := w.Put(context.Background(), schema.Record{}, pipeline.Origin{}); err == nil {
			t.Error("Put after Close answers nil")
		}
	}
	names := map[string]string{".gz": "\x1f\x8b", ".zst": "\x28\xb5"}
	for suffix, magic := range names {
		if b, _ := os.ReadFile("out.ndjson" + suffix); !strings.HasPrefix(string(b), magic) {
			t.Errorf("out.ndjson%s is not compressed", suffix)
		}
	}
}

func TestAbandon(t *testing.T) {
	t.Chdir(t.TempDir())
	w, err := Create("out.ndjson.gz")
	if err != nil {
		t.Fatal(err)
	}
	put(t, w, "one")
	left, err := w.Abandon()
	if err != nil || left != "out.ndjson.gz.partial" {
		t.Fatal(left, err)
	}
	if _, err := os.Stat("out.ndjson.gz"); err == nil {
		t.Error("the unfinished file has the finished one's name")
	}
	if got, failed := readAll(t, Options{}, left); len(got) != 1 || failed != nil {
		t.Errorf("%q %q", got, failed)
	}
	if w, err = Create("none.ndjson"); err != nil {
		t.Fatal(err)
	}
	if left, err := w.Abandon(); left != "" || err != nil {
		t.Error(left, err)
	}
	if _, err := os.Stat("none.ndjson.partial"); err == nil {
		t.Error("a file without a record is left")
	}
	if _, err := Create("."); err == nil {
		t.Error("a folder was created as a file")
	}
}

type fullDisk struct{ left int }

var errFull = errors.New("no space left on device")

func (f *fullDisk) Write(p []byte) (int, error) {
	if len(p) > f.left {
		return 0, errFull
	}
	f.left -= len(p)
	return len(p), nil
}

func TestWriterStopsAtTheFirstError(t *testing.T) {
	w := NewWriter(&fullDisk{1000})
	var err error
	n := 0
	for err == nil && n < 100 {
		err = w.Put(context.Background(), schema.Record{ID: "x"}, pipeline.Origin{})
		n++
	}
	if !errors.Is(err, errFull) || pipeline.IsPermanent(err) || n == 100 {
		t.Errorf("%d records, then %v", n, err)
	}
	if err := w.Close(); !errors.Is(err, errFull) || !errors.Is(w.Err(), errFull) {
		t.Errorf("Close: %v", err)
	}
}

func TestWriterConcurrently(t *testing.T) {
	var b bytes.Buffer
	w := NewWriter(&b)
	var all sync.WaitGroup
	for i := range 50 {
		all.Go(func() { put(t, w, fmt.Sprint(i)) })
	}
	all.Wait()
	got, failed := readAll(t, Options{Stdin: &b}, "-")
	if diff := cmp.Diff(50, len(got)); diff != "" || failed != nil {
		t.Error(diff, failed)
	}
	if w.Bytes() == 0 {
		t.Error("nothing counted")
	}
}

// A block is packed the same whatever was packed before it: else a replay that was interrupted would have other bytes.
func TestPackAlike(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 7))
	for _, name := range []string{"a.ndjson.gz", "a.ndjson.zst"} {
		pack := packer(name)
		for range 700 { // a zstd encoder reckons with the windows of all its blocks, and begins anew at 2 GB of them
			block := make([]byte, 1+r.IntN(20_000))
			for i := range block {
				block[i] = "the quick brown fox jumps"[r.IntN(1+r.IntN(25))]
			}
			if got := pack(block); !bytes.Equal(got, packer(name)(block)) {
				t.Fatalf("%s: %d bytes are packed in two ways", name, len(block))
			}
		}
	}
}
