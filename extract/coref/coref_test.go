package coref

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func resolver(t testing.TB) *Resolver {
	t.Helper()
	lists, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := New(lists)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// describe writes a resolution as people read it: a line an entity, "kind name: mentions; roles".
func describe(doc *text.Doc, r Resolution) string {
	var b strings.Builder
	for _, e := range r.Entities {
		fmt.Fprintf(&b, "%s %s:", e.Kind, e.Name)
		for k, i := range e.Mentions {
			sep := ","
			if k == 0 {
				sep = ""
			}
			m := r.Mentions[i]
			fmt.Fprintf(&b, "%s %s", sep, doc.Slice(m.Span))
			if m.Form != schema.ByName {
				fmt.Fprintf(&b, " (%s)", m.Form)
			}
		}
		for k, role := range e.Roles {
			sep := ","
			if k == 0 {
				sep = " —"
			}
			fmt.Fprintf(&b, "%s %s", sep, doc.Slice(role.Title))
			if !role.Of.Empty() {
				fmt.Fprintf(&b, " of %s", doc.Slice(role.Of))
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestResolve(t *testing.T) {
	r := resolver(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			s, found, err := readingtest.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			doc := text.Cut(s)
			got := describe(doc, r.Resolve(doc, found))
			if diff := cmp.Diff(strings.TrimLeft(c.want, "\n"), got); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", s, diff)
			}
		})
	}
}

var cases = []struct{ name, text, want string }{
	{
		"an acronym in brackets behind a possessive is not the subsidiary that begins with it",
		`<o>Veltrix National Oil Group</o>’s (<o>VNOG</o>) rigs are <o>VNOG Drilling</o>’s. <o>VNOG</o> agreed.`,
		`
organization Veltrix National Oil Group: Veltrix National Oil Group, VNOG, VNOG
organization VNOG Drilling: VNOG Drilling
`,
	},
	{
		"the leader of a country is its president, king or prime minister",
		`<n>Danish</n> Prime Minister <p>Ana Moor</p> met <n>Finnish</n> President <p>Ilkka Lund</p> and <n>Danish</n> Deputy Prime Minister <p>Bo Ek</p>. The <n>Danish</n> leader smiled at the <n>Finnish</n> leader. The leader left.`,
		`
person Ana Moor: Ana Moor, The Danish leader (nominal) — Danish Prime Minister
person Ilkka Lund: Ilkka Lund, the Finnish leader (nominal) — Finnish President
person Bo Ek: Bo Ek — Danish Deputy Prime Minister
`,
	},
	{
		"a name written amiss, or run together",
		`<p>Petra Lindqvist</p> met <p>Petra Lindqist</p>, <p>Lindquist</p>, <p>PetraLindqvist</p> and <p>Marko Abduhlai</p>, that is <p>Marko Abdulhai</p>.`,
		`
person Petra Lindqvist: Petra Lindqvist, Petra Lindqist, Lindquist, PetraLindqvist
person Marko Abduhlai: Marko Abduhlai, Marko Abdulhai
`,
	},
	{
		"one letter parts people too: at the end, in names that both exist, in short ones",
		`<p>Ivan Marinov</p>, <p>Ivan Marinova</p>, <p>Marta Reyes</p>, <p>Maria Reyes</p>, <p>Erik Holm</p>, <p>Erika Holm</p>, <p>Jo Berg</p> and <p>Jo Borg</p> met.`,
		`
person Ivan Marinov: Ivan Marinov
person Ivan Marinova: Ivan Marinova
person Marta Reyes: Marta Reyes
person Maria Reyes: Maria Reyes
person Erik Holm: Erik Holm
person Erika Holm: Erika Holm
person Jo Berg: Jo Berg
person Jo Borg: Jo Borg
`,
	},
	{
		"an office that three of one surname hold tells none of them",
		`Senator <p>Ana Moor</p>, Senator <p>Ben Moor</p> and Senator <p>Cleo Moor</p> met. Senator <p>Moor</p> left.`,
		`
person Ana Moor: Ana Moor — Senator
person Ben Moor: Ben Moor — Senator
person Cleo Moor: Cleo Moor, Moor — Senator
`,
	},
	{
		"an organisation with and without its country",
		`The <o>U.S. Fisheries Department</o> denied it. The <o>Fisheries Department</o> and the <o>United States Fisheries Department</o> are one. The <o>Chilean Army</o> and the <o>Peruvian Army</o> met; the <o>Army</o> left.`,
		`
organization United States Fisheries Department: U.S. Fisheries Department, Fisheries Department, United States Fisheries Department
organization Chilean Army: Chilean Army
organization Peruvian Army: Peruvian Army
organization Army: Army
`,
	},
	{
		"a club by its nickname",
		`The <o>Houston Herons</o> won. The <o>Herons</o> lead.`,
		"organization Houston Herons: Houston Herons, Herons\n",
	},
	{
		"an acronym in small letters once",
		`<o>Nofa</o> said no. The <o>Nordic Office for Fisheries Aid</o> met. <o>NOFA</o> agreed.`,
		"organization Nordic Office for Fisheries Aid: Nofa, Nordic Office for Fisheries Aid, NOFA\n",
	},
	{
		"a part is not its country",
		`<l>England</l>, <l>Scotland</l> and the <l>UK</l> agreed with <l>Britain</l>.`,
		"place England: England\nplace Scotland: Scotland\nplace UK: UK, Britain\n",
	},
	{
		"short forms of places",
		`<l>San Felipe</l>, <l>N. Korea</l>, <l>Kansas</l>. Later: <l>S.F.</l>, <l>North Korea</l>, <l>KS</l>.`,
		"place San Felipe: San Felipe, S.F.\nplace North Korea: N. Korea, North Korea\nplace Kansas: Kansas, KS\n",
	},
	{
		"the family name first, and one called by a middle name",
		`<p>Ilona Szemere</p> and <p>Szemere Ilona</p>. <p>Carl Anders Brand</p>, <p>Anders Brand</p>.`,
		"person Ilona Szemere: Ilona Szemere, Szemere Ilona\nperson Carl Anders Brand: Carl Anders Brand, Anders Brand\n",
	},
	{
		"a wife named often does not take over the surname",
		`<p>Lindqvist</p> visits his wife <p>Maria</p>. President <p>Tom Lindqvist</p> left. <p>Maria Lindqvist</p> slept. <p>Maria Lindqvist</p> woke. <p>Maria Lindqvist</p> rose. <p>Lindqvist</p> waved.`,
		"person Tom Lindqvist: Lindqvist, his (pronoun), Tom Lindqvist, Lindqvist — President\nperson Maria Lindqvist: Maria, Maria Lindqvist, Maria Lindqvist, Maria Lindqvist\n",
	},
	{
		"two given names with one surname",
		`<p>Ravi</p> and <p>Meena Sundaram</p> cook. Mrs. <p>Sundaram</p> sang. Mr. <p>Sundaram</p> bowed. <p>Ravi</p> left.`,
		"person Ravi Sundaram: Ravi, Sundaram, Ravi\nperson Meena Sundaram: Meena Sundaram, Sundaram\n",
	},
	{
		"a surname before a full name is no given name",
		`<p>Ann Merkel</p> spoke. <p>Merkel</p> and <p>Dana Reyes</p> left. <p>Holt</p> and <p>Bo Lind</p> stayed.`,
		"person Ann Merkel: Ann Merkel, Merkel\nperson Dana Reyes: Dana Reyes\nperson Holt: Holt\nperson Bo Lind: Bo Lind\n",
	},
	{
		"courtesy titles part two whose names tell no gender",
		`<p>Viliami Havea</p> and <p>Losa Havea</p> came. Ms. <p>Havea</p> spoke. Mr. <p>Havea</p> slept.`,
		"person Viliami Havea: Viliami Havea, Havea\nperson Losa Havea: Losa Havea, Havea\n",
	},
	{
		"the family name that stands first",
		`<p>Tran Van Duc</p> came. Ms. <p>Tran</p> left. <p>Kim Ji-woo</p> met <p>Kim</p>.`,
		"person Tran Van Duc: Tran Van Duc, Tran\nperson Kim Ji-woo: Kim Ji-woo, Kim\n",
	},
	{
		"a particle in capitals",
		`<p>Anneke de Wit</p> came. <p>De Wit</p> left.`,
		"person Anneke de Wit: Anneke de Wit, De Wit\n",
	},
	{
		"an acronym of another language",
		`The <o>National Electoral Institute</o> (<o>INE</o>) voted. <o>INE</o> agreed. The <o>Harbour Board</o> (<l>Peru</l>) met.`,
		"organization National Electoral Institute: National Electoral Institute, INE, INE\norganization Harbour Board: Harbour Board\nplace Peru: Peru\n",
	},
	{
		"former, acting and future holders of an office",
		`<p>Ana Moor</p>, the former mayor, met acting mayor <p>Bo Ek</p> and <p>Cy Holt</p>, the mayor-elect. The former mayor sang. The acting mayor ate. The mayor-elect left.`,
		`
person Ana Moor: Ana Moor, The former mayor (title) — former mayor
person Bo Ek: Bo Ek, The acting mayor (title) — acting mayor
person Cy Holt: Cy Holt, The mayor-elect (title) — mayor-elect
`,
	},
	{
		"an office with a plain word for its field",
		`<l>Samoa</l>’s fisheries minister, <p>Ana Moor</p>, met prime minister <p>Bo Ek</p>. The fisheries minister left. The minister slept.`,
		`
person Ana Moor: Samoa’s fisheries minister (title), Ana Moor, The fisheries minister (title), The minister (title) — fisheries minister of Samoa
place Samoa: Samoa
person Bo Ek: Bo Ek — prime minister
`,
	},
	{
		"by age",
		`<p>Amina Bekova</p>, 14, beat <p>Rupert Holt</p>, 52. The teenager smiled. The 52-year-old left. The 14-year-old girl ate. The 53-year-old slept.`,
		"person Amina Bekova: Amina Bekova, The teenager (nominal)\nperson Rupert Holt: Rupert Holt, The 52-year-old (nominal)\n",
	},
	{
		"relatives by how they were introduced, and the other one of two",
		`<p>Ana Moor</p> and her husband, <p>Bo Ek</p>, came. His deputy <p>Cy Holt</p> left. Her husband sang. His deputy slept. Her brother ate.`,
		`
person Ana Moor: Ana Moor, her (pronoun), Her (pronoun), Her (pronoun)
person Bo Ek: her husband (nominal), Bo Ek, His (pronoun), Her husband (nominal), His (pronoun) — husband
person Cy Holt: Cy Holt, His deputy (title) — deputy
`,
	},
	{
		"the firm that was introduced as one, and the company that is no alliance",
		`<p>Ana Moor</p> wrote to the firm, <o>Norvik Power</o>. She waited. The firm replied. <o>Celtic Lines</o> met the <o>Seamen’s Alliance</o>.`,
		"person Ana Moor: Ana Moor, She (pronoun)\norganization Norvik Power: Norvik Power, The firm (nominal)\norganization Celtic Lines: Celtic Lines\norganization Seamen’s Alliance: Seamen’s Alliance\n",
	},
	{
		"by party and by country",
		`<p>Ana Moor</p>, a Democrat, met her Social Democratic rival, <p>Bo Ek</p>, and <p>Cy Holt</p> of <l>Denmark</l>. The Democrat sang, the <o>Social Democrat</o> ate. The Dane left. The Republican said no. The <o>Republican Party</o> won. The Norwegian team lost.`,
		`
person Ana Moor: Ana Moor, her (pronoun), The Democrat (nominal) — Democrat
person Bo Ek: Bo Ek, the Social Democrat (nominal)
person Cy Holt: Cy Holt, The Dane (nominal)
place Denmark: Denmark
organization Republican Party: Republican Party
`,
	},
	{
		"two of one party are none",
		`<p>Ana Moor</p>, a Democrat, met Democratic Senator <p>Bo Ek</p>. The Democrat sang.`,
		"person Ana Moor: Ana Moor — Democrat\nperson Bo Ek: Bo Ek — Democratic Senator\n",
	},
	{
		"surname before and after its full name",
		`<p>Okafor</p> won. The party of <p>Ngozi Okafor</p> took 40 seats. <p>Okafor</p>’s rivals conceded.`,
		"person Ngozi Okafor: Okafor, Ngozi Okafor, Okafor\n",
	},
	{
		"middle names, initials and short forms",
		`<p>James Quincy Hale</p> met <p>James Hale</p>. <p>Jim Hale</p> and <p>J. Q. Hale</p> signed. <p>Peter Hale</p> did not.`,
		"person James Quincy Hale: James Quincy Hale, James Hale, Jim Hale, J. Q. Hale\nperson Peter Hale: Peter Hale\n",
	},
	{
		"two middle names that differ are two people",
		`<p>Carl A. Brand</p> and <p>Carl M. Brand</p> are cousins.`,
		"person Carl A. Brand: Carl A. Brand\nperson Carl M. Brand: Carl M. Brand\n",
	},
	{
		"a surname of two people goes to the one named last, or the one whose title fits",
		`<p>Tom Lindqvist</p> arrived. <p>Lindqvist</p> sat down. <p>Maria Lindqvist</p> followed. <p>Lindqvist</p> waved. Mr. <p>Lindqvist</p> left.`,
		"person Tom Lindqvist: Tom Lindqvist, Lindqvist, Lindqvist\nperson Maria Lindqvist: Maria Lindqvist, Lindqvist\n",
	},
	{
		"a relative does not take over the surname",
		`<p>Tom Lindqvist</p> arrived. His sister <p>Maria Lindqvist</p> followed. <p>Lindqvist</p> waved.`,
		"person Tom Lindqvist: Tom Lindqvist, His (pronoun), Lindqvist\nperson Maria Lindqvist: Maria Lindqvist — sister\n",
	},
	{
		"nor does somebody named in passing",
		`<p>Tom Lindqvist</p> arrived. <p>Lindqvist</p> sat down. <p>Lindqvist</p> ate. <p>Maria Lindqvist</p> called. <p>Lindqvist</p> waved.`,
		"person Tom Lindqvist: Tom Lindqvist, Lindqvist, Lindqvist, Lindqvist\nperson Maria Lindqvist: Maria Lindqvist\n",
	},
	{
		"a courtesy title of the other gender is another person",
		`<p>Henry Adeyemi</p> thanked Mrs <p>Adeyemi</p>.`,
		"person Henry Adeyemi: Henry Adeyemi\nperson Adeyemi: Adeyemi\n",
	},
	{
		"a surname is whose was named last, by full name or by a title that only the other one has",
		`<p>Michelle Adeyemi</p> spoke. <p>Adeyemi</p> bowed. Mr. <p>Adeyemi</p> came. <p>Adeyemi</p> sang. Ms. <p>Adeyemi</p> left.`,
		"person Michelle Adeyemi: Michelle Adeyemi, Adeyemi, Adeyemi\nperson Adeyemi: Adeyemi, Adeyemi\n",
	},
	{
		"given name, accents, hyphens, transliteration, capitals",
		`<p>José-María Núñez</p> spoke. <p>Jose Maria Nunez</p> left. <p>NÚÑEZ</p> won. <p>Oleksiy Voronsky</p>, <p>Voronskyy</p> and <p>Oleksiy</p>.`,
		"person José-María Núñez: José-María Núñez, Jose Maria Nunez, NÚÑEZ\nperson Oleksiy Voronsky: Oleksiy Voronsky, Voronskyy, Oleksiy\n",
	},
	{
		"a double surname tells no gender, and is not fuller than the name it ends",
		`<p>Ulrike Roth-Amsel</p> left. <p>Roth-Amsel</p> said she was ill. <p>Anne-Marie</p> slept.`,
		"person Ulrike Roth-Amsel: Ulrike Roth-Amsel, Roth-Amsel, she (pronoun)\nperson Anne-Marie: Anne-Marie\n",
	},
	{
		"a nickname in the middle, where the reader cut the name at its marks",
		`<p>Robert</p> (<p>Bobby) Tranter</p> met <p>Joseph "Big Joe</p>" <p>Marrow</p>, <p>Walter</p> “Skip” <p>Brannigan</p> and <p>Ada Quist</p>. <p>Dana</p> (<p>Moor</p>) left. <p>Tranter</p> stayed. The <l>Lund – Malmo Bridge</l> fell.

LUND, <l>Norway — Harbor</l> pilots came.`,
		"person Robert (Bobby) Tranter: Robert (Bobby) Tranter, Tranter\nperson Joseph \"Big Joe\" Marrow: Joseph \"Big Joe\" Marrow\nperson Walter “Skip” Brannigan: Walter “Skip” Brannigan\nperson Ada Quist: Ada Quist\nperson Dana: Dana\nperson Moor: Moor\nplace Lund – Malmo Bridge: Lund – Malmo Bridge\nplace Norway: Norway\n",
	},
	{
		"particles",
		`<p>Greta van der Meer</p> resigned. <p>Van der Meer</p> left; <p>Ben Okri</p> came.`,
		"person Greta van der Meer: Greta van der Meer, Van der Meer\nperson Ben Okri: Ben Okri\n",
	},
	{
		"a family is nobody",
		`<p>Ada Brightman</p> bought it. The <p>Brightmans</p> moved in, and the <p>Brightman</p> family stayed.`,
		"person Ada Brightman: Ada Brightman\n",
	},
	{
		"organisations: acronyms, legal forms, first words",
		`The <o>North Sea Commission</o> (<o>NSC</o>) met. <o>NSC</o> staff left. <o>Veltrix Inc.</o> sued; <o>Veltrix</o> won. The <o>Harbour Safety Board</o> and the <o>HSB</o>.`,
		"organization North Sea Commission: North Sea Commission, NSC, NSC\norganization Veltrix Inc.: Veltrix Inc., Veltrix\norganization Harbour Safety Board: Harbour Safety Board, HSB\n",
	},
	{
		"countries and states",
		`The <l>United States</l> and <l>Britain</l> agreed. The <l>U.S.</l> and the <l>UK</l> signed in <l>California</l>. <l>US</l> troops left <l>Paris</l>.`,
		"place United States: United States, U.S., US\nplace Britain: Britain, UK\nplace California: California\nplace Paris: Paris\n",
	},
	{
		"one name read as two kinds",
		`<p>Rasmus Holt</p> spoke. <o>Holt</o> left. <p>Holt</p> came. <o>Holt</o> sat.`,
		"person Rasmus Holt: Rasmus Holt, Holt, Holt, Holt\n",
	},
	{
		"roles",
		`<n>Danish</n> Foreign Minister <p>Lars Berg</p> met <l>Peru</l>’s deputy trade envoy, <p>Ana Paz</p>. <p>Dana Reyes</p>, the city’s fire chief, left. <p>Ed Moor</p>, 52, a professor of law at <o>Ghent University</o>, stayed. Admiral <p>Joan Pike</p> slept. Former <l>U.S.</l> Secretary of State <p>Will Dunn</p> woke.`,
		`person Lars Berg: Lars Berg — Danish Foreign Minister
person Ana Paz: Peru’s deputy trade envoy (title), Ana Paz — deputy trade envoy of Peru
place Peru: Peru
person Dana Reyes: Dana Reyes — fire chief
person Ed Moor: Ed Moor — professor of law of Ghent University
organization Ghent University: Ghent University
person Joan Pike: Joan Pike — Admiral
place U.S.: U.S.
person Will Dunn: Will Dunn — Former U.S. Secretary of State
`,
	},
	{
		"titles go to who holds them",
		`<n>Norwegian</n> President <p>Ola Vik</p> met <n>Chilean</n> President <p>Rosa Tapia</p>. The <n>Chilean</n> president spoke first. The president of <l>Norway</l> agreed. The president left. The prime minister did not come.`,
		`person Ola Vik: Ola Vik, The president of Norway (title) — Norwegian President
person Rosa Tapia: Rosa Tapia, The Chilean president (title) — Chilean President
place Norway: Norway
`,
	},
	{
		"a title that one person holds",
		`Mayor <p>Iris Cole</p> opened the bridge. It rained. Traffic was light. The mayor cut a ribbon. His lawyer was absent. The deputy mayor watched.`,
		"person Iris Cole: Iris Cole, The mayor (title) — Mayor\n",
	},
	{
		"a title that is abbreviated before the name",
		`Sen. <p>Iris Cole</p> (Vt.) spoke. The senator left.`,
		"person Iris Cole: Iris Cole, The senator (title) — Sen.\n",
	},
	{
		"pronouns",
		`<p>Maria Ek</p> met <p>John Tull</p> in <l>Oslo</l>. She thanked him. He smiled. A day later she left.`,
		"person Maria Ek: Maria Ek, She (pronoun), she (pronoun)\nperson John Tull: John Tull, him (pronoun), He (pronoun)\nplace Oslo: Oslo\n",
	},
	{
		"two men: the subject of the sentence before",
		`<p>Paul Amin</p> called <p>George Soto</p> on Monday. He asked for time.`,
		"person Paul Amin: Paul Amin, He (pronoun)\nperson George Soto: George Soto\n",
	},
	{
		"a name inside a title is nobody's antecedent",
		`<p>Soto</p> campaign manager <p>Lee Amin</p> came. He sat.`,
		"person Soto: Soto\nperson Lee Amin: Lee Amin, He (pronoun) — Soto campaign manager\n",
	},
	{
		"her rival is not her",
		`<p>Anna Obi</p> spoke. <p>Pat Renn</p>, her rival, wept. He left.`,
		"person Anna Obi: Anna Obi, her (pronoun)\nperson Pat Renn: Pat Renn, He (pronoun) — rival\n",
	},
	{
		"him is not the subject",
		`<p>Paul Amin</p> told him to go.`,
		"person Paul Amin: Paul Amin\n",
	},
	{
		"a pronoun inside a quotation is of somebody outside, not of its speaker",
		`<p>Paul Amin</p> spoke at length. <c1>“He must go,”</c1> <s1>Eva Lund</s1> <q1>said</q1>.`,
		"person Paul Amin: Paul Amin, He (pronoun)\nperson Eva Lund: Eva Lund\n",
	},
	{
		"nobody calls himself he in his own words",
		`<p>Paul Amin</p> arrived. <c1>“He must go,”</c1> <s1>Paul Amin</s1> <q1>said</q1>. <c2>“She is right,”</c2> <s2>Eva Lund</s2> <q2>said</q2>.`,
		"person Paul Amin: Paul Amin, Paul Amin\nperson Eva Lund: Eva Lund\n",
	},
	{
		"her own, himself and his before the name",
		`<p>Eva Lund</p> sold her house. Since he left <l>Oslo</l>, <p>John Tull</p> has blamed himself.`,
		"person Eva Lund: Eva Lund, her (pronoun)\nperson John Tull: he (pronoun), John Tull, himself (pronoun)\nplace Oslo: Oslo\n",
	},
	{
		"between two of one gender it is the one who acts, sentence after sentence",
		`<p>Eva Lund</p> met <p>Maria Ek</p>. She said little. Then she left. Her car was gone.`,
		"person Eva Lund: Eva Lund, She (pronoun), she (pronoun), Her (pronoun)\nperson Maria Ek: Maria Ek\n",
	},
	{
		"I is whose words they are",
		`I met <p>Eva Lund</p>. <c1>“I saw it, and my dog did too,”</c1> <s1>Eva Lund</s1> <q1>said</q1>. <c2>“I did not,”</c2> <q2>said</q2> <s2>her neighbour</s2>. <c3>“I ran,”</c3> <s3><p>Paul Amin</p> and <p>Ed Moor</p></s3> <q3>said</q3>.`,
		"person Eva Lund: Eva Lund, I (pronoun), my (pronoun), Eva Lund, her (pronoun)\nperson Paul Amin: Paul Amin\nperson Ed Moor: Ed Moor\n",
	},
	{
		"roles by a verb",
		`<p>Eva Lund</p> is the mayor of <l>Oslo</l>. The mayor left. <p>Paul Amin</p>, who was a judge, stayed.`,
		"person Eva Lund: Eva Lund, The mayor (title) — mayor of Oslo\nplace Oslo: Oslo\nperson Paul Amin: Paul Amin — judge\n",
	},
	{
		"a source that the reader's names lack",
		`<c1>It is over</c1>, <q1>said</q1> <s1>Robert Vance</s1>.`,
		"person Robert Vance: Robert Vance\n",
	},
	{
		"a name amid an office, and two names that a hyphen joins",
		`<p>Ana Paz</p>, <l>Peru</l>’s deputy <o>UN</o> representative, came. The <o>Paz-Moor</o> talks failed. <p>Ed Moor</p> left. The deputy <o>UN</o> representative stayed.`,
		`person Ana Paz: Ana Paz, Paz, The deputy UN representative (title) — deputy UN representative of Peru
place Peru: Peru
organization UN: UN, UN
person Ed Moor: Moor, Ed Moor
`,
	},
	{
		"titles inside a name",
		`<p>President Moor</p> and <p>Dean Ford</p> met <p>Mr. Lu</p>.`,
		"person Moor: Moor — President\nperson Dean Ford: Dean Ford\nperson Lu: Lu\n",
	},
}

func BenchmarkResolve(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"10000 names", roster(10_000)},
		{"one name 10000 times", strings.Repeat("President <p>Dana Reyes</p> met <p>Reyes</p>; the president, she said, left. ", 10_000)},
		{"10000 people of one surname", strings.Repeat("<p>Reyes</p> ", 1000) + cousins(10_000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			r := resolver(b)
			s, found, err := readingtest.Parse(c.text)
			if err != nil {
				b.Fatal(err)
			}
			doc := text.Cut(s)
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				r.Resolve(doc, found)
			}
		})
	}
}

