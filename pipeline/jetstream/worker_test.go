package jetstream_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"syscall"
	"time"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
	"github.com/quotewire/quotewire/schema"
)

// workerSpec is what a worker process is told.
type workerSpec struct {
	URL     string        // of the server; or
	Dir     string        // of the server that the worker embeds
	Fast    bool          // that server does not wait for the disk
	AckWait time.Duration //
	Poison  string        // id of an article that kills the worker which reads it
}

// poisoned is the exit status of a worker that read its poison.
const poisoned = 66

// workerMain is a worker process. It ends when told to (SIGTERM), or when nothing is left to do; it
// prints "ready" and at last its summary.
func workerMain(text string) int {
	fail := func(err error) int {
		fmt.Fprintln(os.Stderr, "worker:", err)
		return 1
	}
	var spec workerSpec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return fail(err)
	}
	ctx, cancel := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer cancel()
	options := jetstream.Options{URL: spec.URL, Log: zap.New(zapcore.NewCore(
		zapcore.NewJSONEncoder(zap.NewProductionEncoderConfig()), zapcore.Lock(os.Stderr), zapcore.WarnLevel))}
	if spec.Dir != "" {
		server, err := jetstream.Embed(jetstream.EmbedConfig{Dir: spec.Dir, Fast: spec.Fast})
		if err != nil {
			return fail(err)
		}
		defer server.Close()
		options.Server = server
	}
	conn, err := jetstream.Connect(ctx, options)
	if err != nil {
		return fail(err)
	}
	s, err := conn.Streams(ctx, jetstream.Setup{AckWait: spec.AckWait})
	if err != nil {
		return fail(err)
	}
	c := pipeline.Config{Workers: 4, Fingerprint: pipelinetest.Fingerprint, Log: options.Log, Extract: func(a schema.Article) schema.Record {
		time.Sleep(rand.N(4 * time.Millisecond))
		if a.ID == spec.Poison {
			os.Exit(poisoned)
		}
		return pipelinetest.Extract(a)
	}}
	// Between a record that is safe and its article that is acknowledged lies the moment in which a death makes work
	// twice: the sink lingers there.
	sink := s.Sink()
	c.Sink = sinkFunc(func(ctx context.Context, r schema.Record, from pipeline.Origin) error {
		err := sink.Put(ctx, r, from)
		time.Sleep(rand.N(4 * time.Millisecond))
		return err
	})
	source, err := s.Source(ctx, c.InHand())
	if err != nil {
		return fail(err)
	}
	c.Source = source
	fmt.Println("ready")
	run, done := context.WithCancel(ctx)
	go func() {
		for quiet := 0; quiet < 3; time.Sleep(30 * time.Millisecond) {
			if pending, inHand, err := source.Backlog(run); err == nil && pending+inHand == 0 {
				quiet++
			} else {
				quiet = 0
			}
		}
		done()
	}()
	sum, err := pipeline.Run(run, c)
	if err != nil && !errors.Is(err, context.Canceled) {
		return fail(err)
	}
	end, cancelEnd := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancelEnd()
	if err := errors.Join(source.Close(end), conn.Close(end)); err != nil {
		return fail(err)
	}
	if err := json.NewEncoder(os.Stdout).Encode(sum); err != nil {
		return fail(err)
	}
	return 0
}
