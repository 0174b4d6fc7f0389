package main

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRun(t *testing.T) {
	var out strings.Builder
	if err := run(strings.NewReader(`{"id":"a","text":"é “Go.”"}`+"\n"+`{"text":""}`), &out); err != nil {
		t.Fatal(err)
	}
	want := `{"span":[0,1,2,3,3,5,5,6,6,7],"form":["é","\"","Go",".","\""],"shape":[9,2,11,5,3],"quote":[0,1,2,2,3],"position":[2,0,0,0,0],` +
		`"letters":"AgAAAAAAAAAAAAAAAAAiAAAAAAAAAAAAAAAAAEdvAAAAAAAAAAAAAAAALgAAAAAAAAAAAAAAAAAiAAAAAAAAAAAAAAAAAA=="}` + "\n" +
		`{"span":null,"form":[],"shape":[],"quote":[],"position":[],"letters":null}` + "\n"
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestRunNamesTheBadRecord(t *testing.T) {
	err := run(strings.NewReader(`{"text":"a"}`+"\n"+`{"text":3}`), &strings.Builder{})
	if err == nil || !strings.Contains(err.Error(), "record 2") {
		t.Errorf("error %v does not name record 2", err)
	}
}
