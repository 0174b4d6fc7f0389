package jetstream_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

const secret = "s3cr3t/with@odd:signs"

// TestLogin logs in each way, with the right secret and with a wrong one, and looks for the secret in errors and log.
func TestLogin(t *testing.T) {
	dir := t.TempDir()
	seedFile, public := nkey(t, dir, "right.nk")
	wrongSeed, _ := nkey(t, dir, "wrong.nk")
	pki := newPKI(t, dir)
	operator, creds, _ := operatorMode(t, dir)
	otherPKI := newPKI(t, t.TempDir())

	tlsOnly := func(o *server.Options) { o.TLSConfig = pki.server(t, false) }
	mutual := func(o *server.Options) { o.TLSConfig = pki.server(t, true); o.TLSVerify = true }
	for _, tt := range []struct {
		name  string
		serve func(*server.Options)
		right jetstream.Options
		wrong jetstream.Options
		inURL bool   // the login is put into the URL
		want  string // in the error
	}{
		{
			name:  "user and password",
			serve: func(o *server.Options) { o.Username, o.Password = "desk", secret },
			right: jetstream.Options{User: "desk", Password: secret},
			wrong: jetstream.Options{User: "desk", Password: secret + "x"},
			want:  "authorization violation",
		},
		{
			name:  "user and password in the URL",
			serve: func(o *server.Options) { o.Username, o.Password = "desk", "s3cr3t" },
			right: jetstream.Options{User: "desk", Password: "s3cr3t"}, inURL: true,
			wrong: jetstream.Options{User: "desk", Password: "s3cr3tx"},
			want:  "authorization violation",
		},
		{
			name:  "token",
			serve: func(o *server.Options) { o.Authorization = secret },
			right: jetstream.Options{Token: secret}, wrong: jetstream.Options{Token: secret + "x"},
			want: "authorization violation",
		},
		{
			name:  "NKey",
			serve: func(o *server.Options) { o.Nkeys = []*server.NkeyUser{{Nkey: public}} },
			right: jetstream.Options{NKey: seedFile}, wrong: jetstream.Options{NKey: wrongSeed},
			want: "authorization violation",
		},
		{
			name:  "creds",
			serve: operator,
			right: jetstream.Options{Creds: creds}, wrong: jetstream.Options{},
			want: "authorization violation",
		},
		{
			name:  "creds that are not there",
			serve: operator,
			right: jetstream.Options{Creds: creds}, wrong: jetstream.Options{Creds: filepath.Join(dir, "none.creds")},
			want: "none.creds",
		},
		{
			name: "TLS", serve: tlsOnly,
			right: jetstream.Options{CA: pki.ca}, wrong: jetstream.Options{CA: otherPKI.ca},
			want: "certificate signed by unknown authority",
		},
		{
			name: "mutual TLS", serve: mutual,
			right: jetstream.Options{CA: pki.ca, Cert: pki.clientCert, Key: pki.clientKey}, wrong: jetstream.Options{CA: pki.ca},
			want: "certificate",
		},
		{
			name: "half a certificate", serve: mutual,
			right: jetstream.Options{CA: pki.ca, Cert: pki.clientCert, Key: pki.clientKey}, wrong: jetstream.Options{CA: pki.ca, Cert: pki.clientCert},
			want: "needs its key",
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			o := &server.Options{}
			tt.serve(o)
			s := serve(t, o)
			address := s.Addr().String()
			core, logs := observer.New(zapcore.DebugLevel)
			to := func(o jetstream.Options) jetstream.Options {
				o.URL, o.Log = "nats://"+address, zap.New(core)
				if tt.inURL {
					o.URL = fmt.Sprintf("nats://%s:%s@%s", o.User, o.Password, address)
					o.User, o.Password = "", ""
				}
				return o
			}
			streams := open(t, connect(t, to(tt.right)), jetstream.Setup{})
			publish(t, streams, articles(1)...)

			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			c, err := jetstream.Connect(ctx, to(tt.wrong))
			if err == nil {
				c.Close(ctx)
				t.Fatal("it let us in")
			}
			if !strings.Contains(strings.ToLower(err.Error()), tt.want) {
				t.Errorf("error %q (%T), want %q in it", err, err, tt.want)
			}
			said := err.Error()
			for _, line := range logs.All() {
				text := fmt.Sprint(line.Message, line.ContextMap())
				if line.Level == zapcore.WarnLevel && strings.Contains(strings.ToLower(text), tt.want) {
					t.Errorf("it was tried again, which is of no use: %s", text)
				}
				said += text
			}
			for _, s := range []string{secret, "s3cr3t", "SUA"} {
				if strings.Contains(said, s) {
					t.Errorf("errors or log tell %q: %s", s, said)
				}
			}
		})
	}
}

