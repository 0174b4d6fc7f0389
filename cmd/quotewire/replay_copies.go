package main

import (
	"context"
	"errors"
	"slices"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/pipeline/copies"
	"github.com/quotewire/quotewire/schema"
)

// duplicates is what --duplicates needs; nil where copies are not looked for.
type duplicates struct {
	index *copies.Index
	skip  bool
	found int64
}

func (c *replayCmd) duplicates() *duplicates {
	if c.Duplicates == "keep" {
		return nil
	}
	return &duplicates{index: copies.NewIndex(0), skip: c.Duplicates == "skip"}
}

// decider is for pipeline.Config.Copies.
func (d *duplicates) decider() func(schema.Article) func() (string, bool) {
	if d == nil {
		return nil
	}
	return func(a schema.Article) func() (string, bool) {
		sketch := copies.Of(a.Text)
		return func() (string, bool) {
			of, ok := d.index.First(a.ID, &sketch)
			if ok {
				d.found++
			}
			return of, ok && d.skip
		}
	}
}

// count is how many copies there were, and how many of them have no record. It may be called when the run is over.
func (d *duplicates) count() (found, skipped int64) {
	switch {
	case d == nil:
		return 0, 0
	case d.skip:
		return d.found, d.found
	}
	return d.found, 0
}

// recall reads again, without a model, what an interrupted replay has settled, so that its copies are known. What is
// known depends on the articles and their order alone, so nothing of it need be kept in a file.
func (c *replayCmd) recall(ctx context.Context, a *app, known *duplicates, x *extract.Extractor, until archive.Position, bar *progress) error {
	if slices.Contains(c.Paths, "-") {
		return hint(usageError{errors.New("a replay of standard input that looks for duplicates cannot be gone on with")}, "give --restart to begin anew")
	}
	source, err := a.openArchive(c.Paths, c.Field, nil, archive.Options{Limit: until.Passed, Sample: c.Sample})
	if err != nil {
		return err
	}
	defer source.Close()
	decide := known.decider()
	_, err = pipeline.Run(ctx, pipeline.Config{
		Source: source, Admit: c.admit(), Extract: x.Extract, Sink: a.printer("ndjson"), Workers: c.Workers, Format: c.decoding(),
		Copies: func(a schema.Article) func() (string, bool) {
			keep := decide(a)
			return func() (string, bool) { keep(); return "", true } // none of them becomes a record once more
		},
		Progress: func(sum pipeline.Summary) { bar.recalling(sum.Articles, int64(until.Passed)) },
	})
	bar.clear()
	known.found = 0
	return err
}
