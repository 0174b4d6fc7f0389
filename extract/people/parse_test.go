package people_test

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/quotewire/quotewire/extract/coref"
	"github.com/quotewire/quotewire/extract/lexicon"
	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/extract/text"
	"github.com/quotewire/quotewire/schema"
)

// found is whom a list takes a person of one name for.
func found(l *people.List, lists *lexicon.Shared, name string) string {
	who := coref.Resolution{Entities: []coref.Entity{{Kind: schema.Person, Name: name}}}
	r := l.Link(lists, text.Cut(""), who)
	if r.Links[0] == nil {
		return ""
	}
	return r.Links[0].ID
}

func TestParseForms(t *testing.T) {
	_, lists := resolver(t)
	for _, c := range []struct{ name, list string }{
		{"CSV", "id,name,aliases,roles\n7,Dana Reyes,D. Moor,Mayor\n"},
		{"columns in another order, others passed over", "Roles,born, NAME ,id,alias\nMayor,1961,Dana Reyes,7,D. Moor\n"},
		{"byte order mark, CRLF, no line break at the end", "\uFEFFid,name,aliases\r\n7,Dana Reyes,D. Moor"},
		{"TSV", "id\tname\taliases\n7\tDana Reyes\tD. Moor\n"},
		{"quoted", "id,name,aliases\n7,\"Dana\nReyes\",\"D. Moor\"\n"},
		{"spaces and empty aliases", "id,name,aliases\n 7 , Dana  Reyes , ;D. Moor||; \n"},
		{"NDJSON", `{"id":"7","name":"Dana Reyes","aliases":["D. Moor"],"roles":["Mayor"]}`},
		{"a number for an id, null, unknown keys, blank lines", "\n\n{\"id\":7,\"name\":\"Dana Reyes\",\"aliases\":[\"D. Moor\",\"\"],\"roles\":null,\"x\":{}}\n\n"},
		{"an alias without letters", "id,name,aliases\n7,Dana Reyes,?;D. Moor\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if strings.Contains(c.list, "Dana\nReyes") {
				_, err := people.Parse(strings.NewReader(c.list))
				if err == nil || !strings.Contains(err.Error(), "2:3: name: holds a control character") {
					t.Errorf("a line break inside a name: %v", err)
				}
				return
			}
			for _, r := range []io.Reader{strings.NewReader(c.list), iotest.OneByteReader(strings.NewReader(c.list))} {
				l, err := people.Parse(r)
				if err != nil {
					t.Fatal(err)
				}
				if l.Len() != 1 || found(l, lists, "Dana Reyes") != "7" || found(l, lists, "D. Moor") != "7" || found(l, lists, "Otto Moor") != "" {
					t.Errorf("%d rows; %q, %q", l.Len(), found(l, lists, "Dana Reyes"), found(l, lists, "D. Moor"))
				}
			}
		})
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ list, want string }{
		{"", "1:1: the file is empty"},
		{" \n\n ", "1:1: the file is empty"},
		{"id,name\n", "1:1: the list holds nobody"},
		{"id,aliases\n", `1:1: the header has no column "name": want id,name,aliases,roles`},
		{"\n\nid,name,Name\n", `3:9: the header names "name" twice`},
		{"id,name\n1,A B\n2\n", "3:1: the row has 1 of the header's 2 columns"},
		{"id,name\n1,A B,C,D\n", "2:7: the row has 4 of the header's 2 columns"},
		{"id,name\n1,\n", "2:3: name: is empty"},
		{"id,name\n ,A B\n", "2:1: id: is empty"},
		{"id,name\n1,???\n", `2:3: name: "???" holds no letter`},
		{"id,name\n1,A \"B\" C\n", `2:5: bare " in non-quoted-field`},
		{"id,name\n1,\"A\"B\n", `2:5: a quoted field is not closed, or goes on after its closing quote`},
		{"id,name\n1,A \xff\n", "2:3: name: is not valid UTF-8"},
		{"id,name,roles\n1,A B,x;\x01\n", "2:7: roles: holds a control character"},
		{"id,name,kind\n1,A B,ship\n", `2:7: kind: is "ship", want person or organization`},
		{"id,name\n1,A B\n2,C D\n1,E F\n2,G H\n", `4:1: id: "1" stands in line 2 already`},
		{"id,name\n1," + strings.Repeat("x", 5000), "2:3: name: is of 5000 bytes, want 4096 at most"},
		{"id,name,aliases\n1,A B," + strings.Repeat("x;", 1001), "2:7: aliases: are 1001, want 999 at most"},
		{"\x00\x00", "1:1: not UTF-8 text"},
		{"\xff\xfei\x00", "1:1: not UTF-8 text"},
		{`[{"id":"1"}]`, "1:1: a JSON array: want NDJSON, an object a line, or CSV"},
		{"{\"id\":\"1\",\"name\":\"A B\"}\n{\"id\":\"2\",\"name\":\"C D\"", "2:22: not JSON: unexpected end of JSON input"},
		{`{"id":"1","name":"A B"} {"id":"2"}`, "1:25: not JSON: invalid character '{' after top-level value"},
		{`{"id":"1","name":7}`, "1:18: name: is a JSON number, want a string"},
		{`{"id":"1","name":"A B","roles":{}}`, "1:32: roles: is a JSON object, want a list of strings"},
		{`{"id":["1"],"name":"A B"}`, "1:2: id: want a string or a number"},
		{`{"id":null,"name":"A B"}`, "1:2: id: is empty"},
		{`{"name":"A B"}`, "1:1: id: is empty"},
		{"{\"id\":\"1\",\"name\":\"A \xff\"}", "1:21: is not valid UTF-8"},
		{`{"id":"1","name":"A\u0000"}`, "1:11: name: holds a control character"},
		{`{"id":"` + strings.Repeat("x", 2<<20) + `"}`, "1:1: the line is longer than 1048576 bytes"},
	} {
		l, err := people.Parse(strings.NewReader(c.list))
		var e *people.Error
		if l != nil || !errors.As(err, &e) || err.Error() != c.want {
			t.Errorf("%.60q:\n got %v\nwant %s", c.list, err, c.want)
		}
	}
	broken := errors.New("disk gone")
	for _, start := range []string{"", "id,name\n1,A B\n", `{"id":"1",`} {
		l, err := people.Parse(io.MultiReader(strings.NewReader(start), iotest.ErrReader(broken)))
		if l != nil || !errors.Is(err, broken) {
			t.Errorf("%q and a reader that fails: %v", start, err)
		}
	}
}

