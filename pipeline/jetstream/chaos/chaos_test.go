//go:build unix

package chaos_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

var (
	seedFlag = flag.Uint64("chaos.seed", 0, "seed of the schedule; 0: another each time")
	length   = flag.Duration("chaos.for", 0, "how long each setting is broken; 0: a few seconds")
	gap      = flag.Duration("chaos.gap", 350*time.Millisecond, "mean time between faults")
	rate     = flag.Int("chaos.rate", 40, "articles published a second")
	built    = flag.String("chaos.binary", "", "quotewire binary; empty: built for the test")
	schedule = flag.Bool("chaos.print", false, "print each fault as it happens")
	keep     = flag.String("chaos.dir", "", "keep stores and logs of the processes in this folder; empty: they are removed")
)

const (
	reader  = "fast" // starts in a twentieth of a second
	workers = 3
	ackWait = 2 * time.Second
	drain   = 2 * time.Minute // without any progress, once all is mended; the machine may be busy
)

func TestMain(m *testing.M) {
	if spec := os.Getenv(serverEnv); spec != "" {
		if err := serverMain(spec); err != nil {
			fmt.Fprintln(os.Stderr, "server:", err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func TestChaos(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	binary := build(t)
	seed := *seedFlag
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	for _, tt := range []struct {
		setting string
		short   time.Duration
		build   func(*testing.T, string, string) *world
	}{
		{"embedded", 6 * time.Second, embedded},
		{"single", 6 * time.Second, single},
		{"cluster", 12 * time.Second, cluster},
	} {
		t.Run(tt.setting, func(t *testing.T) {
			t.Parallel()
			d := *length
			if d == 0 {
				d = tt.short
			}
			faults := draw(seed, tt.setting, d, *gap)
			t.Logf("seed %d: %d faults in %s: %s", seed, len(faults), d, census(faults))
			dir := t.TempDir()
			if *keep != "" {
				dir = filepath.Join(*keep, tt.setting)
				if err := os.MkdirAll(dir, 0o700); err != nil {
					t.Fatal(err)
				}
			}
			tt.build(t, binary, dir).run(t, binary, dir, faults, d)
		})
	}
}

// build is the path of a quotewire binary.
func build(t *testing.T) string {
	t.Helper()
	if *built != "" {
		return *built
	}
	binary := filepath.Join(t.TempDir(), "quotewire")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/quotewire/quotewire/cmd/quotewire").CombinedOutput(); err != nil {
		t.Fatalf("building quotewire: %v\n%s", err, out)
	}
	return binary
}

// A world is the processes of one setting and the lines between them.
type world struct {
	workers []*slot
	servers []*slot
	lines   []*proxy   // of clients, one a server
	routes  [][]*proxy // of server i to server j
	direct  []string   // URLs of the servers, for the auditor
	leads   leaders
}

// run publishes under the faults, mends everything, waits for the end of the work and audits.
func (w *world) run(t *testing.T, binary, dir string, faults []fault, d time.Duration) {
	began := time.Now()
	nc, j := jetstreamtest.Client(t, strings.Join(w.direct, ","), nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond), nats.DontRandomize())
	watch, unwatch := context.WithCancel(t.Context())
	defer unwatch()
	watched := make(chan struct{})
	go func() { w.leads.watch(watch, j); close(watched) }()

	published := make(chan int, 1)
	over := make(chan struct{})
	streams := w.open(t, w.urls())
	go func() { published <- send(t, streams, over) }()

	var fired [3]atomic.Int64 // kills of workers, of servers, step downs
	var mending sync.WaitGroup
	for _, f := range faults {
		time.Sleep(time.Until(began.Add(f.At)))
		if *schedule {
			t.Log(f)
		}
		mending.Go(func() { w.strike(f, nc, &fired) })
	}
	time.Sleep(time.Until(began.Add(d)))
	mending.Wait()
	close(over)
	n := <-published

	left := w.settle(t, j)
	unwatch()
	<-watched
	var exits []string
	var leaving sync.WaitGroup
	for _, s := range w.workers {
		leaving.Go(func() { s.close(syscall.SIGTERM) })
	}
	leaving.Wait()
	for _, s := range w.workers {
		exits = append(exits, s.exits...)
	}
	if w.embedded() { // the server went with its worker: once more without
		nc.Close()
		s, conn := embed(t, filepath.Join(dir, "store"))
		defer s.Close()
		defer conn.Close(context.Background())
		_, j = jetstreamtest.Client(t, s.URL())
	}
	v := audit(t, j, streams, binary, dir, n)
	v.Stuck = left
	if c, err := j.Consumer(t.Context(), streams.RawStream, streams.Setup.Consumer); err != nil {
		t.Error(err)
	} else {
		v.Repeated = int(c.CachedInfo().Delivered.Consumer) - n
	}
	t.Logf("%d kills of workers, %d of servers, %d leaders told to step down, %d changes of leader seen; %s", fired[0].Load(), fired[1].Load(), fired[2].Load(), w.leads.changes, v)
	t.Logf("%d times a worker gave up by itself and was started again, %d times the consumer said that nothing was left although there was; it all took %s",
		len(exits), w.leads.lies, time.Since(began).Round(time.Second))
	for _, e := range exits[:min(len(exits), 5)] {
		t.Logf("gave up: %s", e)
	}
	if v.Lost+v.Twice+v.Wrong+v.Stray+v.Stuck > 0 {
		t.Errorf("the promise is broken:\n%s", strings.Join(v.Examples, "\n"))
	}
	if n == 0 || v.Records == 0 || fired[0].Load()+fired[1].Load() == 0 {
		t.Error("nothing was proved")
	}
}

func (w *world) embedded() bool { return len(w.servers) == 1 && w.servers[0] == w.workers[0] }

func (w *world) urls() string {
	var urls []string
	for _, l := range w.lines {
		urls = append(urls, "nats://"+l.address())
	}
	return strings.Join(urls, ",")
}

// open is a publisher's connection, which suffers from the faults as the workers' do.
func (w *world) open(t *testing.T, urls string) *jetstream.Streams {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	conn, err := jetstream.Connect(ctx, jetstream.Options{URL: urls})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		conn.Close(ctx)
	})
	s, err := conn.Streams(ctx, jetstream.Setup{})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// send publishes articles until over, and returns how many: each of them acknowledged by the stream.
func send(t *testing.T, s *jetstream.Streams, over chan struct{}) int {
	p, err := s.Publisher("chaos", 64)
	if err != nil {
		t.Error(err)
		return 0
	}
	var all sync.WaitGroup
	ticks := time.NewTicker(time.Second / time.Duration(*rate))
	defer ticks.Stop()
	n := 0
	for {
		select {
		case <-over:
			all.Wait()
			return n
		case <-ticks.C:
		}
		a := jetstream.RawArticle{Data: article(n)}
		all.Add(1)
		var again func(jetstream.Published)
		again = func(r jetstream.Published) {
			if r.Err == nil {
				all.Done()
			} else if err := p.Publish(t.Context(), a, again); err != nil { // the same id: twice does no harm
				t.Errorf("article %d: %v", n, err)
				all.Done()
			}
		}
		if err := p.Publish(t.Context(), a, again); err != nil {
			t.Error(err)
			all.Done()
		}
		n++
	}
}

// strike does what a fault says and mends it.
func (w *world) strike(f fault, nc *nats.Conn, fired *[3]atomic.Int64) {
	worker := w.workers[f.Target%len(w.workers)]
	at := f.Target % len(w.servers)
	if len(w.servers) > 1 && slices.Contains([]kind{killServer, stopServer, partition, muteLine, noMajority}, f.Kind) {
		at = w.leads.server(f.Target)
	}
	line := w.lines[at%len(w.lines)]
	switch f.Kind {
	case killWorker:
		if worker.signal(syscall.SIGKILL, 0) != nil {
			fired[0].Add(1)
		}
	case termWorker:
		worker.signal(syscall.SIGTERM, 0)
	case stopWorker:
		worker.stop(f.For)
	case killServer:
		if w.servers[at].signal(syscall.SIGKILL, f.For) != nil {
			fired[1].Add(1)
		}
	case noMajority:
		for i := range 2 {
			if w.servers[(at+i)%len(w.servers)].signal(syscall.SIGKILL, f.For) != nil {
				fired[1].Add(1)
			}
		}
	case stopServer:
		w.servers[at].stop(f.For)
	case stepDown:
		if _, err := nc.Request(w.leads.stepDown(f.Target), nil, 2*time.Second); err == nil {
			fired[2].Add(1)
		}
	case slowLine:
		line.set(func(p *proxy) { p.latency = f.Amount })
		time.Sleep(f.For)
		line.set(func(p *proxy) { p.latency = 0 })
	case cutLine:
		line.set(func(p *proxy) { p.down = true })
		line.cut()
		time.Sleep(f.For)
		line.set(func(p *proxy) { p.down = false })
	case muteLine:
		line.set(func(p *proxy) { p.held = true })
		time.Sleep(f.For)
		line.set(func(p *proxy) { p.held = false })
	case partition:
		w.part(at, true)
		time.Sleep(f.For)
		w.part(at, false)
	}
}

// part takes a server out of its cluster, or brings it back. Clients reach it all the while.
func (w *world) part(at int, held bool) {
	for i := range w.routes {
		for k, r := range w.routes[i] {
			if r != nil && (i == at || k == at) {
				r.set(func(p *proxy) { p.held = held })
			}
		}
	}
}

// settle waits until every article is acknowledged, and returns how many are not when there has been no progress for too
// long. It asks the stream how many there are: a consumer whose server lags behind in a cluster says that nothing is
// pending.
func (w *world) settle(t *testing.T, j js.JetStream) int {
	t.Helper()
	left, least, said := -1, math.MaxInt, ""
	for until := time.Now().Add(drain); time.Now().Before(until); time.Sleep(100 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		s, err := j.Stream(ctx, "ARTICLES_RAW")
		var c js.Consumer
		if err == nil {
			c, err = s.Consumer(ctx, "quotewire")
		}
		cancel()
		if err != nil {
			said = err.Error()
			continue
		}
		state, info := s.CachedInfo(), c.CachedInfo()
		left = max(int(state.State.LastSeq)-int(info.AckFloor.Stream), info.NumAckPending+int(info.NumPending))
		said = fmt.Sprintf("last article %d of %+v; delivered %+v, acknowledged %+v, pending %d, in hand %d, redelivered %d, pulls waiting %d, of %+v",
			state.State.LastSeq, state.Cluster, info.Delivered, info.AckFloor, info.NumPending, info.NumAckPending, info.NumRedelivered, info.NumWaiting, info.Cluster)
		if left == 0 {
			return 0
		}
		if left < least {
			least, until = left, time.Now().Add(drain)
		}
	}
	t.Errorf("the work does not end: %s", said)
	return max(left, 1)
}

func embedded(t *testing.T, binary, dir string) *world {
	store := filepath.Join(dir, "store")
	server, conn := embed(t, store)
	prepare(t, conn, jetstream.Setup{AckWait: ackWait})
	if err := conn.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	address := "127.0.0.1:" + strconv.Itoa(jetstreamtest.FreePort(t))
	w := &world{direct: []string{"nats://" + address}, lines: []*proxy{newProxy(t, address)}}
	host := newSlot(t, "host", dir, func() *exec.Cmd {
		return exec.Command(binary, "run", "--reader", reader, "--workers", "2", "--store", store, "--listen", address)
	})
	w.workers, w.servers = []*slot{host}, []*slot{host}
	jetstreamtest.WaitFor(t, w.direct...)
	w.hire(t, binary, dir, workers-1)
	return w
}

func single(t *testing.T, binary, dir string) *world {
	port := jetstreamtest.FreePort(t)
	address := "127.0.0.1:" + strconv.Itoa(port)
	w := &world{direct: []string{"nats://" + address}, lines: []*proxy{newProxy(t, address)}}
	spec := serverSpec{Name: "n0", Dir: filepath.Join(dir, "n0"), Port: port}
	w.servers = []*slot{newSlot(t, "n0", dir, spec.command)}
	jetstreamtest.WaitFor(t, w.direct...)
	prepare(t, dial(t, w.direct[0]), jetstream.Setup{AckWait: ackWait})
	w.hire(t, binary, dir, workers)
	return w
}

func cluster(t *testing.T, binary, dir string) *world {
	w := servers(t, dir)
	w.hire(t, binary, dir, workers)
	return w
}

// servers are a cluster without workers.
func servers(t *testing.T, dir string) *world {
	const n = 3
	w := &world{}
	specs := make([]serverSpec, n)
	for i := range specs {
		name := "n" + strconv.Itoa(i)
		specs[i] = serverSpec{Name: name, Dir: filepath.Join(dir, name), Port: jetstreamtest.FreePort(t), Cluster: jetstreamtest.FreePort(t)}
		address := "127.0.0.1:" + strconv.Itoa(specs[i].Port)
		w.direct = append(w.direct, "nats://"+address)
		w.lines = append(w.lines, newProxy(t, address))
	}
	for i := range specs {
		w.routes = append(w.routes, make([]*proxy, n))
		for k := range specs {
			if i != k {
				w.routes[i][k] = newProxy(t, "127.0.0.1:"+strconv.Itoa(specs[k].Cluster))
				specs[i].Routes = append(specs[i].Routes, w.routes[i][k].address())
			}
		}
	}
	for _, spec := range specs {
		w.servers = append(w.servers, newSlot(t, spec.Name, dir, spec.command))
	}
	jetstreamtest.WaitFor(t, w.direct...)
	prepare(t, dial(t, strings.Join(w.direct, ",")), jetstream.Setup{Replicas: n, AckWait: ackWait})
	return w
}

// hire starts workers that come through the lines.
func (w *world) hire(t *testing.T, binary, dir string, n int) {
	for i := range n {
		w.workers = append(w.workers, newSlot(t, "worker"+strconv.Itoa(i), dir, func() *exec.Cmd {
			return exec.Command(binary, "run", "--reader", reader, "--workers", "2", "--nats", w.urls())
		}))
	}
}

func embed(t *testing.T, store string) (*jetstream.Server, *jetstream.Conn) {
	t.Helper()
	server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: store, Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := jetstream.Connect(t.Context(), jetstream.Options{Server: server})
	if err != nil {
		t.Fatal(err)
	}
	return server, conn
}

func dial(t *testing.T, urls string) *jetstream.Conn {
	t.Helper()
	conn, err := jetstream.Connect(t.Context(), jetstream.Options{URL: urls})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

// prepare makes the streams and the consumer, which the workers then take as they are.
func prepare(t *testing.T, conn *jetstream.Conn, setup jetstream.Setup) {
	t.Helper()
	var err error
	for range 60 { // a cluster needs a leader first
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		var s *jetstream.Streams
		if s, err = conn.Streams(ctx, setup); err == nil {
			var source *jetstream.Source
			if source, err = s.Source(ctx, 1); err == nil {
				err = source.Close(ctx)
			}
		}
		cancel()
		if err == nil {
			return
		}
		time.Sleep(500 * time.Millisecond)
	}
	t.Fatal(err)
}
