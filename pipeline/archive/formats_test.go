package archive

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
	"github.com/ulikunitz/xz"
)

func tarOf(headers ...tar.Header) []byte {
	var b bytes.Buffer
	w := tar.NewWriter(&b)
	for _, h := range headers {
		data := h.Linkname
		if h.Typeflag == tar.TypeReg {
			h.Size, h.Linkname = int64(len(data)), ""
		}
		h.Mode = 0o644
		w.WriteHeader(&h)
		if h.Typeflag == tar.TypeReg {
			w.Write([]byte(data))
		}
	}
	w.Close()
	return b.Bytes()
}

// member is a regular one; its text travels as the link name.
func member(name, data string) tar.Header {
	return tar.Header{Name: name, Linkname: data, Typeflag: tar.TypeReg}
}

func zipOf(members ...string) []byte {
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, _ := w.Create(members[i])
		f.Write([]byte(members[i+1]))
	}
	w.Close()
	return b.Bytes()
}

func xzOf(data string) []byte {
	var b bytes.Buffer
	w, _ := xz.NewWriter(&b)
	w.Write([]byte(data))
	w.Close()
	return b.Bytes()
}

// bzip2Of was made by bzip2 from {"a":1}.
var bzip2Of = []byte("\x42\x5a\x68\x39\x31\x41\x59\x26\x53\x59\x3a\xdf\x03\x60\x00\x00\x02\x99\x80\x10\x00\x20\x10\x20\x00\x00\x0a\x20\x00\x21\x80\x0c\x02\x5b\x06\xdc\x5d\xc9\x14\xe1\x42\x40\xeb\x7c\x0d\x80")

func warcOf(kind, headers, block string) string {
	return fmt.Sprintf("WARC/1.0\r\nWARC-Type: %s\r\nWARC-Target-URI: https://news.example/1\r\nWARC-Date: 2024-05-03T07:00:00Z\r\n%sContent-Length: %d\r\n\r\n%s\r\n\r\n",
		kind, headers, len(block), block)
}

const isHTTP = "Content-Type: application/http; msgtype=response\r\n"

func page200(headers, body string) string {
	return "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=ISO-8859-1\r\n" + headers + "\r\n" + body
}

