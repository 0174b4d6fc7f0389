package eval

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/quotewire/quotewire/schema"
)

// An Annotated is gold that a person writes: a header, a blank line, and the article's text with brackets in it.
//
//	article: harbour-strike.txt
//	PER: Milan Dravec | Dravec
//	LOC: Gdansk
//	1: Milan Dravec
//	2: -, thought
//
//	{c1 "Nobody here wants to stand in the rain,"} {s1 Dravec} {q1 said}.
//	{s2 Many dockers} {q2 fear} {c2 that the talks will fail}.
//
// A name in the header stands for every place where it occurs as a whole word and not as part of a longer name of the
// header; "Washington #2 #3" stands for the second and third such place only. Attribution n has content {cn …}, which
// may come in several pieces, cue {qn …} and source {sn …}; brackets nest, and {s1,s2 …} is the source of both. In the
// header stand its speaker's canonical name, "Ada Reyes + Bo Ek" where several say it, or "-", then if need be its act (speech if not given) and its kind (by
// default told from the double quotation marks).
type Annotated struct {
	Article string   // the file that holds the article
	Gold    Document // ID is Article
}

// ReadAnnotated reads one annotated article. It checks that every name and every attribution of the header is in the
// text and the other way round. Errors name the line.
func ReadAnnotated(r io.Reader) (*Annotated, error) {
	p := annotation{attributions: map[int]*Attribution{}, listed: map[int]bool{}}
	in := bufio.NewScanner(r)
	in.Buffer(nil, 1<<24)
	n, inText := 0, false
	for in.Scan() {
		n++
		line := in.Text()
		var err error
		switch {
		case inText:
			err = p.textLine(line)
		case line == "":
			inText = true
		default:
			err = p.headerLine(line)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n, err)
		}
	}
	if err := in.Err(); err != nil {
		return nil, err
	}
	return p.finish()
}

type annotation struct {
	article      string
	names        []listedName
	attributions map[int]*Attribution
	listed       map[int]bool
	text         []rune
	open         []bracket
}

// A listedName is a name of the header.
type listedName struct {
	text  []rune
	kind  string
	which []int // occurrences, from 1; nil: all
	seen  int
}

type bracket struct {
	labels []string // "c1", "s2"
	start  int
}

func (p *annotation) headerLine(line string) error {
	field, value, ok := strings.Cut(line, ":")
	if !ok {
		return fmt.Errorf("no colon in header line %q", line)
	}
	value = strings.TrimSpace(value)
	switch field {
	case "article":
		p.article = value
		return nil
	case "PER", "LOC", "ORG":
		for name := range strings.SplitSeq(value, "|") {
			words := strings.Fields(name)
			n := listedName{kind: field}
			for len(words) > 0 && strings.HasPrefix(words[len(words)-1], "#") {
				k, err := strconv.Atoi(words[len(words)-1][1:])
				if err != nil || k < 1 {
					return fmt.Errorf("%q is not the number of an occurrence", words[len(words)-1])
				}
				n.which = append(n.which, k)
				words = words[:len(words)-1]
			}
			if len(words) == 0 {
				return fmt.Errorf("an empty name under %s", field)
			}
			n.text = []rune(strings.Join(words, " "))
			p.names = append(p.names, n)
		}
		return nil
	}
	n, err := strconv.Atoi(field)
	if err != nil {
		return fmt.Errorf("unknown header %q", field)
	}
	if p.listed[n] {
		return fmt.Errorf("attribution %d is there twice", n)
	}
	p.listed[n] = true
	a := p.attribution(n)
	a.Act = schema.Speech
	speaker, more, _ := strings.Cut(value, ",")
	if speaker != "-" {
		all := strings.Split(speaker, " + ")
		a.SourceEntity, a.SourceJoint = all[0], all[1:]
	}
	for word := range strings.FieldsFuncSeq(more, func(r rune) bool { return r == ',' || r == ' ' }) {
		switch word {
		case string(schema.Speech), string(schema.Thought):
			a.Act = schema.Act(word)
		case string(schema.Direct), string(schema.Mixed), string(schema.Indirect):
			a.Kind = schema.QuoteKind(word)
		default:
			return fmt.Errorf("%q is neither an act nor a kind", word)
		}
	}
	return nil
}

func (p *annotation) attribution(n int) *Attribution {
	if p.attributions[n] == nil {
		p.attributions[n] = &Attribution{Content: []Span{}, Cue: []Span{}, Source: []Span{}}
	}
	return p.attributions[n]
}

