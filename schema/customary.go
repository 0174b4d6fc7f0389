package schema

import "slices"

// ArticleFields lists the fields that an article may have, those that it can hardly do without first.
func ArticleFields() []string {
	return []string{"text", "id", "url", "title", "authors", "publisher", "language", "published_at"}
}

// Customary lists the names under which [ParseArticle] looks for a field of an article, in its order; nil for what is
// no field.
func Customary(field string) []string { return slices.Clone(customary[field]) }
