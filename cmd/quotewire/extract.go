package main

import (
	"context"
	"errors"

	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/pipeline"
)

type extractCmd struct {
	Files  []string `arg:"" optional:"" name:"file" help:"Files, folders or patterns; - or none is standard input."`
	Format string   `enum:"auto,text,json,ndjson" default:"auto" placeholder:"FORM" help:"What comes out: text for people, json (indented), or ndjson, one record a line. Text at a terminal, else ndjson."`
	readFlags
}

func (extractCmd) Help() string {
	return `Text, HTML, JSON (an object or an array) and NDJSON are told apart by content, and may be compressed with gzip or
zstd. A text or HTML file is one article. Records come out in the order of the articles. An article that cannot be
read is a line on standard error, "file:line: field: reason", and makes the exit status 1; the others are done.

At a terminal each article shows its people, places and organisations with the number of their mentions, and below
them who said what: the speaker, the word that attributes, and at the right how it is quoted and how sure that is.

Examples:

    quotewire extract article.txt
    quotewire extract --format ndjson archive/ | jq -r '.quotes[] | [.speaker.name, .text] | @tsv'
    zcat news.ndjson.gz | quotewire extract --field text=story.body > records.ndjson
    quotewire extract --text page.html > record.json`
}

func (c *extractCmd) Run(ctx context.Context, a *app) error {
	complain := &complaint{app: a}
	source, err := a.openFiles(c.Files, c.Field, complain.failed)
	if err != nil {
		return err
	}
	defer source.Close()
	x, err := c.open()
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	_, err = pipeline.Run(ctx, pipeline.Config{
		Source: source, Extract: x.Extract, Sink: stopAtError{a.printer(c.Format), stop},
		Workers: c.Workers, Ordered: true, Format: c.decoding(), Memory: memoryLimit(), Log: a.logger(zapcore.ErrorLevel),
	})
	if err != nil {
		return cause(ctx, err)
	}
	return complain.verdict()
}

// cause says why a run was ended before its time.
func cause(ctx context.Context, err error) error {
	if errors.Is(err, context.Canceled) && context.Cause(ctx) != nil {
		return context.Cause(ctx)
	}
	return err
}
