package format

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/quotewire/quotewire/schema"
)

func TestNewsXML(t *testing.T) {
	for _, c := range []struct {
		name, data string
		want       schema.Article
		err        string
	}{
		{name: "NITF, the lead twice", data: `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nitf SYSTEM "nitf.dtd">
<nitf><head><title>The Ferry Sails</title><docdata><doc-id id-string="1017"/><date.issue norm="20240503T070000Z"/></docdata>
<pubdata date.publication="20240502T000000" ex-ref="https://news.example/1017" name="Marlhaven Post"/></head>
<body><body.head><hedline><hl1>Ferry &amp; Quay</hl1></hedline><byline class="print_byline">By Ada Quist</byline></body.head>
<body.content><block class="lead_paragraph"><p>One.</p></block><block class="full_text"><p>One.</p><p>Two is
 <em>two</em>.</p><media><p>A picture.</p></media></block></body.content></body></nitf>`,
			want: schema.Article{ID: "1017", URL: "https://news.example/1017", Title: "Ferry & Quay", Authors: []string{"Ada Quist"}, Publisher: "Marlhaven Post",
				PublishedAt: "20240503T070000Z", Text: "One.\nTwo is two.", KeepText: true}},
		{name: "NewsML-G2", data: `<newsItem xmlns="http://iptc.org/std/nar/2006-10-01/" guid="urn:newsml:x:1" xml:lang="en-GB">
<itemMeta><versionCreated>2024-05-03T07:00:00Z</versionCreated></itemMeta><contentMeta><creator><name>Ada Quist</name></creator>
<headline>The ferry sails</headline></contentMeta><contentSet><inlineXML contenttype="application/xhtml+xml">
<html xmlns="http://www.w3.org/1999/xhtml"><head><title>no</title></head><body><p>One.</p><p>Two.</p></body></html></inlineXML></contentSet></newsItem>`,
			want: schema.Article{ID: "urn:newsml:x:1", Title: "The ferry sails", Authors: []string{"Ada Quist"}, Language: "en-GB",
				PublishedAt: "2024-05-03T07:00:00Z", Text: "One.\nTwo.", KeepText: true}},
		{name: "NewsML-G2, plain text in Latin-1", data: "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><newsItem guid=\"g\"><contentSet><inlineData contenttype=\"text/plain\">Caf\xe9.\n\nTwo.</inlineData></contentSet></newsItem>",
			want: schema.Article{ID: "g", Text: "Café.\nTwo.", KeepText: true}},
		{name: "cut short", data: `<nitf><head><docdata><doc-id id-string="7"/></docdata></head><body><body.content><p>One.</p><p>Tw`,
			want: schema.Article{ID: "7", Text: "One.\nTw", KeepText: true}},
		{name: "no body", data: `<nitf><head><docdata><doc-id id-string="7"/></docdata></head></nitf>`, err: "article 7: text: missing: no body of text in the XML"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Decode([]byte(c.data), "", Options{})
			if c.err != "" {
				if err == nil || err.Error() != c.err {
					t.Fatalf("error %v, want %s", err, c.err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestXMLRoot(t *testing.T) {
	for data, want := range map[string]string{
		"<rss version='2'>": "rss", "\ufeff<?xml version='1.0'?>\n<!-- a > b --><!DOCTYPE x [<!ENTITY a 'b'>]><rdf:RDF x=''>": "RDF",
		"<!doctype html><html>": "html", "text": "", "<": "", "<?xml": "", "<!--": "", "": "",
	} {
		if got := XMLRoot([]byte(data)); got != want {
			t.Errorf("%q: %q, want %q", data, got, want)
		}
	}
}

func FuzzNewsXML(f *testing.F) {
	f.Add([]byte("<nitf><body><body.content><p>One.</p></body.content></body></nitf>"))
	f.Fuzz(func(t *testing.T, data []byte) {
		XMLRoot(data)
		decodeNews(data)
	})
}
