package extract

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/quotewire/quotewire/extract/language"
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
	if _, warning := otherLanguage(a); warning != "" {
		add(schema.WarnLanguage, "%s", warning)
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

// otherLanguage tells whether an article is in another language than English, and what to warn of. Words count for more
// than what is stated, which is often the language of the site; where the text is too short to tell, what is stated does.
func otherLanguage(a schema.Article) (is bool, warning string) {
	told := language.Of(a.Text)
	stated := strings.TrimSpace(a.Language)
	primary, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(stated), "_", "-"), "-")
	switch {
	case told != "" && told != "en":
		return true, fmt.Sprintf("the text is in another language than English (%s, by its letters and words): not read", told)
	case primary == "" || primary == "en" || primary == "eng" || primary == "english":
		return false, ""
	case told == "en":
		return false, fmt.Sprintf("stated to be %q, but its words are English: read", schema.Valid(stated))
	}
	return true, fmt.Sprintf("stated to be %q, not English: not read", schema.Valid(stated))
}
