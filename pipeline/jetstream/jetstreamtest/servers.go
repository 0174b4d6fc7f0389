// Package jetstreamtest has NATS servers and articles for tests and measurements.
package jetstreamtest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
)

// Servers are nats-server processes, built from the module that the program embeds, so that their processor time is
// not ours.
type Servers struct {
	URL string // of all of them, for a client
	all []*exec.Cmd
}

// Start starts a server, or a cluster of several, that ends with the test. JetStream works once a cluster has elected a
// leader, which may take some seconds.
func Start(t testing.TB, n int) *Servers {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "nats-server")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/nats-io/nats-server/v2").CombinedOutput(); err != nil {
		t.Fatalf("building nats-server: %v\n%s", err, out)
	}
	return StartProgram(t, binary, n)
}

// StartProgram does the same with a nats-server program that is there already.
func StartProgram(t testing.TB, binary string, n int) *Servers {
	t.Helper()
	dir := t.TempDir()
	ports, routes := make([]int, n), make([]string, n)
	for i := range n {
		ports[i], routes[i] = FreePort(t), "nats://127.0.0.1:"+strconv.Itoa(FreePort(t))
	}
	s := &Servers{}
	t.Cleanup(s.Stop)
	urls := make([]string, n)
	for i := range n {
		name := "n" + strconv.Itoa(i)
		args := []string{"-n", name, "-a", "127.0.0.1", "-p", strconv.Itoa(ports[i]), "-js", "-sd", filepath.Join(dir, name), "-l", filepath.Join(dir, name+".log")}
		if n > 1 {
			args = append(args, "-cluster_name", "test", "-cluster", routes[i], "-routes", strings.Join(routes, ","))
		}
		cmd := exec.Command(binary, args...)
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		s.all = append(s.all, cmd)
		urls[i] = "nats://127.0.0.1:" + strconv.Itoa(ports[i])
	}
	WaitFor(t, urls...)
	s.URL = strings.Join(urls, ",")
	return s
}

// Stop ends the servers before the test does.
func (s *Servers) Stop() {
	for _, cmd := range s.all {
		cmd.Process.Kill()
		cmd.Wait()
	}
	s.all = nil
}

// CPU is the processor time of all servers so far, to a hundredth of a second. It needs Linux.
func (s *Servers) CPU(t testing.TB) time.Duration {
	t.Helper()
	var sum time.Duration
	for _, cmd := range s.all {
		sum += CPU(t, cmd.Process.Pid)
	}
	return sum
}

// CPU is the processor time of a process that runs, to a hundredth of a second. It needs Linux.
func CPU(t testing.TB, pid int) time.Duration {
	t.Helper()
	d, err := Used(pid)
	if err != nil {
		t.Skipf("processor time of another process: %v", err)
	}
	return d
}

// Used is CPU for a process that may have ended.
func Used(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	var sum time.Duration
	for _, f := range fields[11:13] { // utime and stime
		n, err := strconv.Atoi(f)
		if err != nil {
			return 0, err
		}
		sum += time.Duration(n) * 10 * time.Millisecond
	}
	return sum, nil
}

// FreePort is a port that nobody listens on at the moment.
func FreePort(t testing.TB) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// WaitFor waits until somebody listens at each URL.
func WaitFor(t testing.TB, urls ...string) {
	t.Helper()
	for _, u := range urls {
		for try := 0; ; try++ {
			c, err := net.DialTimeout("tcp", strings.TrimPrefix(u, "nats://"), time.Second)
			if err == nil {
				c.Close()
				break
			}
			if try == 300 {
				t.Fatal(err)
			}
			time.Sleep(100 * time.Millisecond)
		}
	}
}

// Client is a client that knows nothing of ours, and ends with the test.
func Client(t testing.TB, url string, opts ...nats.Option) (*nats.Conn, js.JetStream) {
	t.Helper()
	nc, err := nats.Connect(url, opts...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nc.Close)
	j, err := js.New(nc)
	if err != nil {
		t.Fatal(err)
	}
	return nc, j
}
