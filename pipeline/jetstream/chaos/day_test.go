//go:build unix

package chaos_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"flag"
	"fmt"
	"os/exec"
	"path/filepath"
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
	dayArticles  = flag.Int("day.articles", 0, "articles of TestDay; 0: it is skipped")
	dayFor       = flag.Duration("day.for", 0, "publish no more after this long; 0: until all are")
	dayProcesses = flag.Int("day.processes", 1, "worker processes")
	dayWorkers   = flag.Int("day.workers", 8, "workers in each")
	daySample    = flag.Int("day.sample", 20, "compare the bytes of one record in so many with that of a file")
)

const (
	dayAhead = 2000             // articles that are published and not yet read
	dayTells = 15 * time.Second // between two lines of progress
)

// TestDay is a day of an agency: briefs of 50 to 125 words, all different, through a cluster of three server processes with
// streams of three replicas. They are published as fast as they are read. A worker process is killed after a third and after two
// thirds of the day, and at the half the server that leads the stream of records. An auditor reads the stream of
// records as it grows: each article must have one record, of its own text, and nothing else.
//
//	go test ./pipeline/jetstream/chaos -run Day -v -timeout 4h -day.articles 1000000
func TestDay(t *testing.T) {
	if *dayArticles == 0 {
		t.Skip("takes hours: see -day.articles")
	}
	d := newDay(t)
	began := time.Now()
	over := make(chan struct{})
	var by sync.WaitGroup
	by.Go(func() { d.publish(t, over) })
	by.Go(func() { d.follow(t, over) })
	d.supervise(t, began)
	close(over)
	by.Wait()
	d.judge(t, time.Since(began))
}

// A day is the processes, and what is known of each article.
type day struct {
	dir, binary string
	nodes       []*slot
	workers     []*slot
	streams     *jetstream.Streams
	j           js.JetStream

	published atomic.Int64 // acknowledged by the stream of raw articles
	all       atomic.Int64 // how many there will be
	floor     atomic.Int64 // settled, from the first on

	// The auditor's alone until it has ended; what is told while it runs is in read.
	read     atomic.Int64
	records  []uint8  // by article
	sums     [][]byte // of the bodies of the sample, by article
	quotes   int
	size     int
	stray    int
	wrong    int
	examples []string

	byWorkers, byNodes map[int]time.Duration // processor time by process: see used
}

func newDay(t *testing.T) *day {
	t.Helper()
	d := &day{dir: *keep, binary: build(t), records: make([]uint8, *dayArticles), sums: make([][]byte, *dayArticles),
		byWorkers: map[int]time.Duration{}, byNodes: map[int]time.Duration{}}
	if d.dir == "" {
		d.dir = t.TempDir()
	}
	d.all.Store(int64(*dayArticles))
	const n = 3
	specs := make([]serverSpec, n)
	var urls []string
	for i := range specs {
		name := "n" + strconv.Itoa(i)
		specs[i] = serverSpec{Name: name, Dir: filepath.Join(d.dir, name), Port: jetstreamtest.FreePort(t), Cluster: jetstreamtest.FreePort(t)}
		urls = append(urls, "nats://127.0.0.1:"+strconv.Itoa(specs[i].Port))
	}
	for i := range specs {
		for k := range specs {
			if k != i {
				specs[i].Routes = append(specs[i].Routes, "127.0.0.1:"+strconv.Itoa(specs[k].Cluster))
			}
		}
		d.nodes = append(d.nodes, newSlot(t, specs[i].Name, d.dir, specs[i].command))
	}
	jetstreamtest.WaitFor(t, urls...)
	url := strings.Join(urls, ",")
	prepare(t, dial(t, url), jetstream.Setup{Replicas: n})
	for i := range *dayProcesses {
		d.workers = append(d.workers, newSlot(t, "worker"+strconv.Itoa(i), d.dir, func() *exec.Cmd {
			return exec.Command(d.binary, "run", "--reader", reader, "--workers", strconv.Itoa(*dayWorkers), "--nats", url)
		}))
	}
	var err error
	if d.streams, err = dial(t, url).Streams(t.Context(), jetstream.Setup{}); err != nil {
		t.Fatal(err)
	}
	_, d.j = jetstreamtest.Client(t, url, nats.MaxReconnects(-1), nats.ReconnectWait(100*time.Millisecond))
	return d
}

