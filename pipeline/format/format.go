// Package format knows the forms in which an article's bytes come: JSON, plain text, HTML. It tells them apart and
// makes a [schema.Article] of them. It fetches nothing and keeps no state.
package format

import (
	"bytes"
	"fmt"
	"mime"
	"strings"
	"unicode/utf8"

	"github.com/quotewire/quotewire/schema"
	"golang.org/x/net/html/charset"
)

// Options are how a user wants articles read. The zero value reads everything.
type Options struct {
	MaxBytes int64         // refuse anything longer; 0 for no limit
	Fields   schema.Fields // where the user's JSON keeps what
	KeepText bool          // put the text into the record in any case; that of HTML always goes there
}

// Decode reads one article. The content type decides its form, and the charset in it how characters are written;
// where it is empty or says nothing (application/octet-stream), [Sniff] decides. Every error is a *schema.ArticleError:
// the same bytes will fail again.
//
//   - JSON is one object in UTF-8, see [schema.ParseArticle]. A body in it that is HTML becomes plain text.
//   - Plain text is the body as it stands, but for a byte order mark. It has no title: none is guessed.
//   - HTML gives the text of its article, paragraphs parted by line breaks, and what its metadata say. As the spans of
//     a record count in that text, KeepText is set.
//   - XML whose root is nitf or newsItem (NITF, NewsML-G2) is read like HTML: text, metadata, KeepText.
//
// JSON and plain text with bytes that do not belong to the charset are refused, never repaired; HTML, which is seldom
// clean, has U+FFFD in their place. Time and memory are linear in len(data). Decode may be called concurrently.
func Decode(data []byte, contentType string, o Options) (schema.Article, error) {
	if o.MaxBytes > 0 && int64(len(data)) > o.MaxBytes {
		return schema.Article{}, fault("", "is %d bytes long, more than the limit of %d", len(data), o.MaxBytes)
	}
	form, label, err := formOf(contentType)
	if err != nil {
		return schema.Article{}, err
	}
	if form == unknown {
		form = Sniff(data)
	}
	var a schema.Article
	switch form {
	case HTML:
		if IsNewsXML(XMLRoot(data[:min(len(data), 4096)])) {
			a, err = decodeNews(data)
			break
		}
		a, err = decodeHTML(data, contentType)
	case linked:
		a, err = decodeLinked(data, label)
	case Text:
		a, err = decodeText(data, label)
	case JSONArray:
		return a, fault("", "is a JSON list, want one article a message")
	case NDJSON:
		return a, fault("", "is several JSON objects, want one article a message")
	default:
		a, err = decodeJSON(data, label, o.Fields)
	}
	a.KeepText = a.KeepText || o.KeepText
	return a, err
}

// formOf tells a form and a charset by content type.
func formOf(contentType string) (Form, string, error) {
	if strings.TrimSpace(contentType) == "" {
		return unknown, "", nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	if media == "" && err != nil {
		return unknown, "", fault("", "content type %.80q cannot be read: %v", contentType, err)
	}
	label := params["charset"]
	switch {
	case media == "application/octet-stream":
		return unknown, label, nil
	case media == "application/ld+json":
		return linked, label, nil
	case media == "application/x-ndjson", media == "application/jsonl", media == "application/x-jsonlines":
		return NDJSON, label, nil
	case media == "application/json", media == "text/json", strings.HasSuffix(media, "+json"):
		return JSON, label, nil
	case media == "text/html", media == "application/xhtml+xml", media == "application/xml", media == "text/xml",
		strings.HasSuffix(media, "+xml"):
		return HTML, label, nil
	case media == "text/plain", media == "text/markdown":
		return Text, label, nil
	}
	return unknown, "", fault("", "content type %.80q is no form of article: want application/json, text/plain or text/html", media)
}

func decodeJSON(data []byte, label string, fields schema.Fields) (schema.Article, error) {
	text, err := decodeChars(data, label)
	if err != nil {
		return schema.Article{}, err
	}
	a, err := schema.ParseArticle(text, fields)
	if err != nil {
		return a, err
	}
	return plain(a)
}

// decodeLinked reads JSON-LD, which may be a list or a graph of which only one thing is an article.
func decodeLinked(data []byte, label string) (schema.Article, error) {
	text, err := decodeChars(data, label)
	if err != nil {
		return schema.Article{}, err
	}
	if a, ok := schema.ParseJSONLD(text); ok && a.Text != "" {
		return plain(a)
	}
	a, err := schema.ParseArticle(text, nil) // says what is wrong
	if err != nil {
		return a, err
	}
	return plain(a)
}

// plain makes plain text of an article's body.
func plain(a schema.Article) (schema.Article, error) {
	switch {
	case a.MediaType == "text/html", a.MediaType == "application/xhtml+xml", a.MediaType == "" && isMarkup(a.Text):
		text := read([]byte(a.Text)).all()
		if text == "" {
			return a, &schema.ArticleError{Article: name(a), Field: "text", Reason: "is HTML without any text"}
		}
		a.Text, a.MediaType, a.KeepText = text, "", true
	case a.MediaType != "":
		return a, &schema.ArticleError{Article: name(a), Field: "text", Reason: fmt.Sprintf("is of type %.80q, want text/plain or text/html", a.MediaType)}
	}
	return a, nil
}

func name(a schema.Article) string {
	if a.ID != "" {
		return a.ID
	}
	return a.URL
}

func decodeText(data []byte, label string) (schema.Article, error) {
	text, err := decodeChars(data, label)
	if err != nil {
		return schema.Article{}, err
	}
	if i := badByte(text); i >= 0 {
		return schema.Article{}, fault("text", "byte 0x%02x at byte offset %d is not valid UTF-8", text[i], i+len(data)-len(text))
	}
	switch {
	case len(text) == 0:
		return schema.Article{}, fault("text", "is empty")
	case len(bytes.TrimSpace(text)) == 0:
		return schema.Article{}, fault("text", "holds nothing but white space")
	}
	return schema.Article{Text: string(text)}, nil
}

// decodeChars turns data into UTF-8 without a byte order mark. A mark decides, then the label; what claims to be UTF-8
// is left for its reader to verify.
func decodeChars(data []byte, label string) ([]byte, error) {
	if rest, ok := bytes.CutPrefix(data, []byte("\ufeff")); ok {
		return rest, nil
	}
	if big, ok := utf16Mark(data); ok {
		return decodeUTF16(data, 2, big)
	}
	encoding, name := charset.Lookup(label)
	switch {
	case label == "" || name == "utf-8":
		return data, nil
	case encoding == nil:
		return nil, fault("", "charset %.80q is not known", label)
	case name == "utf-16be" || name == "utf-16le":
		return decodeUTF16(data, 0, name == "utf-16be")
	}
	text, err := encoding.NewDecoder().Bytes(data)
	if err != nil {
		return nil, fault("", "cannot be read as %s: %v", name, err)
	}
	if i := bytes.IndexRune(text, utf8.RuneError); i >= 0 {
		return nil, fault("", "holds bytes that are not characters of %s, the first after %d characters", name, utf8.RuneCount(text[:i]))
	}
	return text, nil
}

// badByte is the offset of the first byte that is not valid UTF-8, or -1.
func badByte(text []byte) int {
	if utf8.Valid(text) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
}

func fault(field, format string, args ...any) error {
	return &schema.ArticleError{Field: field, Reason: fmt.Sprintf(format, args...)}
}
