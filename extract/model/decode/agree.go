package decode

import (
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
)

// sure is the confidence, as the network has it, from which a name keeps its kind whatever the rest of the text says.
const sure = .9

// Finish ends a text whose segments have all been decoded: names written alike agree on one kind, and the confidences of
// names are mended. It takes time linear in what the names hold of the text.
func (w *Worker) Finish(out *reading.Reading, d *text.Doc) {
	clear(w.votes)
	agree(out.Names, d.Text, w.votes)
	clear(w.votes) // lets go of the text
	for i := range out.Names {
		n := &out.Names[i]
		n.Confidence = w.d.calibration.Names.mend(n.Confidence)
	}
}

// agree is "one name, one kind": a name that is not sure takes the kind that has most confidence, summed over all names of
// the text that are written the same; of equal kinds the first. votes is empty memory.
func agree(names []reading.Name, text string, votes map[string]*[len(kinds)]float64) {
	for _, n := range names {
		v := votes[text[n.Start:n.End]]
		if v == nil {
			v = new([len(kinds)]float64)
			votes[text[n.Start:n.End]] = v
		}
		v[n.Kind] += n.Confidence
	}
	for i := range names {
		n := &names[i]
		if n.Confidence >= sure {
			continue
		}
		v := votes[text[n.Start:n.End]]
		best := 0
		for k := range v {
			if v[k] > v[best] {
				best = k
			}
		}
		n.Kind = kinds[best]
	}
}
