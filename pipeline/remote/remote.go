// Package remote reads files that lie elsewhere, over HTTP and in object stores, as if they lay here: listed in a stable
// order, read from any byte on, and gone on with where a connection broke.
//
//	https://host/path                  one file
//	s3://bucket/prefix, gs://, azblob://   all objects under a prefix, or those that a pattern matches
//	file:///path                       a local path, see [Local]
//
// A URL becomes files in [Find]; reader.go reads a file, whatever it lies in; http.go, s3.go and azure.go each know how to
// open one kind of it.
package remote

import (
	"context"
	"io"
	"iter"
	"net/url"
	"strings"
)

// A File is one that lies elsewhere.
type File struct {
	Name    string // its URL, without what is secret in it
	Size    int64  // bytes; negative where the server does not say
	Version string // another one whenever the content is another; empty where the server does not say

	open opener
}

// An opener gives the bytes from one offset up to another, or to the end if that is negative. It fails with
// [ErrChanged] where the content is not that of f any more.
type opener func(ctx context.Context, f File, from, to int64) (body, error)

type body struct {
	io.ReadCloser
	size    int64  // of the whole file; negative where the server does not say
	skip    int64  // bytes that come before the offset, from a server that begins at the beginning
	noParts bool   // a part was asked for, and the server gives none
	version string // as in File
}

// Is reports whether a path is a URL of something that lies elsewhere.
func Is(path string) bool {
	switch scheme(path) {
	case "http", "https", "s3", "gs", "azblob":
		return true
	}
	return false
}

// Local takes the path out of a file:// URL.
func Local(path string) (string, bool) {
	if scheme(path) != "file" {
		return path, false
	}
	u, err := url.Parse(path)
	if err != nil || u.Host != "" && u.Host != "localhost" {
		return path, false
	}
	return u.Path, true
}

func scheme(path string) string {
	s, _, ok := strings.Cut(path, "://")
	if !ok {
		return ""
	}
	return strings.ToLower(s)
}

// Find yields the files that a URL leads to, by name. A failure is the last that it yields; [Passing] tells whether it is
// one of the network, that may be gone tomorrow.
func Find(ctx context.Context, rawURL string, patience Patience) iter.Seq2[File, error] {
	return func(yield func(File, error) bool) {
		switch scheme(rawURL) {
		case "http", "https":
			yield(findHTTP(ctx, rawURL, patience.filled()))
			return
		}
		p, err := parsePlace(rawURL)
		var b bucket
		if err == nil {
			b, err = openBucket(ctx, p, patience.filled())
		}
		if err != nil {
			yield(File{}, err)
			return
		}
		p.find(ctx, b, yield)
	}
}

// Shown is a URL as it may be told to anybody: no password, and no query in which there may be a signature.
func Shown(rawURL string) string {
	u, err := url.Parse(rawURL)
	if err != nil {
		before, _, _ := strings.Cut(rawURL, "?")
		return before
	}
	return shown(u)
}

func shown(u *url.URL) string {
	c := *u
	c.User = nil
	for name := range c.Query() {
		for _, secret := range []string{"sig", "token", "key", "credential", "secret", "password", "auth"} {
			if strings.Contains(strings.ToLower(name), secret) {
				c.RawQuery = ""
			}
		}
	}
	return c.String()
}
