// Package wordpiece cuts words into the pieces that a BERT encoder was trained on: lower-cased, accents dropped,
// punctuation apart, then greedily the longest piece of the vocabulary (Wu et al. 2016, arXiv 1609.08144; Devlin et
// al. 2019, arXiv 1810.04805). It agrees with Hugging Face's BertNormalizer, BertPreTokenizer and WordPiece on single
// words. It knows no text: a caller cuts the words, so pieces need no offsets of their own.
package wordpiece

import (
	"bytes"
	_ "embed"
	"fmt"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Vocab is the vocabulary of bert-base-uncased, one piece a line, the line number its id.
//
//go:embed vocab.txt
var Vocab []byte

// longestWord is the length in code points from which on a word is unknown, as in BERT.
const longestWord = 100

// A Vocabulary maps pieces to ids. It is read-only once parsed and safe for concurrent use.
type Vocabulary struct {
	head, tail map[string]int32 // pieces that begin a word; pieces that go on ("##ing" under "ing")
	longest    int              // bytes of the longest piece: what bounds the search
	Unknown    int32            // id of [UNK]
	Begin, End int32            // ids of [CLS] and [SEP]
}

// Parse reads a vocabulary, one piece a line. It fails when a piece occurs twice or a special one is missing.
func Parse(vocab []byte) (*Vocabulary, error) {
	n := bytes.Count(vocab, []byte("\n")) + 1
	v := &Vocabulary{head: make(map[string]int32, n), tail: make(map[string]int32, n/4), Unknown: -1, Begin: -1, End: -1}
	all := string(vocab) // pieces are slices of one string
	for id := int32(0); len(all) > 0; id++ {
		var piece string
		if i := bytes.IndexByte(vocab[len(vocab)-len(all):], '\n'); i >= 0 {
			piece, all = all[:i], all[i+1:]
		} else {
			piece, all = all, ""
		}
		into := v.head
		switch piece {
		case "[UNK]":
			v.Unknown = id
			continue
		case "[CLS]":
			v.Begin = id
			continue
		case "[SEP]":
			v.End = id
			continue
		}
		if len(piece) > 2 && piece[:2] == "##" {
			piece, into = piece[2:], v.tail
		}
		if _, twice := into[piece]; twice || piece == "" {
			return nil, fmt.Errorf("vocabulary line %d: %q is empty or stands there twice", id+1, piece)
		}
		into[piece] = id
		v.longest = max(v.longest, len(piece))
	}
	if v.Unknown < 0 || v.Begin < 0 || v.End < 0 {
		return nil, fmt.Errorf("vocabulary of %d pieces lacks [UNK], [CLS] or [SEP]", n)
	}
	return v, nil
}

// A Scratch is working memory that lets Append do without allocating. Its zero value is ready; it is not safe for
// concurrent use.
type Scratch struct{ lower []byte }

// Append adds the ids of word's pieces to ids. A word that normalises to nothing adds none. Time is linear in
// len(word).
func (v *Vocabulary) Append(ids []int32, word string, s *Scratch) []int32 {
	s.normalise(word)
	rest := s.lower
	for len(rest) > 0 {
		n, apart := nextWord(rest)
		if !apart {
			ids = v.appendWord(ids, rest[:n])
		} else if n > 0 {
			ids = append(ids, v.lookUp(v.head, rest[:n]))
		}
		rest = rest[n:]
		for len(rest) > 0 && rest[0] == ' ' {
			rest = rest[1:]
		}
	}
	return ids
}

func (v *Vocabulary) lookUp(in map[string]int32, piece []byte) int32 {
	if id, ok := in[string(piece)]; ok {
		return id
	}
	return v.Unknown
}

// appendWord is the greedy longest match of one word without punctuation or space. A word that cannot be cut to its
// end is unknown as a whole.
func (v *Vocabulary) appendWord(ids []int32, word []byte) []int32 {
	begun := len(ids)
	if utf8.RuneCount(word) > longestWord {
		return append(ids, v.Unknown)
	}
	for in := v.head; len(word) > 0; in = v.tail {
		n := min(len(word), v.longest)
		for n > 0 {
			if id, ok := in[string(word[:n])]; ok {
				ids = append(ids, id)
				break
			}
			n--
		}
		if n == 0 {
			return append(ids[:begun], v.Unknown)
		}
		word = word[n:]
	}
	return ids
}

// nextWord is the length in bytes of the first word of b, which does not begin with a space; apart tells that it is a
// mark of punctuation or an ideograph, which stand alone.
func nextWord(b []byte) (n int, apart bool) {
	for n < len(b) {
		if c := b[n]; c < utf8.RuneSelf {
			if c == ' ' {
				return n, false
			}
			if asciiPunct(c) {
				if n == 0 {
					return 1, true
				}
				return n, false
			}
			n++
			continue
		}
		r, size := utf8.DecodeRune(b[n:])
		if unicode.Is(unicode.P, r) || ideograph(r) {
			if n == 0 {
				return size, true
			}
			return n, false
		}
		n += size
	}
	return n, false
}

func asciiPunct(c byte) bool {
	return '!' <= c && c <= '/' || ':' <= c && c <= '@' || '[' <= c && c <= '`' || '{' <= c && c <= '~'
}

// normalise leaves in s.lower the word without control characters and accents, lower-cased, white space as ' '.
func (s *Scratch) normalise(word string) {
	s.lower = s.lower[:0]
	ascii := true
	for i := 0; i < len(word); i++ {
		c := word[i]
		switch {
		case c >= utf8.RuneSelf:
			ascii = false
		case c == '\t' || c == '\n' || c == '\r':
			c = ' '
		case c < ' ' || c == 0x7f:
			continue
		case 'A' <= c && c <= 'Z':
			c += 'a' - 'A'
		}
		if !ascii {
			break
		}
		s.lower = append(s.lower, c)
	}
	if ascii {
		return
	}
	s.lower = s.lower[:0]
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRuneInString(word[i:])
		switch parts := norm.NFD.PropertiesString(word[i:]).Decomposition(); {
		case r < utf8.RuneSelf || len(parts) == 0:
			s.add(r)
		default:
			for len(parts) > 0 {
				part, n := utf8.DecodeRune(parts)
				s.add(part)
				parts = parts[n:]
			}
		}
		i += size
	}
}

