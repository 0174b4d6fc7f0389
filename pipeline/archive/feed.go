package archive

import (
	"bufio"
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"

	"github.com/mmcdole/gofeed"

	"github.com/quotewire/quotewire/pipeline/format"
)

// feed reads RSS and Atom. Each item becomes a JSON object; its body is the full text where the feed has it, else the
// description. The feed's language and title stand for what an item does not say.
type feed struct {
	r      io.Reader
	max    int
	items  []article
	n      int           // items so far
	broken []*badArticle // told behind them
	read   bool
}

func (f *feed) next() (article, error) {
	if !f.read {
		f.read = true
		if err := f.parse(); err != nil {
			return article{}, err
		}
	}
	if len(f.items) > 0 {
		a := f.items[0]
		f.items = f.items[1:]
		return a, nil
	}
	if len(f.broken) > 0 {
		bad := f.broken[0]
		f.broken = f.broken[1:]
		return article{}, bad
	}
	return article{}, io.EOF
}

func (f *feed) parse() error {
	data, err := io.ReadAll(io.LimitReader(f.r, int64(f.max)+1))
	if err != nil {
		return err
	}
	if len(data) > f.max {
		return errors.New(tooLong(f.max, "the feed"))
	}
	for one := range feeds(data) {
		items, err := itemsOf(one)
		begun := 0 // the parser forgives a wrong end and stops there
		for at := itemFrom(one, 0); at >= 0; at = itemFrom(one, at+1) {
			begun++
		}
		if err == nil && begun <= len(items) {
			f.add(items)
			continue
		}
		each := feed{n: f.n}
		switch ok := each.salvage(one); {
		case ok && (err != nil || len(each.items) > len(items)):
			f.items, f.broken, f.n = append(f.items, each.items...), append(f.broken, each.broken...), each.n
		case err == nil:
			f.add(items)
		case len(one) == len(data):
			return fmt.Errorf("the feed cannot be read: %w", err)
		default:
			f.n++
			f.broken = append(f.broken, &badArticle{item: f.n, reason: "a feed among others cannot be read: " + err.Error()})
		}
	}
	return nil
}

// salvage reads a feed that is cut short or damaged item by item, each with what stands before the first: what is broken
// costs itself. It answers false where there is no item.
func (f *feed) salvage(data []byte) bool {
	at := itemFrom(data, 0)
	if at < 0 || at > maxFeedHead {
		return false
	}
	head, behind := string(data[:at]), "</feed>"
	switch root := format.XMLRoot(data[:at]); {
	case root == "RDF" && !strings.Contains(head, "</channel>"):
		behind = "</channel></rdf:RDF>"
	case root == "RDF":
		behind = "</rdf:RDF>"
	case root == "rss":
		behind = "</channel></rss>"
	}
	// Where the head is long and the items are many, this is not done for ever.
	for spent := 0; at >= 0 && spent < 16*len(data)+16<<20; {
		next := itemFrom(data, at+1)
		item := data[at:]
		if next >= 0 {
			item = data[at:next]
		}
		whole := false
		for _, end := range []string{"</item>", "</entry>"} {
			if i := bytes.Index(item, []byte(end)); i >= 0 {
				item, whole = item[:i+len(end)], true
			}
		}
		spent += len(head) + len(item)
		items, err := itemsOf([]byte(head + string(item) + behind))
		if err == nil && !whole {
			err = errors.New("it is not closed")
		}
		if err == nil && len(items) == 1 {
			f.add(items)
		} else {
			f.n++
			f.broken = append(f.broken, &badArticle{item: f.n, reason: fmt.Sprintf("the item that begins at byte %d of the feed cannot be read: %v", at, err)})
		}
		at = next
	}
	if at >= 0 {
		f.broken = append(f.broken, &badArticle{item: f.n + 1, reason: fmt.Sprintf("the feed is broken, and is read no further than byte %d", at)})
	}
	return true
}

// itemFrom finds the next item of a feed, or answers -1.
func itemFrom(data []byte, from int) int {
	for {
		i := bytes.IndexByte(data[from:], '<')
		if i < 0 {
			return -1
		}
		from += i
		for _, name := range []string{"<item", "<entry"} {
			if rest, ok := bytes.CutPrefix(data[from:], []byte(name)); ok && len(rest) > 0 && strings.IndexByte("> \t\r\n", rest[0]) >= 0 {
				return from
			}
		}
		from++
	}
}

const maxFeedHead = 64 << 10 // bytes before the first item of a feed that is read item by item

// feeds parts feeds that were written one after the other.
func feeds(data []byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		begin := 0
		for at := 0; ; {
			i := bytes.IndexByte(data[at:], '<')
			if i < 0 {
				yield(data[begin:])
				return
			}
			at += i
			name, ok := bytes.CutPrefix(data[at:], []byte("</"))
			if ok && (bytes.HasPrefix(name, []byte("rss>")) || bytes.HasPrefix(name, []byte("feed>")) || bytes.HasPrefix(name, []byte("rdf:RDF>"))) {
				end := at + bytes.IndexByte(data[at:], '>') + 1
				rest := bytes.TrimLeft(data[end:], " \t\r\n\ufeff")
				switch format.XMLRoot(rest[:min(len(rest), 4096)]) {
				case "rss", "feed", "RDF":
					if !yield(data[begin:end]) {
						return
					}
					begin = end
				}
				at = end
				continue
			}
			at++
		}
	}
}

