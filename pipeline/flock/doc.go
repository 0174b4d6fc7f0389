// Package flock locks files against other processes. The system frees a lock when its process dies, however it dies:
// flock(2) where there is one, LockFileEx on Windows.
//
// Try takes a lock without waiting, and answers false where another process has it. It lives as long as the file is open.
package flock
