package archive

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"github.com/quotewire/quotewire/pipeline/flock"
)

// A Position is a place in the order in which a Source hands out articles: behind the first Done articles and failures
// of the file with that number. Files before it are not opened again; those in it are read anew, which is a thousand
// times cheaper than extracting from them, and not handed out. In a stream it is behind a message.
type Position struct {
	File     int    `json:"file"`               // files begun before this one
	Done     int    `json:"done"`               // of this file's articles and failures
	Sum      uint32 `json:"sum"`                // CRC-32C of these articles
	Passed   int    `json:"passed"`             // articles and failures that Limit and Sample have let through in all files
	Files    string `json:"files"`              // hash of the path, size and time (or version) of every file up to this one
	Sequence uint64 `json:"sequence,omitempty"` // of the last message, in a stream
	Last     uint64 `json:"last,omitempty"`     // of the last message that is wanted: where the stream ended when the work began
}

// A Commit is what a journal knows to be safe: everything before Position is in the outputs up to Outputs.
type Commit struct {
	Position Position         `json:"position"`
	Outputs  map[string]int64 `json:"outputs"` // bytes of each unfinished file
	Parts    int              `json:"parts"`   // files that are whole and have their names
	Counts   Counts           `json:"counts"`
	End      bool             `json:"end,omitempty"` // nothing is left to read
}

// Counts are the sums over all runs that made an output.
type Counts struct {
	Articles int64 `json:"articles"`
	Records  int64 `json:"records"`
	Dead     int64 `json:"dead"`
	Skipped  int64 `json:"skipped"`
	Quotes   int64 `json:"quotes"`
}

// A Journal tells how far an output has come. It is a text file beside it, one commit a line, each with a checksum.
// The order of writing is what makes it true: first the outputs and their fsync, then the line and its fsync. Whatever
// lies in an output beyond the last whole line is cut off when the work goes on.
type Journal struct {
	path string
	f    *os.File
	lock *os.File
	last Commit
	n    int
}

// ErrOtherRun is the error of a journal that tells of other inputs, other settings or another extractor.
var ErrOtherRun = errors.New("the journal is of another run")

const journalVersion = "quotewire journal 1"

// OpenJournal begins a journal, or goes on with the one that is there. run is everything that the output depends on.
// It fails with fs.ErrExist (another process is at work on it) and with ErrOtherRun.
func OpenJournal(path, run string) (*Journal, error) {
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, fmt.Errorf("journal %s: another process is writing this output: %w", path, err)
	}
	j := &Journal{path: path, lock: lock}
	if err := j.open(run); err != nil {
		j.release()
		return nil, err
	}
	return j, nil
}

func (j *Journal) open(run string) error {
	sum := sha256.Sum256([]byte(run))
	head := []byte(journalVersion + " " + hex.EncodeToString(sum[:]) + "\n")
	data, err := os.ReadFile(j.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	default:
		first, _, whole := bytes.Cut(data, []byte("\n"))
		if whole && !bytes.Equal(first, head[:len(head)-1]) {
			return fmt.Errorf("%s: %w", j.path, ErrOtherRun)
		}
		if whole {
			valid := j.read(data[len(head):])
			if j.f, err = os.OpenFile(j.path, os.O_WRONLY, 0o644); err != nil {
				return err
			}
			size := int64(len(head) + valid)
			if err := j.f.Truncate(size); err != nil {
				return err
			}
			_, err = j.f.Seek(size, io.SeekStart)
			return err
		}
	}
	if j.f, err = os.Create(j.path); err != nil {
		return err
	}
	if _, err := j.f.Write(head); err != nil {
		return err
	}
	return errors.Join(j.f.Sync(), syncFolder(j.path))
}

// read takes the last whole line and says how many bytes are whole.
func (j *Journal) read(data []byte) (valid int) {
	for {
		line, rest, ok := bytes.Cut(data[valid:], []byte("\n"))
		sum, body, two := bytes.Cut(line, []byte(" "))
		want, err := strconv.ParseUint(string(sum), 16, 32)
		var c Commit
		if !ok || !two || err != nil || crc32.ChecksumIEEE(body) != uint32(want) || json.Unmarshal(body, &c) != nil {
			return valid
		}
		j.last, j.n = c, j.n+1
		valid = len(data) - len(rest)
	}
}

// Last is the last commit, and whether there is one.
func (j *Journal) Last() (Commit, bool) { return j.last, j.n > 0 }

// Commit writes down what is safe by now.
func (j *Journal) Commit(c Commit) error {
	body, err := json.Marshal(c)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(j.f, "%08x %s\n", crc32.ChecksumIEEE(body), body); err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	j.last, j.n = c, j.n+1
	if err := j.f.Sync(); err != nil {
		return fmt.Errorf("journal %s: %w", j.path, err)
	}
	return nil
}

// Close leaves the journal where it is, for the next run to go on.
func (j *Journal) Close() error {
	err := j.f.Close()
	j.release()
	return err
}

// Remove ends a journal whose output is whole.
func (j *Journal) Remove() error {
	err := errors.Join(j.f.Close(), os.Remove(j.path))
	j.release()
	return err
}

// lockFile makes a file that only one process holds. Its error is fs.ErrExist where another one does.
func lockFile(path string) (*os.File, error) {
	for {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return nil, err
		}
		taken, err := flock.Try(f)
		if err == nil && !taken {
			err = fs.ErrExist
		}
		if err != nil {
			f.Close()
			return nil, err
		}
		// Who held it may have taken it away in this moment: then it is a file without a name, and the next process would
		// make another one.
		mine, errMine := f.Stat()
		named, errNamed := os.Stat(path)
		if errMine == nil && errNamed == nil && os.SameFile(mine, named) {
			return f, nil
		}
		f.Close()
	}
}

// release takes the lock's file away while it is held. Where a file that is open cannot be removed, it stays.
func (j *Journal) release() {
	os.Remove(j.lock.Name())
	j.lock.Close()
}

// syncFolder makes a name in a folder safe. Not every system can do that.
func syncFolder(path string) error {
	if dir, err := os.Open(filepath.Dir(path)); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}

// chain goes on with the hash of the files up to one.
func chain(before string, f file) string {
	h := sha256.New()
	fmt.Fprintf(h, "%s\n%q\n", before, f.name)
	if size, version, ok := f.stat(); ok {
		fmt.Fprintf(h, "%d %s\n", size, version)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
