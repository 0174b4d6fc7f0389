package main

// The rules of output: records, and nothing else, go to standard output; everything that is told to a person goes to
// standard error. An error about an article is one line, "file:line: field: reason", lower case, without a full stop.
// An error that ends the program begins with "quotewire: ", and the line after it says what to do next. Colour and
// layout are for terminals only, and what comes out of an article can never control one.

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// terminalWidth is the number of columns of w, 80 where there is no telling. Lines longer than 120 are hard to read.
func terminalWidth(w io.Writer) int {
	width := 0
	if f, ok := w.(*os.File); ok {
		width, _, _ = term.GetSize(int(f.Fd()))
	}
	if width <= 0 {
		width, _ = strconv.Atoi(os.Getenv("COLUMNS"))
	}
	if width <= 0 {
		width = 80
	}
	return min(max(width, 40), 120)
}

func isTerminal(w any) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// colours reports whether w is to be coloured; when is auto, always or never.
func colours(when string, w io.Writer) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// ink writes in the sixteen colours that every terminal has, in the theme that its owner chose.
type ink bool

func (i ink) code(code, s string) string {
	if !i || s == "" {
		return s
	}
	return "\x1b[" + code + "m" + s + "\x1b[0m"
}

func (i ink) bold(s string) string    { return i.code("1", s) }
func (i ink) faint(s string) string   { return i.code("2", s) }
func (i ink) person(s string) string  { return i.code("1;36", s) }
func (i ink) cue(s string) string     { return i.code("33", s) }
func (i ink) warning(s string) string { return i.code("33", s) }
func (i ink) failure(s string) string { return i.code("31", s) }

// clean makes one line of s and takes out what could move the cursor, recolour the screen, or turn the direction of
// writing: an article is not to be trusted with a terminal.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r):
			return ' '
		case unicode.IsControl(r), '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			return unicode.ReplacementChar
		}
		return r
	}, s)
	return strings.Join(strings.Fields(s), " ")
}

// counted says "1 article", "3 articles", "12,345 people".
func counted[N int | int64](n N, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return thousands(int64(n)) + " " + many
}

func thousands(n int64) string {
	s := strconv.FormatInt(n, 10)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// A hinted error also says what to do next.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func hint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return hinted{err, fmt.Sprintf(format, args...)}
}
