package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/charmbracelet/x/ansi"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

// A view shows records to a reader at a terminal: who is in the article, where it happens, and who said what.
type view struct {
	mu    sync.Mutex
	out   *bufio.Writer
	ink   ink
	width int
	some  bool // a record was shown
}

func newView(w io.Writer, color bool) *view {
	return &view{out: bufio.NewWriter(w), ink: ink(color), width: terminalWidth(w)}
}

// Put shows one record. See [pipeline.Sink].
func (v *view) Put(_ context.Context, r schema.Record, from pipeline.Origin) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.some {
		v.line("")
		v.line(v.ink.faint(strings.Repeat("─", v.width)))
	}
	v.some = true
	v.heading(r, from)
	v.cast(r)
	v.quotes(r)
	for i, w := range r.Warnings {
		if i == 0 {
			v.line("")
		}
		v.wrapped(v.ink.warning("! "), "  ", v.ink.warning(clean(w.Message)))
	}
	return v.out.Flush()
}

func (v *view) heading(r schema.Record, from pipeline.Origin) {
	title := ""
	if r.Article.Title != nil {
		title = clean(*r.Article.Title)
	}
	place := ""
	if from.File != "" && from.File != "-" {
		place = clean(from.String())
	}
	if title == "" {
		title, place = place, ""
	}
	if title == "" {
		title = "Article " + clean(shortID(r.Article.ID))
	}
	v.wrapped("", "", v.ink.bold(title))

	var facts []string
	if r.Article.Publisher != nil {
		facts = append(facts, clean(*r.Article.Publisher))
	}
	if len(r.Article.Authors) > 0 {
		facts = append(facts, "by "+clean(strings.Join(r.Article.Authors, ", ")))
	}
	if r.Article.PublishedAt != nil {
		facts = append(facts, day(*r.Article.PublishedAt))
	}
	if place != "" {
		facts = append(facts, place)
	}
	facts = append(facts, counted(len(r.Quotes), "quote", "quotes"))
	for i := range facts {
		facts[i] = v.ink.faint(facts[i])
	}
	v.packed("", "", facts)
}

// shortID keeps the ids that we made ourselves readable.
func shortID(id string) string {
	if kind, hex, ok := strings.Cut(id, ":"); ok && len(hex) == 64 {
		return kind + ":" + hex[:12]
	}
	return id
}

func day(published string) string {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, published); err == nil {
			return t.Format("2 January 2006")
		}
	}
	return clean(published)
}

// cast lists the people, one a line where the article tells what they are, then places and organisations, those most
// often mentioned first.
func (v *view) cast(r schema.Record) {
	groups := []struct {
		kind     schema.Kind
		one, all string
	}{
		{schema.Person, "person", "people"},
		{schema.Place, "place", "places"},
		{schema.Organization, "organisation", "organisations"},
	}
	const margin = len("organisations") + 2
	first := true
	for _, g := range groups {
		var of []schema.Entity
		for _, e := range r.Entities {
			if e.Kind == g.kind {
				of = append(of, e)
			}
		}
		if len(of) == 0 {
			continue
		}
		if first {
			v.line("")
			first = false
		}
		slices.SortStableFunc(of, func(a, b schema.Entity) int { return len(b.Mentions) - len(a.Mentions) })
		label := g.all
		if len(of) == 1 {
			label = g.one
		}
		head := v.ink.faint(label) + strings.Repeat(" ", margin-len(label))
		blank := strings.Repeat(" ", margin)
		var plain []string
		for _, e := range of {
			name := v.name(e)
			roles := roles(e)
			if roles == "" {
				plain = append(plain, name)
				continue
			}
			v.wrapped(head, blank+"  ", name+"  "+roles)
			head = blank
		}
		if len(plain) > 0 {
			v.packed(head, blank, plain)
		}
	}
}

// name is a name with the number of its mentions and its id in the user's list, held together at the end of a line.
func (v *view) name(e schema.Entity) string {
	name := clean(e.Name)
	if e.Kind == schema.Person {
		name = v.ink.person(name)
	}
	if n := len(e.Mentions); n > 1 {
		name += v.ink.faint(fmt.Sprintf("\u00a0×%d", n))
	}
	if e.Link != nil {
		name += v.ink.faint("\u00a0[" + clean(e.Link.ID) + "]")
	}
	return name
}

