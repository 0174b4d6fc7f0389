package main

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"os"

	"github.com/quotewire/quotewire/extract/text"
)

// A seen example is one as Python is told of it.
type seenExample struct {
	Text       int             `json:"text"`    // which of the texts
	Pronoun    [2]int          `json:"pronoun"` // in code points
	Row        int             `json:"row"`     // of its vector
	Candidates []seenCandidate `json:"candidates"`
	GAP        bool            `json:"gap,omitempty"`
	Named      bool            `json:"named,omitempty"`
}

// A seenCandidate is a person, or nobody, who has no mentions and comes last.
type seenCandidate struct {
	Mentions [][2]int `json:"mentions"` // in code points
	Rows     [][2]int `json:"rows"`     // of the vectors of its first and last token; -1 where there is none
	Names    []bool   `json:"names"`
	Features []int    `json:"features"`
	Right    bool     `json:"right,omitempty"`
	Asked    bool     `json:"asked,omitempty"`
}

// writeExamples writes path.jsonl, a line for each text and, after it, one for each of its examples, and path.bin, the
// vectors: of each its two parameters and its codes.
func writeExamples(path string, all []example) error {
	f, err := os.Create(path + ".jsonl")
	if err != nil {
		return err
	}
	defer f.Close()
	g, err := os.Create(path + ".bin")
	if err != nil {
		return err
	}
	defer g.Close()
	out, vectors := bufio.NewWriter(f), bufio.NewWriter(g)
	lines := json.NewEncoder(out)
	texts, rows := 0, 0
	known := map[int]int{} // rows of the text by token
	for i, e := range all {
		if e.item.doc == nil { // the pronoun was not found, or nobody came into question
			e.item.doc = text.Cut("")
		}
		if i == 0 || all[i-1].item.doc != e.item.doc {
			texts++
			clear(known)
			if err := lines.Encode(map[string]string{"body": e.item.doc.Text}); err != nil {
				return err
			}
		}
		v := e.item.found.Vectors
		row := func(token int) int {
			if r, ok := known[token]; ok {
				return r
			}
			at := v.At(token)
			if at < 0 {
				return -1
			}
			binary.Write(vectors, binary.LittleEndian, v.Params[2*at:2*at+2])
			vectors.Write(v.Codes[at*v.Width : (at+1)*v.Width])
			known[token] = rows
			rows++
			return rows - 1
		}
		points := func(s text.Span) [2]int { return [2]int{e.item.doc.CodePoint(s.Start), e.item.doc.CodePoint(s.End)} }
		s := seenExample{Text: texts - 1, GAP: e.gap, Named: e.named, Candidates: []seenCandidate{}}
		if len(e.features) > 0 {
			first, _ := e.item.doc.TokensIn(e.pronoun)
			s.Pronoun, s.Row = points(e.pronoun), row(first)
		}
		for k, fs := range e.features {
			c := seenCandidate{Features: fs, Right: e.right[k], Mentions: [][2]int{}, Rows: [][2]int{}, Names: []bool{}}
			if k < len(e.trails) {
				for j, m := range e.trails[k] {
					first, last := e.item.doc.TokensIn(m)
					c.Mentions, c.Rows, c.Names = append(c.Mentions, points(m)), append(c.Rows, [2]int{row(first), row(last - 1)}), append(c.Names, e.names[k][j])
				}
				c.Asked = e.gap && e.asked[k] == 1
			}
			s.Candidates = append(s.Candidates, c)
		}
		if err := lines.Encode(s); err != nil {
			return err
		}
	}
	if err := vectors.Flush(); err != nil {
		return err
	}
	return out.Flush()
}