// brief is the i-th article and its text.
func brief(i int) (data []byte, text string) {
	title, text := jetstreamtest.Brief(i)
	data, err := json.Marshal(map[string]string{"id": "day-" + strconv.Itoa(i), "language": "en", "title": title, "text": text})
	if err != nil {
		panic(err)
	}
	return data, text
}

// publish publishes the day, a little ahead of the workers, until the stream has acknowledged all of it.
func (d *day) publish(t *testing.T, over chan struct{}) {
	p, err := d.streams.Publisher("day", 0)
	if err != nil {
		t.Error(err)
		return
	}
	began := time.Now()
	for i := range *dayArticles {
		for int64(i)-d.floor.Load() >= dayAhead {
			select {
			case <-over:
				return
			case <-time.After(100 * ms):
			}
		}
		if *dayFor > 0 && time.Since(began) > *dayFor {
			d.all.Store(int64(i))
			break
		}
		data, _ := brief(i)
		a := jetstream.RawArticle{Data: data}
		var done func(jetstream.Published)
		done = func(r jetstream.Published) {
			if r.Err == nil {
				d.published.Add(1)
			} else if err := p.Publish(t.Context(), a, done); err != nil { // the same id: twice does no harm
				t.Errorf("article %d: %v", i, err)
			}
		}
		if err := p.Publish(t.Context(), a, done); err != nil {
			t.Error(err)
			return
		}
	}
	p.Flush()
}

// follow reads the stream of records from its beginning, each of its messages once, until it is over and all is read.
func (d *day) follow(t *testing.T, over chan struct{}) {
	next := uint64(1)
	for t.Context().Err() == nil {
		err := d.readOn(t.Context(), &next)
		select {
		case <-over:
			if err == nil {
				return
			}
		case <-time.After(100 * ms):
		}
	}
}

// readOn reads on from next with a consumer of its own, to the end of the stream. It fails if the server that has that
// consumer dies.
func (d *day) readOn(ctx context.Context, next *uint64) error {
	s, err := d.j.Stream(ctx, d.streams.ExtractedStream)
	if err != nil {
		return err
	}
	last := s.CachedInfo().State.LastSeq
	if last < *next {
		return nil
	}
	c, err := s.CreateConsumer(ctx, js.ConsumerConfig{AckPolicy: js.AckNonePolicy, MemoryStorage: true, Replicas: 1,
		DeliverPolicy: js.DeliverByStartSequencePolicy, OptStartSeq: *next, InactiveThreshold: time.Minute})
	if err != nil {
		return err
	}
	defer s.DeleteConsumer(ctx, c.CachedInfo().Name)
	seen := uint64(0)
	for *next <= last {
		batch, err := c.Fetch(1000, js.FetchMaxWait(2*time.Second))
		if err != nil {
			return err
		}
		n := 0
		for m := range batch.Messages() {
			meta, err := m.Metadata()
			if err != nil {
				return err
			}
			if seen++; meta.Sequence.Consumer != seen {
				return fmt.Errorf("missed a message before %d", meta.Sequence.Stream)
			}
			d.check(m)
			*next = meta.Sequence.Stream + 1
			n++
		}
		if err := batch.Error(); err != nil {
			return err
		}
		if n == 0 {
			return fmt.Errorf("the stream ends at %d, and nothing comes after %d", last, *next)
		}
	}
	return nil
}