func roster(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p>Ada%c%c%c %c%c%cson</p> came. ", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26, 'A'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	return b.String()
}

func cousins(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "<p>Ada%c%c%c Reyes</p> met <p>Reyes</p>. ", 'a'+i%26, 'a'+i/26%26, 'a'+i/676%26)
	}
	return b.String()
}

// A club is not the city that it is called after, where the reader is sure of both.
func TestClubAndCity(t *testing.T) {
	r := resolver(t)
	for confidence, want := range map[float64]string{
		.95: "place Vellgard: Vellgard, Vellgard\norganization Vellgard: Vellgard\n",
		.5:  "place Vellgard: Vellgard, Vellgard, Vellgard\n",
	} {
		s, found, err := readingtest.Parse(`It rained in <l>Vellgard</l>, where <o>Vellgard</o> lost again. All <l>Vellgard</l> wept.`)
		if err != nil {
			t.Fatal(err)
		}
		found.Names[1].Confidence = confidence
		doc := text.Cut(s)
		if diff := cmp.Diff(want, describe(doc, r.Resolve(doc, found))); diff != "" {
			t.Errorf("at %.2f (-want +got):\n%s", confidence, diff)
		}
	}
}

// Names of people stand behind no article: where an unsure reader says so, it is the institution.
func TestArticled(t *testing.T) {
	r := resolver(t)
	for _, c := range []struct {
		text       string
		confidence float64
		want       schema.Kind
	}{
		{`The <p>Vellgard</p> denied it. Critics of the <p>Vellgard</p> laughed.`, .5, schema.Organization},
		{`The <p>Vellgard</p> denied it. Critics of the <p>Vellgard</p> laughed.`, .95, schema.Person},
		{`The <p>Vellgard</p> trial began. <p>Vellgard</p> laughed.`, .5, schema.Person},
	} {
		s, found, err := readingtest.Parse(c.text)
		if err != nil {
			t.Fatal(err)
		}
		for i := range found.Names {
			found.Names[i].Confidence = c.confidence
		}
		doc := text.Cut(s)
		got := r.Resolve(doc, found)
		if len(got.Entities) != 1 || got.Entities[0].Kind != c.want {
			t.Errorf("%q at %.2f: %s, want one %s", s, c.confidence, describe(doc, got), c.want)
		}
	}
}
