package jetstream_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
	js "github.com/nats-io/nats.go/jetstream"

	"github.com/quotewire/quotewire/pipeline"
	"github.com/quotewire/quotewire/pipeline/jetstream"
	"github.com/quotewire/quotewire/pipeline/pipelinetest"
)

// TestLeastPrivilege starts a server from the block of configuration in SECURITY.md and runs a worker with those
// permissions; and, for each line of them, one that lacks it and must not get through.
func TestLeastPrivilege(t *testing.T) {
	grants := func() (*server.Options, *server.Permissions) { return leastPrivilege(t) }
	_, all := grants()
	if len(all.Publish.Allow) < 7 || len(all.Subscribe.Allow) != 1 {
		t.Fatalf("%+v: the block was not read as it is meant", all)
	}

	t.Run("enough", func(t *testing.T) {
		o, _ := grants()
		s := serve(t, o)
		if err := restricted(t, s.ClientURL(), patience); err != nil {
			t.Fatal(err)
		}
		terminatedFor(t, s.ClientURL())
		// And no more than that.
		j := raw(t, s.ClientURL(), nats.UserInfo("worker", "worker"), nats.ErrorHandler(nil))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for what, err := range map[string]error{
			"publish an article":        second(j.Publish(ctx, "articles.raw.x", []byte("x"))),
			"make a stream":             second(j.CreateStream(ctx, js.StreamConfig{Name: "MINE", Subjects: []string{"mine"}})),
			"delete records":            j.DeleteStream(ctx, "ARTICLES_EXTRACTED"),
			"delete the consumer":       j.DeleteConsumer(ctx, "ARTICLES_RAW", "quotewire"),
			"read the dead letters":     second(j.CreateConsumer(ctx, "ARTICLES_DEAD", js.ConsumerConfig{Durable: "mine"})),
			"subscribe to all articles": mayNotHear(t, s.ClientURL(), "articles.>"),
		} {
			if err == nil {
				t.Errorf("a worker could %s", what)
			}
		}
	})

	t.Run("not less", func(t *testing.T) {
		var ways sync.WaitGroup
		for i, grant := range slices.Concat(all.Publish.Allow, all.Subscribe.Allow) {
			if strings.Contains(strings.ToLower(grant), "alone") || strings.Contains(grant, "ADVISORIES") || grant == "$JS.API.DIRECT.GET.ARTICLES_RAW" {
				continue // without notes or advisories the work goes on: see TestNoNotes, TestAdvisoriesRefused
			}
			o, p := grants()
			if i < len(all.Publish.Allow) {
				p.Publish.Allow = slices.Delete(p.Publish.Allow, i, i+1)
			} else {
				p.Subscribe.Allow = []string{"nothing"}
			}
			s := serve(t, o)
			ways.Go(func() {
				if err := restricted(t, s.ClientURL(), 4*time.Second); err == nil {
					t.Errorf("without %q it works as well", grant)
				}
			})
		}
		ways.Wait()
	})
}

