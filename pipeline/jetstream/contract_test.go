package jetstream_test

import (
	"context"
	"testing"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
)

// now reads what is in the streams at this moment.
func now(t *testing.T, s *jetstream.Streams) (records, dead [][]byte) {
	t.Helper()
	end, err := s.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if end == (jetstream.Mark{}) {
		return nil, nil
	}
	var at jetstream.Mark
	for o, err := range s.Follow(ctx, jetstream.Mark{}) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Dead != nil {
			dead, at.Dead = append(dead, o.Dead.Data), o.Sequence
		} else {
			records, at.Records = append(records, o.Record), o.Sequence
		}
		if at == end {
			break
		}
	}
	return records, dead
}

func TestSource(t *testing.T) {
	t.Parallel()
	pipelinetest.TestSource(t, func(t *testing.T, articles [][]byte) pipelinetest.SourceUnderTest {
		s := start(t, jetstream.Setup{})
		in := make([]jetstream.RawArticle, len(articles))
		for i, a := range articles {
			in[i].Data = a
		}
		publish(t, s, in...)
		source, err := s.Source(t.Context(), 8)
		if err != nil {
			t.Fatal(err)
		}
		return pipelinetest.SourceUnderTest{
			Source: source, Repeats: true, Close: source.Close,
			Dead: func(t *testing.T) [][]byte { _, dead := now(t, s); return dead },
		}
	})
}

func TestSink(t *testing.T) {
	t.Parallel()
	pipelinetest.TestSink(t, func(t *testing.T) pipelinetest.SinkUnderTest {
		s := start(t, jetstream.Setup{})
		return pipelinetest.SinkUnderTest{
			Sink: s.Sink(), Dedupes: true,
			Records: func(t *testing.T) [][]byte { records, _ := now(t, s); return records },
		}
	})
}
