package model

import (
	"math"
	"strings"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// decode turns the segment's emissions into names and attributions and begins the next segment.
func (r *reader) decode() {
	if r.tokens == 0 {
		return
	}
	for _, s := range r.m.name.decode(&r.lattice, r.emission, scores, attrs, r.tokens) {
		r.out.Names = append(r.out.Names, reading.Name{Span: r.span(s), Kind: kinds[s.kind], Confidence: r.m.mend.Names.mend(s.confidence)})
	}
	b := &r.board
	for k := range b.spans {
		b.spans[k] = b.spans[k][:0]
	}
	for _, s := range r.m.attr.decode(&r.lattice, r.emission, scores, 0, r.tokens) {
		b.spans[s.kind] = append(b.spans[s.kind], s)
	}
	if len(b.spans[content]) > 0 {
		r.attribute(r.m.linker.link(r.m.set, b, r.state, r.features.Position[r.first:r.first+r.tokens]))
	}
	r.first, r.tokens = r.first+r.tokens, 0
}

// attribute makes one attribution of the contents of each cue, and of neighbouring contents without a cue that go on
// from one to the next. A content without a cue that goes on from an attribution with one stays apart: it is for the
// later steps to say that its speaker continues.
func (r *reader) attribute(l *links) {
	b, begun := &r.board, len(r.out.Attributions)
	ofCue := make(map[int]int, len(b.spans[cue])) // the attribution of each cue
	loose := -1                                   // the attribution without cue that the next content may go on from
	for j, c := range b.spans[content] {
		if i := l.cueOf[j].of; i >= 0 {
			at, ok := ofCue[i]
			if !ok {
				at = len(r.out.Attributions)
				ofCue[i] = at
				q := b.spans[cue][i]
				r.out.Attributions = append(r.out.Attributions, reading.Attribution{
					Cue: r.span(q), Source: r.source(l.sourceOf[i]), Act: r.act(q, c, l.speech[i]), Evidence: r.m.Name + "/cue",
					Confidence: q.confidence * l.sourceOf[i].probability,
				})
			}
			r.extendAttribution(at, c, l.cueOf[j].probability)
			loose = -1
			continue
		}
		if loose >= 0 && l.same[j-1] > 0 {
			r.extendAttribution(loose, c, 1/(1+math.Exp(-l.same[j-1])))
			continue
		}
		loose = len(r.out.Attributions)
		r.out.Attributions = append(r.out.Attributions, reading.Attribution{
			Source: r.source(l.speakerOf[j]), Act: r.act(tagged{}, c, -1), Evidence: r.m.Name + "/content", Confidence: l.speakerOf[j].probability,
		})
		r.extendAttribution(loose, c, l.cueOf[j].probability)
	}
	for k := begun; k < len(r.out.Attributions); k++ {
		a := &r.out.Attributions[k]
		a.Confidence = r.m.mend.Attributions.mend(a.Confidence)
	}
}

// extendAttribution adds a content that belongs to it with probability p.
func (r *reader) extendAttribution(at int, c tagged, p float64) {
	a := &r.out.Attributions[at]
	a.Content = append(a.Content, r.span(c))
	a.Confidence *= c.confidence * p
}

func (r *reader) source(c choice) text.Span {
	if c.of < 0 {
		return text.Span{}
	}
	return r.span(r.board.spans[source][c.of])
}

// span is where tokens of the segment stand in the text.
func (r *reader) span(s tagged) text.Span {
	return text.Span{Start: r.d.Tokens[r.first+s.first].Start, End: r.d.Tokens[r.first+s.last-1].End}
}

// act tells speech from thought: what stands in quotation marks was uttered, and so was what a verb of saying attributes;
// of other cues the network decides.
func (r *reader) act(cue, content tagged, logOdds float64) schema.Act {
	for i := cue.first; i < cue.last; i++ {
		if r.m.sayings[strings.ToLower(r.d.TokenText(r.first+i))] {
			return schema.Speech
		}
	}
	quoted := 0
	for _, q := range r.features.Quote[r.first+content.first : r.first+content.last] {
		if q != 0 {
			quoted++
		}
	}
	if logOdds >= 0 || 2*quoted >= content.last-content.first {
		return schema.Speech
	}
	return schema.Thought
}
