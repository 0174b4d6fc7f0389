package jetstream

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/quotewire/quotewire/pipeline/flock"
)

// A dirLock keeps other processes out of a store. The system frees it when the process dies, however it dies.
type dirLock struct{ f *os.File }

// lockDir takes the lock or says who has it.
func lockDir(dir string) (*dirLock, error) {
	path := filepath.Join(dir, "quotewire.lock")
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("locking the store: %w", err)
	}
	taken, err := flock.Try(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("locking the store %s: %w", dir, err)
	}
	if !taken {
		owner := "another process"
		if pid, err := os.ReadFile(path); err == nil && len(strings.TrimSpace(string(pid))) > 0 {
			owner = "process " + strings.TrimSpace(string(pid))
		}
		f.Close()
		return nil, fmt.Errorf("the store %s is in use by %s; stop it, choose another directory, or connect to its server", dir, owner)
	}
	// The pid is a courtesy to whoever finds the door locked: failing to leave it is no reason to stay out.
	if err := f.Truncate(0); err == nil {
		f.WriteAt([]byte(strconv.Itoa(os.Getpid())+"\n"), 0)
	}
	return &dirLock{f}, nil
}

// release frees the lock. The file stays: removing it would let two processes lock two files of one name.
func (l *dirLock) release() error { return l.f.Close() }
