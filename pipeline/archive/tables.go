package archive

import (
	"errors"
	"os"
	"path/filepath"
	"time"

	"github.com/parquet-go/parquet-go"

	"github.com/quotewire/quotewire/schema"
)

type articleRow struct {
	RecordID    string     `parquet:"record_id"`
	ArticleID   string     `parquet:"article_id,zstd"`
	URL         *string    `parquet:"url,optional,zstd"`
	Title       *string    `parquet:"title,optional,zstd"`
	Authors     []string   `parquet:"authors,list"`
	Publisher   *string    `parquet:"publisher,optional,dict"`
	Language    *string    `parquet:"language,optional,dict"`
	PublishedAt *string    `parquet:"published_at,optional,zstd"`                // as the record has it
	Published   *time.Time `parquet:"published,optional,timestamp(millisecond)"` // the same, to reckon with
	TextSHA256  string     `parquet:"text_sha256"`
	TextChars   int64      `parquet:"text_chars"`
	CopyOf      *string    `parquet:"copy_of,optional,zstd"`
	Text        *string    `parquet:"text,optional,zstd"`
	Entities    int64      `parquet:"entities"`
	Quotes      int64      `parquet:"quotes"`
	Warnings    []string   `parquet:"warnings,list"` // codes
	Reader      string     `parquet:"reader,dict"`
	Version     string     `parquet:"version,dict"`
	Fingerprint string     `parquet:"fingerprint,dict"`
}

type entityRow struct {
	RecordID   string   `parquet:"record_id,dict"`
	ArticleID  string   `parquet:"article_id,dict"`
	EntityID   string   `parquet:"entity_id,dict"`
	Kind       string   `parquet:"kind,dict"`
	Name       string   `parquet:"name,zstd"`
	Aliases    []string `parquet:"aliases,list"`
	Roles      []string `parquet:"roles,list"`
	LinkID     *string  `parquet:"link_id,optional,dict"`
	Confidence float64  `parquet:"confidence"`
	Mentions   int64    `parquet:"mentions"`
	Start      int64    `parquet:"start"` // of the first mention, in code points
}

type quoteRow struct {
	RecordID    string     `parquet:"record_id,dict"`
	ArticleID   string     `parquet:"article_id,dict"`
	QuoteID     string     `parquet:"quote_id"`
	Published   *time.Time `parquet:"published,optional,timestamp(millisecond)"`
	Kind        string     `parquet:"kind,dict"`
	Act         string     `parquet:"act,dict"`
	Text        string     `parquet:"text,zstd"`
	Cue         *string    `parquet:"cue,optional,dict"`
	Speaker     *string    `parquet:"speaker,optional,zstd"`        // canonical name, where resolved
	SpeakerKind *string    `parquet:"speaker_kind,optional,dict"`   // person, organization …
	SpeakerText *string    `parquet:"speaker_text,optional,zstd"`   // the phrase as written
	EntityID    *string    `parquet:"speaker_entity,optional,dict"` // joins entities
	Method      *string    `parquet:"speaker_method,optional,dict"` //
	Confidence  float64    `parquet:"confidence"`
	Start       int64      `parquet:"start"` // of the first span, in code points
	End         int64      `parquet:"end"`   // of the last
	Evidence    string     `parquet:"evidence,dict"`
}

// part is the rows of one part in one partition.
type part struct {
	articles []articleRow
	entities []entityRow
	quotes   []quoteRow
}

func (p *part) add(r *schema.Record) {
	a := r.Article
	published := timeOf(a.PublishedAt)
	row := articleRow{
		RecordID: r.ID, ArticleID: a.ID, URL: a.URL, Title: a.Title, Authors: a.Authors, Publisher: a.Publisher, Language: a.Language,
		PublishedAt: a.PublishedAt, Published: published, TextSHA256: a.TextSHA256, TextChars: int64(a.TextChars), CopyOf: a.CopyOf, Text: a.Text,
		Entities: int64(len(r.Entities)), Quotes: int64(len(r.Quotes)),
		Reader: r.Extractor.Reader, Version: r.Extractor.Version, Fingerprint: r.Extractor.Fingerprint,
	}
	for _, w := range r.Warnings {
		row.Warnings = append(row.Warnings, w.Code)
	}
	p.articles = append(p.articles, row)
	kinds := map[string]*string{}
	for _, e := range r.Entities {
		kind := string(e.Kind)
		kinds[e.ID] = &kind
		row := entityRow{RecordID: r.ID, ArticleID: a.ID, EntityID: e.ID, Kind: kind, Name: e.Name, Aliases: e.Aliases,
			Confidence: float64(e.Confidence), Mentions: int64(len(e.Mentions)), Start: int64(e.Mentions[0].Start)}
		for _, role := range e.Roles {
			row.Roles = append(row.Roles, role.Title)
		}
		if e.Link != nil {
			row.LinkID = &e.Link.ID
		}
		p.entities = append(p.entities, row)
	}
	for _, q := range r.Quotes {
		row := quoteRow{RecordID: r.ID, ArticleID: a.ID, QuoteID: q.ID, Published: published, Kind: string(q.Kind), Act: string(q.Act), Text: q.Text,
			Confidence: float64(q.Confidence), Start: int64(q.Spans[0].Start), End: int64(q.Spans[len(q.Spans)-1].End), Evidence: q.Evidence}
		if q.Cue != nil {
			row.Cue = &q.Cue.Text
		}
		if s := q.Speaker; s != nil {
			method := string(s.Method)
			row.Speaker, row.SpeakerText, row.EntityID, row.Method = s.Name, &s.Text, s.Entity, &method
			if s.Entity != nil {
				row.SpeakerKind = kinds[*s.Entity]
			}
		}
		p.quotes = append(p.quotes, row)
	}
}

func timeOf(s *string) *time.Time {
	if s == nil {
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, time.DateOnly} {
		if t, err := time.Parse(layout, *s); err == nil {
			t = t.UTC()
			return &t
		}
	}
	return nil
}

func writeRows[T any](path string, rows []T) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	f, err := os.Create(path + Unfinished)
	if err != nil {
		return err
	}
	w := parquet.NewGenericWriter[T](f, parquet.CreatedBy("quotewire", "1", "parquet"), parquet.Compression(&parquet.Zstd))
	if len(rows) > 0 {
		_, err = w.Write(rows)
	}
	err = errors.Join(err, w.Close(), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	if err := os.Rename(path+Unfinished, path); err != nil {
		return err
	}
	return syncFolder(path)
}

// writeTables makes the files of one part of one partition.
func (p *part) writeTables(dir, partition, name string) error {
	return errors.Join(
		writeRows(filepath.Join(dir, "articles", partition, name), p.articles),
		writeRows(filepath.Join(dir, "entities", partition, name), p.entities),
		writeRows(filepath.Join(dir, "quotes", partition, name), p.quotes))
}
