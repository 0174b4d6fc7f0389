package jetstream

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"go.uber.org/zap"
)

// An EmbedConfig describes an embedded server. Only Dir must be given.
type EmbedConfig struct {
	Dir        string      // where streams are kept; made if missing; one process at a time
	Listen     string      // "host:port" for other clients, port 0 for any; empty: none but this process can connect
	Fast       bool        // leave it to the system when writes reach the disk, instead of waiting for each; a power cut then loses up to two minutes
	MaxPayload int         // bytes of the largest message; 0: 16 MiB, so that a 10 MB article passes
	MaxStore   int64       // bytes of disk for all streams; 0: as much as the server finds free
	Log        *zap.Logger // nil: silent
}

const (
	defaultMaxPayload = 16 << 20
	embedMaxMemory    = 64 << 20 // for streams in memory: we keep none there
	embedReady        = 30 * time.Second
)

// A Server is a NATS server with JetStream inside this process.
type Server struct {
	ns   *server.Server
	lock *dirLock
	dir  string
}

// Embed starts a server and waits until it is ready. It fails if another process works in Dir (two servers in one
// directory lose messages that both have acknowledged), if the directory cannot be used, or if the address is taken.
func Embed(c EmbedConfig) (*Server, error) {
	opts, err := c.options()
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	if err := os.MkdirAll(opts.StoreDir, 0o700); err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	lock, err := lockDir(opts.StoreDir)
	if err != nil {
		return nil, fmt.Errorf("embedded NATS server: %w", err)
	}
	ns, err := server.NewServer(opts)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("embedded NATS server in %s: %w", c.Dir, err), lock.release())
	}
	// Start tells nothing of what went wrong: only its log does, and the stock logger ends the process.
	log := newServerLog(c.Log)
	ns.SetLoggerV2(log, false, false, false)
	go ns.Start()
	if err := awaitReady(ns, log, c.Listen != ""); err != nil {
		ns.Shutdown()
		ns.WaitForShutdown()
		return nil, errors.Join(fmt.Errorf("embedded NATS server in %s: %w", c.Dir, err), lock.release())
	}
	return &Server{ns: ns, lock: lock, dir: opts.StoreDir}, nil
}

func (c EmbedConfig) options() (*server.Options, error) {
	if c.Dir == "" {
		return nil, errors.New("no directory given")
	}
	dir, err := filepath.Abs(c.Dir)
	if err != nil {
		return nil, err
	}
	if c.MaxPayload == 0 {
		c.MaxPayload = defaultMaxPayload
	}
	if c.MaxPayload < 0 || c.MaxPayload > 64<<20 { // the server's own limit
		return nil, fmt.Errorf("the largest message must lie between 1 byte and 64 MiB, not %d", c.MaxPayload)
	}
	o := &server.Options{
		ServerName: "quotewire",
		DontListen: true,
		NoSigs:     true, // else the server ends the process on SIGTERM, in the middle of our own shutdown
		MaxPayload: int32(c.MaxPayload),
		MaxPending: max(server.MAX_PENDING_SIZE, 4*int64(c.MaxPayload)),

		JetStream:              true,
		DisableJetStreamBanner: true,
		StoreDir:               dir,
		JetStreamMaxMemory:     embedMaxMemory,
		JetStreamMaxStore:      c.MaxStore,
		SyncAlways:             !c.Fast,
	}
	if c.Listen != "" {
		host, port, err := net.SplitHostPort(c.Listen)
		if err != nil {
			return nil, fmt.Errorf("listen address: %w", err)
		}
		n, err := strconv.ParseUint(port, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("listen address %s: the port is no number from 0 to 65535", c.Listen)
		}
		o.DontListen, o.Host, o.Port = false, host, int(n)
		if o.Port == 0 {
			o.Port = server.RANDOM_PORT
		}
	}
	return o, nil
}

// awaitReady returns as soon as the server either works or has said why it never will.
func awaitReady(ns *server.Server, log *serverLog, listens bool) error {
	deadline := time.Now().Add(embedReady)
	for time.Now().Before(deadline) {
		if ns.ReadyForConnections(10 * time.Millisecond) {
			if err := log.fatal(); err != nil {
				return err
			}
			if !ns.JetStreamEnabled() {
				return errors.New("JetStream did not start")
			}
			return nil
		}
		if err := log.fatal(); err != nil {
			return err
		}
	}
	if listens {
		return fmt.Errorf("not ready after %s; is the address in use?", embedReady)
	}
	return fmt.Errorf("not ready after %s", embedReady)
}

// URL is where other clients connect; empty if nothing listens.
func (s *Server) URL() string {
	if a := s.ns.Addr(); a != nil {
		return "nats://" + a.String()
	}
	return ""
}

// Dir is the absolute path of the store.
func (s *Server) Dir() string { return s.dir }

// Close stops the server and frees its directory. Close all connections first: see [Conn.Close].
func (s *Server) Close() error {
	s.ns.Shutdown()
	s.ns.WaitForShutdown()
	return s.lock.release()
}