func (p *annotation) textLine(line string) error {
	runes := []rune(line)
	for i := 0; i < len(runes); i++ {
		switch runes[i] {
		case '{':
			end := slices.Index(runes[i:], ' ')
			if end < 0 {
				return errors.New("a bracket without text")
			}
			p.open = append(p.open, bracket{strings.Split(string(runes[i+1:i+end]), ","), len(p.text)})
			i += end
		case '}':
			if len(p.open) == 0 {
				return errors.New("a bracket closes that was not open")
			}
			b := p.open[len(p.open)-1]
			p.open = p.open[:len(p.open)-1]
			for _, label := range b.labels {
				if err := p.mark(label, Span{b.start, len(p.text)}); err != nil {
					return err
				}
			}
		default:
			p.text = append(p.text, runes[i])
		}
	}
	p.text = append(p.text, '\n')
	return nil
}

func (p *annotation) mark(label string, s Span) error {
	if len(label) < 2 {
		return fmt.Errorf("unknown label %q", label)
	}
	n, err := strconv.Atoi(label[1:])
	if err != nil {
		return fmt.Errorf("unknown label %q", label)
	}
	if s[0] == s[1] || isSpace(p.text[s[0]]) || isSpace(p.text[s[1]-1]) {
		return fmt.Errorf("%s: white space at an end of %q", label, string(p.text[s[0]:s[1]]))
	}
	a := p.attribution(n)
	switch label[0] {
	case 'c':
		a.Content = append(a.Content, s)
	case 'q':
		a.Cue = append(a.Cue, s)
	case 's':
		a.Source = append(a.Source, s)
	default:
		return fmt.Errorf("unknown label %q", label)
	}
	return nil
}

func (p *annotation) finish() (*Annotated, error) {
	if len(p.open) > 0 {
		return nil, fmt.Errorf("bracket %s is never closed", strings.Join(p.open[0].labels, ","))
	}
	for len(p.text) > 0 && p.text[len(p.text)-1] == '\n' {
		p.text = p.text[:len(p.text)-1]
	}
	if p.article == "" || len(p.text) == 0 {
		return nil, errors.New("no article or no text")
	}
	out := &Annotated{p.article, Document{ID: p.article, Text: string(p.text), Attributions: []Attribution{}}}
	var err error
	if out.Gold.Entities, err = p.findNames(); err != nil {
		return nil, err
	}
	mask := quoteMask(p.text)
	for n, a := range p.attributions {
		switch {
		case !p.listed[n]:
			return nil, fmt.Errorf("attribution %d is not in the header", n)
		case len(a.Content) == 0:
			return nil, fmt.Errorf("attribution %d has no content", n)
		case len(a.Cue) > 1 || len(a.Source) > 1:
			return nil, fmt.Errorf("attribution %d has two cues or two sources", n)
		}
		if a.Kind == "" {
			a.Kind = kindOf(p.text, a.Content, mask)
		}
		speech := a.Act == schema.Speech
		a.SpeechCue = &speech
		out.Gold.Attributions = append(out.Gold.Attributions, *a)
	}
	slices.SortFunc(out.Gold.Attributions, func(a, b Attribution) int {
		return cmp.Or(a.Content[0][0]-b.Content[0][0], a.Content[0][1]-b.Content[0][1])
	})
	return out, nil
}

// findNames finds the names of the header, the longest first at every place.
func (p *annotation) findNames() ([]Entity, error) {
	out := []Entity{}
	for i := 0; i < len(p.text); i++ {
		var best *listedName
		for k := range p.names {
			n := &p.names[k]
			if (best == nil || len(n.text) > len(best.text)) && p.wordsAt(i, n.text) {
				best = n
			}
		}
		if best == nil {
			continue
		}
		best.seen++
		if best.which == nil || slices.Contains(best.which, best.seen) {
			out = append(out, Entity{Start: i, End: i + len(best.text), Type: best.kind})
		}
		i += len(best.text) - 1
	}
	for _, n := range p.names {
		if n.seen == 0 || n.which != nil && n.seen < slices.Max(n.which) {
			return nil, fmt.Errorf("%s %q is not in the text, or not so often", n.kind, string(n.text))
		}
	}
	return out, nil
}

// wordsAt says whether the text has name at i, as whole words.
func (p *annotation) wordsAt(i int, name []rune) bool {
	end := i + len(name)
	return end <= len(p.text) && slices.Equal(p.text[i:end], name) &&
		(i == 0 || !isWord(p.text[i-1])) && (end == len(p.text) || !isWord(p.text[end]))
}
