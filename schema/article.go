package schema

// An Article is one news article as received, before anything is read into it.
type Article struct {
	ID          string   // the publisher's own id; may be empty, see Identify
	URL         string   //
	Title       string   //
	Authors     []string //
	Publisher   string   //
	Language    string   // BCP 47
	PublishedAt string   // RFC 3339
	Text        string   // the body: valid UTF-8, paragraphs parted by line breaks
	KeepText    bool     // put the text into the record: it is not the input's own (HTML), or the user asked for it
}

// An ArticleError says which field of which article cannot be read, and why. It is permanent: the same bytes will
// fail again.
type ArticleError struct {
	Article string // its id or URL, as far as it could be read; may be empty
	Field   string // "text", "authors[2]" …; empty where the whole is at fault
	Reason  string // lower case, without the field's name
}

func (e *ArticleError) Error() string {
	s := e.Reason
	if e.Field != "" {
		s = e.Field + ": " + s
	}
	if e.Article != "" {
		s = "article " + e.Article + ": " + s
	}
	return s
}
