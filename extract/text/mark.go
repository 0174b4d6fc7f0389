package text

import "unicode/utf8"

// A mark is one kind of quotation mark.
type mark uint8

const (
	noMark      mark = iota
	straight         // "
	left             // “
	right            // ”
	low              // „
	backticks        // ``
	apostrophes      // ''
	laquo            // «
	raquo            // »
	cornerOpen       // 「 and the like
	cornerClose      //
	apostrophe       // '
	singleLeft       // ‘
	singleRight      // ’
	singleLow        // ‚
	backtick         // `
	lsaquo           // ‹
	rsaquo           // ›
	marks
)

func markOf(s string) mark {
	r, size := utf8.DecodeRuneInString(s)
	if len(s) > size {
		switch r {
		case '`':
			return backticks
		case '‘':
			return left
		case '’':
			return right
		}
		return apostrophes
	}
	switch r {
	case '"', '＂':
		return straight
	case '“', '〝':
		return left
	case '”', '‟', '〞', '〟':
		return right
	case '„':
		return low
	case '«':
		return laquo
	case '»':
		return raquo
	case '「', '『', '｢':
		return cornerOpen
	case '」', '』', '｣':
		return cornerClose
	case '\'', '＇':
		return apostrophe
	case '‘', '‛', 'ʻ':
		return singleLeft
	case '’', 'ʼ', '´':
		return singleRight
	case '‚':
		return singleLow
	case '`':
		return backtick
	case '‹':
		return lsaquo
	case '›':
		return rsaquo
	}
	return noMark
}

func (m mark) single() bool { return m >= apostrophe }
