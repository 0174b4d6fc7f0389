package schema

import "math"

// A Record is all that Quotewire says about one article. It is deterministic: the same article read by the same
// extractor gives the same bytes from [Record.JSON]. What changes from run to run (time, attempt, stream sequence)
// travels in message headers instead. [Record.Check] holds every rule that the comments below state.
type Record struct {
	Schema    string    `json:"schema"`    // URI
	ID        string    `json:"id"`        // RecordID: 32 hex digits; also the message id and the CloudEvents id
	Article   About     `json:"article"`   //
	Offsets   Offsets   `json:"offsets"`   // what Start and End count
	Entities  []Entity  `json:"entities"`  // by the start of the first mention; never null
	Quotes    []Quote   `json:"quotes"`    // by the start of the first span; no two with the same spans; never null
	Warnings  []Warning `json:"warnings"`  // what the reader should know before trusting the rest; never null
	Extractor Extractor `json:"extractor"` // who said all this
}

// About is what the record keeps of its article.
type About struct {
	ID          string   `json:"id"`                // the publisher's own id; else derived, see Article.Identify
	URL         *string  `json:"url"`               //
	Title       *string  `json:"title"`             //
	Authors     []string `json:"authors"`           // never null
	Publisher   *string  `json:"publisher"`         //
	Language    *string  `json:"language"`          // BCP 47, as the article states it
	PublishedAt *string  `json:"published_at"`      // RFC 3339 date-time, or a date alone where no time is known
	TextSHA256  string   `json:"text_sha256"`       // hex, of the text's UTF-8 bytes: which text the spans count in
	TextChars   int      `json:"text_chars"`        // length of the text in code points
	CopyOf      *string  `json:"copy_of,omitempty"` // id of an earlier article that this one repeats, where copies are looked for
	Text        *string  `json:"text,omitempty"`    // the text itself where it is not the input's own (HTML), or on request
}

// Offsets declares the unit of every Start and End of the record.
type Offsets struct {
	Unit string `json:"unit"` // always "codepoint"
}

// Kind says what an [Entity] is.
type Kind string

const (
	Person       Kind = "person"
	Place        Kind = "place"
	Organization Kind = "organization"
)

// An Entity is one person, place or organisation, with every mention of it that was found.
type Entity struct {
	ID         string      `json:"id"`              // "e1", "e2", … in order: good in this record only
	Kind       Kind        `json:"kind"`            //
	Name       string      `json:"name"`            // canonical: the fullest name the article gives
	Aliases    []string    `json:"aliases"`         // other names it goes by in the article, each once, without Name; never null
	Roles      []Role      `json:"roles"`           // titles and offices as written; never null
	Link       *Link       `json:"link,omitempty"`  // its id in the user's own list
	Place      *Geography  `json:"place,omitempty"` // for places that a gazetteer knows
	Confidence Probability `json:"confidence"`      // that this is an entity of this kind
	Mentions   []Mention   `json:"mentions"`        // in text order, without overlap; at least one
}

// A Role is a title, office or affiliation as the article writes it.
type Role struct {
	Title  string  `json:"title"`            // "Russian Foreign Minister"
	Of     *string `json:"of,omitempty"`     // the body or country it belongs to, where written apart
	Tenure Tenure  `json:"tenure,omitempty"` // where the article says that it is not simply held
	Start  int     `json:"start"`            // Title's span: the text's [Start,End)
	End    int     `json:"end"`
}

// Tenure says how a [Role] is held.
type Tenure string

const (
	Former   Tenure = "former"   // "former President", "who was the mayor", "ex-minister"
	Acting   Tenure = "acting"   // "acting mayor", "interim coach"
	Incoming Tenure = "incoming" // "president-elect", "incoming director"
)

// A Link ties an entity to a list that the user brought.
type Link struct {
	ID         string      `json:"id"`         // as the list writes it
	Rule       string      `json:"rule"`       // what decided: exact_name, alias, middle_name …, and "+role" where the office fits too
	Confidence Probability `json:"confidence"` // that the entity is whom the list means
}

// Geography is what a gazetteer knows of a place.
type Geography struct {
	Country  *string  `json:"country"`  // ISO 3166-1 alpha-2
	GeoNames *int     `json:"geonames"` // GeoNames id
	Lat      *float64 `json:"lat"`      // degrees, WGS 84
	Lon      *float64 `json:"lon"`
	Feature  *string  `json:"feature"` // country, state, city, water, building …
}

// Form says how a [Mention] refers.
type Form string

const (
	ByName    Form = "name"    // "Trump"
	ByTitle   Form = "title"   // "the U.S. President"
	ByNominal Form = "nominal" // "the 52-year-old"
	ByPronoun Form = "pronoun" // "he"
)

// A Mention is one place in the text where an entity is meant.
type Mention struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"` // the text's [Start,End)
	Form  Form   `json:"form"`
}

// QuoteKind tells by the quotation marks how much of a quote is verbatim.
type QuoteKind string