// add lower-cases one code point of a decomposed word. Canonical order need not be restored: what it would reorder is
// dropped.
func (s *Scratch) add(r rune) {
	switch {
	case r == 0 || r == utf8.RuneError:
	case r == '\t' || r == '\n' || r == '\r' || unicode.Is(unicode.Zs, r):
		s.lower = append(s.lower, ' ')
	case unicode.Is(unicode.Mn, r) || unicode.Is(unicode.C, r):
	case hangul <= r && r < hangul+11172: // a syllable decomposes by arithmetic (Unicode 15, section 3.12)
		r -= hangul
		s.lower = utf8.AppendRune(s.lower, 0x1100+r/588)
		s.lower = utf8.AppendRune(s.lower, 0x1161+r%588/28)
		if r%28 != 0 {
			s.lower = utf8.AppendRune(s.lower, 0x11A7+r%28)
		}
	default:
		s.lower = utf8.AppendRune(s.lower, unicode.ToLower(r))
	}
}

const hangul = 0xAC00 // the first syllable

// ideograph reports whether r lies in a CJK block, as BERT counts them.
func ideograph(r rune) bool {
	return 0x4E00 <= r && r <= 0x9FFF || 0x3400 <= r && r <= 0x4DBF || 0x20000 <= r && r <= 0x2A6DF || 0x2A700 <= r && r <= 0x2B73F ||
		0x2B740 <= r && r <= 0x2B81F || 0x2B820 <= r && r <= 0x2CEAF || 0xF900 <= r && r <= 0xFAFF || 0x2F800 <= r && r <= 0x2FA1F
}