// check enters a message of the stream of records.
func (d *day) check(m js.Msg) {
	d.read.Add(1)
	d.size += len(m.Data())
	var r struct {
		Article struct {
			ID         string
			TextSHA256 string `json:"text_sha256"`
		}
		Quotes []json.RawMessage
	}
	i, err := -1, json.Unmarshal(m.Data(), &r)
	if err == nil {
		i, err = strconv.Atoi(strings.TrimPrefix(r.Article.ID, "day-"))
	}
	if err != nil || i < 0 || i >= *dayArticles {
		d.stray++
		d.example("no record of an article: %s %.80q", m.Subject(), m.Data())
		return
	}
	d.quotes += len(r.Quotes)
	d.records[i] = min(d.records[i], 100) + 1
	_, text := brief(i)
	if sum := sha256.Sum256([]byte(text)); r.Article.TextSHA256 != hex.EncodeToString(sum[:]) {
		d.wrong++
		d.example("record of article %d is of another text", i)
	}
	if i%*daySample == 0 {
		sum := sha256.Sum256(m.Data())
		d.sums[i] = sum[:]
	}
}

func (d *day) example(format string, args ...any) {
	if len(d.examples) < 20 {
		d.examples = append(d.examples, fmt.Sprintf(format, args...))
	}
}

// supervise tells how far it is, kills, and returns once every article is settled, or nothing happens any more.
func (d *day) supervise(t *testing.T, began time.Time) {
	kills := []struct {
		after float64 // part of the day
		kill  func(*testing.T) string
	}{{1. / 3, d.killWorker}, {1. / 2, d.killLeader}, {2. / 3, d.killWorker}}
	moved, told, then := time.Now(), time.Now(), 0 // then: settled when it was told
	for ; ; time.Sleep(500 * ms) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		c, err := d.j.Consumer(ctx, d.streams.RawStream, d.streams.Consumer)
		cancel()
		if err != nil {
			t.Logf("asking for the consumer: %v", err)
		} else if n := int64(c.CachedInfo().AckFloor.Stream); n > d.floor.Swap(n) {
			moved = time.Now()
		}
		floor, all := int(d.floor.Load()), int(d.all.Load())
		over := floor >= all && int(d.published.Load()) == all
		if over || time.Since(told) > dayTells {
			mean := float64(floor) / time.Since(began).Seconds()
			t.Logf("%s: %d published, %d settled, %d records audited; %.0f a second now, %.0f on average, %s left; processor time of workers %s, of servers %s",
				time.Since(began).Round(time.Second), d.published.Load(), floor, d.read.Load(),
				float64(floor-then)/time.Since(told).Seconds(), mean, time.Duration(float64(all-floor)/max(mean, 1)*1e9).Round(time.Second),
				used(d.workers, d.byWorkers), used(d.nodes, d.byNodes))
			told, then = time.Now(), floor
		}
		if over {
			return
		}
		if time.Since(moved) > 3*drain {
			t.Errorf("nothing was settled for %s", time.Since(moved).Round(time.Second))
			return
		}
		part := float64(floor) / float64(all)
		if *dayFor > 0 {
			part = max(part, float64(time.Since(began))/float64(*dayFor))
		}
		if len(kills) > 0 && part > kills[0].after {
			used(d.workers, d.byWorkers)
			used(d.nodes, d.byNodes)
			t.Logf("%s: %d settled; %s", time.Since(began).Round(time.Second), floor, kills[0].kill(t))
			kills = kills[1:]
		}
	}
}

// used is the processor time of the processes of all slots, also of those before the present ones as they were last seen.
func used(slots []*slot, seen map[int]time.Duration) (sum time.Duration) {
	for _, s := range slots {
		s.mu.Lock()
		cmd := s.cmd
		s.mu.Unlock()
		if cmd == nil || cmd.Process == nil {
			continue
		}
		if d, err := jetstreamtest.Used(cmd.Process.Pid); err == nil {
			seen[cmd.Process.Pid] = d
		}
	}
	for _, d := range seen {
		sum += d
	}
	return sum.Round(time.Second)
}

func (d *day) killWorker(t *testing.T) string {
	if d.workers[0].signal(syscall.SIGKILL, 0) == nil {
		t.Error("no worker to kill")
	}
	return "a worker is killed, and another takes its place"
}

