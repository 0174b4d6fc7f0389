package schema

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// RecordID is the id of the record that an extractor of this fingerprint makes of this text of this article: 32 hex
// digits. A corrected text or another extractor gives another id; a repeated delivery gives the same.
func RecordID(articleID, textSHA256, fingerprint string) string {
	h := newHash("record")
	h.str(articleID)
	h.str(textSHA256)
	h.str(fingerprint)
	return h.hex(16)
}

// QuoteID is the id of the quote of that record which consists of these spans: 16 hex digits.
func QuoteID(recordID string, spans []Span) string {
	h := newHash("quote")
	h.str(recordID)
	h.num(len(spans))
	for _, s := range spans {
		h.num(s.Start)
		h.num(s.End)
	}
	return h.hex(8)
}

// A hash takes SHA-256 over parts of which each is preceded by its length, so that no two lists of parts are read as
// the same bytes.
type hash struct{ b []byte }

func newHash(kind string) *hash {
	h := &hash{make([]byte, 0, 256)}
	h.str("quotewire/" + kind + "/1")
	return h
}

func (h *hash) num(n int)    { h.b = binary.BigEndian.AppendUint64(h.b, uint64(n)) }
func (h *hash) str(s string) { h.num(len(s)); h.b = append(h.b, s...) }
func (h *hash) hex(n int) string {
	sum := sha256.Sum256(h.b)
	return hex.EncodeToString(sum[:n])
}

// canonicalURL writes URLs that lead to the same article the same way. What cannot be parsed stays as it is.
func canonicalURL(raw string) string {
	raw = strings.TrimSpace(raw)
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return raw
	}
	u.Scheme = strings.ToLower(u.Scheme)
	u.Host = strings.ToLower(u.Host)
	if u.Scheme == "http" && u.Port() == "80" || u.Scheme == "https" && u.Port() == "443" {
		u.Host = u.Host[:strings.LastIndexByte(u.Host, ':')]
	}
	if u.Path == "" {
		u.Path = "/"
	}
	u.User, u.Fragment, u.RawFragment, u.ForceQuery = nil, "", "", false
	params := strings.Split(u.RawQuery, "&")
	params = slices.DeleteFunc(params, func(p string) bool { return p == "" || tracks(p) })
	slices.Sort(params)
	u.RawQuery = strings.Join(params, "&")
	return u.String()
}

// tracks reports whether a query parameter tells where the reader came from rather than what is read: those of
// Google (utm_*, gclid), Meta, Microsoft, Twitter, Mailchimp and Yandex.
func tracks(param string) bool {
	name, _, _ := strings.Cut(param, "=")
	name = strings.ToLower(name)
	if strings.HasPrefix(name, "utm_") {
		return true
	}
	switch name {
	case "fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "igshid", "mc_cid", "mc_eid", "yclid":
		return true
	}
	return false
}