func TestDigest(t *testing.T) {
	a, b, c := parse(t, "id,name\n1,A B\n"), parse(t, "id,name\n1,A B\n"), parse(t, "id,name\n1,A C\n")
	if a.Digest() != b.Digest() || a.Digest() == c.Digest() || len(a.Digest()) != 64 {
		t.Errorf("%s %s %s", a.Digest(), b.Digest(), c.Digest())
	}
}

// FuzzParse holds whatever bytes to this: a list or an Error with a place in the input, and a list finds those who are in
// it, links one id or none, and says the same again.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"id,name,aliases,roles,kind\n1,Dana Reyes,D. R.;Dan,Mayor|chief of X,person\n2,HSB,,,organization\n",
		"id\tname\n1\t\"Reyes, Dana\"\n", `{"id":1,"name":"Dana Reyes","aliases":["王"],"roles":["x"]}` + "\n{}", "\uFEFFid,name\r\n1,Dale Jr.\r\n",
		"id,name\n1,’’a\n", "id,name\n1,ﷺ J. R. ß\n", `{"id":"1","name":"\ud800"}`, "id,name\n1,Dr. , \n",
	} {
		f.Add(s, "Dana Reyes")
	}
	_, lists := resolver(f)
	f.Fuzz(func(t *testing.T, s, asked string) {
		l, err := people.Parse(strings.NewReader(s))
		if err != nil {
			var e *people.Error
			if !errors.As(err, &e) || l != nil || e.Reason == "" || e.Line < 1 || e.Line > 1+strings.Count(s, "\n") || e.Column < 1 {
				t.Fatalf("%v", err)
			}
			return
		}
		doc := text.Cut(schema.Valid(asked))
		who := coref.Resolution{Entities: []coref.Entity{
			{Kind: schema.Person, Name: doc.Text, Aliases: []string{"Reyes", "Dana Reyes"}}, {Kind: schema.Organization, Name: doc.Text},
		}}
		r, again := l.Link(lists, doc, who), l.Link(lists, doc, who)
		if fmt.Sprint(described(who, r)) != fmt.Sprint(described(who, again)) {
			t.Fatal("two answers")
		}
		for _, link := range r.Links {
			if link != nil && (link.ID == "" || !strings.Contains(s, link.ID) && !strings.HasPrefix(s, "{") && !strings.Contains(s, "{") || link.Confidence < 0.6 || link.Confidence > 0.98) {
				t.Fatalf("%+v", *link)
			}
		}
	})
}
