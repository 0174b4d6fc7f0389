package people_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
)

func resolver(t testing.TB) (*coref.Resolver, *lexicon.Shared) {
	t.Helper()
	lists, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := coref.New(lists)
	if err != nil {
		t.Fatal(err)
	}
	return r, lists
}

func parse(t testing.TB, list string) *people.List {
	t.Helper()
	l, err := people.Parse(strings.NewReader(list))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// described writes a result a line an entity: name, id, rule, confidence; "nobody"; or the ids that it may be.
func described(who coref.Resolution, r people.Result) string {
	var b strings.Builder
	maybe := map[int]people.Ambiguity{}
	for _, a := range r.Ambiguous {
		maybe[a.Entity] = a
	}
	for i, e := range who.Entities {
		fmt.Fprintf(&b, "%s: ", e.Name)
		switch a, ambiguous := maybe[i]; {
		case r.Links[i] != nil:
			fmt.Fprintf(&b, "%s %s %.2f", r.Links[i].ID, r.Links[i].Rule, float64(r.Links[i].Confidence))
		case ambiguous && a.More > 0:
			fmt.Fprintf(&b, "%s +%d?", strings.Join(a.IDs, " "), a.More)
		case ambiguous:
			fmt.Fprintf(&b, "%s?", strings.Join(a.IDs, " "))
		default:
			b.WriteString("nobody")
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestLink(t *testing.T) {
	r, lists := resolver(t)
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := parse(t, "id,name,aliases,roles,kind\n"+strings.TrimSpace(c.list)+"\n")
			s, found, err := readingtest.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			doc := text.Cut(s)
			who := r.Resolve(doc, found)
			if diff := cmp.Diff(strings.TrimLeft(c.want, "\n"), described(who, l.Link(lists, doc, who))); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", s, diff)
			}
		})
	}
}

