package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
)

var (
	memoryArticles = flag.Int("memory.articles", 600, "articles that TestReplayMemory replays")
	memoryWorkers  = flag.Int("memory.workers", 2, "articles read at once")
	memoryReader   = flag.String("memory.reader", "fast", "what reads them")
	memorySVG      = flag.String("memory.svg", "", "a file for the curve")
)

// TestReplayMemory: a replay needs no more memory late than early, whatever it has read.
//
//	go test ./cmd/quotewire -run ReplayMemory -v -timeout 2h -memory.articles 100000 -memory.svg docs/replay-memory.svg
//	for w in 1 2; do go test ./cmd/quotewire -run ReplayMemory -v -memory.articles 5000 -memory.workers $w; done
func TestReplayMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator")
	}
	dir := t.TempDir()
	gen := exec.Command("go", "run", "./testdata/archives/gen", "-articles", fmt.Sprint(*memoryArticles), "-to", dir, "-only", "articles.tar.zst")
	gen.Dir = "../.."
	if out, err := gen.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	reader, err := extract.Open(*memoryReader)
	if err != nil {
		t.Fatal(err)
	}
	x, err := extract.New(reader, "test")
	if err != nil {
		t.Fatal(err)
	}
	out, _, err := archive.Resume(filepath.Join(dir, "records.ndjson.zst"), filepath.Join(dir, "dead.ndjson"), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	source := archive.Open([]string{filepath.Join(dir, "articles.tar.zst")}, archive.Options{Settled: out.Settled})
	defer source.Close()
	var seen memoryLog
	every := max(1, *memoryArticles/200)
	busy := threads()
	began := time.Now()
	sum, err := pipeline.Run(t.Context(), pipeline.Config{
		Source: source, Extract: x.Extract, Sink: out, Ordered: true, Workers: *memoryWorkers,
		Progress: func(s pipeline.Summary) {
			if s.Articles%int64(every) == 0 {
				seen.sample(int(s.Articles))
			}
		},
	})
	took := time.Since(began)
	if err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
	if sum.Articles != int64(*memoryArticles) || sum.Dead != sum.Articles/100 {
		t.Errorf("%+v", sum)
	}
	t.Logf("%d articles, reader %s, %d workers: %s; %v", sum.Articles, *memoryReader, *memoryWorkers, took.Round(time.Millisecond), seen)
	if cpu := (threads() - busy).Seconds(); cpu > 0 {
		t.Logf("%.2f ms of CPU an article; %.2f processors busy", 1e3*cpu/float64(sum.Articles), cpu/took.Seconds())
	}
	n := len(seen.samples)
	// The heap goes up and down by the memory of one reading, which a pool lets go at two collections without use: hence the most of the
	// early samples, not their median.
	early, late := 0., seen.median(seen.samples[n-n/5:], liveOf)
	for _, s := range seen.samples[:2*n/5] {
		early = max(early, s.live)
	}
	if late > 1.1*early+4 {
		t.Errorf("live heap at most %.1f MB early and %.1f MB late", early, late)
	}
	if *memorySVG != "" {
		title := fmt.Sprintf("quotewire replay: %s articles, reader %s, %d workers", thousands(sum.Articles), *memoryReader, *memoryWorkers)
		if err := os.WriteFile(*memorySVG, seen.svg(title), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// threads is how long all threads of this process have run; nothing where the system does not say.
func threads() (ran time.Duration) {
	files, _ := filepath.Glob("/proc/self/task/*/schedstat")
	for _, f := range files {
		var ns int64
		if data, err := os.ReadFile(f); err == nil {
			if _, err := fmt.Sscan(string(data), &ns); err == nil {
				ran += time.Duration(ns)
			}
		}
	}
	return ran
}
