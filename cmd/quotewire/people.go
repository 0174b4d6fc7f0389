package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/quotewire/quotewire/extract/people"
)

// openPeople loads the user's own list of people: the whole of it, or nothing.
func openPeople(path string) (*people.List, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, hint(fmt.Errorf("--people: %w", err), "name a CSV or NDJSON file with id, name, aliases and roles")
	}
	defer f.Close()
	list, err := people.Parse(f)
	var broken *people.Error
	switch {
	case errors.As(err, &broken):
		return nil, hint(fmt.Errorf("--people: %s:%w", path, err), "nothing of the list was loaded and no article read; mend that line and run again")
	case err != nil:
		return nil, fmt.Errorf("--people: reading %s: %w", path, err)
	}
	return list, nil
}
