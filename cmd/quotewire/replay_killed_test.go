package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

var (
	killedArticles = flag.Int("killed.articles", 300, "articles in the archives that TestReplayKilled replays")
	killedTimes    = flag.Int("killed.times", 5, "SIGKILLs for each archive")
	killedSeed     = flag.Uint64("killed.seed", 1, "what the moments of the SIGKILLs are drawn with")
	killedReader   = flag.String("killed.reader", "fast", "what reads the articles")
)

// TestReplayKilled: `quotewire replay` with a real reader, over archives in the forms that are large in life, killed
// at random moments and begun again with any number of workers, ends with the bytes of one that was left alone: records,
// tables, dead articles.
//
//	go test ./cmd/quotewire -run ReplayKilled -killed.articles 100000 -killed.times 20 -timeout 3h -v
func TestReplayKilled(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator, replays six times")
	}
	if runtime.GOOS == "windows" {
		t.Skip("there is no SIGKILL")
	}
	dir := t.TempDir()
	for _, c := range []struct{ archive, out string }{
		{"pages.warc.gz", "records.ndjson.zst"},
		{"articles.parquet", "tables/"},
		{"articles.tar.zst", "records.ndjson"},
	} {
		t.Run(c.archive, func(t *testing.T) {
			generate(t, "-articles", fmt.Sprint(*killedArticles), "-to", dir, "-only", c.archive)
			replay := func(into string, workers int) (*exec.Cmd, *bytes.Buffer) {
				// Parts are small, so that there are many, and kills between them.
				cmd := exec.Command("quotewire", "replay", "-q", "--reader", *killedReader, "--workers", fmt.Sprint(workers), "--roll", "8",
					filepath.Join(dir, c.archive), "-o", into+"/"+c.out, "--dead-file", filepath.Join(into, "dead.ndjson"))
				if !strings.HasSuffix(c.out, "/") {
					cmd.Args = slices.DeleteFunc(cmd.Args, func(s string) bool { return s == "--roll" || s == "8" })
				}
				var said bytes.Buffer
				cmd.Stderr = &said
				return cmd, &said
			}
			folder := func(name string) string {
				path := filepath.Join(dir, c.archive+"."+name)
				if err := os.Mkdir(path, 0o755); err != nil {
					t.Fatal(err)
				}
				return path
			}

			alone := folder("alone")
			began := time.Now()
			cmd, said := replay(alone, 2)
			err := cmd.Run()
			status := cmd.ProcessState.ExitCode() // says whether articles are dead, of which some have no text
			if status != exitOK && status != exitFailed {
				t.Fatalf("%v: %s", err, said)
			}
			whole, size := time.Since(began), sizeOf(alone)

			// Each kill waits for its place in the output, which is written in blocks, and then for a part of the time that the way
			// to the next takes at the pace of this start; but no longer than the undisturbed run took to come there.
			r := rand.New(rand.NewPCG(*killedSeed, 0))
			places := make([]int64, *killedTimes)
			for i := range places {
				places[i] = r.Int64N(size)
			}
			slices.Sort(places)
			killed := folder("killed")
			kills, starts := 0, 0
			for done := false; !done; {
				starts++
				cmd, said := replay(killed, 1+starts%3)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				started, stood := time.Now(), sizeOf(killed)
				ended := make(chan error, 1)
				go func() { ended <- cmd.Wait() }()
				var kill <-chan time.Time
				for tick := time.NewTicker(5 * time.Millisecond); ; {
					select {
					case <-tick.C:
						if kills == len(places) || kill != nil {
							continue
						}
						patience := time.Duration(float64(whole) * float64(places[kills]) / float64(size))
						if has := sizeOf(killed); has >= places[kills]*9/10 {
							way := size - places[kills]
							if kills+1 < len(places) {
								way = places[kills+1] - places[kills]
							}
							pace := float64(time.Since(started)) / float64(max(has-stood, 1)) // nanoseconds a byte
							kill = time.After(time.Duration(r.Float64() * min(pace*float64(way), float64(whole)/float64(len(places)))))
						} else if time.Since(started) >= patience {
							kill = time.After(0)
						}
						continue
					case <-kill:
						cmd.Process.Kill()
						if err := <-ended; cmd.ProcessState.ExitCode() < 0 {
							kills++
						} else if cmd.ProcessState.ExitCode() != status {
							t.Fatalf("start %d: %v: %s", starts, err, said)
						} else {
							done = true
						}
					case err := <-ended:
						if cmd.ProcessState.ExitCode() != status {
							t.Fatalf("start %d: %v: %s", starts, err, said)
						}
						done = true
					}
					tick.Stop()
					break
				}
			}

			want, have := listed(t, alone), listed(t, killed)
			if !slices.Equal(want, have) {
				t.Fatalf("files %q, want %q", have, want)
			}
			bytesOf := int64(0)
			for _, name := range want {
				if strings.Contains(name, "journal") || strings.Contains(name, "partial") {
					t.Errorf("%s is still there", name)
				}
				a, errA := os.ReadFile(filepath.Join(alone, name))
				b, errB := os.ReadFile(filepath.Join(killed, name))
				if errA != nil || errB != nil || !bytes.Equal(a, b) {
					t.Errorf("%s: %d and %d bytes differ (%v, %v)", name, len(a), len(b), errA, errB)
				}
				bytesOf += int64(len(a))
			}
			if kills == 0 {
				t.Error("nothing was killed")
			}
			t.Logf("%d articles, reader %s, into %s: %s undisturbed; seed %d, %d kills, %d starts: the same %d bytes in %d files",
				*killedArticles, *killedReader, c.out, whole.Round(time.Millisecond), *killedSeed, kills, starts, bytesOf, len(want))
		})
	}
}

// sizeOf adds up the files in a folder, some of which may vanish or be renamed meanwhile.
func sizeOf(dir string) (size int64) {
	filepath.WalkDir(dir, func(_ string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			info, err := e.Info()
			if err == nil {
				size += info.Size()
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
		return nil
	})
	return size
}
