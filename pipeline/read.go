package pipeline

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/pipeline/format"
	"github.com/quotewire/quotewire/schema"
)

// errSkipped is what read answers for an article that is not wanted, errCopy for one that is a copy.
var (
	errSkipped = errors.New("not wanted")
	errCopy    = fmt.Errorf("%w: it is a copy", errSkipped)
)

// read turns a delivery into a record that has been checked. Its errors are Failures. turn and done are its place in
// the order of deciding on copies.
func (r *run) read(d Delivery, turn <-chan struct{}, done func()) (rec schema.Record, err error) {
	defer func() { <-turn; done() }()
	size := len(d.Data) + d.Size
	if d.Err == nil || d.MayBeOut {
		r.memory.take(size)
		defer r.memory.free(size)
	}
	r.cpu <- struct{}{}
	defer func() { <-r.cpu }()
	var a schema.Article
	decoded := false
	defer func() {
		if p := recover(); p != nil {
			err = r.panicked(p, a.ID, d.From)
		}
		if d.Read != nil && !timedOut(err) {
			d.Read()
		}
		if decoded && IsPermanent(err) {
			err = Describe(err).of(a.ID, r.recordID(a))
		}
	}()
	if d.Err != nil && !d.MayBeOut {
		return rec, d.Err
	}
	if d.Recall && r.Copies == nil {
		return rec, errSkipped
	}
	if d.Load != nil {
		if d.Data, err = d.Load(r.work); err != nil {
			if d.Err != nil && IsPermanent(err) {
				err = d.Err // then nobody else could read it either
			}
			return rec, err
		}
	}
	a, err = within(r, "", d.From, func() (schema.Article, error) { return format.Decode(d.Data, d.ContentType, r.Format) })
	if err == nil {
		d.complete(&a)
		a.Identify()
		decoded = true
	}
	if d.Err != nil {
		return rec, d.Err
	}
	if err != nil {
		return rec, err
	}
	if r.Admit != nil && !r.Admit(a) {
		return rec, errSkipped
	}
	if r.Copies != nil {
		var skip bool
		switch a.CopyOf, skip = r.decide(r.Copies(a), size, turn); {
		case skip && a.CopyOf != "":
			return rec, errCopy
		case skip, d.Recall:
			return rec, errSkipped
		}
		done() // the next need not wait for this one to be read
	}
	return within(r, a.ID, d.From, func() (schema.Record, error) {
		rec := r.Extract(a)
		if err := rec.Check(a.Text); err != nil {
			r.log.Error("the record contradicts its text: please report this", about(a.ID, d.From, err)...)
			return rec, contradiction(a.ID, err)
		}
		return rec, nil
	})
}

// recordID is the id that the record of an article has; empty if the extractor is not known.
func (r *run) recordID(a schema.Article) string {
	if r.Fingerprint == "" {
		return ""
	}
	about, _ := a.About()
	return schema.RecordID(about.ID, about.TextSHA256, r.Fingerprint)
}

// timedOut reports whether an article went over its limit: it is still being read.
func timedOut(err error) bool {
	var f *Failure
	return errors.As(err, &f) && f.Class == ClassTimeout
}

// decide waits for its turn, and gives its processor and its room in memory away meanwhile: those before may need them to
// come so far.
func (r *run) decide(f func() (string, bool), size int, turn <-chan struct{}) (of string, skip bool) {
	<-r.cpu
	r.memory.free(size)
	defer func() { r.memory.take(size); r.cpu <- struct{}{} }()
	<-turn
	return f()
}

// panicked makes a Failure of what Extract or Decode panicked with.
func (r *run) panicked(p any, article string, from Origin) error {
	f := &Failure{Class: ClassPanic, Article: article, Reason: "extractor panicked: " + sayPanic(p)}
	r.log.Error("the extractor panicked: please report this", append(about(article, from, f), zap.ByteString("stack", debug.Stack()))...)
	return f
}

// sayPanic tells what was panicked with, but nothing that could hold a piece of the article.
func sayPanic(p any) string {
	if err, ok := p.(runtime.Error); ok {
		return err.Error()
	}
	return fmt.Sprintf("%T", p)
}
