package schema

import (
	"maps"
	"slices"
	"testing"
)

// What is told of the alias table is the whole of it.
func TestArticleFields(t *testing.T) {
	if got, want := slices.Sorted(slices.Values(ArticleFields())), slices.Sorted(maps.Keys(customary)); !slices.Equal(got, want) {
		t.Errorf("ArticleFields: %q, the alias table has %q", got, want)
	}
	names := Customary("text")
	if len(names) == 0 || names[0] != "text" {
		t.Fatalf("Customary(text) = %q", names)
	}
	names[0] = "changed"
	if Customary("text")[0] != "text" {
		t.Error("a caller can change the alias table")
	}
	if Customary("no field") != nil {
		t.Error("names for what is no field")
	}
}