const (
	Direct   QuoteKind = "direct"   // every word of it stands inside quotation marks
	Mixed    QuoteKind = "mixed"    // some do
	Indirect QuoteKind = "indirect" // none does
)

// Act tells speech from thought.
type Act string

const (
	Speech  Act = "speech"  // said, wrote, signalled: uttered
	Thought Act = "thought" // believes, wants, fears: attributed, not uttered
)

// A Quote is one attributed stretch of speech or thought. An interrupted quote (“…,” he said, “…”) and one that runs
// over several paragraphs are one Quote with several spans.
type Quote struct {
	ID         string      `json:"id"`         // 16 hex digits of the record's id and the spans
	Kind       QuoteKind   `json:"kind"`       //
	Act        Act         `json:"act"`        //
	Text       string      `json:"text"`       // QuoteText of the spans' texts: what was said, without the outer marks
	Spans      []Span      `json:"spans"`      // the content as written, its quotation marks included; at least one, in order, disjoint
	Cue        *Phrase     `json:"cue"`        // the words that attribute: "said", "according to"
	Speaker    *Speaker    `json:"speaker"`    // null where the article names no source
	About      []string    `json:"about"`      // ids of the entities mentioned inside the spans, by first mention; never null
	Confidence Probability `json:"confidence"` // that the content, its cue and its source are right
	Evidence   string      `json:"evidence"`   // the rule or model that decided
}

// A Phrase is a span with its text; it is never empty.
type Phrase struct {
	Start int    `json:"start"`
	End   int    `json:"end"`
	Text  string `json:"text"`
}

// Method says how the phrase that names a speaker led to a person.
type Method string

const (
	MethodName      Method = "name"      // "Dmitry Polyanskiy", "Trump"
	MethodTitle     Method = "title"     // "the French president"
	MethodNominal   Method = "nominal"   // "a senior Kremlin official"
	MethodPronoun   Method = "pronoun"   // "he"
	MethodContinued Method = "continued" // no phrase of its own: goes on from the quote before
	MethodUnknown   Method = "unknown"   // a phrase that led to nobody
)

// A Speaker is the source of a quote: the whole phrase as written and, where it was resolved, the entity behind it.
// No entity is better than a wrong one: "she", unresolved, is an honest answer. Where Entity is a place ("Washington
// said"), the body that sits there speaks, mostly its government.
type Speaker struct {
	Entity *string `json:"entity"` // id of an Entity of this record; null where unresolved, so always for MethodUnknown
	Name   *string `json:"name"`   // that entity's canonical name; null where unresolved
	Start  int     `json:"start"`  // the whole source phrase: "a senior Kremlin official"; for MethodContinued that of
	End    int     `json:"end"`    // the quote it goes on from, or empty (Start == End) where that has none
	Text   string  `json:"text"`   // the text's [Start,End)
	Method Method  `json:"method"`

	Confidence Probability `json:"confidence,omitempty"` // that it is Entity, given that the rest of the quote is right; 0, and left out, where Entity is null
	Joint      []string    `json:"joint,omitempty"`      // ids of those who say it with Entity: of Moor in "Reyes and Moor"; none where Entity is null
	Of         *string     `json:"of,omitempty"`         // id of whom the phrase says that the speaker speaks for or belongs to: of the port in "a spokesman for the port"
}

// A Warning tells of something in the input or the reading that weakens the record.
type Warning struct {
	Code    string `json:"code"`    // one of the Warn constants
	Message string `json:"message"` // for people
}

const (
	WarnControl   = "control_characters" // NUL and other control characters in the text
	WarnEncoding  = "encoding"           // replacement characters, or invalid UTF-8 read as U+FFFD
	WarnLanguage  = "language"           // another language than English: not read; or stated to be one, and read for its words
	WarnShort     = "short_text"         // a headline or less
	WarnUnclosed  = "unclosed_quotation" // quotation marks that never close
	WarnTruncated = "truncated"          // more was found than the record holds
	WarnAmbiguous = "ambiguous_link"     // somebody whom several rows of the user's list fit, and who was not linked
	WarnField     = "field"              // a field of the article that could not be read and was left out
)

// An Extractor names the program and the models that made a record.
type Extractor struct {
	Name        string  `json:"name"`        // "quotewire"
	Version     string  `json:"version"`     // of the program
	Reader      string  `json:"reader"`      // baseline, fast, accurate …
	Fingerprint string  `json:"fingerprint"` // 16 hex digits: changes whenever the same article may be read differently
	Models      []Model `json:"models"`      // never null
}

// A Model is one set of weights that took part.
type Model struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	SHA256  string `json:"sha256,omitempty"`
}

// A Probability lies in [0,1] and is written with at most three decimals, so that it reads the same on every machine.
type Probability float64

// Round makes a Probability of a float: three decimals, held within [0,1], 0 for NaN.
func Round(p float64) Probability {
	switch {
	case !(p > 0): // NaN too
		return 0
	case p >= 1:
		return 1
	}
	return Probability(math.Round(p*1000) / 1000)
}
