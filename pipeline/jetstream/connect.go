package jetstream

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline/retry"
)

// Options say where NATS is and who we are there. The zero value is nats://127.0.0.1:4222, unauthenticated. What is
// given beside a Context overrides it.
type Options struct {
	Server *Server // an embedded one; the rest is then ignored but for Name and Log

	URL      string // one or more, parted by commas; may carry user:password@ or token@
	User     string
	Password string
	Token    string
	NKey     string // file with an NKey seed
	Creds    string // file with JWT and seed

	CA       string // file of PEM certificates to trust instead of the system's
	Cert     string // client certificate and key, PEM files
	Key      string
	TLSFirst bool // begin with the TLS handshake instead of waiting for the server's greeting

	Context     string // name of a context of the nats command, or path of its file
	Domain      string // JetStream domain, for leaf nodes
	APIPrefix   string // JetStream API prefix, for imported streams
	InboxPrefix string // for accounts that may only subscribe below it

	Name string      // of the connection, as the server's reports show it; empty: quotewire
	Log  *zap.Logger // nil: silent
}

// A Conn is a connection to NATS that comes back for ever. It is safe for concurrent use.
type Conn struct {
	nc     *nats.Conn
	js     js.JetStream
	log    *zap.Logger
	closed chan struct{}
	server string // redacted

	refusals atomic.Int64 // requests that the server did not permit
}

const (
	connectTimeout = 5 * time.Second
	reconnectWait  = time.Second
	reconnectMax   = 10 * time.Second // jitter lies below, so that workers do not come back in one instant
	drainTimeout   = 30 * time.Second
)

// Connect waits until a server is there, however long that takes, and gives up only when ctx ends or when waiting is
// of no use: the server refuses us, its certificate cannot be trusted, a file is missing. Neither errors nor the log
// carry a password, a token or a seed.
func Connect(ctx context.Context, o Options) (*Conn, error) {
	if o.Log == nil {
		o.Log = zap.NewNop()
	}
	if o.Context != "" {
		if err := o.readContext(); err != nil {
			return nil, err
		}
	}
	servers, err := o.servers()
	if err != nil {
		return nil, err
	}
	shown := redacted(servers)
	if o.Server != nil {
		shown = "the embedded server"
	}
	c := &Conn{log: o.Log, closed: make(chan struct{}), server: shown}
	opts, err := o.nats(c)
	if err != nil {
		return nil, o.scrub(err)
	}
	for attempt := 0; ; attempt++ {
		c.nc, err = nats.Connect(strings.Join(servers, ","), opts...)
		if err == nil {
			break
		}
		err = o.scrub(err)
		if !mayPass(err) {
			return nil, fmt.Errorf("connecting to NATS at %s: %w", shown, err)
		}
		wait := retry.Delay(reconnectWait, reconnectMax, attempt)
		o.Log.Warn("NATS cannot be reached; trying again", zap.String("server", shown), zap.Duration("in", wait), zap.Error(err))
		if !retry.Sleep(ctx, wait) {
			return nil, fmt.Errorf("connecting to NATS at %s: %w (last: %w)", shown, context.Cause(ctx), err)
		}
	}
	if err := c.open(o); err != nil {
		c.nc.Close()
		return nil, err
	}
	o.Log.Info("connected to NATS", zap.String("server", c.URL()), zap.String("version", c.nc.ConnectedServerVersion()))
	return c, nil
}

func (c *Conn) open(o Options) (err error) {
	if err := c.checkVersion(); err != nil {
		return err
	}
	switch {
	case o.Server == nil && o.Domain != "":
		c.js, err = js.NewWithDomain(c.nc, o.Domain)
	case o.Server == nil && o.APIPrefix != "":
		c.js, err = js.NewWithAPIPrefix(c.nc, o.APIPrefix)
	default:
		c.js, err = js.New(c.nc)
	}
	if err != nil {
		return fmt.Errorf("opening JetStream at %s: %w", c.server, err)
	}
	return nil
}

// URL is the server we are connected to, or were last, without secrets.
func (c *Conn) URL() string {
	if u := c.nc.ConnectedUrlRedacted(); u != "" && c.server != "the embedded server" {
		return u
	}
	return c.server
}

// Close sends what is still to be sent and waits until the connection is closed, or until ctx ends.
func (c *Conn) Close(ctx context.Context) error {
	// Drain only begins the work: acknowledgements are lost by those who do not wait for its end.
	if err := c.nc.Drain(); err != nil {
		c.nc.Close()
	}
	select {
	case <-c.closed:
		return nil
	case <-ctx.Done():
		c.nc.Close()
		return fmt.Errorf("closing the connection to %s: %w", c.server, ctx.Err())
	}
}

