package archive

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"github.com/google/go-cmp/cmp"
	"github.com/parquet-go/parquet-go"
)

// What archives are really like: each bad one gives a clear error with its file, place and article, the good articles
// beside it are read, and so is the next file.
func TestBadInput(t *testing.T) {
	t.Chdir(t.TempDir())
	lines := strings.Repeat("{\"a\":1}\n", 20000)
	record := func(n int) string {
		return warcOf("conversion", "Content-Type: text/plain\r\n", fmt.Sprintf("Record %d.", n))
	}
	for _, c := range []struct {
		name   string
		data   []byte
		max    int
		want   []string // articles; "…" for any number of the one before
		failed []string // how failures begin, and what they hold after "…"
	}{
		{name: "gzip cut short", data: gzipped(lines)[:100], want: []string{`f:1 {"a":1}`, "…"}, failed: []string{"f: byte 100: the gzip data is cut short"}},
		{name: "gzip with damage in the middle", data: damaged(gzipped(incompressible(4000)), 0.5), want: []string{"f:1 ", "…"}, failed: []string{"f: byte …reading gzip"}},
		{name: "zstd cut short", data: zstandard(incompressible(40000))[:600000], want: []string{"f:1 ", "…"}, failed: []string{"f: byte …the zstd data is cut short"}},
		{name: "nothing but a gzip header", data: gzipped("")[:5], failed: []string{"f: byte …the gzip data is cut short"}},

		{name: "zip that leads out, absolute, by drive, by backslash", data: zipOf("../../etc/passwd", "x", "/etc/passwd", "x", `C:\x`, "x", `..\x`, "x", "good.json", `{"a":1}`),
			want: []string{`f!good.json:1 {"a":1}`},
			failed: []string{"f!../../etc/passwd: the name leads out of the archive", "f!/etc/passwd: the name leads out of the archive",
				`f!C:\x: the name leads out of the archive`, `f!..\x: the name leads out of the archive`}},
		{name: "zip with a symbolic link", data: zipWithLink(t), want: []string{`f!good.json:1 {"a":1}`}},
		{name: "zip with a damaged member", data: bytes.Replace(storedZip(t, "bad.txt", "What lies here is stored as it is.", "good.json", `{"a":1}`), []byte("as it is"), []byte("as it iz"), 1),
			want: []string{`f!good.json:1 {"a":1}`}, failed: []string{"f!bad.txt: zip: checksum error"}},
		{name: "zip cut short", data: zipOf("a.json", `{"a":1}`, "b.json", `{"a":2}`)[:120], failed: []string{"f: zip: not a valid zip file"}},

		{name: "a long line between others", data: []byte("{\"a\":1}\n{\"a\":\"" + strings.Repeat("x", 5000) + "\"}\n{\"a\":3}\n"), max: 1000,
			want: []string{`f:1 {"a":1}`, `f:3 {"a":3}`}, failed: []string{"f:2: the line of 5009 bytes that begins at byte 8 is longer than 1000 bytes"}},

		{name: "byte order marks in the middle, where files were joined", data: []byte("\ufeff{\"a\":1}\n\ufeff{\"a\":2}\n"), want: []string{`f:1 {"a":1}`, `f:2 {"a":2}`}},
		{name: "byte order mark before CSV", data: []byte("\ufefftitle,text\na,b\n"), want: []string{`f:2 {"text":"b","title":"a"}`}},
		{name: "TSV in UTF-16, as spreadsheets write it", data: utf16Of("title\ttext\r\na\tcafé\r\n"), want: []string{`f:2 {"text":"café","title":"a"}`}},
		{name: "NDJSON in UTF-16, big-endian", data: swapped(utf16Of("{\"a\":1}\n{\"a\":\"é\"}\n")), want: []string{`f:1 {"a":1}`, `f:2 {"a":"é"}`}},
		{name: "Windows-1252 in a row among UTF-8", data: []byte("title,text\na,caf\xe9\nb,café\n"), want: []string{`f:2 {"text":"café","title":"a"}`, `f:3 {"text":"café","title":"b"}`}},

		{name: "NDJSON in UTF-16 without a mark", data: utf16Of("{\"a\":1}\n{\"a\":\"é\"}\n")[2:], want: []string{`f:1 {"a":1}`, `f:2 {"a":"é"}`}},
		{name: "JSON in UTF-32", data: []byte("\xff\xfe\x00\x00{\x00\x00\x00}\x00\x00\x00"), want: []string{`f:1 {}`}},
		{name: "CSV with carriage returns", data: []byte("title,text\ra,b\rc,d\r"), want: []string{`f:2 {"text":"b","title":"a"}`, `f:3 {"text":"d","title":"c"}`}},
		{name: "CSV that says its separator", data: []byte("sep=;\r\ntitle;text\r\na,b;c\r\n"), want: []string{`f:3 {"text":"c","title":"a,b"}`}},
		{name: "lists of anything", data: []byte("[[{\"a\":1}],\n2,null,\"x\",{\"a\":3}]"), want: []string{`f:1 [{"a":1}]`, "f:2 2", "f:2 null", `f:2 "x"`, `f:2 {"a":3}`}},

		{name: "a feed that is cut short", data: []byte(feedOf(feedItem("1"), feedItem("2"), feedItem("3"))[:240]), want: []string{feedArticle("1"), feedArticle("2")},
			failed: []string{"f#3: the item that begins at byte …of the feed cannot be read: "}},
		{name: "a feed with a broken item", data: []byte(feedOf(feedItem("1"), "<item><guid>2</x><description>Text</description></item>", feedItem("3"))),
			want: []string{feedArticle("1"), `f#2 {"authors":null,"body_html":"","id":"2","language":"","publisher":"c","title":"","url":""}`, feedArticle("3")}},
		{name: "feeds one after the other", data: []byte(feedOf(feedItem("1")) + "\n" + feedOf(feedItem("2"))), want: []string{feedArticle("1"), feedArticle("2")}},
		{name: "a feed with entities of its own", data: []byte(`<!DOCTYPE rss [<!ENTITY a "haha"><!ENTITY b "&a;&a;"><!ENTITY c SYSTEM "file:///etc/passwd">]>` + feedOf(strings.Replace(feedItem("1"), "Text", "&b;&c;", 1))),
			want: []string{strings.Replace(feedArticle("1"), "Text", `\u0026b;\u0026c;`, 1)}},

		{name: "tar of before POSIX", data: tarBeforePOSIX("a.json", `{"a":1}`), want: []string{`f!a.json:1 {"a":1}`}},
		{name: "gzip with zeros behind it", data: append(gzipped("{\"a\":1}\n"), make([]byte, 700)...), want: []string{`f:1 {"a":1}`}},

		{name: "WARC behind a byte order mark and empty lines", data: []byte("\ufeff\r\n" + record(1)), want: []string{"f#1 Record 1."}},
		{name: "WARC with a header in two lines", data: []byte(strings.Replace(record(1), "Type: conversion", "Type:\r\n\tconversion", 1)), want: []string{"f#1 Record 1."}},
		{name: "WARC with lengths that are too long", data: []byte(longer(record(1), 60) + longer(record(2), 70_000_000_000) + longer(record(3), 400) + record(4)),
			want: []string{"f#1 Record 1.", "f#3 Record 3.", "f#4 Record 4."}, failed: []string{"f#2: the WARC record claims 70000000000 bytes, more than the file has"}},
		{name: "WARC.gz with lengths that are too long", data: bytes.Join([][]byte{gzipped(longer(record(1), 60)), gzipped(longer(record(2), 5000)), gzipped(record(3)), gzipped(record(4))}, nil),
			want: []string{"f#1 Record 1.", "f#2 Record 2.", "f#3 Record 3.", "f#4 Record 4."}},
		{name: "WARC with a page about WARC", data: []byte(warcOf("conversion", "Content-Type: text/plain\r\n", "Said:\n\nWARC/1.0\nWARC-Type: x\n") + record(2)),
			want: []string{"f#1 Said:\n\nWARC/1.0\nWARC-Type: x\n", "f#2 Record 2."}},
		{name: "WARC cut in the middle", data: []byte(record(1) + record(2)[:len(record(2))-8]), want: []string{"f#1 Record 1."}, failed: []string{"f#2: the record is cut short: 5 of 9 bytes"}},
		{name: "WARC.gz cut in the middle", data: append(gzipped(record(1)), gzipped(record(2))[:60]...), want: []string{"f#1 Record 1."}, failed: []string{"f: byte …the gzip data is cut short"}},
		{name: "WARC.gz with a damaged member", data: bytes.Join([][]byte{gzipped(record(1)), damaged(gzipped(record(2)), 0.5), gzipped(record(3))}, nil),
			want: []string{"f#1 Record 1.", "f#3 Record 3."}, failed: []string{"f#2: …is broken"}},

		{name: "CSV with a quotation mark that is not closed", data: []byte("title,text\na,\"b\nc,d\n"), want: []string{`f:3 {"text":"d","title":"c"}`}, failed: []string{"f:2: a quotation mark is not closed"}},
		{name: "CSV with text behind a quotation mark, and fields too many and too few", data: []byte("title,text\n\"a\"x,b\nc\nd,e,f\ng,h\n"),
			want: []string{`f:2 {"text":"b","title":"ax"}`, `f:3 {"title":"c"}`, `f:5 {"text":"h","title":"g"}`}, failed: []string{"f:4: has more fields than the header"}},

		{name: "Parquet cut short", data: oddParquet(t)[:400], failed: []string{"f: the Parquet file cannot be read"}},
		{name: "Parquet with nesting of every kind", data: oddParquet(t), want: []string{
			`f#1 {"authors":["x","y"],"story":{"body":"In a structure."},"title":"A"}`, `f#2 {"title":"B"}`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			write(t, "f", c.data)
			write(t, "z.json", []byte(`{"a":"the next file"}`))
			got, failed := readAll(t, Options{MaxArticle: c.max, Fields: map[string]string{"text": "story.body"}}, "f", "z.json")
			if len(got) == 0 || got[len(got)-1] != `z.json:1 {"a":"the next file"}` {
				t.Fatalf("the next file was not read: %q %q", got, failed)
			}
			got = got[:len(got)-1]
			if n := len(c.want); n > 0 && c.want[n-1] == "…" {
				if len(got) < 10 || !strings.HasPrefix(got[0], c.want[0]) {
					t.Errorf("%d articles before the damage, the first %.40q", len(got), got[:min(1, len(got))])
				}
			} else if diff := cmp.Diff(c.want, got); diff != "" && len(c.want)+len(got) > 0 {
				t.Errorf("articles (-want +got):\n%s", diff)
			}
			if len(failed) != len(c.failed) {
				t.Fatalf("failures %q, want %q", failed, c.failed)
			}
			for i, want := range c.failed {
				begins, holds, _ := strings.Cut(want, "…")
				if !strings.HasPrefix(failed[i], begins) || !strings.Contains(failed[i], holds) {
					t.Errorf("failure %q, want %q", failed[i], want)
				}
			}
		})
	}
}

