package eval

import "github.com/quotewire/quotewire/schema"

// quoteMask says of each code point whether it lies inside, or is, a double quotation mark. Paragraphs (lines) are
// taken alone; a quotation left open runs to the end of its paragraph. It is kept as simple as when the gold's kinds
// were derived with it, since its only use is to compare with them.
func quoteMask(text []rune) []bool {
	mask := make([]bool, len(text))
	for base := 0; base < len(text); {
		end := base
		for end < len(text) && text[end] != '\n' {
			end++
		}
		markParagraph(text[base:end], mask[base:end])
		base = end + 1
	}
	return mask
}

func markParagraph(text []rune, mask []bool) {
	type role int
	const (
		none role = iota
		opens
		closes
	)
	open := -1
	either := func() role {
		if open < 0 {
			return opens
		}
		return closes
	}
	twice := func(i int, c rune) bool { return text[i] == c && i+1 < len(text) && text[i+1] == c }
	fill := func(end int) {
		for k := open; k < end; k++ {
			mask[k] = true
		}
		open = -1
	}
	for i, width := 0, 1; i < len(text); i += width {
		what := none
		width = 1
		switch c := text[i]; {
		case c == '“' || c == '«' || c == '„':
			what = opens
		case c == '”' || c == '»':
			what = closes
		case c == '"':
			what = either()
		case twice(i, '`'):
			what, width = opens, 2
		case twice(i, '\''):
			what, width = either(), 2
		}
		switch {
		case what == opens && open < 0:
			open = i
		case what == closes && open >= 0:
			fill(i + width)
		}
	}
	if open >= 0 {
		fill(len(text))
	}
}

// kindOf tells a content's kind by the quotation marks: direct if (nearly) all its letters and digits lie inside,
// indirect if none does, mixed otherwise. This is the convention of PARC 3 and QSample.
func kindOf(text []rune, spans []Span, mask []bool) schema.QuoteKind {
	total, inside := 0, 0
	for _, s := range spans {
		for k := s[0]; k < s[1]; k++ {
			if isAlnum(text[k]) {
				total++
				if mask[k] {
					inside++
				}
			}
		}
	}
	switch {
	case inside == 0:
		return schema.Indirect
	case float64(inside)/float64(total) >= 0.98:
		return schema.Direct
	}
	return schema.Mixed
}
