package remote

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/quotewire/quotewire/pipeline/retry"
)

// web is a file behind a URL. What it is held to is its strong ETag, else its Last-Modified (RFC 9110, 8.8 and 13.1.5):
// a range is asked for with If-Range, so that a file that is another one comes from its beginning, and is refused here.
type web struct {
	url  *url.URL
	user *url.Userinfo
}

// client has no limit on the whole of an answer, which may take hours; Patience.Stall is what bounds waiting.
var client = &http.Client{Transport: transport()}

func transport() *http.Transport {
	t := http.DefaultTransport.(*http.Transport).Clone()
	t.ResponseHeaderTimeout = time.Minute
	t.DisableCompression = true // the bytes of the file are wanted, and their offsets
	return t
}

func findHTTP(ctx context.Context, rawURL string, patience Patience) (File, error) {
	u, err := url.Parse(rawURL)
	if err != nil || u.Host == "" {
		return File{}, refusal{errors.New("not a URL")}
	}
	w := web{url: u, user: u.User}
	f := File{Name: shown(u), Size: -1, open: w.open}
	head, err := w.ask(ctx, http.MethodHead, "", "")
	for failed := 1; err != nil; failed++ {
		if patience.ends(failed, err) || !retry.Sleep(ctx, patience.wait(failed)) {
			return f, plainNet(unwrapURL(err))
		}
		head, err = w.ask(ctx, http.MethodHead, "", "")
	}
	head.Body.Close()
	switch code := head.StatusCode; {
	case code == http.StatusOK:
		f.Size, f.Version = head.ContentLength, validator(head.Header)
	case code == http.StatusNotFound, code == http.StatusGone, code == http.StatusUnauthorized:
		return f, statusOf(head)
	}
	return f, nil // there are servers that answer GET and not HEAD: the first read will tell
}

func (w web) ask(ctx context.Context, method, span, ifRange string) (*http.Response, error) {
	u := *w.url
	u.User = nil
	r, err := http.NewRequestWithContext(ctx, method, u.String(), nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", "quotewire")
	r.Header.Set("Accept-Encoding", "identity")
	if span != "" {
		r.Header.Set("Range", span)
	}
	if ifRange != "" {
		r.Header.Set("If-Range", ifRange)
	}
	if w.user != nil {
		password, _ := w.user.Password()
		r.SetBasicAuth(w.user.Username(), password)
	}
	return client.Do(r)
}

// validator is what tells one content from another, byte for byte: a weak ETag does not.
func validator(h http.Header) string {
	if tag := h.Get("ETag"); tag != "" && !strings.HasPrefix(tag, "W/") {
		return tag
	}
	return h.Get("Last-Modified")
}

func (w web) open(ctx context.Context, f File, from, to int64) (body, error) {
	span := ""
	if from > 0 || to >= 0 {
		span = fmt.Sprintf("bytes=%d-", from)
		if to >= 0 {
			span += strconv.FormatInt(to-1, 10)
		}
	}
	ifRange := ""
	if span != "" {
		ifRange = f.Version
	}
	r, err := w.ask(ctx, http.MethodGet, span, ifRange)
	if err != nil {
		return body{}, unwrapURL(err)
	}
	b := body{ReadCloser: r.Body, size: -1, version: validator(r.Header)}
	switch r.StatusCode {
	case http.StatusOK:
		// The server knows no ranges, or the file is another one: then what it says of it differs, which the caller sees.
		b.size, b.noParts = r.ContentLength, span != ""
		if f.Version != "" && b.version != "" && f.Version != b.version {
			err = ErrChanged
		} else if from > 0 {
			b.skip = from
		}
	case http.StatusPartialContent:
		var begin int64
		if begin, b.size, err = contentRange(r.Header.Get("Content-Range")); err == nil && begin != from {
			err = refusal{fmt.Errorf("the server answers with bytes from %d on where %d was asked for", begin, from)}
		}
	default:
		err = statusOf(r)
	}
	if err != nil {
		r.Body.Close()
	}
	return b, err
}

// contentRange reads "bytes 5-9/10", of which the whole may be "*".
func contentRange(s string) (begin, size int64, err error) {
	span, whole, ok := strings.Cut(strings.TrimPrefix(s, "bytes "), "/")
	first, _, two := strings.Cut(span, "-")
	begin, err = strconv.ParseInt(first, 10, 64)
	if !ok || !two || err != nil || begin < 0 {
		return 0, -1, refusal{fmt.Errorf("the server answers with a part of the file and not with which (Content-Range: %.60q)", s)}
	}
	if size, err = strconv.ParseInt(whole, 10, 64); err != nil || size < begin {
		size = -1
	}
	return begin, size, nil
}

// statusOf makes an error of an answer; those of a busy or broken server may be gone with the next try.
func statusOf(r *http.Response) error {
	said := fmt.Errorf("the server answers %s", r.Status)
	return answered(r.StatusCode, said, said)
}

// answered is the error that a status means: the file is not what it was, passing where another try may help, or refused.
func answered(status int, passing, refused error) error {
	switch {
	case status == http.StatusPreconditionFailed, status == http.StatusRequestedRangeNotSatisfiable:
		return ErrChanged // 416: it is shorter than it was
	case status == http.StatusRequestTimeout, status == http.StatusTooEarly, status == http.StatusTooManyRequests, status >= 500:
		return passing
	}
	return refusal{refused}
}

// unwrapURL takes the method and the URL, which may hold a secret, off an error of the client.
func unwrapURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}
