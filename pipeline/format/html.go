package format

import (
	"bytes"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/quotewire/quotewire/schema"
	"golang.org/x/net/html/charset"
)

// decodeHTML reads a web page. What its publisher says in JSON-LD comes before what the meta elements say, and both
// before what the page looks like.
func decodeHTML(data []byte, contentType string) (schema.Article, error) {
	p := read(decodePage(data, contentType))
	a := p.linkedArticle()
	a.Text = p.body(a.Text)
	a.KeepText = true
	p.fill(&a)
	if strings.TrimSpace(a.Text) == "" {
		return a, &schema.ArticleError{Article: name(a), Field: "text", Reason: "no text of an article found in the HTML"}
	}
	return a, nil
}

// decodePage turns a page into UTF-8 as browsers do (byte order mark, content type, meta element, guess), but for
// pages that are valid UTF-8 whatever they claim: no other encoding of prose looks like that by chance.
func decodePage(data []byte, contentType string) []byte {
	if rest, ok := bytes.CutPrefix(data, []byte("\ufeff")); ok {
		data = rest
	} else if _, wide := utf16Mark(data); !wide && utf8.Valid(data) && !asciiOnly(data) {
		return data
	}
	encoding, name, _ := charset.DetermineEncoding(data, contentType)
	if name != "utf-8" {
		if text, err := encoding.NewDecoder().Bytes(data); err == nil {
			data = text
		}
	}
	return []byte(schema.Valid(string(data)))
}

// asciiOnly also holds for ISO-2022-JP and UTF-7, which need decoding though they are valid UTF-8.
func asciiOnly(data []byte) bool {
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// linkedArticle is the article of the page's JSON-LD, the one with the longest text if there are several.
func (p *page) linkedArticle() schema.Article {
	var best schema.Article
	found := false
	for _, data := range p.linked {
		data = bytes.TrimSpace(data)
		data = bytes.TrimSuffix(bytes.TrimPrefix(data, []byte("<![CDATA[")), []byte("]]>"))
		if a, ok := schema.ParseJSONLD(data); ok && (!found || len(a.Text) > len(best.Text)) {
			best, found = a, true
		}
	}
	for _, s := range []*string{&best.Title, &best.Publisher} {
		*s = html.UnescapeString(*s)
	}
	for i, s := range best.Authors {
		best.Authors[i] = html.UnescapeString(s)
	}
	return best
}

// body is the text of the article, given what the JSON-LD has of it. That is free of clutter, but often a mere head of
// the text, or without its paragraphs; then the page's own is taken.
func (p *page) body(linked string) string {
	own := p.main()
	if strings.TrimSpace(linked) == "" {
		return own
	}
	if isMarkup(linked) || strings.Contains(linked, "</p>") {
		linked = read([]byte(linked)).all()
	} else {
		linked = html.UnescapeString(linked)
	}
	head := 2*len(linked) < len(own)
	unbroken := !strings.Contains(strings.TrimSpace(linked), "\n") && strings.Contains(own, "\n") && 4*len(own) > 3*len(linked)
	if head || unbroken {
		return own
	}
	return linked
}

// fill fills what the JSON-LD left open.
func (p *page) fill(a *schema.Article) {
	first := func(to *string, names ...string) {
		for _, n := range names {
			for _, m := range p.meta {
				if *to == "" && m.name == n {
					*to = m.value
				}
			}
		}
	}
	first(&a.URL, "canonical", "og:url")
	first(&a.Title, "og:title", "twitter:title", "h1", "dc.title", "title")
	first(&a.Publisher, "og:site_name", "dc.publisher", "application-name")
	if a.Language == "" {
		a.Language = p.lang
	}
	first(&a.Language, "content-language", "dc.language", "og:locale")
	first(&a.PublishedAt, "article:published_time", "datepublished", "parsely-pub-date", "sailthru.date", "dc.date.issued", "dcterms.created", "dc.date",
		"pubdate", "publishdate", "publish-date", "date", "time")
	if len(a.Authors) == 0 {
		for _, n := range []string{"author", "article:author", "byl", "parsely-author", "sailthru.author", "dc.creator"} {
			for _, m := range p.meta {
				// article:author is the address of a profile as often as a name
				if m.name == n && !strings.Contains(m.value, "://") && len(a.Authors) < 100 {
					a.Authors = append(a.Authors, m.value)
				}
			}
			if len(a.Authors) > 0 {
				break
			}
		}
	}
}

// note keeps what a meta, link or time element says.
func (r *reader) note(tag string, attrs map[string]string) {
	var name, value string
	switch tag {
	case "link":
		if strings.EqualFold(attrs["rel"], "canonical") {
			name, value = "canonical", attrs["href"]
		}
	case "time":
		name, value = "time", attrs["datetime"]
		if strings.EqualFold(attrs["itemprop"], "datepublished") {
			name = "datepublished"
		}
	default:
		for _, key := range []string{"property", "name", "itemprop", "http-equiv"} {
			if name == "" {
				name = attrs[key]
			}
		}
		value = attrs["content"]
	}
	if value = collapse(value); name != "" && value != "" {
		r.meta = append(r.meta, meta{strings.ToLower(name), value})
	}
}
