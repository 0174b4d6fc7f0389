package remote

import (
	"fmt"
	"strings"
	"testing"
)

// Whatever is given as a URL, it is a place in a bucket or an error, and no query is taken for a key or lost.
func FuzzPlace(f *testing.F) {
	for _, seed := range []string{"s3://b/a/*.gz?region=x", "gs://", "azblob://c/%zz?anonymous=true", "s3://b/?=", "s3://b/a?b=c?d", "://", "s3://b//../.."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, url string) {
		p, err := parsePlace(url)
		if err != nil {
			if Passing(err) {
				t.Errorf("%q: %v would be tried again", url, err)
			}
			return
		}
		if p.bucket == "" || strings.Contains(p.bucket, "/") || !strings.Contains(url, p.bucket+"/"+p.key) && !strings.HasSuffix(url, p.bucket) && p.key != "" {
			t.Errorf("%q: bucket %q, key %q", url, p.bucket, p.key)
		}
		Shown(url)
	})
}

// A server's word on what it sends is read as it is meant, or refused.
func FuzzContentRange(f *testing.F) {
	for _, seed := range []string{"bytes 0-9/10", "bytes 5-9/*", "bytes */10", "", "bytes -1-5/3", "bytes 9223372036854775808-1/2"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		begin, size, err := contentRange(header)
		if err != nil {
			if Passing(err) {
				t.Errorf("%q: %v would be tried again", header, err)
			}
			return
		}
		if begin < 0 || size >= 0 && begin > size {
			t.Errorf("%q: from %d of %d", header, begin, size)
		}
		if size >= 0 {
			if b, s, err := contentRange(fmt.Sprintf("bytes %d-%d/%d", begin, size-1, size)); err != nil || b != begin || s != size {
				t.Errorf("%q: again %d of %d, %v", header, b, s, err)
			}
		}
	})
}
