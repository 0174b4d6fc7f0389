// Package language tells which language a text is in, and above all whether it is English, the one that is read.
package language

import (
	"maps"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

const (
	look        = 2000 // bytes of a text that are looked at: more tell no more
	fewest      = 10   // words in lower case below which letters say too little; names and borrowed words are not counted
	fewestWords = 5    // words below which the commonest ones say nothing either
	neighbours  = 20   // words below which none is told that might be two
	surely      = 7    // a sentence with one commonest word of English in so many is English
	hardly      = 20   // prose with no more than one that is only English in so many is not
)

// Of is the language that most of a text is in, as its BCP 47 subtag ("en", "pt", "ceb"), and empty where the text does not
// tell: it is too short, a table, or in several. English is known by its commonest words, sentence for sentence, at a cost
// of microseconds; everything else, without the sentences that are English, by its script and its trigrams (Cavnar and
// Trenkle, N-Gram-Based Text Categorization, 1994), at that of a millisecond or less. Time and memory are bounded whatever
// the length of the text; it may be called concurrently.
func Of(text string) string {
	text = head(text)
	english, rest := divide(text)
	if english.words >= fewestWords && english.letters > rest.letters {
		return "en"
	}
	latin := 2*rest.latin >= rest.letters
	if latin && (rest.lower < fewest || 2*rest.lower < rest.words) {
		return short(rest) // a headline, or names and numbers
	}
	if latin && rest.words < neighbours && signsOf(rest.text).points == 0 {
		return "" // headlines in English, too, have trigrams as in another language
	}
	var not map[whatlanggo.Lang]bool
	if !latin && strings.ContainsRune(rest.text, 'ы') {
		not = withoutYery
	}
	info := likeliest(rest.text, not)
	if !info.IsReliable() && info.Lang != whatlanggo.Eng && info.Lang >= 0 && rest.only == 0 && (!latin || rest.words >= neighbours) {
		// It is in doubt between neighbours, Danish and Norwegian: either will do, unless English is as near.
		best := info.Lang
		info = whatlanggo.DetectWithOptions(rest.text, whatlanggo.Options{Whitelist: map[whatlanggo.Lang]bool{best: true, whatlanggo.Eng: true}})
	}
	if !info.IsReliable() {
		if latin && rest.words < neighbours {
			return short(rest)
		}
		return ""
	}
	if info.Lang == whatlanggo.Eng || !latin || rest.only*hardly <= rest.words {
		return tagOf(info.Lang)
	}
	return "" // words and letters disagree
}

func tagOf(lang whatlanggo.Lang) string {
	if tag := lang.Iso6391(); tag != "" {
		return tag
	}
	return lang.Iso6393()
}

// likeliest is the language that the library finds. Of those that are equally near it names now one, now another, as it goes
// through a map: here it is always the same.
func likeliest(text string, not map[whatlanggo.Lang]bool) whatlanggo.Info {
	best := whatlanggo.DetectWithOptions(text, whatlanggo.Options{Blacklist: not})
	if best.Confidence != 0 {
		return best // nearer than all others
	}
	tried := maps.Clone(not)
	if tried == nil {
		tried = map[whatlanggo.Lang]bool{}
	}
	for next := best; next.Lang >= 0; {
		tried[next.Lang] = true
		next = whatlanggo.DetectWithOptions(text, whatlanggo.Options{Blacklist: tried})
		both := map[whatlanggo.Lang]bool{best.Lang: true, next.Lang: true}
		if whatlanggo.DetectWithOptions(text, whatlanggo.Options{Whitelist: both}).Confidence != 0 {
			break
		}
		best.Lang = min(best.Lang, next.Lang)
	}
	return best
}

// withoutYery are the languages written in Cyrillic that lack the letter ы. Short texts in Russian are else told to be
// Bulgarian.
var withoutYery = map[whatlanggo.Lang]bool{whatlanggo.Bul: true, whatlanggo.Mkd: true, whatlanggo.Srp: true, whatlanggo.Ukr: true}

// head is the first of a text, without a word or character that is cut.
func head(text string) string {
	if len(text) <= look {
		return text
	}
	text = text[:look]
	if i := strings.LastIndexFunc(text, unicode.IsSpace); i > look/2 {
		return text[:i]
	}
	for i := 1; i < utf8.UTFMax; i++ {
		if at := len(text) - i; utf8.RuneStart(text[at]) {
			if !utf8.FullRuneInString(text[at:]) {
				return text[:at]
			}
			break
		}
	}
	return text
}

// A part is sentences of a text, and what they are made of.
type part struct {
	text           string
	letters, latin int
	words, lower   int // of Latin letters; those that begin with a small one
	common, only   int // of them, the commonest of English, and those that no other language has
}

// divide parts the sentences of a text that are English from the rest. What stands in quotation marks is a sentence of
// its own: newspapers quote in other languages. One of three words or fewer belongs to the next.
func divide(text string) (english, rest part) {
	var others strings.Builder
	var now part
	from := 0
	var word [8]byte // in lower case; longer words are none of the commonest
	n, small := 0, false
	endWord := func() {
		if n > 0 {
			now.words++
			if small {
				now.lower++
			}
			if n <= len(word) {
				switch commonest[string(word[:n])] {
				case onlyEnglish:
					now.only++
					now.common++
				case alsoOthers:
					now.common++
				}
			}
		}
		n = 0
	}
	endSentence := func(at int) {
		to := &rest
		if now.only > 0 && now.common > 1 && now.common*surely >= now.words && 2*now.latin >= now.letters {
			to = &english
		} else {
			others.WriteString(text[from:at])
			others.WriteByte(' ')
		}
		to.letters += now.letters
		to.latin += now.latin
		to.words += now.words
		to.lower += now.lower
		to.common += now.common
		to.only += now.only
		now, from = part{}, at
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r):
			now.letters++
			if r >= utf8.RuneSelf && !unicode.Is(unicode.Latin, r) {
				endWord()
				break
			}
			now.latin++
			if n == 0 {
				small = unicode.IsLower(r)
			}
			if n < len(word) {
				word[n] = 0 // no commonest word has an accent
				if r < utf8.RuneSelf {
					word[n] = byte(r) | 0x20
				}
			}
			n++
		case strings.ContainsRune(".!?\n\"“”„«»「」。؟।", r):
			endWord()
			if now.words > 3 || now.letters > now.latin {
				endSentence(i)
			}
		default:
			endWord()
		}
	}
	endWord()
	endSentence(len(text))
	rest.text = others.String()
	return english, rest
}

type kind uint8

const (
	onlyEnglish kind = iota + 1
	alsoOthers       // common, in another sense, in a language that has the same letters
)

// commonest is words that make up a third and more of English prose.
var commonest = func() map[string]kind {
	m := map[string]kind{}
	for word := range strings.FieldsSeq("the and that with his from were which this they their said would who not but") {
		m[word] = onlyEnglish
	}
	for word := range strings.FieldsSeq("of to is was for he it by are have has had been will at on as be an her she in we its after more") {
		m[word] = alsoOthers
	}
	return m
}()
