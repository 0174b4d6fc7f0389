package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
)

type deadCmd struct {
	Ls     deadLsCmd     `cmd:"" help:"List dead letters: what was given up, when and why."`
	Show   deadShowCmd   `cmd:"" help:"Print a dead letter whole: its headers and the article's bytes."`
	Replay deadReplayCmd `cmd:"" help:"Send articles on their way once more."`
	Drop   deadDropCmd   `cmd:"" help:"Delete dead letters for good."`
}

func (deadCmd) Help() string {
	return `An article that cannot be read, or that no worker survives, is not lost: it becomes a dead letter, its bytes unchanged,
with the reason beside them. Each has a number, its place in the stream of dead letters.

Examples:

    quotewire dead ls --newer 24h
    quotewire dead show 17
    quotewire dead replay --class article --field text
    quotewire dead drop --older 90d --dry-run`
}

// letterStore is where the dead letters are.
type letterStore struct {
	NATS    string `name:"nats" env:"NATS_URL" group:"nats" placeholder:"URL" help:"Where NATS is; nats://127.0.0.1:4222 if not given, where quotewire run listens."`
	Store   string `group:"nats" type:"existingdir" placeholder:"DIR" help:"The store of an embedded server that is not running."`
	Subject string `default:"articles.raw.>" group:"nats" placeholder:"SUBJECT" help:"Where raw articles come in (${default})."`
	Dead    string `default:"articles.dead.>" group:"nats" placeholder:"SUBJECT" help:"Where the dead letters are (${default})."`
	loginFlags
}

func (s letterStore) check() error {
	if s.NATS != "" && s.Store != "" {
		return errors.New("--store is for an embedded server that is not running, but --nats (or NATS_URL) names a running one")
	}
	return nil
}

// open gives the letters and what closes them again.
func (s letterStore) open(ctx context.Context, a *app) (*jetstream.Letters, func() error, error) {
	log := a.logger(zapcore.ErrorLevel)
	options := s.options(s.NATS, log)
	p := &pipe{log: log}
	if s.Store != "" {
		server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: s.Store, Log: log})
		if err != nil {
			return nil, nil, hint(err, "if quotewire run is using that store, leave --store out and say where it listens: --nats nats://127.0.0.1:4222")
		}
		p.server = server
		options = jetstream.Options{Server: server, Log: log}
	}
	var err error
	if p.conn, err = connect(ctx, options); err != nil {
		return nil, nil, errors.Join(err, p.close())
	}
	letters, err := p.conn.Letters(ctx, jetstream.Setup{Raw: s.Subject, Dead: s.Dead})
	if err != nil {
		if errors.Is(err, jetstream.ErrNoLetters) {
			err = hint(err, "nothing was given up there yet; or name the subject of dead letters with --dead, as run was given it")
		}
		return nil, nil, errors.Join(err, p.close())
	}
	return letters, p.close, nil
}

// letterFilter says which dead letters are meant.
type letterFilter struct {
	Class   string `group:"which" placeholder:"CLASS" help:"Only those of this class: article, record, panic, crash, timeout, size, attempts or refused."`
	Field   string `group:"which" placeholder:"NAME" help:"Only those with this field at fault, such as text."`
	Article string `group:"which" placeholder:"ID" help:"Only that of this article, by its id or URL."`
	Older   span   `group:"which" placeholder:"AGE" help:"Only those given up longer ago than this: 36h, 90d."`
	Newer   span   `group:"which" placeholder:"AGE" help:"Only those given up since: 30m, 7d."`
	Limit   int    `group:"which" placeholder:"N" help:"So many letters at most, the oldest first."`
}

func (f letterFilter) check() error {
	if f.Limit < 0 {
		return fmt.Errorf("--limit: %d is less than one", f.Limit)
	}
	if f.Older > 0 && f.Newer > 0 && f.Older >= f.Newer {
		return fmt.Errorf("--older %s and --newer %s: nothing is both", time.Duration(f.Older), time.Duration(f.Newer))
	}
	return nil
}

func (f letterFilter) filter(numbers []uint64) jetstream.LetterFilter {
	w := jetstream.LetterFilter{
		Sequences: numbers, Class: pipeline.Class(f.Class), Field: f.Field, Article: f.Article, Limit: f.Limit,
	}
	now := time.Now()
	if f.Older > 0 {
		w.Before = now.Add(-time.Duration(f.Older))
	}
	if f.Newer > 0 {
		w.After = now.Add(-time.Duration(f.Newer))
	}
	return w
}

// A span is a time that may be given in days.
type span time.Duration

func (s *span) UnmarshalText(text []byte) error {
	value := string(text)
	if days, ok := strings.CutSuffix(value, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 15)
		if err != nil {
			return fmt.Errorf("%q is no number of days", value)
		}
		*s = span(time.Duration(n) * 24 * time.Hour)
		return nil
	}
	d, err := time.ParseDuration(value)
	if err != nil || d < 0 {
		return fmt.Errorf("%q is no time like 30m, 36h or 7d", value)
	}
	*s = span(d)
	return nil
}

