package jetstream

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// checkSubject reports what makes a subject pattern invalid.
func checkSubject(s string) error {
	if strings.ContainsFunc(s, unicode.IsSpace) {
		return fmt.Errorf("%q holds a space", s)
	}
	tokens := strings.Split(s, ".")
	for i, t := range tokens {
		switch {
		case t == "":
			return fmt.Errorf("%q has an empty token", s)
		case t == ">" && i < len(tokens)-1:
			return fmt.Errorf("%q: > stands only at the end", s)
		case len(t) > 1 && strings.ContainsAny(t, "*>"):
			return fmt.Errorf("%q: a wildcard is a token of its own", s)
		}
	}
	if tokens[0] == "$JS" || tokens[0] == "$SYS" || tokens[0] == "_INBOX" {
		return fmt.Errorf("%q belongs to NATS itself", s)
	}
	return nil
}

// fill puts token in the place of a last wildcard. Other subjects are left alone.
func fill(pattern, token string) string {
	for _, end := range []string{".>", ".*"} {
		if p, ok := strings.CutSuffix(pattern, end); ok {
			return p + "." + token
		}
	}
	return pattern
}

// covers reports whether every subject that b matches is matched by a.
func covers(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i, t := range as {
		switch {
		case i >= len(bs):
			return false
		case t == ">":
			return true
		case bs[i] == ">", t != "*" && t != bs[i]:
			return false
		}
	}
	return len(as) == len(bs)
}

// collide reports whether some subject is matched by both.
func collide(a, b string) bool {
	as, bs := strings.Split(a, "."), strings.Split(b, ".")
	for i := range min(len(as), len(bs)) {
		switch {
		case as[i] == ">" || bs[i] == ">":
			return true
		case as[i] != "*" && bs[i] != "*" && as[i] != bs[i]:
			return false
		}
	}
	return len(as) == len(bs)
}

// token makes one token of a subject out of any text: letters and digits in lower case, marks off Latin letters,
// hyphens between words. Names in other scripts stay readable. Empty text, or text without letters, gives none.
func token(text, none string) string {
	const longest = 64 // code points
	var b strings.Builder
	n, gap, latin := 0, false, false
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.IsMark(r):
			if !latin && !gap && n > 0 { // in other scripts a mark is half of a letter
				b.WriteRune(r)
				n++
			}
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			latin = unicode.Is(unicode.Latin, r)
			if gap && n > 0 {
				b.WriteByte('-')
				n++
			}
			gap = false
			b.WriteRune(unicode.ToLower(r))
			n++
		default:
			gap = true
		}
		if n >= longest {
			break
		}
	}
	if n == 0 {
		return none
	}
	return norm.NFC.String(b.String())
}
