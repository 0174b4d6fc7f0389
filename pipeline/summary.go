package pipeline

import (
	"errors"
	"time"

	"go.uber.org/zap"

	"github.com/quotewire/quotewire/schema"
)

// A Summary counts the deliveries that were settled.
type Summary struct {
	Articles int64         // all of them: Records + Dead + Skipped + Later
	Records  int64         // reached the sink
	Dead     int64         // given up: see Failure
	Skipped  int64         // refused by Admit or Copies: acknowledged without a record
	Later    int64         // handed back to the source, to come again or be given up by it after too many times
	Copies   int64         // articles that Copies knew: of Records, and of Skipped where it said so
	Quotes   int64         // in Records
	Bytes    int64         // of article, as delivered
	Elapsed  time.Duration //
}

// count adds a settled delivery to the summary and tells of it. unsettled is the error of settling it.
func (r *run) count(d Delivery, rec schema.Record, err, unsettled error) {
	article := rec.Article.ID
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Articles++
	r.sum.Bytes += int64(len(d.Data) + d.Size)
	switch {
	case err == nil:
		// Without an acknowledgement the record is safe all the same; the article comes back and makes the same record.
		r.sum.Records++
		r.sum.Quotes += int64(len(rec.Quotes))
		if rec.Article.CopyOf != nil {
			r.sum.Copies++
		}
		if ce := r.log.Check(zap.DebugLevel, "record"); ce != nil {
			ce.Write(append(about(article, d.From, nil), zap.Int("quotes", len(rec.Quotes)), zap.Int("entities", len(rec.Entities)))...)
		}
	case errors.Is(err, errSkipped):
		r.sum.Skipped++
		if errors.Is(err, errCopy) {
			r.sum.Copies++
		}
	case IsPermanent(err) && unsettled == nil:
		r.sum.Dead++
		f := Describe(err)
		r.log.Warn("dead letter", append(about(f.Article, d.From, nil),
			zap.String("class", string(f.Class)), zap.String("field", f.Field), zap.String("reason", f.Reason))...)
	default:
		r.sum.Later++
		r.log.Warn("later", about(article, d.From, err)...)
	}
	if unsettled != nil {
		r.log.Warn("a delivery could not be settled and will come back", about(article, d.From, unsettled)...)
	}
	r.sum.Elapsed = time.Since(r.began)
	if r.Progress != nil {
		r.Progress(r.sum)
	}
}

// recalled tells of progress that counts nothing.
func (r *run) recalled() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.sum.Elapsed = time.Since(r.began)
	if r.Progress != nil {
		r.Progress(r.sum)
	}
}