// chosen is for verbs that change something: they want to be told what.
type chosen struct {
	Numbers []uint64 `arg:"" optional:"" name:"number" help:"Numbers of dead letters, as ls shows them."`
	All     bool     `group:"which" help:"All that there are."`
	DryRun  bool     `group:"which" help:"Change nothing: list what would be meant, as ls does."`
	Format  string   `enum:"auto,text,ndjson" default:"auto" group:"which" placeholder:"FORM" help:"Of that list: text or ndjson. Text at a terminal, else ndjson."`
	letterFilter
}

func (c chosen) check() error {
	some := len(c.Numbers) > 0 || c.letterFilter != letterFilter{}
	switch {
	case !some && !c.All:
		return errors.New("which dead letters? Give numbers, a filter such as --class, or --all")
	case some && c.All:
		return errors.New("--all means all of them, but numbers or a filter are given too")
	}
	return c.letterFilter.check()
}

// each does something to the letters that are meant, one after the other, and says in the end how many there were. A
// letter that it fails for has a line on standard error, and the others are done.
func (c chosen) each(ctx context.Context, a *app, store letterStore, verb string, do func(*jetstream.Letters, jetstream.DeadLetter) error) (n int, err error) {
	letters, done, err := store.open(ctx, a)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, done()) }()
	list := newLetterList(a, c.Format)
	failed := 0
	for d, err := range letters.All(ctx, c.filter(c.Numbers)) {
		if err == nil && c.DryRun {
			list.add(d)
			n++
			continue
		}
		if err == nil {
			err = do(letters, d)
		}
		switch {
		case err == nil:
			n++
		case ctx.Err() != nil:
			return n, cause(ctx, err)
		case d.Sequence == 0: // about the stream, not about one letter
			return n, err
		default:
			failed++
			fmt.Fprintf(a.stderr, "%d: %s\n", d.Sequence, clean(err.Error()))
		}
	}
	if err := list.end(); err != nil {
		return n, err
	}
	if c.DryRun {
		fmt.Fprintf(a.stderr, "%s would be %s\n", counted(n, "dead letter", "dead letters"), verb)
	}
	if failed > 0 {
		return n, hint(fmt.Errorf("%s could not be %s", counted(failed, "dead letter", "dead letters"), verb),
			"each has a line above; what is still there: quotewire dead ls")
	}
	return n, nil
}

type deadReplayCmd struct {
	Keep bool `group:"which" help:"Leave the dead letter where it is. Without this it is dropped once the raw stream has the article."`
	letterStore
	chosen
}

func (deadReplayCmd) Help() string {
	return `The article's bytes are published unchanged on the subject that they came in on, with the headers that they came in
with, and a worker reads them as if they were new. Once the raw stream has them the dead letter is dropped; --keep
leaves it.

A replay may be repeated: the id of what is published names the dead letter, so that the raw stream takes it once
within its window of duplicates (an hour, unless it was made with another). A letter kept and replayed after that is
read again, and makes the same record: its id is that of the first.

Examples:

    quotewire dead replay 17 18
    quotewire dead replay --class crash --newer 7d --dry-run
    quotewire dead replay --all`
}

func (c *deadReplayCmd) Validate() error { return cmp.Or(c.letterStore.check(), c.chosen.check()) }

func (c *deadReplayCmd) Run(ctx context.Context, a *app) error {
	again := 0
	n, err := c.each(ctx, a, c.letterStore, "replayed", func(letters *jetstream.Letters, d jetstream.DeadLetter) error {
		done, err := letters.Replay(ctx, d)
		if errors.Is(err, jetstream.ErrBodyGone) {
			return fmt.Errorf("%w; publish it again from where it came (article %s), then drop %d", err, d.Article, d.Sequence)
		}
		if err != nil {
			return err
		}
		if done.Duplicate {
			again++
		}
		if c.Keep {
			return nil
		}
		if err := letters.Drop(ctx, d); err != nil {
			return fmt.Errorf("replayed, but: %w", err)
		}
		return nil
	})
	if c.DryRun || n == 0 && err != nil {
		return err
	}
	told := counted(n, "dead letter", "dead letters") + " replayed"
	if again > 0 {
		told += fmt.Sprintf(" (%d of them before, and not once more)", again)
	}
	if c.Keep {
		told += " and kept"
	}
	fmt.Fprintln(a.stderr, told)
	return err
}

type deadDropCmd struct {
	letterStore
	chosen
}

func (deadDropCmd) Help() string {
	return `What is dropped is gone, unless the raw stream still holds the article.

Examples:

    quotewire dead drop 17
    quotewire dead drop --older 90d --dry-run`
}

func (c *deadDropCmd) Validate() error { return cmp.Or(c.letterStore.check(), c.chosen.check()) }

func (c *deadDropCmd) Run(ctx context.Context, a *app) error {
	n, err := c.each(ctx, a, c.letterStore, "dropped", func(letters *jetstream.Letters, d jetstream.DeadLetter) error {
		return letters.Drop(ctx, d)
	})
	if c.DryRun || n == 0 && err != nil {
		return err
	}
	fmt.Fprintln(a.stderr, counted(n, "dead letter", "dead letters")+" dropped")
	return err
}
