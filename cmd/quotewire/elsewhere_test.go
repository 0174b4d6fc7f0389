package main

import (
	"bytes"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/rogpeppe/go-internal/testscript"
)

// elsewhere is a script command: it serves the files of a folder over HTTP, at $HTTP, and as the objects of the S3
// bucket "news", which the AWS variables lead to. The first answer for each file breaks off in its middle.
func elsewhere(ts *testscript.TestScript, _ bool, args []string) {
	dir := ts.MkAbs(args[0])
	store := s3mem.New()
	ts.Check(store.CreateBucket("news"))
	ts.Check(fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		data, err := os.ReadFile(filepath.Join(dir, path))
		if err != nil {
			return err
		}
		_, err = store.PutObject("news", path, map[string]string{"Last-Modified": "Fri, 03 May 2024 07:00:00 GMT"}, bytes.NewReader(data), int64(len(data)), nil)
		return err
	}))
	for variable, handler := range map[string]http.Handler{"HTTP": http.FileServer(http.Dir(dir)), "AWS_ENDPOINT_URL": gofakes3.New(store).Server()} {
		server := httptest.NewServer(breaking(handler))
		ts.Defer(server.Close)
		ts.Setenv(variable, server.URL)
	}
	ts.Setenv("AWS_ACCESS_KEY_ID", "id")
	ts.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	ts.Setenv("AWS_REGION", "eu-central-1")
}

// breaking breaks off the first answer to each GET of a file.
func breaking(h http.Handler) http.Handler {
	var seen sync.Map
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		file := r.Method == http.MethodGet && r.URL.RawQuery == "" && r.URL.Path != "/news/"
		if file {
			if _, again := seen.LoadOrStore(r.URL.Path, true); !again {
				w = &half{ResponseWriter: w}
			}
		}
		h.ServeHTTP(w, r)
	})
}

type half struct{ http.ResponseWriter }

func (h *half) Write(p []byte) (int, error) {
	h.ResponseWriter.Write(p[:len(p)/2])
	h.ResponseWriter.(http.Flusher).Flush()
	panic(http.ErrAbortHandler)
}
