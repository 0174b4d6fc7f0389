//go:build unix

package chaos_test

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	js "github.com/nats-io/nats.go/jetstream"
)

// leaders of the streams and of the consumer, as last heard.
type leaders struct {
	mu      sync.Mutex
	now     [4]string
	changes int
	lies    int // times that the consumer said that nothing was left although the stream had more
}

var led = [4]string{"ARTICLES_RAW", "ARTICLES_EXTRACTED", "ARTICLES_DEAD", "quotewire"}

// watch asks for the leaders five times a second.
func (l *leaders) watch(ctx context.Context, j js.JetStream) {
	for ; ctx.Err() == nil; time.Sleep(200 * time.Millisecond) {
		var last uint64 // article, at this moment or before
		for i, name := range led {
			c, cancel := context.WithTimeout(ctx, time.Second)
			var cluster *js.ClusterInfo
			if i == 3 {
				if x, err := j.Consumer(c, led[0], name); err == nil {
					info := x.CachedInfo()
					cluster = info.Cluster
					if info.NumPending == 0 && info.NumAckPending == 0 && info.AckFloor.Stream < last {
						l.lies++
					}
				}
			} else if s, err := j.Stream(c, name); err == nil {
				cluster = s.CachedInfo().Cluster
				if i == 0 {
					last = s.CachedInfo().State.LastSeq
				}
			}
			cancel()
			if cluster == nil || cluster.Leader == "" {
				continue
			}
			l.mu.Lock()
			if l.now[i] != "" && l.now[i] != cluster.Leader {
				l.changes++
			}
			l.now[i] = cluster.Leader
			l.mu.Unlock()
		}
	}
}

// server is the number of the server that leads what a target means.
func (l *leaders) server(target int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, _ := strconv.Atoi(strings.TrimPrefix(l.now[target%4], "n"))
	return n
}

func (l *leaders) stepDown(target int) string {
	if target%4 == 3 {
		return "$JS.API.CONSUMER.LEADER.STEPDOWN." + led[0] + "." + led[3]
	}
	return "$JS.API.STREAM.LEADER.STEPDOWN." + led[target%4]
}
