// Command compare writes what libraries for Go find of the article in each of ../pages. It is a module of its own, so that
// these libraries are none of Quotewire's; pages_test.go measures what they found.
//
//	go run . -to /tmp/texts
package main

import (
	"bytes"
	"flag"
	"fmt"
	"log"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"codeberg.org/readeck/go-readability/v2"
	"github.com/markusmobius/go-domdistiller"
	"github.com/markusmobius/go-trafilatura"
	"github.com/quotewire/quotewire/pipeline/format"
	"golang.org/x/net/html"
)

var libraries = map[string]func([]byte) (string, error){
	"quotewire": func(page []byte) (string, error) {
		a, err := format.Decode(page, "text/html", format.Options{})
		return a.Text, err
	},
	"go-trafilatura":          func(page []byte) (string, error) { return trafilated(page, false) },
	"go-trafilatura-fallback": func(page []byte) (string, error) { return trafilated(page, true) },
	"go-readability": func(page []byte) (string, error) {
		a, err := readability.FromReader(bytes.NewReader(page), address)
		if err != nil || a.Node == nil {
			return "", err
		}
		var b strings.Builder
		err = a.RenderText(&b)
		return b.String(), err
	},
	"go-domdistiller": func(page []byte) (string, error) {
		r, err := distiller.ApplyForReader(bytes.NewReader(page), &distiller.Options{OriginalURL: address})
		if err != nil {
			return "", err
		}
		return spaced(r.Node), nil
	},
}

var address = &url.URL{Scheme: "https", Host: "news.example", Path: "/article"}

func trafilated(page []byte, fallback bool) (string, error) {
	r, err := trafilatura.Extract(bytes.NewReader(page), trafilatura.Options{OriginalURL: address, EnableFallback: fallback, ExcludeComments: true})
	if err != nil {
		return "", err
	}
	return spaced(r.ContentNode), nil
}

// spaced is a node's text with a space between any two elements: what stands in two paragraphs is not one word.
func spaced(n *html.Node) string {
	if n == nil {
		return ""
	}
	if n.Type == html.TextNode {
		return n.Data
	}
	var b strings.Builder
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		b.WriteString(spaced(c))
		if c.Type == html.ElementNode {
			b.WriteByte(' ')
		}
	}
	return b.String()
}

func main() {
	to := flag.String("to", "", "where the texts go")
	rounds := flag.Int("rounds", 1, "how often each page is read, for the times")
	flag.Parse()
	pages, err := filepath.Glob("../pages/*.html")
	if err != nil || *to == "" || len(pages) == 0 {
		log.Fatal("run me in my folder, with -to FOLDER: ", err)
	}
	for name, find := range libraries {
		var took time.Duration
		size := 0
		for _, path := range pages {
			page, err := os.ReadFile(path)
			if err != nil {
				log.Fatal(err)
			}
			var text string
			began := time.Now()
			for range *rounds {
				text, err = find(page)
			}
			took += time.Since(began)
			size += len(page) * *rounds
			if err != nil {
				log.Printf("%s: %s: %v", name, path, err)
			}
			out := filepath.Join(*to, name, strings.TrimSuffix(filepath.Base(path), ".html")+".txt")
			if err := os.MkdirAll(filepath.Dir(out), 0o755); err != nil {
				log.Fatal(err)
			}
			if err := os.WriteFile(out, []byte(text), 0o644); err != nil {
				log.Fatal(err)
			}
		}
		fmt.Printf("%-24s %6.2f ms a page, %5.1f MB/s\n", name, took.Seconds()*1e3/float64(len(pages)**rounds), float64(size)/1e6/took.Seconds())
	}
}
