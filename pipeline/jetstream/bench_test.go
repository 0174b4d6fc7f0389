package jetstream_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
)

// BenchmarkPassThrough moves articles through an embedded server with an extractor that costs next to nothing: fetch,
// decode, check, publish, wait for the acknowledgement, acknowledge. One operation is one article.
func BenchmarkPassThrough(b *testing.B) {
	for _, disk := range []struct {
		name string
		fast bool
	}{{"sync", false}, {"fast", true}} {
		for _, workers := range []int{0, 8} {
			name := disk.name + "/workers=procs"
			if workers > 0 {
				name = disk.name + "/workers=8"
			}
			b.Run(name, func(b *testing.B) { passThrough(b, disk.fast, workers) })
		}
	}
}

func passThrough(b *testing.B, fast bool, workers int) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: b.TempDir(), Fast: fast})
	if err != nil {
		b.Fatal(err)
	}
	defer server.Close()
	conn, err := jetstream.Connect(ctx, jetstream.Options{Server: server})
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(context.Background())
	s, err := conn.Streams(ctx, jetstream.Setup{})
	if err != nil {
		b.Fatal(err)
	}
	p, err := s.Publisher("bench", 0)
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		err := p.Publish(ctx, jetstream.RawArticle{Data: pipelinetest.Article(i)}, func(r jetstream.Published) {
			if r.Err != nil {
				b.Error(r.Err)
			}
		})
		if err != nil {
			b.Fatal(err)
		}
	}
	p.Flush()
	c := pipeline.Config{Extract: pipelinetest.Extract, Sink: s.Sink(), Workers: workers}
	c.Progress = func(sum pipeline.Summary) {
		if sum.Articles == int64(b.N) {
			cancel()
		}
	}
	source, err := s.Source(ctx, c.InHand())
	if err != nil {
		b.Fatal(err)
	}
	c.Source = source
	runtime.GC()
	b.ResetTimer()
	began := time.Now()
	sum, err := pipeline.Run(ctx, c)
	took := time.Since(began)
	b.StopTimer()
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, io.EOF) || sum.Records != int64(b.N) {
		b.Fatal(sum, err)
	}
	b.ReportMetric(float64(sum.Records)/took.Seconds(), "articles/s")
	if err := source.Close(context.Background()); err != nil {
		b.Fatal(err)
	}
}
