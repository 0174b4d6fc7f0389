package decode

import (
	"math"
	"strings"

	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// attribute makes one attribution of the contents of each cue, and of neighbouring contents without a cue that go on
// from one to the next. A content without a cue that goes on from an attribution with one stays apart: it is for the
// later steps to say that its speaker continues.
func (w *Worker) attribute(l *links) {
	b, begun := &w.board, len(w.out.Attributions)
	clear(w.ofCue)
	loose := -1 // the attribution without cue that the next content may go on from
	for j, c := range b.spans[content] {
		if i := l.cueOf[j].of; i >= 0 {
			at, ok := w.ofCue[i]
			if !ok {
				at = len(w.out.Attributions)
				w.ofCue[i] = at
				q := b.spans[cue][i]
				w.out.Attributions = append(w.out.Attributions, reading.Attribution{
					Cue: w.span(q), Source: w.source(l.sourceOf[i]), Act: w.act(q, c, l.speech[i]), Evidence: w.d.name + "/cue",
					Confidence: q.confidence * l.sourceOf[i].probability,
				})
			}
			w.extendAttribution(at, c, l.cueOf[j].probability)
			loose = -1
			continue
		}
		if loose >= 0 && l.same[j-1] > 0 {
			w.extendAttribution(loose, c, 1/(1+math.Exp(-l.same[j-1])))
			continue
		}
		loose = len(w.out.Attributions)
		w.out.Attributions = append(w.out.Attributions, reading.Attribution{
			Source: w.source(l.speakerOf[j]), Act: w.act(tagged{}, c, math.Inf(-1)), Evidence: w.d.name + "/content", Confidence: l.speakerOf[j].probability,
		})
		w.extendAttribution(loose, c, l.cueOf[j].probability)
	}
	for k := begun; k < len(w.out.Attributions); k++ {
		a := &w.out.Attributions[k]
		a.Confidence = w.d.calibration.Attributions.mend(a.Confidence)
	}
}

// extendAttribution adds a content that belongs to it with probability p.
func (w *Worker) extendAttribution(at int, c tagged, p float64) {
	a := &w.out.Attributions[at]
	a.Content = append(a.Content, w.span(c))
	a.Confidence *= c.confidence * p
}

func (w *Worker) source(c choice) text.Span {
	if c.of < 0 {
		return text.Span{}
	}
	return w.span(w.board.spans[source][c.of])
}

// span is where tokens of the segment stand in the text.
func (w *Worker) span(s tagged) text.Span {
	return text.Span{Start: w.s.Doc.Tokens[w.s.First+s.first].Start, End: w.s.Doc.Tokens[w.s.First+s.last-1].End}
}

// leaning is what a verb of saying in the cue adds to the network's log odds of speech. The network was taught by a short
// list of such verbs and errs towards thought; it is overruled where it is unsure, and not where the list misleads: "has
// been charged with". D of speech on PolNeAR's dev set with 2 and 3: 88.7 and 88.5 (accurate), 86.3 and 86.1 (fast); with 2, "remarked" may be a thought.
const leaning = 3

// act tells speech from thought: what stands in quotation marks was uttered; of the rest the network decides.
func (w *Worker) act(cue, content tagged, logOdds float64) schema.Act {
	if w.says(cue) {
		logOdds += leaning
	}
	if logOdds >= 0 || w.quoted(content) {
		return schema.Speech
	}
	return schema.Thought
}

// says reports whether a verb that always attributes speech is in a cue.
func (w *Worker) says(cue tagged) bool {
	for i := cue.first; i < cue.last; i++ {
		if w.d.sayings[strings.ToLower(w.s.Doc.TokenText(w.s.First+i))] {
			return true
		}
	}
	return false
}

// quoted reports whether half of a content or more stands in quotation marks.
func (w *Worker) quoted(content tagged) bool {
	n := 0
	for _, q := range w.s.Features.Quote[w.s.First+content.first : w.s.First+content.last] {
		if q != 0 {
			n++
		}
	}
	return 2*n >= content.last-content.first
}
