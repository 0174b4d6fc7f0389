package extract

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/quotewire/quotewire/extract/people"
	"github.com/quotewire/quotewire/schema"
)

// RulesVersion counts the changes to how a text is read, by whatever rule or word list. It is part of the fingerprint:
// raise it with every change that may alter a record, so that articles are read again on an upgrade.
const RulesVersion = 6

// describe says who makes the records.
func describe(r Reader, version string) schema.Extractor {
	h := sha256.New()
	fmt.Fprintf(h, "quotewire rules %d\nreader %s\n", RulesVersion, r.Name)
	for _, m := range r.Models {
		fmt.Fprintf(h, "model %q %q %q\n", m.Name, m.Version, m.SHA256)
	}
	return schema.Extractor{
		Name: "quotewire", Version: version, Reader: r.Name, Fingerprint: hex.EncodeToString(h.Sum(nil)[:8]),
		Models: append([]schema.Model{}, slices.Clone(r.Models)...),
	}
}

// knowing says of the same maker that it also knows a list of the user's own.
func knowing(self schema.Extractor, list *people.List) schema.Extractor {
	h := sha256.Sum256([]byte(self.Fingerprint + "\npeople " + list.Digest() + "\n"))
	self.Fingerprint = hex.EncodeToString(h[:8])
	return self
}
