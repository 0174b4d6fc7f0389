package archive

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

// A letter is a dead article on a line of its own, with all that is needed to read it again: lines of NDJSON that
// begin like one are taken out of their letter by a Source.
type letter struct {
	Dead  death          `json:"dead_article"`
	Known schema.Article `json:"known,omitzero"`
	Text  *string        `json:"text_bytes,omitempty"`   // what was delivered, where it is UTF-8
	Bytes []byte         `json:"base64_bytes,omitempty"` // where it is not
}

type death struct {
	From        string `json:"from"`
	Class       string `json:"class"`
	Field       string `json:"field,omitempty"`
	Reason      string `json:"reason"`
	Article     string `json:"article,omitempty"`
	ContentType string `json:"content_type,omitempty"`
}

func deadLine(d pipeline.Delivery, err error) []byte {
	f := pipeline.Describe(err)
	l := letter{
		Dead: death{From: d.From.String(), Class: string(f.Class), Field: f.Field, Reason: schema.Valid(f.Reason),
			Article: schema.Valid(f.Article), ContentType: d.ContentType},
		Known: d.Known,
	}
	switch {
	case d.Data == nil:
	case utf8.Valid(d.Data):
		text := string(d.Data)
		l.Text = &text
	default:
		l.Bytes = d.Data
	}
	line, _ := json.Marshal(l)
	return append(line, '\n')
}

var letterBegins = []byte(`{"dead_article":{"from":`)

// revive takes an article out of its dead letter, if a line is one.
func revive(a article) (article, error) {
	if !bytes.HasPrefix(a.data, letterBegins) {
		return a, nil
	}
	var l letter
	if err := json.Unmarshal(a.data, &l); err != nil {
		return a, nil
	}
	switch {
	case l.Text != nil:
		a.data = []byte(*l.Text)
	case l.Bytes != nil:
		a.data = l.Bytes
	default:
		return a, &badArticle{line: a.line, reason: "a dead letter without an article: " + l.Dead.From + ": " + l.Dead.Reason}
	}
	a.contentType, a.known = l.Dead.ContentType, l.Known
	return a, nil
}
