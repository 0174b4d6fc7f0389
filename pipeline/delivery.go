package pipeline

import (
	"context"
	"fmt"
	"time"

	"github.com/quotewire/quotewire/schema"
)

// A Delivery is one raw article and the duty to settle it.
type Delivery struct {
	Data        []byte
	Load        func(context.Context) ([]byte, error) // fetches Data, if that is not here yet; called once at most
	Size        int                                   // bytes that Load will bring
	ContentType string                                // MIME type where the transport knows it; empty: told from the bytes
	From        Origin
	Form        string         // of the file it came out of, from the inside out: "JSON in tar in gzip"; empty for messages
	Known       schema.Article // what its container says of the article (a URL, a date): counts where its bytes do not say it

	// Err, if any, is what went wrong before the article was whole: a line too long, a broken archive member, a message
	// that was delivered too often. The article is then settled with it and never read.
	Err error

	// Recall says that the article was settled by an earlier run, and comes only so that its copies are known again
	// (Config.Copies): it is not extracted, put or counted, whatever it is settled with.
	Recall bool

	// MayBeOut says that an earlier delivery may have led to a record although Err is set. Settle is then told the id which
	// that record has (Failure.Record), if Config.Fingerprint is known and the bytes are an article.
	MayBeOut bool

	// Read, if any, is called when the article has been read, or will not be, and before anything is done with its record:
	// it can no longer harm the process. It is not called while an article that went over its limit is still being read.
	Read func()

	// Settle must be called exactly once: nil acknowledges; a Permanent error sends the article to the dead letters
	// and ends it; any other error brings it back later. It may be called from any goroutine.
	Settle func(ctx context.Context, err error) error
}

// An Origin says where an article came from, for logs, headers and errors. Fields that do not apply are empty.
type Origin struct {
	File     string    // path, or "-"; inside an archive "a.tar.gz!b.json"
	Line     int       // first line of the article in the file, from 1
	Item     int       // its number in a file without lines (WARC, Parquet), from 1
	Subject  string    // of the message
	Stream   string    //
	Sequence uint64    // in the stream
	Attempt  int       // deliveries so far, this one included; from 1
	Time     time.Time // when the stream received it
	Trace    string    // W3C traceparent, carried on to what is published
}

func (o Origin) String() string {
	switch {
	case o.File != "" && o.Line > 0:
		return fmt.Sprintf("%s:%d", o.File, o.Line)
	case o.File != "" && o.Item > 0:
		return fmt.Sprintf("%s#%d", o.File, o.Item)
	case o.File != "":
		return o.File
	case o.Stream != "":
		return fmt.Sprintf("%s seq %d", o.Stream, o.Sequence)
	}
	return o.Subject
}

// complete fills in what is known of an article beside its bytes.
func (d Delivery) complete(a *schema.Article) {
	for _, f := range []struct {
		to   *string
		from string
	}{
		{&a.ID, d.Known.ID}, {&a.URL, d.Known.URL}, {&a.Title, d.Known.Title}, {&a.Publisher, d.Known.Publisher},
		{&a.Language, d.Known.Language}, {&a.PublishedAt, d.Known.PublishedAt},
	} {
		if *f.to == "" {
			*f.to = f.from
		}
	}
	if len(a.Authors) == 0 {
		a.Authors = d.Known.Authors
	}
}
