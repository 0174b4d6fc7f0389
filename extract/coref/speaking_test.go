package coref

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/extract/reading/readingtest"
	"github.com/quotewire/quotewire/extract/text"
)

// What "it" and "they" are that say something.
func TestSpoken(t *testing.T) {
	r := resolver(t)
	for _, c := range []struct{ name, text, want string }{
		{
			"the only body that is a subject",
			"The <o>Harbour Board</o> met. <s1>It</s1> <q1>said</q1> <c1>one</c1>. <s2><l>Norway</l></s2> <q2>demanded</q2> <c2>two</c2>.",
			"organization Harbour Board: Harbour Board, It (pronoun)\nplace Norway: Norway\n",
		},
		{
			"a government that spoke",
			"<s1><l>Norway</l></s1> <q1>said</q1> <c1>one</c1>. <s2>It</s2> <q2>added</q2> <c2>two</c2>. A ship left <l>Sweden</l>. <s3>It</s3> <q3>said</q3> <c3>three</c3>.",
			"place Norway: Norway, It (pronoun)\nplace Sweden: Sweden\n",
		},
		{
			"two bodies, one that is no subject, a thing",
			"The <o>Harbour Board</o> met while the <o>Guild</o> sued. <s1>It</s1> <q1>said</q1> <c1>one</c1>. A letter to the <o>Guild</o> came. <s2>It</s2> <q2>said</q2> <c2>two</c2>. The <o>Guild</o> printed it. <s3>It</s3> <q3>shows</q3> <c3>three</c3>.",
			"organization Harbour Board: Harbour Board\norganization Guild: Guild, Guild, Guild\n",
		},
		{
			"they are the body that spoke last, with nobody named since",
			"<s1>The <o>Guild</o></s1> <q1>said</q1> <c1>one</c1>. <s2>They</s2> <q2>added</q2> <c2>two</c2>. <s3>The <o>Harbour Board</o></s3> <q3>thanked</q3> <c3>three</c3>, and <p>Dana Reyes</p> waved. <s4>They</s4> <q4>said</q4> <c4>four</c4>.",
			"organization Guild: Guild, They (pronoun)\norganization Harbour Board: Harbour Board\nperson Dana Reyes: Dana Reyes\n",
		},
		{
			"a noun for the body whose name holds it, or for the only one",
			"The <o>Harbour Commission</o> met. <p>Ada Quist</p> sued the commission. <o>Veltrix</o> closed a plant. <s1>The <l>Lund</l>-based company</s1> <q1>said</q1> <c1>one</c1>, and the company president left. The company stayed. Then the bank of the river fell.",
			"organization Harbour Commission: Harbour Commission, the commission (nominal)\nperson Ada Quist: Ada Quist\norganization Veltrix: Veltrix, The Lund-based company (nominal)\nplace Lund: Lund\n",
		},
		{
			"it behind a noun for the body",
			"The <o>Dockers' Union</o> met <p>Ada Quist</p>. <s1>The union</s1> <q1>said</q1> <c1>one</c1>. <s2>It</s2> <q2>warned</q2> <c2>two</c2>.",
			"organization Dockers' Union: Dockers' Union, The union (nominal), It (pronoun)\nperson Ada Quist: Ada Quist\n",
		},
		{
			"a noun that two bodies bear, or none",
			"The <o>Harbour Commission</o> sued the <o>Fishing Commission</o>. <s1>The commission</s1> <q1>said</q1> <c1>one</c1>. <s2>The firm</s2> <q2>said</q2> <c2>two</c2>.",
			"organization Harbour Commission: Harbour Commission\norganization Fishing Commission: Fishing Commission\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, found, err := readingtest.Parse(c.text)
			if err != nil {
				t.Fatal(err)
			}
			doc := text.Cut(s)
			if diff := cmp.Diff(c.want, describe(doc, r.Resolve(doc, found))); diff != "" {
				t.Errorf("%s\n(-want +got)\n%s", s, diff)
			}
		})
	}
}
