package eval

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/quotewire/quotewire/schema"
)

// Predictions are what was found in the gold's texts, one document each.
type Predictions struct {
	Documents []Document

	exact map[key]int       // index of the document
	named map[[2]string]int // the first with this id and domain
}

type key struct{ id, domain, annotator string }

// NewPredictions takes predictions as they are. Of two for one document the first counts.
func NewPredictions(documents ...Document) *Predictions {
	p := &Predictions{Documents: documents}
	_ = p.index()
	return p
}

// FromRecord turns a record into a prediction. Names are the mentions by name. The source of a quote is the whole
// phrase as written, also where it belongs to an earlier quote (method continued): direct quotes that name no source are
// rarer in PolNeAR than those that name it elsewhere (25 to 36 in train), and D on its dev set is 0.2 higher so than with
// an empty source.
func FromRecord(r schema.Record) Document {
	d := Document{ID: r.Article.ID, Entities: []Entity{}, Attributions: []Attribution{}}
	for i := range r.Entities {
		e := &r.Entities[i]
		for _, m := range e.Mentions {
			d.Mentions = append(d.Mentions, Entity{Start: m.Start, End: m.End, Type: string(e.Kind), Cluster: e.ID, Form: string(m.Form)})
			if m.Form == schema.ByName {
				name := Entity{Start: m.Start, End: m.End, Type: nameType(e.Kind), Confidence: float64(e.Confidence)}
				name.locate(e.Place)
				d.Entities = append(d.Entities, name)
			}
		}
	}
	nameOf := map[string]string{}
	for i := range r.Entities {
		nameOf[r.Entities[i].ID] = r.Entities[i].Name
	}
	for i := range r.Quotes {
		q := &r.Quotes[i]
		a := Attribution{Kind: q.Kind, Act: q.Act, Confidence: float64(q.Confidence), Content: []Span{}, Cue: []Span{}, Source: []Span{}}
		for _, s := range q.Spans {
			a.Content = append(a.Content, Span{s.Start, s.End})
		}
		if q.Cue != nil && q.Cue.Start < q.Cue.End {
			a.Cue = append(a.Cue, Span{q.Cue.Start, q.Cue.End})
		}
		if s := q.Speaker; s != nil {
			if s.Start < s.End {
				a.Source = append(a.Source, Span{s.Start, s.End})
			}
			if s.Name != nil {
				a.SourceEntity = *s.Name
			}
			if s.Entity != nil {
				a.SourceGroup, a.SourceConfidence = *s.Entity, float64(s.Confidence)
			}
			for _, id := range s.Joint {
				a.SourceJoint = append(a.SourceJoint, nameOf[id])
			}
		}
		d.Attributions = append(d.Attributions, a)
	}
	return d
}

func nameType(k schema.Kind) string {
	switch k {
	case schema.Person:
		return "PER"
	case schema.Place:
		return "LOC"
	case schema.Organization:
		return "ORG"
	}
	return string(k)
}

// Predict reads every text of the gold, workers at a time. Progress, if not nil, is called after each, from one
// goroutine at a time.
func (g *Gold) Predict(read func(id, text string) schema.Record, workers int, progress func(done, total int)) *Predictions {
	p := &Predictions{Documents: make([]Document, len(g.Documents))}
	var (
		next, done int64
		reporting  sync.Mutex
		all        sync.WaitGroup
	)
	for range max(1, min(workers, len(g.Documents))) {
		all.Go(func() {
			for {
				i := int(atomic.AddInt64(&next, 1)) - 1
				if i >= len(g.Documents) {
					return
				}
				d := &g.Documents[i]
				found := FromRecord(read(d.ID, d.Text))
				found.ID, found.Domain, found.Annotator = d.ID, d.Domain, d.Annotator
				p.Documents[i] = found
				if progress != nil {
					reporting.Lock()
					done++
					progress(int(done), len(g.Documents))
					reporting.Unlock()
				}
			}
		})
	}
	all.Wait()
	_ = p.index() // where the gold has a document twice, so have the predictions, and both are the same
	return p
}

// ReadPredictions reads JSON Lines as [Predictions.Write] writes them. Errors name the line.
func ReadPredictions(r io.Reader) (*Predictions, error) {
	p := &Predictions{}
	err := eachLine(bufio.NewReaderSize(r, 1<<20), func(line []byte) error {
		var d Document
		if err := json.Unmarshal(line, &d); err != nil {
			return plain(err)
		}
		p.Documents = append(p.Documents, d)
		return nil
	})
	if err == nil {
		err = p.index()
	}
	if err != nil {
		return nil, err
	}
	return p, nil
}

// Write writes one JSON object a line: {"id", "entities": [{"start", "end", "type"}], "attributions": [{"content",
// "cue", "source", "source_entity", "source_group", "source_confidence"}], "mentions": [{"start", "end", "type", "cluster", "form"}]} with code points as offsets, and no text.
func (p *Predictions) Write(w io.Writer) error {
	out := bufio.NewWriter(w)
	enc := json.NewEncoder(out)
	enc.SetEscapeHTML(false)
	for _, d := range p.Documents {
		d.Text = ""
		if d.Entities == nil {
			d.Entities = []Entity{}
		}
		if d.Attributions == nil {
			d.Attributions = []Attribution{}
		}
		if err := enc.Encode(d); err != nil {
			return fmt.Errorf("write prediction for %s: %w", d.ID, err)
		}
	}
	return out.Flush()
}

func (p *Predictions) index() error {
	p.exact, p.named = map[key]int{}, map[[2]string]int{}
	var twice error
	for i := range p.Documents {
		d := &p.Documents[i]
		k := key{d.ID, d.Domain, d.Annotator}
		if _, ok := p.exact[k]; ok {
			twice = fmt.Errorf("two predictions for %s", d.ID)
			continue
		}
		p.exact[k] = i
		if _, ok := p.named[[2]string{d.ID, d.Domain}]; !ok {
			p.named[[2]string{d.ID, d.Domain}] = i
		}
	}
	return twice
}

// of finds the prediction for a gold document; nil if there is none.
func (p *Predictions) of(d *Document) *Document { return p.find(d.ID, d.Domain, d.Annotator) }

func (p *Predictions) find(id, domain, annotator string) *Document {
	i, ok := p.exact[key{id, domain, annotator}]
	if !ok {
		i, ok = p.exact[key{id, "", ""}]
	}
	if !ok {
		i, ok = p.named[[2]string{id, domain}]
	}
	if !ok {
		return nil
	}
	return &p.Documents[i]
}

// only keeps the attributions of one act, and those that state none.
func (p *Predictions) only(act schema.Act) *Predictions {
	out := &Predictions{Documents: make([]Document, len(p.Documents)), exact: p.exact, named: p.named}
	for i, d := range p.Documents {
		kept := make([]Attribution, 0, len(d.Attributions))
		for _, a := range d.Attributions {
			if a.Act == act || a.Act == "" {
				kept = append(kept, a)
			}
		}
		d.Attributions = kept
		out.Documents[i] = d
	}
	return out
}
