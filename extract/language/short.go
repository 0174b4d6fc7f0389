package language

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/abadojack/whatlanggo"
)

const (
	enough  = 4 // points that a text must have
	agreed  = 2 // or, where the trigrams say the same
	oneIn   = 6 // words, of which one must give a point
	against = 2 // points for each of the commonest words of English that other languages have too
)

// signs are the words of a text that English does not have.
type signs struct {
	words, points int
	of            []int // points of each language
}

// signsOf looks for the commonest words of other languages, and for any with accents. Only words in lower case count, each
// once: in English what is foreign are names, which keep their accents and their particles and begin with a capital.
func signsOf(text string) signs {
	words := strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsMark(r) })
	small := func(i int) bool {
		if i >= len(words) {
			return true
		}
		r, _ := utf8.DecodeRuneInString(words[i])
		return unicode.IsLower(r)
	}
	s := signs{words: len(words), of: make([]int, len(others))}
	seen := map[string]bool{}
	for i, w := range words {
		if seen[w] || !small(i) {
			continue
		}
		seen[w] = true
		f := foreign[w]
		worth := 0
		switch {
		case loans[w], f.weak && !small(i+1): // von der Leyen, de la Cruz
		case f.weak:
			worth = 1
		case f.languages != nil, strings.IndexFunc(w, func(r rune) bool { return r >= utf8.RuneSelf && unicode.IsLetter(r) }) >= 0:
			worth = 2
		}
		for _, l := range f.languages {
			s.of[l] += worth
		}
		s.points += worth
	}
	return s
}

// short tells the language of a headline or a short sentence in Latin letters, for which trigrams alone have too little to go
// by. It is empty where the words say too little, or anything in English.
func short(rest part) string {
	s := signsOf(rest.text)
	if rest.only > 0 || s.points < agreed || s.points*oneIn < s.words || s.points <= against*rest.common {
		return ""
	}
	most, tag := 0, ""
	near := map[whatlanggo.Lang]bool{}
	for l, n := range s.of {
		if n > most {
			clear(near)
			most = n
		}
		if n == most && n > 0 {
			near[others[l].lang] = true
			tag = others[l].tag
		}
	}
	lang := likeliest(rest.text, nil).Lang
	if s.points < enough && !near[lang] {
		return ""
	}
	switch {
	case len(near) == 1:
		return tag
	case len(near) > 1 && !near[lang]:
		lang = whatlanggo.DetectLangWithOptions(rest.text, whatlanggo.Options{Whitelist: near})
	case len(near) == 0 && lang == whatlanggo.Eng:
		lang = likeliest(rest.text, map[whatlanggo.Lang]bool{whatlanggo.Eng: true}).Lang
	}
	return tagOf(lang)
}

// unlisted is a language that the library does not know.
const unlisted whatlanggo.Lang = -1

