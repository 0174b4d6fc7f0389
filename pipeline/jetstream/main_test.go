package jetstream_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// patience is how long a test waits for what must come, and for each further step of it. It is no measure of anything: a
// machine may be busy, and a test that has nothing to wait for any more does not wait.
const patience = 2 * time.Minute

// eventually waits until something holds; its answer says how things stand, for the failure.
func eventually(t *testing.T, holds func() (bool, string)) {
	t.Helper()
	for until := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		ok, how := holds()
		if ok {
			return
		}
		if time.Now().After(until) {
			t.Fatal(how)
		}
	}
}

// workerEnv makes the test binary a worker process instead of running tests: see kill_test.go.
const workerEnv = "QUOTEWIRE_TEST_WORKER"

// program lets other versions of NATS prove themselves:
//
//	go test ./pipeline/jetstream -nats.server /path/to/nats-server
var program = flag.String("nats.server", "", "nats-server program; empty: the embedded server")

func TestMain(m *testing.M) {
	if spec := os.Getenv(workerEnv); spec != "" {
		os.Exit(workerMain(spec))
	}
	flag.Parse()
	if flag.Lookup("test.parallel").Value.String() == strconv.Itoa(runtime.GOMAXPROCS(0)) { // the default
		flag.Set("test.parallel", "8") // these tests wait, for acknowledgements that do not come and pulls that end
	}
	os.Exit(m.Run())
}

// embed starts a server in a directory of the test. It does not wait for the disk, which no test here could notice.
func embed(t *testing.T, c jetstream.EmbedConfig) *jetstream.Server {
	t.Helper()
	if c.Dir == "" {
		c.Dir = t.TempDir()
	}
	c.Fast = true
	s, err := jetstream.Embed(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// anyServer starts a server for those tests that need to know no more of it than a URL: the embedded one, or -nats.server.
func anyServer(t *testing.T) (url string) {
	t.Helper()
	if *program != "" {
		return jetstreamtest.StartProgram(t, *program, 1).URL
	}
	return embed(t, jetstream.EmbedConfig{Listen: "127.0.0.1:0"}).URL()
}

// serve starts a server such as an operator has: not ours, on a port, with whatever options.
func serve(t *testing.T, o *server.Options) *server.Server {
	t.Helper()
	o.Host, o.NoSigs, o.NoLog = "127.0.0.1", true, true
	if o.Port == 0 {
		o.Port = server.RANDOM_PORT
	}
	o.JetStream, o.JetStreamMaxMemory, o.JetStreamMaxStore = true, 1<<20, 1<<30
	if o.StoreDir == "" {
		o.StoreDir = t.TempDir()
	}
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(patience) {
		t.Fatal("the server is not ready")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s
}

func connect(t *testing.T, o jetstream.Options) *jetstream.Conn {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := jetstream.Connect(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		c.Close(ctx)
	})
	return c
}

func open(t *testing.T, c *jetstream.Conn, setup jetstream.Setup) *jetstream.Streams {
	t.Helper()
	s, err := c.Streams(t.Context(), setup)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// start is a server, a connection and its streams.
func start(t *testing.T, setup jetstream.Setup) *jetstream.Streams {
	t.Helper()
	return open(t, connect(t, jetstream.Options{Server: embed(t, jetstream.EmbedConfig{})}), setup)
}

// raw is a client of its own, for what the package does not offer.
func raw(t *testing.T, url string, opts ...nats.Option) js.JetStream {
	t.Helper()
	_, j := jetstreamtest.Client(t, url, opts...)
	return j
}

// publish puts articles into the stream of raw articles and fails the test unless the stream has them all.
func publish(t *testing.T, s *jetstream.Streams, articles ...jetstream.RawArticle) []jetstream.Published {
	t.Helper()
	p, err := s.Publisher("test", 0)
	if err != nil {
		t.Fatal(err)
	}
	results := make([]jetstream.Published, len(articles))
	for i, a := range articles {
		if err := p.Publish(t.Context(), a, func(r jetstream.Published) { results[i] = r }); err != nil {
			t.Fatal(err)
		}
	}
	p.Flush()
	for i, r := range results {
		if r.Err != nil {
			t.Fatalf("article %d: %v", i, r.Err)
		}
	}
	return results
}

func articles(n int) []jetstream.RawArticle {
	list := make([]jetstream.RawArticle, n)
	for i := range list {
		list[i] = jetstream.RawArticle{Data: pipelinetest.Article(i), ContentType: "application/json"}
	}
	return list
}

// worker runs a pipeline in the background until stop, which returns what Run returned.
func worker(t *testing.T, s *jetstream.Streams, change func(*pipeline.Config)) (stop func() (pipeline.Summary, error)) {
	t.Helper()
	c := pipeline.Config{Extract: pipelinetest.Extract, Fingerprint: pipelinetest.Fingerprint, Sink: s.Sink(), Workers: 4}
	if change != nil {
		change(&c)
	}
	source, err := s.Source(t.Context(), c.InHand())
	if err != nil {
		t.Fatal(err)
	}
	c.Source = source
	ctx, cancel := context.WithCancel(context.Background())
	var sum pipeline.Summary
	ended := make(chan error, 1)
	go func() {
		var err error
		sum, err = pipeline.Run(ctx, c)
		if errors.Is(err, context.Canceled) {
			err = nil
		}
		end, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		ended <- errors.Join(err, source.Close(end))
	}()
	stopped := false
	stop = func() (pipeline.Summary, error) {
		cancel()
		stopped = true
		return sum, <-ended
	}
	t.Cleanup(func() {
		if !stopped {
			stop()
		}
	})
	return stop
}

// slowly lets a worker take so long for each article that something can happen in the middle of the work.
func slowly(d time.Duration) func(*pipeline.Config) {
	return func(c *pipeline.Config) {
		c.Extract = func(a schema.Article) schema.Record {
			time.Sleep(d)
			return pipelinetest.Extract(a)
		}
	}
}

// outcomes waits for n records and dead letters and returns them; it fails if more come within the time of a breath.
func outcomes(t *testing.T, s *jetstream.Streams, n int) (records []jetstream.Outcome, dead []jetstream.DeadLetter) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	late := time.AfterFunc(patience, cancel)
	defer late.Stop()
	for o, err := range s.Follow(ctx, jetstream.Mark{}) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Dead != nil {
			dead = append(dead, *o.Dead)
		} else {
			records = append(records, o)
		}
		late.Reset(patience)
		if len(records)+len(dead) == n {
			time.AfterFunc(150*time.Millisecond, cancel)
		}
	}
	if got := len(records) + len(dead); got != n {
		t.Fatalf("%d records and %d dead letters, want %d in all", len(records), len(dead), n)
	}
	return records, dead
}

// idle waits until no article is pending or in hand.
func idle(t *testing.T, url string, s *jetstream.Streams, opts ...nats.Option) {
	t.Helper()
	j := raw(t, url, opts...)
	stream, err := j.Stream(t.Context(), s.RawStream)
	if err != nil {
		t.Fatal(err)
	}
	c, err := stream.Consumer(t.Context(), s.Setup.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, func() (bool, string) {
		info, err := c.Info(t.Context())
		// The last one must have been delivered: the server may not have counted it as pending yet.
		done := err == nil && info.NumPending == 0 && info.NumAckPending == 0 && info.Delivered.Stream >= stream.CachedInfo().State.LastSeq
		return done, fmt.Sprintf("the consumer is not idle: %+v, %v", info, err)
	})
}
