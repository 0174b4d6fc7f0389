package archive

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/remote"
)

// readAll takes everything out of a Source, acknowledging all, and returns one line an article and one a failure.
func readAll(t testing.TB, o Options, paths ...string) (got, failed []string) {
	t.Helper()
	o.Failed = func(from pipeline.Origin, err error) { failed = append(failed, fmt.Sprintf("%v: %v", from, err)) }
	s := Open(paths, o)
	defer s.Close()
	for {
		d, err := s.Next(context.Background())
		if errors.Is(err, io.EOF) {
			return got, failed
		}
		if err != nil {
			t.Fatal(err)
		}
		if d.Err == nil {
			got = append(got, fmt.Sprintf("%v %s", d.From, d.Data))
		}
		if err := d.Settle(context.Background(), d.Err); err != nil {
			t.Fatal(err)
		}
	}
}

func write(t testing.TB, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

func gzipped(data string) []byte {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	io.WriteString(w, data)
	w.Close()
	return b.Bytes()
}

func zstandard(data string) []byte {
	w, _ := zstd.NewWriter(nil)
	return w.EncodeAll([]byte(data), nil)
}

func TestContent(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range []struct {
		name   string
		data   string
		max    int
		want   []string
		failed []string
	}{
		{name: "text", data: "The mayor said no.\n", want: []string{"f The mayor said no.\n"}},
		{name: "text that begins like an array", data: "[Update] The mayor said no.", want: []string{"f [Update] The mayor said no."}},
		{name: "text that begins like an object", data: "{sic} he wrote", want: []string{"f {sic} he wrote"}},
		{name: "HTML", data: "<!doctype html><p>Hello", want: []string{"f <!doctype html><p>Hello"}},
		{name: "object on one line", data: `{"text":"a"}`, want: []string{`f:1 {"text":"a"}`}},
		{name: "object over lines", data: "{\n \"text\": \"a\",\n \"n\": {\"b\": [1, 2]}\n}\n", want: []string{"f:1 {\n \"text\": \"a\",\n \"n\": {\"b\": [1, 2]}\n}"}},
		{name: "objects over lines", data: "{\n \"text\": \"a\"\n}\n{\n \"text\": \"b\"\n}", want: []string{"f:1 {\n \"text\": \"a\"\n}", "f:4 {\n \"text\": \"b\"\n}"}},
		{name: "ndjson", data: "{\"a\":1}\r\n\n  {\"a\":2}\n{\"a\":3}", want: []string{`f:1 {"a":1}`, `f:3 {"a":2}`, `f:4 {"a":3}`}},
		{name: "ndjson, byte order mark", data: "\xef\xbb\xbf{\"a\":1}\n{\"a\":2}\n", want: []string{`f:1 {"a":1}`, `f:2 {"a":2}`}},
		{name: "ndjson in UTF-16", data: "\xff\xfe{\x00\"\x00a\x00\"\x00:\x001\x00}\x00\n\x00{\x00}\x00", want: []string{`f:1 {"a":1}`, `f:2 {}`}},
		{name: "ndjson, a line broken off", data: "{\"a\":1}\n{\"a\":\"2\n{\"a\":3}\n", want: []string{`f:1 {"a":1}`, `f:2 {"a":"2`, `f:3 {"a":3}`}},
		{name: "ndjson, the first line broken off", data: "{\"a\":\"1\n{\"a\":2}\n", want: []string{`f:1 {"a":"1`, `f:2 {"a":2}`}},
		{name: "ndjson, the first line broken off after a comma", data: "{\"a\":1,\n{\"a\":2}\n", want: []string{`f:2 {"a":2}`},
			failed: []string{"f:1: the JSON object is not closed before the next one begins"}},
		{name: "ndjson, a line too long", data: "{\"a\":1}\n{\"a\":\"xxxxxxxxxxxxxxxxxxxxx\"}\n{\"a\":3}\n", max: 16, want: []string{`f:1 {"a":1}`, `f:3 {"a":3}`},
			failed: []string{"f:2: the line of 30 bytes that begins at byte 8 is longer than 16 bytes, the most that one article may have"}},
		{name: "array", data: "[{\"a\":\"]}\\\"\"},\n {\"a\":2}]\n", want: []string{`f:1 {"a":"]}\""}`, `f:2 {"a":2}`}},
		{name: "array, empty", data: "[ ]"},
		{name: "array of other things", data: "[{}, 5, \"a,b\", [1,[2]], null]", want: []string{"f:1 {}", "f:1 5", `f:1 "a,b"`, "f:1 [1,[2]]", "f:1 null"}},
		{name: "array, a bad element", data: "[{\"a\" 1},\n{\"a\":2}]", want: []string{`f:1 {"a" 1}`, `f:2 {"a":2}`}},
		{name: "array, an element too long", data: "[{\"a\":\"xxxxxxxxxxxxxxxxx\"},\n{\"a\":2}]", max: 16, want: []string{`f:2 {"a":2}`},
			failed: []string{"f:1: the value is longer than 16 bytes, the most that one article may have"}},
		{name: "array, a string not closed", data: "[{\"a\":\"x},\n{\"a\":2}]", want: []string{`f:2 {"a":2}`},
			failed: []string{"f:1: a JSON string is not closed"}},
		{name: "array, cut short", data: "[{\"a\":1},\n{\"a\":", want: []string{`f:1 {"a":1}`},
			failed: []string{"f:2: the JSON value that begins here is not closed: is the file cut short?"}},
		{name: "array, not closed", data: "[{\"a\":1},\n", want: []string{`f:1 {"a":1}`},
			failed: []string{"f:2: the array is not closed: is the file cut short?"}},
		{name: "array and more", data: "[{\"a\":1}]\n[{\"a\":2}]\nThe end", want: []string{`f:1 {"a":1}`, `f:2 {"a":2}`},
			failed: []string{"f:3: text between JSON objects; nothing is read from here to the end of the file"}},
		{name: "nothing", data: " \n", failed: []string{"f: the file is empty"}},
		{name: "a picture", data: "\x89PNG\x0d\x0a\x1a\x0a and so on", failed: []string{"f: the file is of type image/png, which is not an article"}},
		{name: "text too long", data: "abcdefghijklmnopq", max: 16, failed: []string{"f: the file is longer than 16 bytes, the most that one article may have"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, packing := range []struct {
				name string
				pack func(string) []byte
			}{
				{"plain", func(s string) []byte { return []byte(s) }},
				{"gzip", gzipped},
				{"zstd", zstandard},
				{"gzip in zstd", func(s string) []byte { return zstandard(string(gzipped(s))) }},
			} {
				write(t, "f", packing.pack(c.data))
				got, failed := readAll(t, Options{MaxArticle: c.max}, "f")
				if diff := cmp.Diff(c.want, got); diff != "" {
					t.Errorf("%s: articles (-want +got):\n%s", packing.name, diff)
				}
				for i := range failed { // where it broke off is told for packed files only
					if _, rest, ok := strings.Cut(failed[i], "reading "+packing.name+": "); ok {
						failed[i] = "f: " + rest
					}
				}
				if packing.name == "plain" || c.max == 0 {
					if diff := cmp.Diff(len(c.failed), len(failed)); diff != "" {
						t.Errorf("%s: failures: %q", packing.name, failed)
					}
				}
				if packing.name == "plain" {
					if diff := cmp.Diff(c.failed, failed); diff != "" {
						t.Errorf("failures (-want +got):\n%s", diff)
					}
				}
			}
		})
	}
}

func TestCutShort(t *testing.T) {
	t.Chdir(t.TempDir())
	var b strings.Builder
	for i := range 20000 {
		fmt.Fprintf(&b, "{\"id\":%d,\"text\":\"%x\"}\n", i, i*i*i)
	}
	for name, packed := range map[string][]byte{"a.gz": gzipped(b.String()), "a.zst": zstandard(b.String())} {
		cut := len(packed) / 2
		write(t, name, packed[:cut])
		write(t, "b.json", []byte(`{"text":"b"}`))
		got, failed := readAll(t, Options{}, name, "b.json")
		if len(got) < 1000 || len(got) >= 20000 {
			t.Errorf("%s: %d articles before the cut", name, len(got))
		}
		if got[len(got)-1] != `b.json:1 {"text":"b"}` {
			t.Errorf("%s: after the cut: %s", name, got[len(got)-1])
		}
		if len(failed) != 1 || !strings.HasPrefix(failed[0], name+": byte ") || !strings.Contains(failed[0], "cut short") {
			t.Errorf("%s: %q", name, failed)
		}
		var at int
		if _, err := fmt.Sscanf(strings.TrimPrefix(failed[0], name+": "), "byte %d:", &at); err != nil || at < cut-64 || at > cut {
			t.Errorf("%s: the offset told is %d, the cut was at %d", name, at, cut)
		}
	}
}

func TestMembersAndRubbish(t *testing.T) {
	t.Chdir(t.TempDir())
	members := append(gzipped("{\"a\":1}\n"), gzipped("{\"a\":2}\n")...)
	write(t, "f", append(members, "rubbish at the end"...))
	got, failed := readAll(t, Options{}, "f")
	if diff := cmp.Diff([]string{`f:1 {"a":1}`, `f:2 {"a":2}`}, got); diff != "" {
		t.Error(diff)
	}
	if len(failed) != 1 || !strings.Contains(failed[0], "no gzip data from here on") {
		t.Errorf("%q", failed)
	}

	bomb := "x"
	for range maxPacking + 1 {
		bomb = string(gzipped(bomb))
	}
	write(t, "g", []byte(bomb))
	_, failed = readAll(t, Options{}, "g")
	if len(failed) != 1 || !strings.Contains(failed[0], "more than 4 compressions") {
		t.Errorf("%q", failed)
	}
}

func TestWalk(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range []string{"in/b.txt", "in/a.txt", "in/c/d.txt", "in/c/e.json", "in/.hidden", "in/.git/x", "in/out.ndjson.partial", "other/z.txt"} {
		write(t, name, []byte("x"))
	}
	for link, to := range map[string]string{"in/c/up": "..", "in/self": "self", "in/dangling": "nowhere", "in/link.txt": "../other/z.txt", "in/other": "../other"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip("no symbolic links here:", err)
		}
	}
	for _, c := range []struct {
		paths  []string
		want   []string
		failed []string
	}{
		{paths: []string{"in"},
			want:   []string{"in/a.txt", "in/b.txt", "in/c/d.txt", "in/c/e.json", "in/link.txt", "in/other/z.txt"},
			failed: []string{"in/dangling: no such file or directory", "in/self: too many levels of symbolic links"}},
		{paths: []string{"other", "in/a.txt", "-"}, want: []string{"other/z.txt", "in/a.txt", "-"}},
		{paths: []string{"in/*.txt"}, want: []string{"in/a.txt", "in/b.txt", "in/link.txt"}},
		{paths: []string{"in/[a-c]*"}, want: []string{"in/a.txt", "in/b.txt", "in/c/d.txt", "in/c/e.json"}},
		{paths: []string{"in/**/*.{txt,json}"}, want: []string{"in/a.txt", "in/b.txt", "in/c/d.txt", "in/c/e.json", "in/link.txt", "in/other/z.txt"}},
		{paths: []string{"in/c*"}, want: []string{"in/c/d.txt", "in/c/e.json"}},
		{paths: []string{"in/.hidden"}, want: []string{"in/.hidden"}},
		{paths: []string{"nowhere", "no*where", "other"}, want: []string{"other/z.txt"},
			failed: []string{"nowhere: no such file or directory", "no*where: the pattern matches no file"}},
		{paths: []string{"file://" + filepath.ToSlash(must(filepath.Abs("in/a.txt")))}, want: []string{must(filepath.Abs("in/a.txt"))}},
		{paths: []string{"ftp://u:p@x.example/a"}, failed: []string{"ftp://x.example/a: ftp:// is not known: there are https, http, s3, gs, azblob and file"}},
		{paths: []string{"[a"}, failed: []string{"[a: the pattern is malformed"}},
	} {
		var got, failed []string
		walk(t.Context(), c.paths, remote.Patience{}, func(f file) bool { got = append(got, f.name); return true },
			func(p string, err error) { failed = append(failed, p+": "+err.Error()) })
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", c.paths, diff)
		}
		if diff := cmp.Diff(c.failed, failed); diff != "" {
			t.Errorf("%q, failures (-want +got):\n%s", c.paths, diff)
		}
	}
}

