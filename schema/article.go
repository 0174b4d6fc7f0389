package schema

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// An Article is one news article as received, before anything is read into it.
type Article struct {
	ID          string   // the publisher's own id; may be empty, see Identify
	URL         string   //
	Title       string   //
	Authors     []string //
	Publisher   string   //
	Language    string   // BCP 47; anything else is dropped by About, with a warning
	PublishedAt string   // RFC 3339 date-time, or a date alone; any customary form will do, see About
	Text        string   // the body: valid UTF-8, paragraphs parted by line breaks; else see Valid
	MediaType   string   // of Text: empty for plain text; "text/html" until pipeline/format has made plain text of it
	CopyOf      string   // the id of an earlier article that says the same; empty for none, or where nobody looked
	KeepText    bool     // put the text into the record: it is not the input's own (HTML), or the user asked for it
}

// Identify fills an empty ID, so that the same article has the same one wherever it comes from: with "url:" and the
// SHA-256 of its canonical URL (scheme and host in lower case, no default port, no fragment, no parameters that only
// track the reader, the others sorted), else with "sha256:" and the SHA-256 of its text.
func (a *Article) Identify() {
	switch {
	case a.ID != "":
	case strings.TrimSpace(a.URL) != "":
		a.ID = "url:" + hexSHA256(canonicalURL(a.URL))
	default:
		a.ID = "sha256:" + hexSHA256(Valid(a.Text))
	}
}

// About is what a [Record] keeps of the article. Where the article has no id, About derives it as Identify does. A
// date in another customary form is rewritten to RFC 3339 (a time without a zone is taken for UTC); a date or a
// language that cannot be read is left out, and a warning says so.
func (a Article) About() (About, []Warning) {
	a.Identify()
	text := Valid(a.Text)
	about := About{
		ID:         Valid(a.ID),
		URL:        optional(a.URL),
		Title:      optional(a.Title),
		Authors:    []string{},
		Publisher:  optional(a.Publisher),
		TextSHA256: hexSHA256(text),
		TextChars:  utf8.RuneCountInString(text),
		CopyOf:     optional(a.CopyOf),
	}
	for _, name := range a.Authors {
		if name := optional(name); name != nil {
			about.Authors = append(about.Authors, *name)
		}
	}
	var warnings []Warning
	if a.Language != "" {
		if tag, ok := languageTag(a.Language); ok {
			about.Language = &tag
		} else {
			warnings = append(warnings, Warning{WarnField, "language: " + brief(a.Language) + " is not a BCP 47 tag: left out"})
		}
	}
	if a.PublishedAt != "" {
		if date, ok := rfc3339(a.PublishedAt); ok {
			about.PublishedAt = &date
		} else {
			warnings = append(warnings, Warning{WarnField, "published_at: " + brief(a.PublishedAt) + " is not a date: left out"})
		}
	}
	if a.KeepText {
		about.Text = &text
	}
	return about, warnings
}

// Valid returns s with every byte that is not part of valid UTF-8 replaced by U+FFFD, one for one, and s itself where
// there is none. The text of a record is always the valid one: a text with bad bytes is read, hashed and counted as
// if they were U+FFFD. As Go ranges over a bad byte as one code point too, spans are the same in both.
func Valid(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return string([]rune(s))
}

// optional is nil for a string of nothing but white space.
func optional(s string) *string {
	s = Valid(strings.TrimSpace(s))
	if s == "" {
		return nil
	}
	return &s
}

func hexSHA256(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// brief quotes the head of a value for a message.
func brief(s string) string {
	const most = 40 // code points
	n := 0
	for i := range s {
		if n == most {
			return `"` + Valid(s[:i]) + `…"`
		}
		n++
	}
	return `"` + Valid(s) + `"`
}

// An ArticleError says which field of which article cannot be read, and why. It is permanent: the same bytes will
// fail again.
type ArticleError struct {
	Article string // its id or URL, as far as it could be read; may be empty
	Field   string // "text", "authors[2]" …; empty where the whole is at fault
	Reason  string // lower case, without the field's name
}

func (e *ArticleError) Error() string {
	s := e.Reason
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Article != "" {
		s = "article " + e.Article + ": " + s
	}
	return s
}
