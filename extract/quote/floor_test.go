package quote

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Whose "I" it is in conversations whose turns have no labels.
func TestConversation(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{
			"an interview: the one whom its headline names",
			"An interview with <p>Dana Reyes</p>\n\nShe met <p>Ed Moor</p> and <p>Ivo Lind</p> in 2004.\n\n**What did you see?**\n\n<s1>I</s1> <q1>thought</q1> <c1>it was over</c1>.\n\nDid <s2>you</s2> <q2>say</q2> <c2>so</c2>?\n\nNo. My boss would not have heard it.\n\nWhy did <s3>I</s3> <q3>hear</q3> <c3>otherwise</c3>?\n\nI do not know. “<s4>I</s4> <q4>said</q4> <c4>no</c4>,” he told them.",
			`
indirect: I → Dana Reyes (pronoun) [thought] it was over
indirect: you → Dana Reyes (pronoun) [say] so
indirect: I (pronoun) [hear] otherwise
direct: I (pronoun) [said] no
`,
		},
		{
			"an interview with two, or with whoever stands in a caption, is nobody's",
			"<p>Dana Reyes</p> and <p>Ed Moor</p> speak to us\n\nWhat did you see?\n\nI saw it.\n\nAnd then?\n\n<s1>I</s1> <q1>thought</q1> <c1>it was over</c1>.\n\nWhat now?\n\nI wait.",
			"indirect: I (pronoun) [thought] it was over\n",
		},
		{
			"a story with questions in it is no interview",
			"<p>Dana Reyes</p> left the house.\n\nWhere was she to go?\n\n<s1>I</s1> <q1>thought</q1> <c1>she was gone</c1>.",
			"indirect: I (pronoun) [thought] she was gone\n",
		},
		{
			"a hearing: who is called has the floor, the turns between are others'",
			"The case is <o>Port of Lund</o> against <p>Ivo Lind</p>. Ms. <p>Dana Reyes</p>?\n\nThank you. <s1>I</s1> <q1>say</q1> <c1>one</c1>.\n\nMs. <p>Reyes</p>, did <s2>you</s2> <q2>say</q2> <c2>two</c2>?\n\nYes, and <s3>I</s3> <q3>think</q3> <c3>three</c3>.\n\n<s4>I</s4> <q4>doubt</q4> <c4>four</c4>.\n\nWell. Mr. <p>Ed Moor</p>, please proceed.\n\n<s5>I</s5> <q5>deny</q5> <c5>five</c5>.",
			`
indirect: I → Dana Reyes (pronoun) [say] one
indirect: you → Dana Reyes (pronoun) [say] two
indirect: I → Dana Reyes (pronoun) [think] three
indirect: I (pronoun) [doubt] four
indirect: I → Ed Moor (pronoun) [deny] five
`,
		},
		{
			"a hearing: a heading in capitals, and somebody who says who he is",
			"STATEMENT OF HON. <p>DANA REYES</p>\n\n<s1>I</s1> <q1>say</q1> <c1>one</c1>.\n\nGood morning. I’m <p>Ivo Lind</p>, and <s2>I</s2> <q2>think</q2> <c2>two</c2>.",
			`
indirect: I → DANA REYES (pronoun) [say] one
indirect: I → Ivo Lind (pronoun) [think] two
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
