//go:build !amd64 || purego

package kernel

// Available lists the sets that this machine can run, slowest first.
func Available() []*Set { return []*Set{&Portable} }
