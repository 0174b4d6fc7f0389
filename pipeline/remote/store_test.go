package remote

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// stores are the object stores that these tests have, each with a bucket "news" of these objects behind a flaky server.
func stores(t *testing.T, objects map[string][]byte, test func(t *testing.T, scheme string, server *flaky)) {
	t.Run("s3", func(t *testing.T) {
		server := &flaky{Handler: fakeS3(t, objects)}
		t.Setenv("AWS_ENDPOINT_URL", serve(t, server))
		t.Setenv("AWS_ACCESS_KEY_ID", "id")
		t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
		t.Setenv("AWS_REGION", "eu-central-1")
		test(t, "s3", server)
	})
	t.Run("gs", func(t *testing.T) {
		server := &flaky{Handler: fakeS3(t, objects)}
		t.Setenv("STORAGE_EMULATOR_HOST", serve(t, server))
		t.Setenv("GOOGLE_APPLICATION_CREDENTIALS", "/dev/null/nobody")
		test(t, "gs", server)
	})
	t.Run("azblob", func(t *testing.T) {
		server := &flaky{Handler: fakeAzure(objects)}
		t.Setenv("AZURE_STORAGE_ACCOUNT", "account")
		t.Setenv("AZURE_STORAGE_KEY", "c2VjcmV0")
		t.Setenv("AZURE_STORAGE_ENDPOINT", serve(t, server))
		test(t, "azblob", server)
	})
}

func fakeS3(t *testing.T, objects map[string][]byte) http.Handler {
	t.Helper()
	store := s3mem.New()
	if err := store.CreateBucket("news"); err != nil {
		t.Fatal(err)
	}
	for key, data := range objects {
		if _, err := store.PutObject("news", key, map[string]string{"Last-Modified": "Fri, 03 May 2024 07:00:00 GMT"}, bytes.NewReader(data), int64(len(data)), nil); err != nil {
			t.Fatal(err)
		}
	}
	return gofakes3.New(store).Server()
}

// fakeAzure is as much of Blob Storage as we ask for: a listing of three blobs a page, and blobs with ranges.
func fakeAzure(objects map[string][]byte) http.HandlerFunc {
	var keys []string
	for key := range objects {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.Header.Get("Authorization"), "SharedKey account:") {
			http.Error(w, "who are you?", http.StatusForbidden)
			return
		}
		container, key, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
		switch data, ok := objects[key]; {
		case container != "news":
			w.Header().Set("x-ms-error-code", "ContainerNotFound")
			w.WriteHeader(http.StatusNotFound)
		case r.URL.Query().Get("comp") == "list":
			io.WriteString(w, `<?xml version="1.0"?><EnumerationResults><Blobs>`)
			n, next := 0, ""
			for _, k := range keys {
				if !strings.HasPrefix(k, r.URL.Query().Get("prefix")) || k < r.URL.Query().Get("marker") {
					continue
				}
				if n++; n > 3 {
					next = k
					break
				}
				io.WriteString(w, "<Blob><Name>")
				xml.EscapeText(w, []byte(k))
				fmt.Fprintf(w, `</Name><Properties><Content-Length>%d</Content-Length><Etag>"%x"</Etag></Properties></Blob>`, len(objects[k]), len(objects[k]))
			}
			fmt.Fprintf(w, `</Blobs><NextMarker>%s</NextMarker></EnumerationResults>`, next)
		case !ok:
			w.WriteHeader(http.StatusNotFound)
		default:
			if span := r.Header.Get("x-ms-range"); span != "" {
				r.Header.Set("Range", span)
			}
			content(data, fmt.Sprintf(`"%x"`, len(data)))(w, r)
		}
	}
}

func TestFind(t *testing.T) {
	objects := map[string][]byte{}
	for _, key := range []string{"a/1.json", "a/2.json.gz", "a/b/3.json", "a/.hidden", "a/b/4.json.partial", "a-b/5.json", "a.json", "a.json.sig", "odd name+%20ä.json"} {
		objects[key] = []byte(key)
	}
	stores(t, objects, func(t *testing.T, scheme string, server *flaky) {
		server.busy = 4
		for _, c := range []struct {
			path   string
			want   []string
			failed string
		}{
			{path: "news", want: []string{"a-b/5.json", "a.json", "a.json.sig", "a/1.json", "a/2.json.gz", "a/b/3.json", "odd name+%20ä.json"}},
			{path: "news/a/", want: []string{"a/1.json", "a/2.json.gz", "a/b/3.json"}},
			{path: "news/a", want: []string{"a/1.json", "a/2.json.gz", "a/b/3.json"}},
			{path: "news/a.json", want: []string{"a.json"}},
			{path: "news/a/*.json", want: []string{"a/1.json"}},
			{path: "news/a*/**/[135].json", want: []string{"a-b/5.json", "a/1.json", "a/b/3.json"}},
			{path: "news/a/?.json", want: []string{"a/1.json"}},
			{path: "news/a/.hidden", want: []string{"a/.hidden"}},
			{path: "news/odd name+%20ä.json", want: []string{"odd name+%20ä.json"}},
			{path: "news/nothing/", failed: "no such object"},
			{path: "news/[a", failed: "malformed"},
			{path: "nobucket/x", failed: "N"},
		} {
			var got []string
			var failed error
			for f, err := range Find(t.Context(), scheme+"://"+c.path, hasty) {
				if err != nil {
					failed = err
					break
				}
				key := strings.TrimPrefix(f.Name, scheme+"://news/")
				got = append(got, key)
				if f.Size != int64(len(key)) || f.Version == "" {
					t.Errorf("%s has %d bytes, version %q", f.Name, f.Size, f.Version)
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.path, diff)
			}
			if c.failed == "" && failed != nil || c.failed != "" && (failed == nil || !strings.Contains(failed.Error(), c.failed) || Passing(failed)) {
				t.Errorf("%s: %v, want %q", c.path, failed, c.failed)
			}
		}
	})
}

func TestStores(t *testing.T) {
	data := made(3*blockSize + 777)
	stores(t, map[string][]byte{"f": data}, func(t *testing.T, scheme string, server *flaky) {
		f, err := one(t, scheme+"://news/f")
		if err != nil {
			t.Fatal(err)
		}
		server.cut, server.busy = 800000, 3
		r := f.Open(t.Context(), hasty)
		defer r.Close()
		if got, err := io.ReadAll(r); err != nil || !bytes.Equal(got, data) {
			t.Fatalf("%d bytes, %v; %q", len(got), err, server.seen)
		}
		p := make([]byte, 1000)
		if n, err := r.ReadAt(p, int64(len(data))-1000); n != 1000 || err != nil || !bytes.Equal(p, data[len(data)-1000:]) {
			t.Errorf("at the end: %d, %v", n, err)
		}
		f.Version = "another"
		if _, err := io.ReadAll(f.Open(t.Context(), hasty)); err == nil || !strings.Contains(err.Error(), ErrChanged.Error()) {
			t.Errorf("another version: %v", err)
		}
	})
}
