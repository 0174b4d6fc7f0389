//go:build unix

package chaos_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// A kind of fault.
type kind string

const (
	killWorker kind = "kill worker" // SIGKILL; another takes its place at once
	stopWorker kind = "stop worker" // SIGSTOP, SIGCONT: it wakes up with articles that others have by then
	termWorker kind = "end worker"  // SIGTERM
	killServer kind = "kill server" // SIGKILL of the server, in a cluster of a leader, and a new start
	stopServer kind = "stop server" // SIGSTOP, SIGCONT of the same
	stepDown   kind = "step down"   // a leader is told to hand over
	slowLine   kind = "slow line"   // latency between clients and a server
	cutLine    kind = "cut line"    // all connections of clients to a server are reset, and refused for a while
	muteLine   kind = "mute line"   // a partition of clients from a server, in a cluster from a leader: what they send arrives when it ends
	partition  kind = "partition"   // a server is alone in its cluster, but clients reach it
	noMajority kind = "no majority" // SIGKILL of two servers of three, of a leader and another, and a new start
)

// A fault is what happens to whom, when, and for how long.
type fault struct {
	At     time.Duration // from the beginning
	Kind   kind
	Target int           // worker, server or, of a leader, whose: see leaders
	For    time.Duration // until it is mended
	Amount time.Duration // of a slow line
}

func (f fault) String() string {
	s := fmt.Sprintf("%8s %s %d for %s", f.At.Round(time.Millisecond), f.Kind, f.Target, f.For.Round(time.Millisecond))
	if f.Amount > 0 {
		s += fmt.Sprintf(" by %s", f.Amount.Round(time.Millisecond))
	}
	return s
}

// A weight says how often a kind is drawn, and for how long it lasts.
type weight struct {
	kind        kind
	share       int
	least, most time.Duration
}

const ms = time.Millisecond

// weights of the settings. A stopped worker sleeps past its AckWait more often than not.
var weights = map[string][]weight{
	"embedded": {{killWorker, 55, 0, 0}, {killServer, 20, 0, 300 * ms}, {stopWorker, 10, 500 * ms, 4000 * ms}, {stopServer, 5, 100 * ms, 2000 * ms}, {termWorker, 5, 0, 0}, {cutLine, 5, 0, 500 * ms}},
	"single":   {{killWorker, 60, 0, 0}, {killServer, 8, 0, 800 * ms}, {stopWorker, 10, 500 * ms, 4000 * ms}, {stopServer, 4, 100 * ms, 2000 * ms}, {termWorker, 5, 0, 0}, {slowLine, 5, 500 * ms, 3000 * ms}, {cutLine, 4, 0, 500 * ms}, {muteLine, 4, 100 * ms, 3000 * ms}},
	"cluster":  {{killWorker, 52, 0, 0}, {stepDown, 20, 0, 0}, {killServer, 4, 200 * ms, 2000 * ms}, {stopWorker, 8, 500 * ms, 4000 * ms}, {stopServer, 2, 500 * ms, 5000 * ms}, {termWorker, 4, 0, 0}, {slowLine, 4, 500 * ms, 3000 * ms}, {cutLine, 2, 0, 500 * ms}, {muteLine, 2, 100 * ms, 3000 * ms}, {partition, 2, 1000 * ms, 8000 * ms}, {noMajority, 1, 2000 * ms, 10000 * ms}},
}

// draw makes a schedule of faults, gap apart on average. Servers are broken by one fault at a time, and have time to come
// back.
func draw(seed uint64, setting string, length, gap time.Duration) []fault {
	r := rand.New(rand.NewPCG(seed, uint64(len(setting))))
	total := 0
	for _, w := range weights[setting] {
		total += w.share
	}
	var faults []fault
	var whole time.Duration // when all servers are whole again
	for at := gap; at < length; at += gap/4 + rand2(r, gap*3/2) {
		n := r.IntN(total)
		var w weight
		for _, w = range weights[setting] {
			if n -= w.share; n < 0 {
				break
			}
		}
		f := fault{At: at, Kind: w.kind, Target: r.IntN(12), For: w.least + rand2(r, w.most-w.least)}
		switch w.kind {
		case slowLine:
			f.Amount = rand2(r, 150*ms)
		case killServer, stopServer, partition, noMajority:
			if at < whole {
				continue
			}
			whole = at + f.For + 2*time.Second
			if setting == "cluster" {
				whole += 3 * time.Second
			}
		}
		faults = append(faults, f)
	}
	return faults
}

func rand2(r *rand.Rand, most time.Duration) time.Duration {
	return time.Duration(r.Int64N(int64(max(most, 1))))
}

// census counts kinds: "kill worker 10, slow line 1".
func census(faults []fault) string {
	n := map[kind]int{}
	for _, f := range faults {
		n[f.Kind]++
	}
	var parts []string
	for _, k := range []kind{killWorker, stopWorker, termWorker, killServer, stopServer, stepDown, slowLine, cutLine, muteLine, partition, noMajority} {
		if n[k] > 0 {
			parts = append(parts, fmt.Sprintf("%s %d", k, n[k]))
		}
	}
	return strings.Join(parts, ", ")
}