// add takes items, each of which is an article.
func (f *feed) add(items [][]byte) {
	for _, item := range items {
		f.n++
		f.items = append(f.items, article{data: item, contentType: contentTypeJSON, item: f.n})
	}
}

// itemsOf makes JSON of the items of one feed.
func itemsOf(data []byte) (items [][]byte, err error) {
	parser := gofeed.NewParser()
	parser.RSSTranslator = &gofeed.DefaultRSSTranslator{DisableContentImageScan: true} // a quarter of the time
	feed, err := parser.Parse(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	for _, item := range feed.Items {
		object := map[string]any{"id": item.GUID, "url": item.Link, "title": item.Title, "publisher": feed.Title, "language": feed.Language}
		body := item.Content
		if strings.TrimSpace(body) == "" {
			body = item.Description
		}
		object["body_html"] = body
		for _, date := range []string{item.Published, item.Updated} {
			if date != "" {
				object["published_at"] = date
				break
			}
		}
		var authors []string
		for _, a := range item.Authors {
			if a != nil && a.Name != "" {
				authors = append(authors, a.Name)
			}
		}
		object["authors"] = authors
		item, err := json.Marshal(object)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
	}
	return items, nil
}

// news cuts NITF and newsItem elements out of an XML file, which may hold any number of them: a newsMessage, or
// documents written one after the other. What an element means is for pipeline/format.
type news struct {
	d    *xml.Decoder
	raw  *recorder
	head []byte // the XML declaration, which says the encoding
	max  int
	n    int
	done bool
}

func newNews(r *bufio.Reader, most int) *news {
	raw := &recorder{r: r, max: most}
	n := &news{d: xml.NewDecoder(raw), raw: raw, max: most}
	n.d.Strict, n.d.AutoClose, n.d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	// The bytes are cut out as they are, so they are only passed through here.
	n.d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return passed{r}, nil }
	return n
}

// passed makes any bytes pass for UTF-8, one for one.
type passed struct{ r io.Reader }

func (p passed) Read(b []byte) (int, error) {
	n, err := p.r.Read(b[:min(len(b), 4096)])
	for i := range n {
		if b[i] >= 0x80 {
			b[i] = '?'
		}
	}
	return n, err
}

func (n *news) next() (article, error) {
	if n.done {
		return article{}, io.EOF
	}
	depth, start := 0, int64(0)
	for {
		at := n.d.InputOffset()
		if depth == 0 {
			n.raw.forget(at)
		}
		t, err := n.d.RawToken()
		if err == nil && n.raw.full {
			err = errors.New(tooLong(n.max, "the item"))
		}
		if err != nil {
			n.done = true
			if depth == 0 && errors.Is(err, io.EOF) {
				return article{}, io.EOF
			}
			if depth == 0 {
				return article{}, fmt.Errorf("XML at byte %d: %w", at, err)
			}
			if n.raw.full {
				return article{}, err
			}
			n.n++
			return n.article(n.raw.from(start, -1)), nil // cut short: format tells what is left of it
		}
		switch t := t.(type) {
		case xml.ProcInst:
			if t.Target == "xml" {
				n.head = n.raw.from(at, n.d.InputOffset())
			}
		case xml.StartElement:
			if format.IsNewsXML(t.Name.Local) {
				if depth++; depth == 1 {
					start = at
				}
			}
		case xml.EndElement:
			if depth > 0 && format.IsNewsXML(t.Name.Local) {
				if depth--; depth == 0 {
					n.n++
					return n.article(n.raw.from(start, n.d.InputOffset())), nil
				}
			}
		}
	}
}

func (n *news) article(element []byte) article {
	return article{data: append(bytes.Clone(n.head), element...), contentType: "application/xml", item: n.n}
}

// recorder keeps what was read of r from an offset on.
type recorder struct {
	r    *bufio.Reader
	kept []byte
	base int64 // offset of kept
	max  int
	full bool // more would have to be kept
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if len(r.kept)+n > r.max+(64<<10) {
		r.full = true
		return n, err
	}
	r.kept = append(r.kept, p[:n]...)
	return n, err
}

// ReadByte keeps the decoder from reading ahead.
func (r *recorder) ReadByte() (byte, error) {
	c, err := r.r.ReadByte()
	if err == nil {
		if len(r.kept) > r.max {
			r.full = true
		} else {
			r.kept = append(r.kept, c)
		}
	}
	return c, err
}

func (r *recorder) forget(until int64) {
	if n := until - r.base; n >= 64<<10 || n == int64(len(r.kept)) {
		n = min(n, int64(len(r.kept)))
		r.kept = append(r.kept[:0], r.kept[n:]...)
		r.base += n
	}
}

func (r *recorder) from(start, end int64) []byte {
	lo := min(max(start-r.base, 0), int64(len(r.kept)))
	hi := int64(len(r.kept))
	if end >= 0 {
		hi = min(max(end-r.base, lo), hi)
	}
	return bytes.Clone(r.kept[lo:hi])
}