func must(path string, err error) string {
	if err != nil {
		panic(err)
	}
	return path
}

func TestStdin(t *testing.T) {
	got, failed := readAll(t, Options{Stdin: bytes.NewReader(gzipped("{\"a\":1}\n{\"a\":2}\n"))}, "-")
	if diff := cmp.Diff([]string{`-:1 {"a":1}`, `-:2 {"a":2}`}, got); diff != "" || failed != nil {
		t.Error(diff, failed)
	}
	if got, failed := readAll(t, Options{}, "-"); got != nil || failed != nil {
		t.Errorf("an empty pipe: %q %q", got, failed)
	}
}

// A passing failure brings the article back; a permanent one, or too many passing ones, is told to Failed.
func TestSettle(t *testing.T) {
	t.Chdir(t.TempDir())
	write(t, "f", []byte("{\"a\":1}\n{\"a\":2}\n{\"a\":3}\n"))
	var failed []string
	s := Open([]string{"f"}, Options{Delay: time.Millisecond, Attempts: 3,
		Failed: func(from pipeline.Origin, err error) { failed = append(failed, fmt.Sprintf("%v: %v", from, err)) }})
	defer s.Close()
	ctx := context.Background()
	var got []string
	for {
		d, err := s.Next(ctx)
		if errors.Is(err, io.EOF) {
			break
		}
		got = append(got, fmt.Sprintf("%v attempt %d", d.From, d.From.Attempt))
		err = nil
		switch d.From.Line {
		case 1:
			err = pipeline.Permanent(errors.New("no good"))
		case 2:
			if d.From.Attempt < 2 {
				err = errors.New("not now")
			}
		case 3:
			err = errors.New("never now")
		}
		if err := d.Settle(ctx, err); err != nil {
			t.Fatal(err)
		}
		if d.Settle(ctx, nil) == nil {
			t.Error("settled twice without an error")
		}
	}
	count := map[string]int{}
	for _, g := range got {
		count[g]++
	}
	want := map[string]int{"f:1 attempt 1": 1, "f:2 attempt 1": 1, "f:2 attempt 2": 1, "f:3 attempt 1": 1, "f:3 attempt 2": 1, "f:3 attempt 3": 1}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"f:1: no good", "f:3: never now"}, failed); diff != "" {
		t.Error(diff)
	}
	if p := s.Progress(); p != (Progress{Bytes: 24, Files: 1, Articles: 3, Failures: 2}) {
		t.Errorf("%+v", p)
	}
}

// Next ends with its context even while standard input has nothing to say.
func TestNextEndsWithContext(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	s := Open([]string{"-"}, Options{Stdin: r})
	defer s.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if _, err := s.Next(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
