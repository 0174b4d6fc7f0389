// Package text cuts an article's body into paragraphs, sentences, tokens and quotations, and never changes it:
// whatever is found is a span of the bytes as received. It knows letters and marks, not what they mean.
package text

// A Span is a half-open range of bytes of a [Doc]'s Text. It always begins and ends between code points.
type Span struct{ Start, End int }

// Len is the length in bytes.
func (s Span) Len() int { return s.End - s.Start }

// Empty reports whether nothing lies inside.
func (s Span) Empty() bool { return s.End <= s.Start }

// Contains reports whether t lies wholly inside s.
func (s Span) Contains(t Span) bool { return s.Start <= t.Start && t.End <= s.End }

// Overlaps reports whether s and t share a byte.
func (s Span) Overlaps(t Span) bool { return s.Start < t.End && t.Start < s.End }

// A Doc is a text with its cuts. All slices are in text order. A Doc is read-only once cut, and so safe for
// concurrent use.
type Doc struct {
	Text       string      // as received, untouched
	Paragraphs []Paragraph // every token lies in exactly one
	Sentences  []Sentence  // likewise; a sentence never crosses a paragraph
	Tokens     []Token     // everything but white space lies in exactly one
	Quotations []Quotation // by opening mark; nested ones follow the one that holds them

	points pointIndex // bytes to code points and back
}

// A Paragraph is a line of text that holds at least one token.
type Paragraph struct {
	Span
	First, Last int // sentences [First,Last)
}

// A Sentence is a stretch of tokens of one paragraph.
type Sentence struct {
	Span
	First, Last int // tokens [First,Last)
	Paragraph   int // index into Paragraphs
}

// A Token is a word, a number, a clitic ('s, n't) or a single mark.
type Token struct {
	Span
	Class     Class
	Quotation int32 // innermost quotation that holds it, its marks included: index into Quotations; -1 outside
	Sentence  int   // index into Sentences
}

// Class is what a token is made of.
type Class uint8

const (
	Word       Class = iota // letters, with or without digits: "Polyanskiy", "U.S.", "G20"
	Number                  // "52", "1,200", "3.5"
	Clitic                  // "'s", "’re", "n't"
	Punct                   // "," "—" "("
	Symbol                  // "$", "%", emoji, control characters
	OpenQuote               // a mark that opens a quotation
	CloseQuote              // a mark that closes one
	StrayQuote              // a quotation mark that pairs with nothing
)

// A Quotation is a stretch between quotation marks of any customary kind. A quotation that goes on over several
// paragraphs is one Quotation with several Parts, whether its mark is repeated at the head of each or not.
type Quotation struct {
	Parts    []Span // one a paragraph, the marks included; a later one without mark begins with its paragraph
	Depth    int    // 0 for an outermost one, 1 inside another, …
	Unclosed bool   // the closing mark is missing: the last part ends with its paragraph
}
