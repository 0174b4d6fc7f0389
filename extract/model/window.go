package model

import "sort"

// Where a token stands, as package feature numbers it.
const (
	inside    = 0
	paragraph = 2
)

// A window is a range of tokens that is encoded as one sequence. Its core is what is read from it; the rest is context,
// read with another window.
type window struct{ first, last, coreFirst, coreLast int }

// A cutter cuts a text into windows of whole paragraphs, or whole sentences of long ones, or anything of those longer
// still, whose cores partition it. Windows end where a paragraph does if that leaves them half full; there they need no
// context, but for short paragraphs, such as headlines, before them. Windows are made one by one, in time linear in the
// text. It is read_windows of ../train/data.py.
type cutter struct {
	pieces    []int32 // pieces[i] is how many word pieces the tokens before i have
	place     []uint8
	paragraph []int32 // how many paragraphs begin with tokens up to i, without the first token
	units     [][2]int
	next      int // the first unit that is no window's core yet

	size, context int // pieces of a window, [CLS] and [SEP] included; pieces of context on either side, less than a third
}

// reset begins a text whose tokens have the given numbers of pieces before them and stand at the given places.
func (c *cutter) reset(pieces []int32, place []uint8) {
	c.pieces, c.place, c.next = pieces, place, 0
	c.paragraph = append(c.paragraph[:0], 0)
	for _, p := range place {
		n := c.paragraph[len(c.paragraph)-1]
		if p == paragraph {
			n++
		}
		c.paragraph = append(c.paragraph, n)
	}
	c.units = c.units[:0]
	room := (c.size - 2) / 3
	for first := 0; first < len(place); {
		last := first + 1
		for last < len(place) && place[last] != paragraph {
			last++
		}
		c.add(first, last, room)
		first = last
	}
}

// add cuts a paragraph into units of at most room pieces.
func (c *cutter) add(first, last, room int) {
	fits := func(a, b int) bool { return int(c.pieces[b]-c.pieces[a]) <= room }
	if fits(first, last) {
		c.units = append(c.units, [2]int{first, last})
		return
	}
	for first < last {
		end := first + 1
		for end < last && c.place[end] == inside {
			end++
		}
		for !fits(first, end) {
			cut := first + sort.Search(end-first, func(n int) bool { return !fits(first, first+n) }) - 1
			cut = max(cut, first+1)
			c.units = append(c.units, [2]int{first, cut})
			first = cut
		}
		if first < end {
			c.units = append(c.units, [2]int{first, end})
		}
		first = end
	}
}

// cost is the pieces of tokens [first,last) and of the marks between their paragraphs.
func (c *cutter) cost(first, last int) int {
	n := int(c.pieces[last] - c.pieces[first])
	if last > first {
		n += int(c.paragraph[last] - c.paragraph[first+1])
	}
	return n
}

// cut gives the next window; ok is false when the text is at its end.
func (c *cutter) cut() (w window, ok bool) {
	if c.next >= len(c.units) {
		return window{}, false
	}
	room, u := c.size-2, c.units
	begins := func(i int) bool { return c.place[u[i][0]] == paragraph }
	low := c.next
	for low > 0 && c.cost(u[low-1][0], u[c.next][0]) <= c.context && (begins(low-1) || !begins(c.next)) {
		low--
	}
	high := c.next + 1
	for high < len(u) && c.cost(u[low][0], u[high][1]) <= room {
		high++
	}
	core := high
	if high < len(u) {
		for core > c.next && !begins(core) {
			core--
		}
		if core > c.next && 2*c.cost(u[c.next][0], u[core-1][1]) >= room {
			high = core
		} else {
			for core = high; core-1 > c.next && c.cost(u[core-1][0], u[high-1][1]) <= c.context; {
				core--
			}
		}
	}
	w = window{u[low][0], u[high-1][1], u[c.next][0], u[core-1][1]}
	c.next = core
	return w, true
}
