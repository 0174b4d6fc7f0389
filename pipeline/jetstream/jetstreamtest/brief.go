package jetstreamtest

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

var (
	firsts  = []string{"Anna", "Tomás", "Ines", "Paul", "Mira", "John", "Sefa", "Clara", "Owen", "Yusuf", "Helen", "Marek", "Priya", "Daniel", "Ruth", "Kofi"}
	lasts   = []string{"Berger", "Rivera", "Okafor", "Lindqvist", "Castellan", "Whitfield", "Demir", "Moreau", "Hartley", "Petrov", "Sandoval", "Nakata", "Oyelaran", "Brandt", "Kessler", "Ferrante"}
	towns   = []string{"Rotterdam", "Lisbon", "Nairobi", "Toronto", "Hamburg", "Leeds", "Osaka", "Valencia", "Gdansk", "Perth", "Bergen", "Accra"}
	offices = []string{"the mayor", "the head of the port authority", "a councillor", "the transport commissioner", "the hospital's director", "a union representative", "the regional minister", "the school board's chair"}
	plans   = []string{"the harbour bridge", "the night trains", "the water plant", "the new school", "the fish market", "the tram depot", "the flood wall", "the airport bus", "the old theatre", "the hospital wing"}

	// Arguments: 1 name, 2 office, 3 town, 4 plan, 5 surname, 6 and 7 numbers.
	openings = []string{
		"%[1]s, %[2]s of %[3]s, said on Monday that %[4]s would cost %[6]d million euros.",
		"%[3]s will go ahead with %[4]s, %[1]s, %[2]s there, announced on Tuesday.",
		"Work on %[4]s in %[3]s has been halted after %[6]d complaints, according to %[1]s, %[2]s.",
		"The council of %[3]s has voted to sell %[4]s, a decision that %[1]s, %[2]s, called “a mistake of %[6]d years”.",
	}
	sayings = []string{
		"“We have waited %[6]d years for this,” %[5]s said.",
		"“Nobody asked the %[6]d people who live there,” said %[5]s. “They will not forget it.”",
		"%[5]s said that the budget had grown by %[7]d per cent since the spring.",
		"%[5]s warned that another %[6]d jobs were at risk.",
		"“It is not about money,” %[5]s told reporters in %[3]s, “it is about trust.”",
		"According to %[5]s, the first %[7]d contracts will be signed before the winter.",
		"%[5]s denied that the delay had anything to do with the election.",
	}
	facts = []string{
		"The works are expected to last %[7]d months.",
		"Some %[6]d residents had gathered in front of the town hall, where police closed two streets.",
		"A first plan for %[4]s was dropped nine years ago because the ground was too soft.",
		"The region of %[3]s pays about a third; the rest comes from a fund for smaller towns.",
		"An auditor's report on the tender is due at the end of the month.",
	}
)

// Brief is the i-th of any number of an agency's briefs: a title and 50 to 125 words in which a person speaks one to four
// times. No two are the same, since the vote is on i.
func Brief(i int) (title, text string) {
	r := rand.New(rand.NewPCG(uint64(i), 0))
	of := func(list []string) string { return list[r.IntN(len(list))] }
	last := of(lasts)
	args := []any{of(firsts) + " " + last, of(offices), of(towns), of(plans), last, 2 + r.IntN(900), 2 + r.IntN(60)}
	var b strings.Builder
	say := func(format string) { fmt.Fprintf(&b, format, args...) }
	say(of(openings) + " ")
	said, told := r.Perm(len(sayings)), r.Perm(len(facts))
	say(sayings[said[0]])
	for k := range r.IntN(3) {
		say("\n\n" + sayings[said[k+1]] + " " + facts[told[k]])
	}
	fmt.Fprintf(&b, "\n\nThe vote on motion %d was %d to %d. Residents said that they had learned of it from the newspaper.",
		i, 10+r.IntN(40), r.IntN(10))
	return fmt.Sprintf("%s: motion %d on %s", args[2], i, args[3]), b.String()
}
