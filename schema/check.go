package schema

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Check verifies every rule that the comments of [Record] state, against the text that the record is about; what it
// lets pass is valid against [JSONSchema] too. The error names the place: "quotes[3].spans[0]: …". It takes time in
// proportion to the text and the record, times the logarithm of the number of mentions.
func (r *Record) Check(text string) error {
	c := &checker{record: r, text: newCodePoints(Valid(text))}
	c.head()
	c.about()
	c.entities()
	c.quotes()
	c.tail()
	return c.err
}

// A checker keeps the first fault that it finds.
type checker struct {
	record *Record
	text   *codePoints
	byID   map[string]*Entity
	err    error
}

// A path leads to a part of the record. It is put into words only where there is a fault, and costs nothing else: no memory.
type path struct {
	steps [5]step
	n     int
}

// A step is a field, or with it an element of a list.
type step struct {
	field string
	i     int // negative: none
}

func root(name string) path { return path{}.field(name) }

func element(list string, i int) path { return path{}.index(list, i) }

func (p path) field(name string) path {
	p.steps[p.n] = step{name, -1}
	p.n++
	return p
}

func (p path) at(i int) path {
	p.steps[p.n-1].i = i
	return p
}

func (p path) index(list string, i int) path { return p.field(list).at(i) }

func (p path) String() string {
	var b strings.Builder
	for i, s := range p.steps[:p.n] {
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.field)
		if s.i >= 0 {
			b.WriteString("[" + strconv.Itoa(s.i) + "]")
		}
	}
	return b.String()
}

// fault records a fault.
func (c *checker) fault(at path, format string, args ...any) {
	if c.err == nil {
		c.err = errors.New(at.String() + ": " + fmt.Sprintf(format, args...))
	}
}

// hold records a fault unless ok. What is checked for every mention calls fault instead, so that nothing is done in vain.
func (c *checker) hold(ok bool, at path, format string, args ...any) {
	if !ok {
		c.fault(at, format, args...)
	}
}

func (c *checker) head() {
	r := c.record
	c.hold(r.Schema == URI, root("schema"), "is %q, want %q", r.Schema, URI)
	c.hold(isHex(r.ID, 32), root("id"), "is %q, want 32 hex digits", r.ID)
	want := RecordID(r.Article.ID, r.Article.TextSHA256, r.Extractor.Fingerprint)
	c.hold(r.ID == want, root("id"), "is %s, want %s by RecordID", r.ID, want)
	c.hold(r.Offsets.Unit == "codepoint", root("offsets.unit"), "is %q, want \"codepoint\"", r.Offsets.Unit)
}

func (c *checker) about() {
	a := c.record.Article
	c.filled(a.ID, root("article.id"))
	c.optional(a.URL, root("article.url"))
	c.optional(a.Title, root("article.title"))
	c.optional(a.Publisher, root("article.publisher"))
	c.hold(a.Authors != nil, root("article.authors"), "is null, want a list")
	for i, name := range a.Authors {
		c.filled(name, element("article.authors", i))
	}
	if a.Language != nil {
		c.hold(isLanguageTag(*a.Language), root("article.language"), "%q is not a BCP 47 tag", *a.Language)
	}
	if a.PublishedAt != nil {
		c.hold(isDate(*a.PublishedAt), root("article.published_at"), "%q is neither an RFC 3339 date-time nor a date", *a.PublishedAt)
	}
	sum := hexSHA256(c.text.s)
	c.hold(a.TextSHA256 == sum, root("article.text_sha256"), "is %q, want %s: made of another text", a.TextSHA256, sum)
	c.hold(a.TextChars == c.text.n, root("article.text_chars"), "is %d, want %d", a.TextChars, c.text.n)
	c.optional(a.CopyOf, root("article.copy_of"))
	if a.Text != nil {
		c.hold(*a.Text == c.text.s, root("article.text"), "differs from the text")
	}
}

func (c *checker) entities() {
	list := c.record.Entities
	c.hold(list != nil, root("entities"), "is null, want a list")
	c.byID = make(map[string]*Entity, len(list))
	last := 0
	for i := range list {
		if c.err != nil {
			return
		}
		e, at := &list[i], element("entities", i)
		id := "e" + strconv.Itoa(i+1)
		if e.ID != id {
			c.fault(at.field("id"), "is %q, want %q", e.ID, id)
		}
		c.byID[e.ID] = e
		c.entity(e, at)
		if len(e.Mentions) > 0 {
			start := e.Mentions[0].Start
			if start < last {
				c.fault(at, "first mention at %d stands before that of the entity before it, at %d", start, last)
			}
			last = start
		}
	}
}

