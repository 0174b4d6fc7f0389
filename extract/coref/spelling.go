package coref

import (
	"strings"

	"github.com/quotewire/quotewire/extract/lexicon"
)

// misspelt joins full names of which one is the other written amiss, where no third one is. In a roster it would join strangers; so
// at most fewestListed names are compared with each other.
func (w *work) misspelt(full []*form) {
	if len(full) >= fewestListed {
		return
	}
	for i, f := range full {
		if one := w.meant(f, full[:i], w.slip); one != nil && fit(f, one) {
			join(f, one)
		}
	}
}

// meant is the one set among full names of which slip says that f is meant for it; nil where there is none or more than one.
func (w *work) meant(f *form, full []*form, slip func(f, g *form) bool) *form {
	var one *form
	for _, g := range full {
		if g.root() == f.root() || !slip(f, g) {
			continue
		}
		if one != nil && one.root() != g.root() {
			return nil
		}
		one = g
	}
	return one
}

// slip reports whether two full names differ in how they are run together, or by one letter. Two given names that both exist are two
// people's.
func (w *work) slip(f, g *form) bool {
	if strings.Join(f.words, "") == strings.Join(g.words, "") {
		return true
	}
	if len(f.words) != len(g.words) {
		return false
	}
	at := -1
	for i := range f.words {
		if f.words[i] != g.words[i] {
			if at >= 0 {
				return false
			}
			at = i
		}
	}
	if at < 0 || !oneLetter(f.words[at], g.words[at], 5) {
		return false
	}
	return at > 0 || w.lists.FirstName(f.words[at]) == lexicon.Unknown || w.lists.FirstName(g.words[at]) == lexicon.Unknown
}

// surnameSlip reports whether a name of one word is a full name run together, or its surname but for one letter.
func surnameSlip(f, g *form) bool {
	return f.words[0] == strings.Join(g.words, "") || oneLetter(f.words[0], g.last(), 7)
}

// oneLetter reports whether two words of at least so many bytes differ by one letter that is wrong, missing or too many, or by two
// that changed places, and neither the first nor the last letter is concerned: Marinov and Marinova are two people.
func oneLetter(a, b string, least int) bool {
	if len(a) < len(b) {
		a, b = b, a
	}
	if len(b) < least || len(a)-len(b) > 1 {
		return false
	}
	i := 0
	for i < len(b) && a[i] == b[i] {
		i++
	}
	rest := b[i:]
	if len(a) == len(b) && rest != "" {
		if rest = rest[1:]; len(rest) > 1 && a[i] == rest[0] && a[i+1] == b[i] {
			return i > 0 && a[i+2:] == rest[1:]
		}
	}
	return i > 0 && rest != "" && a[i+1:] == rest
}
