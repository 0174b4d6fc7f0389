package remote

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/url"
	"path"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// A bucket is a place in an object store.
type bucket interface {
	// list yields the objects whose keys begin with a prefix, in the order of the bytes of their keys.
	list(ctx context.Context, prefix string) iter.Seq2[object, error]
	open(key string) opener
}

type object struct {
	key     string
	size    int64
	version string
}

// A place is what stands in the URL of an object store: s3://bucket/key?region=eu-west-1.
type place struct {
	scheme, bucket string
	key            string // or a prefix, or a pattern
	query          url.Values
}

// parsePlace reads a URL by hand, since a key may hold anything, and a pattern a question mark: what follows one is a
// query only if it is NAME=VALUE.
func parsePlace(rawURL string) (p place, err error) {
	rest := ""
	p.scheme, rest, _ = strings.Cut(rawURL, "://")
	p.scheme = strings.ToLower(p.scheme)
	if i := strings.LastIndexByte(rest, '?'); i >= 0 && strings.Contains(rest[i:], "=") {
		if p.query, err = url.ParseQuery(rest[i+1:]); err != nil {
			return p, refusal{fmt.Errorf("the query of the URL is malformed: %w", err)}
		}
		for name := range p.query {
			if name != "region" && name != "endpoint" && name != "anonymous" {
				return p, refusal{fmt.Errorf("the URL has a query %q; there are region, endpoint and anonymous", name)}
			}
		}
		rest = rest[:i]
	}
	if p.bucket, p.key, _ = strings.Cut(rest, "/"); p.bucket == "" || strings.ContainsAny(p.bucket, "*[{?") {
		return p, refusal{errors.New("the URL names no bucket: s3://BUCKET/PREFIX")}
	}
	return p, nil
}

func (p place) name(key string) string { return p.scheme + "://" + p.bucket + "/" + key }

func openBucket(ctx context.Context, p place, patience Patience) (bucket, error) {
	switch p.scheme {
	case "s3":
		return openS3(p, patience)
	case "gs":
		return openGCS(ctx, p, patience)
	}
	return openAzure(p, patience)
}

// find yields the object of that key, or what lies under it as in a folder, or what matches it as a pattern.
func (p place) find(ctx context.Context, b bucket, yield func(File, error) bool) {
	prefix, want := p.key, func(key string) bool { return key == p.key || strings.HasPrefix(key, folder(p.key)) }
	if strings.ContainsAny(p.key, "*?[{") {
		if !doublestar.ValidatePattern(p.key) {
			yield(File{}, refusal{errors.New("the pattern is malformed")})
			return
		}
		base, _ := doublestar.SplitPattern(p.key)
		if prefix = folder(base); base == "." {
			prefix = ""
		}
		want = func(key string) bool { ok, _ := doublestar.Match(p.key, key); return ok }
	}
	found := false
	for o, err := range b.list(ctx, prefix) {
		if err != nil {
			yield(File{}, err)
			return
		}
		if o.key != p.key && (!want(o.key) || hidden(o.key)) {
			continue
		}
		found = true
		if !yield(File{Name: p.name(o.key), Size: o.size, Version: o.version, open: b.open(o.key)}, nil) {
			return
		}
		if o.key == p.key && !strings.HasSuffix(o.key, "/") {
			return // an object has this very name: what begins like it is something else
		}
	}
	if !found {
		yield(File{}, refusal{errors.New("there is no such object, and none under that prefix")})
	}
}

func folder(key string) string {
	if key == "" || strings.HasSuffix(key, "/") {
		return key
	}
	return key + "/"
}

// hidden reports whether a key is passed over: those that stand for a folder, are hidden, or are being written.
func hidden(key string) bool {
	base := path.Base(key)
	return strings.HasSuffix(key, "/") || strings.HasPrefix(base, ".") || strings.HasSuffix(base, Unfinished)
}

// Unfinished is the suffix of a file that is still being written.
const Unfinished = ".partial"
