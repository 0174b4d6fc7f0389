package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"html"
	"strings"
	"time"
)

// escaped is good in HTML and in XML.
func escaped(s string) string {
	var b bytes.Buffer
	check(xml.EscapeText(&b, []byte(s)))
	return b.String()
}

func paragraphs(a article) string {
	var b strings.Builder
	for _, p := range a.paragraphs() {
		fmt.Fprintf(&b, "<p>%s</p>\n", html.EscapeString(p))
	}
	return b.String()
}

// page is an article's page as a content management system makes it.
func page(a article) []byte {
	linked, err := json.Marshal(map[string]any{
		"@context": "https://schema.org", "@type": "NewsArticle", "headline": a.Title, "datePublished": a.Published, "inLanguage": a.Language,
		"author": map[string]string{"@type": "Person", "name": a.Authors[0]}, "publisher": map[string]string{"@type": "Organization", "name": a.Publisher},
	})
	check(err)
	return fmt.Appendf(nil, `<!DOCTYPE html>
<html lang="%s"><head><meta charset="utf-8"><title>%s | %s</title>
<link rel="canonical" href="%s">
<script type="application/ld+json">%s</script></head>
<body><nav><ul><li><a href="/">Home</a></li><li><a href="/sport">Sport</a></li></ul></nav>
<article><h1>%s</h1>
%s</article>
<footer><p>© %s. Read by nobody in particular.</p></footer></body></html>
`, a.Language, html.EscapeString(a.Title), html.EscapeString(a.Publisher), a.URL, linked, html.EscapeString(a.Title), paragraphs(a), html.EscapeString(a.Publisher))
}

// ninjs is a list of IPTC's ninjs 1.3 items.
func ninjs(all []article) []byte {
	var list []any
	for _, a := range all {
		list = append(list, map[string]any{
			"uri": a.ID, "url": a.URL, "type": "text", "headline": a.Title, "byline": a.Authors[0], "source": a.Publisher,
			"language": a.Language, "versioncreated": a.Published, "body_xhtml": paragraphs(a),
		})
	}
	data, err := json.MarshalIndent(list, "", " ")
	check(err)
	return data
}

// nitf is documents of IPTC's NITF 3, one after the other.
func nitf(all []article) []byte {
	var b bytes.Buffer
	for _, a := range all {
		fmt.Fprintf(&b, xml.Header+`<nitf xml:lang="%s"><head><title>%s</title><docdata><doc-id id-string="%s"/><date.issue norm="%s"/></docdata>
<pubdata name="%s" ex-ref="%s"/></head>
<body><body.head><hedline><hl1>%s</hl1></hedline><byline>By %s</byline></body.head>
<body.content>
%s</body.content></body></nitf>
`, a.Language, escaped(a.Title), a.ID, a.time().Format("20060102T150405Z"), escaped(a.Publisher), a.URL, escaped(a.Title), escaped(a.Authors[0]), paragraphs(a))
	}
	return b.Bytes()
}

// newsML is a newsMessage of IPTC's NewsML-G2.
func newsML(all []article) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><header><sent>2025-09-01T00:00:00Z</sent></header><itemSet>` + "\n")
	for _, a := range all {
		fmt.Fprintf(&b, `<newsItem guid="%s" version="1" xml:lang="%s"><itemMeta><versionCreated>2025-09-01T00:00:00Z</versionCreated></itemMeta>
<contentMeta><contentCreated>%s</contentCreated><creator><name>%s</name></creator><headline>%s</headline></contentMeta>
<contentSet><inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml"><head><title>%s</title></head>
<body>
%s</body></html></inlineXML></contentSet></newsItem>
`, a.ID, a.Language, a.Published, escaped(a.Authors[0]), escaped(a.Title), escaped(a.Title), paragraphs(a))
	}
	b.WriteString("</itemSet></newsMessage>\n")
	return b.Bytes()
}

// rss has the full text as content:encoded, behind a summary that is not to be read.
func rss(all []article) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>Four papers</title><link>https://news.example/</link><description>All that is new</description>
`)
	for _, a := range all {
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s</guid><link>%s</link><title>%s</title><dc:creator>%s</dc:creator><pubDate>%s</pubDate>
<description>A summary.</description><content:encoded>%s</content:encoded></item>
`, a.ID, a.URL, escaped(a.Title), escaped(a.Authors[0]), a.time().Format(time.RFC1123Z), escaped(paragraphs(a)))
	}
	b.WriteString("</channel></rss>\n")
	return b.Bytes()
}

func atom(all []article) []byte {
	var b bytes.Buffer
	b.WriteString(xml.Header + `<feed xmlns="http://www.w3.org/2005/Atom"><title>Four papers</title><id>urn:example:feed</id><updated>2025-09-01T00:00:00Z</updated>
`)
	for _, a := range all {
		fmt.Fprintf(&b, `<entry><id>%s</id><link rel="alternate" href="%s"/><title>%s</title><author><name>%s</name></author>
<published>%s</published><updated>2025-09-01T00:00:00Z</updated><summary>A summary.</summary><content type="html">%s</content></entry>
`, a.ID, a.URL, escaped(a.Title), escaped(a.Authors[0]), a.Published, escaped(paragraphs(a)))
	}
	b.WriteString("</feed>\n")
	return b.Bytes()
}
