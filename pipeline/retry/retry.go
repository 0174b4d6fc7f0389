// Package retry has what lies between a failure and the next try: how long to wait, and waiting.
package retry

import (
	"context"
	"math/rand/v2"
	"time"
)

// Delay doubles from least to most with each failure, and takes up to half of
// that away at random, so that what failed together does not come back together. least must be positive.
func Delay(least, most time.Duration, failed int) time.Duration {
	d := min(least, most)
	for range failed {
		if d > most/2 {
			d = most
			break
		}
		d *= 2
	}
	return d/2 + rand.N(d/2+1)
}

// Sleep reports whether it could sleep through before ctx ended.
func Sleep(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}
