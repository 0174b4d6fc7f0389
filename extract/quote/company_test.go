package quote

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Who speaks together, for whom, and whose a participle is.
func TestCompany(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			"ages, appositions and titles among those who speak together",
			`<s1><p>Dana Reyes</p>, 52, and <p>Ed Moor</p>, 61,</s1> <q1>denied</q1> <c1>one</c1>. <s2><p>Reyes</p>, the mayor, and her deputy, <p>Ivo Lind</p>,</s2> <q2>said</q2> <c2>two</c2>. <s3>Senators <p>Reyes</p> and <p>Moor</p></s3> <q3>said</q3> <c3>three</c3>. <s4>She and <p>Moor</p></s4> <q4>said</q4> <c4>four</c4>.`,
			`
indirect: Dana Reyes, 52, and Ed Moor, 61, → Dana Reyes and Ed Moor (name) [denied] one
indirect: Reyes, the mayor, and her deputy, Ivo Lind, → Dana Reyes and Ivo Lind (name) [said] two
indirect: Senators Reyes and Moor → Dana Reyes and Ed Moor (name) [said] three
indirect: She and Moor → Dana Reyes and Ed Moor (pronoun) [said] four
`,
		},
		{
			"names that tell who several are, and a name that the reader left out before the \"and\"",
			`<s1>The mayors of <l>Lund</l> and <l>Malmo</l>, <p>Dana Reyes</p> and <p>Ed Moor</p>,</s1> <q1>said</q1> <c1>one</c1>. <p>Reyes</p>, who left early, and <s2><p>Moor</p></s2> <q2>said</q2> <c2>two</c2>. <p>Reyes</p> left, and <s3><p>Moor</p></s3> <q3>said</q3> <c3>three</c3>. Mayor <p>Reyes</p> and <s4><p>Ed Moor</p></s4> <q4>said</q4> <c4>four</c4>.`,
			`
indirect: The mayors of Lund and Malmo, Dana Reyes and Ed Moor, → Dana Reyes and Ed Moor (name) [said] one
indirect: Moor → Ed Moor and Dana Reyes (name) [said] two
indirect: Moor → Ed Moor (name) [said] three
indirect: Ed Moor → Ed Moor and Dana Reyes (name) [said] four
`,
		},
		{
			"sentences in capitals",
			`FIRE CHIEF <s1><p>TOM ARDEN</p></s1> <q1>SAID</q1> <c1>ONE WAS THERE</c1>. <s2>HE</s2> <q2>SAID</q2> <c2>IT WAS THE US</c2>.`,
			`
indirect: TOM ARDEN → TOM ARDEN (name) [SAID] ONE WAS THERE
indirect: HE → TOM ARDEN (pronoun) [SAID] IT WAS THE US
`,
		},
		{
			"either is nobody, and so are adjectives",
			`<p>Dana Reyes</p> met <p>Ed Moor</p>. <s1><p>Reyes</p> or <p>Moor</p></s1> <q1>said</q1> <c1>one</c1>. <s2><l>UK</l> and <l>U.S.</l> officials</s2> <q2>said</q2> <c2>two</c2>. <s3><l>Norway</l> and <l>Sweden</l></s3> <q3>said</q3> <c3>three</c3>. <s4><p>Reyes</p>, who runs the ferry and the bar,</s4> <q4>said</q4> <c4>four</c4>.`,
			`
indirect: Reyes or Moor (unknown) [said] one
indirect: UK and U.S. officials (nominal) [said] two
indirect: Norway and Sweden → Norway and Sweden (name) [said] three
indirect: Reyes, who runs the ferry and the bar, → Dana Reyes (name) [said] four
`,
		},
		{
			"they who spoke together go on",
			`<s1><p>Dana Reyes</p> and <p>Ed Moor</p></s1> <q1>said</q1> <c1>one</c1>. <s2>They</s2> <q2>added</q2> <c2>two</c2>.`,
			`
indirect: Dana Reyes and Ed Moor → Dana Reyes and Ed Moor (name) [said] one
indirect: They → Dana Reyes and Ed Moor (pronoun) [added] two
`,
		},
		{
			"a spokesman without a name speaks for somebody, and goes on",
			`<s1>A spokesman for the <o>Port of Lund</o></s1> <q1>said</q1> <c1>one</c1>. <c2>“Two,”</c2> <s2>the spokesman</s2> <q2>said</q2>. <s3>Two senior <o>Treasury</o> officials</s3> <q3>said</q3> <c3>three</c3>. <s4><p>Ada Quist</p>’s lawyer</s4> <q4>said</q4> <c4>four</c4>. <s5>Leaders of the <o>Guild</o></s5> <q5>said</q5> <c5>five</c5>. <s6>A friend of <p>Quist</p></s6> <q6>said</q6> <c6>six</c6>.`,
			`
indirect: A spokesman for the Port of Lund of Port of Lund (nominal) [said] one
direct: the spokesman of Port of Lund (title) [said] “Two,”
indirect: Two senior Treasury officials of Treasury (nominal) [said] three
indirect: Ada Quist’s lawyer of Ada Quist (nominal) [said] four
indirect: Leaders of the Guild of Guild (nominal) [said] five
indirect: A friend of Quist (nominal) [said] six
`,
		},
		{
			"she who speaks on is the spokeswoman, unless somebody was named since",
			`<p>Dana Reyes</p> left. <s1>A spokeswoman for the <o>Guild</o></s1> <q1>said</q1> <c1>one</c1>. <s2>She</s2> <q2>added</q2> <c2>two</c2>. <s3>She</s3> <q3>hoped</q3> <c3>three</c3>. <p>Dana Reyes</p> came back. <s4>She</s4> <q4>said</q4> <c4>four</c4>. <s5>The <o>Guild</o>’s office</s5> <q5>said</q5> <c5>five</c5>. <s6>She</s6> <q6>said</q6> <c6>six</c6>.`,
			`
indirect: A spokeswoman for the Guild of Guild (nominal) [said] one
indirect: She of Guild (pronoun) [added] two
indirect: She of Guild (pronoun) [hoped] three
indirect: She → Dana Reyes (pronoun) [said] four
indirect: The Guild’s office (nominal) [said] five
indirect: She → Dana Reyes (pronoun) [said] six
`,
		},
		{
			"a title between an apposition and its name, and the spokesman of an office",
			`<s1>Her rival, Senator <p>Ivo Lind</p>,</s1> <q1>said</q1> <c1>one</c1>. <s2>A harbour pilot, Dr. <p>Ana Holt</p>,</s2> <q2>said</q2> <c2>two</c2>. President <p>Dana Reyes</p> left. <s3>A spokesman for the president</s3> <q3>said</q3> <c3>three</c3>.`,
			`
indirect: Her rival, Senator Ivo Lind, → Ivo Lind (name) [said] one
indirect: A harbour pilot, Dr. Ana Holt, → Ana Holt (name) [said] two
indirect: A spokesman for the president of Dana Reyes (nominal) [said] three
`,
		},
		{
			"a spokesman with a name",
			`<s1><o>Treasury</o> spokeswoman <p>Lee Moor</p></s1> <q1>said</q1> <c1>one</c1>. <s2><p>Ivo Lind</p>, a spokesman for the <o>Guild</o>,</s2> <q2>said</q2> <c2>two</c2>. <s3><p>Ana Holt</p>, the head of the <o>Guild</o>,</s3> <q3>said</q3> <c3>three</c3>.`,
			`
indirect: Treasury spokeswoman Lee Moor → Lee Moor of Treasury (name) [said] one
indirect: Ivo Lind, a spokesman for the Guild, → Ivo Lind of Guild (name) [said] two
indirect: Ana Holt, the head of the Guild, → Ana Holt (name) [said] three
`,
		},
		{
			"a participle is the main clause's, whatever clause stands before it",
			`Though <s1><p>Ada Quist</p></s1> agreed, finance minister <p>Ivo Lind</p> warned them, <q1>saying</q1> <c1>one</c1>. While <s2><p>Quist</p></s2> left, he stayed, <q2>insisting</q2> <c2>two</c2>. <s3><p>Quist</p></s3> waited as <p>Lind</p> spoke, <q3>noting</q3> <c3>three</c3>. After <s4><p>Lind</p></s4> met the board, <p>Quist</p> and the mayor, <q4>arguing</q4> <c4>four</c4>.`,
			`
indirect: finance minister Ivo Lind → Ivo Lind (name) [saying] one
indirect: he → Ivo Lind (pronoun) [insisting] two
indirect: Quist → Ada Quist (name) [noting] three
indirect: Lind → Ivo Lind (name) [arguing] four
`,
		},
		{
			"a dateline is no speaker",
			`<s1><l>LUND</l>, <l>Sweden</l> — Harbour pilot <p>Ivo Lind</p></s1> <q1>said</q1> <c1>one</c1>.`,
			"indirect: Harbour pilot Ivo Lind → Ivo Lind (name) [said] one\n",
		},
		{
			"a possessive whose clitic the reader left out",
			`<s1><p>Ada Quist</p></s1><q1>’s belief</q1> that <c1>one</c1> is known. <s2><p>Quist</p></s2>’s lawyer <q2>said</q2> <c2>two</c2>.`,
			`
indirect: Ada Quist → Ada Quist (name) [’s belief] one
indirect: Quist (unknown) [said] two
`,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			doc, who, quotes := attribute(t, c.text)
			if diff := cmp.Diff(strings.TrimLeft(c.want, "\n"), describe(doc, who, quotes)); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", doc.Text, diff)
			}
		})
	}
}