func TestSecretsInURL(t *testing.T) {
	for _, u := range []string{"nats://desk:s3cr3t@host:port", "nats://s3cr3t@", "http://desk:s3cr3t@host:1", "nats://desk:s3%zzcr3t@host:1"} {
		_, err := jetstream.Connect(t.Context(), jetstream.Options{URL: u})
		if err == nil || strings.Contains(err.Error(), "cr3t") {
			t.Errorf("%v", err)
		}
	}
	// Not even while it waits for a server that is not there.
	core, logs := observer.New(zapcore.DebugLevel)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := jetstream.Connect(ctx, jetstream.Options{URL: "nats://s3cr3t@localhost:1, nats://desk:s3cr3t@127.0.0.1:1", Log: zap.New(core)})
	said := fmt.Sprint(err)
	for _, line := range logs.All() {
		said += fmt.Sprint(line.Message, line.ContextMap())
	}
	if strings.Contains(said, "s3cr3t") || !strings.Contains(said, "127.0.0.1:1") {
		t.Error(said)
	}
}

// TestContext reads contexts of the nats command.
func TestContext(t *testing.T) {
	home := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", home)
	dir := filepath.Join(home, "nats", "context")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	write := func(name string, content map[string]any) string {
		data, err := json.Marshal(content)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, name+".json")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	s := serve(t, &server.Options{Username: "desk", Password: secret})
	right := map[string]any{"description": "the desk", "url": s.ClientURL(), "user": "desk", "password": secret, "color_scheme": "", "inbox_prefix": "_INBOX.desk"}
	path := write("desk", right)
	write("elsewhere", map[string]any{"url": "nats://127.0.0.1:1", "user": "desk", "password": secret})
	write("stranger", map[string]any{"url": s.ClientURL(), "user": "desk", "password": "x"})
	write("nsc", map[string]any{"url": s.ClientURL(), "nsc": "nsc://operator/account/user"})

	for _, o := range []jetstream.Options{
		{Context: "desk"},
		{Context: path},
		{Context: "elsewhere", URL: s.ClientURL()},
		{Context: "stranger", User: "desk", Password: secret},
	} {
		streams := open(t, connect(t, o), jetstream.Setup{})
		publish(t, streams, articles(1)...)
	}
	for _, tt := range []struct{ context, want string }{
		{"none", "no such file"}, {"nsc", `"nsc"`}, {"stranger", "authorization violation"},
	} {
		if _, err := jetstream.Connect(t.Context(), jetstream.Options{Context: tt.context}); err == nil || !strings.Contains(strings.ToLower(err.Error()), tt.want) {
			t.Errorf("context %s: error %v, want %q in it", tt.context, err, tt.want)
		}
	}
}

func nkey(t *testing.T, dir, name string) (seedFile, public string) {
	t.Helper()
	user, err := nkeys.CreateUser()
	if err != nil {
		t.Fatal(err)
	}
	seed, err := user.Seed()
	if err != nil {
		t.Fatal(err)
	}
	seedFile = filepath.Join(dir, name)
	if err := os.WriteFile(seedFile, seed, 0o600); err != nil {
		t.Fatal(err)
	}
	public, err = user.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return seedFile, public
}

