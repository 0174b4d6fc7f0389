//go:build unix

package chaos_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// A verdict is what the auditor found.
type verdict struct {
	Published, Records, Dead int
	GivenUp                  int // of Dead: articles that could be read, but were delivered too often
	Lost, Twice, Wrong       int // articles
	Stray                    int // records and dead letters of no article
	Stuck                    int // articles that were never settled
	Repeated                 int // deliveries beyond the first of each article
	Examples                 []string
}

func (v verdict) String() string {
	return fmt.Sprintf("%d articles, %d records, %d dead letters (%d of them given up after too many deliveries), %d deliveries repeated; lost %d, twice %d, wrong %d, stray %d, stuck %d",
		v.Published, v.Records, v.Dead, v.GivenUp, v.Repeated, v.Lost, v.Twice, v.Wrong, v.Stray, v.Stuck)
}

func (v *verdict) example(format string, args ...any) {
	if len(v.Examples) < 20 {
		v.Examples = append(v.Examples, fmt.Sprintf(format, args...))
	}
}

// audit compares n articles, all acknowledged by the stream of raw articles, with what is in the streams.
func audit(t *testing.T, j js.JetStream, s *jetstream.Streams, binary, dir string, n int) verdict {
	t.Helper()
	return compare(t, j, s, expected(t, binary, dir, n), n)
}

func compare(t *testing.T, j js.JetStream, s *jetstream.Streams, wants [][]byte, n int) verdict {
	t.Helper()
	v := verdict{Published: n}
	raws := map[string]int{}
	for i := range n {
		raws[string(article(i))] = i
	}

	stored := make([]int, n)
	for _, m := range everything(t, j, s.RawStream, s.Raw) {
		i, ok := raws[string(m.Data)]
		if !ok {
			v.Stray++
			v.example("a raw article that nobody sent: %.80q", m.Data)
			continue
		}
		stored[i]++
	}
	outcomes := make([]int, n)
	for _, m := range everything(t, j, s.ExtractedStream, s.Extracted) {
		v.Records++
		var r struct{ Article struct{ ID string } }
		i := -1
		if err := json.Unmarshal(m.Data, &r); err == nil {
			fmt.Sscanf(r.Article.ID, "chaos-%d", &i)
		}
		if i < 0 || i >= n {
			v.Stray++
			v.example("a record of no article: %.80q", m.Data)
			continue
		}
		outcomes[i]++
		if !bytes.Equal(bytes.TrimSpace(m.Data), wants[i]) {
			v.Wrong++
			v.example("record of article %d: %.300q, want %.300q", i, m.Data, wants[i])
		}
	}
	for _, m := range everything(t, j, s.DeadStream, s.Dead) {
		v.Dead++
		i, ok := raws[string(m.Data)]
		if !ok {
			v.Stray++
			v.example("a dead letter of no article: %v %.80q", m.Header, m.Data)
			continue
		}
		outcomes[i]++
		switch class := m.Header.Get(jetstream.HeaderClass); {
		case !bad(i) && (class == "attempts" || class == "crash"):
			v.GivenUp++
		case !bad(i) || class != "article" && class != "attempts" && class != "crash":
			v.Wrong++
			v.example("article %d is a dead letter: %v", i, m.Header)
		}
	}
	for i := range n {
		switch {
		case stored[i] == 0:
			v.Lost++
			v.example("article %d was acknowledged and is not in its stream", i)
		case stored[i] > 1:
			v.Twice++
			v.example("article %d is %d times in its stream", i, stored[i])
		}
		switch {
		case outcomes[i] == 0:
			v.Lost++
			v.example("article %d has neither record nor dead letter", i)
		case outcomes[i] > 1:
			v.Twice++
			v.example("article %d has %d records and dead letters", i, outcomes[i])
		}
	}
	return v
}

// expected is the records that the binary makes of the articles in a file, by article.
func expected(t *testing.T, binary, dir string, n int) [][]byte {
	t.Helper()
	var in bytes.Buffer
	for i := range n {
		if !bad(i) {
			in.Write(article(i))
			in.WriteByte('\n')
		}
	}
	out := fromFile(t, binary, dir, in.Bytes())
	wants := make([][]byte, n)
	lines := bytes.Split(bytes.TrimSpace(out), []byte("\n"))
	at := 0
	for i := range n {
		if bad(i) {
			continue
		}
		if at == len(lines) {
			t.Fatalf("%d records of the file, want more", at)
		}
		wants[i] = lines[at]
		at++
	}
	return wants
}

// fromFile is the records that the binary makes of a file of articles, each on a line, as are they.
func fromFile(t *testing.T, binary, dir string, articles []byte) []byte {
	t.Helper()
	file := filepath.Join(dir, "articles.ndjson")
	if err := os.WriteFile(file, articles, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(binary, "extract", "--reader", reader, "--format", "ndjson", file)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return out
}

// everything reads all messages of a stream on a subject.
func everything(t *testing.T, j js.JetStream, stream, subject string) []*nats.Msg {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Minute)
	defer cancel()
	s, err := j.Stream(ctx, stream)
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.CreateConsumer(ctx, js.ConsumerConfig{AckPolicy: js.AckNonePolicy, MemoryStorage: true, Replicas: 1, FilterSubject: subject})
	if err != nil {
		t.Fatal(err)
	}
	of := fmt.Sprintf("%d messages of %s", c.CachedInfo().NumPending, subject)
	var all []*nats.Msg
	for left := c.CachedInfo().NumPending; left > 0; {
		batch, err := c.Fetch(min(500, int(left)), js.FetchMaxWait(2*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		for m := range batch.Messages() {
			meta, err := m.Metadata()
			if err != nil {
				t.Fatal(err)
			}
			if meta.Sequence.Consumer != uint64(len(all))+1 {
				t.Fatalf("stream %s: the auditor missed a message", stream)
			}
			all, left = append(all, &nats.Msg{Header: m.Headers(), Data: m.Data()}), meta.NumPending
		}
		if ctx.Err() != nil {
			t.Fatalf("stream %s: read %d of %s", stream, len(all), of)
		}
	}
	// What the consumer counted is what its own server has. The stream's leader knows how many there are.
	state, err := s.Info(ctx, js.WithSubjectFilter(subject))
	if err != nil {
		t.Fatal(err)
	}
	n := uint64(0)
	for _, of := range state.State.Subjects {
		n += of
	}
	if uint64(len(all)) != n {
		t.Fatalf("stream %s: read %d of %s, the stream has %d", stream, len(all), of, n)
	}
	return all
}
