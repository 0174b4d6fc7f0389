package main

import (
	"cmp"
	"context"
	"errors"
	"iter"
	"os"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/archive"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/schema"
)

// streamFlags make replay read a stream instead of files.
type streamFlags struct {
	Stream  string `group:"nats" placeholder:"NAME" help:"Read the articles that this JetStream stream keeps, instead of files. --since and --until then are of their arrival there."`
	FromSeq uint64 `name:"from-seq" group:"nats" placeholder:"N" help:"With --stream: from this sequence on."`
	Store   string `group:"nats" type:"existingdir" placeholder:"DIR" help:"With --stream: the store of an embedded server that is not running."`
}

// articles are where a replay's articles come from: files, or a stream.
type articles struct {
	c    *replayCmd
	app  *app
	kept *jetstream.Kept // nil: files
	pipe *pipe
}

// from connects to where the articles are, if that is a stream. Close it.
func (c *replayCmd) from(ctx context.Context, a *app) (*articles, error) {
	from := &articles{c: c, app: a}
	if c.Stream == "" {
		return from, nil
	}
	log := a.logger(zapcore.ErrorLevel)
	from.pipe = &pipe{log: log}
	options := c.options(cmp.Or(c.NATS, os.Getenv("NATS_URL")), log)
	if c.Store != "" {
		server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: c.Store, Log: log})
		if err != nil {
			return nil, hint(err, "if quotewire run is using that store, leave --store out and say where it listens: --nats nats://127.0.0.1:4222")
		}
		from.pipe.server, options = server, jetstream.Options{Server: server, Log: log}
	}
	var err error
	if from.pipe.conn, err = connect(ctx, options); err == nil {
		from.kept, err = from.pipe.conn.Kept(ctx, c.Stream)
	}
	if err != nil {
		return nil, errors.Join(err, from.pipe.close())
	}
	return from, nil
}

func (f *articles) close() {
	if f.pipe != nil {
		f.pipe.close()
	}
}

// size is that of a stream, of which nothing is left out; 0 where it is not known.
func (f *articles) size() int64 {
	if f.kept == nil || f.c.Subject != "" || f.c.FromSeq > 1 || f.c.Since != "" || f.c.Until != "" {
		return 0
	}
	return int64(f.kept.Bytes)
}

// identity is what makes a stream another one than that which an interrupted replay has read.
func (f *articles) identity() any {
	if f.kept == nil {
		return nil
	}
	return struct {
		Name, Subject string
		Created       time.Time
		FromSeq       uint64
	}{f.kept.Stream, f.c.Subject, f.kept.Created, f.c.FromSeq}
}

// admit is nil where all articles are wanted. In a stream --since and --until are of its messages.
func (f *articles) admit() func(schema.Article) bool {
	wanted := f.c.wantedFlags
	if f.kept != nil {
		wanted.Since, wanted.Until = "", ""
	}
	return wanted.admit()
}

func (f *articles) open(failed func(pipeline.Origin, error), o archive.Options) (*archive.Source, error) {
	if f.kept == nil {
		return f.app.openArchive(f.c.Paths, f.c.Field, failed, o)
	}
	o.Fields, o.Failed = f.c.Field, failed
	if o.From.Last == 0 {
		o.From.Last = f.kept.Last
	}
	span := jetstream.Span{Subject: f.c.Subject}
	span.Since, _ = dayOf(f.c.Since)
	span.Until, _ = dayOf(f.c.Until)
	return archive.OpenMessages(func(ctx context.Context, after, last uint64) iter.Seq2[pipeline.Delivery, error] {
		if f.c.FromSeq > 0 {
			after = max(after, f.c.FromSeq-1)
		}
		return f.kept.Read(ctx, span, after, last)
	}, o), nil
}
