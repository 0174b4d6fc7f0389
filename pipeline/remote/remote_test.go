package remote

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/iotest"
	"time"
)

// made is bytes of which no two stretches are the same.
func made(n int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(r.IntN(256))
	}
	return b
}

// A flaky server cuts every answer off after some bytes, and says now and then that it is busy.
type flaky struct {
	http.Handler
	cut  int // bytes of an answer; 0: all
	busy int // every so many requests: 503

	mu   sync.Mutex
	seen []string // "GET /path bytes=5-"
	sent int
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.seen = append(f.seen, strings.TrimSpace(r.Method+" "+r.URL.Path+" "+r.Header.Get("Range")))
	n := len(f.seen)
	f.mu.Unlock()
	if f.busy > 0 && n%f.busy == 0 {
		http.Error(w, "come back later", http.StatusServiceUnavailable)
		return
	}
	f.Handler.ServeHTTP(&cutting{ResponseWriter: w, f: f, left: f.cut}, r)
}

type cutting struct {
	http.ResponseWriter
	f    *flaky
	left int
}

func (c *cutting) Write(p []byte) (int, error) {
	if c.f.cut > 0 && len(p) > c.left {
		n, _ := c.ResponseWriter.Write(p[:c.left])
		c.count(n)
		c.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler) // the connection breaks
	}
	c.left -= len(p)
	c.count(len(p))
	return c.ResponseWriter.Write(p)
}

func (c *cutting) count(n int) {
	c.f.mu.Lock()
	defer c.f.mu.Unlock()
	c.f.sent += n
}

func serve(t *testing.T, f *flaky) string {
	t.Helper()
	s := httptest.NewServer(f)
	t.Cleanup(s.Close)
	return s.URL
}

// content serves bytes under an ETag and with ranges, as Go's own file server does.
func content(data []byte, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if etag != "" {
			w.Header().Set("ETag", etag)
		}
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(data))
	}
}

// noRanges serves bytes from the beginning, whatever is asked for.
func noRanges(data []byte, etag string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", etag)
		w.Header().Set("Content-Length", fmt.Sprint(len(data)))
		w.Write(data)
	}
}

var hasty = Patience{Tries: 4, Delay: time.Millisecond, Stall: 5 * time.Second}

func one(t *testing.T, url string) (File, error) {
	t.Helper()
	for f, err := range Find(t.Context(), url, hasty) {
		return f, err
	}
	t.Fatal("nothing was yielded")
	return File{}, nil
}

func TestHTTP(t *testing.T) {
	data := made(1 << 20)
	for _, c := range []struct {
		name   string
		server *flaky
		want   error
	}{
		{"whole", &flaky{Handler: content(data, `"a"`)}, nil},
		{"cut", &flaky{Handler: content(data, `"a"`), cut: 300000}, nil},
		{"cut often, and busy", &flaky{Handler: content(data, `"a"`), cut: 30000, busy: 3}, nil},
		{"cut, without an ETag", &flaky{Handler: content(data, ""), cut: 300000}, nil},
		{"cut, with a weak ETag", &flaky{Handler: content(data, `W/"a"`), cut: 300000}, nil},
		{"no ranges, and cut once", &flaky{Handler: onceCut(noRanges(data, `"a"`), 300000)}, nil},
		{"changed", &flaky{Handler: changing(data), cut: 300000}, ErrChanged},
		{"changed, where there are no ranges", &flaky{Handler: onceCut(changingWhole(data), 300000)}, ErrChanged},
		{"the first connections break", &flaky{Handler: refusing(content(data, `"a"`), 3)}, nil},
		{"gone", &flaky{Handler: http.NotFoundHandler()}, errors.New("the server answers 404 Not Found")},
		{"always busy", &flaky{Handler: content(data, `"a"`), busy: 1}, errors.New("byte 0: the server answers 503 Service Unavailable")},
	} {
		t.Run(c.name, func(t *testing.T) {
			url := serve(t, c.server) + "/a.ndjson"
			f, err := one(t, url)
			var got []byte
			if err == nil {
				r := f.Open(t.Context(), hasty)
				got, err = io.ReadAll(r)
				r.Close()
				if lost := r.Lost(); (lost != nil) != (err != nil && Passing(err)) {
					t.Errorf("lost: %v, while the error is %v", lost, err)
				}
			}
			switch {
			case c.want == nil && (err != nil || !bytes.Equal(got, data)):
				t.Fatalf("%d bytes, %v", len(got), err)
			case c.want != nil && (err == nil || !strings.Contains(err.Error(), c.want.Error())):
				t.Fatalf("the error is %v, want %v", err, c.want)
			case c.want == nil && f.Name != url:
				t.Errorf("the name is %q", f.Name)
			}
		})
	}
}

// onceCut breaks the first GET off.
func onceCut(h http.Handler, after int) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			if n++; n == 1 {
				h.ServeHTTP(&cutting{ResponseWriter: w.(*cutting).ResponseWriter, f: &flaky{cut: after}, left: after}, r)
				return
			}
		}
		h.ServeHTTP(w, r)
	}
}

// refusing breaks off the first requests before they are answered.
func refusing(h http.Handler, times int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if times--; times >= 0 {
			panic(http.ErrAbortHandler)
		}
		h.ServeHTTP(w, r)
	}
}

// changing is another file after the first GET.
func changing(data []byte) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			n++
		}
		content(data, fmt.Sprintf("%q", fmt.Sprint(max(n, 1))))(w, r)
	}
}

