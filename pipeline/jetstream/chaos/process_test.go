//go:build unix

package chaos_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// A slot holds a process, and starts another whenever it ends.
type slot struct {
	name    string
	command func() *exec.Cmd
	log     string // file

	mu     sync.Mutex
	cmd    *exec.Cmd
	ours   bool          // we ended the one that runs now
	pause  time.Duration // before the next start
	closed bool
	starts int
	exits  []string // of those that ended by themselves with an error
	done   chan struct{}
}

func newSlot(t *testing.T, name, dir string, command func() *exec.Cmd) *slot {
	t.Helper()
	s := &slot{name: name, command: command, log: filepath.Join(dir, name+".log"), done: make(chan struct{})}
	t.Cleanup(func() { s.close(syscall.SIGKILL) })
	started := make(chan struct{})
	go s.run(started)
	<-started
	return s
}

func (s *slot) run(started chan struct{}) {
	// The death of the parent's thread, not of its process, is what the kernel tells a child of: see dies.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	defer close(s.done)
	for first := true; ; first = false {
		s.mu.Lock()
		pause := s.pause
		s.pause = 0
		s.mu.Unlock()
		time.Sleep(pause)
		s.mu.Lock()
		if s.closed {
			s.mu.Unlock()
			return
		}
		log, err := os.OpenFile(s.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
		if err != nil {
			panic(err)
		}
		begins, _ := log.Seek(0, 2)
		cmd := s.command()
		cmd.Stdout, cmd.Stderr = log, log
		cmd.SysProcAttr = dies()
		err = cmd.Start()
		s.cmd, s.ours = cmd, false
		s.starts++
		s.mu.Unlock()
		if first {
			close(started)
		}
		if err == nil {
			err = cmd.Wait()
		}
		log.Close()
		s.mu.Lock()
		s.cmd = nil
		if !s.ours && err != nil {
			s.exits = append(s.exits, fmt.Sprintf("%s: %v: %s", s.name, err, tail(s.log, begins)))
			s.pause = max(s.pause, 200*ms) // as a supervisor would
		}
		s.mu.Unlock()
	}
}

// signal sends a signal to the process; one that ends it is not held against it.
func (s *slot) signal(sig syscall.Signal, pause time.Duration) (sent *exec.Cmd) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cmd == nil || s.cmd.Process == nil {
		return nil
	}
	if sig == syscall.SIGKILL || sig == syscall.SIGTERM {
		s.ours, s.pause = true, pause
	}
	if err := s.cmd.Process.Signal(sig); err != nil {
		return nil
	}
	return s.cmd
}

// stop halts the process for a while.
func (s *slot) stop(d time.Duration) bool {
	cmd := s.signal(syscall.SIGSTOP, 0)
	if cmd == nil {
		return false
	}
	time.Sleep(d)
	cmd.Process.Signal(syscall.SIGCONT)
	return true
}

// close ends the process for good, and waits.
func (s *slot) close(sig syscall.Signal) {
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.signal(sig, 0)
	select {
	case <-s.done:
	case <-time.After(40 * time.Second):
		s.signal(syscall.SIGKILL, 0)
		<-s.done
	}
}

// tail is the end of a log that was written from a place on.
func tail(file string, from int64) string {
	data, err := os.ReadFile(file)
	if err != nil || int64(len(data)) < from {
		return ""
	}
	data = data[from:]
	return string(data[max(0, len(data)-1500):])
}

// serverEnv makes the test binary a NATS server: see TestMain.
const serverEnv = "QUOTEWIRE_CHAOS_SERVER"

// serverSpec is what a server process is told.
type serverSpec struct {
	Name, Dir string
	Port      int
	Cluster   int      // port for the other servers; 0: there are none
	Routes    []string // to the others
}

func (spec serverSpec) command() *exec.Cmd {
	text, err := json.Marshal(spec)
	if err != nil {
		panic(err)
	}
	exe, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(exe)
	cmd.Env = append(os.Environ(), serverEnv+"="+string(text))
	return cmd
}

// serverMain runs a server such as an operator has until it is killed.
func serverMain(text string) error {
	var spec serverSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	o := &server.Options{
		ServerName: spec.Name, Host: "127.0.0.1", Port: spec.Port, StoreDir: spec.Dir,
		JetStream: true, JetStreamMaxMemory: 64 << 20, JetStreamMaxStore: 32 << 30,
		PingInterval: 3 * time.Second, MaxPingsOut: 2,
	}
	if spec.Cluster > 0 {
		o.Cluster = server.ClusterOpts{
			Name: "chaos", Host: "127.0.0.1", Port: spec.Cluster,
			// Servers tell each other and the clients of one another. Nobody listens where they are told to go, so that
			// all lines are those that we hold in our hands.
			Advertise: "127.0.0.1:1", NoAdvertise: true,
			PoolSize: -1,
		}
		for _, r := range spec.Routes {
			u, err := url.Parse("nats://" + r)
			if err != nil {
				return err
			}
			o.Routes = append(o.Routes, u)
		}
	}
	s, err := server.NewServer(o)
	if err != nil {
		return err
	}
	s.ConfigureLogger()
	s.Start()
	if !s.ReadyForConnections(30 * time.Second) {
		return errors.New("not ready for connections")
	}
	s.WaitForShutdown()
	return nil
}
