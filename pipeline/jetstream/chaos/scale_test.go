//go:build unix

package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

var (
	scaleArticles = flag.Int("scale.articles", 0, "articles that TestScale publishes; 0: it is skipped")
	scaleFor      = flag.Duration("scale.for", time.Hour, "how long the workers have, each time")
	scaleServers  = flag.Int("scale.servers", 3, "NATS servers, and replicas of each stream")
	scaleReader   = flag.String("scale.reader", reader, "what reads the articles")
)

// TestScale moves a backlog of articles of 720 words through a cluster, with one worker process and then with two on the
// same durable consumer, and tells rates and the processor time of workers and servers. What was settled must be in the
// stream of records, once.
//
//	go test ./pipeline/jetstream/chaos -run Scale -v -timeout 3h -scale.articles 100000 -scale.for 20m
func TestScale(t *testing.T) {
	if *scaleArticles == 0 {
		t.Skip("a measurement: see -scale.articles")
	}
	binary := build(t)
	for _, processes := range []int{1, 2} {
		alone := costOfFile(t, binary, 200)
		servers := jetstreamtest.Start(t, *scaleServers)
		nc, j := jetstreamtest.Client(t, servers.URL)
		conn := dial(t, servers.URL)
		prepare(t, conn, jetstream.Setup{Replicas: *scaleServers, AckWait: ackWait})
		streams, err := conn.Streams(t.Context(), jetstream.Setup{})
		if err != nil {
			t.Fatal(err)
		}
		backlog(t, streams, *scaleArticles)
		work := make([]*exec.Cmd, processes)
		for i := range work {
			work[i] = exec.Command(binary, "run", "--reader", *scaleReader, "--workers", "1", "--nats", servers.URL)
			work[i].Env = append(os.Environ(), "GOMAXPROCS=1")
			if err := work[i].Start(); err != nil {
				t.Fatal(err)
			}
			defer work[i].Process.Kill()
		}
		used := func() (workers time.Duration) {
			for _, cmd := range work {
				workers += jetstreamtest.CPU(t, cmd.Process.Pid)
			}
			return workers
		}
		for settled(t, j, streams) < 20*processes { // starting is not counted
			time.Sleep(time.Second)
		}
		first, began, workersBefore, serversBefore := settled(t, j, streams), time.Now(), used(), servers.CPU(t)
		for settled(t, j, streams) < *scaleArticles && time.Since(began) < *scaleFor {
			time.Sleep(5 * time.Second)
		}
		n, took := settled(t, j, streams)-first, time.Since(began)
		per := func(d time.Duration) time.Duration { return (d / time.Duration(n)).Round(time.Microsecond) }
		workers, server := per(used()-workersBefore), per(servers.CPU(t)-serversBefore)
		ended := make(chan error, processes)
		for _, cmd := range work {
			cmd.Process.Signal(os.Interrupt)
			go func() { ended <- cmd.Wait() }()
		}
		for range work {
			if err := <-ended; err != nil {
				t.Errorf("a worker ended: %v", err)
			}
		}
		all := settled(t, j, streams)
		records, err := j.Stream(t.Context(), streams.ExtractedStream)
		if err != nil {
			t.Fatal(err)
		}
		state := records.CachedInfo().State
		if int(state.Msgs) != all {
			t.Errorf("%d articles settled, %d records", all, state.Msgs)
		}
		rate := float64(n) / took.Seconds()
		t.Logf("%d servers, %d worker processes, reader %s: %d articles in %s, %.1f a second, which makes %.2f million a day; %d records of %d bytes, all there once",
			*scaleServers, processes, *scaleReader, n, took.Round(time.Second), rate, rate*86400/1e6, all, state.Bytes/max(1, state.Msgs))
		t.Logf("processor time an article: from a file %s, workers %s, all servers %s; above a file %.1f %% of the whole", alone, workers, server,
			100*float64(workers+server-alone)/float64(workers+server))
		nc.Close()
		conn.Close(context.Background())
		servers.Stop()
	}
}

func scaleArticle(i int) []byte {
	data, err := json.Marshal(map[string]string{"id": "scale-" + strconv.Itoa(i), "language": "en", "text": jetstreamtest.Long(i, 18)})
	if err != nil {
		panic(err)
	}
	return data
}

// costOfFile is the processor time that the binary takes for an article of a file, its start not counted.
func costOfFile(t *testing.T, binary string, n int) time.Duration {
	t.Helper()
	took := func(n int) time.Duration {
		var file bytes.Buffer
		for i := range n {
			file.Write(append(scaleArticle(i), '\n'))
		}
		path := filepath.Join(t.TempDir(), "scale.ndjson")
		if err := os.WriteFile(path, file.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(binary, "extract", "--reader", *scaleReader, "--workers", "1", "--format", "ndjson", path)
		cmd.Env = append(os.Environ(), "GOMAXPROCS=1")
		if _, err := cmd.Output(); err != nil {
			t.Fatal(err)
		}
		return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	}
	return ((took(n+20) - took(20)) / time.Duration(n)).Round(time.Microsecond)
}

func backlog(t *testing.T, s *jetstream.Streams, n int) {
	t.Helper()
	p, err := s.Publisher("scale", 0)
	if err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if err := p.Publish(t.Context(), jetstream.RawArticle{Data: scaleArticle(i)}, func(r jetstream.Published) {
			if r.Err != nil {
				t.Error(r.Err)
			}
		}); err != nil {
			t.Fatal(err)
		}
	}
	p.Flush()
}

// settled is how many articles are acknowledged, from the first on.
func settled(t *testing.T, j js.JetStream, s *jetstream.Streams) int {
	t.Helper()
	var err error
	for range 20 {
		var c js.Consumer
		if c, err = j.Consumer(t.Context(), s.RawStream, s.Setup.Consumer); err == nil {
			return int(c.CachedInfo().AckFloor.Stream)
		}
		time.Sleep(time.Second)
	}
	t.Fatal(err)
	return 0
}
