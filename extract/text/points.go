package text

import (
	"sort"
	"unicode/utf8"
)

// blockSize is the distance in bytes between two checkpoints of a pointIndex: a conversion looks at no more bytes.
const blockSize = 128

// A pointIndex converts between bytes and code points. A byte that is not UTF-8 counts as one code point, as in a range loop.
type pointIndex struct {
	ascii  bool // bytes and code points are the same
	total  int  // code points of the whole text
	blocks []point
}

// A point is the first code point that begins in a block.
type point struct{ offset, ordinal int }

func indexPoints(s string) pointIndex {
	ascii := true
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	if ascii {
		return pointIndex{ascii: true, total: len(s)}
	}
	x := pointIndex{blocks: make([]point, 0, len(s)/blockSize+1)}
	next := 0
	for i := range s {
		if i >= next {
			x.blocks = append(x.blocks, point{i, x.total})
			next = (i/blockSize + 1) * blockSize
		}
		x.total++
	}
	return x
}

// CodePoints is the length of the text in code points.
func (d *Doc) CodePoints() int { return d.points.total }

// CodePoint converts an offset in bytes into one in code points: how many code points begin before it. Offsets
// outside the text are taken to its nearest end. It takes constant time. This is the one place where the record's offsets are made.
func (d *Doc) CodePoint(byteOffset int) int {
	byteOffset = min(max(byteOffset, 0), len(d.Text))
	if d.points.ascii {
		return byteOffset
	}
	if byteOffset == len(d.Text) {
		return d.points.total
	}
	// A block may begin inside a code point that began before it; then p lies beyond the offset and counts it rightly.
	p := d.points.blocks[min(byteOffset/blockSize, len(d.points.blocks)-1)]
	for p.offset < byteOffset {
		_, size := utf8.DecodeRuneInString(d.Text[p.offset:])
		p.offset += size
		p.ordinal++
	}
	return p.ordinal
}

// ByteOffset converts an offset in code points into one in bytes, as needed for gold annotations. Offsets outside the
// text are taken to its nearest end. It takes logarithmic time.
func (d *Doc) ByteOffset(codePoint int) int {
	codePoint = min(max(codePoint, 0), d.points.total)
	if d.points.ascii {
		return codePoint
	}
	if codePoint == d.points.total {
		return len(d.Text)
	}
	b := d.points.blocks
	p := b[sort.Search(len(b), func(i int) bool { return b[i].ordinal > codePoint })-1]
	for p.ordinal < codePoint {
		_, size := utf8.DecodeRuneInString(d.Text[p.offset:])
		p.offset += size
		p.ordinal++
	}
	return p.offset
}
