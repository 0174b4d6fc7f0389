package jetstream_test

import (
	"fmt"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/jetstream/jetstreamtest"
)

// TestDiskFull fills the file system of a server, not a limit that it was told: writes fail in the middle (ENOSPC). What
// the stream has acknowledged is there when there is room again and the server has been restarted, and becomes one record each.
func TestDiskFull(t *testing.T) {
	disk := t.TempDir()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", 0, "size=2m"); err != nil {
		t.Skip("no small file system can be mounted here (that needs root):", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(disk, 0); err != nil {
			t.Error(err)
		}
	})
	options := &server.Options{Port: jetstreamtest.FreePort(t), StoreDir: filepath.Join(disk, "js")}
	ns := serve(t, options.Clone())
	conn := connect(t, jetstream.Options{URL: ns.ClientURL()})
	s := open(t, conn, jetstream.Setup{AckWait: time.Second})
	// Two thirds of the disk are for articles, and the rest is too little for their records.
	const n, batch = 4000, 100
	in := articles(n)
	free := func() float64 { // part of the disk
		t.Helper()
		var fs syscall.Statfs_t
		if err := syscall.Statfs(disk, &fs); err != nil {
			t.Fatal(err)
		}
		return float64(fs.Bfree) / float64(fs.Blocks)
	}
	sent := 0
	for ; sent < n && free() > 1./3; sent += batch {
		publish(t, s, in[sent:sent+batch]...)
	}
	if sent < batch || sent == n {
		t.Fatalf("%d articles fit", sent)
	}
	stop := worker(t, s, func(c *pipeline.Config) { c.Grace = 100 * time.Millisecond })
	eventually(t, func() (bool, string) {
		left := free()
		return left < 0.03, fmt.Sprintf("the disk did not fill up: %.2f of it are left", left)
	})
	time.Sleep(time.Second) // the worker meets it
	ns.Shutdown()
	ns.WaitForShutdown()
	if err := syscall.Mount("tmpfs", disk, "tmpfs", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	ns = serve(t, options.Clone())
	records, dead := outcomes(t, s, sent)
	audit(t, in[:sent], records, dead)
	idle(t, ns.ClientURL(), s)
	if sum, err := stop(); err != nil || sum.Dead > 0 {
		t.Errorf("%+v, %v", sum, err)
	}
	t.Logf("%d articles on a disk that was full", sent)
	ns.Shutdown()
	ns.WaitForShutdown()
}
