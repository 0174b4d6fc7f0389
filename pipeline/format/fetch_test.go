package format

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"
)

// TestFetchesNothing reads articles that name an address in every way in which a document can, and listens there.
func TestFetchesNothing(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	called := make(chan net.Conn, 100)
	accepting := make(chan struct{})
	go func() {
		defer close(accepting)
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			called <- c
		}
	}()
	u := "http://" + l.Addr().String()
	for i, text := range []string{
		`<!DOCTYPE html SYSTEM "U/dtd"><html><head><base href="U/"><link rel=stylesheet href="U/css"><link rel=preload href="U/p"><script src="U/js"></script>
<meta http-equiv=refresh content="0;url=U/next"><script type="application/ld+json">{"@context":"U/context","@type":"NewsArticle","url":"U/self","image":"U/i"}</script></head>
<body><p>“We sail at six,” said Mayor Iris Pell. <img src="U/img" srcset="U/2x 2x"><iframe src="U/frame"></iframe><object data="U/o"></object><video poster="U/v"></video>
<svg><image href="U/svg"/><use xlink:href="U/use#x"/></svg><p style="background:url(U/bg)">The harbour was quiet.<form action="U/form"><input autofocus onfocus="fetch('U/x')"></form></body></html>`,
		`<?xml version="1.0"?><?xml-stylesheet href="U/xsl"?><!DOCTYPE nitf SYSTEM "U/nitf.dtd" [<!ENTITY e SYSTEM "U/entity"><!ENTITY % p SYSTEM "U/parameter">%p;]>
<nitf xmlns:xi="http://www.w3.org/2001/XInclude" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="x U/schema"><body><body.content><p>&e;It rained.</p><xi:include href="U/include"/></body.content></body></nitf>`,
		`{"$schema":"U/schema","url":"U/article","image":"U/image","text":"It rained at U/there."}`,
		"It rained at U/there.",
	} {
		data := []byte(strings.ReplaceAll(text, "U/", fmt.Sprintf("%s/%d/", u, i)))
		for _, claimed := range []string{"", "text/html", "application/xml", "application/json", "text/plain"} {
			Decode(data, claimed, Options{}) // whether it can be read as that is not the question
		}
	}
	time.Sleep(50 * time.Millisecond)
	l.Close()
	<-accepting
	if n := len(called); n > 0 {
		t.Errorf("%d connections to what articles name", n)
	}
}
