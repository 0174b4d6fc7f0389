package pipeline_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// one is a source of one delivery.
type one struct{ d *pipeline.Delivery }

func (o *one) Next(context.Context) (pipeline.Delivery, error) {
	if o.d == nil {
		return pipeline.Delivery{}, io.EOF
	}
	d := *o.d
	o.d = nil
	return d, nil
}

// TestFailureNamesRecord fails an article in every way: the failure names the record that it did not become, where that
// can be known, and Read is called before anything is put.
func TestFailureNamesRecord(t *testing.T) {
	good := pipelinetest.Article(1)
	r := pipelinetest.Extract(schema.Article{ID: "article-1", Text: "The harbour of part 1 stays open. “We count 1 ships,” Meyer said."})
	given := &pipeline.Failure{Class: pipeline.ClassCrash, Reason: "3 workers died"}
	panics := func(schema.Article) schema.Record { panic("no") }
	wrong := func(a schema.Article) schema.Record { r := pipelinetest.Extract(a); r.Schema = "?"; return r }
	release := make(chan struct{})
	defer close(release)
	slow := func(a schema.Article) schema.Record { <-release; return pipelinetest.Extract(a) }
	for _, test := range []struct {
		name    string
		data    []byte
		err     error
		out     bool
		extract func(schema.Article) schema.Record
		limit   time.Duration
		put     error
		class   pipeline.Class
		article string
		record  string
		order   []string
	}{
		{name: "no article", data: []byte("{"), class: pipeline.ClassArticle, order: []string{"read", "settle"}},
		{name: "panic", data: good, extract: panics, class: pipeline.ClassPanic, article: "article-1", record: r.ID, order: []string{"read", "settle"}},
		{name: "wrong record", data: good, extract: wrong, class: pipeline.ClassRecord, article: "article-1", record: r.ID, order: []string{"read", "settle"}},
		{name: "too long", data: good, extract: slow, limit: 50 * time.Millisecond, class: pipeline.ClassTimeout, article: "article-1", record: r.ID, order: []string{"settle"}},
		{name: "no room", data: good, put: errors.New("full"), class: pipeline.ClassRefused, article: "article-1", record: r.ID, order: []string{"read", "put", "settle"}},
		{name: "refused", data: good, put: pipeline.Permanent(errors.New("no")), class: pipeline.ClassRefused, article: "article-1", record: r.ID, order: []string{"read", "put", "settle"}},
		{name: "given up", data: good, err: given, class: pipeline.ClassCrash, order: []string{"read", "settle"}},
		{name: "given up, its record may be out", data: good, err: given, out: true, class: pipeline.ClassCrash, article: "article-1", record: r.ID, order: []string{"read", "settle"}},
		{name: "given up, and no article", data: []byte("{"), err: given, out: true, class: pipeline.ClassCrash, order: []string{"read", "settle"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			var order []string
			var told error
			extract := test.extract
			if extract == nil {
				extract = pipelinetest.Extract
			}
			_, err := pipeline.Run(t.Context(), pipeline.Config{
				Source: &one{&pipeline.Delivery{
					Data: test.data, ContentType: "application/json", Err: test.err, MayBeOut: test.out,
					Read:   func() { order = append(order, "read") },
					Settle: func(_ context.Context, err error) error { order, told = append(order, "settle"), err; return nil },
				}},
				Extract: extract, Fingerprint: pipelinetest.Fingerprint, Limit: test.limit,
				Sink: sink(func() error { order = append(order, "put"); return test.put }),
			})
			if err != nil {
				t.Fatal(err)
			}
			f := pipeline.Describe(told)
			got := []string{string(f.Class), f.Article, f.Record}
			if diff := cmp.Diff([]string{string(test.class), test.article, test.record}, got); diff != "" {
				t.Errorf("%v: %s", told, diff)
			}
			if diff := cmp.Diff(test.order, order); diff != "" {
				t.Error(diff)
			}
		})
	}
	if given.Record != "" || given.Article != "" {
		t.Error("the source's own failure was changed")
	}
}

type sink func() error

func (s sink) Put(context.Context, schema.Record, pipeline.Origin) error { return s() }
