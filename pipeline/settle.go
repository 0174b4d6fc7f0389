package pipeline

import (
	"errors"
	"fmt"
	"runtime/debug"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/schema"
)

// put hands a record to the sink and survives the sink.
func (r *run) put(rec schema.Record, from Origin) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("putting record %s: sink panicked: %s", rec.ID, sayPanic(p))
			r.log.Error("the sink panicked", append(about(rec.Article.ID, from, err), zap.ByteString("stack", debug.Stack()))...)
		}
	}()
	err = r.Sink.Put(r.work, rec, from)
	switch {
	case err == nil:
		return nil
	case IsPermanent(err):
		return Describe(err).of(rec.Article.ID, rec.ID)
	}
	return named{rec.Article.ID, rec.ID, err}
}

// settle discharges the duty that came with a delivery. The kind of error decides.
func (r *run) settle(d Delivery, rec schema.Record, err error) {
	if d.Recall {
		d.Settle(r.work, nil)
		r.recalled()
		return
	}
	if IsPermanent(err) {
		err = Describe(err)
	}
	told := err
	if errors.Is(err, errSkipped) {
		told = nil
	}
	unsettled := d.Settle(r.work, told)
	r.count(d, rec, err, unsettled)
}
