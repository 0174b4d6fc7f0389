package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
)

var (
	memoryArticles = flag.Int("memory.articles", 2000, "articles that TestReplayMemory replays")
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
	generate(t, "-articles", fmt.Sprint(*memoryArticles), "-to", dir, "-only", "articles.tar.zst")
	x := openExtractor(t, *memoryReader)
	records := filepath.Join(dir, "records.ndjson.zst")
	out, _, err := archive.Resume(records, filepath.Join(dir, "dead.ndjson"), t.Name())
	if err != nil {
		t.Fatal(err)
	}
	source := archive.Open([]string{filepath.Join(dir, "articles.tar.zst")}, archive.Options{Settled: out.Settled})
	defer source.Close()
	var seen memoryLog
	every := max(1, *memoryArticles/200)
	rarely := max(1, *memoryArticles/40)
	var early, late floor
	busy := threads()
	began := time.Now()
	sum, err := pipeline.Run(t.Context(), pipeline.Config{
		Source: source, Extract: x.Extract, Sink: out, Ordered: true, Workers: *memoryWorkers,
		Progress: func(s pipeline.Summary) {
			if s.Articles%int64(every) == 0 {
				seen.sample(int(s.Articles))
			}
			if s.Articles%int64(rarely) == 0 {
				switch fifth := s.Articles * 5 / int64(*memoryArticles); fifth {
				case 1: // in the first fifth the caches fill, and the output's compressor takes its window with the first block
					if f, err := os.Stat(records + archive.Unfinished); err != nil || f.Size() == 0 {
						t.Errorf("after %d articles no block is written: %v; give -memory.articles more", s.Articles, err)
					}
					early.see()
				case 4:
					late.see()
				}
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
	if early.seen < 3 || late.seen < 3 {
		t.Errorf("looked %d times early and %d times late", early.seen, late.seen)
	}
	if late.live > 1.1*early.live+4 {
		t.Errorf("live heap at least %.1f MB early and %.1f MB late", early.live, late.live)
	}
	if *memorySVG != "" {
		title := fmt.Sprintf("quotewire replay: %s articles, reader %s, %d workers", thousands(sum.Articles), *memoryReader, *memoryWorkers)
		if err := os.WriteFile(*memorySVG, seen.svg(title), 0o644); err != nil {
			t.Error(err)
		}
	}
}

// A floor is the least that the heap comes down to. Above it are the readings that happen to go on, and what a pool lets go only at
// the second collection without use.
type floor struct {
	live float64 // MB
	seen int
}

func (f *floor) see() {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if live := float64(m.HeapAlloc) / 1e6; f.seen == 0 || live < f.live {
		f.live = live
	}
	f.seen++
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
