package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
)

type deadLsCmd struct {
	Format string `enum:"auto,text,ndjson" default:"auto" group:"which" placeholder:"FORM" help:"What comes out: text, a table for people, or ndjson, one letter a line. Text at a terminal, else ndjson."`
	letterStore
	letterFilter
}

func (deadLsCmd) Help() string {
	return `The oldest come first. The first column is the number by which show, replay and drop know a letter.

Examples:

    quotewire dead ls
    quotewire dead ls --class article --newer 24h
    quotewire dead ls --format ndjson | jq -r '[.class, .field] | @tsv' | sort | uniq -c`
}

func (c *deadLsCmd) Validate() error { return cmp.Or(c.letterStore.check(), c.letterFilter.check()) }

func (c *deadLsCmd) Run(ctx context.Context, a *app) (err error) {
	letters, done, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	list := newLetterList(a, c.Format)
	for d, err := range letters.All(ctx, c.filter(nil)) {
		if err != nil {
			return cause(ctx, err)
		}
		if err := list.add(d); err != nil {
			return err
		}
	}
	if list.n == 0 && isTerminal(a.stdout) {
		fmt.Fprintln(a.stderr, "no dead letters")
	}
	return list.end()
}

// A letterLine is one dead letter as ls tells of it to other programs.
type letterLine struct {
	Number   uint64         `json:"number"` // in the stream of dead letters
	Time     string         `json:"time"`
	Class    pipeline.Class `json:"class"`
	Field    string         `json:"field"`
	Reason   string         `json:"reason"`
	Article  string         `json:"article"`
	Stream   string         `json:"stream"`   // that the article came from
	Sequence uint64         `json:"sequence"` // there
	Subject  string         `json:"subject"`  // there
	Attempts int            `json:"attempts"`
	Bytes    int            `json:"bytes"`   // of the article
	Omitted  bool           `json:"omitted"` // the bytes are only in the raw stream, if anywhere
	Program  string         `json:"program"`
}

// A letterList writes dead letters as they come: a line of JSON each, or a row of a table.
type letterList struct {
	out   *bufio.Writer
	table bool
	ink   ink
	width int
	n     int
}

func newLetterList(a *app, format string) *letterList {
	return &letterList{
		out:   bufio.NewWriter(a.stdout),
		table: format == "text" || format == "auto" && isTerminal(a.stdout),
		ink:   ink(colours(a.flags.Color, a.stdout)),
		width: terminalWidth(a.stdout),
	}
}

func (l *letterList) add(d jetstream.DeadLetter) error {
	l.n++
	if l.table {
		return l.row(d)
	}
	line := letterLine{
		Number: d.Sequence, Time: d.Time.UTC().Format(time.RFC3339Nano), Class: d.Class, Field: d.Field, Reason: d.Reason,
		Article: d.Article, Stream: d.From.Stream, Sequence: d.From.Sequence, Subject: d.From.Subject,
		Attempts: d.From.Attempt, Bytes: d.Size(), Omitted: d.Omitted != 0, Program: d.Program,
	}
	e := json.NewEncoder(l.out)
	e.SetEscapeHTML(false)
	return e.Encode(line)
}

// row has columns of fixed width, since rows are written as they come; the reason has what is left, and a line of its
// own where that is too little.
func (l *letterList) row(d jetstream.DeadLetter) error {
	cells := []struct {
		title string
		width int // of the column
		text  string
	}{
		{"NUMBER", 7, strconv.FormatUint(d.Sequence, 10)},
		{"TIME", 16, d.Time.Local().Format("2006-01-02 15:04")},
		{"CLASS", 8, string(d.Class)},
		{"FIELD", 10, d.Field},
		{"TRIES", 5, strconv.Itoa(d.From.Attempt)},
		{"SOURCE", 20, fmt.Sprintf("%s %d", d.From.Stream, d.From.Sequence)},
		{"ARTICLE", 24, shortID(d.Article)},
	}
	used := 0
	var head, row strings.Builder
	for _, c := range cells {
		head.WriteString(pad(c.title, c.width))
		row.WriteString(pad(clip(clean(c.text), c.width), c.width))
		used += c.width + 2
	}
	if l.n == 1 {
		fmt.Fprintln(l.out, l.ink.faint(strings.TrimRight(head.String(), " ")))
	}
	fmt.Fprintln(l.out, strings.TrimRight(row.String(), " "))
	fmt.Fprintln(l.out, "         "+l.ink.warning(clip(clean(d.Reason), max(l.width, used)-9)))
	return nil
}

func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-ansi.StringWidth(s))+2)
}

func (l *letterList) end() error { return l.out.Flush() }

type deadShowCmd struct {
	Numbers []uint64 `arg:"" name:"number" help:"Numbers of dead letters, as ls shows them."`
	Raw     bool     `group:"which" help:"Print the article's bytes and nothing else."`
	letterStore
}

func (deadShowCmd) Help() string {
	return `Headers come first, then an empty line and the article's bytes as they came in. On a terminal, what could control it
is taken out of them.

Examples:

    quotewire dead show 17
    quotewire dead show 17 --raw | quotewire extract`
}

func (c *deadShowCmd) Validate() error { return c.letterStore.check() }

func (c *deadShowCmd) Run(ctx context.Context, a *app) (err error) {
	letters, done, err := c.open(ctx, a)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	for i, number := range c.Numbers {
		d, err := letters.Get(ctx, number)
		if errors.Is(err, jetstream.ErrNoLetter) {
			return hint(err, "quotewire dead ls shows the numbers of those that are there")
		}
		if err != nil {
			return err
		}
		body, err := letters.Body(ctx, d)
		if errors.Is(err, jetstream.ErrBodyGone) && !c.Raw {
			body, err = []byte("("+err.Error()+")"), nil
		}
		if err != nil {
			return err
		}
		if i > 0 && !c.Raw {
			fmt.Fprintln(a.stdout)
		}
		if err := c.print(a, d, body); err != nil {
			return err
		}
	}
	return nil
}

func (c *deadShowCmd) print(a *app, d jetstream.DeadLetter, body []byte) error {
	if isTerminal(a.stdout) {
		lines := bytes.Split(body, []byte("\n"))
		for i := range lines {
			lines[i] = []byte(clean(string(lines[i])))
		}
		body = bytes.Join(lines, []byte("\n"))
	}
	out := bufio.NewWriter(a.stdout)
	if !c.Raw {
		ink := ink(colours(a.flags.Color, a.stdout))
		fmt.Fprintf(out, "%s %d\n", ink.faint("Number:"), d.Sequence)
		names := make([]string, 0, len(d.Header))
		for name := range d.Header {
			if !strings.HasPrefix(strings.ToLower(name), "nats-") {
				names = append(names, name)
			}
		}
		slices.Sort(names)
		for _, name := range names {
			for _, value := range d.Header[name] {
				fmt.Fprintf(out, "%s %s\n", ink.faint(clean(name)+":"), clean(value))
			}
		}
		fmt.Fprintln(out)
	}
	out.Write(body)
	if !c.Raw && !bytes.HasSuffix(body, []byte("\n")) {
		fmt.Fprintln(out)
	}
	return out.Flush()
}