var cases = []struct{ name, list, text, want string }{
	{
		"the full name, whatever else the article calls them",
		"p1,Ngozi Okafor,,,\np2,Ada Brightman,,,",
		"<p>Ngozi Okafor</p> won. <p>Okafor</p> will take 40 seats. <p>Ben Tull</p> lost.",
		"Ngozi Okafor: p1 exact_name 0.90\nBen Tull: nobody\n",
	},
	{
		"a surname alone is nobody",
		"p1,Ngozi Okafor,,,",
		"<p>Okafor</p> won.",
		"Okafor: nobody\n",
	},
	{
		"unless the list has it as an alias",
		"p1,Ngozi Okafor,Okafor,,",
		"<p>Okafor</p> won.",
		"Okafor: p1 alias 0.86\n",
	},
	{
		"an alias that is a surname is not whom the article calls by another full name",
		"p1,Ngozi Okafor,Okafor,,",
		"<p>Peter Okafor</p> won. <p>Okafor</p> wept.",
		"Peter Okafor: nobody\n",
	},
	{
		"nor is a given name",
		"p1,Ngozi Okafor,,,",
		"<p>Ngozi</p> won.",
		"Ngozi: nobody\n",
	},
	{
		"aliases, parted by either sign",
		"p1,Edvard Lund,The Hammer; Ed Lund|Eddy Lund,,",
		"<p>Eddy Lund</p> came.",
		"Eddy Lund: p1 alias 0.90\n",
	},
	{
		"case, accents, hyphens",
		"p1,José-María Núñez,,,\np2,Kim Song-ho,,,",
		"<p>JOSE MARIA NUNEZ</p> met <p>Kim Songho</p>.",
		"JOSE MARIA NUNEZ: p1 folded_name 0.90\nKim Songho: p2 folded_name 0.90\n",
	},
	{
		"transliterations",
		"p1,Sergey Voronskiy,,,\np2,Jürgen Möller,,,\np3,Aleksei Rudin,,,",
		"<p>Sergei Voronsky</p> met <p>Juergen Moeller</p> and <p>Alexey Rudin</p>.",
		"Sergei Voronsky: p1 transliteration 0.69\nJuergen Moeller: p2 transliteration 0.69\nAlexey Rudin: p3 transliteration 0.82\n",
	},
	{
		"short forms, middle names, initials",
		"p1,James Quincy Hale,,,\np2,Carl Peter Emil Brand,,,\np3,J. R. Castle,,,\np4,William Frost,,,",
		"<p>James Hale</p> met <p>C. P. Brand</p>, <p>John Robert Castle</p> and <p>Bill Frost</p>.",
		"James Hale: p1 middle_name 0.80\nC. P. Brand: p2 initials 0.83\nJohn Robert Castle: p3 initials 0.83\nBill Frost: p4 short_name 0.82\n",
	},
	{
		"a middle name that differs is another person",
		"p1,Carl Albert Brand,,,",
		"<p>Carl M. Brand</p> came.",
		"Carl M. Brand: nobody\n",
	},
	{
		"a given name that differs is another person",
		"p1,Michelle Adeyemi,,,",
		"<p>Henry Adeyemi</p> came.",
		"Henry Adeyemi: nobody\n",
	},
	{
		"father and son",
		"p1,Dale Renner,,,\np2,Dale Renner Jr.,,,\np3,Otto Quill III,,,\np4,Sam Ode,,,",
		"<p>Dale Renner Jr.</p> sailed. <p>Otto Quill</p> swam. <p>Sam Ode Jr.</p> sat.",
		"Dale Renner Jr.: p2 exact_name 0.90\nOtto Quill: p3 suffix 0.68\nSam Ode Jr.: nobody\n",
	},
	{
		"the father, of whom the son is no rival",
		"p1,Dale Renner,,,\np2,Dale Renner Jr.,,,",
		"<p>Dale Renner</p> sailed.",
		"Dale Renner: p1 exact_name 0.74\n",
	},
	{
		"namesakes are ambiguous",
		"p1,Maria Ek,,,\np2,Maria Ek,,,",
		"<p>Maria Ek</p> came.",
		"Maria Ek: p1 p2?\n",
	},
	{
		"unless the article's role is one's",
		"p1,Maria Ek,,fire chief of Oslo,\np2,Maria Ek,,novelist,",
		"<p>Maria Ek</p>, the city’s fire chief, came.",
		"Maria Ek: p1 exact_name+role 0.98\n",
	},
	{
		"a role that both have tells nothing",
		"p1,Maria Ek,,minister of health of Norway,\np2,Maria Ek,,minister of finance of Norway,",
		"Minister <p>Maria Ek</p> came.",
		"Maria Ek: p1 p2?\n",
	},
	{
		"countries tell offices apart, by adjective or name",
		"p1,Lars Berg,,Foreign Minister of Denmark,\np2,Lars Berg,,Foreign Minister of Sweden,",
		"<n>Danish</n> Foreign Minister <p>Lars Berg</p> came.",
		"Lars Berg: p1 exact_name+role 0.98\n",
	},
	{
		"a deputy is not the one whose deputy they are",
		"p1,Lars Berg,,finance minister,\np2,Lars Berg,,deputy finance minister,",
		"Deputy finance minister <p>Lars Berg</p> came.",
		"Lars Berg: p2 exact_name+role 0.97\n",
	},
	{
		"the exact name against a longer one; roles may turn that round",
		"p1,Jane Hale,,,\np2,Jane Quincy Hale,,senator,",
		"<p>Jane Hale</p> came.",
		"Jane Hale: p1 exact_name 0.64\n",
	},
	{
		"roles turn that round",
		"p1,Jane Hale,,,\np2,Jane Quincy Hale,,senator,",
		"Sen. <p>Jane Hale</p> came.",
		"Jane Hale: p2 middle_name+role 0.76\n",
	},
	{
		"a surname and an office",
		"p1,Iris Cole,,Mayor of Marlhaven,\np2,Otto Cole,,painter,",
		"Mayor <p>Cole</p> came.",
		"Cole: p1 surname+role 0.66\n",
	},
	{
		"a surname and an office that two hold",
		"p1,Iris Cole,,Mayor of Marlhaven,\np2,Otto Cole,,Mayor of Sand,",
		"Mayor <p>Cole</p> came.",
		"Cole: p1 p2?\n",
	},
	{
		"an office of another country is another person's",
		"p1,Iris Cole,,President of Peru,",
		"<n>Chilean</n> President <p>Cole</p> came.",
		"Cole: nobody\n",
	},
	{
		"as lists write people: family name first, with titles",
		"p1,\"Okafor, Ngozi\",,,\np2,Dr. Dana Reyes,,,\np3,\"Dale Renner, Jr.\",,,",
		"<p>Ngozi Okafor</p> met <p>Dana Reyes</p> and <p>Dale Renner Jr.</p> there.",
		"Ngozi Okafor: p1 exact_name 0.90\nDana Reyes: p2 exact_name 0.90\nDale Renner Jr.: p3 folded_name 0.90\n",
	},
	{
		"one name, and a name that is not Latin",
		"p1,Zorro,,,\np2,王小明,,,",
		"<p>Zorro</p> met <p>王小明</p>.",
		"Zorro: p1 exact_name 0.86\n王小明: p2 exact_name 0.86\n",
	},
	{
		"organisations by name and alias, people only as people",
		"o1,Harbour Safety Board,HSB,,organization\no2,Veltrix,,,organisation\np1,Ghent University,,,",
		"The <o>Harbour Safety Board</o> (<o>HSB</o>) fined <o>Veltrix</o> and <o>Ghent University</o>. The <o>Harbour Board</o> did not.",
		"Harbour Safety Board: o1 exact_name 0.90\nVeltrix: o2 exact_name 0.86\nGhent University: nobody\nHarbour Board: nobody\n",
	},
	{
		"many namesakes",
		numbered(100, "Maria Ek"),
		"<p>Maria Ek</p> came.",
		"Maria Ek: p0 p1 p2 p3 p4 +95?\n",
	},
	{
		"many namesakes, of whom the last has the role",
		numbered(99, "Maria Ek") + "q,Maria Ek,,Foreign Minister of Peru,\n",
		"<n>Peruvian</n> Foreign Minister <p>Maria Ek</p> came.",
		"Maria Ek: q exact_name+role 0.72\n",
	},
}

// numbered is n rows of one name.
func numbered(n int, name string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "p%d,%s,,,\n", i, name)
	}
	return b.String()
}
