package eval

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The speakers as entities: who is named in the text, and which entity of the reading is which group of the gold.
func TestSpeakerEntities(t *testing.T) {
	text := "General Ana Holt spoke. The pilots said one. Yes, Holt said two. They said three. I say four."
	at := func(s string) Span {
		for i := range []rune(text) {
			if end := i + len(s); end <= len(text) && text[i:end] == s {
				return Span{i, end}
			}
		}
		t.Fatalf("no %q", s)
		return Span{}
	}
	gold := Document{ID: "d", Text: text}
	entity := func(s, group, kind string) {
		p := at(s)
		gold.Entities = append(gold.Entities, Entity{Start: p[0], End: p[1], Type: kind, Group: group})
	}
	entity("General Ana Holt", "1", "person")
	entity("The pilots", "2", "person")
	entity("Holt said", "1", "person") // longer than the name in the reading
	entity("They", "2", "person")
	entity("I", "1", "person")
	answer := Document{ID: "d"}
	mention := func(s, cluster string) {
		p := at(s)
		answer.Mentions = append(answer.Mentions, Entity{Start: p[0], End: p[1], Type: "person", Cluster: cluster, Form: "name"})
	}
	mention("Ana Holt", "e1")
	mention("pilots", "e2")
	say := func(d *Document, content, source, entity, group string) {
		d.Attributions = append(d.Attributions, Attribution{Content: []Span{at(content)}, Source: []Span{at(source)}, SourceEntity: entity, SourceGroup: group})
	}
	say(&gold, "one", "The pilots", "The pilots", "2")
	say(&gold, "two", "Holt said", "Ana Holt", "1")
	say(&gold, "four", "I", "Ana Holt", "1")
	say(&answer, "one", "The pilots", "", "")
	say(&answer, "two", "Holt said", "Holt", "e1")
	say(&answer, "four", "I", "pilots", "e2")
	r, err := Score(&Gold{Documents: []Document{gold}}, NewPredictions(answer), Options{})
	if err != nil {
		t.Fatal(err)
	}
	want := &SpeakerEntities{Gold: 2, Matched: 2, Answered: 2, Right: SpeakerRate{50, 50, 50}}
	if diff := cmp.Diff(want, r.Attributions.Speakers.Entities); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
