package text

import "strings"

// An abbreviation's kind says what its full stop may mean beside abbreviation. The lists are closed, general and written
// for this package; see README.md.
type abbreviation uint8

const (
	beforeName   abbreviation = iota + 1 // a title or the like: a name follows, so it never ends a sentence
	beforeNumber                         // abbreviates only before a number ("No. 5"); else a word with a full stop
	beforeAny                            // may end a sentence: "Inc.", "etc."
	midway                               // never ends a sentence: "vs.", "e.g."
)

// abbreviationOf returns 0 for a word that is none.
func abbreviationOf(word string) abbreviation {
	if len(word) > 7 {
		return 0
	}
	if a := abbreviations[word]; a != 0 || len(word) < 2 || word[1] < 'A' || word[1] > 'Z' {
		return a
	}
	return abbreviations[word[:1]+strings.ToLower(word[1:])] // in a headline: "GEN. ORR"
}

var abbreviationLists = []struct {
	kind  abbreviation
	words string
}{
	{beforeName, `Mr Mrs Ms Mx Dr Drs Prof Sen Sens Rep Reps Gov Govs Gen Lt Maj Capt Cmdr Cmdt Cdr Adm Sgt Cpl Pvt Brig
		Pres Rev Revd Fr Hon Msgr Mgr St Sts Ste Mt Ft Supt Insp Det Atty Amb Sec Treas Messrs Mme Mmes Mlle Mons Sra
		Hr Col Pfc Spc Tsgt Ssgt Del Asst Assoc Dep Dir Ald Cllr Cpt Ens Pte Rt`},
	{beforeNumber, `No Nos no nos Fig Figs fig figs Vol Vols vol vols pp p Pp Ch ch Art art Eq eq Op op para paras Nr nr
		Jan Feb Mar Apr Jun Jul Aug Sep Sept Oct Nov Dec Mon Tue Tues Wed Thu Thur Thurs Fri Sat Sun ca c cap Pt pt Ex Sect sect`},
	{beforeAny, `Inc Corp Ltd Co Cos Bros Jr Sr Jnr Snr Esq Plc Assn Dept Depts Univ Ave Blvd Rd Hwy Pkwy Sq Bldg Apt Mfg Natl Intl
		Pty Pvte Cie Inst Govt etc al approx est dept govt intl incl excl ft lb lbs oz mph sq yrs hrs mins
		Ala Ariz Ark Calif Colo Conn Fla Ga Ill Ind Kan Ky La Md Mass Mich Minn Miss Mo Mont Neb Nev Okla Ore Pa Penn Tenn Tex
		Vt Va Wash Wis Wyo Ont Que Alta Sask Ed Eds Ph`},
	{midway, `vs Vs v cf viz eg ie e.g i.e E.g I.e a.k.a aka`},
}

var abbreviations = func() map[string]abbreviation {
	m := make(map[string]abbreviation)
	for _, list := range abbreviationLists {
		for _, w := range strings.Fields(list.words) {
			m[w] = list.kind
		}
	}
	return m
}()

// starters are words that, with a capital after an abbreviation, tell that a sentence begins.
var starters = set(`A An The This That These Those He She It They We You I His Her Its Their Our My Your There Here
	And But Or So Yet Nor If When While Where Why How What Who Although Though Because Since Unless Until Once After Before
	As At By For From In On To With Without Under Over Between During Despite Among Against About Some Many Most Several Few All
	Both Each Every Another Other One Two Three No Not Also However Meanwhile Moreover Instead Still Then Now Even Only Just
	Last Later Earlier Today Yesterday According Asked Mr. Mrs. Ms.`)

// dates are words with a capital that may follow the time of day in a sentence.
var dates = set(`Monday Tuesday Wednesday Thursday Friday Saturday Sunday Mon. Tue. Tues. Wed. Thu. Thur. Thurs. Fri. Sat. Sun.
	January February March April May June July August September October November December
	Jan. Feb. Mar. Apr. Jun. Jul. Aug. Sep. Sept. Oct. Nov. Dec. Eastern Central Mountain Pacific Atlantic Greenwich`)

// tags are verbs of speech that stand between a quotation's question mark and the end of its sentence.
var tags = set(`said says asked asks told tells added adds wrote writes tweeted posted replied answered exclaimed shouted cried
	yelled wondered continued responded joked quipped`)

// topLevel are the top-level domains by which an address without scheme is known; those that are English words (.it, .no) are left out.
var topLevel = set(`com org net gov edu mil int info biz io co tv eu uk ca au nz ie de fr nl ch se dk fi pl cz
	ru ua cn jp kr br mx za ng ke il tr gr pt ro hu`)

func isTopLevel(label string) bool {
	if len(label) < 2 || len(label) > 4 {
		return false
	}
	return topLevel[label]
}

// elided are words that are written with an apostrophe at their head.
var elided = set(`em t tis twas twere twill til till cause bout round neath cuz n nuff Em Tis Twas Twere Til`)

func isElided(tail string) bool { return len(tail) <= 5 && elided[tail] }

func set(words string) map[string]bool {
	m := make(map[string]bool)
	for _, w := range strings.Fields(words) {
		m[w] = true
	}
	return m
}
