package jetstream

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/nats-io/nats.go"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/schema"
)

// Headers of what is published. Those that say where a message came from are the same on records and on dead letters.
const (
	HeaderContentType   = "Content-Type"
	HeaderKnown         = "Quotewire-Known" // of a raw article: JSON of fields that its body may not say (its URL, its date), as [schema.ParseArticle] reads them
	HeaderTrace         = "traceparent"
	HeaderObject        = "Quotewire-Object"        // "bucket/name" of an object that holds the body, which is empty here: see docs/large.md
	HeaderObjectSize    = "Quotewire-Object-Size"   // its bytes
	HeaderObjectSum     = "Quotewire-Object-Sha256" // their SHA-256, hexadecimal
	HeaderSourceStream  = "X-Source-Stream"
	HeaderSourceSeq     = "X-Source-Seq"
	HeaderSourceSubject = "X-Source-Subject"
	HeaderAttempt       = "X-Attempt"

	HeaderClass   = "Quotewire-Class"   // of a dead letter: a pipeline.Class
	HeaderReason  = "Quotewire-Reason"  //
	HeaderField   = "Quotewire-Field"   // what of the article or record is at fault; "message" where the whole is
	HeaderArticle = "Quotewire-Article" // its id or URL, or "sha256:" of the bytes where none could be read
	HeaderProgram = "Quotewire-Program" // what gave the article up: name and version
	HeaderTime    = "Quotewire-Time"    // when, RFC 3339
	HeaderOmitted = "Quotewire-Omitted" // bytes of body that are not here but in the raw stream, or gone from there too; -1: nobody knows how many
)

const (
	ceType   = "quotewire.record.v1"
	ceQuote  = "quotewire.quote.v1"
	ceSource = "https://github.com/quotewire/quotewire"

	longestHeader = 1024    // bytes of a value that comes from an article
	longestKnown  = 8 << 10 // bytes of HeaderKnown
)

// cloudEvent writes the attributes of a CloudEvent in binary mode (CloudEvents NATS binding 1.0.2): the message is
// the data, the attributes are headers.
func cloudEvent(h nats.Header, id, kind, dataschema, subject string, at time.Time) {
	for _, a := range [][2]string{
		{"ce-specversion", "1.0"},
		{"ce-id", id},
		{"ce-type", kind},
		{"ce-source", ceSource},
		{"ce-time", at.UTC().Format(time.RFC3339Nano)},
		{"ce-datacontenttype", "application/json"},
		{"ce-dataschema", dataschema},
		{"ce-subject", subject},
	} {
		if a[1] != "" {
			h.Set(a[0], percent(cut(a[1])))
		}
	}
	h.Set(HeaderContentType, "application/json")
}

// percent encodes a value as the CloudEvents bindings ask: space, double quote, percent and all but printable ASCII.
func percent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if c := s[i]; c > 0x20 && c < 0x7f && c != '"' && c != '%' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}

// plain makes a header value of any text: valid UTF-8 on one line, not too long.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < 0x20 || r == 0x7f {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD"))
	return strings.TrimSpace(cut(s))
}

// cut shortens a value without cutting a character.
func cut(s string) string {
	if len(s) <= longestHeader {
		return s
	}
	end := longestHeader - len("…")
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + "…"
}

// provenance says where a message came from.
func provenance(h nats.Header, from pipeline.Origin) {
	if from.Stream != "" {
		h.Set(HeaderSourceStream, from.Stream)
		h.Set(HeaderSourceSeq, strconv.FormatUint(from.Sequence, 10))
	}
	if from.Subject != "" {
		h.Set(HeaderSourceSubject, plain(from.Subject))
	}
	if from.Attempt > 0 {
		h.Set(HeaderAttempt, strconv.Itoa(from.Attempt))
	}
	if from.Trace != "" {
		h.Set(HeaderTrace, plain(from.Trace))
	}
}

// contentType is what a message says of its body.
func contentType(h nats.Header) string {
	if t := h.Get(HeaderContentType); t != "" {
		return t
	}
	t := h.Get("ce-datacontenttype")
	if u, err := url.PathUnescape(t); err == nil {
		return u
	}
	return t
}

// known writes what is known of an article beside its body; empty where that is nothing, or too much for a header.
func known(a schema.Article) string {
	fields := map[string]any{}
	for name, value := range map[string]string{
		"id": a.ID, "url": a.URL, "title": a.Title, "publisher": a.Publisher, "language": a.Language, "published_at": a.PublishedAt,
	} {
		if value != "" && len(value) <= longestHeader {
			fields[name] = schema.Valid(value)
		}
	}
	if len(a.Authors) > 0 {
		fields["authors"] = a.Authors
	}
	line, err := json.Marshal(fields)
	if len(fields) == 0 || err != nil || len(line) > longestKnown {
		return ""
	}
	return string(line)
}

// knownOf reads it again. What cannot be read is not known.
func knownOf(h nats.Header) schema.Article {
	line := h.Get(HeaderKnown)
	if line == "" {
		return schema.Article{}
	}
	a, _ := schema.ParseArticle([]byte(line), nil) // that there is no text is no fault here
	a.Text, a.MediaType = "", ""
	return a
}

// primary is the language that a record's subject carries: the first subtag, "und" where the article states none.
func primary(a schema.About) string {
	if a.Language == nil {
		return "und"
	}
	tag, _, _ := strings.Cut(*a.Language, "-")
	return token(tag, "und")
}
