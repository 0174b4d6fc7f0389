package extract

import (
	"slices"
	"strconv"
	"strings"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/quote"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// record writes down what was found, in the record's terms: code points instead of bytes, ids instead of indices.
func record(self schema.Extractor, a schema.Article, doc *text.Doc, who coref.Resolution, quotes []quote.Quote, where []*schema.Geography,
	links people.Result) schema.Record {
	about, warnings := a.About()
	w := writer{doc, who}
	r := schema.Record{
		Schema:    schema.URI,
		ID:        schema.RecordID(about.ID, about.TextSHA256, self.Fingerprint),
		Article:   about,
		Offsets:   schema.Offsets{Unit: "codepoint"},
		Entities:  make([]schema.Entity, len(who.Entities)),
		Quotes:    make([]schema.Quote, len(quotes)),
		Warnings:  append(append([]schema.Warning{}, warnings...), warn(a, doc)...),
		Extractor: self,
	}
	for i := range who.Entities {
		r.Entities[i] = w.entity(i)
	}
	for i, g := range where {
		r.Entities[i].Place = g
	}
	for i, link := range links.Links {
		r.Entities[i].Link = link
	}
	r.Warnings = append(r.Warnings, namesakes(r.Entities, links.Ambiguous)...)
	for i := range quotes {
		r.Quotes[i] = w.quote(&quotes[i], r.ID)
	}
	return r
}

type writer struct {
	doc *text.Doc
	who coref.Resolution
}

func (w writer) span(s text.Span) schema.Span {
	return schema.Span{Start: w.doc.CodePoint(s.Start), End: w.doc.CodePoint(s.End)}
}

func id(entity int) string { return "e" + strconv.Itoa(entity+1) }

func (w writer) entity(i int) schema.Entity {
	e := &w.who.Entities[i]
	out := schema.Entity{
		ID: id(i), Kind: e.Kind, Name: e.Name, Aliases: append([]string{}, e.Aliases...), Roles: []schema.Role{},
		Confidence: schema.Round(e.Confidence), Mentions: make([]schema.Mention, 0, len(e.Mentions)),
	}
	for _, r := range e.Roles {
		at := w.span(r.Title)
		role := schema.Role{Title: w.doc.Slice(r.Title), Tenure: r.Tenure(w.doc), Start: at.Start, End: at.End}
		if !r.Of.Empty() {
			of := strings.Join(strings.Fields(w.doc.Slice(r.Of)), " ")
			role.Of = &of
		}
		out.Roles = append(out.Roles, role)
	}
	for _, k := range e.Mentions {
		m := &w.who.Mentions[k]
		at := w.span(m.Span)
		out.Mentions = append(out.Mentions, schema.Mention{Start: at.Start, End: at.End, Text: w.doc.Slice(m.Span), Form: m.Form})
	}
	return out
}

func (w writer) quote(q *quote.Quote, record string) schema.Quote {
	out := schema.Quote{
		Kind: q.Kind, Act: q.Act, Spans: make([]schema.Span, len(q.Spans)), About: w.about(q.Spans), Confidence: schema.Round(q.Confidence),
		Evidence: q.Evidence,
	}
	parts := make([]string, len(q.Spans))
	for i, s := range q.Spans {
		out.Spans[i], parts[i] = w.span(s), w.doc.Slice(s)
	}
	out.ID = schema.QuoteID(record, out.Spans)
	out.Text = schema.QuoteText(q.Kind, parts)
	if !q.Cue.Empty() {
		at := w.span(q.Cue)
		out.Cue = &schema.Phrase{Start: at.Start, End: at.End, Text: w.doc.Slice(q.Cue)}
	}
	if s := q.Speaker; s != nil {
		at := w.span(s.Phrase)
		out.Speaker = &schema.Speaker{Start: at.Start, End: at.End, Text: w.doc.Slice(s.Phrase), Method: s.Method}
		if s.Entity >= 0 {
			entity, name := id(s.Entity), w.who.Entities[s.Entity].Name
			out.Speaker.Entity, out.Speaker.Name, out.Speaker.Confidence = &entity, &name, schema.Round(s.Belief)
			for _, e := range s.Joint {
				out.Speaker.Joint = append(out.Speaker.Joint, id(e))
			}
		}
		if s.Of >= 0 && s.Of != s.Entity && !slices.Contains(s.Joint, s.Of) {
			of := id(s.Of)
			out.Speaker.Of = &of
		}
	}
	return out
}

// about lists the entities that are mentioned inside the spans.
func (w writer) about(spans []text.Span) []string {
	out := []string{}
	seen := map[int]bool{}
	for _, s := range spans {
		for _, m := range w.who.Within(s) {
			if !seen[m.Entity] {
				seen[m.Entity] = true
				out = append(out, id(m.Entity))
			}
		}
	}
	return out
}
