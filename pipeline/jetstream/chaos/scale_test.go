//go:build unix

package chaos_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

var (
	scaleArticles = flag.Int("scale.articles", 0, "articles that TestScale moves; 0: it is skipped")
	scaleReader   = flag.String("scale.reader", reader, "what reads them")
)

// TestScale measures what docs/scale.md tells: the processor time of workers and server for an article of some 800
// words, with one worker process and with two, on one server and on a cluster of three, beside the time of the same
// binary that reads the same articles from a file. Times are of processors, not of the clock, since machines are shared.
//
//	go test ./pipeline/jetstream/chaos -run Scale -v -scale.articles 2000
func TestScale(t *testing.T) {
	n := *scaleArticles
	if n == 0 {
		t.Skip("a measurement: see -scale.articles")
	}
	binary := *built
	if binary == "" {
		binary = filepath.Join(t.TempDir(), "quotewire")
		if out, err := exec.Command("go", "build", "-o", binary, "github.com/quotewire/quotewire/cmd/quotewire").CombinedOutput(); err != nil {
			t.Fatalf("building quotewire: %v\n%s", err, out)
		}
	}
	var file bytes.Buffer
	list := make([][]byte, n)
	words := 0
	for i := range list {
		var text strings.Builder
		for k := range 18 {
			var a struct{ Text string }
			for j := i*37 + k; ; j++ {
				if !bad(j) {
					if err := json.Unmarshal(article(j), &a); err != nil {
						t.Fatal(err)
					}
					break
				}
			}
			text.WriteString(a.Text + "\n\n")
		}
		words += len(strings.Fields(text.String()))
		list[i], _ = json.Marshal(map[string]string{"id": "scale-" + strconv.Itoa(i), "language": "en", "text": text.String()})
		file.Write(append(list[i], '\n'))
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "scale.ndjson")
	if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	extract := exec.Command(binary, "extract", "--reader", *scaleReader, "--workers", "1", "--format", "ndjson", path)
	extract.Env = append(os.Environ(), "GOMAXPROCS=1")
	out, err := extract.Output()
	if err != nil {
		t.Fatal(err)
	}
	per := func(s *os.ProcessState) time.Duration {
		return (s.UserTime() + s.SystemTime()) / time.Duration(n)
	}
	alone := per(extract.ProcessState)
	t.Logf("%d articles of %d words and %d bytes, records of %d bytes, reader %s; from a file: %s of processor time an article",
		n, words/n, file.Len()/n, len(out)/n, *scaleReader, alone)

	for _, replicas := range []int{1, 3} {
		for _, processes := range []int{1, 2} {
			dir := t.TempDir()
			var w *world
			if replicas == 1 {
				w = single(t, binary, dir)
			} else {
				w = cluster(t, binary, dir)
			}
			for _, s := range w.workers { // made by the settings; not wanted here
				s.close(syscall.SIGKILL)
			}
			publisher, err := w.open(t, strings.Join(w.direct, ",")).Publisher("scale", 0)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list {
				if err := publisher.Publish(t.Context(), jetstream.RawArticle{Data: a}, func(r jetstream.Published) {
					if r.Err != nil {
						t.Error(r.Err)
					}
				}); err != nil {
					t.Fatal(err)
				}
			}
			publisher.Flush()
			before := serverTime(t, w)
			began := time.Now()
			var work []*exec.Cmd
			for range processes {
				cmd := exec.Command(binary, "run", "--reader", *scaleReader, "--workers", "1", "--nats", strings.Join(w.direct, ","))
				cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				work = append(work, cmd)
			}
			nc, err := nats.Connect(w.direct[0])
			if err != nil {
				t.Fatal(err)
			}
			j, err := js.New(nc)
			if err != nil {
				t.Fatal(err)
			}
			if left := w.settle(t, j); left > 0 {
				t.Fatalf("%d articles left", left)
			}
			wall := time.Since(began)
			nc.Close()
			servers := (serverTime(t, w) - before) / time.Duration(n)
			var ends sync.WaitGroup
			var sum time.Duration
			for _, cmd := range work {
				cmd.Process.Signal(syscall.SIGTERM)
				ends.Go(func() { cmd.Wait() })
			}
			ends.Wait()
			for _, cmd := range work {
				sum += per(cmd.ProcessState)
			}
			t.Logf("replicas %d, worker processes %d: workers %s, servers %s of processor time an article; transport is %.1f %% of the whole; %.0f articles a second on this machine at this time",
				replicas, processes, sum, servers, 100*float64(sum+servers-alone)/float64(sum+servers), float64(n)/wall.Seconds())
			for _, s := range w.servers {
				s.close(syscall.SIGKILL)
			}
		}
	}
}

// serverTime is the processor time of all servers so far.
func serverTime(t *testing.T, w *world) time.Duration {
	t.Helper()
	var sum time.Duration
	for _, s := range w.servers {
		s.mu.Lock()
		pid := s.cmd.Process.Pid
		s.mu.Unlock()
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if err != nil {
			t.Skip("needs /proc")
		}
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		for _, f := range fields[11:13] { // utime and stime, in hundredths of a second
			n, err := strconv.Atoi(f)
			if err != nil {
				t.Fatal(err)
			}
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}
