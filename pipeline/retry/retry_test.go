package retry_test

import (
	"context"
	"math"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline/retry"
)

func TestDelay(t *testing.T) {
	for _, tt := range []struct {
		least, most time.Duration
		failed      int
		want        time.Duration // at most; half of it at least
	}{
		{time.Second, time.Minute, -1, time.Second},
		{time.Second, time.Minute, 0, time.Second},
		{time.Second, time.Minute, 1, 2 * time.Second},
		{time.Second, time.Minute, 5, 32 * time.Second},
		{time.Second, time.Minute, 6, time.Minute},
		{time.Second, time.Minute, math.MaxInt, time.Minute},
		{time.Hour, time.Minute, 3, time.Minute},
		{time.Nanosecond, math.MaxInt64, 100, math.MaxInt64},
	} {
		if d := retry.Delay(tt.least, tt.most, tt.failed); d < tt.want/2 || d > tt.want {
			t.Errorf("Delay(%s, %s, %d) = %s, want %s to %s", tt.least, tt.most, tt.failed, d, tt.want/2, tt.want)
		}
	}
	if a, b := retry.Delay(time.Hour, time.Hour, 1), retry.Delay(time.Hour, time.Hour, 1); a == b {
		t.Error("all wait for the same time")
	}
}

func TestSleep(t *testing.T) {
	if !retry.Sleep(t.Context(), time.Microsecond) {
		t.Error("woken early")
	}
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(time.Millisecond, cancel)
	if retry.Sleep(ctx, time.Hour) {
		t.Error("slept an hour")
	}
}
