//go:build !race

// The race detector's own memory, several times the program's, is bounded by no limit of Go's.

package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// TestMemoryBudget limits a process as a container does. It reads fewer articles at once and lives; told that it has more
// than it has, it is killed.
func TestMemoryBudget(t *testing.T) {
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := func(env string) (string, error) {
		group := limitedGroup(t, hungryLimit)
		c := exec.Command(exe, group)
		c.Args[0] = "hungry"
		c.Env = append(os.Environ(), env)
		out, err := c.CombinedOutput()
		return strings.TrimSpace(string(out)), err
	}
	if out, err := run("GOMEMLIMIT=off"); err != nil || out != strconv.Itoa(hungryArticles) {
		t.Errorf("with the container's limit: %s, %v", out, err)
	}
	out, err := run("GOMEMLIMIT=64GiB")
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Errorf("without a limit it was not killed, so that the test proves nothing: %s, %v", out, err)
	}
}

// limitedGroup makes a control group below our own.
func limitedGroup(t *testing.T, limit int) string {
	t.Helper()
	groups, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		t.Skip("no control groups here:", err)
	}
	mount, path, file := "", "", ""
	for line := range strings.Lines(string(groups)) {
		field := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(field) != 3:
		case field[1] == "memory":
			mount, path, file = "/sys/fs/cgroup/memory", field[2], "memory.limit_in_bytes"
		case field[0] == "0" && mount == "":
			mount, path, file = "/sys/fs/cgroup", field[2], "memory.max"
		}
	}
	parent := filepath.Join(mount, path)
	if _, err := os.Stat(parent); err != nil {
		parent = mount // the path is the host's
	}
	group, err := os.MkdirTemp(parent, "quotewire-test-")
	if err != nil {
		t.Skip("no control group can be made here (that needs root):", err)
	}
	t.Cleanup(func() { os.Remove(group) })
	if err := os.WriteFile(filepath.Join(group, file), []byte(strconv.Itoa(limit)), 0); err != nil {
		t.Skip("the memory of a control group cannot be limited here:", err)
	}
	return group
}
