package reading

import "slices"

// Vectors are what a reader's network made of some of the tokens where they stand: of those with a capital letter and of
// the pronouns "he" and "she" in any case. They are coded in 7 bits, as package kernel codes activations, and read-only
// once the reading is done.
type Vectors struct {
	Width  int       // numbers of a vector
	Tokens []int32   // ascending
	Codes  []uint8   // [Tokens][Width]
	Params []float32 // [Tokens][2]: a number is about Params[0]·code + Params[1]
}

// At is the row of a token, an index into Tokens; -1 where there is none.
func (v *Vectors) At(token int) int {
	if v == nil {
		return -1
	}
	if i, ok := slices.BinarySearch(v.Tokens, int32(token)); ok {
		return i
	}
	return -1
}
