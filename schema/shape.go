package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A shape reads a value that different feeds write differently: a string, a list of them, an object that holds it
// under one of some keys, or a list of such objects.
type shape struct {
	keys    []string // where an object holds the value, in this order
	most    int      // so many values and no more; all where negative
	numbers bool     // a number will do: an id, a Unix time
	graph   *graph   // where references to other objects lead
	values  []string // trimmed, none empty, none twice
	seen    map[string]bool
	gone    map[string]bool // references followed: each once, as there may be many to one large object
}

// maxNesting bounds the lists and objects around a value: each is parsed once for every one around it.
const maxNesting = 8

func (s *shape) full() bool { return s.most >= 0 && len(s.values) >= s.most }

func (s *shape) read(raw json.RawMessage, path string, depth int) *ArticleError {
	raw = bytes.TrimSpace(raw)
	if s.full() {
		return nil
	}
	switch t := typeOf(raw); {
	case t == 'n':
		return nil
	case t == '"':
		v, err := str(raw, path)
		if err == nil {
			s.add(v)
		}
		return err
	case t == '0' && s.numbers:
		s.add(string(raw))
		return nil
	case depth == maxNesting:
		return &ArticleError{Field: head(path, 200), Reason: "is nested too deeply"}
	case t == '[':
		var list []json.RawMessage
		json.Unmarshal(raw, &list) // valid: it is part of a value that was
		for i, v := range list {
			if s.full() {
				break
			}
			if err := s.read(v, path+"["+strconv.Itoa(i)+"]", depth+1); err != nil {
				return err
			}
		}
		return nil
	case t == '{':
		var object map[string]json.RawMessage
		json.Unmarshal(raw, &object)
		before := len(s.values)
		for _, key := range s.keys {
			v, ok := object[key]
			if !ok {
				continue
			}
			if err := s.read(v, path+"."+key, depth+1); err != nil {
				return err
			}
			if len(s.values) > before {
				return nil
			}
		}
		if id, to := s.graph.follow(object); to != nil {
			if s.gone[id] {
				return nil
			}
			if s.gone == nil {
				s.gone = map[string]bool{}
			}
			s.gone[id] = true
			return s.read(to, path, depth+1)
		}
		if slices.ContainsFunc(s.keys, func(key string) bool { _, ok := object[key]; return ok }) {
			return nil // there, but empty
		}
		return &ArticleError{Field: path, Reason: "is an object without " + strings.Join(s.keys, ", ")}
	}
	return wrongType(raw, path, "a string")
}

func (s *shape) add(v string) {
	v = strings.TrimSpace(v)
	if v == "" || s.seen[v] {
		return
	}
	if s.most == 1 {
		s.values = append(s.values, v) // and is full
		return
	}
	if s.seen == nil {
		s.seen = map[string]bool{}
	}
	s.seen[v] = true
	s.values = append(s.values, v)
}

// readBody reads an article's text: a string; a list of paragraphs; fundus's {summary, sections}; an object with the
// text under value or rendered; or ninjs bodies, each with its media type.
func readBody(raw json.RawMessage, name string) (text, mediaType string, err *ArticleError) {
	if name == "body_html" || name == "body_xhtml" {
		mediaType = "text/html"
	}
	switch typeOf(raw) {
	case 'n':
		return "", "", nil
	case '"':
		text, err = str(raw, name)
		return text, mediaType, err
	case '{':
		return readBodyObject(raw, name)
	case '[':
		return readBodyList(raw, name)
	}
	return "", "", wrongType(raw, name, "a string")
}

// bodyObject is what is known of bodies that are objects.
type bodyObject struct {
	Value       json.RawMessage `json:"value"`
	Rendered    json.RawMessage `json:"rendered"`    // WordPress: always HTML
	ContentType json.RawMessage `json:"contentType"` // ninjs 3; ninjs 2's contenttype differs only in case
	Summary     json.RawMessage `json:"summary"`     // fundus
	Sections    []bodySection   `json:"sections"`
}

type bodySection struct {
	Headline   json.RawMessage `json:"headline"`
	Paragraphs json.RawMessage `json:"paragraphs"`
}

func readBodyObject(raw json.RawMessage, path string) (text, mediaType string, err *ArticleError) {
	var b bodyObject
	if e := json.Unmarshal(raw, &b); e != nil {
		return "", "", &ArticleError{Field: path + ".sections", Reason: "want a list of objects with headline and paragraphs"}
	}
	switch {
	case b.Value != nil:
		if typeOf(b.ContentType) == '"' {
			mediaType, _ = str(b.ContentType, path)
		}
		if mediaType == "text/plain" {
			mediaType = ""
		}
		if typeOf(b.Value) == 'n' {
			return "", mediaType, nil
		}
		text, err = str(b.Value, path+".value")
		return text, mediaType, err
	case b.Rendered != nil:
		text, err = str(b.Rendered, path+".rendered")
		return text, "text/html", err
	case b.Sections == nil && b.Summary == nil:
		return "", "", &ArticleError{Field: path, Reason: "is an object without value, rendered or sections"}
	}
	all := shape{most: -1}
	read := func(raw json.RawMessage, path string) {
		if raw != nil && err == nil {
			all.seen = nil // paragraphs may repeat
			err = all.read(raw, path, 0)
		}
	}
	read(b.Summary, path+".summary")
	for i, s := range b.Sections {
		at := path + ".sections[" + strconv.Itoa(i) + "]"
		read(s.Headline, at+".headline")
		read(s.Paragraphs, at+".paragraphs")
	}
	return strings.Join(all.values, "\n"), "", err
}

