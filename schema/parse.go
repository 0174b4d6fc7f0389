package schema

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Fields says where an article's field stands in the user's own JSON: "text": "my_body". A value may be a path into
// nested objects: "story.body". What is named here is looked for there only; all other fields under their customary
// names.
type Fields map[string]string

// Check reports the first key that is not a field of an article.
func (f Fields) Check() error {
	for _, name := range slices.Sorted(maps.Keys(f)) {
		if _, ok := customary[name]; !ok {
			return fmt.Errorf("article field %q: want id, url, title, authors, publisher, language, published_at or text", name)
		}
		if f[name] == "" {
			return fmt.Errorf("article field %q: no name given for it", name)
		}
	}
	return nil
}

// customary is the alias table: under which names the fields of an article are found, in this order; the first that is
// not empty wins. Behind each name stands who uses it.
var customary = map[string][]string{
	"id": {
		"id",         // Quotewire
		"uri",        // ninjs, Event Registry
		"guid",       // feeds
		"identifier", // schema.org
		"@id",        // JSON-LD
		"_id",        // document stores
	},
	"url": {
		"url", // Quotewire and nearly everyone
		"link", "canonical_url",
		"mainEntityOfPage", // schema.org
	},
	"title": {
		"title",                   // Quotewire, news-please, fundus, cc_news, Event Registry, GDELT
		"headline",                // schema.org, ninjs 1
		"headlines",               // ninjs 2 and 3
		"title_page", "title_rss", // news-please
	},
	"authors": {
		"authors",      // Quotewire, news-please, fundus, Event Registry
		"author",       // schema.org, GDELT
		"by", "byline", // ninjs
		"creator", // schema.org
	},
	"publisher": {
		"publisher",     // Quotewire, fundus, schema.org
		"source",        // Event Registry
		"source_domain", // news-please
		"infosources",   // ninjs 2
		"infoSources",   // ninjs 3
		"domain",        // cc_news
	},
	"language": {
		"language",   // Quotewire, news-please, ninjs
		"inLanguage", // schema.org
		"lang",       // Event Registry, GDELT
	},
	"published_at": {
		"published_at",           // Quotewire
		"publishedAt", "pubDate", // news APIs, feeds
		"date_publish",            // news-please
		"publishing_date",         // fundus
		"datePublished",           // schema.org
		"dateTimePub", "dateTime", // Event Registry
		"versioncreated", // ninjs 1 and 2
		"versionCreated", // ninjs 3
		"firstcreated", "firstCreated", "contentcreated", "contentCreated",
		"date", // cc_news, GDELT, Event Registry
	},
	"text": {
		"text",                                 // Quotewire, cc_news
		"maintext",                             // news-please
		"plaintext",                            // fundus
		"articleBody",                          // schema.org
		"body",                                 // Event Registry, fundus
		"bodies",                               // ninjs 2 and 3
		"body_text", "body_html", "body_xhtml", // ninjs 1
		"content", // feeds
	},
}

// maxDepth is how deep an article's JSON may nest. Real ones stay below ten.
const maxDepth = 64

// ParseArticle reads an article from a JSON object in UTF-8. Field names are those of our own records, of news-please,
// fundus, Hugging Face's cc_news, Event Registry, ninjs 1 to 3, schema.org (also inside @graph) and GDELT's article
// list, or as fields says. Of several names of one field the first with a value counts; of a repeated name, the last.
// Authors and publishers may be names, lists, or objects with a name; a body may be a string, a list of paragraphs, or
// ninjs bodies, of which plain text is preferred; a date that is read comes out as [Article.About] has it, one that is
// not stays as it is for About to warn of.
//
// Every error is an *ArticleError. The Article beside it holds what could be read nevertheless. Time and memory are
// linear in len(data), which the caller limits.
func ParseArticle(data []byte, fields Fields) (Article, error) {
	object, reason := parseObject(data)
	p := &parser{object: object, fields: fields, graph: graphOf(object)}
	if p.graph != nil && !p.has("text") {
		p.object = p.graph.article(object)
	}
	a, err := p.article()
	switch {
	case reason != "":
		err = &ArticleError{Reason: reason}
	case err == nil:
		return a, nil
	}
	err.Article = a.ID
	if err.Article == "" {
		err.Article = a.URL
	}
	err.Article = head(err.Article, 200)
	return a, err
}

