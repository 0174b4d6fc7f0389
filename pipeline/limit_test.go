package pipeline_test

import (
	"errors"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// TestLimit gives up the article that is never read to the end, and reads the others.
func TestLimit(t *testing.T) {
	for _, ordered := range []bool{false, true} {
		m := newMemory(30)
		release := make(chan struct{})
		left := make(chan struct{})
		sum, err := pipeline.Run(t.Context(), pipeline.Config{
			Source: m, Sink: m, Workers: 2, Ordered: ordered, Limit: time.Second,
			Extract: func(a schema.Article) schema.Record {
				switch a.ID {
				case "article-3":
					defer close(left)
					<-release
				case "article-4":
					panic("as before")
				}
				return pipelinetest.Extract(a)
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		if sum.Records != 28 || sum.Dead != 2 || sum.Articles != 30 {
			t.Errorf("%+v", sum)
		}
		for seq, want := range map[uint64]pipeline.Class{4: pipeline.ClassTimeout, 5: pipeline.ClassPanic} {
			var f *pipeline.Failure
			if got := m.settled[seq]; len(got) != 1 || !errors.As(got[0], &f) || f.Class != want {
				t.Errorf("article %d was settled with %v, want one of class %s", seq-1, got, want)
			}
		}
		if len(m.records) != 28 {
			t.Errorf("%d records", len(m.records))
		}
		close(release)
		<-left
	}
}

// TestStuck stops taking articles when all workers have had one that never ends, and says why.
func TestStuck(t *testing.T) {
	m := newMemory(20)
	m.endless = true
	release := make(chan struct{})
	defer close(release)
	sum, err := pipeline.Run(t.Context(), pipeline.Config{
		Source: m, Sink: m, Workers: 2, Limit: 50 * time.Millisecond,
		Extract: func(a schema.Article) schema.Record {
			<-release
			return pipelinetest.Extract(a)
		},
	})
	if !errors.Is(err, pipeline.ErrStuck) {
		t.Fatalf("%+v, %v", sum, err)
	}
	if sum.Dead != sum.Articles || sum.Dead < 2 || sum.Dead > 6 {
		t.Errorf("%+v: more were taken than could be in hand", sum)
	}
	for seq, errs := range m.settled {
		if len(errs) != 1 {
			t.Errorf("delivery %d was settled %d times", seq, len(errs))
		}
	}
}
