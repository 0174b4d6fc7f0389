// Command gen makes the archives in testdata/archives out of the articles in testdata/articles: the same four articles,
// in the same order, in each form that replay reads. It gives the same bytes each time.
//
//	go run ./testdata/archives/gen    (from the root of the repository)
package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
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
	flag.Parse()
	for name, data := range archives(articles(*from)) {
		path := filepath.Join(*to, filepath.FromSlash(name))
		check(os.MkdirAll(filepath.Dir(path), 0o755))
		check(os.WriteFile(path, data, 0o644))
	}
}

// archives are the files, by their names.
func archives(all []article) map[string][]byte {
	lines := ndjson(all)
	array, err := json.MarshalIndent(all, "", " ")
	check(err)
	var members, pages []member
	files := map[string][]byte{
		"articles.ndjson":     lines,
		"articles.ndjson.gz":  gzipped(lines),
		"articles.ndjson.zst": zstandard(lines),
		"articles.ndjson.xz":  xzed(lines),
		"articles.json":       array,
		"ninjs.json":          ninjs(all),
		"nitf.xml":            nitf(all),
		"newsml-g2.xml":       newsML(all),
		"rss.xml":             rss(all),
		"atom.xml":            atom(all),
		"articles.csv":        table(all, ','),
		"articles.tsv":        table(all, '\t'),
		"articles.parquet":    columns(all),
		"pages.warc.gz":       pagesWARC(all),
		"texts.warc.wet.gz":   textsWET(all),
	}
	for i, a := range all {
		one, err := json.Marshal(a)
		check(err)
		name := fmt.Sprintf("%d-%s", i+1, a.name)
		members = append(members, member{name + ".json", one})
		pages = append(pages, member{name + ".html", page(a)})
		files["text/"+name+".txt"] = []byte(a.Text + "\n")
		files["html/"+name+".html"] = page(a)
	}
	files["articles.tar.zst"] = zstandard(tarred(members))
	files["pages.zip"] = zipped(pages)
	files["nested.zip"] = zipped([]member{
		{"2024/first.tar.gz", gzipped(tarred(members[:1]))},
		{"2024/second.zip", zipped([]member{{"x.ndjson.zst", zstandard(ndjson(all[1:2]))}})},
		{"2024/third.parquet", columns(all[2:3])},
		{"2024/.hidden", []byte("this is no article")},
		{"2024/fourth.warc.gz", pagesWARC(all[3:])},
	})
	return files
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
