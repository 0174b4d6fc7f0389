// Command gen makes the archives in testdata/archives out of the articles in testdata/articles: the same four articles,
// in the same order, in each form that replay reads. It gives the same bytes each time.
//
//	go run ./testdata/archives/gen    (from the root of the repository)
//
// It also makes large ones, of articles that are drawn from the paragraphs of all:
//
//	go run ./testdata/archives/gen -articles 100000 -to /tmp/large -only pages.warc.gz,articles.parquet,articles.tar.zst
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// An article is a text from testdata/articles with what a publisher would say of it.
type article struct {
	ID        string   `json:"id" parquet:"id"`
	URL       string   `json:"url" parquet:"url"`
	Title     string   `json:"title" parquet:"title"`
	Authors   []string `json:"authors" parquet:"authors,list"`
	Publisher string   `json:"publisher" parquet:"publisher"`
	Language  string   `json:"language" parquet:"language"`
	Published string   `json:"published_at" parquet:"published_at"`
	Text      string   `json:"text" parquet:"text"`

	name string
}

func (a article) time() time.Time {
	t, err := time.Parse(time.RFC3339, a.Published)
	if err != nil {
		log.Fatal(err)
	}
	return t
}

// paragraphs are the text's, parted by empty lines.
func (a article) paragraphs() []string {
	var list []string
	for p := range strings.SplitSeq(a.Text, "\n\n") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

func about(name, title, author, publisher, language, published string) article {
	return article{
		ID: "urn:example:" + name, URL: "https://news.example/" + name, Title: title, Authors: []string{author},
		Publisher: publisher, Language: language, Published: published, name: name,
	}
}

func articles(dir string) []article {
	list := []article{
		about("bakery-burglar", "Burglar eats eleven buns & leaves the till", "Nell Ashdown", "The Dunmere Post", "en", "2024-03-05T14:20:00Z"),
		about("border-crossing", "Nothing crossed but a dog", "Viera Lacko", "Košice Daily", "en", "2024-06-21T17:05:00Z"),
		about("sequia-es", "Aragón raciona el agua en 62 municipios", "Inés Labarta", "El Cierzo", "es", "2025-08-04T09:00:00Z"),
		about("council-row", "Ducks ‘no longer fit for purpose’", "Tom Prewett", "Otterby Herald", "en", "2023-11-14T08:30:00Z"),
	}
	for i := range list {
		data, err := os.ReadFile(filepath.Join(dir, list[i].name+".txt"))
		check(err)
		list[i].Text = strings.TrimSpace(string(data))
	}
	return list
}

func main() {
	from := flag.String("from", "testdata/articles", "where the articles are")
	to := flag.String("to", "testdata/archives", "where the archives go")
	n := flag.Int("articles", 0, "make archives of so many articles, drawn from the paragraphs of those in testdata; 0: of the four")
	least := flag.Int("words", 100, "words of a drawn article, at least")
	seed := flag.Uint64("seed", 1, "what they are drawn with")
	only := flag.String("only", "", "make these archives, parted by commas; empty: all")
	flag.Parse()
	files := map[string]func() []byte{}
	if *n > 0 {
		all := drawn(*from, *n, *least, *seed)
		for name, pack := range forms {
			files[name] = func() []byte { return pack(all) }
		}
	} else {
		files = archives(articles(*from))
	}
	for name, data := range files {
		if *only != "" && !slices.Contains(strings.Split(*only, ","), name) {
			continue
		}
		path := filepath.Join(*to, filepath.FromSlash(name))
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, data(), 0o644))
	}
}

// forms are the archives that hold any number of articles, by their names.
var forms = map[string]func([]article) []byte{
	"articles.ndjson":     ndjson,
	"articles.ndjson.gz":  func(all []article) []byte { return gzipped(ndjson(all)) },
	"articles.ndjson.zst": func(all []article) []byte { return zstandard(ndjson(all)) },
	"articles.ndjson.xz":  func(all []article) []byte { return xzed(ndjson(all)) },
	"articles.json":       array,
	"ninjs.json":          ninjs,
	"nitf.xml":            nitf,
	"newsml-g2.xml":       newsML,
	"rss.xml":             rss,
	"atom.xml":            atom,
	"articles.csv":        func(all []article) []byte { return table(all, ',') },
	"articles.tsv":        func(all []article) []byte { return table(all, '\t') },
	"articles.parquet":    columns,
	"pages.warc.gz":       pagesWARC,
	"texts.warc.wet.gz":   textsWET,
	"articles.tar.zst":    func(all []article) []byte { return zstandard(tarred(objects(all))) },
	"pages.zip":           func(all []article) []byte { return zipped(pages(all)) },
}

// archives are the files of the four articles.
func archives(all []article) map[string]func() []byte {
	files := map[string]func() []byte{
		"nested.zip": func() []byte {
			return zipped([]member{
				{"2024/first.tar.gz", gzipped(tarred(objects(all)[:1]))},
				{"2024/second.zip", zipped([]member{{"x.ndjson.zst", zstandard(ndjson(all[1:2]))}})},
				{"2024/third.parquet", columns(all[2:3])},
				{"2024/.hidden", []byte("this is no article")},
				{"2024/fourth.warc.gz", pagesWARC(all[3:])},
			})
		},
	}
	for name, pack := range forms {
		files[name] = func() []byte { return pack(all) }
	}
	for i, a := range all {
		files["text/"+a.file(i)+".txt"] = func() []byte { return []byte(a.Text + "\n") }
		files["html/"+a.file(i)+".html"] = func() []byte { return page(a) }
	}
	return files
}

func (a article) file(i int) string { return fmt.Sprintf("%d-%s", i+1, a.name) }

func objects(all []article) (members []member) {
	for i, a := range all {
		one, err := json.Marshal(a)
		check(err)
		members = append(members, member{a.file(i) + ".json", one})
	}
	return members
}

func pages(all []article) (members []member) {
	for i, a := range all {
		members = append(members, member{a.file(i) + ".html", page(a)})
	}
	return members
}

func array(all []article) []byte {
	data, err := json.MarshalIndent(all, "", " ")
	check(err)
	return data
}

func ndjson(all []article) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, a := range all {
		check(e.Encode(a))
	}
	return b.Bytes()
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