func (d *day) killLeader(t *testing.T) string {
	s, err := d.j.Stream(t.Context(), d.streams.ExtractedStream)
	if err != nil {
		t.Errorf("asking for the leader: %v", err)
		return "no server is killed"
	}
	leader := s.CachedInfo().Cluster.Leader
	for _, node := range d.nodes {
		if node.name == leader && node.signal(syscall.SIGKILL, 5*time.Second) != nil {
			return "server " + leader + ", which leads the stream of records, is killed, and started again after 5 s"
		}
	}
	t.Errorf("no server to kill: the leader is %q", leader)
	return "no server is killed"
}

// judge counts what is not as it must be.
func (d *day) judge(t *testing.T, took time.Duration) {
	for _, s := range d.workers {
		s.close(syscall.SIGTERM)
		for _, e := range s.exits {
			t.Logf("gave up and was started again: %s", e)
		}
	}
	n := int(d.all.Load())
	info := func(stream string) js.StreamState {
		s, err := d.j.Stream(t.Context(), stream)
		if err != nil {
			t.Fatal(err)
		}
		return s.CachedInfo().State
	}
	c, err := d.j.Consumer(t.Context(), d.streams.RawStream, d.streams.Consumer)
	if err != nil {
		t.Fatal(err)
	}
	raw, records, dead := info(d.streams.RawStream), info(d.streams.ExtractedStream), info(d.streams.DeadStream)
	lost, once, twice := 0, 0, 0
	for i, k := range d.records {
		switch {
		case i >= n && k > 0:
			d.stray++
		case i >= n:
		case k == 0:
			lost++
			d.example("article %d has no record", i)
		case k == 1:
			once++
		default:
			twice++
			d.example("article %d has %d records", i, k)
		}
	}
	compared, differ := d.sample(t, n)
	left := c.CachedInfo().NumAckPending + int(c.CachedInfo().NumPending)
	t.Logf("%d articles in %s, %.0f a second, which makes %.1f million a day; %d have one record, none %d, several %d; %d dead letters, %d records of another text, %d strays, %d stuck, %d deliveries repeated",
		n, took.Round(time.Second), float64(n)/took.Seconds(), float64(n)/took.Hours()*24/1e6, once, lost, twice, dead.Msgs, d.wrong, d.stray, left,
		int(c.CachedInfo().Delivered.Consumer)-n)
	t.Logf("of %d records the bytes were compared with those of a file: %d differ; %d quotes in all, %d bytes a record; streams of %.2f and %.2f GB on each of three servers",
		compared, differ, d.quotes, d.size/max(1, int(d.read.Load())), float64(raw.Bytes)/1e9, float64(records.Bytes)/1e9)
	workers, nodes := used(nil, d.byWorkers), used(nil, d.byNodes)
	t.Logf("processor time an article: workers %s, all servers %s", workers/time.Duration(max(n, 1)), nodes/time.Duration(max(n, 1)))
	if lost+twice+d.wrong+d.stray+left+differ+int(dead.Msgs) > 0 || once != n || int(raw.Msgs) != n || int(records.Msgs) != n {
		t.Errorf("the promise is broken: %d raw articles and %d messages in the stream of records of %d\n%s", raw.Msgs, records.Msgs, n, strings.Join(d.examples, "\n"))
	}
}

// sample compares records, byte for byte, with those that the binary makes of a file of the same articles.
func (d *day) sample(t *testing.T, n int) (compared, differ int) {
	t.Helper()
	var in bytes.Buffer
	var of []int
	for i := 0; i < n; i += *daySample {
		data, _ := brief(i)
		in.Write(append(data, '\n'))
		of = append(of, i)
	}
	lines := bytes.Split(bytes.TrimSpace(fromFile(t, d.binary, d.dir, in.Bytes())), []byte("\n"))
	if len(lines) != len(of) {
		t.Fatalf("%d records of a file of %d articles", len(lines), len(of))
	}
	for k, i := range of {
		if sum := sha256.Sum256(lines[k]); !bytes.Equal(sum[:], d.sums[i]) {
			differ++
			d.example("article %d: not the record of the file: %.300s", i, lines[k])
		}
	}
	return len(of), differ
}
