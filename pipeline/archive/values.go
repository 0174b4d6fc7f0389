package archive

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// values cuts JSON into its values: the elements of arrays, and objects that follow one another. It looks at strings
// and brackets only; whether a value is good JSON is for whoever reads it. So a bad value, as long as its brackets
// match, does no harm to the next.
type values struct {
	r       *bufio.Reader
	max     int // bytes of a value
	line    int // of the next byte
	inArray bool
}

func (v *values) next() (article, error) {
	for {
		c, err := v.r.ReadByte()
		if err != nil {
			if v.inArray && errors.Is(err, io.EOF) {
				v.inArray = false
				return article{}, v.bad(v.line, "the array is not closed: is the file cut short?")
			}
			return article{}, err
		}
		switch c {
		case '\n':
			v.line++
		case ' ', '\t', '\r':
		case ',':
			if !v.inArray {
				return article{}, v.lost("a comma")
			}
		case '[':
			if v.inArray {
				return v.value(c)
			}
			v.inArray = true
		case ']':
			if !v.inArray {
				return article{}, v.lost("a closing bracket")
			}
			v.inArray = false
		case '{':
			return v.value(c)
		default:
			if !v.inArray {
				return article{}, v.lost("text")
			}
			return v.scalar()
		}
	}
}

func (v *values) bad(line int, reason string) error {
	return &badArticle{line: line, reason: reason}
}

// lost gives up the rest of a file in which no more values can be told apart.
func (v *values) lost(what string) error {
	line := v.line
	_, err := io.Copy(io.Discard, v.r)
	if err != nil {
		return err
	}
	return v.bad(line, what+" between JSON objects; nothing is read from here to the end of the file")
}

// scalar takes what is neither object nor array, up to where it must end.
func (v *values) scalar() (article, error) {
	v.r.UnreadByte()
	a := article{contentType: contentTypeJSON, line: v.line}
	quoted, escaped := false, false
	for {
		c, err := v.r.ReadByte()
		if errors.Is(err, io.EOF) {
			v.inArray = false
			return article{}, v.bad(a.line, "the array is not closed: is the file cut short?")
		}
		if err != nil {
			return article{}, err
		}
		if c == '\n' || !quoted && (c == ',' || c == ']') {
			v.r.UnreadByte()
			if len(a.data) == v.max {
				return article{}, v.bad(a.line, tooLong(v.max, "the value"))
			}
			return a, nil
		}
		switch {
		case escaped:
			escaped = false
		case c == '\\':
			escaped = true
		case c == '"':
			quoted = !quoted
		}
		if len(a.data) < v.max {
			a.data = append(a.data, c)
		}
	}
}

// value takes the object or array that open begins.
func (v *values) value(open byte) (article, error) {
	a := article{data: []byte{open}, contentType: contentTypeJSON, line: v.line}
	depth, quoted, over := 1, false, false
	take := func(part []byte) {
		over = over || len(a.data)+len(part) > v.max
		if !over {
			a.data = append(a.data, part...)
		}
		v.r.Discard(len(part))
	}
	for depth > 0 {
		// Fill the buffer if it is empty, and look at all that lies there.
		if _, err := v.r.Peek(1); err != nil {
			if errors.Is(err, io.EOF) {
				v.inArray = false
				return article{}, v.bad(a.line, "the JSON value that begins here is not closed: is the file cut short?")
			}
			return article{}, err
		}
		buf, _ := v.r.Peek(v.r.Buffered())
		i := 0
	scan:
		for i < len(buf) {
			if quoted {
				j := bytes.IndexAny(buf[i:], "\"\\\n")
				if j < 0 {
					i = len(buf)
					break
				}
				i += j
				switch buf[i] {
				case '"':
					quoted = false
					i++
				case '\\':
					if i+1 == len(buf) {
						if i == 0 { // the escape's second byte is not in the buffer yet
							buf, _ = v.r.Peek(2)
							if len(buf) < 2 {
								i = len(buf)
							}
							continue
						}
						break scan
					}
					i += 2
				case '\n': // no string holds one: the closing mark is missing
					take(buf[:i])
					return article{}, v.resync(a.line)
				}
				continue
			}
			c := buf[i]
			i++
			switch c {
			case '"':
				quoted = true
			case '{', '[':
				depth++
			case '}', ']':
				depth--
				if depth == 0 {
					break scan
				}
			case '\n':
				v.line++
				if !v.inArray && i < len(buf) && buf[i] == '{' {
					// An object at the margin inside another one is the next article: the one before was cut short.
					take(buf[:i])
					return article{}, v.bad(a.line, "the JSON object is not closed before the next one begins")
				}
			}
		}
		take(buf[:i])
	}
	if over {
		return article{}, v.bad(a.line, tooLong(v.max, "the value"))
	}
	return a, nil
}

// resync skips to the next line that begins with an opening brace, after a string that was not closed.
func (v *values) resync(line int) error {
	margin := false
	for {
		c, err := v.r.ReadByte()
		if errors.Is(err, io.EOF) {
			v.inArray = false
			return v.bad(line, "a JSON string is not closed")
		}
		if err != nil {
			return err
		}
		switch {
		case c == '\n':
			v.line++
			margin = true
		case margin && c == '{':
			v.r.UnreadByte()
			return v.bad(line, "a JSON string is not closed")
		case c != ' ' && c != '\t' && c != '\r':
			margin = false
		}
	}
}
