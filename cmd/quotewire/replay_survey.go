package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/schema"
)

// A survey is what replay --dry-run tells: what is there, before anything is read with a model.
type survey struct {
	Files     int64            `json:"files"`
	Bytes     int64            `json:"bytes"`      // as the files lie there
	Articles  int64            `json:"articles"`   // that can be read
	Dead      int64            `json:"dead"`       // that cannot
	NoArticle int64            `json:"no_article"` // members and records that are none by their kind
	NotWanted int64            `json:"not_wanted"` // of articles, by --language, --since and --until
	Copies    *int64           `json:"copies,omitempty"`
	Words     int64            `json:"words"`
	Longest   int              `json:"longest_chars"` // code points of the longest text
	Forms     map[string]int64 `json:"forms"`         // articles and failures by the form of their file
	Fields    map[string]int64 `json:"fields"`        // articles that have it
	Languages map[string]int64 `json:"languages"`     // stated, else told from the text; "" where neither tells
	Stated    int64            `json:"languages_stated"`
	First     string           `json:"first_published,omitempty"` // date
	Last      string           `json:"last_published,omitempty"`
	Months    map[string]int64 `json:"months"`  // of publication
	Reasons   map[string]int64 `json:"reasons"` // why articles are dead, by class

	mu sync.Mutex
}

// survey reads the archive as replay would, up to the model.
func (c *replayCmd) survey(ctx context.Context, a *app) error {
	s := &survey{Forms: map[string]int64{}, Fields: map[string]int64{}, Languages: map[string]int64{}, Months: map[string]int64{}, Reasons: map[string]int64{}}
	for _, field := range schema.ArticleFields() {
		s.Fields[field] = 0
	}
	from, err := c.from(ctx, a)
	if err != nil {
		return err
	}
	defer from.close()
	bar := a.newProgress(ctx, c.Quiet, c.Paths, from.size())
	complain := &complaint{app: a, before: bar.clear}
	const told = 10 // of what is dead, with a line each
	source, err := from.open(func(from pipeline.Origin, err error) {
		s.mu.Lock()
		s.Reasons[string(pipeline.Describe(err).Class)]++
		n := s.Dead
		s.Dead++
		s.mu.Unlock()
		if n < told {
			complain.failed(from, err)
		}
	}, archive.Options{Limit: c.Limit, Sample: c.Sample})
	if err != nil {
		return err
	}
	defer source.Close()
	bar.goOn(source, archive.Counts{})
	known := c.duplicates()
	decide := known.decider()
	wanted := c.admit()
	_, err = pipeline.Run(ctx, pipeline.Config{
		Source: forms{source, s}, Workers: c.Workers, Format: c.decoding(), Progress: bar.show,
		Admit: func(a schema.Article) bool {
			is := wanted == nil || wanted(a)
			s.add(a, is)
			return is
		},
		Copies: func(a schema.Article) func() (string, bool) {
			keep := func() (string, bool) { return "", false }
			if decide != nil {
				keep = decide(a)
			}
			return func() (string, bool) { keep(); return "", true } // nothing becomes a record: no extractor is needed, and no sink
		},
	})
	bar.clear()
	if err != nil {
		return cause(ctx, err)
	}
	read := source.Progress()
	s.Files, s.Bytes, s.NoArticle = read.Files, read.Bytes, read.Skipped
	if known != nil {
		s.Copies = &known.found
	}
	if more := s.Dead - told; more > 0 {
		fmt.Fprintf(a.stderr, "and %s more\n", thousands(more))
	}
	if err := s.print(a, c.Format); err != nil {
		return err
	}
	return complain.verdict()
}

// forms counts by form what a source hands out.
type forms struct {
	pipeline.Source
	s *survey
}

func (f forms) Next(ctx context.Context) (pipeline.Delivery, error) {
	d, err := f.Source.Next(ctx)
	if err == nil && d.From.Attempt <= 1 {
		form := d.Form
		if form == "" {
			form = "not a file that can be read"
		}
		f.s.mu.Lock()
		f.s.Forms[form]++
		f.s.mu.Unlock()
	}
	return d, err
}

