package archive

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"
)

// cut runs the splitter that content asks for and returns what it found, one entry an article or failure.
func cut(r io.Reader, max int) (got []string, err error) {
	s := &Source{opt: Options{MaxArticle: max}}
	split, err := s.split(content{name: "f"}, bufio.NewReaderSize(r, bufferSize))
	for err == nil {
		var a article
		a, err = split.next()
		var bad *badArticle
		switch {
		case err == nil:
			got = append(got, fmt.Sprintf("%d %s", a.line, a.data))
		case errors.As(err, &bad):
			got = append(got, fmt.Sprintf("%d failed", bad.line))
			err = nil
		}
	}
	return got, err
}

// However the bytes arrive, the articles are the same; none is longer than allowed; no byte is in two.
func FuzzSplit(f *testing.F) {
	for _, seed := range []string{
		"", "text", "{\"a\":1}\n{\"a\":2}", "[{\"a\":\"\\\\\\\"]\"},\n5,[[]],{}]", "{\n\"a\":\"b\n{\"c\":1}\n", "[{\"a\":1}\n,{", "{\"a\":1,\n{\"b\":2}\n",
		"\xff\xfe{\x00", "\xef\xbb\xbf[{}]", "[{\"a\":\"\\", "{\"a\":\"" + strings.Repeat("x", 100), "[{}]x", "{}\n\n\n}",
		"{}\n{" + strings.Repeat("x", 64), // a last line of one byte too many, and no line break after it
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		const max = 64
		got, err := cut(bytes.NewReader(data), max)
		total := 0
		for _, g := range got {
			_, text, _ := strings.Cut(g, " ")
			if len(text) > max {
				t.Errorf("an article of %d bytes", len(text))
			}
			if text != "failed" {
				total += len(text)
			}
		}
		if utf16 := bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")); !utf16 && total > len(data) {
			t.Errorf("%d bytes of articles out of %d", total, len(data))
		}
		again, errAgain := cut(iotest.OneByteReader(bytes.NewReader(data)), max)
		if fmt.Sprint(got, err) != fmt.Sprint(again, errAgain) {
			t.Errorf("at once: %q %v\nbyte by byte: %q %v", got, err, again, errAgain)
		}
	})
}

// The same for the forms whose articles are made anew.
func FuzzForms(f *testing.F) {
	for _, seed := range []string{
		feedOf(feedItem("1"), feedItem("2")) + feedOf(feedItem("3")), feedOf(feedItem("1"), "<item>")[:90],
		"sep=;\ntitle;text\na;b\n", "title,text\ra,b\r", "title,text\na,\"b\nc,d\n",
		warcOf("conversion", "", "One.") + longer(warcOf("conversion", "", "Nine more"), 30) + warcOf("conversion", "", "Two."),
		warcOf("response", isHTTP, page200("Transfer-Encoding: chunked\r\n", "4\r\n<p>H\r\n0\r\n")),
		"<nitf><body>x</body></nitf><nitf>",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := cut(bytes.NewReader(data), 1<<20)
		again, errAgain := cut(iotest.OneByteReader(bytes.NewReader(data)), 1<<20)
		if fmt.Sprint(got, err) != fmt.Sprint(again, errAgain) {
			t.Errorf("at once: %q %v\nbyte by byte: %q %v", got, err, again, errAgain)
		}
	})
}

// An article longer than the reader's buffer comes out whole, whatever stands at the buffer's edge.
func TestBufferEdges(t *testing.T) {
	for pad := bufferSize - 40; pad < bufferSize+4; pad++ {
		long := `{"a":"` + strings.Repeat("x", pad) + `\\\"]}","b":[{}]}`
		for _, c := range []struct{ layout, data string }{
			{"array", "[" + long + ",\n" + long + "]"},
			{"lines", long + "\n" + long + "\n"},
			{"values", "{\n}\n" + long + "\n" + long},
		} {
			got, err := cut(strings.NewReader(c.data), 1<<20)
			n := 0
			for _, g := range got {
				if strings.HasSuffix(g, long) {
					n++
				}
			}
			if n != 2 || err != io.EOF {
				t.Fatalf("%s, pad %d: %d articles, %v", c.layout, pad, n, err)
			}
		}
	}
}

func BenchmarkRead(b *testing.B) {
	line := fmt.Sprintf("{\"id\":%d,\"title\":\"Council votes\",\"text\":\"%s\"}", 123456, strings.Repeat("The mayor \\\"would not say\\\" when the bridge opens. ", 80))
	const n = 2000
	var lines, array strings.Builder
	array.WriteString("[")
	for i := range n {
		lines.WriteString(line + "\n")
		if i > 0 {
			array.WriteString(",\n")
		}
		array.WriteString(line)
	}
	array.WriteString("]")
	for _, c := range []struct {
		name string
		data []byte
		size int
	}{
		{"ndjson", []byte(lines.String()), lines.Len()},
		{"array", []byte(array.String()), array.Len()},
		{"ndjson.gz", gzipped(lines.String()), lines.Len()},
		{"ndjson.zst", zstandard(lines.String()), lines.Len()},
	} {
		b.Run(c.name, func(b *testing.B) {
			file := filepath.Join(b.TempDir(), "f")
			if err := os.WriteFile(file, c.data, 0o644); err != nil {
				b.Fatal(err)
			}
			b.SetBytes(int64(c.size))
			b.ReportAllocs()
			for b.Loop() {
				if got, failed := readAll(b, Options{}, file); len(got) != n || failed != nil {
					b.Fatal(len(got), failed)
				}
			}
			b.ReportMetric(float64(n*b.N)/b.Elapsed().Seconds(), "articles/s")
		})
	}
}