// others are the commonest words of languages in Latin letters, as grammars and dictionaries have them, without those that
// are spelt like an English word in lower case ("die", "pour", "met"). Weak ones are particles of names and parts of
// phrases that English has borrowed, too.
var others = []struct {
	tag         string
	lang        whatlanggo.Lang
	words, weak string
}{
	{"de", whatlanggo.Deu, "und das ist nicht mit auf für ein eine einer einem einen eines dem sich auch nach wird bei aus wie zum zur wegen vor beim sind werden wurde gegen durch noch nur vom zu als ihre kein keine mehr neue neuen neuer ganzen haben", "der den von im über"},
	{"fr", whatlanggo.Fra, "les une dans avec sont qui que pas aux ses leur leurs cette ces mais comme après contre chez selon vers été ont ne où nouveau nouvelle pendant depuis encore jusqu", "le la de des du un en et au sur par est se à"},
	{"es", whatlanggo.Spa, "los las una por para que su sus más sobre entre tras desde hasta pero como fue está este según hay ya muy contra nuevo nueva donde cuando también ser han", "el la de del al en un se"},
	{"it", whatlanggo.Ita, "una che della dei delle nel nella più sono alla dal dalla gli anche dopo contro sul sulla degli è uno nuovo nuova nei ai dai tra perché ma quando i", "il la di del da le un e al i"},
	{"pt", whatlanggo.Por, "uma não para que pela pelo mais sobre após são está nova novo foi tem ao às à seu sua pelos nos nas dos mas quando também contra até ser um", "de da das os em na e"},
	{"nl", whatlanggo.Nld, "het een uit voor niet zijn naar bij wordt nieuwe ook tegen nog als dat dit deze worden heeft werd geen hele maar meer hun toch weer", "de van te en op"},
	{"sv", whatlanggo.Swe, "och att det som på är för av ett inte från efter vid sig nya blir mot över hela har ska ny alla många när vill", "den i en de om"},
	{"da", whatlanggo.Dan, "og det som på et ikke til fra efter ved sig nye bliver blev mod hele har skal vil ny alle mange når eller", "af den i en de er om"},
	{"nb", whatlanggo.Nob, "og det som på av ikke til fra etter ved seg nye blir ble mot hele har skal vil ny alle mange når eller", "den i en de er om"},
	{"fi", whatlanggo.Fin, "ja ei että oli ovat hän mutta myös sekä joka jossa ensi viime uuden uusi vuoden jälkeen mukaan kuin vain nyt koko eivät voi ole tai kun", "se"},
	{"pl", whatlanggo.Pol, "nie na się jest że przez od po przed przy dla jak czy oraz jego jej są był była już tylko tym który która całym bez", "z w i za"},
	{"cs", whatlanggo.Ces, "na se je že od po před při jak nebo jeho jsou byl byla už jen který která ze bez podle další", "z i za"},
	{"ro", whatlanggo.Ron, "și nu este sunt din pe cu care pentru mai după fost va prin la sau său sa lui între unei unui noi toată", "un de se în"},
	{"tr", whatlanggo.Tur, "bir bu için ile da çok daha olarak olan sonra kadar gibi yeni değil var oldu etti", "de"},
	{"id", whatlanggo.Ind, "yang dan di dari untuk dengan tidak akan pada ini itu dalam oleh karena telah sudah juga ada bisa lebih seluruh para", "ke"},
	{"hu", whatlanggo.Hun, "az és nem hogy egy meg már csak után lesz volt még el ki vagy mint egyik új", ""},
	{"vi", whatlanggo.Vie, "và của là không được cho các có trong một với những từ đã người này khi để", ""},
	{"sw", unlisted, "ya wa kwa na katika ni hii baada kuhusu yake yao mpya mapya cha vya zamani kuwa hiyo huyo zaidi nchini", "la za"},
	{"tl", whatlanggo.Tgl, "ng ang mga ay nang dahil mula kay isang matapos bagong ito nila niya hindi para kung", "sa na si ni"},
	{"af", whatlanggo.Afr, "nie vir uit een nog het ook oor deur hulle hy gaan hele nuwe sy", "van en se"},
}

// loans are words that English writes with accents.
var loans = func() map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq("à attaché blasé brûlée café cafés château cliché clichés communiqué cortège crème crêpe crêpes déjà début décor détente " +
		"doppelgänger éclair élite émigré émigrés entrée état exposé façade fête fiancé fiancée jalapeño jalapeños maître matinée mêlée naïve née pâté passé " +
		"piñata première précis protégé protégée purée raison régime résumé résumés risqué rôle rosé sauté séance señor señora smörgåsbord soirée soufflé touché") {
		m[w] = true
	}
	return m
}()

// A word of other languages than English.
type word struct {
	languages []int // of others
	weak      bool  // in one of them, at least
}

var foreign = func() map[string]word {
	m := map[string]word{}
	for l, o := range others {
		for _, list := range []struct {
			words string
			weak  bool
		}{{o.words, false}, {o.weak, true}} {
			for w := range strings.FieldsSeq(list.words) {
				f := m[w]
				f.languages = append(f.languages, l)
				f.weak = f.weak || list.weak
				m[w] = f
			}
		}
	}
	return m
}()
