//go:build unix

package chaos_test

import (
	"os"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// TestParted parts the server that a worker is connected to from its cluster, for good. The worker reaches it as before, and
// sees nothing but that no article comes; the other two servers have them all. It must turn to these by itself.
func TestParted(t *testing.T) {
	if testing.Short() {
		t.Skip("starts processes")
	}
	t.Parallel()
	dir := t.TempDir()
	w := servers(t, dir)
	w.hire(t, build(t), dir, 1)
	at := -1
	serving := regexp.MustCompile(`"serving","nats":"nats://([^"]+)"`)
	for until := time.Now().Add(time.Minute); at < 0; time.Sleep(50 * time.Millisecond) {
		log, err := os.ReadFile(w.workers[0].log)
		if err != nil {
			t.Fatal(err)
		}
		if m := serving.FindSubmatch(log); m != nil {
			at = slices.IndexFunc(w.lines, func(l *proxy) bool { return l.address() == string(m[1]) })
		}
		if time.Now().After(until) {
			t.Fatalf("the worker does not serve: %s", log)
		}
	}
	w.part(at, true)
	s := w.open(t, w.direct[(at+1)%len(w.direct)])
	p, err := s.Publisher("parted", 0)
	if err != nil {
		t.Fatal(err)
	}
	const n = 20
	for i := range n {
		a := jetstream.RawArticle{Data: article(i)}
		var again func(jetstream.Published)
		again = func(r jetstream.Published) {
			if r.Err != nil {
				p.Publish(t.Context(), a, again) // the stream has no leader yet
			}
		}
		if err := p.Publish(t.Context(), a, again); err != nil {
			t.Fatal(err)
		}
	}
	p.Flush()
	for until := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		at, err := s.Mark(t.Context())
		if err == nil && at.Records+at.Dead == n {
			break
		}
		if time.Now().After(until) {
			t.Fatalf("%+v, %v; the worker said: %s", at, err, tail(w.workers[0].log, 0))
		}
	}
}
