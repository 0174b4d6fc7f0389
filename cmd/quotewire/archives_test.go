package main

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/quotewire/quotewire/schema"
)

// TestArchives holds testdata/archives to what its generator makes of testdata/articles.
func TestArchives(t *testing.T) {
	if testing.Short() {
		t.Skip("builds the generator")
	}
	made := t.TempDir()
	generate(t, "-to", made)
	want, have := listed(t, made), listed(t, "../../testdata/archives")
	if diff := cmp.Diff(want, have); diff != "" {
		t.Fatalf("go run ./testdata/archives/gen (-made +there):\n%s", diff)
	}
	for _, name := range want {
		a, errA := os.ReadFile(filepath.Join(made, name))
		b, errB := os.ReadFile(filepath.Join("../../testdata/archives", name))
		if errA != nil || errB != nil || !bytes.Equal(a, b) {
			t.Errorf("%s is not what the generator makes: go run ./testdata/archives/gen (%v, %v)", name, errA, errB)
		}
	}
}

// generate runs the generator of archives.
func generate(t *testing.T, args ...string) {
	t.Helper()
	gen := exec.Command("go", append([]string{"run", "./testdata/archives/gen"}, args...)...)
	gen.Dir = "../.."
	if out, err := gen.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

func listed(t *testing.T, dir string) (names []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, e fs.DirEntry, err error) error {
		if err == nil && !e.IsDir() && filepath.Ext(path) != ".go" && filepath.Ext(path) != ".md" {
			names = append(names, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// same is the script command: a text is the same whatever the white space between its words.
func same(ts *testscript.TestScript, _ bool, args []string) {
	var want []map[string]any
	ts.Check(json.Unmarshal([]byte(ts.ReadFile(filepath.Join(ts.Getenv("ARCHIVES"), "articles.json"))), &want))
	lines := strings.SplitAfter(strings.TrimSuffix(ts.ReadFile(args[1]), "\n"), "\n")
	if len(lines) != len(want) {
		ts.Fatalf("%s holds %d records, not %d", args[1], len(lines), len(want))
	}
	for i, line := range lines {
		var r struct {
			Article map[string]any `json:"article"`
		}
		ts.Check(json.Unmarshal([]byte(line), &r))
		for field := range strings.SplitSeq(args[0], ",") {
			a, b := want[i][field], r.Article[field]
			switch field {
			case "text":
				a, b = joined(a), joined(b)
			case "id":
				if id, _ := b.(string); strings.HasPrefix(id, "url:") { // the form has no id of its own
					derived := schema.Article{URL: want[i]["url"].(string)}
					derived.Identify()
					a = derived.ID
				}
			}
			if diff := cmp.Diff(a, b); diff != "" {
				ts.Fatalf("record %d of %s: %s (-want +got):\n%s", i+1, args[1], field, diff)
			}
		}
	}
}

func joined(text any) string {
	s, _ := text.(string)
	return strings.Join(strings.Fields(s), " ")
}
