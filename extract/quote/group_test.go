package quote

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Several who were named in one breath, and one of them.
func TestGroups(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			"a couple, by its names and by what it is",
			`<p>Ravi</p> and <p>Meena Sundaram</p> cook. <s1>The couple</s1> <q1>said</q1> <c1>one</c1>. <s2><p>Lee Moor</p></s2> <q2>said</q2> <c2>two</c2>. <s3>Both</s3> <q3>said</q3> <c3>three</c3>. <s4>The Sundarams</s4> <q4>said</q4> <c4>four</c4>. <s5>They</s5> <q5>said</q5> <c5>five</c5>.`,
			`
indirect: The couple → Ravi Sundaram and Meena Sundaram (nominal) [said] one
indirect: Lee Moor → Lee Moor (name) [said] two
indirect: Both → Ravi Sundaram and Meena Sundaram (nominal) [said] three
indirect: The Sundarams → Ravi Sundaram and Meena Sundaram (nominal) [said] four
indirect: They → Ravi Sundaram and Meena Sundaram (pronoun) [said] five
`,
		},
		{
			"two who are no couple, and men who are not women",
			`<p>Dana Reyes</p> and <p>Edward Moor</p> met. <s1>The couple</s1> <q1>said</q1> <c1>one</c1>. <s2>The brothers</s2> <q2>said</q2> <c2>two</c2>. <s3>The two ministers</s3> <q3>said</q3> <c3>three</c3>. <s4>The three</s4> <q4>said</q4> <c4>four</c4>. <s5>The two women</s5> <q5>said</q5> <c5>five</c5>. <s6>The ministers</s6> <q6>said</q6> <c6>six</c6>. <s7>Both sides</s7> <q7>said</q7> <c7>seven</c7>.`,
			`
indirect: The couple (nominal) [said] one
indirect: The brothers (nominal) [said] two
indirect: The two ministers → Dana Reyes and Edward Moor (nominal) [said] three
indirect: The three (nominal) [said] four
indirect: The two women (nominal) [said] five
indirect: The ministers (nominal) [said] six
indirect: Both sides (nominal) [said] seven
`,
		},
		{
			"both within a sentence are those of the sentence",
			`<p>Dana Reyes</p> and <p>Ed Moor</p> met. Figures of the guild <s1>both</s1> <q1>said</q1> <c1>one</c1>. <s2>Both</s2> <q2>said</q2> <c2>two</c2>. <c3>“Three,”</c3> <s3>both</s3> <q3>said</q3>. <p>Ivo Lind</p> and <p>Ana Holt</p> <s4>both</s4> <q4>said</q4> <c4>four</c4>.`,
			`
indirect: both (unknown) [said] one
indirect: Both → Dana Reyes and Ed Moor (nominal) [said] two
direct: both → Dana Reyes and Ed Moor (nominal) [said] “Three,”
indirect: both → Ivo Lind and Ana Holt (nominal) [said] four
`,
		},
		{
			"her husband beside her, a list, and the last of two",
			`<p>Ruth Okonjo</p> and her husband, <p>Daniel Farrow</p>, run it. <s1>The couple</s1> <q1>said</q1> <c1>one</c1>. Minister <p>Dana Reyes</p>, <p>Ed Moor</p> and <p>Ivo Lind</p> came. <s2>The three</s2> <q2>said</q2> <c2>two</c2>. <s3>The latter</s3> <q3>said</q3> <c3>three</c3>. The <o>Harbour Board</o> and the <o>Seamen’s Guild</o> met. <s4>The former</s4> <q4>said</q4> <c4>four</c4>.`,
			`
indirect: The couple → Ruth Okonjo and Daniel Farrow (nominal) [said] one
indirect: The three → Dana Reyes and Ed Moor and Ivo Lind (nominal) [said] two
indirect: The latter (nominal) [said] three
indirect: The former → Harbour Board (nominal) [said] four
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
