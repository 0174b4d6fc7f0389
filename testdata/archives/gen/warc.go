package main

import (
	"bytes"
	"fmt"
)

// pagesWARC is a crawl of the articles' pages: each record a member of gzip, with the requests, errors and pictures that
// lie between pages in a real one. Bodies come plain, chunked, and compressed, in turn.
func pagesWARC(all []article) []byte {
	var b bytes.Buffer
	b.Write(record("warcinfo", "", "application/warc-fields", []byte("software: testdata/archives/gen\r\n")))
	for i, a := range all {
		b.Write(record("request", a.URL, "application/http; msgtype=request", []byte("GET / HTTP/1.1\r\nHost: news.example\r\n\r\n")))
		headers, body := "", page(a)
		switch i % 3 {
		case 1:
			headers, body = "Transfer-Encoding: chunked\r\n", chunked(body)
		case 2:
			headers, body = "Content-Encoding: gzip\r\n", gzipped(body)
		}
		b.Write(response(a.URL, "200 OK", "text/html; charset=utf-8", headers, body))
		b.Write(response("https://news.example/gone", "404 Not Found", "text/html", "", []byte("<p>Gone.</p>")))
		b.Write(response("https://news.example/dog.png", "200 OK", "image/png", "", []byte("\x89PNG\r\n\x1a\n")))
	}
	return b.Bytes()
}

// textsWET is what Common Crawl makes of a WARC: the texts alone.
func textsWET(all []article) []byte {
	var b bytes.Buffer
	b.Write(record("warcinfo", "", "application/warc-fields", []byte("description: texts\r\n")))
	for _, a := range all {
		b.Write(record("conversion", a.URL, "text/plain", []byte(a.Text+"\n")))
	}
	return b.Bytes()
}

func response(url, status, media, headers string, body []byte) []byte {
	head := fmt.Sprintf("HTTP/1.1 %s\r\nContent-Type: %s\r\n%s\r\n", status, media, headers)
	return record("response", url, "application/http; msgtype=response", append([]byte(head), body...))
}

func record(kind, url, media string, block []byte) []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "WARC/1.0\r\nWARC-Type: %s\r\nWARC-Date: 2025-09-01T00:00:00Z\r\n", kind)
	if url != "" {
		fmt.Fprintf(&b, "WARC-Target-URI: %s\r\n", url)
	}
	fmt.Fprintf(&b, "Content-Type: %s\r\nContent-Length: %d\r\n\r\n", media, len(block))
	b.Write(block)
	b.WriteString("\r\n\r\n")
	return gzipped(b.Bytes())
}

func chunked(body []byte) []byte {
	var b bytes.Buffer
	for len(body) > 0 {
		n := min(len(body), 700)
		fmt.Fprintf(&b, "%x\r\n%s\r\n", n, body[:n])
		body = body[n:]
	}
	b.WriteString("0\r\n\r\n")
	return b.Bytes()
}
