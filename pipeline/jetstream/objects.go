package jetstream

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/retry"
)

// What no message can hold goes by claim check (G. Hohpe, B. Woolf: Enterprise Integration Patterns, 2003): the body lies
// in an object store of the same server, and the message, whose body is empty, says where. An object is whole before its
// message is published, and has a name that depends on nothing but its content or its message, so that a repetition
// finds it there already.

const (
	// Each stream has an object store of its own, whose name is that of the stream with this behind it.
	objectsOf = "_OBJECTS"

	largestObject = 64 << 20         // bytes: as large as the largest message of any server
	objectChunk   = 128 << 10        // bytes of a message of the object store
	objectLonger  = time.Hour        // than its message an object stays, which was published after it
	objectTry     = 30 * time.Second // for one attempt to put or to get one
	objectTries   = 3                // deliveries of an article until we believe that its object is gone
)

// An object is a body that lies in an object store.
type object struct {
	bucket, name string
	size         int
	sum          string // SHA-256, hexadecimal
}

// objects are the buckets that were opened so far.
type objects struct {
	mu     sync.Mutex
	opened map[string]js.ObjectStore
}

var (
	errNoObject = errors.New("the object is not there")
	errNotKept  = errors.New("too large for a message, and the object store does not take it")
)

// claim reads the headers that stand for a body.
func claim(h nats.Header) (o object, ok bool, err error) {
	where := h.Get(HeaderObject)
	if where == "" {
		return object{}, false, nil
	}
	bucket, name, found := strings.Cut(where, "/")
	size, bad := strconv.Atoi(h.Get(HeaderObjectSize))
	o = object{bucket, name, size, h.Get(HeaderObjectSum)}
	switch {
	case !found || name == "" || bad != nil || size < 0 || len(o.sum) != 2*sha256.Size:
		return o, true, fmt.Errorf("the headers %s, %s and %s name no object", HeaderObject, HeaderObjectSize, HeaderObjectSum)
	case size > largestObject:
		return o, true, fmt.Errorf("the object has %d bytes, more than the %d that are read", size, largestObject)
	}
	return o, true, nil
}

func (o object) write(h nats.Header) {
	h.Set(HeaderObject, o.bucket+"/"+o.name)
	h.Set(HeaderObjectSize, strconv.Itoa(o.size))
	h.Set(HeaderObjectSum, o.sum)
}

// publishAny publishes msg as it is, or with its body in an object if it is too large. The name of the object is asked
// for only then.
func (s *Streams) publishAny(ctx context.Context, msg *nats.Msg, stream, id string, name func() string) (*js.PubAck, error) {
	ack, err := s.publish(ctx, msg, stream, id)
	if !errors.Is(err, errTooLarge) || len(msg.Data) > largestObject {
		return ack, err
	}
	o, err := s.keep(ctx, stream, name(), msg.Data)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNotKept, err)
	}
	slim := &nats.Msg{Subject: msg.Subject, Header: maps.Clone(msg.Header)}
	o.write(slim.Header)
	return s.publish(ctx, slim, stream, id)
}

// keep puts a body into the object store of a stream, unless it is there, and repeats what may pass.
func (s *Streams) keep(ctx context.Context, stream, name string, data []byte) (object, error) {
	sum := sha256.Sum256(data)
	o := object{stream + objectsOf, name, len(data), hex.EncodeToString(sum[:])}
	err := s.again(ctx, "keeping "+name, func(ctx context.Context) error {
		store, err := s.bucket(ctx, o.bucket, stream)
		if err != nil {
			return err
		}
		if has, err := store.GetInfo(ctx, name); err == nil && has.Size == uint64(o.size) && has.Metadata["sha256"] == o.sum {
			return nil
		}
		chunk := min(objectChunk, max(1, int(s.conn.nc.MaxPayload())/2))
		_, err = store.Put(ctx, js.ObjectMeta{
			Name: name, Metadata: map[string]string{"sha256": o.sum}, Opts: &js.ObjectMetaOptions{ChunkSize: uint32(chunk)},
		}, bytes.NewReader(data))
		return s.objects.checked(o.bucket, err)
	})
	if err != nil {
		return o, fmt.Errorf("putting %d bytes into object store %s: %w", len(data), o.bucket, err)
	}
	return o, nil
}

// fetch reads a body of a stream, and nothing else that a header may name. Its error wraps errNoObject if there is none,
// or another.
func (s *Streams) fetch(ctx context.Context, o object, stream string) (data []byte, err error) {
	if o.bucket != stream+objectsOf {
		return nil, pipeline.Permanent(fmt.Errorf("object store %q is not that of stream %s", o.bucket, stream))
	}
	err = s.again(ctx, "fetching "+o.name, func(ctx context.Context) error {
		store, err := s.bucket(ctx, o.bucket, "")
		if err != nil {
			return err
		}
		data, err = read(ctx, store, o)
		return s.objects.checked(o.bucket, err)
	})
	if err != nil {
		return nil, fmt.Errorf("fetching %s of %d bytes from object store %s: %w", o.name, o.size, o.bucket, err)
	}
	return data, nil
}

