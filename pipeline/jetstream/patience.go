package jetstream

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline/retry"
)

// A cluster that has lost its leader, or its majority, refuses what is asked of it or does not answer. That passes, and a
// worker that is started in that moment waits as one does that was started before.

const (
	answerTry      = 5 * time.Second // for the answers of one try, two at most
	answerLeast    = 200 * time.Millisecond
	answerMost     = 5 * time.Second
	elsewhereAfter = 15 * time.Second // without success another server is tried

	unplacedFor = 30 * time.Second // how long a cluster may lack a server, or its JetStream, before we believe it
)

// Codes of JetStream's errors that pass once there is a leader.
var leaderless = []js.ErrorCode{
	10006, // no cluster yet
	10007, // not assigned to this server
	10008, // temporarily unavailable
	10009, // not the leader
	10118, // stream offline
	10119, // consumer offline
}

// codeNoPeers: too few servers for so many replicas. They may be on their way.
const codeNoPeers = 10005

// patiently calls f until it succeeds, fails for good, or ctx ends.
func (c *Conn) patiently(ctx context.Context, f func(context.Context) error) error {
	refusals, began := c.refusals.Load(), time.Now()
	since := began
	for try := 0; ; try++ {
		err := within(ctx, answerTry, f)
		switch {
		case err == nil, ctx.Err() != nil:
			return err
		case c.refusals.Load() != refusals: // a server leaves what is not permitted without an answer
			return err
		case !passes(err) && !(c.mayBePlaced(err) && time.Since(began) < unplacedFor):
			return err
		}
		wait := retry.Delay(answerLeast, answerMost, try)
		c.log.Warn("JetStream is not ready; trying again", zap.String("server", c.URL()), zap.Duration("in", wait), zap.Error(err))
		if time.Since(since) > elsewhereAfter {
			c.elsewhere()
			since = time.Now()
		}
		if !retry.Sleep(ctx, wait) {
			return fmt.Errorf("%w (last: %w)", context.Cause(ctx), err)
		}
	}
}

// elsewhere goes to another server, if one is known: ours may be parted from its cluster, which works without it.
func (c *Conn) elsewhere() {
	if len(c.nc.Servers()) < 2 {
		return
	}
	c.log.Info("no success for a while at this server; trying another one", zap.String("server", c.URL()))
	if err := c.nc.ForceReconnect(); err != nil {
		c.log.Debug("turning to another server", zap.Error(err))
	}
}

func within(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	return f(ctx)
}

// passes reports whether an error is that of a cluster without a leader, or of a line without an answer.
func passes(err error) bool {
	var api *js.APIError
	if errors.As(err, &api) {
		return slices.Contains(leaderless, api.ErrorCode)
	}
	return errors.Is(err, context.DeadlineExceeded) || errors.Is(err, nats.ErrTimeout) || errors.Is(err, nats.ErrDisconnected) ||
		errors.Is(err, nats.ErrConnectionReconnecting) || errors.Is(err, nats.ErrReconnectBufExceeded)
}

// mayBePlaced reports whether an error is that of a cluster which is still coming together.
func (c *Conn) mayBePlaced(err error) bool {
	var api *js.APIError
	if errors.As(err, &api) {
		return api.ErrorCode == codeNoPeers
	}
	has, _ := c.nc.ConnectedServerJetStream()
	return has && errors.Is(err, nats.ErrNoResponders)
}

// A stored message, as the leader of its stream has it.
type stored struct {
	Subject  string `json:"subject"`
	Sequence uint64 `json:"seq"`
	Header   []byte `json:"hdrs"`
	Data     []byte `json:"data"`
}

// leaderGet asks the leader of a stream for a message. (The client library asks any replica, which may lag behind, where
// the stream allows direct gets.) Its error is js.ErrMsgNotFound where there is none.
func (c *Conn) leaderGet(ctx context.Context, stream string, which map[string]any) (stored, error) {
	o := c.js.Options()
	prefix := js.DefaultAPIPrefix
	switch {
	case o.Domain != "":
		prefix = fmt.Sprintf("$JS.%s.API.", o.Domain)
	case o.APIPrefix != "":
		prefix = o.APIPrefix
	}
	if prefix[len(prefix)-1] != '.' {
		prefix += "."
	}
	request, err := json.Marshal(which)
	if err != nil {
		return stored{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, answerTry)
	defer cancel()
	answer, err := c.nc.RequestWithContext(ctx, prefix+"STREAM.MSG.GET."+stream, request)
	if err != nil {
		return stored{}, err
	}
	var r struct {
		Error   *js.APIError `json:"error"`
		Message *stored      `json:"message"`
	}
	switch err := json.Unmarshal(answer.Data, &r); {
	case err != nil:
		return stored{}, fmt.Errorf("reading the answer of stream %s: %w", stream, err)
	case r.Error != nil && r.Error.ErrorCode == js.JSErrCodeMessageNotFound:
		return stored{}, js.ErrMsgNotFound
	case r.Error != nil:
		return stored{}, r.Error
	case r.Message == nil:
		return stored{}, fmt.Errorf("stream %s answered without a message", stream)
	}
	return *r.Message, nil
}
