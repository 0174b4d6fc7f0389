package archive

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"github.com/quotewire/quotewire/pipeline/remote"
)

// Unfinished is the suffix of a file that is still being written. Folders are read without such files.
const Unfinished = remote.Unfinished

// A file is what a path leads to: one that lies here, one that lies elsewhere, or standard input.
type file struct {
	name string
	away *remote.File // nil: it lies here
}

// stat says how large a file is, and what changes with its content; not ok where neither can be seen.
func (f file) stat() (size int64, version string, ok bool) {
	if f.away != nil {
		return f.away.Size, f.away.Version, f.away.Size >= 0 || f.away.Version != ""
	}
	info, err := os.Stat(f.name)
	if err != nil || !info.Mode().IsRegular() {
		return -1, "", false
	}
	return info.Size(), strconv.FormatInt(info.ModTime().UnixNano(), 10), true
}

// ErrLost is the error of files elsewhere that the network, or a busy server, did not give: the files themselves are not
// at fault, and what was not read can be read another time.
var ErrLost = errors.New("the connection was lost")

// walk calls found for each file that paths lead to, in order, until it answers false; failed for what cannot be
// seen. In a folder, hidden files, unfinished ones, and what is neither file nor folder are passed over. It ends at an
// [ErrLost].
func walk(ctx context.Context, paths []string, patience remote.Patience, found func(file) bool, failed func(path string, err error)) {
	w := walker{ctx: ctx, patience: patience, failed: failed, found: func(path string) bool { return found(file{name: path}) }, away: found}
	for _, path := range paths {
		if !w.argument(path) {
			return
		}
	}
}

type walker struct {
	ctx      context.Context
	patience remote.Patience
	found    func(string) bool
	away     func(file) bool
	failed   func(string, error)
	enter    func(dir string) (walker, bool) // whether to look into a folder, and how; nil: always, the same way
}

func (w walker) argument(path string) bool {
	if path == "-" {
		return w.found(path)
	}
	if remote.Is(path) {
		return w.elsewhere(path)
	}
	path, _ = remote.Local(path)
	info, err := os.Stat(path)
	if err == nil {
		return w.entry(path, info)
	}
	if scheme, _, ok := strings.Cut(path, "://"); ok {
		w.failed(remote.Shown(path), fmt.Errorf("%s:// is not known: there are https, http, s3, gs, azblob and file", scheme))
		return true
	}
	if !errors.Is(err, fs.ErrNotExist) || !strings.ContainsAny(path, "*?[{") {
		w.failed(path, plain(err))
		return true
	}
	return w.glob(path)
}

func (w walker) elsewhere(url string) bool {
	for f, err := range remote.Find(w.ctx, url, w.patience) {
		if err != nil {
			if remote.Passing(err) {
				err = fmt.Errorf("%w: %w", ErrLost, err)
			}
			w.failed(remote.Shown(url), err)
			return !errors.Is(err, ErrLost)
		}
		if !w.away(file{f.Name, &f}) {
			return false
		}
	}
	return w.ctx.Err() == nil
}

// glob walks the folder before the first wildcard and tries every path in it, so that order and links are as in a
// folder.
func (w walker) glob(pattern string) bool {
	pattern = filepath.Clean(pattern)
	if !doublestar.ValidatePathPattern(pattern) {
		w.failed(pattern, errors.New("the pattern is malformed"))
		return true
	}
	base, _ := doublestar.SplitPattern(filepath.ToSlash(pattern))
	base = filepath.FromSlash(base)
	depth := strings.Count(pattern, string(filepath.Separator))
	deep := strings.Contains(pattern, "**")
	matched := false
	var matching walker
	matching.found = func(path string) bool {
		if ok, _ := doublestar.PathMatch(pattern, path); ok {
			matched = true
			return w.found(path)
		}
		return true
	}
	matching.failed = func(path string, err error) {
		info, errInfo := os.Lstat(path)
		if ok, _ := doublestar.PathMatch(pattern, path); ok || errInfo == nil && info.IsDir() {
			matched = true
			w.failed(path, err)
		}
	}
	// Without "**" a folder that matches gives all its files, as a shell would have it; one that lies as deep as the
	// pattern and does not match is not looked into.
	matching.enter = func(dir string) (walker, bool) {
		if deep {
			return matching, true
		}
		if ok, _ := doublestar.PathMatch(pattern, dir); ok {
			matched = true
			return w, true
		}
		return matching, strings.Count(dir, string(filepath.Separator)) < depth
	}
	info, err := os.Stat(base)
	if err != nil {
		w.failed(pattern, errors.New("the pattern matches no file"))
		return true
	}
	if info.IsDir() && !matching.folder(base, []fs.FileInfo{info}) {
		return false
	}
	if !matched {
		w.failed(pattern, errors.New("the pattern matches no file"))
	}
	return true
}

func (w walker) entry(path string, info fs.FileInfo) bool {
	if info.IsDir() {
		return w.folder(path, []fs.FileInfo{info})
	}
	return w.found(path)
}

// folder reads a folder; above holds it and the folders that it lies in, so that a link back up is not followed.
func (w walker) folder(dir string, above []fs.FileInfo) bool {
	entries, err := os.ReadDir(dir) // sorted by name
	if err != nil {
		w.failed(dir, plain(err))
	}
	for _, e := range entries {
		name := e.Name()
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, Unfinished) {
			continue
		}
		path := filepath.Join(dir, name)
		mode := e.Type()
		if mode.IsRegular() {
			if !w.found(path) {
				return false
			}
			continue
		}
		if !mode.IsDir() && mode&fs.ModeSymlink == 0 {
			continue
		}
		info, err := os.Stat(path)
		if err != nil {
			w.failed(path, plain(err))
			continue
		}
		switch {
		case info.IsDir():
			if slices.ContainsFunc(above, func(a fs.FileInfo) bool { return os.SameFile(a, info) }) {
				continue
			}
			inner, wanted := w, true
			if w.enter != nil {
				inner, wanted = w.enter(path)
			}
			if wanted && !inner.folder(path, append(slices.Clip(above), info)) {
				return false
			}
		case info.Mode().IsRegular():
			if !w.found(path) {
				return false
			}
		}
	}
	return true
}

// plain takes the operation and path off an error whose path is told beside it.
func plain(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
