//go:build unix

package jetstream_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// process is a worker of its own: this test binary once more, see TestMain.
type process struct {
	cmd      *exec.Cmd
	out, err bytes.Buffer
	ready    chan struct{} // closed once it works, or has ended
	ended    chan error
}

func spawn(t *testing.T, spec workerSpec) *process {
	t.Helper()
	text, err := json.Marshal(spec)
	if err != nil {
		t.Fatal(err)
	}
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &process{cmd: exec.Command(exe), ready: make(chan struct{}), ended: make(chan error, 1)}
	p.cmd.Env = append(os.Environ(), workerEnv+"="+string(text))
	p.cmd.Stderr = &p.err
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.cmd.Process.Kill() })
	go func() {
		lines := bufio.NewReader(stdout)
		lines.ReadString('\n')
		close(p.ready)
		p.out.ReadFrom(lines)
		p.ended <- p.cmd.Wait()
	}()
	return p
}

func (p *process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	if err := <-p.ended; err == nil {
		t.Error("a worker had ended before it was killed: too few articles")
	}
}

// finish waits for the worker to end by itself, or by the signal it was sent.
func (p *process) finish(t *testing.T) pipeline.Summary {
	t.Helper()
	select {
	case err := <-p.ended:
		if err != nil {
			t.Fatalf("worker: %v: %s", err, p.err.String())
		}
	case <-time.After(3 * time.Minute): // the machine may be busy
		p.cmd.Process.Kill()
		t.Fatal("the last worker does not end")
	}
	var sum pipeline.Summary
	if err := json.Unmarshal(p.out.Bytes(), &sum); err != nil {
		t.Fatalf("%v: %s", err, p.out.String())
	}
	return sum
}

// seeded says what the run draws, so that one that fails can be told from another.
func seeded(t *testing.T) *rand.Rand {
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

const (
	killArticles = 2000
	kills        = 10
)

// TestKillWorkers kills two worker processes, now the one and now the other, in the middle of their work. The server
// lives on.
func TestKillWorkers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts processes")
	}
	r := seeded(t)
	url := anyServer(t)
	s := open(t, connect(t, jetstream.Options{URL: url}), jetstream.Setup{AckWait: time.Second})
	publish(t, s, articles(killArticles)...)
	spec := workerSpec{URL: url, AckWait: time.Second}
	workers := []*process{spawn(t, spec), spawn(t, spec)}
	for n := range kills {
		i := r.IntN(2)
		if n%4 != 0 { // now and then it dies while it starts
			<-workers[i].ready
		}
		time.Sleep(time.Duration(10+r.IntN(150)) * time.Millisecond)
		workers[i].kill(t)
		workers[i] = spawn(t, spec)
	}
	// One is asked to leave, and leaves nothing behind.
	<-workers[0].ready
	time.Sleep(50 * time.Millisecond)
	if err := workers[0].cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if sum := workers[0].finish(t); sum.Records != sum.Articles {
		t.Errorf("asked to leave, it left %+v", sum)
	}
	if sum := workers[1].finish(t); sum.Records == 0 {
		t.Error("the last worker found nothing to do: it was killed too late to prove anything")
	}
	c, err := raw(t, url).Consumer(t.Context(), s.RawStream, s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	again := c.CachedInfo().Delivered.Consumer - killArticles
	if again == 0 {
		t.Error("no article was delivered twice: nothing was proved")
	}
	records, dead := outcomes(t, s, killArticles)
	audit(t, articles(killArticles), records, dead)
	t.Logf("%d kills, %d articles, %d records, %d deliveries repeated", kills, killArticles, len(records), again)
}

// TestKillEmbedded kills a worker process together with the server inside it.
func TestKillEmbedded(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts processes")
	}
	r := seeded(t)
	dir := t.TempDir()
	setup := jetstream.Setup{AckWait: time.Second}
	here := func(f func(*jetstream.Streams)) {
		server := embed(t, jetstream.EmbedConfig{Dir: dir})
		conn := connect(t, jetstream.Options{Server: server})
		f(open(t, conn, setup))
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := server.Close(); err != nil {
			t.Fatal(err)
		}
	}
	here(func(s *jetstream.Streams) { publish(t, s, articles(killArticles)...) })
	spec := workerSpec{Dir: dir, AckWait: time.Second}
	for n := range kills {
		spec.Fast = n%2 == 0
		p := spawn(t, spec)
		if n%4 != 0 {
			<-p.ready
		}
		time.Sleep(time.Duration(10+r.IntN(200)) * time.Millisecond)
		p.kill(t)
	}
	spec.Fast = true
	here(func(s *jetstream.Streams) {
		at, err := s.Mark(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if at.Records == 0 || at.Records >= killArticles {
			t.Errorf("%d of %d records before the last worker: the others died too early or too late to prove anything", at.Records, killArticles)
		}
	})
	sum := spawn(t, spec).finish(t)
	here(func(s *jetstream.Streams) {
		records, dead := outcomes(t, s, killArticles)
		audit(t, articles(killArticles), records, dead)
		t.Logf("%d kills, %d articles, %d records; the last worker read %d", kills, killArticles, len(records), sum.Articles)
	})
}