func (c *checker) entity(e *Entity, at path) {
	switch e.Kind {
	case Person, Place, Organization:
	default:
		c.fault(at.field("kind"), "%q is not a kind of entity", e.Kind)
	}
	c.filled(e.Name, at.field("name"))
	c.probability(e.Confidence, at.field("confidence"))

	c.hold(e.Aliases != nil, at.field("aliases"), "is null, want a list")
	seen := map[string]bool{e.Name: true}
	for i, alias := range e.Aliases {
		c.filled(alias, at.index("aliases", i))
		if seen[alias] {
			c.fault(at.index("aliases", i), "%q stands there already", alias)
		}
		seen[alias] = true
	}

	c.hold(e.Roles != nil, at.field("roles"), "is null, want a list")
	for i, role := range e.Roles {
		c.phrase(role.Start, role.End, role.Title, at.index("roles", i))
		c.optional(role.Of, at.index("roles", i).field("of"))
		switch role.Tenure {
		case "", Former, Acting, Incoming:
		default:
			c.fault(at.index("roles", i).field("tenure"), "%q is not a tenure", role.Tenure)
		}
	}

	if e.Link != nil {
		c.filled(e.Link.ID, at.field("link.id"))
		c.filled(e.Link.Rule, at.field("link.rule"))
		c.probability(e.Link.Confidence, at.field("link.confidence"))
	}
	if e.Place != nil {
		if e.Kind != Place {
			c.fault(at.field("place"), "belongs to a place, not to a %s", e.Kind)
		}
		c.geography(e.Place, at.field("place"))
	}

	c.hold(len(e.Mentions) > 0, at.field("mentions"), "is empty, want at least one")
	end := 0
	for i, m := range e.Mentions {
		at := at.index("mentions", i)
		c.phrase(m.Start, m.End, m.Text, at)
		switch m.Form {
		case ByName, ByTitle, ByNominal, ByPronoun:
		default:
			c.fault(at.field("form"), "%q is not a form of mention", m.Form)
		}
		if m.Start < end {
			c.fault(at, "starts at %d, before the mention before it ends, at %d", m.Start, end)
		}
		end = m.End
	}
}

