package schema

import (
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// JSON is the record as it is published: compact, fields in the order of the types, no HTML escapes, no line break at
// the end. The same record always gives the same bytes. It fails only on what [Record.Check] refuses: a latitude that
// is not a number.
func (r Record) JSON() ([]byte, error) {
	size := 1024 // a guess, so that it need not grow: an article of 700 words has a record of some 25 kB
	for i := range r.Entities {
		size += 200 + 72*len(r.Entities[i].Mentions)
	}
	for i := range r.Quotes {
		size += 400 + len(r.Quotes[i].Text)
	}
	if r.Article.Text != nil {
		size += len(*r.Article.Text)
	}
	b, err := r.AppendJSON(make([]byte, 0, size))
	if err != nil {
		return nil, err
	}
	return b, nil
}

// AppendJSON appends what JSON returns, and returns b itself where it fails.
//
// The bytes are those of encoding/json with the tags of the types, without its reflection and its buffers, which cost
// more than writing a record may beside reading an article. TestEncode and FuzzEncode hold the one to the other, field
// for field.
func (r Record) AppendJSON(b []byte) ([]byte, error) {
	if !r.finite() {
		return b, fmt.Errorf("encode record %s: a confidence, latitude or longitude is infinite or not a number", r.ID)
	}
	b = appendField(b, `{"schema":`, r.Schema)
	b = appendField(b, `,"id":`, r.ID)
	b = appendAbout(b, `,"article":`, &r.Article)
	b = appendField(b, `,"offsets":{"unit":`, r.Offsets.Unit)
	b = appendList(b, `},"entities":`, r.Entities, appendEntity)
	b = appendList(b, `,"quotes":`, r.Quotes, appendQuote)
	b = appendList(b, `,"warnings":`, r.Warnings, appendWarning)
	b = appendExtractor(b, `,"extractor":`, &r.Extractor)
	return append(b, '}'), nil
}

// finite reports whether JSON can say every number.
func (r Record) finite() bool {
	sum := 0. // of zeros, if it can
	for i := range r.Entities {
		e := &r.Entities[i]
		sum += 0 * float64(e.Confidence)
		if e.Link != nil {
			sum += 0 * float64(e.Link.Confidence)
		}
		if g := e.Place; g != nil && g.Lat != nil {
			sum += 0 * *g.Lat
		}
		if g := e.Place; g != nil && g.Lon != nil {
			sum += 0 * *g.Lon
		}
	}
	for i := range r.Quotes {
		q := &r.Quotes[i]
		sum += 0 * float64(q.Confidence)
		if q.Speaker != nil {
			sum += 0 * float64(q.Speaker.Confidence)
		}
	}
	return sum == 0
}

func appendAbout(b []byte, name string, a *About) []byte {
	b = append(b, name...)
	b = appendField(b, `{"id":`, a.ID)
	b = appendOptional(b, `,"url":`, a.URL)
	b = appendOptional(b, `,"title":`, a.Title)
	b = appendStrings(b, `,"authors":`, a.Authors)
	b = appendOptional(b, `,"publisher":`, a.Publisher)
	b = appendOptional(b, `,"language":`, a.Language)
	b = appendOptional(b, `,"published_at":`, a.PublishedAt)
	b = appendField(b, `,"text_sha256":`, a.TextSHA256)
	b = appendInt(b, `,"text_chars":`, a.TextChars)
	b = appendGiven(b, `,"copy_of":`, a.CopyOf)
	b = appendGiven(b, `,"text":`, a.Text)
	return append(b, '}')
}

func appendEntity(b []byte, e *Entity) []byte {
	b = appendField(b, `{"id":`, e.ID)
	b = appendField(b, `,"kind":`, string(e.Kind))
	b = appendField(b, `,"name":`, e.Name)
	b = appendStrings(b, `,"aliases":`, e.Aliases)
	b = appendList(b, `,"roles":`, e.Roles, appendRole)
	if e.Link != nil {
		b = appendField(b, `,"link":{"id":`, e.Link.ID)
		b = appendField(b, `,"rule":`, e.Link.Rule)
		b = appendFloat(b, `,"confidence":`, float64(e.Link.Confidence))
		b = append(b, '}')
	}
	if e.Place != nil {
		b = appendGeography(b, `,"place":`, e.Place)
	}
	b = appendFloat(b, `,"confidence":`, float64(e.Confidence))
	b = appendList(b, `,"mentions":`, e.Mentions, appendMention)
	return append(b, '}')
}

func appendRole(b []byte, r *Role) []byte {
	b = appendField(b, `{"title":`, r.Title)
	b = appendGiven(b, `,"of":`, r.Of)
	if r.Tenure != "" {
		b = appendField(b, `,"tenure":`, string(r.Tenure))
	}
	b = appendInt(b, `,"start":`, r.Start)
	b = appendInt(b, `,"end":`, r.End)
	return append(b, '}')
}

func appendGeography(b []byte, name string, g *Geography) []byte {
	b = append(b, name...)
	b = appendOptional(b, `{"country":`, g.Country)
	if g.GeoNames == nil {
		b = append(b, `,"geonames":null`...)
	} else {
		b = appendInt(b, `,"geonames":`, *g.GeoNames)
	}
	b = appendDegrees(b, `,"lat":`, g.Lat)
	b = appendDegrees(b, `,"lon":`, g.Lon)
	b = appendOptional(b, `,"feature":`, g.Feature)
	return append(b, '}')
}

func appendMention(b []byte, m *Mention) []byte {
	b = appendInt(b, `{"start":`, m.Start)
	b = appendInt(b, `,"end":`, m.End)
	b = appendField(b, `,"text":`, m.Text)
	b = appendField(b, `,"form":`, string(m.Form))
	return append(b, '}')
}

func appendQuote(b []byte, q *Quote) []byte {
	b = appendField(b, `{"id":`, q.ID)
	b = appendField(b, `,"kind":`, string(q.Kind))
	b = appendField(b, `,"act":`, string(q.Act))
	b = appendField(b, `,"text":`, q.Text)
	b = appendList(b, `,"spans":`, q.Spans, appendSpan)
	b = append(b, `,"cue":`...)
	if q.Cue == nil {
		b = append(b, `null`...)
	} else {
		b = appendInt(b, `{"start":`, q.Cue.Start)
		b = appendInt(b, `,"end":`, q.Cue.End)
		b = appendField(b, `,"text":`, q.Cue.Text)
		b = append(b, '}')
	}
	b = appendSpeaker(b, `,"speaker":`, q.Speaker)
	b = appendStrings(b, `,"about":`, q.About)
	b = appendFloat(b, `,"confidence":`, float64(q.Confidence))
	b = appendField(b, `,"evidence":`, q.Evidence)
	return append(b, '}')
}

func appendSpan(b []byte, s *Span) []byte {
	b = appendInt(b, `{"start":`, s.Start)
	b = appendInt(b, `,"end":`, s.End)
	return append(b, '}')
}

func appendSpeaker(b []byte, name string, s *Speaker) []byte {
	b = append(b, name...)
	if s == nil {
		return append(b, `null`...)
	}
	b = appendOptional(b, `{"entity":`, s.Entity)
	b = appendOptional(b, `,"name":`, s.Name)
	b = appendInt(b, `,"start":`, s.Start)
	b = appendInt(b, `,"end":`, s.End)
	b = appendField(b, `,"text":`, s.Text)
	b = appendField(b, `,"method":`, string(s.Method))
	if s.Confidence != 0 {
		b = appendFloat(b, `,"confidence":`, float64(s.Confidence))
	}
	if len(s.Joint) > 0 {
		b = appendStrings(b, `,"joint":`, s.Joint)
	}
	b = appendGiven(b, `,"of":`, s.Of)
	return append(b, '}')
}

func appendWarning(b []byte, w *Warning) []byte {
	b = appendField(b, `{"code":`, w.Code)
	b = appendField(b, `,"message":`, w.Message)
	return append(b, '}')
}

func appendExtractor(b []byte, name string, x *Extractor) []byte {
	b = append(b, name...)
	b = appendField(b, `{"name":`, x.Name)
	b = appendField(b, `,"version":`, x.Version)
	b = appendField(b, `,"reader":`, x.Reader)
	b = appendField(b, `,"fingerprint":`, x.Fingerprint)
	b = appendList(b, `,"models":`, x.Models, appendModel)
	return append(b, '}')
}

func appendModel(b []byte, m *Model) []byte {
	b = appendField(b, `{"name":`, m.Name)
	b = appendField(b, `,"version":`, m.Version)
	if m.SHA256 != "" {
		b = appendField(b, `,"sha256":`, m.SHA256)
	}
	return append(b, '}')
}

// appendField appends a name, as it stands with its comma and its colon, and a string.
func appendField(b []byte, name, s string) []byte {
	return appendString(append(b, name...), s)
}

// appendOptional appends null for what is not there.
func appendOptional(b []byte, name string, s *string) []byte {
	if s == nil {
		return append(append(b, name...), `null`...)
	}
	return appendField(b, name, *s)
}

// appendGiven appends nothing for what is not there.
func appendGiven(b []byte, name string, s *string) []byte {
	if s == nil {
		return b
	}
	return appendField(b, name, *s)
}

func appendStrings(b []byte, name string, all []string) []byte {
	return appendList(b, name, all, func(b []byte, s *string) []byte { return appendString(b, *s) })
}

func appendInt(b []byte, name string, n int) []byte {
	return strconv.AppendInt(append(b, name...), int64(n), 10)
}

func appendDegrees(b []byte, name string, deg *float64) []byte {
	if deg == nil {
		return append(append(b, name...), `null`...)
	}
	return appendFloat(b, name, *deg)
}

// appendFloat writes numbers as ECMAScript does, which is how encoding/json writes them.
func appendFloat(b []byte, name string, f float64) []byte {
	b = append(b, name...)
	if abs := math.Abs(f); abs == 0 || abs >= 1e-6 && abs < 1e21 {
		return strconv.AppendFloat(b, f, 'f', -1, 64)
	}
	b = strconv.AppendFloat(b, f, 'e', -1, 64)
	if n := len(b); b[n-4] == 'e' && b[n-3] == '-' && b[n-2] == '0' { // e-09 is e-9
		b = append(b[:n-2], b[n-1])
	}
	return b
}

// appendList appends an array, and null for nil.
func appendList[T any](b []byte, name string, all []T, one func([]byte, *T) []byte) []byte {
	b = append(b, name...)
	if all == nil {
		return append(b, `null`...)
	}
	b = append(b, '[')
	for i := range all {
		if i > 0 {
			b = append(b, ',')
		}
		b = one(b, &all[i])
	}
	return append(b, ']')
}

// appendString writes a string in JSON. Bytes that are not valid UTF-8 become U+FFFD, and the two line separators that
// JavaScript knows beside \n are escaped.
func appendString(b []byte, s string) []byte {
	const hex = "0123456789abcdef"
	b = append(b, '"')
	from := 0
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c >= ' ' && c != '"' && c != '\\' {
				i++
				continue
			}
			b = append(b, s[from:i]...)
			switch c {
			case '"', '\\':
				b = append(b, '\\', c)
			case '\b':
				b = append(b, `\b`...)
			case '\f':
				b = append(b, `\f`...)
			case '\n':
				b = append(b, `\n`...)
			case '\r':
				b = append(b, `\r`...)
			case '\t':
				b = append(b, `\t`...)
			default:
				b = append(b, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xf])
			}
			i++
			from = i
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 || r == '\u2028' || r == '\u2029' {
			b = append(b, s[from:i]...)
			b = append(b, `\u`...)
			for shift := 12; shift >= 0; shift -= 4 {
				b = append(b, hex[r>>shift&0xf])
			}
			from = i + n
		}
		i += n
	}
	b = append(b, s[from:]...)
	return append(b, '"')
}
