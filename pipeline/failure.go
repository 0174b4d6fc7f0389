package pipeline

import (
	"errors"
	"strings"

	"github.com/quotewire/quotewire/schema"
)

// Permanent marks err as one that no retry will mend. A *schema.ArticleError and a *Failure are permanent by themselves.
func Permanent(err error) error {
	if err == nil {
		return nil
	}
	return permanentError{err}
}

type permanentError struct{ error }

func (e permanentError) Unwrap() error { return e.error }

// IsPermanent reports whether a retry is of no use.
func IsPermanent(err error) bool {
	var p permanentError
	var a *schema.ArticleError
	var f *Failure
	return errors.As(err, &p) || errors.As(err, &a) || errors.As(err, &f)
}

// A Failure says why an article was given up: what its dead letter tells. It is permanent by itself. Every permanent
// error that [Run] settles a delivery with is a *Failure.
type Failure struct {
	Class   Class  // what kind of thing went wrong
	Article string // its id or URL, as far as known
	Record  string // id of the record that the article has if it is read to the end, as far as known
	Field   string // of the article or the record; empty where the whole is at fault
	Reason  string // lower case, without the names above; nothing of the body
	Err     error  // the cause, if there is one to unwrap
}

// Class sorts failures by who can mend them.
type Class string

const (
	ClassArticle  Class = "article"  // the bytes are no article: its sender's to mend
	ClassRecord   Class = "record"   // the extractor's answer fails schema.Record.Check: ours to mend
	ClassPanic    Class = "panic"    // the extractor panicked: ours to mend
	ClassCrash    Class = "crash"    // workers died while they read it and nothing else: ours to mend
	ClassTimeout  Class = "timeout"  // not read within Config.Limit: ours to mend
	ClassSize     Class = "size"     // the record is larger than the sink takes
	ClassAttempts Class = "attempts" // tried too often, or delivered too often to workers that died
	ClassRefused  Class = "refused"  // any other permanent error
)

func (f *Failure) Error() string {
	s := f.Reason
	if f.Field != "" {
		s = f.Field + ": " + s
	}
	if f.Article != "" {
		s = "article " + f.Article + ": " + s
	}
	return s
}

func (f *Failure) Unwrap() error { return f.Err }

// Describe returns err as a Failure, whatever it is. It fills in nothing that err does not know.
func Describe(err error) *Failure {
	var f *Failure
	if errors.As(err, &f) {
		return f
	}
	var a *schema.ArticleError
	if errors.As(err, &a) {
		return &Failure{Class: ClassArticle, Article: a.Article, Field: a.Field, Reason: a.Reason, Err: err}
	}
	f = &Failure{Class: ClassRefused, Reason: err.Error(), Err: err}
	var n named
	if errors.As(err, &n) {
		f.Article, f.Record = n.article, n.record
	}
	return f
}

// named is an error that may pass, with the article it befell: a source that gives the article up after all can tell.
type named struct {
	article, record string
	error
}

func (n named) Unwrap() error { return n.error }

// of returns f with the article and its record named, if they were not yet.
func (f *Failure) of(article, record string) *Failure {
	g := *f
	if g.Article == "" {
		g.Article = article
	}
	if g.Record == "" {
		g.Record = record
	}
	return &g
}

// contradiction makes a Failure of what schema.Record.Check found: "quotes[3].spans[0]: reason".
func contradiction(article string, err error) *Failure {
	field, reason, ok := strings.Cut(err.Error(), ": ")
	if !ok {
		field, reason = "record", err.Error()
	}
	return &Failure{Class: ClassRecord, Article: article, Field: field, Reason: reason, Err: err}
}