// operatorMode is a server that trusts an operator, with one account that may use JetStream, and its user's creds file,
// which issue writes anew, to be valid until a time.
func operatorMode(t *testing.T, dir string) (serve func(*server.Options), creds string, issue func(until time.Time)) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	key := func(create func() (nkeys.KeyPair, error)) (nkeys.KeyPair, string) {
		k, err := create()
		must(err)
		public, err := k.PublicKey()
		must(err)
		return k, public
	}
	operatorKey, operatorID := key(nkeys.CreateOperator)
	systemKey, systemID := key(nkeys.CreateAccount)
	accountKey, accountID := key(nkeys.CreateAccount)
	userKey, userID := key(nkeys.CreateUser)
	_ = systemKey

	operator := jwt.NewOperatorClaims(operatorID)
	operator.SystemAccount = systemID
	_, err := operator.Encode(operatorKey)
	must(err)
	system, err := jwt.NewAccountClaims(systemID).Encode(operatorKey)
	must(err)
	account := jwt.NewAccountClaims(accountID)
	account.Limits.JetStreamLimits = jwt.JetStreamLimits{MemoryStorage: -1, DiskStorage: -1, Streams: -1, Consumer: -1}
	accountJWT, err := account.Encode(operatorKey)
	must(err)
	seed, err := userKey.Seed()
	must(err)
	creds = filepath.Join(dir, "user.creds")
	issue = func(until time.Time) {
		t.Helper()
		user := jwt.NewUserClaims(userID)
		if !until.IsZero() {
			user.Expires = until.Unix()
		}
		userJWT, err := user.Encode(accountKey)
		must(err)
		file, err := jwt.FormatUserConfig(userJWT, seed)
		must(err)
		must(os.WriteFile(creds, file, 0o600))
	}
	issue(time.Time{})
	return func(o *server.Options) {
		resolver := &server.MemAccResolver{}
		must(resolver.Store(systemID, system))
		must(resolver.Store(accountID, accountJWT))
		o.TrustedOperators = []*jwt.OperatorClaims{operator}
		o.SystemAccount = systemID
		o.AccountResolver = resolver
	}, creds, issue
}

// pki is a certificate authority with a certificate for the server and one for a client, made for one test.
type pki struct {
	ca, clientCert, clientKey string // PEM files
	pool                      *x509.CertPool
	serverPair                tls.Certificate
}

func newPKI(t *testing.T, dir string) *pki {
	t.Helper()
	caKey, caCert := certificate(t, nil, nil, func(c *x509.Certificate) {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
	})
	p := &pki{ca: filepath.Join(dir, "ca.pem"), clientCert: filepath.Join(dir, "client.pem"), clientKey: filepath.Join(dir, "client.key"), pool: x509.NewCertPool()}
	p.pool.AddCert(caCert)
	writePEM(t, p.ca, "CERTIFICATE", caCert.Raw)
	serverKey, serverCert := certificate(t, caKey, caCert, func(c *x509.Certificate) {
		c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	})
	p.serverPair = tls.Certificate{Certificate: [][]byte{serverCert.Raw}, PrivateKey: serverKey}
	clientKey, clientCert := certificate(t, caKey, caCert, func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	})
	writePEM(t, p.clientCert, "CERTIFICATE", clientCert.Raw)
	der, err := x509.MarshalECPrivateKey(clientKey)
	if err != nil {
		t.Fatal(err)
	}
	writePEM(t, p.clientKey, "EC PRIVATE KEY", der)
	return p
}

func (p *pki) server(t *testing.T, verify bool) *tls.Config {
	c := &tls.Config{Certificates: []tls.Certificate{p.serverPair}, MinVersion: tls.VersionTLS12}
	if verify {
		c.ClientAuth, c.ClientCAs = tls.RequireAndVerifyClientCert, p.pool
	}
	return c
}

func certificate(t *testing.T, signer *ecdsa.PrivateKey, parent *x509.Certificate, change func(*x509.Certificate)) (*ecdsa.PrivateKey, *x509.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	serial, err := rand.Int(rand.Reader, big.NewInt(1<<62))
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: "quotewire test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	change(template)
	if parent == nil {
		signer, parent = key, template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		t.Fatal(err)
	}
	c, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	return key, c
}

func writePEM(t *testing.T, path, kind string, der []byte) {
	t.Helper()
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
}
