package main

import (
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
