package main

import (
	"testing"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// TestLedger tells apart what the stream had before, what was given twice, and what was published twice since the first
// acknowledgement came too late.
func TestLedger(t *testing.T) {
	l := newLedger(10)
	for _, p := range []jetstream.Published{
		{Sequence: 3, Duplicate: true},
		{Sequence: 11},
		{Sequence: 12, Duplicate: true}, // the acknowledgement of the first attempt was lost
		{Sequence: 11, Duplicate: true}, // the same article in another file
	} {
		l.add(p, pipeline.Origin{})
	}
	l.complete()
	if articles, copies, earlier := l.count(); articles != 2 || copies != 1 || earlier != 1 {
		t.Errorf("%d articles, %d copies, %d earlier ones", articles, copies, earlier)
	}
	l.settle(11)
	l.settleTo(11)
	if l.open != 1 {
		t.Errorf("%d are open, want the one whose acknowledgement was lost", l.open)
	}
	l.settleTo(12)
	if l.open != 0 {
		t.Errorf("%d are open", l.open)
	}
	l.settleTo(20)
	l.settle(16)
	l.add(jetstream.Published{Sequence: 16}, pipeline.Origin{}) // the acknowledgement of its publication comes last
	l.add(jetstream.Published{Sequence: 21}, pipeline.Origin{})
	if l.settleTo(5); l.open != 1 {
		t.Errorf("%d are open, want the last one", l.open)
	}
}
