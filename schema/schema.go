// Package schema names what Quotewire reads and what it publishes: an [Article] in, a [Record] out, and the JSON
// Schema that describes the record to everyone else. It knows no language and no transport, and imports nothing but
// the standard library.
package schema

import _ "embed"

// URI names the form of a [Record]; the version in it follows semver. Within a major version fields are only added.
const URI = "https://github.com/quotewire/quotewire/schema/record/1.0.0"

// A Span is a half-open range of a text. In a [Record] it counts Unicode code points of the article's text as
// received (a W3C TextPositionSelector); nothing outside this package and extract's last step should have to know.
type Span struct {
	Start int `json:"start"` // first code point
	End   int `json:"end"`   // one past the last code point
}

// JSONSchema describes a [Record] to everyone else: JSON Schema 2020-12, its $id is [URI]. It says less than
// [Record.Check], which knows the text.
//
//go:embed record.schema.json
var JSONSchema []byte
