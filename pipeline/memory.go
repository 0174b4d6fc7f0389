package pipeline

import (
	"runtime"
	"runtime/metrics"
	"sync"
)

const (
	// What reading may take for each byte of an article, its garbage included: measured on readers and texts of every kind
	// (BenchmarkLinear of extract). It is a first guess, which the heap itself corrects.
	memoryPerByte = 128

	// What a delivery in hand may hold while it waits: a message of the largest kind that servers are commonly set to,
	// twice, since the client library has a copy.
	memoryInHand = 32 << 20
)

// memory lets articles be read at the same time as long as there is room for them in what the process may take, in the
// order in which they come. One that is larger than all the room there is has it for itself.
type memory struct {
	limit int64 // 0: there is none
	room  int64 // of limit, what was free at the start

	mu         sync.Mutex
	changed    *sync.Cond
	next, turn uint64 // tickets: first come, first served, so that small articles do not keep a large one out
	held       int64  // by those that are read now, as guessed
	reading    int
}

func newMemory(limit int64) *memory {
	m := &memory{limit: limit}
	m.changed = sync.NewCond(&m.mu)
	if limit > 0 {
		runtime.GC()
		m.room = max(0, limit-liveHeap())
	}
	return m
}

// take waits until an article of so many bytes may be read.
func (m *memory) take(size int) {
	if m.limit <= 0 {
		return
	}
	need := int64(size) * memoryPerByte
	m.mu.Lock()
	defer m.mu.Unlock()
	mine := m.next
	m.next++
	for m.turn != mine || !m.fits(need) {
		m.changed.Wait()
	}
	m.turn++
	m.held += need
	m.reading++
	m.changed.Broadcast()
}

// fits trusts neither the guess nor the heap alone: the guess may be wrong for this text, and what was admitted a moment
// ago is not on the heap yet.
func (m *memory) fits(need int64) bool {
	return m.reading == 0 || m.held+need <= m.room && liveHeap()+need <= m.limit
}

// free gives back what take took for so many bytes.
func (m *memory) free(size int) {
	if m.limit <= 0 {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.held -= int64(size) * memoryPerByte
	m.reading--
	m.changed.Broadcast()
}

// liveHeap is the bytes in use at the last collection of garbage.
func liveHeap() int64 {
	s := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(s)
	return int64(s[0].Value.Uint64())
}
