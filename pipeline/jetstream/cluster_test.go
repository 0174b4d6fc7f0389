package jetstream_test

import (
	"context"
	"fmt"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

// A trio is three servers in this process that form a cluster, each of which can be started and shut down.
type trio struct {
	options [3]*server.Options
	up      [3]*server.Server
}

func newTrio(t *testing.T) *trio {
	c := &trio{}
	var routes []*url.URL
	for i := range c.options {
		o := &server.Options{
			ServerName: fmt.Sprintf("n%d", i), Host: "127.0.0.1", Port: jetstreamtest.FreePort(t), NoSigs: true, NoLog: true,
			JetStream: true, JetStreamMaxMemory: 1 << 20, JetStreamMaxStore: 1 << 30, StoreDir: t.TempDir(),
			Cluster: server.ClusterOpts{Name: "trio", Host: "127.0.0.1", Port: jetstreamtest.FreePort(t)},
		}
		c.options[i] = o
		routes = append(routes, &url.URL{Scheme: "nats", Host: fmt.Sprintf("127.0.0.1:%d", o.Cluster.Port)})
	}
	for _, o := range c.options {
		o.Routes = routes
	}
	t.Cleanup(func() { c.down(0, 1, 2) })
	return c
}

func (c *trio) start(t *testing.T, which ...int) {
	t.Helper()
	for _, i := range which {
		s, err := server.NewServer(c.options[i].Clone())
		if err != nil {
			t.Fatal(err)
		}
		go s.Start()
		c.up[i] = s
	}
	for _, i := range which {
		if !c.up[i].ReadyForConnections(patience) {
			t.Fatalf("server %d is not ready", i)
		}
	}
}

// down shuts servers down, all at once.
func (c *trio) down(which ...int) {
	var all sync.WaitGroup
	for _, i := range which {
		if s := c.up[i]; s != nil {
			c.up[i] = nil
			all.Go(func() { s.Shutdown(); s.WaitForShutdown() })
		}
	}
	all.Wait()
}

func (c *trio) url() string {
	var urls []string
	for _, o := range c.options {
		urls = append(urls, fmt.Sprintf("nats://127.0.0.1:%d", o.Port))
	}
	return strings.Join(urls, ",")
}

// TestNoMajority starts a worker on one server of three, which waits until there are more; and takes two away again for
// a while under its work.
func TestNoMajority(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for elections")
	}
	t.Parallel()
	c := newTrio(t)
	c.start(t, 0)
	ctx, cancel := context.WithTimeout(t.Context(), 2*patience)
	defer cancel()
	conn := connect(t, jetstream.Options{URL: c.url()})
	setup := jetstream.Setup{Replicas: 3, AckWait: time.Second}
	var s *jetstream.Streams
	opened := make(chan error, 1)
	go func() {
		var err error
		if s, err = conn.Streams(ctx, setup); err == nil {
			var source *jetstream.Source
			if source, err = s.Source(ctx, 1); err == nil {
				err = source.Close(ctx)
			}
		}
		opened <- err
	}()
	select {
	case err := <-opened:
		t.Fatalf("on one server of three: %v", err)
	case <-time.After(2 * time.Second):
	}
	c.start(t, 1, 2)
	if err := <-opened; err != nil {
		t.Fatal(err)
	}

	const n = 300
	p, err := s.Publisher("test", 4)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	send := func(a jetstream.RawArticle) {
		all.Add(1)
		var again func(jetstream.Published)
		again = func(r jetstream.Published) {
			if r.Err == nil || p.Publish(ctx, a, again) != nil {
				all.Done()
			}
		}
		if err := p.Publish(ctx, a, again); err != nil {
			t.Error(err)
			all.Done()
		}
	}
	worker(t, s, nil)
	list := articles(n)
	for _, a := range list[:n/3] {
		send(a)
	}
	c.down(1, 2)
	for _, a := range list[n/3 : n/2] {
		go send(a)
	}
	time.Sleep(3 * time.Second)
	// A worker that is started now waits too, unless the server that is left still takes itself for the leader.
	late, err := jetstream.Connect(ctx, jetstream.Options{URL: c.url()})
	if err != nil {
		t.Fatal(err)
	}
	defer late.Close(context.Background())
	go func() {
		_, err := late.Streams(ctx, jetstream.Setup{})
		opened <- err
	}()
	c.start(t, 1, 2)
	if err := <-opened; err != nil {
		t.Fatal(err)
	}
	for _, a := range list[n/2:] {
		send(a)
	}
	all.Wait()
	records, dead := outcomes(t, s, n)
	audit(t, list, records, dead)
}
