//go:build !unix

package archive

import "os"

// lockFile holds nothing off where the system has no flock.
func lockFile(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
}
