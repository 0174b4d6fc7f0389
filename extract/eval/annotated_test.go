package eval

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"github.com/quotewire/quotewire/schema"
)

const (
	goldDir    = "../../testdata/gold"
	articleDir = "../../testdata/articles"
)

func TestReadAnnotated(t *testing.T) {
	const in = `article: a.txt
PER: Ana Pohl | Pohl #2
LOC: Pohl Street
2: -, thought, mixed
1: Ana Pohl

{s1 Ana Pohl, {s2 who} {q2 hopes} {c2 to ‘go’},} {q1 said} {c1 "no,"}
and {c1 "never,"} on Pohl Street. Pohls, Pohl and Pohl.
`
	got, err := ReadAnnotated(strings.NewReader(in))
	if err != nil {
		t.Fatal(err)
	}
	yes, no := true, false
	want := &Annotated{Article: "a.txt", Gold: Document{
		ID:   "a.txt",
		Text: "Ana Pohl, who hopes to ‘go’, said \"no,\"\nand \"never,\" on Pohl Street. Pohls, Pohl and Pohl.",
		Entities: []Entity{
			{Start: 0, End: 8, Type: "PER"},
			{Start: 56, End: 67, Type: "LOC"},
			{Start: 85, End: 89, Type: "PER"},
		},
		Attributions: []Attribution{
			{Content: []Span{{20, 27}}, Cue: []Span{{14, 19}}, Source: []Span{{10, 13}}, Kind: schema.Mixed, Act: schema.Thought, SpeechCue: &no},
			{Content: []Span{{34, 39}, {44, 52}}, Cue: []Span{{29, 33}}, Source: []Span{{0, 28}}, SourceEntity: "Ana Pohl", SourceJoint: []string{},
				Kind: schema.Direct, Act: schema.Speech, SpeechCue: &yes},
		},
	}}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(Document{})); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestReadAnnotatedErrors(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"", "no article or no text"},
		{"article: a\n\n", "no article or no text"},
		{"article: a\nhello\n\nx", "line 2: no colon"},
		{"article: a\nMISC: x\n\nx", `line 2: unknown header "MISC"`},
		{"article: a\n1: x\n1: y\n\nx", "line 3: attribution 1 is there twice"},
		{"article: a\n1: x, loud\n\nx", `line 2: "loud" is neither an act nor a kind`},
		{"article: a\nPER: x | #2\n\nx", "line 2: an empty name"},
		{"article: a\nPER: x #0\n\nx", `line 2: "#0" is not the number`},
		{"article: a\nPER: y\n\nx yy", `PER "y" is not in the text`},
		{"article: a\nPER: y #2\n\ny yy", `PER "y" is not in the text, or not so often`},
		{"article: a\n1: -\n\nx", "attribution 1 has no content"},
		{"article: a\n\n{c1 x}", "attribution 1 is not in the header"},
		{"article: a\n\n\n{c1 x", "bracket c1 is never closed"},
		{"article: a\n\n\nx}", "line 4: a bracket closes that was not open"},
		{"article: a\n\n{c1}", "line 3: a bracket without text"},
		{"article: a\n\n{k1 x}", `line 3: unknown label "k1"`},
		{"article: a\n\n{cc x}", `line 3: unknown label "cc"`},
		{"article: a\n\n{c1 x }", `line 3: c1: white space at an end of "x "`},
		{"article: a\n1: -\n\n{c1 x} {q1 y} {q1 z}", "attribution 1 has two cues"},
	} {
		if _, err := ReadAnnotated(strings.NewReader(c.in)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: %v, want %q", c.in, err, c.want)
		}
	}
}

// Every article has its gold, and the gold's text is the article's.
func TestGoldIsOfTheArticles(t *testing.T) {
	gold := annotated(t)
	articles, err := filepath.Glob(filepath.Join(articleDir, "*"))
	if err != nil || len(articles) < 16 {
		t.Fatalf("%d articles, %v", len(articles), err)
	}
	for _, path := range articles {
		name := filepath.Base(path)
		i := slices.IndexFunc(gold, func(a *Annotated) bool { return a.Article == name })
		if i < 0 {
			t.Errorf("%s has no gold", name)
			continue
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := gold[i].Gold.Text
		switch filepath.Ext(name) {
		case ".txt":
			if diff := cmp.Diff(strings.TrimRight(string(data), "\n"), want); diff != "" {
				t.Errorf("%s: -article +gold:\n%s", name, diff)
			}
		case ".json":
			a, err := schema.ParseArticle(data, schema.Fields{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			if diff := cmp.Diff(a.Text, want); diff != "" {
				t.Errorf("%s: -article +gold:\n%s", name, diff)
			}
		case ".html":
			page := pageText(t, data)
			for paragraph := range strings.SplitSeq(want, "\n\n") {
				if !strings.Contains(page, paragraph) {
					t.Errorf("%s: the page does not have %q", name, paragraph)
				}
			}
		default:
			t.Errorf("%s: what is it?", name)
		}
		gold = slices.Delete(gold, i, i+1)
	}
	for _, a := range gold {
		t.Errorf("gold without article %s, or twice", a.Article)
	}
}

// What the scorers would trip over is not in the gold: everything lies in the text, and contents have words.
func TestGoldIsSound(t *testing.T) {
	for _, a := range annotated(t) {
		if err := a.Gold.fits(a.Gold.runes()); err != nil {
			t.Errorf("%s: %v", a.Article, err)
		}
		words := tokenize(a.Gold.runes())
		for _, x := range a.Gold.Attributions {
			if len(words.set(x.Content)) == 0 {
				t.Errorf("%s: content without a word: %v", a.Article, x.Content)
			}
			if len(x.Source) == 0 && x.SourceEntity != "" {
				t.Errorf("%s: speaker %q without a source", a.Article, x.SourceEntity)
			}
		}
	}
}

func annotated(t testing.TB) []*Annotated {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(goldDir, "*.txt"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no gold in %s: %v", goldDir, err)
	}
	var out []*Annotated
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		a, err := ReadAnnotated(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, a)
	}
	return out
}

func pageText(t *testing.T, page []byte) string {
	t.Helper()
	root, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for n := range root.Descendants() {
		if n.Type == html.TextNode && n.Parent.Data != "script" && n.Parent.Data != "style" {
			out.WriteString(n.Data)
		}
	}
	return out.String()
}
