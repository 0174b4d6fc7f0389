package quote

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/reading"
	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

func attribute(t testing.TB, marked string) (*text.Doc, coref.Resolution, []Quote) {
	t.Helper()
	s, found, err := readingtest.Parse(marked)
	if err != nil {
		t.Fatal(err)
	}
	lists, err := lexicon.Load()
	if err != nil {
		t.Fatal(err)
	}
	r, err := coref.New(lists)
	if err != nil {
		t.Fatal(err)
	}
	doc := text.Cut(s)
	who := r.Resolve(doc, found)
	return doc, who, Attribute(doc, found, who)
}

// describe writes quotes as people read them: "kind: phrase → entity (method) [cue] content | content".
func describe(doc *text.Doc, who coref.Resolution, quotes []Quote) string {
	var b strings.Builder
	for _, q := range quotes {
		fmt.Fprintf(&b, "%s: ", q.Kind)
		if s := q.Speaker; s == nil {
			b.WriteString("nobody")
		} else {
			b.WriteString(doc.Slice(s.Phrase))
			if s.Entity >= 0 {
				fmt.Fprintf(&b, " → %s", who.Entities[s.Entity].Name)
			}
			for _, e := range s.Joint {
				fmt.Fprintf(&b, " and %s", who.Entities[e].Name)
			}
			if s.Of >= 0 {
				fmt.Fprintf(&b, " of %s", who.Entities[s.Of].Name)
			}
			fmt.Fprintf(&b, " (%s)", s.Method)
		}
		fmt.Fprintf(&b, " [%s]", doc.Slice(q.Cue))
		for k, s := range q.Spans {
			if k > 0 {
				b.WriteString(" |")
			}
			b.WriteString(" " + doc.Slice(s))
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func TestAttribute(t *testing.T) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			doc, who, quotes := attribute(t, c.text)
			if diff := cmp.Diff(strings.TrimLeft(c.want, "\n"), describe(doc, who, quotes)); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", doc.Text, diff)
			}
		})
	}
}

