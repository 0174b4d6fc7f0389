package jetstream_test

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// introduces listens as a server of some version does that knows the greeting and a ping, and nothing more.
func introduces(t *testing.T, info string) (url string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				fmt.Fprintf(c, "INFO {%s,\"server_id\":\"X\",\"max_payload\":1048576,\"proto\":1}\r\n", info)
				for lines := bufio.NewScanner(c); lines.Scan(); {
					if strings.HasPrefix(lines.Text(), "PING") {
						fmt.Fprint(c, "PONG\r\n")
					}
				}
			}()
		}
	}()
	return "nats://" + l.Addr().String()
}

// TestOldServer refuses servers that lack what the promise rests on, by their version, and takes those that have it.
func TestOldServer(t *testing.T) {
	for _, tt := range []struct{ info, want string }{
		{`"version":"2.8.4","headers":true`, "is version 2.8.4; 2.9.0 or later is needed"},
		{`"version":"1.4.1"`, "is version 1.4.1; 2.9.0 or later is needed"},
		{`"version":"0.9","headers":true`, "2.9.0 or later is needed"},
		{`"version":"","headers":true`, "2.9.0 or later is needed"},
		{`"version":"2.10.1","headers":false`, "does not support headers"},
		{`"version":"2.9.0","headers":true`, ""},
		{`"version":"2.10.0-beta.1","headers":true`, ""},
		{`"version":"3.0.0","headers":true`, ""},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		c, err := jetstream.Connect(ctx, jetstream.Options{URL: introduces(t, tt.info)})
		cancel()
		switch {
		case tt.want == "" && err != nil, tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("%s: %v, want %q", tt.info, err, tt.want)
		case err == nil:
			end, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			c.Close(end)
			cancel()
		}
	}
}
