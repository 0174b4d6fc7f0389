package format

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"

	"golang.org/x/net/html/charset"

	"github.com/quotewire/quotewire/schema"
)

// XMLRoot is the local name of the root element that data begins with; empty where it does not begin like XML, or the
// root does not lie within data. A byte order mark, a declaration, comments and a document type are passed over.
func XMLRoot(data []byte) string {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	for {
		data = bytes.TrimLeft(data, " \t\r\n")
		var end string
		switch {
		case bytes.HasPrefix(data, []byte("<?")):
			end = "?>"
		case bytes.HasPrefix(data, []byte("<!--")):
			end = "-->"
		case bytes.HasPrefix(data, []byte("<!")):
			end = ">"
			if i := bytes.IndexAny(data, "[>"); i > 0 && data[i] == '[' {
				end = "]"
			}
		case len(data) > 1 && data[0] == '<':
			name := data[1:]
			if i := bytes.IndexAny(name, " \t\r\n/>"); i > 0 && i < 100 {
				name = name[:i]
				return string(name[bytes.LastIndexByte(name, ':')+1:])
			}
			return ""
		default:
			return ""
		}
		_, rest, ok := bytes.Cut(data, []byte(end))
		if !ok {
			return ""
		}
		data = rest
		if end == "]" {
			data = bytes.TrimPrefix(bytes.TrimLeft(data, " \t\r\n"), []byte(">"))
		}
	}
}

// decodeNews reads the XML of the news industry: NITF (as in the New York Times Annotated Corpus) and the newsItem of
// NewsML-G2. Where XML breaks off, what was read before counts if it has a text.
func decodeNews(data []byte) (schema.Article, error) {
	d := xml.NewDecoder(bytes.NewReader(data))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	d.CharsetReader = charset.NewReaderLabel
	var n news
	broken := n.read(d)
	a := n.article()
	switch {
	case strings.TrimSpace(a.Text) != "":
		return a, nil
	case broken != nil:
		return a, &schema.ArticleError{Article: name(a), Reason: "XML breaks off: " + broken.Error()}
	}
	return a, &schema.ArticleError{Article: name(a), Field: "text", Reason: "missing: no body of text in the XML"}
}

// news is what is gathered while an item is read.
type news struct {
	a          schema.Article
	path       []string          // local names of the open elements
	attrs      map[string]string // of the innermost element that was opened
	character  strings.Builder   // of the field at hand
	paragraphs []string
	full, lead []string // of NITF's blocks: the NYT corpus has the lead twice
	block      string   // class of the innermost NITF block
	date       int      // how good the date is that was found
	headline   int      // how good the title is
}

const maxXMLDepth = 200

func (n *news) read(d *xml.Decoder) error {
	for {
		t, err := d.Token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(n.path) == maxXMLDepth {
				return errors.New("nested too deeply")
			}
			n.open(t)
		case xml.EndElement:
			n.close()
		case xml.CharData:
			n.character.Write(t)
		}
	}
}

func (n *news) in(name string) bool {
	for _, p := range n.path {
		if p == name {
			return true
		}
	}
	return false
}

func (n *news) dated(rank int, value string) {
	if value = strings.TrimSpace(value); value != "" && rank > n.date {
		n.date, n.a.PublishedAt = rank, value
	}
}

func (n *news) open(t xml.StartElement) {
	name := t.Name.Local
	attrs := map[string]string{}
	for _, a := range t.Attr {
		attrs[a.Name.Local] = a.Value
	}
	switch name {
	case "newsItem": // NewsML-G2
		n.a.ID = attrs["guid"]
		n.language(attrs["lang"])
	case "nitf", "body":
		n.language(attrs["lang"])
	case "doc-id":
		first(&n.a.ID, attrs["id-string"])
	case "date.issue":
		n.dated(2, attrs["norm"])
	case "story.date":
		n.dated(2, attrs["norm"])
	case "pubdata":
		n.dated(1, attrs["date.publication"])
		first(&n.a.URL, attrs["ex-ref"])
		first(&n.a.Publisher, attrs["name"])
	case "language":
		n.language(attrs["tag"])
	case "remoteInfo", "link":
		if attrs["rel"] == "canonical" {
			first(&n.a.URL, attrs["href"])
		}
	case "block":
		n.block = attrs["class"]
	}
	if fields[name] || blocks[name] {
		n.flush()
	}
	n.path = append(n.path, name)
	n.attrs = attrs
}

