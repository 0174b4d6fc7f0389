package extract

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// shortText is the number of words up to which a text is a headline or less.
const shortText = 15

// warn tells what in the text weakens the reading.
func warn(a schema.Article, doc *text.Doc) []schema.Warning {
	var out []schema.Warning
	add := func(code, format string, args ...any) {
		out = append(out, schema.Warning{Code: code, Message: fmt.Sprintf(format, args...)})
	}
	control, replaced := 0, 0
	for i, r := range a.Text {
		switch {
		case r == '\n' || r == '\r' || r == '\t' || r < utf8.RuneSelf && r >= ' ' && r != 0x7f:
		case r == utf8.RuneError:
			replaced++
		case unicode.IsControl(r) && a.Text[i] != 0xC2: // C1 controls are what a wrong encoding leaves behind
			control++
		case unicode.IsControl(r):
			replaced++
		}
	}
	if control > 0 {
		add(schema.WarnControl, "%s in the text", count(control, "control character"))
	}
	if replaced > 0 {
		add(schema.WarnEncoding, "%s that cannot be read: the text was decoded wrongly somewhere", count(replaced, "character"))
	}
	words := 0
	for _, t := range doc.Tokens {
		if t.Class == text.Word {
			words++
		}
	}
	if words <= shortText {
		add(schema.WarnShort, "the text has %s", count(words, "word"))
	}
	if lang := otherLanguage(a, doc, words); lang != "" {
		add(schema.WarnLanguage, "%s, not English: read as if it were", lang)
	}
	unclosed := 0
	for _, q := range doc.Quotations {
		if q.Unclosed {
			unclosed++
		}
	}
	if unclosed > 0 {
		add(schema.WarnUnclosed, "%s", count(unclosed, "quotation")+" without closing mark")
	}
	return out
}

// mostNamesakes bounds the warnings of one record about people that the user's list has more than once.
const mostNamesakes = 20

// namesakes tells of entities that were not linked as several rows of the user's list fit.
func namesakes(entities []schema.Entity, all []people.Ambiguity) []schema.Warning {
	var out []schema.Warning
	for i, a := range all {
		if i == mostNamesakes {
			return append(out, schema.Warning{Code: schema.WarnAmbiguous, Message: fmt.Sprintf("%d more names may each be several of the list: not linked", len(all)-i)})
		}
		ids := make([]string, len(a.IDs))
		for k, id := range a.IDs {
			ids[k] = brief(id)
		}
		who := strings.Join(ids, ", ")
		if a.More > 0 {
			who += fmt.Sprintf(" or %d more", a.More)
		}
		e := entities[a.Entity]
		out = append(out, schema.Warning{Code: schema.WarnAmbiguous, Message: fmt.Sprintf("%s (%s) may be %s of the list: not linked", brief(e.Name), e.ID, who)})
	}
	return out
}

// brief keeps a name or an id to what a message can hold.
func brief(s string) string {
	const most = 80 // bytes
	if len(s) > most {
		s = strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// otherLanguage names the language of a text that is not English: the one stated, or what the commonest words tell. Where
// fewer than 1 in 12 of the first words is one that English cannot do without, it is another language, or a table. Of 4,653
// English articles of the development corpora this misjudges one, a table; so does whatlanggo, at 400 times the cost.
func otherLanguage(a schema.Article, doc *text.Doc, words int) string {
	if lang := strings.TrimSpace(a.Language); lang != "" {
		primary := strings.ToLower(lang)
		if i := strings.IndexAny(primary, "-_"); i > 0 {
			primary = primary[:i]
		}
		if primary != "en" && primary != "eng" && primary != "english" {
			return "stated to be " + fmt.Sprintf("%q", schema.Valid(lang))
		}
	}
	const enough, look = 40, 400
	if words < enough {
		return ""
	}
	seen, english := 0, 0
	for i, t := range doc.Tokens {
		if t.Class != text.Word {
			continue
		}
		if t.Len() <= 5 && commonest[strings.ToLower(doc.TokenText(i))] {
			english++
		}
		if seen++; seen == look {
			break
		}
	}
	if english*12 < seen {
		return "few English words"
	}
	return ""
}

// commonest is words that make up a third and more of English prose and are rare in other languages.
var commonest = map[string]bool{
	"the": true, "of": true, "and": true, "to": true, "that": true, "is": true, "was": true, "for": true, "with": true, "his": true,
	"he": true, "it": true, "by": true, "are": true, "from": true, "were": true, "which": true, "this": true, "have": true, "has": true,
	"had": true, "they": true, "been": true, "their": true, "said": true, "will": true, "would": true, "who": true, "at": true, "on": true,
	"as": true, "be": true, "not": true, "but": true,
}
