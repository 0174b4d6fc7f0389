//go:build unix

package archive

import (
	"errors"
	"io/fs"
	"os"
	"syscall"
)

// lockFile makes a file that only one process holds; the system lets go of it with the process.
func lockFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fs.ErrExist
		}
		return nil, err
	}
	return f, nil
}