// longer makes a record claim so many bytes.
func longer(record string, n int) string {
	return strings.Replace(record, "Content-Length: 9", fmt.Sprintf("Content-Length: %d", n), 1)
}

func feedOf(items ...string) string {
	return "<rss version=\"2.0\"><channel><title>c</title>" + strings.Join(items, "\n") + "</channel></rss>"
}

func feedItem(id string) string {
	return "<item><guid>" + id + "</guid><title>t</title><description>Text</description></item>"
}

func feedArticle(id string) string {
	return fmt.Sprintf(`f#%s {"authors":null,"body_html":"Text","id":"%[1]s","language":"","publisher":"c","title":"t","url":""}`, id)
}

// tarBeforePOSIX has a header without a mark.
func tarBeforePOSIX(name, data string) []byte {
	head := make([]byte, 512)
	copy(head, name)
	copy(head[100:], "0000644\x000000000\x000000000\x00")
	copy(head[124:], fmt.Sprintf("%011o\x00%011o\x00        ", len(data), 0))
	sum := 0
	for _, c := range head {
		sum += int(c)
	}
	copy(head[148:], fmt.Sprintf("%06o\x00 ", sum))
	return slices.Concat(head, []byte(data), make([]byte, 512-len(data)+1024))
}

// incompressible is NDJSON that hardly packs.
func incompressible(lines int) string {
	var b strings.Builder
	x := uint64(88172645463325252)
	for range lines {
		b.WriteString(`{"a":"`)
		for range 2 {
			x ^= x << 13
			x ^= x >> 7
			x ^= x << 17
			fmt.Fprintf(&b, "%016x", x)
		}
		b.WriteString("\"}\n")
	}
	return b.String()
}