// parseObject reads the top level of an article. Where there is a reason why it cannot be one, the map holds the
// members before the fault, so that the error can name the article.
func parseObject(data []byte) (object map[string]json.RawMessage, reason string) {
	rest := bytes.TrimPrefix(data, []byte("\ufeff"))
	bom := len(data) - len(rest)
	if i := invalidUTF8(rest); i >= 0 {
		return members(rest[:i]), fmt.Sprintf("byte 0x%02x at byte offset %d is not valid UTF-8", rest[i], bom+i)
	}
	if i := tooDeep(rest, maxDepth); i >= 0 {
		return members(rest[:i]), fmt.Sprintf("nested deeper than %d levels at byte offset %d", maxDepth, bom+i)
	}
	if json.Valid(rest) && typeOf(rest) == '{' {
		return split(rest), ""
	}
	err := json.Unmarshal(rest, &object)
	var syntax *json.SyntaxError
	switch {
	case err == nil && object == nil:
		return nil, "is null, want a JSON object"
	case err == nil:
		return object, ""
	case len(bytes.TrimSpace(rest)) == 0:
		return nil, "is empty, want a JSON object"
	case errors.As(err, &syntax):
		return members(rest), fmt.Sprintf("not JSON: %s at byte offset %d", syntax, bom+int(syntax.Offset))
	default:
		return nil, "is " + typeName(bytes.TrimSpace(rest)) + ", want a JSON object"
	}
}

// members reads the members of a broken object up to where it breaks.
func members(data []byte) map[string]json.RawMessage {
	object := map[string]json.RawMessage{}
	d := json.NewDecoder(bytes.NewReader(data))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return object
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			break
		}
		var value json.RawMessage
		if d.Decode(&value) != nil {
			break
		}
		if name, ok := name.(string); ok {
			object[name] = value
		}
	}
	return object
}

