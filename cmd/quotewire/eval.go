package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"

	"github.com/quotewire/quotewire/extract/eval"
	"github.com/quotewire/quotewire/schema"
)

type evalCmd struct {
	Gold string `arg:"" type:"existingfile" help:"Gold: JSON Lines of texts with names, attributions, sentences, clusters or GAP's pronouns."`
	Pred string `arg:"" optional:"" type:"existingfile" help:"Predictions to score, as --save writes them; without them the reader reads the gold's texts."`

	Save    string            `placeholder:"FILE" help:"Write the reader's predictions there."`
	Speech  bool              `help:"Only gold attributions whose cue is a verb of speech."`
	Kind    string            `enum:",direct,mixed,indirect" default:"" placeholder:"KIND" help:"Only gold attributions of this kind: direct, mixed or indirect."`
	Act     string            `enum:",speech,thought" default:"" placeholder:"ACT" help:"Only predicted attributions of this act: speech or thought."`
	NoNoise bool              `help:"Leave out gold attributions marked as noise: captions and the like."`
	Types   []string          `default:"PER,LOC,ORG" help:"Types of names that are scored (${default})."`
	Rename  map[string]string `mapsep:"," placeholder:"FROM=TO" help:"Rename types of the gold's names first, such as Literal=LOC."`
	CofeNet string            `name:"cofenet" type:"existingfile" placeholder:"FILE" help:"The same articles in pieces with BIO labels, for measure A*."`
	Given   bool              `name:"given-places" help:"Locate the gold's own names of places, to measure that alone."`
	JSON    bool              `name:"json" help:"Print the report as JSON."`
	Reader  string            `default:"${reader}" placeholder:"NAME" help:"The reader to score: ${readers} (${default})."`
	Workers int               `short:"w" placeholder:"N" help:"Texts read at once; as many as there are processors if not given."`
}

func (evalCmd) Help() string {
	return `What is scored follows from the gold: names (exact spans and types), attributions (whole ones: content, source and cue),
sentences that hold speech, coreference (mentions with a cluster), pronouns (GAP). The measures are those in use for each corpus.

Examples:

    quotewire eval polnear.dev.jsonl --cofenet polnear_cofenet.dev.jsonl
    quotewire eval conll03.dev.jsonl --save predictions.jsonl
    quotewire eval conll03.dev.jsonl predictions.jsonl --json
    quotewire eval lgl.dev.jsonl --given-places --reader baseline`
}

func (c *evalCmd) Validate() error {
	if c.Pred != "" && c.Save != "" {
		return errors.New("--save writes what a reader predicts, but the predictions are given")
	}
	if c.Pred != "" && c.Given {
		return errors.New("--given-places has places located, but the predictions are given")
	}
	return nil
}

func (c *evalCmd) Run(ctx context.Context, a *app) error {
	var gold eval.Gold
	for _, path := range []string{c.Gold, c.CofeNet} {
		if path == "" {
			continue
		}
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		err = gold.Read(f)
		f.Close()
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
	}
	predicted, err := c.predictions(ctx, a, &gold)
	if err != nil {
		return err
	}
	report, err := eval.Score(&gold, predicted, eval.Options{
		Types: c.Types, Rename: c.Rename, Speech: c.Speech, Kind: schema.QuoteKind(c.Kind), Act: schema.Act(c.Act), DropNoise: c.NoNoise,
	})
	if err != nil {
		return err
	}
	if c.JSON {
		e := json.NewEncoder(a.stdout)
		e.SetIndent("", "  ")
		return e.Encode(report)
	}
	return report.WriteTable(a.stdout)
}

func (c *evalCmd) predictions(ctx context.Context, a *app, gold *eval.Gold) (*eval.Predictions, error) {
	if c.Pred != "" {
		f, err := os.Open(c.Pred)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		p, err := eval.ReadPredictions(f)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.Pred, err)
		}
		return p, nil
	}
	x, err := readFlags{Reader: c.Reader}.open()
	if err != nil {
		return nil, err
	}
	if c.Given {
		p := gold.PredictPlaces(func(text string, names [][]eval.Span) []*schema.Geography {
			spans := make([][]schema.Span, len(names))
			for i := range names {
				for _, s := range names[i] {
					spans[i] = append(spans[i], schema.Span{Start: s[0], End: s[1]})
				}
			}
			return x.Locate(text, spans)
		})
		return p, c.save(p)
	}
	workers := c.Workers
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	shows := isTerminal(a.stderr)
	p := gold.Predict(func(id, text string) schema.Record {
		if ctx.Err() != nil {
			return schema.Record{}
		}
		return x.Extract(schema.Article{ID: id, Text: text})
	}, workers, func(done, total int) {
		if shows {
			fmt.Fprintf(a.stderr, "\r%s of %s texts", thousands(int64(done)), thousands(int64(total)))
		}
	})
	if shows {
		fmt.Fprint(a.stderr, "\r"+strings.Repeat(" ", 40)+"\r")
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return p, c.save(p)
}

func (c *evalCmd) save(p *eval.Predictions) error {
	if c.Save == "" {
		return nil
	}
	f, err := os.Create(c.Save)
	if err != nil {
		return err
	}
	return errors.Join(p.Write(f), f.Close())
}
