package main

import (
	"context"
	"fmt"
	"time"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline/jetstream"
)

// natsFlags say who we are at a NATS server, and what the subjects are called there.
type natsFlags struct {
	Subject string `group:"nats" placeholder:"SUBJECT" help:"${raw}"`
	Output  string `default:"articles.extracted.>" group:"nats" placeholder:"SUBJECT" help:"Where records go out; the last wildcard becomes the language (${default})."`
	Dead    string `default:"articles.dead.>" group:"nats" placeholder:"SUBJECT" help:"Where articles go that cannot be read; the last wildcard becomes the class of the failure (${default})."`
	Quotes  string `group:"nats" placeholder:"SUBJECT" help:"Publish each quote by itself too, say on articles.quotes.>; the last wildcard becomes the speaker."`

	ReplayProof bool `name:"replay-proof" group:"nats" help:"Put the id of each record into its subject, in a stream that takes each once and for ever: a replay years later publishes nothing twice. For new streams."`

	Consumer string `default:"quotewire" group:"nats" placeholder:"NAME" help:"${consumer}"`
	loginFlags
}

// loginFlags say who we are at a NATS server.
type loginFlags struct {
	User     string `env:"NATS_USER" group:"nats" placeholder:"NAME" help:"User name."`
	Password string `env:"NATS_PASSWORD" group:"nats" placeholder:"WORD" help:"Password; better in the environment than here."`
	Token    string `env:"NATS_TOKEN" group:"nats" placeholder:"WORD" help:"Token."`
	NKey     string `name:"nkey" env:"NATS_NKEY" group:"nats" placeholder:"FILE" help:"NKey seed."`
	Creds    string `env:"NATS_CREDS" group:"nats" placeholder:"FILE" help:"Credentials: JWT and seed."`
	CA       string `name:"tls-ca" env:"NATS_CA" group:"nats" placeholder:"FILE" help:"Certificates to trust instead of the system's."`
	Cert     string `name:"tls-cert" env:"NATS_CERT" group:"nats" placeholder:"FILE" help:"Client certificate."`
	Key      string `name:"tls-key" env:"NATS_KEY" group:"nats" placeholder:"FILE" help:"Its key."`
	TLSFirst bool   `name:"tls-first" group:"nats" help:"Begin with the TLS handshake."`
	Context  string `env:"NATS_CONTEXT" group:"nats" placeholder:"NAME" help:"Context of the nats command, or path of its file."`
	Domain   string `name:"js-domain" group:"nats" placeholder:"NAME" help:"JetStream domain."`
}

func (f loginFlags) options(url string, log *zap.Logger) jetstream.Options {
	return jetstream.Options{
		URL: url, User: f.User, Password: f.Password, Token: f.Token, NKey: f.NKey, Creds: f.Creds,
		CA: f.CA, Cert: f.Cert, Key: f.Key, TLSFirst: f.TLSFirst, Context: f.Context, Domain: f.Domain,
		Log: log,
	}
}

func (f natsFlags) setup() jetstream.Setup {
	v, _ := version()
	return jetstream.Setup{
		Raw: f.Subject, Extracted: f.Output, Dead: f.Dead, Quotes: f.Quotes, Consumer: f.Consumer, Program: "quotewire " + v,
		ReplayProof: f.ReplayProof,
	}
}

// connectWait is how long a verb that somebody waits for tries to reach NATS. Serving tries for ever.
const connectWait = 15 * time.Second

func connect(ctx context.Context, o jetstream.Options) (*jetstream.Conn, error) {
	ctx, cancel := waiting(ctx)
	defer cancel()
	conn, err := jetstream.Connect(ctx, o)
	return conn, hint(err, "is NATS running there, with JetStream? Without --nats and NATS_URL, quotewire run brings its own")
}

// open finds the streams of a verb that somebody waits for.
func open(ctx context.Context, conn *jetstream.Conn, setup jetstream.Setup) (*jetstream.Streams, error) {
	ctx, cancel := waiting(ctx)
	defer cancel()
	return conn.Streams(ctx, setup)
}

func waiting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeoutCause(ctx, connectWait, fmt.Errorf("no answer within %s", connectWait))
}
