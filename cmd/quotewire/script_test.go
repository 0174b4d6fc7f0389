package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/rogpeppe/go-internal/testscript"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/quotewire/quotewire/schema"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"quotewire": main, "hungry": hungry})
}

// The scripts in testdata/script are the behaviour of the command line, as its users see it. They find the folders
// testdata/articles, with $COUNT articles in it, and testdata/archives as $ARTICLES and $ARCHIVES. Beside the commands
// of testscript they may use
//
//	pack gzip|zstd SRC DST    unpack SRC DST
//	records N FILE            FILE holds N records, each by the schema, and true of its text where it has it
//	hundred FILE              write 100 articles, of which every tenth is bad, each in a way of its own
//	same FIELDS FILE          FILE holds records of the articles in testdata/archives, in order, and these fields of theirs
//	elsewhere DIR             serve the files of DIR at $HTTP and in the S3 bucket "news"
//	waitfor FILE REGEXP       wait until a line of FILE matches; its groups become $1, $2 …
func TestScripts(t *testing.T) {
	testdata, err := filepath.Abs("../../testdata")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "../../testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(e *testscript.Env) error {
			all, err := os.ReadDir(filepath.Join(testdata, "articles"))
			if err != nil {
				return err
			}
			e.Setenv("COUNT", fmt.Sprint(len(all)))
			e.Setenv("ARTICLES", filepath.Join(testdata, "articles"))
			e.Setenv("ARCHIVES", filepath.Join(testdata, "archives"))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"pack":      pack,
			"unpack":    unpack,
			"records":   records,
			"hundred":   hundred,
			"same":      same,
			"waitfor":   waitFor,
			"elsewhere": elsewhere,
		},
	})
}

func pack(ts *testscript.TestScript, _ bool, args []string) {
	var b bytes.Buffer
	var w io.WriteCloser = gzip.NewWriter(&b)
	if args[0] == "zstd" {
		w, _ = zstd.NewWriter(&b)
	}
	_, err := io.WriteString(w, ts.ReadFile(args[1]))
	ts.Check(err)
	ts.Check(w.Close())
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), b.Bytes(), 0o644))
}

func unpack(ts *testscript.TestScript, _ bool, args []string) {
	f, err := os.Open(ts.MkAbs(args[0]))
	ts.Check(err)
	defer f.Close()
	var r io.Reader
	if strings.HasSuffix(args[0], ".zst") {
		z, err := zstd.NewReader(f)
		ts.Check(err)
		defer z.Close()
		r = z
	} else if r, err = gzip.NewReader(f); err != nil {
		ts.Fatalf("%s: %v", args[0], err)
	}
	data, err := io.ReadAll(r)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), data, 0o644))
}

func records(ts *testscript.TestScript, _ bool, args []string) {
	raw, err := jsonschema.UnmarshalJSON(bytes.NewReader(schema.JSONSchema))
	ts.Check(err)
	compiler := jsonschema.NewCompiler()
	ts.Check(compiler.AddResource(schema.URI, raw))
	compiled, err := compiler.Compile(schema.URI)
	ts.Check(err)
	n := 0
	lines := bufio.NewScanner(strings.NewReader(ts.ReadFile(args[1])))
	lines.Buffer(nil, 64<<20)
	for ; lines.Scan(); n++ {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(lines.Bytes()))
		ts.Check(err)
		if err := compiled.Validate(value); err != nil {
			ts.Fatalf("record %d: %v", n+1, err)
		}
		var r schema.Record
		ts.Check(json.Unmarshal(lines.Bytes(), &r))
		if r.Article.Text != nil {
			if err := r.Check(*r.Article.Text); err != nil {
				ts.Fatalf("record %d: %v", n+1, err)
			}
		}
	}
	ts.Check(lines.Err())
	if fmt.Sprint(n) != args[0] {
		ts.Fatalf("%s holds %d records, not %s", args[1], n, args[0])
	}
}

func hundred(ts *testscript.TestScript, _ bool, args []string) {
	bad := []string{
		`{"id":"bad-1","text":"“We shall see,” said Mayor Iris Pell`,
		`{"id":"bad-2","title":"No body came"}`,
		`{"id":"bad-3","text":""}`,
		`{"id":"bad-4","text":" \n\t "}`,
		`{"id":"bad-5","text":42}`,
		`{"id":"bad-6","text":"Half a character: \ud83d"}`,
		"{\"id\":\"bad-7\",\"text\":\"Latin-1: caf\xe9\"}",
		`{"id":"bad-8","authors":[{"name":7}],"text":"“We shall see,” said Mayor Iris Pell."}`,
		`["bad-9"]`,
		`{"id":"bad-10","text":"“We shall see,” said Mayor Iris Pell.","more":` + strings.Repeat("[", 500) + strings.Repeat("]", 500) + `}`,
	}
	var b strings.Builder
	for i := range 100 {
		if i%10 == 9 {
			b.WriteString(bad[i/10] + "\n")
			continue
		}
		fmt.Fprintf(&b, `{"id":"good-%d","text":"“The ferry will sail at %d,” said Mayor Iris Pell. The harbour was quiet."}`+"\n", i, i)
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
}

func waitFor(ts *testscript.TestScript, _ bool, args []string) {
	re, err := regexp.Compile(args[1])
	ts.Check(err)
	deadline := time.Now().Add(3 * time.Minute)
	for time.Now().Before(deadline) {
		if data, err := os.ReadFile(ts.MkAbs(args[0])); err == nil {
			if m := re.FindStringSubmatch(string(data)); m != nil {
				for i, group := range m[1:] {
					ts.Setenv(fmt.Sprint(i+1), group)
				}
				return
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	data, _ := os.ReadFile(ts.MkAbs(args[0]))
	ts.Fatalf("no line like %s in %s:\n%s", args[1], args[0], data)
}
