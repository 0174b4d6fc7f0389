// Command quotewire reads news articles and publishes who is in them, where they happen, and who said what.
//
// Each verb lies in a file of its own; open.go turns what the user names into a source or a sink.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/alecthomas/kong"

	"github.com/quotewire/quotewire/extract"
)

// Exit statuses.
const (
	exitOK          = 0
	exitFailed      = 1   // the work could not be done, or not for every article
	exitUsage       = 2   // the command line is wrong
	exitInterrupted = 130 // stopped by the user before the end
)

const description = `Quotewire reads news articles and tells who is in them, where they happen, and who said what: people, places,
organisations, and every quote (direct, mixed, indirect) with its speaker. Articles come from files, a pipe or a NATS
subject; one JSON record an article goes to a terminal, a file or another NATS subject. The models are inside the
program: nothing is fetched from the network, and nothing sent there, but what you ask for.`

const epilogue = `Examples:

    quotewire extract article.txt              read one article, at a terminal
    curl -s URL | quotewire extract            read a page
    quotewire extract *.ndjson > records.ndjson
    quotewire run testdata/articles            the whole pipe at once: NATS, workers, records
    quotewire run                              work for NATS until told to stop
    quotewire replay archive/ -o records.ndjson.gz

Environment:

    NATS_URL       where NATS is; without it run starts an embedded server
    NATS_USER, NATS_PASSWORD, NATS_TOKEN, NATS_NKEY, NATS_CREDS, NATS_CA, NATS_CERT, NATS_KEY, NATS_CONTEXT
                   who we are there
    AWS_..., GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_...
                   who we are in object stores: see quotewire replay --help
    NO_COLOR       if set, no colour; --color decides over it

Exit status:

    0  all done
    1  something failed: each article that did has a line on standard error, the others are done
    2  the command line is wrong
    130  interrupted`

type cli struct {
	Extract    extractCmd    `cmd:"" help:"Read articles from files or a pipe, and write a record for each."`
	Run        runCmd        `cmd:"" help:"Work for NATS: raw articles in, records out. With files, show the whole pipe on them and end."`
	Replay     replayCmd     `cmd:"" help:"Read whole archives, fast, into a file, a pipe or a NATS subject."`
	Dead       deadCmd       `cmd:"" help:"List, show, replay or drop dead letters: articles that were given up."`
	Eval       evalCmd       `cmd:"" help:"Score a reader, or saved predictions, against gold."`
	Schema     schemaCmd     `cmd:"" help:"Print the JSON Schema of a record, or the field names that articles may have."`
	Version    versionCmd    `cmd:"" help:"Print the version of the program, its readers and their models."`
	Completion completionCmd `cmd:"" help:"Print the completion script of a shell."`

	Color    string `enum:"auto,always,never" default:"auto" group:"shared" placeholder:"WHEN" help:"Colour: auto, always or never."`
	LogLevel string `enum:"default,debug,info,warn,error" default:"default" group:"shared" placeholder:"LEVEL" help:"What to log to standard error: debug, info, warn or error. Serving logs from info on, all else from error on."`
}

func (cli) Help() string { return epilogue }

// app is what every verb works with.
type app struct {
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	parser *kong.Kong
	flags  *cli
}

func main() {
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without its ending, and answers with the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var flags cli
	a := &app{stdin: stdin, stdout: stdout, stderr: stderr, flags: &flags}
	type exit int // what --help panics with, as kong goes on otherwise
	defer func() {
		if p := recover(); p != nil {
			if _, ok := p.(exit); !ok {
				panic(p)
			}
		}
	}()
	parser, err := newParser(&flags, stdout, stderr, func(code int) { panic(exit(code)) })
	if err != nil {
		panic(err) // the grammar itself is wrong: every test would show it
	}
	a.parser = parser
	if len(args) == 0 {
		args = []string{"--help"}
	}
	chosen, err := parser.Parse(args)
	if err != nil {
		return a.report(usage(err, parser))
	}
	ctx, stop := interruptible()
	defer stop()
	chosen.BindTo(ctx, (*context.Context)(nil))
	return a.report(chosen.Run(a))
}

func newParser(flags *cli, stdout, stderr io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(flags,
		kong.Name("quotewire"),
		kong.Description(description),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100, NoExpandSubcommands: true}),
		kong.Writers(stdout, stderr),
		kong.Vars{"reader": extract.Readers()[0], "readers": strings.Join(extract.Readers(), ", ")},
		kong.Exit(exit),
		kong.ExplicitGroups([]kong.Group{
			{Key: "work", Title: "Reading:"},
			{Key: "nats", Title: "NATS:"},
			{Key: "which", Title: "Dead letters:"},
			{Key: "shared", Title: "Output to people:"},
		}),
	)
}

// interruptible is a context that ends with the first SIGINT or SIGTERM; what is in hand is then finished. A second one
// ends the program at once.
func interruptible() (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		first := time.Now()
		cancel(errInterrupted)
		for range signals {
			if time.Since(first) > time.Second { // timeout(1) and some supervisors send the first one twice
				os.Exit(exitInterrupted)
			}
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel(nil)
	}
}

var (
	errInterrupted = errors.New("interrupted")
	errArticles    = errors.New("not every article could be read") // each has had its line
)

// A usageError is about the command line.
type usageError struct{ error }

func (u usageError) Unwrap() error { return u.error }

func usage(err error, parser *kong.Kong) error {
	help := "quotewire --help"
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if verb := parse.Context.Selected(); verb != nil {
			help = verb.FullPath() + " --help"
		}
	}
	return hint(usageError{err}, "see %s", help)
}

// report says what ended the program, and answers with the exit status.
func (a *app) report(err error) int {
	var (
		wrong usageError
		help  hinted
	)
	status := exitFailed
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errArticles):
		return exitFailed
	case errors.Is(err, errInterrupted):
		status = exitInterrupted
	case errors.As(err, &wrong):
		status = exitUsage
	}
	fmt.Fprintf(a.stderr, "%s %s\n", a.ink().failure("quotewire:"), strings.TrimSuffix(err.Error(), "\n"))
	if errors.As(err, &help) {
		fmt.Fprintf(a.stderr, "           %s\n", help.hint)
	}
	return status
}

// ink is for standard error.
func (a *app) ink() ink { return ink(colours(a.flags.Color, a.stderr)) }
