// Package chaos holds the proof that nothing is lost: a test that runs worker processes (the quotewire binary itself)
// against server processes, breaks both by a schedule that is drawn from a seed, and audits what came out.
//
// Three settings are broken: a server embedded in a worker, which dies with it; a single server; and a cluster of
// three servers with streams of three replicas. The faults are SIGKILL, SIGSTOP and SIGTERM of workers, SIGKILL and
// SIGSTOP of servers (in the cluster of the leader, and of two at once, so that there is no majority), leaders that step
// down, and lines that are slow, cut, or silent, between workers and servers (in the cluster the leader's) and between
// the servers of the cluster.
//
// The auditor knows every article that the stream of raw articles acknowledged, and the record that the same binary
// makes of it from a file. It reads all three streams with a client of its own and counts, by id and bytes, what is
// lost, what came twice, what differs, and what is stuck.
//
//	go test ./pipeline/jetstream/chaos -v                                  # the short schedule, less than a minute
//	go test ./pipeline/jetstream/chaos -v -run Chaos/cluster -chaos.seed 7 # one setting, one schedule again
//	go test ./pipeline/jetstream/chaos -v -timeout 2h -chaos.for 30m       # the long one
//
// A seed fixes the faults, their times and their targets; where the processes stand at that moment is the machine's
// to say.
package chaos
