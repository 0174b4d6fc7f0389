package jetstream

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// natsContext is a context file of the nats command (github.com/nats-io/jsm.go/natscontext).
type natsContext struct {
	URL         string `json:"url"`
	User        string `json:"user"`
	Password    string `json:"password"`
	Token       string `json:"token"`
	Creds       string `json:"creds"`
	NKey        string `json:"nkey"`
	CA          string `json:"ca"`
	Cert        string `json:"cert"`
	Key         string `json:"key"`
	TLSFirst    bool   `json:"tls_first"`
	Domain      string `json:"jetstream_domain"`
	APIPrefix   string `json:"jetstream_api_prefix"`
	InboxPrefix string `json:"inbox_prefix"`

	// Ways to log in that we do not offer: better refused than left out.
	NSC     string `json:"nsc"`
	UserJWT string `json:"user_jwt"`
	Socks   string `json:"socks_proxy"`
}

// readContext fills what the options leave open from the context that they name.
func (o *Options) readContext() error {
	path, err := contextPath(o.Context)
	if err != nil {
		return err
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("NATS context %s: %w", o.Context, err)
	}
	var c natsContext
	if err := json.Unmarshal(data, &c); err != nil {
		return fmt.Errorf("NATS context %s: %s is no JSON of a context: %w", o.Context, path, err)
	}
	for _, x := range []struct{ name, value string }{{"nsc", c.NSC}, {"user_jwt", c.UserJWT}, {"socks_proxy", c.Socks}} {
		if x.value != "" {
			return fmt.Errorf("NATS context %s uses %q, which quotewire does not know; use creds, nkey, user or token", o.Context, x.name)
		}
	}
	if o.URL == "" {
		o.URL = c.URL
	}
	// Who we are comes from one place as a whole: half a login from here and half from there is nobody.
	if o.User == "" && o.Password == "" && o.Token == "" && o.NKey == "" && o.Creds == "" {
		o.User, o.Password, o.Token, o.NKey, o.Creds = c.User, c.Password, c.Token, inHome(c.NKey), inHome(c.Creds)
		if o.Token == "" && o.User != "" && o.Password == "" { // as the nats command reads it
			o.Token, o.User = o.User, ""
		}
	}
	if o.Cert == "" && o.Key == "" {
		o.Cert, o.Key = inHome(c.Cert), inHome(c.Key)
	}
	if o.CA == "" {
		o.CA = inHome(c.CA)
	}
	o.TLSFirst = o.TLSFirst || c.TLSFirst
	for _, x := range []struct{ to, from *string }{{&o.Domain, &c.Domain}, {&o.APIPrefix, &c.APIPrefix}, {&o.InboxPrefix, &c.InboxPrefix}} {
		if *x.to == "" {
			*x.to = *x.from
		}
	}
	return nil
}

// contextPath finds a context where the nats command keeps it.
func contextPath(name string) (string, error) {
	if strings.ContainsAny(name, `/\`) || strings.HasSuffix(name, ".json") {
		return name, nil
	}
	dir := os.Getenv("XDG_CONFIG_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("NATS context %s: %w", name, err)
		}
		dir = filepath.Join(home, ".config")
	}
	return filepath.Join(dir, "nats", "context", name+".json"), nil
}

// inHome resolves a leading ~, which the nats command allows in its files.
func inHome(path string) string {
	rest, ok := strings.CutPrefix(path, "~/")
	if !ok {
		return path
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return path
	}
	return filepath.Join(home, rest)
}