func changingWhole(data []byte) http.HandlerFunc {
	n := 0
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			n++
		}
		noRanges(data, fmt.Sprintf("%q", fmt.Sprint(max(n, 1))))(w, r)
	}
}

// A cut download asks for the rest and no more, on the condition that the file is the same.
func TestResumesWhereItStood(t *testing.T) {
	data := made(100000)
	s := &flaky{Handler: content(data, `"a"`), cut: 40000}
	f, err := one(t, serve(t, s)+"/f")
	if err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(f.Open(t.Context(), hasty))
	if err != nil || !bytes.Equal(got, data) {
		t.Fatal(len(got), err)
	}
	want := []string{"HEAD /f", "GET /f bytes=0-99999", "GET /f bytes=40000-99999", "GET /f bytes=80000-99999"}
	if fmt.Sprint(s.seen) != fmt.Sprint(want) || s.sent != len(data) {
		t.Errorf("requests %q, %d bytes sent; want %q", s.seen, s.sent, want)
	}
}

// A connection that says nothing any more is broken off and begun again.
func TestStalled(t *testing.T) {
	data := made(100000)
	n := 0
	handler := func(w http.ResponseWriter, r *http.Request) {
		if n++; n == 2 {
			w.Header().Set("Content-Length", fmt.Sprint(len(data)))
			w.Write(data[:1000])
			w.(http.Flusher).Flush()
			<-r.Context().Done()
			return
		}
		content(data, `"a"`)(w, r)
	}
	server := httptest.NewServer(http.HandlerFunc(handler))
	defer server.Close()
	f, err := one(t, server.URL+"/f")
	if err != nil {
		t.Fatal(err)
	}
	p := hasty
	p.Stall = 50 * time.Millisecond
	got, err := io.ReadAll(f.Open(t.Context(), p))
	if err != nil || !bytes.Equal(got, data) || n != 3 {
		t.Errorf("%d bytes in %d requests, %v", len(got), n, err)
	}
}

// ReadAt asks for the blocks that it needs, each once, through any number of broken connections.
func TestReadAt(t *testing.T) {
	data := made(5*blockSize + 12345)
	s := &flaky{Handler: content(data, `"a"`), cut: 700000}
	f, err := one(t, serve(t, s)+"/f")
	if err != nil {
		t.Fatal(err)
	}
	r := f.Open(t.Context(), hasty)
	defer r.Close()
	for _, at := range []int64{0, blockSize - 5, 5 * blockSize, int64(len(data)) - 8, 3} {
		p := make([]byte, 8)
		if n, err := r.ReadAt(p, at); n != 8 || err != nil || !bytes.Equal(p, data[at:at+8]) {
			t.Fatalf("at %d: %d bytes, %v", at, n, err)
		}
	}
	if n, err := r.ReadAt(make([]byte, 20), int64(len(data))-8); n != 8 || err != io.EOF {
		t.Errorf("over the end: %d, %v", n, err)
	}
	if want := 2*blockSize + 12345; s.sent != want {
		t.Errorf("%d bytes were sent, want %d", s.sent, want)
	}
	if err := iotest.TestReader(io.NewSectionReader(r, 0, int64(len(data))), data); err != nil {
		t.Error(err)
	}
}

func TestEndsWithContext(t *testing.T) {
	f, err := one(t, serve(t, &flaky{Handler: content(made(10), `"a"`), busy: 1})+"/f")
	if err != nil {
		t.Fatal(err) // HEAD is busy too, which says nothing yet
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if _, err := io.ReadAll(f.Open(ctx, Patience{})); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

func TestNames(t *testing.T) {
	for url, want := range map[string]string{
		"https://u:p@news.example/a.gz":                            "https://news.example/a.gz",
		"https://news.example/a?page=2":                            "https://news.example/a?page=2",
		"https://x.example/a?X-Amz-Signature=abc&X-Amz-Expires=60": "https://x.example/a",
		"https://acc.blob.core.windows.net/c/a?sv=1&sig=abc":       "https://acc.blob.core.windows.net/c/a",
	} {
		if got := Shown(url); got != want {
			t.Errorf("%s is shown as %s, want %s", url, got, want)
		}
	}
	for path, want := range map[string]string{"file:///a/b.json": "/a/b.json", "/a/b.json": "/a/b.json", "file://elsewhere/a": "file://elsewhere/a"} {
		if got, _ := Local(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct{ url, want, failed string }{
		{url: "s3://b", want: "b|"},
		{url: "s3://b/a/2024-0?/*.gz", want: "b|a/2024-0?/*.gz"},
		{url: "s3://b/a/*.gz?region=eu-west-1&anonymous=true", want: "b|a/*.gz"},
		{url: "s3://b/odd name+%20", want: "b|odd name+%20"},
		{url: "s3:///a", failed: "names no bucket"},
		{url: "s3://*/a", failed: "names no bucket"},
		{url: "s3://b/a?regoin=x", failed: `a query "regoin"`},
	} {
		p, err := parsePlace(c.url)
		if c.failed != "" {
			if err == nil || !strings.Contains(err.Error(), c.failed) || Passing(err) {
				t.Errorf("%s: %v, want %s", c.url, err, c.failed)
			}
			continue
		}
		if got := p.bucket + "|" + p.key; got != c.want || err != nil {
			t.Errorf("%s: %s, %v, want %s", c.url, got, err, c.want)
		}
	}
}