func (s *survey) add(a schema.Article, wanted bool) {
	about, _ := a.About()
	language := languageOf(a)
	words := int64(wordsIn(a.Text))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Articles++
	if !wanted {
		s.NotWanted++
	}
	s.Words += words
	s.Longest = max(s.Longest, utf8.RuneCountInString(a.Text))
	s.Languages[language]++
	for field, there := range map[string]bool{
		"id": !strings.HasPrefix(about.ID, "url:") && !strings.HasPrefix(about.ID, "sha256:"), "url": about.URL != nil, "title": about.Title != nil,
		"authors": len(about.Authors) > 0, "publisher": about.Publisher != nil, "language": about.Language != nil,
		"published_at": about.PublishedAt != nil, "text": true,
	} {
		if there {
			s.Fields[field]++
		}
	}
	if about.Language != nil {
		s.Stated++
	}
	if about.PublishedAt == nil {
		return
	}
	date := (*about.PublishedAt)[:len("2024-05-03")]
	s.Months[date[:len("2024-05")]]++
	if s.First == "" || date < s.First {
		s.First = date
	}
	s.Last = max(s.Last, date)
}

func (s *survey) print(a *app, form string) error {
	if form == "text" || form == "auto" && isTerminal(a.stdout) {
		return s.table(a.stdout, ink(colours(a.flags.Color, a.stdout)))
	}
	e := json.NewEncoder(a.stdout)
	e.SetEscapeHTML(false)
	if form == "json" {
		e.SetIndent("", "  ")
	}
	return e.Encode(s)
}

// table is for people. What comes out of the archive (a language, a form) cannot control the terminal.
func (s *survey) table(w io.Writer, ink ink) error {
	var b strings.Builder
	row := func(n int64, what string, of int64) {
		part := ""
		if of > 0 {
			part = fmt.Sprintf("%3.0f %%", 100*float64(n)/float64(of))
		}
		fmt.Fprintf(&b, "%14s  %5s  %s\n", thousands(n), part, clean(what))
	}
	title := func(s string) { fmt.Fprintf(&b, "%s\n", ink.bold(s)) }
	title("what is there")
	row(s.Files, fmt.Sprintf("files, %s MB", significant(float64(s.Bytes)/1e6)), 0)
	row(s.Articles, "articles", 0)
	if s.NotWanted > 0 {
		row(s.NotWanted, "not wanted", s.Articles)
	}
	if s.Copies != nil {
		row(*s.Copies, "copies", s.Articles-s.NotWanted)
	}
	for _, class := range most(s.Reasons, 0) {
		row(s.Reasons[class], "dead: "+class, s.Articles+s.Dead)
	}
	if s.NoArticle > 0 {
		row(s.NoArticle, "members and records that are no articles", 0)
	}
	row(s.Words, fmt.Sprintf("words; the longest text has %s characters", thousands(int64(s.Longest))), 0)
	title("forms")
	for _, form := range most(s.Forms, 20) {
		row(s.Forms[form], form, s.Articles+s.Dead)
	}
	title("fields")
	for _, field := range schema.ArticleFields() {
		row(s.Fields[field], field, s.Articles)
	}
	title("languages")
	for _, language := range most(s.Languages, 12) {
		row(s.Languages[language], cmp.Or(language, "not known"), s.Articles)
	}
	if s.Articles > s.Stated {
		row(s.Articles-s.Stated, "of all state none: told from the text", s.Articles)
	}
	if s.First != "" {
		title("published from " + s.First + " to " + s.Last)
		periods := s.Months
		if len(periods) > 24 {
			periods = map[string]int64{}
			for month, n := range s.Months {
				periods[month[:len("2024")]] += n
			}
		}
		for _, period := range slices.Sorted(maps.Keys(periods)) {
			row(periods[period], period, s.Articles)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// most are the keys with the largest counts first, no more than limit if that is not 0.
func most(counts map[string]int64, limit int) []string {
	keys := slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), strings.Compare(a, b))
	})
	if limit > 0 {
		keys = keys[:min(len(keys), limit)]
	}
	return keys
}
