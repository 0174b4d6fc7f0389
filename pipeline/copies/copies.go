// Package copies knows an article again that came before, word for word or nearly: agency copy in a hundred papers, a
// page crawled twice. It keeps a sketch of each article that was the first of its text, never the text.
//
// A copy is an article whose words are those of an earlier one, whatever the case, punctuation and layout, or of which
// two thirds stand in an earlier one, counted in shingles of five words. So a copy may be shortened, edited a little,
// and have another headline or a paragraph of its own; an article that goes on where the earlier one ended is none.
package copies

import "slices"

const (
	enough       = 2.0 / 3 // of an article in an earlier one: a copy
	fewest       = 12      // shingles that an estimate must rest on
	maxChain     = 64      // earlier articles looked at for one shingle, the latest first
	defaultLimit = 1 << 19
	maxIDBytes   = 64 << 20 // of all ids that are kept
	maxID        = 64 << 10 // of one
)

// An Index knows the last articles that were no copies. It forgets the oldest when there are more than its limit, or
// when their ids take more than 64 MiB, so its memory is bounded: about 0.7 kB an article and their ids, 0.4 GB for the
// 524,288 that are the default. It is not safe for concurrent use, since its answers depend on the order of asking:
// that of delivery makes them the same each time.
type Index struct {
	limit  int
	first  int64              // number of the oldest article that is kept
	next   int64              // number of the next
	blocks [][]entry          // a ring of limit entries
	ids    int                // bytes
	whole  map[[16]byte]int64 // by the hash of all words
	found  map[uint32]posting // by shingle: the latest article that has it
}

type entry struct {
	id       string
	sketch   Sketch
	earlier  [indexed]posting // with the same shingle
	postings int
}

// A posting is the number of an article, times indexed, and which of its shingles; negative is none.
type posting int64

func post(article int64, shingle int) posting { return posting(article*indexed + int64(shingle)) }

func (p posting) article() int64 { return int64(p) / indexed }

const blockSize = 4096 // entries

// NewIndex makes an index of at most so many articles; 0 means 524,288.
func NewIndex(limit int) *Index {
	if limit <= 0 {
		limit = defaultLimit
	}
	return &Index{limit: limit, whole: map[[16]byte]int64{}, found: map[uint32]posting{}}
}

// First is the id of the article that one is a copy of. If it is none, it is kept under its own id, and ok is false.
// An article without words is no copy and not kept.
func (x *Index) First(id string, s *Sketch) (first string, ok bool) {
	if s.words == ([16]byte{}) {
		return "", false
	}
	if n, ok := x.whole[s.words]; ok {
		return x.at(n).id, true
	}
	if n := x.nearest(s); n >= 0 {
		return x.at(n).id, true
	}
	x.keep(id, s)
	return "", false
}

// Len is the number of articles that are kept.
func (x *Index) Len() int { return int(x.next - x.first) }

func (x *Index) at(n int64) *entry {
	n %= int64(x.limit)
	return &x.blocks[n/blockSize][n%blockSize]
}

// nearest is the number of the article that most of a text stands in, the earliest of equals; -1 if in none enough.
func (x *Index) nearest(s *Sketch) int64 {
	best, most := int64(-1), 0.0
	var seen [indexed * maxChain]int64
	looked := seen[:0]
	for _, h := range s.hashes[:min(s.n, indexed)] {
		at, ok := x.found[h]
		for range maxChain {
			n := at.article()
			if !ok || at < 0 || n < x.first {
				break
			}
			e := x.at(n)
			if !slices.Contains(looked, n) {
				looked = append(looked, n)
				part, of := s.within(&e.sketch)
				if of >= fewest && part >= enough && (part > most || part == most && n < best) {
					best, most = n, part
				}
			}
			at = e.earlier[at%indexed]
		}
	}
	return best
}

// keep takes an article in, and lets the oldest go where there are too many.
func (x *Index) keep(id string, s *Sketch) {
	if len(id) > maxID {
		return
	}
	for x.Len() == x.limit || x.Len() > 0 && x.ids+len(id) > maxIDBytes {
		x.forget()
	}
	n := x.next
	x.next++
	if n < int64(x.limit) && n == int64(len(x.blocks))*blockSize {
		x.blocks = append(x.blocks, make([]entry, min(blockSize, int64(x.limit)-n)))
	}
	e := x.at(n)
	*e = entry{id: id, sketch: *s, postings: min(s.n, indexed)}
	x.ids += len(id)
	x.whole[s.words] = n
	for i, h := range s.hashes[:e.postings] {
		e.earlier[i] = -1
		if at, ok := x.found[h]; ok {
			e.earlier[i] = at
		}
		x.found[h] = post(n, i)
	}
}

func (x *Index) forget() {
	n := x.first
	e := x.at(n)
	x.first++
	x.ids -= len(e.id)
	delete(x.whole, e.sketch.words)
	for i, h := range e.sketch.hashes[:e.postings] {
		if x.found[h] == post(n, i) { // no later one has it
			delete(x.found, h)
		}
	}
	e.id = ""
}