// readBodyList joins paragraphs, or picks one of several versions of the body: plain text, else HTML, else whatever
// comes first.
func readBodyList(raw json.RawMessage, path string) (text, mediaType string, err *ArticleError) {
	var list []json.RawMessage
	json.Unmarshal(raw, &list)
	var paragraphs []string
	rank := 0
	for i, v := range list {
		at := path + "[" + strconv.Itoa(i) + "]"
		switch typeOf(v) {
		case 'n':
		case '"':
			s, e := str(v, at)
			if e != nil {
				return "", "", e
			}
			paragraphs = append(paragraphs, s)
		case '{':
			s, t, e := readBodyObject(v, at)
			if e != nil {
				if err == nil {
					err = e
				}
				continue
			}
			r := 1
			switch t {
			case "":
				r = 3
			case "text/html", "application/xhtml+xml":
				r = 2
			}
			if r > rank && strings.TrimSpace(s) != "" {
				text, mediaType, rank = s, t, r
			}
		default:
			return "", "", wrongType(v, at, "a string or an object with a value")
		}
	}
	if rank > 0 {
		return text, mediaType, nil
	}
	return strings.Join(paragraphs, "\n"), "", err
}

// str reads a JSON string. Half of a surrogate pair is refused: JSON allows it, but it stands for no character.
func str(raw json.RawMessage, path string) (string, *ArticleError) {
	if typeOf(raw) != '"' {
		return "", wrongType(raw, path, "a string")
	}
	if half := loneSurrogate(raw); half != "" {
		return "", &ArticleError{Field: path, Reason: "holds " + half + ", half of a surrogate pair: not a character"}
	}
	return unescaped(raw), nil
}

// unescaped is what a valid JSON string says. Half of a surrogate pair becomes U+FFFD.
func unescaped(raw []byte) string {
	raw = raw[1 : len(raw)-1]
	i := bytes.IndexByte(raw, '\\')
	if i < 0 {
		return string(raw)
	}
	var b strings.Builder
	b.Grow(len(raw))
	for ; i >= 0; i = bytes.IndexByte(raw, '\\') {
		b.Write(raw[:i])
		n := 2
		switch c := raw[i+1]; c {
		case 'b':
			b.WriteByte('\b')
		case 'f':
			b.WriteByte('\f')
		case 'n':
			b.WriteByte('\n')
		case 'r':
			b.WriteByte('\r')
		case 't':
			b.WriteByte('\t')
		case 'u':
			n = 6
			r := rune(escaped(raw[i:]))
			if utf16.IsSurrogate(r) {
				if r = utf16.DecodeRune(r, rune(escaped(raw[i+6:]))); r != utf8.RuneError {
					n = 12
				}
			}
			b.WriteRune(r)
		default: // " \\ /
			b.WriteByte(c)
		}
		raw = raw[i+n:]
	}
	b.Write(raw)
	return b.String()
}

// loneSurrogate is the first \u escape of a valid JSON string that is a surrogate without its other half, or empty.
func loneSurrogate(raw []byte) string {
	for i := bytes.IndexByte(raw, '\\'); i >= 0 && i+1 < len(raw); i++ {
		if raw[i] != '\\' {
			next := bytes.IndexByte(raw[i:], '\\')
			if next < 0 {
				return ""
			}
			i += next
		}
		if raw[i+1] != 'u' {
			i++
			continue
		}
		switch u := escaped(raw[i:]); {
		case u >= 0xdc00 && u <= 0xdfff:
			return string(raw[i : i+6])
		case u >= 0xd800 && u <= 0xdbff:
			if low := escaped(raw[i+6:]); low < 0xdc00 || low > 0xdfff {
				return string(raw[i : i+6])
			}
			i += 11
		default:
			i += 5
		}
	}
	return ""
}

// escaped is the value of the \uXXXX that b begins with, or -1.
func escaped(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	u, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(u)
}

func wrongType(raw []byte, path, want string) *ArticleError {
	return &ArticleError{Field: path, Reason: fmt.Sprintf("is %s, want %s", typeName(raw), want)}
}

// typeOf is the first character of a JSON value: " { [ n t f, or 0 for any number.
func typeOf(raw []byte) byte {
	for len(raw) > 0 && isSpace(raw[0]) {
		raw = raw[1:]
	}
	if len(raw) == 0 {
		return 'n'
	}
	if c := raw[0]; c != '-' && (c < '0' || c > '9') {
		return c
	}
	return '0'
}

func typeName(raw []byte) string {
	switch typeOf(raw) {
	case '"':
		return "a string"
	case '{':
		return "an object"
	case '[':
		return "a list"
	case 'n':
		return "null"
	case 't', 'f':
		return "a boolean"
	}
	return "a number"
}
