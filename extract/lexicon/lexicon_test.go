package lexicon

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	got, err := Parse("list.txt", "# people\n\nana\tf\njan\tm\tshort\n")
	if err != nil {
		t.Fatal(err)
	}
	want := []Entry{{"ana", []string{"f"}, 3}, {"jan", []string{"m", "short"}, 4}}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestParseRefuses(t *testing.T) {
	for _, c := range []struct{ data, want string }{
		{"a\nb\t\n", "list.txt:2: empty field"},
		{"a\n b\n", `list.txt:2: white space around " b"`},
		{"a\r\n", `list.txt:1: white space around "a\r"`},
		{"# ok\nAna\n", `list.txt:2: key "Ana" is not in lower case`},
		{"a\nb\na\n", `list.txt:3: "a" stands already in line 1`},
		{"a\xff\n", "list.txt:1: invalid UTF-8"},
		{"\tvalue\n", "list.txt:1: empty field"},
	} {
		_, err := Parse("list.txt", c.data)
		if err == nil || err.Error() != c.want {
			t.Errorf("Parse(%q) = %v, want %s", c.data, err, c.want)
		}
	}
	if _, err := ParseColumns("list.txt", "a\tb\n", 0, 0); err == nil || !strings.Contains(err.Error(), "list.txt:1:") {
		t.Errorf("ParseColumns = %v, want an error naming the line", err)
	}
}

func TestBrokenSharedListsAreRefused(t *testing.T) {
	s := &Shared{titles: map[string]Title{}, first: map[string]Gender{}}
	if err := s.loadTitles("boss\tgrade\n"); err == nil || !strings.HasPrefix(err.Error(), "titles.txt:1:") {
		t.Errorf("class: %v", err)
	}
	if err := s.loadTitles("boss\toffice\tx\n"); err == nil || !strings.HasPrefix(err.Error(), "titles.txt:1:") {
		t.Errorf("gender: %v", err)
	}
	if err := s.loadFirstNames("ana\tx\n"); err == nil || !strings.HasPrefix(err.Error(), "firstnames.txt:1:") {
		t.Errorf("first name: %v", err)
	}
	if _, err := parseCodes("countries.txt", "peru\tpe\n"); err == nil || !strings.HasPrefix(err.Error(), "countries.txt:1:") {
		t.Errorf("code: %v", err)
	}
}

func TestShared(t *testing.T) {
	s, err := Load()
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := s.Title("Prime Minister"); !ok || got != (Title{Office, Unknown, 2}) {
		t.Errorf("prime minister: %v %v", got, ok)
	}
	if got, _ := s.Title("Mrs."); got.Gender != Feminine || got.Class != Honorific {
		t.Errorf("Mrs.: %v", got)
	}
	if s.LongestTitle() < 3 {
		t.Errorf("longest title has %d words", s.LongestTitle())
	}
	for name, want := range map[string]Gender{"Maria": Feminine, "Robert": Masculine, "Kelsey": Either, "Table": Unknown} {
		if got := s.FirstName(name); got != want {
			t.Errorf("FirstName(%s) = %d, want %d", name, got, want)
		}
	}
	codes := []struct {
		look       func(string) (string, bool)
		word, want string
	}{
		{s.Demonym, "Finnish", "FI"}, {s.Demonym, "Norwegians", "NO"}, {s.Demonym, "European", ""},
		{s.Country, "Côte d’Ivoire", "CI"}, {s.Country, "U.S.", "US"},
		{s.Region, "Calif.", "US-CA"}, {s.City, "São Paulo", "BR"}, {s.City, "Sao Paulo", "BR"},
	}
	for _, c := range codes {
		if got, ok := c.look(c.word); !ok || got != c.want {
			t.Errorf("%s: %q %v, want %q", c.word, got, ok, c.want)
		}
	}
	if _, ok := s.Country("French"); ok {
		t.Error("French is no country")
	}
	if !s.Surname("Garcia") || s.Surname("cupboard") {
		t.Error("surnames")
	}
}
