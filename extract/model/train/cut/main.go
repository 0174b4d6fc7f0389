// Command cut cuts the texts of a corpus as the readers do, so that training sees the tokens and features that use
// will see.
//
//	cut < corpus.jsonl > corpus.cut.jsonl
//
// Each input line is an object with a "text"; the matching output line has, per token, flat arrays: "span" (start,
// end, in code points, half-open), "form" (what word pieces are cut from), "shape", "quote", "position", and
// "letters" (14 bytes a token, in base64). See package feature for their values.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/quotewire/quotewire/extract/model/feature"
	"github.com/quotewire/quotewire/extract/text"
)

type article struct {
	Text string `json:"text"`
}

type cut struct {
	Span     []int    `json:"span"`
	Form     []string `json:"form"`
	Shape    []int    `json:"shape"`
	Quote    []int    `json:"quote"`
	Position []int    `json:"position"`
	Letters  []byte   `json:"letters"`
}

func main() {
	if err := run(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "cut:", err)
		os.Exit(1)
	}
}

func run(r io.Reader, w io.Writer) error {
	in, out := json.NewDecoder(bufio.NewReader(r)), bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	var f feature.Of
	for n := 1; ; n++ {
		var a article
		if err := in.Decode(&a); err == io.EOF {
			return out.Flush()
		} else if err != nil {
			return fmt.Errorf("record %d: %w", n, err)
		}
		if err := enc.Encode(cutArticle(a.Text, &f)); err != nil {
			return err
		}
	}
}

func cutArticle(s string, f *feature.Of) cut {
	d := text.Cut(s)
	f.Compute(d)
	c := cut{Form: f.Form, Shape: ints(f.Shape), Quote: ints(f.Quote), Position: ints(f.Position)}
	for i, t := range d.Tokens {
		c.Span = append(c.Span, d.CodePoint(t.Start), d.CodePoint(t.End))
		c.Letters = append(c.Letters, f.Letters[i][:]...)
	}
	return c
}

func ints(b []uint8) []int {
	out := make([]int, len(b))
	for i, v := range b {
		out[i] = int(v)
	}
	return out
}
