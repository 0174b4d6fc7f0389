package eval

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/quotewire/quotewire/schema"
)

// A Span is a half-open range of code points: [start, end).
type Span [2]int

// A Document is one text with what a person, or a program, found in it: gold and prediction have the same form. In a
// prediction the text may be missing.
type Document struct {
	ID           string        `json:"id"`
	Domain       string        `json:"domain,omitempty"`    // tells documents with one id apart (NewsDiscourse)
	Annotator    string        `json:"annotator,omitempty"` // likewise (PolNeAR)
	Text         string        `json:"text,omitempty"`
	Entities     []Entity      `json:"entities"`
	Attributions []Attribution `json:"attributions"`
	Sentences    []Sentence    `json:"sentences,omitempty"`
	Incomplete   bool          `json:"incomplete,omitempty"` // the gold does not annotate every attribution: no precision
	Mentions     []Entity      `json:"mentions,omitempty"`   // of a prediction: every mention, with its entity as cluster

	// A text of GAP: does the pronoun mean A, or B?
	Pronoun *GAPPronoun `json:"pronoun,omitempty"`
	A       *GAPName    `json:"A,omitempty"`
	B       *GAPName    `json:"B,omitempty"`

	points []rune // Text, once asked for
}

// An Entity is a name, or in gold with coreference any mention.
type Entity struct {
	Start      int     `json:"start"`
	End        int     `json:"end"`
	Type       string  `json:"type"`                // PER, LOC, ORG; others are left aside
	Group      string  `json:"group,omitempty"`     // gold with speakers: mentions of one group mean the same
	Cluster    string  `json:"cluster,omitempty"`   // coreference: mentions of one cluster mean the same
	Form       string  `json:"form,omitempty"`      // with a cluster: "name", or how else it is mentioned
	NameSpan   *Span   `json:"name_span,omitempty"` // of a name with its title: the name alone
	Confidence float64 `json:"confidence,omitempty"`

	// Of a place: where it is, in degrees; its id and feature code in GeoNames; its country, an ISO 3166-1 code.
	Lat         *float64    `json:"lat,omitempty"`
	Lon         *float64    `json:"lon,omitempty"`
	GeoNames    json.Number `json:"geonames,omitempty"`
	FeatureCode string      `json:"fcode,omitempty"`
	Country     string      `json:"country,omitempty"`
}

// An Attribution links content to a source through a cue. Each role may have several spans, or none.
type Attribution struct {
	Content      []Span           `json:"content"`
	Cue          []Span           `json:"cue"`
	Source       []Span           `json:"source"`
	SourceEntity string           `json:"source_entity,omitempty"` // the speaker's canonical name
	SourceGroup  string           `json:"source_group,omitempty"`  // the speaker's coreference group
	SourceJoint  []string         `json:"source_joint,omitempty"`  // the canonical names of those who say it too; nil where a gold does not tell
	Kind         schema.QuoteKind `json:"kind,omitempty"`
	Act          schema.Act       `json:"act,omitempty"`
	SpeechCue    *bool            `json:"speech_cue,omitempty"` // the cue is a verb of speech; nil where the gold does not say
	Noise        bool             `json:"noise,omitempty"`      // a caption or the like
	Confidence   float64          `json:"confidence,omitempty"`

	SourceConfidence float64 `json:"source_confidence,omitempty"` // of a prediction: that the speaker is this one
}

// A Sentence of a corpus that only says which sentences hold speech.
type Sentence struct {
	Start  int  `json:"start"`
	End    int  `json:"end"`
	Speech bool `json:"speech"`
}

// An Instance is one of the pieces of articles, in tokens with BIO labels, that CofeNet is scored on.
type Instance struct {
	ID      string   `json:"id"` // of the piece
	Article string   `json:"article"`
	Tokens  []Span   `json:"tok"`    // an empty span: a token that the article does not have
	Labels  []string `json:"labels"` // B-source, I-source, …, O
}

// Gold is what predictions are measured against. The zero value is empty.
type Gold struct {
	Documents []Document
	Instances []Instance
}