// nats turns the options into the client library's.
func (o Options) nats(c *Conn) ([]nats.Option, error) {
	name := o.Name
	if name == "" {
		name = "quotewire"
	}
	log := o.Log
	opts := []nats.Option{
		nats.Name(name),
		nats.Timeout(connectTimeout),
		nats.MaxReconnects(-1),
		nats.ReconnectWait(reconnectWait),
		nats.CustomReconnectDelay(func(attempts int) time.Duration { return retry.Delay(reconnectWait, reconnectMax, attempts) }),
		nats.IgnoreAuthErrorAbort(), // credentials are revoked and renewed while we wait
		nats.PingInterval(20 * time.Second),
		nats.DrainTimeout(drainTimeout),
		nats.DisconnectErrHandler(func(_ *nats.Conn, err error) {
			if err != nil {
				log.Warn("connection to NATS lost", zap.Error(o.scrub(err)))
			}
		}),
		nats.ReconnectHandler(func(nc *nats.Conn) {
			log.Info("connected to NATS again", zap.String("server", nc.ConnectedUrlRedacted()), zap.String("version", nc.ConnectedServerVersion()))
		}),
		nats.ReconnectErrHandler(func(_ *nats.Conn, err error) { log.Debug("reconnecting to NATS", zap.Error(o.scrub(err))) }),
		nats.LameDuckModeHandler(func(*nats.Conn) { log.Info("the NATS server is about to shut down") }),
		nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
			if errors.Is(err, nats.ErrPermissionViolation) {
				c.refusals.Add(1)
			}
			log.Warn("NATS", zap.Error(o.scrub(err)))
		}),
		nats.ClosedHandler(func(*nats.Conn) { close(c.closed) }),
	}
	if o.Server != nil {
		return append(opts, nats.InProcessServer(o.Server.ns)), nil
	}
	if o.User != "" || o.Password != "" {
		opts = append(opts, nats.UserInfo(o.User, o.Password))
	}
	if o.Token != "" {
		opts = append(opts, nats.Token(o.Token))
	}
	if o.NKey != "" {
		opt, err := nats.NkeyOptionFromSeed(o.NKey)
		if err != nil {
			return nil, fmt.Errorf("NKey seed in %s: %w", o.NKey, err)
		}
		opts = append(opts, opt)
	}
	if o.Creds != "" {
		opts = append(opts, nats.UserCredentials(o.Creds))
	}
	if o.CA != "" {
		opts = append(opts, nats.RootCAs(o.CA))
	}
	if (o.Cert == "") != (o.Key == "") {
		return nil, errors.New("a TLS client certificate needs its key, and the key its certificate")
	}
	if o.Cert != "" {
		opts = append(opts, nats.ClientCert(o.Cert, o.Key))
	}
	if o.TLSFirst {
		opts = append(opts, nats.TLSHandshakeFirst())
	}
	if o.InboxPrefix != "" {
		opts = append(opts, nats.CustomInboxPrefix(o.InboxPrefix))
	}
	return opts, nil
}

// servers splits and reads the URL, here and not in the client library, whose errors would repeat the password.
func (o Options) servers() ([]string, error) {
	if o.Server != nil {
		return nil, nil
	}
	if strings.TrimSpace(o.URL) == "" {
		return []string{nats.DefaultURL}, nil
	}
	var servers []string
	for i, s := range strings.Split(o.URL, ",") {
		s = strings.TrimSpace(s)
		if !strings.Contains(s, "://") {
			s = "nats://" + s
		}
		u, err := url.Parse(s)
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("NATS URL no. %d is not of the form nats://host:port", i+1)
		}
		switch u.Scheme {
		case "nats", "tls", "ws", "wss":
		default:
			return nil, fmt.Errorf("NATS URL %s: the scheme is none of nats, tls, ws, wss", redacted([]string{s}))
		}
		servers = append(servers, s)
	}
	return servers, nil
}

// redacted writes URLs without user information: a token stands in the place of the user name.
func redacted(servers []string) string {
	shown := make([]string, len(servers))
	for i, s := range servers {
		if u, err := url.Parse(s); err == nil {
			u.User = nil
			shown[i] = u.String()
		}
	}
	return strings.Join(shown, ",")
}

// scrub takes our secrets out of an error's text.
func (o Options) scrub(err error) error {
	if err == nil {
		return nil
	}
	secrets := []string{o.Password, o.Token}
	if servers, bad := o.servers(); bad == nil {
		for _, s := range servers {
			if u, bad := url.Parse(s); bad == nil && u.User != nil {
				secrets = append(secrets, u.User.String())
				if p, ok := u.User.Password(); ok {
					secrets = append(secrets, p)
				} else {
					secrets = append(secrets, u.User.Username())
				}
			}
		}
	}
	text := err.Error()
	for _, s := range secrets {
		if s != "" {
			text = strings.ReplaceAll(text, s, "xxxxx")
		}
	}
	if text == err.Error() {
		return err
	}
	return scrubbed{text, err}
}

type scrubbed struct {
	text string
	err  error
}

func (s scrubbed) Error() string { return s.text }
func (s scrubbed) Unwrap() error { return s.err }

// mayPass reports whether a failure to connect may pass by waiting: nobody listens, a name is not known yet, the line
// broke. What the other side said, or what is wrong on this side, does not.
func mayPass(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) {
		return op.Op != "remote error" // crypto/tls: the server refused our certificate
	}
	var dns *net.DNSError
	return errors.As(err, &dns) || errors.Is(err, nats.ErrNoServers) || errors.Is(err, nats.ErrTimeout) ||
		errors.Is(err, io.EOF) || errors.Is(err, nats.ErrMaxConnectionsExceeded)
}

// checkVersion refuses servers that lack what the promise of this package rests on.
func (c *Conn) checkVersion() error {
	if !c.atLeast(2, 9, 0) {
		return fmt.Errorf("the NATS server at %s is version %s; 2.9.0 or later is needed", c.server, c.nc.ConnectedServerVersion())
	}
	if !c.nc.HeadersSupported() {
		return fmt.Errorf("the NATS server at %s does not support headers", c.server)
	}
	if !c.atLeast(2, 10, 4) {
		c.log.Info("an older NATS server: advisories will not tell why an article was terminated (the dead letter does)",
			zap.String("version", c.nc.ConnectedServerVersion()))
	}
	return nil
}

// atLeast compares with the version of the server we are connected to now, which may change as we reconnect.
func (c *Conn) atLeast(major, minor, patch int) bool {
	var a, b, p int
	if _, err := fmt.Sscanf(c.nc.ConnectedServerVersion(), "%d.%d.%d", &a, &b, &p); err != nil {
		return false
	}
	switch {
	case a != major:
		return a > major
	case b != minor:
		return b > minor
	}
	return p >= patch
}
