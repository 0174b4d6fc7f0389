package main

import (
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"gopkg.in/yaml.v3"
)

// The files that only a container engine reads are held to what they promise, here, where none is needed.

type compose struct {
	Services map[string]struct {
		Image       string
		Build       string
		Command     []string
		Configs     []struct{ Source, Target string }
		Volumes     []string
		Ports       []string
		Healthcheck struct {
			Test              []string
			Interval, Timeout string
			Retries           int
			StartPeriod       string `yaml:"start_period"`
		}
		DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
		Deploy      struct{ Replicas int }
		StopGrace   string   `yaml:"stop_grace_period"`
		ReadOnly    bool     `yaml:"read_only"`
		CapDrop     []string `yaml:"cap_drop"`
		SecurityOpt []string `yaml:"security_opt"`
		Restart     string
		Privileged  bool
		User        string
	}
	Configs map[string]struct{ Content string }
	Volumes map[string]any
	Name    string
}

func readRoot(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// inModule finds a version in go.mod.
func inModule(t *testing.T, pattern string) string {
	t.Helper()
	m := regexp.MustCompile(pattern).FindSubmatch(readRoot(t, "go.mod"))
	if m == nil {
		t.Fatalf("go.mod has no %s", pattern)
	}
	return string(m[1])
}

func TestCompose(t *testing.T) {
	var c compose
	d := yaml.NewDecoder(strings.NewReader(string(readRoot(t, "docker-compose.yml"))))
	d.KnownFields(true)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	nats, ok := c.Services["nats"]
	worker, ok2 := c.Services["worker"]
	if !ok || !ok2 || len(c.Services) != 2 {
		t.Fatalf("services: %v", c.Services)
	}
	if want := "nats:" + inModule(t, `nats-server/v2 v(\S+)`) + "-alpine"; nats.Image != want {
		t.Errorf("NATS is %s; go.mod embeds %s", nats.Image, want)
	}
	for name, s := range c.Services {
		if s.Privileged || !s.ReadOnly || !slices.Contains(s.SecurityOpt, "no-new-privileges:true") {
			t.Errorf("%s may do more than it must", name)
		}
	}
	for _, p := range nats.Ports {
		if !strings.HasPrefix(p, "127.0.0.1:") {
			t.Errorf("port %s is open to the network without a login", p)
		}
	}

	// The server's configuration, as the server itself reads it.
	if len(nats.Configs) != 1 || len(nats.Command) != 2 || nats.Command[0] != "--config" || nats.Command[1] != nats.Configs[0].Target {
		t.Fatalf("NATS reads %q, the configuration is mounted as %v", nats.Command, nats.Configs)
	}
	path := filepath.Join(t.TempDir(), "nats.conf")
	if err := os.WriteFile(path, []byte(c.Configs[nats.Configs[0].Source].Content), 0o600); err != nil {
		t.Fatal(err)
	}
	o, err := server.ProcessConfigFile(path)
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case !o.JetStream:
		t.Error("JetStream is off")
	case !o.SyncAlways:
		t.Error("writes reach the disk later than they are acknowledged")
	case o.MaxPayload < 10<<20:
		t.Errorf("a 10 MB article does not pass: %d", o.MaxPayload)
	}
	if len(nats.Volumes) != 1 || nats.Volumes[0] != "streams:"+o.StoreDir {
		t.Errorf("streams are kept in %s, the volume is %q", o.StoreDir, nats.Volumes)
	} else if _, ok := c.Volumes["streams"]; !ok {
		t.Error("the volume is not declared")
	}
	if probe := strings.Join(nats.Healthcheck.Test, " "); !strings.Contains(probe, "127.0.0.1:8222/healthz") || o.HTTPHost != "127.0.0.1" || o.HTTPPort != 8222 {
		t.Errorf("the health check asks %q, the server answers at %s:%d", probe, o.HTTPHost, o.HTTPPort)
	}

	// The worker's command, as the program itself reads it.
	if worker.Build != "." || worker.Deploy.Replicas < 2 || !slices.Contains(worker.CapDrop, "ALL") || worker.DependsOn["nats"].Condition != "service_healthy" {
		t.Errorf("worker: %+v", worker)
	}
	var flags cli
	parser, err := newParser(&flags, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	chosen, err := parser.Parse(worker.Command)
	if err != nil {
		t.Fatalf("%q: %v", worker.Command, err)
	}
	if chosen.Command() != "run" || flags.Run.NATS != "nats://nats:4222" {
		t.Errorf("%q is %q with --nats %q", worker.Command, chosen.Command(), flags.Run.NATS)
	}
	if stop, err := time.ParseDuration(worker.StopGrace); err != nil || stop <= flags.Run.Grace {
		t.Errorf("the engine kills after %s what may take %s", worker.StopGrace, flags.Run.Grace)
	}
}

func TestDockerfile(t *testing.T) {
	type instruction struct{ word, rest string }
	var stages [][]instruction
	text := strings.ReplaceAll(string(readRoot(t, "Dockerfile")), "\\\n", " ")
	for _, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		word, rest, _ := strings.Cut(line, " ")
		word = strings.ToUpper(word)
		if word == "FROM" {
			stages = append(stages, nil)
		}
		if len(stages) == 0 {
			t.Fatalf("%q before FROM", line)
		}
		stages[len(stages)-1] = append(stages[len(stages)-1], instruction{word, strings.TrimSpace(rest)})
	}
	if len(stages) != 2 {
		t.Fatalf("%d stages", len(stages))
	}
	find := func(stage []instruction, word, part string) bool {
		return slices.ContainsFunc(stage, func(i instruction) bool { return i.word == word && strings.Contains(i.rest, part) })
	}
	build, final := stages[0], stages[1]
	if want := "golang:" + inModule(t, `(?m)^go (\S+)$`) + "-alpine AS build"; build[0].rest != want {
		t.Errorf("built with %s; go.mod says %s", build[0].rest, want)
	}
	if !find(build, "RUN", "CGO_ENABLED=0") || !find(build, "RUN", "./cmd/quotewire") {
		t.Error("the binary is not static")
	}
	if final[0].rest != "scratch" {
		t.Errorf("the image rests on %s, which is not pinned here", final[0].rest)
	}
	if !find(final, "USER", "65532:65532") {
		t.Error("the image runs as root")
	}
	if !find(final, "ENTRYPOINT", `["/quotewire"]`) || !find(final, "COPY", "--from=build /quotewire /quotewire") {
		t.Error("the program is not there, or is not what is run")
	}
	if !find(final, "COPY", "ca-certificates.crt") {
		t.Error("TLS would trust nobody")
	}
	for _, i := range final {
		if i.word == "RUN" || i.word == "ADD" {
			t.Errorf("%s %s: there is nothing to run it with", i.word, i.rest)
		}
	}
}
