// Command gen makes the gazetteer that package place embeds, from ordinary packages of npm and PyPI. Its one argument is
// the directory that they were downloaded to; see ../README.md for the commands, the origin and the licences.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: gen PACKAGES GAZETTEER")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "gen:", err)
		os.Exit(1)
	}
}

func run(packages, gazetteer string) error {
	s := newSelection()
	for _, step := range []struct {
		what string
		do   func(dir string) error
	}{
		{"countries", s.addCountries}, {"cities", s.addCities}, {"divisions", s.addDivisions}, {"others", s.addOthers},
	} {
		if err := step.do(packages); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	data, err := pack(s.places)
	if err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%d places, %d bytes\n", len(s.places), len(data))
	return os.WriteFile(gazetteer, data, 0o644)
}