func (c *checker) geography(g *Geography, at path) {
	if g.Country != nil {
		ok := len(*g.Country) == 2 && strings.Trim(*g.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
		c.hold(ok, at.field("country"), "%q is not two capital letters", *g.Country)
	}
	if g.GeoNames != nil {
		c.hold(*g.GeoNames > 0, at.field("geonames"), "is %d, want a positive number", *g.GeoNames)
	}
	within := func(deg *float64, most float64, at path) {
		c.hold(deg == nil || math.Abs(*deg) <= most, at, "is not within ±%v degrees", most)
	}
	within(g.Lat, 90, at.field("lat"))
	within(g.Lon, 180, at.field("lon"))
	c.optional(g.Feature, at.field("feature"))
}

func (c *checker) quotes() {
	list := c.record.Quotes
	c.hold(list != nil, root("quotes"), "is null, want a list")
	seen := make(map[string]int, len(list))
	last := 0
	for i := range list {
		if c.err != nil {
			return
		}
		q, at := &list[i], element("quotes", i)
		c.quote(q, at)
		if other, ok := seen[q.ID]; ok {
			c.fault(at, "has the same spans as quotes[%d]", other)
		}
		seen[q.ID] = i
		if len(q.Spans) > 0 {
			start := q.Spans[0].Start
			if start < last {
				c.fault(at, "starts at %d, before the quote before it, at %d", start, last)
			}
			last = start
		}
	}
}

func (c *checker) quote(q *Quote, at path) {
	if q.Kind != Direct && q.Kind != Mixed && q.Kind != Indirect {
		c.fault(at.field("kind"), "%q is not a kind of quote", q.Kind)
	}
	if q.Act != Speech && q.Act != Thought {
		c.fault(at.field("act"), "%q is neither speech nor thought", q.Act)
	}
	c.probability(q.Confidence, at.field("confidence"))
	c.filled(q.Evidence, at.field("evidence"))

	c.hold(len(q.Spans) > 0, at.field("spans"), "is empty, want at least one")
	texts := make([]string, len(q.Spans))
	end := 0
	for i, s := range q.Spans {
		at := at.index("spans", i)
		texts[i] = c.span(s.Start, s.End, at)
		if s.Start >= s.End {
			c.fault(at, "[%d,%d) is empty", s.Start, s.End)
		}
		if s.Start < end {
			c.fault(at, "starts at %d, before the span before it ends, at %d", s.Start, end)
		}
		end = s.End
	}
	if c.err != nil {
		return
	}
	id := QuoteID(c.record.ID, q.Spans)
	if q.ID != id {
		c.fault(at.field("id"), "is %q, want %q by QuoteID", q.ID, id)
	}
	if text := QuoteText(q.Kind, texts); q.Text != text {
		c.fault(at.field("text"), "is %s, want %s by QuoteText", brief(q.Text), brief(text))
	}

	if q.Cue != nil {
		c.phrase(q.Cue.Start, q.Cue.End, q.Cue.Text, at.field("cue"))
	}
	if q.Speaker != nil {
		c.speaker(q.Speaker, at.field("speaker"))
	}
	c.mentioned(q, at.field("about"))
}

func (c *checker) speaker(s *Speaker, at path) {
	switch s.Method {
	case MethodName, MethodTitle, MethodNominal, MethodPronoun, MethodContinued, MethodUnknown:
	default:
		c.fault(at.field("method"), "%q is not a method", s.Method)
	}
	if s.Method != MethodContinued || s.Start != s.End {
		c.phrase(s.Start, s.End, s.Text, at)
	} else {
		c.span(s.Start, s.End, at)
		if s.Text != "" {
			c.fault(at.field("text"), "is %s, want none: the span is empty", brief(s.Text))
		}
	}
	c.company(s, at)
	if s.Entity == nil {
		c.hold(s.Name == nil, at.field("name"), "given without an entity")
		return
	}
	c.hold(s.Method != MethodUnknown, at.field("entity"), "given, though the method is unknown")
	e := c.byID[*s.Entity]
	if e == nil {
		c.fault(at.field("entity"), "no entity %q in this record", *s.Entity)
		return
	}
	if s.Name == nil || *s.Name != e.Name {
		c.fault(at.field("name"), "is not that of entity %s, %s", e.ID, brief(e.Name))
	}
}

// company checks those who stand beside the speaker: who speaks with it, and whom it belongs to.
func (c *checker) company(s *Speaker, at path) {
	c.probability(s.Confidence, at.field("confidence"))
	c.hold(s.Entity != nil || s.Confidence == 0, at.field("confidence"), "given without an entity")
	seen := map[string]bool{}
	if s.Entity != nil {
		seen[*s.Entity] = true
	}
	for i, id := range s.Joint {
		c.hold(s.Entity != nil, at.field("joint"), "given without an entity")
		if c.byID[id] == nil {
			c.fault(at.index("joint", i), "no entity %q in this record", id)
		}
		if seen[id] {
			c.fault(at.index("joint", i), "%q stands there already", id)
		}
		seen[id] = true
	}
	if s.Of != nil {
		c.hold(c.byID[*s.Of] != nil, at.field("of"), "no entity %q in this record", *s.Of)
		c.hold(!seen[*s.Of], at.field("of"), "%q is who speaks", *s.Of)
	}
}

// mentioned checks that each entity of q.About is mentioned inside q's spans, in that order.
func (c *checker) mentioned(q *Quote, at path) {
	c.hold(q.About != nil, at, "is null, want a list")
	seen := make(map[string]bool, len(q.About))
	last := 0
	for i, id := range q.About {
		if c.err != nil {
			return
		}
		entry := at.at(i)
		e := c.byID[id]
		if e == nil {
			c.fault(entry, "no entity %q in this record", id)
			return
		}
		if seen[id] {
			c.fault(entry, "%q stands there already", id)
		}
		seen[id] = true
		start, ok := firstInside(e.Mentions, q.Spans)
		if !ok {
			c.fault(entry, "entity %s is not mentioned inside the spans", id)
		}
		if start < last {
			c.fault(entry, "entity %s is mentioned before the one before it", id)
		}
		last = start
	}
}

// firstInside is the start of the first mention that lies wholly inside one of the spans. Both are in order and
// without overlap; the shorter list is walked and the longer one searched.
func firstInside(mentions []Mention, spans []Span) (int, bool) {
	if len(mentions) < len(spans) {
		for _, m := range mentions {
			i, ok := slices.BinarySearchFunc(spans, m.Start, func(s Span, at int) int { return s.Start - at })
			if !ok {
				i-- // the span that begins before the mention
			}
			if i >= 0 && m.End <= spans[i].End {
				return m.Start, true
			}
		}
		return 0, false
	}
	for _, s := range spans {
		i, _ := slices.BinarySearchFunc(mentions, s.Start, func(m Mention, at int) int { return m.Start - at })
		if i < len(mentions) && mentions[i].End <= s.End {
			return mentions[i].Start, true
		}
	}
	return 0, false
}

func (c *checker) tail() {
	c.hold(c.record.Warnings != nil, root("warnings"), "is null, want a list")
	for i, w := range c.record.Warnings {
		codes := []string{WarnControl, WarnEncoding, WarnLanguage, WarnShort, WarnUnclosed, WarnTruncated, WarnAmbiguous, WarnField}
		c.hold(slices.Contains(codes, w.Code), element("warnings", i).field("code"), "%q is not a code", w.Code)
		c.filled(w.Message, element("warnings", i).field("message"))
	}
	x := c.record.Extractor
	c.filled(x.Name, root("extractor.name"))
	c.filled(x.Version, root("extractor.version"))
	c.filled(x.Reader, root("extractor.reader"))
	c.hold(isHex(x.Fingerprint, 16), root("extractor.fingerprint"), "is %q, want 16 hex digits", x.Fingerprint)
	c.hold(x.Models != nil, root("extractor.models"), "is null, want a list")
	for i, m := range x.Models {
		at := element("extractor.models", i)
		c.filled(m.Name, at.field("name"))
		c.filled(m.Version, at.field("version"))
		c.hold(m.SHA256 == "" || isHex(m.SHA256, 64), at.field("sha256"), "is %q, want 64 hex digits", m.SHA256)
	}
}

// span is the text's [start,end), and a fault if there is no such thing.
func (c *checker) span(start, end int, at path) string {
	if start < 0 || start > end || end > c.text.n {
		c.fault(at, "[%d,%d) is not a span of a text of %d code points", start, end, c.text.n)
		return ""
	}
	return c.text.slice(start, end)
}

// phrase checks a span that is not empty and its text.
func (c *checker) phrase(start, end int, text string, at path) {
	is := c.span(start, end, at)
	if start >= end {
		c.fault(at, "[%d,%d) is empty", start, end)
	}
	if text != is {
		c.fault(at, "text is %s, but [%d,%d) of the text is %s", brief(text), start, end, brief(is))
	}
}

// filled checks a string that may not be empty. Bad UTF-8 would not survive as JSON.
func (c *checker) filled(s string, at path) {
	c.hold(s != "", at, "is empty")
	c.hold(utf8.ValidString(s), at, "is not valid UTF-8")
}

func (c *checker) optional(s *string, at path) {
	if s != nil {
		c.filled(*s, at)
	}
}

func (c *checker) probability(p Probability, at path) {
	if !(p >= 0 && p <= 1) {
		c.fault(at, "is %v, want 0 to 1", float64(p))
	}
	if p != Round(float64(p)) {
		c.fault(at, "is %v, want three decimals at most", float64(p))
	}
}

func isHex(s string, digits int) bool {
	return len(s) == digits && strings.Trim(s, "0123456789abcdef") == ""
}

// codePoints slices a text by code points. It remembers where every 64th of them begins, which costs an eighth of the
// text's size and makes a slice cost its own length.
type codePoints struct {
	s     string
	n     int // code points in s
	ascii bool
	begin []int // byte offset of code point 64·i
}

func newCodePoints(s string) *codePoints {
	t := &codePoints{s: s, n: utf8.RuneCountInString(s)}
	if t.ascii = t.n == len(s); t.ascii {
		return t
	}
	n := 0
	for i := range s {
		if n%64 == 0 {
			t.begin = append(t.begin, i)
		}
		n++
	}
	return t
}

func (t *codePoints) slice(start, end int) string {
	return t.s[t.byte(start):t.byte(end)]
}

// byte is the offset in bytes of code point i.
func (t *codePoints) byte(i int) int {
	if t.ascii {
		return i
	}
	if i == t.n {
		return len(t.s)
	}
	at := t.begin[i/64]
	for range i % 64 {
		_, n := utf8.DecodeRuneInString(t.s[at:])
		at += n
	}
	return at
}