func TestArchives(t *testing.T) {
	t.Chdir(t.TempDir())
	links := tarOf(member("a.json", `{"a":1}`), tar.Header{Name: "l", Linkname: "/etc/passwd", Typeflag: tar.TypeSymlink},
		member("../up.json", `{"a":2}`), member("/abs.json", `{"a":3}`), member(".hidden", "x"), member("d/b.ndjson", "{\"a\":4}\n{\"a\":5}\n"))
	warc := warcOf("warcinfo", "Content-Type: application/warc-fields\r\n", "software: x\r\n") +
		warcOf("request", "Content-Type: application/http; msgtype=request\r\n", "GET / HTTP/1.1\r\n\r\n") +
		warcOf("response", isHTTP, page200("Transfer-Encoding: chunked\r\n", "3\r\n<p>\r\n2\r\nHi\r\n0\r\n\r\n")) +
		warcOf("response", isHTTP, page200("Content-Encoding: gzip\r\n", string(gzipped("<p>Ho")))) +
		warcOf("response", isHTTP, page200("Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n", "<p>as it is")) +
		warcOf("response", isHTTP, "HTTP/1.1 404 Not Found\r\nContent-Type: text/html\r\n\r\n<p>gone") +
		warcOf("response", isHTTP, "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\nPNG") +
		warcOf("response", isHTTP, "what is this") +
		warcOf("conversion", "Content-Type: text/plain\r\n", "Only text.")
	html := "f#3 text/html; charset=ISO-8859-1 https://news.example/1 <p>Hi"
	for _, c := range []struct {
		name   string
		data   []byte
		max    int
		want   []string
		failed []string
		skip   int64
	}{
		{name: "bzip2", data: bzip2Of, want: []string{`f:1 {"a":1}`}},
		{name: "xz", data: xzOf("{\"a\":1}\n{\"a\":2}"), want: []string{`f:1 {"a":1}`, `f:2 {"a":2}`}},
		{name: "tar", data: links, want: []string{`f!a.json:1 {"a":1}`, `f!d/b.ndjson:1 {"a":4}`, `f!d/b.ndjson:2 {"a":5}`}, skip: 2, failed: []string{
			"f!../up.json: the name leads out of the archive: the member is not read", "f!/abs.json: the name leads out of the archive: the member is not read"}},
		{name: "zip", data: zipOf("a.json", `{"a":1}`, `..\up`, "x", "d/", "", "b.txt", "Text."), want: []string{`f!a.json:1 {"a":1}`, "f!b.txt Text."},
			failed: []string{`f!..\up: the name leads out of the archive: the member is not read`}},
		{name: "tar.gz in zip in tar.xz", data: xzOf(string(tarOf(member("z", string(zipOf("t.tgz", string(gzipped(string(links[:1024])))))))))[:],
			want: []string{`f!z!t.tgz!a.json:1 {"a":1}`}},
		{name: "tar cut short", data: links[:len(links)-1736], want: []string{`f!a.json:1 {"a":1}`}, skip: 2, failed: []string{
			"f!../up.json: the name leads out of the archive: the member is not read", "f!/abs.json: the name leads out of the archive: the member is not read",
			"f: tar, after 5 members: unexpected EOF"}},
		{name: "WARC", data: []byte(warc), skip: 4, want: []string{html, "f#4 text/html; charset=ISO-8859-1 https://news.example/1 <p>Ho",
			"f#5 text/html; charset=ISO-8859-1 https://news.example/1 <p>as it is", "f#9 text/plain https://news.example/1 Only text."},
			failed: []string{"f#8: the response does not begin like HTTP"}},
		{name: "WARC with a wrong length", data: []byte(strings.Replace(warcOf("conversion", "Content-Type: text/plain\r\n", "One and a half."), "Content-Length: 15", "Content-Length: 3", 1) +
			warcOf("conversion", "Content-Type: text/plain\r\n", "Two.")), want: []string{"f#1 text/plain https://news.example/1 One", "f#2 text/plain https://news.example/1 Two."}},
		{name: "WARC without a length", data: []byte(strings.ReplaceAll(warcOf("conversion", "", "One."), "Content-Length: 4", "Content-Length: x") +
			warcOf("conversion", "Content-Type: text/plain\r\n", "Two.")), want: []string{"f#2 text/plain https://news.example/1 Two."},
			failed: []string{`f#1: the WARC record has no length ("x"); the next one is looked for`}},
		{name: "WARC cut short", data: []byte(warcOf("conversion", "Content-Type: text/plain\r\n", "One and a half.")[:160]),
			failed: []string{"f#1: the record is cut short: 5 of 15 bytes"}},
		{name: "CSV", data: []byte("Title,text,Date\n\"A, b\",\"He said \"\"no\"\".\nTwice.\",2024-05-03\n\nc,caf\xe9\nd,e,f,g\n"),
			want:   []string{`f:2 {"date":"2024-05-03","text":"He said \"no\".\nTwice.","title":"A, b"}`, `f:5 {"text":"café","title":"c"}`},
			failed: []string{"f:6: has more fields than the header"}},
		{name: "CSV, a mark not closed", data: []byte("title,text\na,\"b\nc,d\n\"e\",f\n"), want: []string{`f:3 {"text":"d","title":"c"}`, `f:4 {"text":"f","title":"e"}`},
			failed: []string{"f:2: a quotation mark is not closed"}},
		{name: "TSV", data: []byte("\ufeffheadline\tbody\r\nA\tB \"b\"\r\n"), want: []string{`f:2 {"body":"B \"b\"","headline":"A"}`}},
		{name: "prose with a comma", data: []byte("The title, text.\nMore"), want: []string{"f The title, text.\nMore"}},
		{name: "RSS", data: []byte(`<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Post</title><language>en</language>
<item><title>T</title><link>https://x.example/1</link><guid>g1</guid><pubDate>Fri, 03 May 2024 07:00:00 GMT</pubDate><description>short</description><content:encoded>&lt;p&gt;Full.</content:encoded></item></channel></rss>`),
			want: []string{`f#1 {"authors":null,"body_html":"\u003cp\u003eFull.","id":"g1","language":"en","published_at":"Fri, 03 May 2024 07:00:00 GMT","publisher":"Post","title":"T","url":"https://x.example/1"}`}},
		{name: "NewsML-G2, two", data: []byte("<?xml version='1.0'?>\n<newsMessage><header/><itemSet><newsItem guid='1'><a>é</a></newsItem>\n<newsItem guid='2'/></itemSet></newsMessage>"),
			want: []string{"f#1 application/xml <?xml version='1.0'?><newsItem guid='1'><a>é</a></newsItem>", "f#2 application/xml <?xml version='1.0'?><newsItem guid='2'/>"}},
		{name: "NITF cut short", data: []byte("<nitf><body><p>On"), want: []string{"f#1 application/xml <nitf><body><p>On"}},
		{name: "broken Parquet", data: []byte("PAR1 and so on PAR1"), failed: []string{"f: the Parquet file"}},
		{name: "broken zip", data: []byte("PK\x03\x04 and so on, for long enough to be one"), failed: []string{"f: zip: not a valid zip file"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, "f", c.data)
			got, failed, skipped := readShown(t, Options{MaxArticle: c.max}, "f")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("articles (-want +got):\n%s", diff)
			}
			if len(failed) == len(c.failed) {
				for i := range failed {
					if !strings.HasPrefix(failed[i], c.failed[i]) {
						t.Errorf("failure %q, want %q", failed[i], c.failed[i])
					}
				}
			} else {
				t.Errorf("failures %q, want %q", failed, c.failed)
			}
			if skipped != c.skip {
				t.Errorf("%d skipped, want %d", skipped, c.skip)
			}
		})
	}
}

