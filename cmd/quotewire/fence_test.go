package main

import (
	"encoding/json"
	"os/exec"
	"strings"
	"testing"
)

// The rooms and who may enter them, surest rule first: a package falls under the longest prefix that fits it. Imports
// run one way, cmd → pipeline → schema and cmd → extract → schema; the two wings do not know each other.
var fence = []struct {
	room   string
	may    []string // packages of ours, and everything below them; the room itself is always allowed
	mayNot []string // packages of others, and everything below them
}{
	{"schema", nil, nil},
	{"extract", []string{"schema"}, []string{"context", "net", "os", "go.uber.org/zap", "github.com/nats-io"}},
	{"extract/eval", []string{"schema"}, []string{"net", "go.uber.org/zap", "github.com/nats-io"}}, // reads gold files, knows no extractor
	{"extract/model/train", []string{"schema", "extract"}, nil},                                    // commands of the training recipe
	{"extract/coref/train", []string{"schema", "extract"}, nil},                                    // likewise
	{"extract/beside", []string{"schema", "extract"}, nil},                                         // times it beside others
	{"extract/place/gen", []string{"schema", "extract"}, nil},                                      // a generator
	{"pipeline", []string{"schema"}, []string{"github.com/nats-io"}},
	{"pipeline/jetstream", []string{"schema", "pipeline"}, nil},
	{"pipeline/archive", []string{"schema", "pipeline"}, []string{"github.com/nats-io"}},
	{"cmd", []string{"schema", "extract", "pipeline"}, nil},
}

func TestImportsRunOneWay(t *testing.T) {
	const module = "github.com/quotewire/quotewire/"
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatalf("listing packages: %v", err)
	}
	within := func(pkg, room string) bool { return pkg == room || strings.HasPrefix(pkg, room+"/") }
	seen := 0
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkg, ok := strings.CutPrefix(p.ImportPath, module)
		if !ok {
			continue
		}
		rule := -1
		for i, r := range fence {
			if within(pkg, r.room) && (rule < 0 || len(r.room) > len(fence[rule].room)) {
				rule = i
			}
		}
		if rule < 0 {
			t.Errorf("%s stands in no room: schema names, extract thinks, pipeline moves, cmd chooses", pkg)
			continue
		}
		seen++
		for _, imp := range p.Imports {
			if ours, ok := strings.CutPrefix(imp, module); ok {
				allowed := within(ours, fence[rule].room)
				for _, may := range fence[rule].may {
					allowed = allowed || within(ours, may)
				}
				if !allowed {
					t.Errorf("%s imports %s, which %s may not", pkg, ours, fence[rule].room)
				}
				continue
			}
			if fence[rule].room == "schema" && strings.Contains(strings.Split(imp, "/")[0], ".") {
				t.Errorf("%s imports %s: schema keeps to the standard library", pkg, imp)
			}
			for _, no := range fence[rule].mayNot {
				if within(imp, no) {
					t.Errorf("%s imports %s, which %s may not", pkg, imp, fence[rule].room)
				}
			}
		}
	}
	if seen < 4 {
		t.Fatalf("only %d packages seen; is the module path still %s?", seen, module)
	}
}