// fields are elements whose whole text is one value; blocks those that part paragraphs.
var (
	fields = set("title headline hl1 hl2 byline by creator name doc.copyright pubDate versionCreated contentCreated firstCreated " +
		"distributor dateline rightsInfo slugline inlineData")
	blocks = set("p block body.content body.head body.end blockquote li tr div h1 h2 h3 h4 pre")
)

func first(to *string, value string) {
	if value = strings.TrimSpace(value); *to == "" && value != "" {
		*to = value
	}
}

func (n *news) language(tag string) { first(&n.a.Language, tag) }

func (n *news) titled(rank int, value string) {
	if value != "" && rank > n.headline {
		n.headline, n.a.Title = rank, value
	}
}

func (n *news) close() {
	if len(n.path) == 0 {
		return
	}
	name := n.path[len(n.path)-1]
	if fields[name] || blocks[name] {
		text := collapse(n.character.String())
		switch name {
		case "title":
			if !n.in("body") && !n.in("inlineXML") {
				n.titled(1, text)
			}
		case "headline": // of NewsML-G2
			n.titled(3, text)
		case "hl1":
			n.titled(3, text)
		case "byline", "by":
			n.author(text)
		case "creator", "name":
			if n.in("creator") && !n.in("body") {
				n.author(text)
			}
		case "versionCreated":
			n.dated(2, text)
		case "contentCreated":
			n.dated(3, text)
		case "pubDate", "firstCreated":
			n.dated(1, text)
		case "distributor":
			first(&n.a.Publisher, text)
		case "inlineData":
			n.flush()
		}
		if blocks[name] {
			n.flush()
		}
		n.character.Reset()
	}
	n.path = n.path[:len(n.path)-1]
	if name == "block" {
		n.block = ""
	}
}

// author takes a byline apart from its "By".
func (n *news) author(text string) {
	if len(text) > 3 && strings.EqualFold(text[:3], "by ") {
		text = strings.TrimSpace(text[3:])
	}
	if text == "" {
		return
	}
	for _, a := range n.a.Authors {
		if strings.EqualFold(a, text) {
			return
		}
	}
	if len(n.a.Authors) < 100 {
		n.a.Authors = append(n.a.Authors, text)
	}
}

// flush takes the text so far as a paragraph, where it stands in a body.
func (n *news) flush() {
	raw := n.character.String()
	n.character.Reset()
	body := n.in("body.content") || n.in("inlineXML") && n.in("body") && !n.in("body.head") && !n.in("head") || n.in("inlineData")
	if !body || n.in("media") || n.in("figure") || n.in("hedline") {
		return
	}
	add := func(text string) {
		if text = collapse(text); text == "" {
			return
		}
		switch n.block {
		case "lead_paragraph":
			n.lead = append(n.lead, text)
		case "full_text":
			n.full = append(n.full, text)
		default:
			n.paragraphs = append(n.paragraphs, text)
		}
	}
	if n.in("inlineData") || n.in("pre") { // plain text keeps its lines
		for line := range strings.SplitSeq(raw, "\n") {
			add(line)
		}
		return
	}
	add(raw)
}

func (n *news) article() schema.Article {
	n.flush()
	text := n.paragraphs
	if len(n.full) > 0 {
		text = append(n.full, text...)
	} else {
		text = append(n.lead, text...)
	}
	n.a.Text, n.a.KeepText = strings.Join(text, "\n"), true
	return n.a
}

// IsNewsXML reports whether an element of this local name is an article of the news industry's XML.
func IsNewsXML(root string) bool { return root == "nitf" || root == "newsItem" }