// leastPrivilege reads the block of configuration in SECURITY.md, and in it what the worker may do.
func leastPrivilege(t *testing.T) (*server.Options, *server.Permissions) {
	t.Helper()
	doc, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	block := regexp.MustCompile("(?s)```conf\n(.*?)```").FindSubmatch(doc)
	if block == nil {
		t.Fatal("SECURITY.md holds no block of configuration")
	}
	for _, user := range []string{"ADMIN", "WORKER", "DESK"} {
		t.Setenv(user+"_PASSWORD", strings.ToLower(user))
	}
	file := filepath.Join(t.TempDir(), "server.conf")
	if err := os.WriteFile(file, block[1], 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := server.ProcessConfigFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range o.Users {
		if u.Username == "worker" {
			return o, u.Permissions
		}
	}
	t.Fatal("SECURITY.md has no user worker")
	return nil, nil
}

// terminatedFor ends an article beside the worker, who may hear of it and write a dead letter.
func terminatedFor(t *testing.T, url string) {
	t.Helper()
	admin := open(t, connect(t, jetstream.Options{URL: url, User: "admin", Password: "admin"}), jetstream.Setup{})
	before, err := admin.Mark(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	publish(t, admin, articles(1)...)
	consumer, err := raw(t, url, nats.UserInfo("admin", "admin")).Consumer(t.Context(), "ARTICLES_RAW", "quotewire")
	if err != nil {
		t.Fatal(err)
	}
	m, err := consumer.Next()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Term(); err != nil {
		t.Fatal(err)
	}
	worker(t, open(t, connect(t, jetstream.Options{URL: url, User: "worker", Password: "worker"}), jetstream.Setup{}), nil)
	eventually(t, func() (bool, string) {
		at, err := admin.Mark(t.Context())
		return err == nil && at.Dead == before.Dead+1, "the worker was not allowed to hear that an article was terminated"
	})
}

func second[T any](_ T, err error) error { return err }

// mayNotHear is the error of a subscription.
func mayNotHear(t *testing.T, url, subject string) error {
	refused := make(chan error, 1)
	nc, err := nats.Connect(url, nats.UserInfo("worker", "worker"), nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		select {
		case refused <- err:
		default:
		}
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	if _, err := nc.SubscribeSync(subject); err != nil {
		return err
	}
	nc.Flush()
	select {
	case err := <-refused:
		return err
	case <-time.After(patience):
		return nil
	}
}

// restricted has the admin make the streams and the consumer, the desk publish an article that can be read and one that
// cannot, and a worker do them, which has a time for that; it returns what kept it.
func restricted(t *testing.T, url string, limit time.Duration) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	open := func(user string) (*jetstream.Conn, *jetstream.Streams, error) {
		c, err := jetstream.Connect(ctx, jetstream.Options{URL: url, User: user, Password: user})
		if err != nil {
			return nil, nil, err
		}
		s, err := c.Streams(ctx, jetstream.Setup{AckWait: time.Second})
		if err != nil {
			c.Close(context.Background())
		}
		return c, s, err
	}
	conn, admin, err := open("admin")
	if err != nil {
		t.Error(err)
		return err
	}
	defer conn.Close(context.Background())
	made, err := admin.Source(ctx, 1)
	if err != nil {
		t.Error(err)
		return err
	}
	if err := made.Close(ctx); err != nil {
		t.Error(err)
		return err
	}
	desk, err := nats.Connect(url, nats.UserInfo("desk", "desk"))
	if err != nil {
		t.Error(err)
		return err
	}
	defer desk.Close()
	j, err := js.New(desk)
	if err != nil {
		t.Error(err)
		return err
	}
	for _, data := range [][]byte{pipelinetest.Article(1), []byte(`{"id":"no text"}`)} {
		if _, err := j.Publish(ctx, "articles.raw.desk", data); err != nil {
			t.Error(err)
			return err
		}
	}

	ctx, cancelWork := context.WithTimeout(t.Context(), limit)
	defer cancelWork()
	workerConn, s, err := open("worker")
	if err != nil {
		return err
	}
	defer workerConn.Close(context.Background())
	source, err := s.Source(ctx, 4)
	if err != nil {
		return err
	}
	work, stop := context.WithCancel(ctx)
	defer stop()
	done := make(chan error, 1)
	go func() {
		_, err := pipeline.Run(work, pipeline.Config{Extract: pipelinetest.Extract, Source: source, Sink: s.Sink(), Workers: 2, Grace: 100 * time.Millisecond})
		end, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		done <- errors.Join(err, source.Close(end))
	}()
	consumer := raw(t, url, nats.UserInfo("admin", "admin"))
	state := "nothing seen"
	for ctx.Err() == nil {
		at, err := admin.Mark(ctx)
		if c, bad := consumer.Consumer(ctx, s.RawStream, s.Setup.Consumer); err == nil && bad == nil {
			info := c.CachedInfo()
			state = fmt.Sprintf("%d records, %d dead letters, %d pending, %d in hand", at.Records, at.Dead, info.NumPending, info.NumAckPending)
			if at.Records == 1 && at.Dead == 1 && info.NumPending+uint64(info.NumAckPending) == 0 {
				stop()
				<-done
				return nil
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
	stop()
	return fmt.Errorf("%s: %w", state, <-done)
}