var cases = []struct{ name, text, want string }{
	{
		"direct, mixed, indirect",
		`<c1>“The bridge is shut,”</c1> <q1>said</q1> <s1><p>Dana Reyes</p></s1>. <s2><p>Reyes</p></s2> <q2>called</q2> <c2>the flood “a warning”</c2>. <s3>She</s3> <q3>added</q3> that <c3>no one was hurt</c3>.`,
		`
direct: Dana Reyes → Dana Reyes (name) [said] “The bridge is shut,”
mixed: Reyes → Dana Reyes (name) [called] the flood “a warning”
indirect: She → Dana Reyes (pronoun) [added] no one was hurt
`,
	},
	{
		"an interview: the answers are the guest's, the questions nobody's",
		"<p>Dana Reyes</p> met <p>Ed Moor</p> once. <p>Reyes</p> told us more.\n\n<s1>Q</s1><q1>:</q1> <c1>Is it shut? Why?\n\nA: Yes, it is.</c1> He will see.\n\nQ: And now?\n\nA: <s2>I</s2> <q2>think</q2> <c2>we wait</c2>.",
		`
indirect: A → Dana Reyes (nominal) [:] Yes, it is. He will see.
indirect: A → Dana Reyes (nominal) [:] I think we wait.
indirect: I → Dana Reyes (pronoun) [think] we wait
`,
	},
	{
		"headlines: who said it stands before a colon or behind it",
		"Mayor <p>Dana Reyes</p> closed the bridge.\n\n<p>Reyes</p>: ‘It will hold’\n\n‘We were never asked’: residents of the island\n\n“Nobody is to blame”: <p>Reyes</p>",
		`
direct: Reyes → Dana Reyes (name) [:] ‘It will hold’
direct: residents of the island (nominal) [:] ‘We were never asked’
direct: Reyes → Dana Reyes (name) [:] “Nobody is to blame”
`,
	},
	{
		"headlines that only look so: titles, questions, a sentence that goes on",
		"Mayor <p>Dana Reyes</p> closed the bridge.\n\nReview: ‘The Bridge’\n\n‘The Long Bridge’: a film\n\n‘We were never asked’: how islanders live\n\n<p>Reyes</p> on the film: ‘The Bridge’ lasts for ever",
		"",
	},
	{
		"a transcript: labels are names, in capitals or not",
		"Mayor <p>Dana Reyes</p> questioned <p>Ed Moor</p>.\n\nMR. MOOR: It broke.\n\nMAYOR REYES: When?\n\n<p>Ed Moor</p>: On Monday.\n\nTHE CLERK: Order.\n\nNOTE: Nobody was hurt.",
		`
indirect: MR. MOOR → Ed Moor (name) [:] It broke.
indirect: MAYOR REYES → Dana Reyes (name) [:] When?
indirect: Ed Moor → Ed Moor (name) [:] On Monday.
`,
	},
	{
		"a transcript that is quoted, a mark before each paragraph and none behind it",
		"It began:\n\n“MOOR: It broke.\n\n“REYES: When?\n\n“MOOR: On Monday.\n\n“<p>Ed Moor</p>: it broke.” So it was written. <p>Dana Reyes</p> left.",
		`
direct: MOOR → Ed Moor (name) [:] It broke.
direct: REYES → Dana Reyes (name) [:] When?
direct: MOOR → Ed Moor (name) [:] On Monday.
`,
	},
	{
		"a transcript whose labels have lines of their own, bold or not",
		"Mayor <p>Dana Reyes</p> met <p>Ed Moor</p>.\n\n**<p>Dana Reyes</p>**\n\nI saw it break.\n\n<p>Ed Moor</p>:\n\nWe did not.\n\n**<p>Dana Reyes</p>**\n\nYou were not there.",
		`
indirect: Dana Reyes → Dana Reyes (name) [] I saw it break.
indirect: Ed Moor → Ed Moor (name) [:] We did not.
indirect: Dana Reyes → Dana Reyes (name) [] You were not there.
`,
	},
	{
		"short biographies under names are no transcript, and a list of names is none",
		"<p>Dana Reyes</p>\n\nShe is the mayor.\n\n<p>Ed Moor</p>\n\nHe is her deputy.\n\n<p>Ivo Lind</p>\n\nHe is ill.\n\n<p>Ada Quist</p>\n\n<p>Lee Holt</p>\n\n<p>Ina Beck</p>",
		"",
	},
	{
		"labels that nobody is known by, but that come again, and a double surname",
		"<p>Vera Lind-Holt</p> asked.\n\nMODERATOR: Welcome.\n\nSPEAKER 2: Thank you.\n\nMS. LIND-HOLT: When?\n\nSPEAKER 2: Now.\n\nMODERATOR: Good.\n\nEDITOR: No.",
		`
indirect: MODERATOR (unknown) [:] Welcome.
indirect: SPEAKER 2 (unknown) [:] Thank you.
indirect: MS. LIND-HOLT → Vera Lind-Holt (name) [:] When?
indirect: SPEAKER 2 (unknown) [:] Now.
indirect: MODERATOR (unknown) [:] Good.
`,
	},
	{
		"a colon alone makes no transcript",
		"<p>Dana Reyes</p> left.\n\nWHERE: The bridge.\n\nREYES: the facts\n\nA: one thing",
		"",
	},
	{
		"an interrupted quote is one, also from a reader that gives its halves",
		`<c1>“The bridge,”</c1> <s1><p>Dana Reyes</p></s1> <q1>said</q1>, <c1>“is shut.”</c1>`,
		"direct: Dana Reyes → Dana Reyes (name) [said] “The bridge,” | “is shut.”\n",
	},
	{
		"a quote over three paragraphs of which the reader saw the first",
		"<c1>“One thing is sure,”</c1> <q1>said</q1> <s1><p>Dana Reyes</p></s1>. <c2>“We wait.</c2>\n\n“We wait for the water to fall.\n\n“Then we build.”\n\nThe end.",
		"direct: Dana Reyes → Dana Reyes (name) [said] “One thing is sure,”\ndirect: Dana Reyes → Dana Reyes (continued) [] “We wait. | “We wait for the water to fall. | “Then we build.”\n",
	},
	{
		"content that crosses a paragraph is cut there",
		"<s1><p>Dana Reyes</p></s1> <q1>said</q1>: <c1>“We wait.\n\n“Then we build.”</c1>",
		"direct: Dana Reyes → Dana Reyes (name) [said] “We wait. | “Then we build.”\n",
	},
	{
		"a quotation alone after an attributed one goes on; one far away does not; nor does a title",
		"<c1>“It is shut,”</c1> <q1>said</q1> <s1><p>Dana Reyes</p></s1>.\n\n“Nobody may cross it today.”\n\nThe town is old.\n\nIt has a fair.\n\n“Nobody was ever seen there.”",
		"direct: Dana Reyes → Dana Reyes (name) [said] “It is shut,”\ndirect: Dana Reyes → Dana Reyes (continued) [] “Nobody may cross it today.”\n",
	},
	{
		"what no mark closes is no quote of its own",
		"<c1>“It is shut,”</c1> <q1>said</q1> <s1><p>Dana Reyes</p></s1>.\n\n“It was wrong to shut it, wrote a reader.",
		"direct: Dana Reyes → Dana Reyes (name) [said] “It is shut,”\n",
	},
	{
		"a quote in a quote",
		`<s1><p>Dana Reyes</p></s1> <q1>said</q1>: <c1>“<s2><p>Lee Moor</p></s2> <q2>told</q2> me <c2>the bridge was safe</c2>.”</c1>`,
		"direct: Dana Reyes → Dana Reyes (name) [said] “Lee Moor told me the bridge was safe.”\ndirect: Lee Moor → Lee Moor (name) [told] the bridge was safe\n",
	},
	{
		"I, inside a quote, is its speaker; elsewhere it is nobody's",
		`<c1>“<s2>I</s2> <q2>told</q2> them <c2>to go</c2>,”</c1> <q1>said</q1> <s1><p>Dana Reyes</p></s1>. <s3>I</s3> <q3>think</q3> <t3>she is right</t3>.`,
		"direct: Dana Reyes → Dana Reyes (name) [said] “I told them to go,”\ndirect: I → Dana Reyes (pronoun) [told] to go\nindirect: I (pronoun) [think] she is right\n",
	},
	{
		"the same content twice",
		`<c1><c2>It is shut</c2></c1>, <q1>said</q1> <s1><p>Dana Reyes</p></s1>.`,
		"indirect: Dana Reyes → Dana Reyes (name) [said] It is shut\n",
	},
	{
		"whose head is somebody else",
		`<p>Dana Reyes</p> is ill. <s1><p>Reyes</p>’s lawyer</s1> <q1>said</q1> <c1>one</c1>. <s2>A spokesman for <p>Reyes</p></s2> <q2>said</q2> <c2>two</c2>. <s3>The <p>Reyes</p> campaign</s3> <q3>said</q3> <c3>three</c3>. <s4>People close to <p>Reyes</p></s4> <q4>said</q4> <c4>four</c4>. <s5>A senior <o>Harbour Board</o> official</s5> <q5>said</q5> <c5>five</c5>. <s6>Officials in <l>Lund</l></s6> <q6>said</q6> <c6>six</c6>.`,
		`
indirect: Reyes’s lawyer of Dana Reyes (nominal) [said] one
indirect: A spokesman for Reyes of Dana Reyes (nominal) [said] two
indirect: The Reyes campaign (nominal) [said] three
indirect: People close to Reyes (nominal) [said] four
indirect: A senior Harbour Board official of Harbour Board (nominal) [said] five
indirect: Officials in Lund of Lund (nominal) [said] six
`,
	},
	{
		"titles and appositions around a name",
		`<s1><n>Danish</n> Foreign Minister <p>Lars Berg</p></s1> <q1>said</q1> <c1>one</c1>. <s2><p>Ana Paz</p>, a doctor in <l>Lima</l>,</s2> <q2>said</q2> <c2>two</c2>. <s3>His deputy, <p>Ed Moor</p>,</s3> <q3>said</q3> <c3>three</c3>. <s4>The foreign minister</s4> <q4>said</q4> <c4>four</c4>. <s5>Fire chief <p>Dana Reyes</p> of <l>Lund</l></s5> <q5>said</q5> <c5>five</c5>. <s6>Veteran pollster <p>Kim Vale</p></s6> <q6>said</q6> <c6>six</c6>.`,
		`
indirect: Danish Foreign Minister Lars Berg → Lars Berg (name) [said] one
indirect: Ana Paz, a doctor in Lima, → Ana Paz (name) [said] two
indirect: His deputy, Ed Moor, → Ed Moor (name) [said] three
indirect: The foreign minister → Lars Berg (title) [said] four
indirect: Fire chief Dana Reyes of Lund → Dana Reyes (name) [said] five
indirect: Veteran pollster Kim Vale → Kim Vale (name) [said] six
`,
	},
	{
		"a description before or behind a name",
		`<s1>A lawyer for the firm, <p>Lee Moor</p>,</s1> <q1>said</q1> <c1>one</c1>. <s2>A spokesman for the mayor, <p>Ida Lund</p>,</s2> <q2>said</q2> <c2>two</c2>. <s3><p>Ana Paz</p>, a driver with a bad back and a good voice</s3>, <q3>said</q3> <c3>three</c3>. <p>Kim Vale</p>, a hydrologist in <l>Chad</l> <s4>who</s4> <q4>said</q4> <c4>four</c4>, left.`,
		`
indirect: A lawyer for the firm, Lee Moor, → Lee Moor (name) [said] one
indirect: A spokesman for the mayor, Ida Lund, of Ida Lund (nominal) [said] two
indirect: Ana Paz, a driver with a bad back and a good voice → Ana Paz (name) [said] three
indirect: who → Kim Vale (name) [said] four
`,
	},
	{
		"a possessor, and two groups",
		`<p>Dana Reyes</p> left. <s1><p>Reyes</p>’s</s1> <q1>belief</q1> <c1>that it held</c1>; <s2>her</s2> <q2>view</q2> <c2>that it broke</c2>. <s3>The <o>Harbour Board</o>’s</s3> <q3>claim</q3> <c3>of luck</c3>. <s4>Danish and <l>U.S.</l> officials</s4> <q4>said</q4> <c4>four</c4>.`,
		`
indirect: Reyes’s → Dana Reyes (name) [belief] that it held
indirect: her → Dana Reyes (pronoun) [view] that it broke
indirect: The Harbour Board’s → Harbour Board (name) [claim] of luck
indirect: Danish and U.S. officials (nominal) [said] four
`,
	},
	{
		"a name that the reader saw elsewhere only",
		`<p>Dana Reyes</p> left. <s1>Reyes</s1> <q1>said</q1> <c1>one</c1>.`,
		"indirect: Reyes → Dana Reyes (name) [said] one\n",
	},
	{
		"organisations, places, and a ministry as head",
		`<s1>The <o>Harbour Board</o></s1> <q1>said</q1> <c1>one</c1>. <s2><l>Oslo</l></s2> <q2>denied</q2> <c2>two</c2>.`,
		"indirect: The Harbour Board → Harbour Board (name) [said] one\nindirect: Oslo → Oslo (name) [denied] two\n",
	},
	{
		"several who speak together",
		`<s1><p>Dana Reyes</p> and <p>Lee Moor</p></s1> <q1>said</q1> <c1>one</c1>. <s2><p>Dana Reyes</p>, <p>Lee Moor</p> and others</s2> <q2>said</q2> <c2>two</c2>. <s3>He and his wife</s3> <q3>said</q3> <c3>three</c3>.`,
		`
indirect: Dana Reyes and Lee Moor → Dana Reyes and Lee Moor (name) [said] one
indirect: Dana Reyes, Lee Moor and others → Dana Reyes and Lee Moor (name) [said] two
indirect: He and his wife → Lee Moor (pronoun) [said] three
`,
	},
	{
		"who goes back to what stands before it",
		`<p>Dana Reyes</p>, <s1>who</s1> <q1>said</q1> <c1>one</c1>, left. <p>Ed Moor</p>, the mayor of <l>Lund</l>, <s2>who</s2> <q2>said</q2> <c2>two</c2>, came. A man <s3>who</s3> <q3>said</q3> <c3>three</c3> sat.`,
		"indirect: who → Dana Reyes (name) [said] one\nindirect: who → Ed Moor (name) [said] two\nindirect: who (unknown) [said] three\n",
	},
	{
		"no source",
		`It was <q1>said</q1> that <c1>the bridge was old</c1>.`,
		"indirect: nobody [said] the bridge was old\n",
	},
}

func BenchmarkAttribute(b *testing.B) {
	for _, c := range []struct{ name, text string }{
		{"10000 quotes", strings.Repeat("“The bridge is shut,” said <p>Dana Reyes</p>. “Nobody may cross it today.”\n", 10_000)},
		{"10000 unclosed", strings.Repeat("“The bridge is shut, said <p>Dana Reyes</p>.\n", 10_000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			s, found, err := readingtest.Parse(c.text)
			if err != nil {
				b.Fatal(err)
			}
			lists, err := lexicon.Load()
			if err != nil {
				b.Fatal(err)
			}
			r, err := coref.New(lists)
			if err != nil {
				b.Fatal(err)
			}
			doc := text.Cut(s)
			for i, n := range found.Names { // each name speaks of its line
				from := 0
				if i > 0 {
					from = found.Names[i-1].End
				}
				found.Attributions = append(found.Attributions, reading.Attribution{
					Content: []text.Span{{Start: from, End: n.Start}}, Source: n.Span, Act: schema.Speech, Confidence: 0.9, Evidence: "test",
				})
			}
			who := r.Resolve(doc, found)
			b.SetBytes(int64(len(s)))
			for b.Loop() {
				Attribute(doc, found, who)
			}
		})
	}
}