// roles are told once each, whatever their case.
func roles(e schema.Entity) string {
	var list []string
	seen := map[string]bool{}
	for _, role := range e.Roles {
		title := clean(role.Title)
		if role.Of != nil && !strings.Contains(title, clean(*role.Of)) {
			title += ", " + clean(*role.Of)
		}
		if key := strings.ToLower(title); title != "" && !seen[key] {
			seen[key] = true
			list = append(list, title)
		}
	}
	return strings.Join(list, "; ")
}

func (v *view) quotes(r schema.Record) {
	for _, q := range r.Quotes {
		v.line("")
		v.attribution(r, q)
		text := clean(q.Text)
		if q.Kind == schema.Direct {
			text = "“" + text + "”"
		}
		v.wrapped("    ", "    ", text)
	}
}

// attribution is the line above a quote: who, by which word, and at the right how it is quoted and how sure that is.
func (v *view) attribution(r schema.Record, q schema.Quote) {
	who := v.ink.faint("no speaker")
	if s := q.Speaker; s != nil {
		phrase := clip(clean(s.Text), v.width/2)
		switch {
		case s.Name == nil:
			who = v.ink.bold(phrase)
		case s.Method == schema.MethodContinued:
			who = v.ink.person(clean(*s.Name)) + v.ink.faint(" goes on")
		case s.Method == schema.MethodName || phrase == "":
			who = v.ink.person(clean(*s.Name))
		default:
			if s.Method == schema.MethodPronoun {
				phrase = strings.ToLower(phrase)
			}
			who = v.ink.person(clean(*s.Name)) + v.ink.faint(" (“"+clip(phrase, v.width/3)+"”)")
		}
	}
	who += v.company(r, q.Speaker)
	if q.Cue != nil && q.Cue.Text != "" {
		who += v.ink.faint(" — ") + v.ink.cue(clean(q.Cue.Text))
	}
	how := string(q.Kind)
	if q.Act == schema.Thought {
		how += " thought"
	}
	how += fmt.Sprintf(" %3.0f%%", 100*float64(q.Confidence))
	lines := strings.Split(ansi.Wrap(who, v.width-ansi.StringWidth(how)-2, ""), "\n")
	space := v.width - ansi.StringWidth(lines[0]) - ansi.StringWidth(how)
	v.line(lines[0] + strings.Repeat(" ", space) + v.ink.faint(how))
	for _, l := range lines[1:] {
		v.line("  " + strings.TrimLeft(l, " "))
	}
}

// company is who speaks jointly with a speaker, and whom it speaks for.
func (v *view) company(r schema.Record, s *schema.Speaker) string {
	if s == nil || s.Joint == nil && s.Of == nil {
		return ""
	}
	names := make(map[string]string, len(r.Entities))
	for _, e := range r.Entities {
		names[e.ID] = clean(e.Name)
	}
	out := ""
	for _, id := range s.Joint {
		out += v.ink.faint(" and ") + v.ink.person(names[id])
	}
	if s.Of != nil && !strings.Contains(clean(s.Text), names[*s.Of]) {
		out += v.ink.faint(" of " + names[*s.Of])
	}
	return out
}

// clip shortens s to width columns, at a word if it can.
func clip(s string, width int) string {
	if ansi.StringWidth(s) <= width {
		return s
	}
	s = ansi.Truncate(s, width-1, "")
	if i := strings.LastIndexByte(s, ' '); i > len(s)/2 {
		s = s[:i]
	}
	return strings.TrimRight(s, " ,;:") + "…"
}

// packed writes items with dots between them, as many to a line as fit, none over two lines unless it must be.
func (v *view) packed(first, rest string, items []string) {
	const dot = " · "
	line, head := "", first
	for _, item := range items {
		if line != "" && ansi.StringWidth(head+line+dot+item) > v.width {
			v.wrapped(head, rest, line)
			line, head = "", rest
		}
		if line != "" {
			line += v.ink.faint(dot)
		}
		line += item
	}
	v.wrapped(head, rest, line)
}

// wrapped writes text over as many lines as it takes; the first begins with first, the others with rest.
func (v *view) wrapped(first, rest, text string) {
	width := v.width - max(ansi.StringWidth(first), ansi.StringWidth(rest))
	for i, l := range strings.Split(ansi.Wrap(text, width, ""), "\n") {
		if i == 0 {
			v.line(first + l)
		} else {
			v.line(rest + strings.TrimLeft(l, " "))
		}
	}
}

func (v *view) line(s string) {
	v.out.WriteString(strings.TrimRight(s, " "))
	v.out.WriteByte('\n')
}