// damaged turns sixteen bytes over at a part of the length.
func damaged(data []byte, at float64) []byte {
	data = bytes.Clone(data)
	i := int(float64(len(data)) * at)
	for j := i; j < min(i+16, len(data)); j++ {
		data[j] ^= 0xff
	}
	return data
}

func utf16Of(s string) []byte {
	b := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(s)) {
		b = binary.LittleEndian.AppendUint16(b, u)
	}
	return b
}

func swapped(b []byte) []byte {
	for i := 0; i+1 < len(b); i += 2 {
		b[i], b[i+1] = b[i+1], b[i]
	}
	return b
}

// zipWithLink has a link beside a good member, storedZip what is not compressed.
func zipWithLink(t *testing.T) []byte {
	link := &zip.FileHeader{Name: "link.json"}
	link.SetMode(fs.ModeSymlink | 0o777)
	return zipMembers(t, link, "/etc/passwd", &zip.FileHeader{Name: "good.json"}, `{"a":1}`)
}

func storedZip(t *testing.T, members ...string) []byte {
	var all []any
	for i := 0; i < len(members); i += 2 {
		all = append(all, &zip.FileHeader{Name: members[i]}, members[i+1])
	}
	return zipMembers(t, all...)
}

func zipMembers(t *testing.T, members ...any) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for i := 0; i < len(members); i += 2 {
		f, err := w.CreateHeader(members[i].(*zip.FileHeader))
		if err != nil {
			t.Fatal(err)
		}
		f.Write([]byte(members[i+1].(string)))
	}
	w.Close()
	return b.Bytes()
}

// oddParquet has structures, lists of lists, maps and lists of structures, under names that articles have.
func oddParquet(t *testing.T) []byte {
	t.Helper()
	type list struct {
		L []string `parquet:"l,list"`
	}
	type story struct {
		Body   string `parquet:"body"`
		Unused []list `parquet:"unused"`
	}
	type person struct {
		Name  string            `parquet:"name"`
		Mail  string            `parquet:"mail"`
		Links map[string]string `parquet:"links"`
	}
	type row struct {
		Title    string            `parquet:"title"`
		Story    *story            `parquet:"story,optional"`
		Text     map[string]string `parquet:"text"`
		Authors  []person          `parquet:"authors,list"`
		Keywords []string          `parquet:"keywords,list"`
		Language []list            `parquet:"language"`
	}
	var b bytes.Buffer
	err := parquet.Write(&b, []row{
		{"A", &story{"In a structure.", []list{{[]string{"a"}}, {[]string{"b", "c"}}}}, map[string]string{"k": "v"}, []person{{"x", "x@x.example", nil}, {"y", "", map[string]string{"a": "b"}}}, []string{"p", "q"}, []list{{[]string{"en", "de"}}}},
		{Title: "B"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