// split takes a valid JSON object apart: its members as they stand there, of a repeated name the last.
func split(data []byte) map[string]json.RawMessage {
	object := make(map[string]json.RawMessage, 16)
	for i := bytes.IndexByte(data, '{') + 1; ; {
		for data[i] != '"' {
			if data[i] == '}' {
				return object
			}
			i++ // white space, or the comma behind a member
		}
		end := endOfString(data, i)
		name := unescaped(data[i:end])
		i = end + bytes.IndexByte(data[end:], ':') + 1
		for isSpace(data[i]) {
			i++
		}
		end = endOfValue(data, i)
		object[name] = data[i:end:end]
		i = end
	}
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\r' || c == '\n' }

// endOfValue is the offset behind the valid value that begins at i, inside an object.
func endOfValue(data []byte, i int) int {
	switch data[i] {
	case '"':
		return endOfString(data, i)
	case '{', '[':
		depth := 0
		for ; ; i++ {
			switch data[i] {
			case '{', '[':
				depth++
			case '}', ']':
				if depth--; depth == 0 {
					return i + 1
				}
			case '"':
				i = endOfString(data, i) - 1
			}
		}
	}
	for data[i] != ',' && data[i] != '}' && !isSpace(data[i]) {
		i++
	}
	return i
}

// endOfString is the offset behind the valid string that begins at i.
func endOfString(data []byte, i int) int {
	for i++; ; i++ {
		i += bytes.IndexByte(data[i:], '"')
		before := i - 1
		for data[before] == '\\' {
			before--
		}
		if (i-before)%2 == 1 { // an even number of backslashes, which escape one another
			return i + 1
		}
	}
}

// invalidUTF8 is the offset of the first byte that is not valid UTF-8, or -1.
func invalidUTF8(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
}

// tooDeep is the offset of the first bracket that nests deeper than most, or -1.
func tooDeep(data []byte, most int) int {
	depth := 0
	for i := 0; i < len(data); i++ {
		switch data[i] {
		case '{', '[':
			if depth++; depth > most {
				return i
			}
		case '}', ']':
			depth--
		case '"':
			for i++; i < len(data) && data[i] != '"'; i++ {
				if data[i] == '\\' {
					i++
				}
			}
		}
	}
	return -1
}

// A parser takes the fields of one article out of its object.
type parser struct {
	object map[string]json.RawMessage
	fields Fields
	graph  *graph // nil where there is none
}

// article reads every field, and goes on after an error so that the id is known whatever is wrong; it reports the
// first one.
func (p *parser) article() (Article, *ArticleError) {
	var a Article
	var first *ArticleError
	note := func(err *ArticleError) {
		if first == nil {
			first = err
		}
	}
	one := func(field string, keys ...string) string {
		values, err := p.strings(field, 1, keys...)
		note(err)
		if len(values) == 0 {
			return ""
		}
		return values[0]
	}
	a.ID = one("id", "@value", "value", "@id", "$oid")
	a.URL = one("url", "@id", "url", "href")
	var err *ArticleError
	a.Text, a.MediaType, err = p.text()
	note(err)
	a.Title = one("title", "value", "@value", "rendered")
	a.Authors, err = p.strings("authors", -1, "name", "literal", "@value")
	note(err)
	a.Publisher = one("publisher", "name", "title", "literal", "@value", "uri", "url")
	a.Language = one("language", "alternateName", "name", "@value")
	if tag, ok := languageTag(a.Language); ok {
		a.Language = tag
	}
	a.PublishedAt = one("published_at", "@value", "value", "$date")
	if date, ok := rfc3339(a.PublishedAt); ok {
		a.PublishedAt = date
	}
	return a, first
}

// names is where to look for a field.
func (p *parser) names(field string) []string {
	if own := p.fields[field]; own != "" {
		return []string{own}
	}
	return customary[field]
}

// value is what stands under a name, or else at the end of a dotted path.
func (p *parser) value(name string) (json.RawMessage, bool) {
	if v, ok := p.object[name]; ok {
		return v, true
	}
	object := p.object
	for {
		step, rest, more := strings.Cut(name, ".")
		v, ok := object[step]
		if !more || !ok {
			return v, ok
		}
		name, object = rest, nil
		if json.Unmarshal(v, &object) != nil {
			return nil, false
		}
	}
}

func (p *parser) has(field string) bool {
	return slices.ContainsFunc(p.names(field), func(name string) bool {
		v, ok := p.value(name)
		return ok && typeOf(v) != 'n'
	})
}

// strings is the field's first non-empty value as at most so many strings (all where most < 0). A name whose value
// makes no sense is an error only if no other name has one that does.
func (p *parser) strings(field string, most int, keys ...string) ([]string, *ArticleError) {
	var first *ArticleError
	for _, name := range p.names(field) {
		raw, ok := p.value(name)
		if !ok {
			continue
		}
		s := shape{keys: keys, most: most, numbers: field == "id" || field == "published_at", graph: p.graph}
		err := s.read(raw, name, 0)
		switch {
		case err == nil && len(s.values) > 0:
			return s.values, nil
		case first == nil:
			first = err
		}
	}
	return nil, first
}

// text is the body and, unless it is plain text, its media type.
func (p *parser) text() (text, mediaType string, err *ArticleError) {
	names := p.names("text")
	for _, name := range names {
		raw, ok := p.value(name)
		if !ok {
			continue
		}
		text, mediaType, problem := readBody(raw, name)
		if problem == nil && strings.TrimSpace(text) != "" {
			return text, mediaType, nil
		}
		if problem == nil {
			problem = emptyBody(raw, name, text)
		}
		if err == nil {
			err = problem
		}
	}
	if err == nil {
		err = &ArticleError{Field: "text", Reason: "missing; looked for " + strings.Join(names, ", ")}
	}
	return "", "", err
}

func emptyBody(raw json.RawMessage, name, text string) *ArticleError {
	reason := "is empty"
	switch {
	case typeOf(raw) == 'n':
		reason = "is null"
	case text != "":
		reason = "holds nothing but white space"
	}
	return &ArticleError{Field: name, Reason: reason}
}

func head(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return s[:most] + "…"
}