// readShown is readAll with what the container knows.
func readShown(t testing.TB, o Options, path string) (got, failed []string, skipped int64) {
	t.Helper()
	s := Open([]string{path}, o)
	defer s.Close()
	for {
		d, err := s.Next(t.Context())
		if err != nil {
			return got, failed, s.Progress().Skipped
		}
		if d.Err != nil {
			failed = append(failed, fmt.Sprintf("%v: %v", d.From, d.Err))
		} else {
			line := d.From.String() + " "
			if d.Known.URL != "" || strings.HasSuffix(d.ContentType, "xml") {
				line += strings.TrimSpace(d.ContentType+" "+d.Known.URL) + " "
			}
			got = append(got, line+string(d.Data))
		}
		d.Settle(t.Context(), d.Err)
	}
}

func TestParquet(t *testing.T) {
	t.Chdir(t.TempDir())
	type author struct {
		Name string `parquet:"name"`
	}
	type row struct {
		Title   string    `parquet:"title"`
		Text    *string   `parquet:"text,optional"`
		Authors []string  `parquet:"authors,list"`
		Author  []author  `parquet:"author"`
		Date    time.Time `parquet:"date,timestamp(microsecond)"`
		Other   int64     `parquet:"other"`
	}
	text := "Hello."
	if err := parquet.WriteFile("f", []row{
		{"A", &text, []string{"x", "y"}, []author{{"z"}}, time.Date(2024, 5, 3, 7, 0, 0, 0, time.UTC), 1},
		{"B", nil, nil, nil, time.Date(2024, 5, 3, 7, 0, 0, 5000, time.UTC), 2},
	}, parquet.Compression(&parquet.Zstd)); err != nil {
		t.Fatal(err)
	}
	want := []string{`f#1 {"author":["z"],"authors":["x","y"],"date":"2024-05-03T07:00:00Z","text":"Hello.","title":"A"}`,
		`f#2 {"date":"2024-05-03T07:00:00.000005Z","title":"B"}`}
	got, failed, _ := readShown(t, Options{}, "f")
	if diff := cmp.Diff(want, got); diff != "" || failed != nil {
		t.Error(diff, failed)
	}
	data, _ := os.ReadFile("f")
	write(t, "t", gzipped(string(tarOf(member("p", string(data))))))
	if got, failed, _ := readShown(t, Options{}, "t"); len(got) != 2 || failed != nil {
		t.Error("inside tar.gz:", got, failed)
	}
}

func TestBombs(t *testing.T) {
	if testing.Short() {
		t.Skip("unpacks a quarter of a gigabyte")
	}
	t.Chdir(t.TempDir())
	zeros := strings.Repeat("\x00", 300<<20)
	write(t, "f", zstandard(zeros))
	got, failed, _ := readShown(t, Options{}, "f")
	if got != nil || len(failed) != 1 {
		t.Fatalf("%d articles, %q", len(got), failed)
	}
	inner := zstandard(strings.Repeat("a b ", 75<<20))
	write(t, "g", zipOf("a", string(inner), "b", string(inner)))
	got, failed, _ = readShown(t, Options{}, "g")
	if got != nil || len(failed) == 0 {
		t.Fatalf("%d articles, %q", len(got), failed)
	}
	deep := []byte("{}")
	for range 7 {
		deep = tarOf(member("d", string(deep)))
	}
	write(t, "h", deep)
	if _, failed, _ = readShown(t, Options{}, "h"); len(failed) != 1 || !strings.Contains(failed[0], "more than 4 archives") {
		t.Errorf("%q", failed)
	}
}
