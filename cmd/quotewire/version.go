package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"text/tabwriter"

	"github.com/quotewire/quotewire/extract"
	"github.com/quotewire/quotewire/schema"
)

type versionCmd struct{}

// version is the program's own, as the build recorded it: the module's version, or (devel).
func version() (version, commit string) {
	version, commit = "(devel)", "unknown"
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return version, commit
	}
	if v := info.Main.Version; v != "" {
		version = v
	}
	changed := false
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			commit = s.Value
		case "vcs.modified":
			changed = s.Value == "true"
		}
	}
	if changed {
		commit += ", with changes"
	}
	return version, commit
}

func (*versionCmd) Run(a *app) error {
	v, commit := version()
	w := tabwriter.NewWriter(a.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "quotewire\t%s\ncommit\t%s\ngo\t%s %s/%s\nrecord\t%s\n", v, commit, runtime.Version(), runtime.GOOS, runtime.GOARCH, schema.URI)
	for _, name := range extract.Readers() {
		x, err := readFlags{Reader: name}.open()
		if err != nil {
			return err
		}
		by := self(x)
		fmt.Fprintf(w, "reader\t%s %s\n", name, by.Fingerprint)
		for _, m := range by.Models {
			fmt.Fprintf(w, "\t%s %s %s\n", m.Name, m.Version, m.SHA256)
		}
	}
	return w.Flush()
}
