package text

// Cut cuts s. It is total: any bytes may come, also such as are not UTF-8 (each bad byte is a [Symbol] of its own).
// Time and memory grow linearly with len(s), whatever s holds.
func Cut(s string) *Doc {
	d := &Doc{Text: s, points: indexPoints(s)}
	d.Tokens = make([]Token, 0, len(s)*2/7+8) // English has one in four to five bytes
	for start := 0; start < len(s); {
		end, next := line(s, start)
		first := len(d.Tokens)
		d.Tokens = tokenize(s, start, end, d.Tokens)
		if last := len(d.Tokens); last > first {
			span := Span{d.Tokens[first].Start, d.Tokens[last-1].End}
			d.Paragraphs = append(d.Paragraphs, Paragraph{Span: span, First: first, Last: last}) // tokens, for now
		}
		start = next
	}
	d.Quotations = pairQuotations(d) // before the sentences, which must know a closing mark from an opening one
	splitSentences(d)
	return d
}

// line returns where the line that begins at start ends and where the next one begins. Lines end at LF, CR, VT, FF,
// NEL, and the line and paragraph separators U+2028 and U+2029.
func line(s string, start int) (end, next int) {
	for i := start; i < len(s); i++ {
		switch c := s[i]; {
		case c > '\r' && c < 0xC2: // by far the most
		case c >= '\n' && c <= '\r':
			return i, i + 1
		case c == 0xC2 && i+1 < len(s) && s[i+1] == 0x85:
			return i, i + 2
		case c == 0xE2 && i+2 < len(s) && s[i+1] == 0x80 && s[i+2]&^1 == 0xA8:
			return i, i + 3
		}
	}
	return len(s), len(s)
}
