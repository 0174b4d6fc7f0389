//go:build unix

package chaos_test

import (
	"net"
	"sync"
	"testing"
	"time"
)

// A proxy is a TCP line that can be made slow, silent or cut. (github.com/Shopify/toxiproxy does this and far more, but
// brings sixteen modules, an HTTP interface and Prometheus with it.)
type proxy struct {
	to     string
	listen net.Listener

	mu      sync.Mutex
	latency time.Duration
	held    bool // nothing passes, and nobody is told: a partition
	down    bool // connections are refused
	changed chan struct{}
	conns   map[net.Conn]struct{}
}

func newProxy(t *testing.T, to string) *proxy {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{to: to, listen: l, changed: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	t.Cleanup(func() { l.Close(); p.cut() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go p.join(c)
		}
	}()
	return p
}

func (p *proxy) address() string { return p.listen.Addr().String() }

func (p *proxy) join(near net.Conn) {
	defer near.Close()
	if !p.pass() {
		return
	}
	far, err := net.DialTimeout("tcp", p.to, 2*time.Second)
	if err != nil {
		return
	}
	defer far.Close()
	p.mu.Lock()
	p.conns[near], p.conns[far] = struct{}{}, struct{}{}
	p.mu.Unlock()
	var both sync.WaitGroup
	for _, way := range [][2]net.Conn{{near, far}, {far, near}} {
		both.Go(func() {
			p.copy(way[0], way[1])
			near.Close()
			far.Close()
		})
	}
	both.Wait()
	p.mu.Lock()
	delete(p.conns, near)
	delete(p.conns, far)
	p.mu.Unlock()
}

func (p *proxy) copy(to, from net.Conn) {
	b := make([]byte, 64<<10)
	for {
		n, err := from.Read(b)
		if n > 0 {
			if !p.pass() {
				return
			}
			if _, err := to.Write(b[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// pass waits as long as the line is slow or silent, and is false once it is cut.
func (p *proxy) pass() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.latency > 0 {
		d := p.latency
		p.mu.Unlock()
		time.Sleep(d)
		p.mu.Lock()
	}
	for p.held && !p.down {
		c := p.changed
		p.mu.Unlock()
		<-c
		p.mu.Lock()
	}
	return !p.down
}

func (p *proxy) set(change func(*proxy)) {
	p.mu.Lock()
	change(p)
	close(p.changed)
	p.changed = make(chan struct{})
	p.mu.Unlock()
}

// cut ends all connections. What was under way is lost.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		if t, ok := c.(*net.TCPConn); ok {
			t.SetLinger(0) // a reset, not a polite end
		}
		c.Close()
	}
}
