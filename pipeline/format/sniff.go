package format

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// Form is a form in which articles come.
type Form int

const (
	unknown   Form = iota
	JSON           // one object
	JSONArray      // a list, of articles one hopes
	NDJSON         // several objects, customarily one a line
	HTML           //
	Text           // anything else
	linked         // JSON-LD: by content type only
)

func (f Form) String() string {
	switch f {
	case JSON:
		return "JSON"
	case JSONArray:
		return "JSON array"
	case NDJSON:
		return "NDJSON"
	case HTML:
		return "HTML"
	case Text:
		return "text"
	case linked:
		return "JSON-LD"
	}
	return "unknown"
}

// Sniff tells a form by its content. A byte order mark of UTF-8 or UTF-16 is no obstacle. A prefix of the data will do
// if it holds the first line; an object that does not end in it is taken for the only one.
func Sniff(data []byte) Form {
	if big, ok := utf16Mark(data); ok {
		data = narrow(data[2:], big)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	body := bytes.TrimLeft(data, " \t\r\n")
	switch {
	case len(body) == 0:
		return Text
	case body[0] == '{':
		return sniffObjects(body)
	case body[0] == '[':
		if next := bytes.TrimLeft(body[1:], " \t\r\n"); len(next) > 0 && (next[0] == '{' || likelyArray(body)) {
			return JSONArray
		}
	case isMarkup(string(body[:min(len(body), 4096)])), IsNewsXML(XMLRoot(body[:min(len(body), 4096)])):
		return HTML
	}
	return Text
}

// likelyArray tells an array of something else than objects from a text that begins with "[1]" or "[Music]": its
// first values are JSON, and nothing stands behind its end.
func likelyArray(body []byte) bool {
	d := json.NewDecoder(bytes.NewReader(body))
	for depth, n := 0, 0; ; n++ {
		t, err := d.Token()
		switch {
		case err != nil: // EOF: the prefix ends here
			return n > 1 && (errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF))
		case t == json.Delim('[') || t == json.Delim('{'):
			depth++
		case t == json.Delim(']') || t == json.Delim('}'):
			depth--
		}
		if depth == 0 {
			return len(bytes.TrimSpace(body[d.InputOffset():])) == 0
		}
		if n == 64 {
			return true
		}
	}
}

// sniffObjects tells one object from several, and both from a text that begins with a brace.
func sniffObjects(body []byte) Form {
	next := bytes.TrimLeft(body[1:], " \t\r\n")
	if len(next) > 0 && next[0] != '"' && next[0] != '}' {
		return Text
	}
	// A line that ends like an object before one that begins like one: NDJSON, even if the first is broken.
	if line, rest, ok := bytes.Cut(body, []byte("\n")); ok && bytes.HasSuffix(bytes.TrimSpace(line), []byte("}")) {
		if bytes.HasPrefix(bytes.TrimLeft(rest, " \t\r\n"), []byte("{")) {
			return NDJSON
		}
	}
	if rest := bytes.TrimLeft(body[objectEnd(body):], " \t\r\n"); len(rest) > 0 && rest[0] == '{' {
		return NDJSON
	}
	return JSON
}

// objectEnd is the offset after the object that body begins with; where it does not end, after body.
func objectEnd(body []byte) int {
	depth := 0
	for i := 0; i < len(body); i++ {
		switch body[i] {
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		case '"':
			for i++; i < len(body) && body[i] != '"'; i++ {
				if body[i] == '\\' {
					i++
				}
			}
		}
	}
	return len(body)
}

// isMarkup reports whether s begins like HTML: with a comment, a declaration, or one of the tags that documents and
// bodies begin with. A text that begins with "<Name> says" does not.
func isMarkup(s string) bool {
	b := bytes.TrimLeft([]byte(s[:min(len(s), 4096)]), " \t\r\n\f\ufeff")
	if bytes.HasPrefix(b, []byte("<!--")) || bytes.HasPrefix(b, []byte("<?xml")) {
		return true
	}
	if len(b) < 3 || b[0] != '<' {
		return false
	}
	end := 1
	for end < len(b) && end < 12 && (b[end] >= 'a' && b[end] <= 'z' || b[end] >= 'A' && b[end] <= 'Z' || b[end] >= '1' && b[end] <= '6' || b[end] == '!') {
		end++
	}
	if end == len(b) || !bytes.ContainsRune([]byte(" \t\r\n/>"), rune(b[end])) {
		return false
	}
	switch string(bytes.ToLower(b[1:end])) {
	case "!doctype", "html", "head", "body", "meta", "title", "link", "script", "style", "base",
		"div", "p", "article", "section", "main", "header", "nav", "aside", "figure", "blockquote", "table", "ul", "ol", "dl",
		"h1", "h2", "h3", "h4", "h5", "h6", "span", "a", "img", "strong", "em", "b", "i", "br", "hr", "center", "font", "iframe":
		return true
	}
	return false
}

// utf16Mark reports a byte order mark of UTF-16, and whether it is big-endian.
func utf16Mark(data []byte) (big, ok bool) {
	if len(data) < 2 {
		return false, false
	}
	mark := binary.BigEndian.Uint16(data)
	return mark == 0xfeff, mark == 0xfeff || mark == 0xfffe
}

// narrow keeps the ASCII of the head of UTF-16, with ? for anything else: enough to sniff.
func narrow(data []byte, big bool) []byte {
	data = data[:min(len(data), 1<<16)]
	out := make([]byte, 0, len(data)/2)
	for i := 0; i+1 < len(data); i += 2 {
		c := byte('?')
		if u := unit(data[i:], big); u < utf8.RuneSelf {
			c = byte(u)
		}
		out = append(out, c)
	}
	return out
}

func unit(b []byte, big bool) uint16 {
	if big {
		return binary.BigEndian.Uint16(b)
	}
	return binary.LittleEndian.Uint16(b)
}

// decodeUTF16 reads data from an offset on and refuses what is not a character.
func decodeUTF16(data []byte, at int, big bool) ([]byte, error) {
	out := make([]byte, 0, len(data))
	for ; at+1 < len(data); at += 2 {
		u := rune(unit(data[at:], big))
		if utf16.IsSurrogate(u) {
			r := rune(utf8.RuneError)
			if at+3 < len(data) {
				r = utf16.DecodeRune(u, rune(unit(data[at+2:], big)))
			}
			if r == utf8.RuneError {
				return nil, fault("", "half of a surrogate pair at byte offset %d is not a character of UTF-16", at)
			}
			u = r
			at += 2
		}
		out = utf8.AppendRune(out, u)
	}
	if at < len(data) {
		return nil, fault("", "ends with half a character of UTF-16")
	}
	return out, nil
}
