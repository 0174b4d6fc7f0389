package pipelinetest

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/quotewire/quotewire/schema"
)

// Fingerprint is that of Extract.
const Fingerprint = "00000000000000aa"

// Extract is an extractor for tests of the pipeline: it reads nothing but the first stretch between curly quotation
// marks, with the capitalised word right after it as its speaker (“…,” Name said). Its records pass Check.
func Extract(a schema.Article) schema.Record {
	article, warnings := a.About()
	r := schema.Record{
		Schema:    schema.URI,
		Article:   article,
		Offsets:   schema.Offsets{Unit: "codepoint"},
		Entities:  []schema.Entity{},
		Quotes:    []schema.Quote{},
		Warnings:  append([]schema.Warning{}, warnings...),
		Extractor: schema.Extractor{Name: "pipelinetest", Version: "1", Reader: "marks", Fingerprint: Fingerprint, Models: []schema.Model{}},
	}
	if a.KeepText {
		r.Article.Text = &a.Text
	}
	r.ID = schema.RecordID(article.ID, article.TextSHA256, r.Extractor.Fingerprint)

	text := schema.Valid(a.Text)
	open := strings.Index(text, "“")
	if open < 0 {
		return r
	}
	end := strings.Index(text[open:], "”")
	if end < 0 {
		return r
	}
	end += open + len("”")
	span := schema.Span{Start: utf8.RuneCountInString(text[:open]), End: utf8.RuneCountInString(text[:end])}
	q := schema.Quote{
		ID: schema.QuoteID(r.ID, []schema.Span{span}), Kind: schema.Direct, Act: schema.Speech,
		Text:  schema.QuoteText(schema.Direct, []string{text[open:end]}),
		Spans: []schema.Span{span}, About: []string{}, Confidence: 1, Evidence: "pipelinetest/marks",
	}
	if name, _, _ := strings.Cut(strings.TrimPrefix(text[end:], " "), " "); name != "" && strings.HasPrefix(text[end:], " ") {
		start := span.End + 1
		stop := start + utf8.RuneCountInString(name)
		id := "e1"
		r.Entities = append(r.Entities, schema.Entity{
			ID: id, Kind: schema.Person, Name: name, Aliases: []string{}, Roles: []schema.Role{}, Confidence: 1,
			Mentions: []schema.Mention{{Start: start, End: stop, Text: name, Form: schema.ByName}},
		})
		q.Speaker = &schema.Speaker{Entity: &id, Name: &name, Start: start, End: stop, Text: name, Method: schema.MethodName}
	}
	r.Quotes = append(r.Quotes, q)
	return r
}

// Article is the JSON of the i-th of any number of small articles, all different, for which Extract finds one quote.
func Article(i int) []byte {
	return fmt.Appendf(nil, `{"id":"article-%d","language":"en","title":"The harbour, part %d","text":"The harbour of part %d stays open. “We count %d ships,” Meyer said."}`, i, i, i, i)
}
