package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/schema"
)

// readFlags say how articles are read.
type readFlags struct {
	Reader  string            `default:"${reader}" group:"work" placeholder:"NAME" help:"What finds names and quotes: ${readers} (${default})."`
	Workers int               `short:"w" group:"work" placeholder:"N" help:"Articles read at once; as many as there are processors if not given."`
	Text    bool              `group:"work" help:"Put the article's text into its record."`
	People  string            `group:"work" placeholder:"FILE" help:"Link people and organisations to the ids of your own list: CSV with a header id,name,aliases,roles (aliases and roles parted by ; or |), or NDJSON with these keys. Namesakes whom no role tells apart are not linked; a warning names them."`
	Field   map[string]string `group:"work" mapsep:"," placeholder:"FIELD=NAME" help:"Take a field of JSON articles from elsewhere: text=story.body. May be repeated."`
}

func (f readFlags) Validate() error {
	if f.Workers < 0 {
		return fmt.Errorf("--workers: %d is less than one", f.Workers)
	}
	if err := schema.Fields(f.Field).Check(); err != nil {
		return fmt.Errorf("--field: %w", err)
	}
	return nil
}

func (f readFlags) decoding() format.Options {
	return format.Options{Fields: f.Field, KeepText: f.Text}
}

// open loads the reader, and the user's list of people if there is one. It takes a moment, so only verbs that read call it.
func (f readFlags) open() (*extract.Extractor, error) {
	if !slices.Contains(extract.Readers(), f.Reader) {
		return nil, hint(usageError{fmt.Errorf("--reader: there is no reader %q", f.Reader)}, "there is: %s", strings.Join(extract.Readers(), ", "))
	}
	var list *people.List
	if f.People != "" {
		var err error
		if list, err = openPeople(f.People); err != nil {
			return nil, err
		}
	}
	r, err := extract.Open(f.Reader)
	if err != nil {
		return nil, err
	}
	v, _ := version()
	x, err := extract.New(r, v)
	if err != nil || list == nil {
		return x, err
	}
	return x.Linked(list), nil
}

// self is how an extractor names itself in each record: an empty one will do to ask.
func self(x *extract.Extractor) schema.Extractor { return x.Extract(schema.Article{}).Extractor }
