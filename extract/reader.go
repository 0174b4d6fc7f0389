package extract

import (
	"fmt"
	"strings"

	"github.com/quotewire/quotewire/extract/baseline"
	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/model"
	"github.com/quotewire/quotewire/extract/model/fast"
	"github.com/quotewire/quotewire/extract/model/weights"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// A Reader finds names and attributions in a text.
type Reader struct {
	Name   string                          // "baseline"
	Models []schema.Model                  // the weights it reads with; their hashes are part of the fingerprint
	Read   func(*text.Doc) reading.Reading // total and deterministic; called by many goroutines at once
	Ranker *coref.Ranker                   // of the people whom pronouns may mean, by the vectors of Read; may be nil
}

// Readers is the names that Open knows.
func Readers() []string { return []string{"accurate", "fast", "baseline"} }

// Open loads the reader of a name. It fails on a name that it does not know, and on a broken word list or model.
func Open(name string) (Reader, error) {
	switch name {
	case "accurate", "fast":
		r, err := trained(name)
		if err != nil {
			return Reader{}, fmt.Errorf("load reader %s: %w", name, err)
		}
		return r, nil
	case "baseline":
		r, err := baseline.New()
		if err != nil {
			return Reader{}, fmt.Errorf("load reader %s: %w", name, err)
		}
		return Reader{Name: name, Read: r.Read}, nil
	}
	return Reader{}, fmt.Errorf("no reader %q: there is %s", name, strings.Join(Readers(), ", "))
}

// trained loads a reader with weights.
func trained(name string) (Reader, error) {
	sayings, err := baseline.Sayings()
	if err != nil {
		return Reader{}, err
	}
	if name == "fast" {
		m, err := fast.Load(weights.Fast, sayings)
		if err != nil {
			return Reader{}, err
		}
		return Reader{Name: name, Models: []schema.Model{{Name: m.Name, Version: fast.Format, SHA256: m.SHA256}}, Read: m.Read}, nil
	}
	m, err := model.Load(weights.Accurate, sayings)
	if err != nil {
		return Reader{}, err
	}
	r := Reader{Name: name, Models: []schema.Model{{Name: m.Name, Version: model.Format, SHA256: m.SHA256}}, Read: m.Read}
	ranker, err := coref.Accurate()
	if err != nil {
		return Reader{}, err
	}
	if ranker.Reader == m.SHA256 { // it knows the vectors of one set of weights: TestRanker fails while it has others
		if err := m.Keep(ranker.Layers); err != nil {
			return Reader{}, err
		}
		r.Ranker = ranker
		r.Models = append(r.Models, schema.Model{Name: "pronouns", Version: coref.RankerFormat, SHA256: ranker.SHA256})
	}
	return r, nil
}