func read(ctx context.Context, store js.ObjectStore, o object) ([]byte, error) {
	r, err := store.Get(ctx, o.name)
	if errors.Is(err, js.ErrObjectNotFound) {
		return nil, errNoObject
	}
	if err != nil {
		return nil, err
	}
	defer r.Close()
	if info, err := r.Info(); err != nil || info.Size != uint64(o.size) {
		return nil, errors.Join(fmt.Errorf("%w: another has its name", errNoObject), err)
	}
	data := make([]byte, o.size)
	if _, err := io.ReadFull(r, data); err != nil && o.size > 0 {
		return nil, err
	}
	if sum := sha256.Sum256(data); hex.EncodeToString(sum[:]) != o.sum {
		return nil, fmt.Errorf("%w: another has its name", errNoObject)
	}
	return data, nil
}

// drop deletes an object. One that is gone already is no error.
func (s *Streams) drop(ctx context.Context, o object) error {
	store, err := s.bucket(ctx, o.bucket, "")
	if err == nil {
		err = store.Delete(ctx, o.name)
	}
	if err != nil && !errors.Is(err, errNoObject) && !errors.Is(err, js.ErrObjectNotFound) {
		return fmt.Errorf("deleting %s from object store %s: %w", o.name, o.bucket, err)
	}
	return nil
}

// bucket opens an object store, or makes it for a stream, as lasting as that is.
func (s *Streams) bucket(ctx context.Context, name, stream string) (js.ObjectStore, error) {
	s.objects.mu.Lock()
	defer s.objects.mu.Unlock()
	if b := s.objects.opened[name]; b != nil {
		return b, nil
	}
	b, err := s.conn.js.ObjectStore(ctx, name)
	if errors.Is(err, js.ErrBucketNotFound) && stream == "" {
		return nil, errNoObject
	}
	if errors.Is(err, js.ErrBucketNotFound) {
		b, err = s.makeBucket(ctx, name, stream)
	}
	if err != nil {
		return nil, err
	}
	s.objects.opened[name] = b
	return b, nil
}

func (s *Streams) makeBucket(ctx context.Context, name, stream string) (js.ObjectStore, error) {
	of, err := s.conn.js.Stream(ctx, stream)
	if err != nil {
		return nil, err
	}
	messages := of.CachedInfo().Config
	config := js.ObjectStoreConfig{
		Bucket: name, Description: "Quotewire: what is too large for a message of " + stream, Storage: messages.Storage, Replicas: messages.Replicas,
	}
	if messages.MaxAge > 0 {
		config.TTL = messages.MaxAge + objectLonger
	}
	b, err := s.conn.js.CreateObjectStore(ctx, config)
	if errors.Is(err, js.ErrBucketExists) { // another worker made it in this moment
		return s.conn.js.ObjectStore(ctx, name)
	}
	if err == nil {
		s.log.Info("object store made", zap.String("bucket", name), zap.String("stream", stream))
	}
	return b, err
}

// checked forgets a bucket after an error: it may have been deleted.
func (o *objects) checked(name string, err error) error {
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		delete(o.opened, name)
	}
	return err
}

// again repeats what may pass, as publish does.
func (s *Streams) again(ctx context.Context, what string, do func(context.Context) error) error {
	until := time.Now().Add(publishFor)
	for try := 0; ; try++ {
		once, cancel := context.WithTimeout(ctx, objectTry)
		err := do(once)
		cancel()
		var api *js.APIError
		switch {
		case err == nil, errors.Is(err, errNoObject), errors.Is(err, nats.ErrConnectionClosed), errors.Is(err, nats.ErrConnectionDraining),
			errors.As(err, &api) && api.Code/100 == 4: // sealed, say; what may pass is a 500
			return err
		}
		wait := retry.Delay(pauseLeast, pauseMost, try)
		if time.Now().Add(wait).After(until) || ctx.Err() != nil {
			return err
		}
		if try == 0 {
			s.log.Warn(what+" failed; trying again", zap.Error(err))
		}
		if !retry.Sleep(ctx, wait) {
			return err
		}
	}
}

// load is for pipeline.Delivery: it fetches the body of an article. What is gone is given up in the end, what cannot be
// is tried again.
func (s *Streams) load(ctx context.Context, o object, attempt int) ([]byte, error) {
	data, err := s.fetch(ctx, o, s.RawStream)
	switch {
	case err == nil:
		return data, nil
	case pipeline.IsPermanent(err), errors.Is(err, errNoObject) && attempt >= objectTries:
		return nil, &pipeline.Failure{Class: pipeline.ClassArticle, Field: "object", Reason: err.Error(), Err: err}
	}
	return nil, err
}

// whole brings the body back to an article that is given up without having been read. Where that fails, its headers go on
// saying where the body was.
func (s *Streams) whole(ctx context.Context, r remains) remains {
	o, ok, err := claim(r.header)
	if !ok || err != nil {
		return r
	}
	if r.data == nil {
		if r.data, err = s.fetch(ctx, o, s.RawStream); err != nil {
			return r
		}
	}
	r.header = maps.Clone(r.header)
	for _, name := range []string{HeaderObject, HeaderObjectSize, HeaderObjectSum} {
		r.header.Del(name)
	}
	return r
}