// Read adds a gold file: JSON Lines, each a document or a CofeNet instance, told apart by their fields; or one article
// as [ReadAnnotated] reads it, told by its first word. Errors name the line.
func (g *Gold) Read(r io.Reader) error {
	in := bufio.NewReaderSize(r, 1<<20)
	if head, _ := in.Peek(len("article:")); string(head) == "article:" {
		a, err := ReadAnnotated(in)
		if err == nil {
			g.Documents = append(g.Documents, a.Gold)
		}
		return err
	}
	return eachLine(in, func(line []byte) error {
		var told struct {
			Labels *json.RawMessage `json:"labels"`
			Tokens *json.RawMessage `json:"tok"`
		}
		if err := json.Unmarshal(line, &told); err != nil {
			return plain(err)
		}
		if told.Labels != nil && told.Tokens != nil {
			return g.addInstance(line)
		}
		var d Document
		if err := json.Unmarshal(line, &d); err != nil {
			return plain(err)
		}
		switch {
		case d.ID == "":
			return errors.New("no id")
		case d.Text == "":
			return fmt.Errorf("%s: no text", d.ID)
		case d.Entities == nil && d.Attributions == nil && d.Sentences == nil && !d.isGAP():
			return fmt.Errorf("%s: neither entities nor attributions nor sentences", d.ID)
		}
		if err := d.fits(d.runes()); err != nil {
			return fmt.Errorf("%s: %w", d.ID, err)
		}
		g.Documents = append(g.Documents, d)
		return nil
	})
}

func (g *Gold) addInstance(line []byte) error {
	var i Instance
	if err := json.Unmarshal(line, &i); err != nil {
		return plain(err)
	}
	if len(i.Tokens) != len(i.Labels) {
		return fmt.Errorf("%s: %d tokens but %d labels", i.ID, len(i.Tokens), len(i.Labels))
	}
	for _, label := range i.Labels {
		if _, _, ok := bio(label); !ok {
			return fmt.Errorf("%s: unknown label %q", i.ID, label)
		}
	}
	g.Instances = append(g.Instances, i)
	return nil
}

// Which of the attribution measures a gold allows.
const (
	namesOnly    = iota
	attributions // all of them
	incomplete   // recall
	sentences    // speech or not
)

func (g *Gold) content() int {
	n := [4]int{}
	for i := range g.Documents {
		d := &g.Documents[i]
		switch {
		case d.Sentences != nil:
			n[sentences]++
		case d.Incomplete:
			n[incomplete]++
		case d.Attributions != nil:
			n[attributions]++
		}
	}
	switch all := len(g.Documents); {
	case all == 0:
		return namesOnly
	case n[sentences] == all:
		return sentences
	case n[incomplete] == all:
		return incomplete
	case n[sentences]+n[incomplete]+n[attributions] > 0:
		return attributions
	}
	return namesOnly
}

// fits says whether all spans lie in the text and none is empty.
func (d *Document) fits(text []rune) error {
	inside := func(what string, start, end int) error {
		if start < 0 || start >= end || end > len(text) {
			return fmt.Errorf("%s [%d, %d) does not lie in the text (%d code points)", what, start, end, len(text))
		}
		return nil
	}
	for _, all := range [][]Entity{d.Entities, d.Mentions} {
		for i := range all {
			if err := inside("entity", all[i].Start, all[i].End); err != nil {
				return err
			}
			if s := all[i].NameSpan; s != nil {
				if err := inside("name_span", s[0], s[1]); err != nil {
					return err
				}
			}
		}
	}
	if err := d.gapFits(inside); err != nil {
		return err
	}
	for i := range d.Attributions {
		a := &d.Attributions[i]
		for _, role := range []struct {
			name  string
			spans []Span
		}{{"content", a.Content}, {"cue", a.Cue}, {"source", a.Source}} {
			for _, s := range role.spans {
				if err := inside(role.name, s[0], s[1]); err != nil {
					return err
				}
			}
		}
	}
	for i := range d.Sentences {
		if err := inside("sentence", d.Sentences[i].Start, d.Sentences[i].End); err != nil {
			return err
		}
	}
	return nil
}

// runes is the text by code points. It is not safe for concurrent use.
func (d *Document) runes() []rune {
	if d.points == nil {
		d.points = []rune(d.Text)
	}
	return d.points
}

// eachLine hands on every line that is not blank and says in which one an error came up.
func eachLine(in *bufio.Reader, do func(line []byte) error) error {
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if line = bytes.TrimSpace(line); len(line) > 0 {
			if err := do(line); err != nil {
				return fmt.Errorf("line %d: %w", n, err)
			}
		}
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
	}
}

// plain says in a reader's words what is wrong with the JSON.
func plain(err error) error {
	var t *json.UnmarshalTypeError
	if errors.As(err, &t) {
		return fmt.Errorf("%s: a %s where %s was expected", t.Field, t.Value, t.Type)
	}
	return err
}
