package pipeline_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// TestCopiesAreDecidedInOrder: whatever the workers, and however long each article takes, it is the first in the order of
// delivery that is no copy. Dead and unwanted articles are passed over.
func TestCopiesAreDecidedInOrder(t *testing.T) {
	const n = 200
	for _, workers := range []int{1, 2, 9} {
		for _, ordered := range []bool{true, false} {
			for _, skip := range []bool{true, false} {
				t.Run(fmt.Sprintf("%d workers, ordered %v, skip %v", workers, ordered, skip), func(t *testing.T) {
					m := newMemory(0)
					for i := range n {
						switch {
						case i%10 == 3:
							m.articles = append(m.articles, []byte(`{"id":"broken"`))
						default: // seven texts, over and over
							m.articles = append(m.articles, fmt.Appendf(nil, `{"id":"%d","text":"Text %d."}`, i, i%7))
						}
					}
					first := map[string]string{} // without a lock: decide is called by one at a time
					sum, err := pipeline.Run(context.Background(), pipeline.Config{
						Source: m, Sink: m, Extract: pipelinetest.Extract, Workers: workers, Ordered: ordered,
						Admit: func(a schema.Article) bool {
							time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
							return a.ID != "0"
						},
						Copies: func(a schema.Article) func() (string, bool) {
							time.Sleep(time.Duration(rand.IntN(200)) * time.Microsecond)
							return func() (string, bool) {
								if of, ok := first[a.Text]; ok {
									return of, skip
								}
								first[a.Text] = a.ID
								return "", false
							}
						},
					})
					if err != nil {
						t.Fatal(err)
					}
					want := map[string]string{}
					known := map[int]string{}
					for i := range n {
						if i == 0 || i%10 == 3 {
							continue
						}
						of, ok := known[i%7]
						if !ok {
							known[i%7] = fmt.Sprint(i)
						}
						if !ok || !skip {
							want[fmt.Sprint(i)] = of
						}
					}
					got := map[string]string{}
					for _, r := range m.records {
						of := ""
						if r.Article.CopyOf != nil {
							of = *r.Article.CopyOf
						}
						got[r.Article.ID] = of
					}
					if diff := cmp.Diff(want, got); diff != "" {
						t.Errorf("copy of (-want +got):\n%s", diff)
					}
					if sum.Articles != n || sum.Records != int64(len(want)) || sum.Dead != 20 {
						t.Errorf("%+v", sum)
					}
					for seq, settled := range m.settled {
						if len(settled) != 1 {
							t.Errorf("%d was settled %d times", seq, len(settled))
						}
					}
				})
			}
		}
	}
}
