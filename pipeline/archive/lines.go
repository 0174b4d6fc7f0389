package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// lines reads NDJSON: one article a line, blank lines passed over. A line that breaks off does no harm to the next.
type lines struct {
	r   *bufio.Reader
	max int   // bytes of a line
	n   int   // lines read
	raw bool  // keep the spaces around a line
	at  int64 // bytes read
}

func (l *lines) next() (article, error) {
	for {
		line, err := l.line()
		if err != nil {
			return article{}, err
		}
		if len(line) > 0 {
			return article{data: line, contentType: contentTypeJSON, line: l.n}, nil
		}
	}
}

// line returns the next line without its ending and the spaces around it. What follows the last line break counts as
// a line, unless reading broke off there.
func (l *lines) line() ([]byte, error) {
	var long []byte
	over, begin := false, l.at
	for {
		part, err := l.r.ReadSlice('\n')
		l.at += int64(len(part))
		over = over || len(long)+len(bytes.TrimSuffix(part, []byte("\n"))) > l.max
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			if long = append(long, part...); over {
				long = nil
			}
			continue
		case errors.Is(err, io.EOF) && len(long)+len(part) == 0 && !over:
			return nil, io.EOF
		case err != nil && !errors.Is(err, io.EOF):
			return nil, err
		}
		l.n++
		if over {
			what := "the line"
			if !l.raw {
				what = fmt.Sprintf("the line of %d bytes that begins at byte %d", l.at-begin, begin)
			}
			return nil, &badArticle{line: l.n, reason: tooLong(l.max, what)}
		}
		if long == nil {
			return l.trim(bytes.Clone(part)), nil
		}
		return l.trim(append(long, part...)), nil
	}
}

func (l *lines) trim(line []byte) []byte {
	if l.raw {
		return bytes.TrimSuffix(bytes.TrimSuffix(line, []byte("\n")), []byte("\r"))
	}
	return bytes.TrimSpace(bytes.TrimPrefix(line, []byte("\ufeff"))) // one in the middle is left where files were joined
}
