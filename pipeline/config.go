package pipeline

import (
	"runtime"
	"time"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/schema"
)

// A Config says what to run. Source, Extract and Sink must be there.
type Config struct {
	Source  Source
	Extract func(schema.Article) schema.Record // total, and safe for concurrent use
	Sink    Sink

	// Copies knows articles again; nil where that is not wanted. It is called with every article that was admitted, from
	// many goroutines. What it returns is called in the order of delivery, one call at a time, so that the answers are the
	// same in every run: of is the id of the article that this one is a copy of, or empty; skip ends it without a record.
	// It is for sources that deliver an article once: one that comes again is a copy of itself.
	Copies func(schema.Article) (decide func() (of string, skip bool))

	Admit func(schema.Article) bool // false: the article is acknowledged without a record; nil: all are wanted

	// Fingerprint is that of the extractor. With it the failure of an article names the id of the record that it did not
	// become, so that a source can ask whether it has become it after all.
	Fingerprint string

	Workers  int            // articles read at once; 0: one for each processor
	Ordered  bool           // records reach the sink in the order of delivery; reading stays parallel
	Format   format.Options // how bytes become an article
	Limit    time.Duration  // how long one article may be read before it is given up; 0: for ever. See ErrStuck
	Memory   int64          // bytes that the process may take: the nearer, the fewer articles are read at once; 0: as much as there is
	Grace    time.Duration  // how long after ctx has ended the sink may still take what is in hand; 0: 30 s
	Log      *zap.Logger    // nil: silent
	Progress func(Summary)  // told after every article, one call at a time; nil: not told
}

// InHand is the largest number of deliveries that Run holds unsettled: a source need not fetch more.
func (c Config) InHand() int {
	n := 2 * c.workers() // while one is put, another is read
	if c.Ordered {
		n = 4 * c.workers() // the look-ahead: one slow article must not idle the others
	}
	if c.Memory > 0 {
		n = min(n, max(1, int(c.Memory/2/memoryInHand))) // half of it for what waits, at most
	}
	return n
}

func (c Config) workers() int {
	if c.Workers > 0 {
		return c.Workers
	}
	return runtime.GOMAXPROCS(0)
}
