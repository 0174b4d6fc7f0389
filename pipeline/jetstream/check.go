package jetstream

import (
	"fmt"
	"slices"
	"strings"
	"time"

	js "github.com/nats-io/nats.go/jetstream"
	"go.uber.org/zap"
)

// checkStream says what of an existing stream breaks the promise, or contradicts the setup, and how to change it.
func (s *Streams) checkStream(c js.StreamConfig, w wanted) error {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	edit := "nats stream edit " + c.Name
	var missing []string
	for _, subject := range w.subjects() {
		if !slices.ContainsFunc(c.Subjects, func(has string) bool { return covers(has, subject) }) {
			missing = append(missing, subject)
		}
	}
	if len(missing) > 0 {
		add("it listens to %s, not to all of %s (%s --subjects %q, or choose another subject)",
			strings.Join(c.Subjects, ", "), strings.Join(missing, ", "), edit, strings.Join(append(slices.Clone(c.Subjects), missing...), ","))
	}
	if c.NoAck {
		add("it does not acknowledge what is published (%s --ack)", edit)
	}
	if c.Sealed || c.Mirror != nil {
		add("nothing can be published to it: it is sealed or a mirror (choose another subject)")
	}
	if w.use != rawArticles && c.Retention != js.LimitsPolicy {
		add("its retention is %s, so that ids are forgotten with the messages (it must be limits, which cannot be edited: nats stream rm %s, or choose another subject)",
			retention(c.Retention), c.Name)
	}
	if w.use == rawArticles && c.Discard == js.DiscardOld && c.Retention == js.LimitsPolicy && (c.MaxMsgs > 0 || c.MaxBytes > 0 || c.MaxMsgsPerSubject > 0) {
		s.log.Warn("this stream drops the oldest articles when it is full, read or not",
			zap.String("stream", c.Name), zap.String("change", edit+" --discard new"))
	}
	once := c.Discard == js.DiscardNew && c.DiscardNewPerSubject && c.MaxMsgsPerSubject == 1
	switch {
	case s.onceEach(w.use) && !once:
		// Not by an edit: that would drop all but one of the messages that now share a subject.
		add("it is not replay-proof (choose another subject, for which a stream is made; to take over what is there, replay the raw articles)")
	case s.onceEach(w.use) && c.MaxAge > 0:
		add("it keeps messages for %s only, so that a later replay would publish them again (%s --max-age=-1)", c.MaxAge, edit)
	case !s.ReplayProof && w.use != rawArticles && c.DiscardNewPerSubject:
		add("it takes a subject once only, as replay-proof streams do (say so here too: replay-proof; or choose another subject)")
	}
	if s.Duplicates > 0 && c.Duplicates != s.Duplicates {
		add("it knows an id again for %s, not %s (%s --dupe-window %s, or leave the flag out)", c.Duplicates, s.Duplicates, edit, s.Duplicates)
	}
	if w.maxAge > 0 && c.MaxAge != w.maxAge {
		add("it keeps messages for %s, not %s (%s --max-age %s, or leave the flag out)", age(c.MaxAge), w.maxAge, edit, w.maxAge)
	}
	if s.Replicas > 0 && c.Replicas != s.Replicas {
		add("it has %d replicas, not %d (%s --replicas %d, or leave the flag out)", c.Replicas, s.Replicas, edit, s.Replicas)
	}
	if c.Storage != js.FileStorage {
		s.log.Warn("this stream is kept in memory: a restart of the server empties it", zap.String("stream", c.Name))
	}
	return differs("stream", c.Name, string(w.use), wrong)
}

// checkConsumer does the same for the durable consumer that all workers share.
func (s *Streams) checkConsumer(c js.ConsumerConfig) error {
	var wrong []string
	add := func(format string, args ...any) { wrong = append(wrong, fmt.Sprintf(format, args...)) }
	edit := fmt.Sprintf("nats consumer edit %s %s", s.RawStream, s.Consumer)
	anew := fmt.Sprintf("which cannot be edited: nats consumer rm %s %s, or choose another consumer", s.RawStream, s.Consumer)
	if c.AckPolicy != js.AckExplicitPolicy {
		add("its acknowledgement policy is %s, not explicit (%s)", c.AckPolicy, anew)
	}
	if c.DeliverSubject != "" {
		add("it pushes (%s)", anew)
	}
	if c.FilterSubject != s.Raw && !(c.FilterSubject == "" && s.listensOnlyTo(s.Raw)) {
		add("it reads %q, not %q (%s --filter %q)", c.FilterSubject, s.Raw, edit, s.Raw)
	}
	if len(c.FilterSubjects) > 0 {
		add("it reads several subjects: %s (%s --filter %q)", strings.Join(c.FilterSubjects, ", "), edit, s.Raw)
	}
	if c.MemoryStorage {
		add("it keeps its place in memory only (%s)", anew)
	}
	if s.AckWait > 0 && c.AckWait != s.AckWait {
		add("its AckWait is %s, not %s (%s --wait %s, or leave the flag out)", c.AckWait, s.AckWait, edit, s.AckWait)
	}
	if s.BackOff != nil && !slices.Equal(c.BackOff, s.BackOff) {
		add("its BackOff is %v, not %v (%s --backoff …, or leave the flag out)", c.BackOff, s.BackOff, edit)
	}
	if s.MaxAckPending > 0 && c.MaxAckPending != s.MaxAckPending {
		add("its MaxAckPending is %d, not %d (%s --max-pending %d, or leave the flag out)", c.MaxAckPending, s.MaxAckPending, edit, s.MaxAckPending)
	}
	if c.MaxDeliver > 0 && c.MaxDeliver < endless {
		// An article whose last delivery ends in a crash would stay in the stream, unread and unmentioned.
		add("its MaxDeliver is %d: the server would drop articles without a dead letter; it must be -1, and quotewire counts (%s --max-deliver=-1)", c.MaxDeliver, edit)
	}
	return differs("consumer", s.RawStream+" > "+s.Consumer, string(rawArticles), wrong)
}

func (s *Streams) listensOnlyTo(subject string) bool {
	c := s.raw.CachedInfo().Config
	return len(c.Subjects) == 1 && c.Subjects[0] == subject
}

func differs(what, name, use string, wrong []string) error {
	if len(wrong) == 0 {
		return nil
	}
	return fmt.Errorf("%s %s of %s exists and is left as it is, but: %s", what, name, use, strings.Join(wrong, "; "))
}

func retention(p js.RetentionPolicy) string {
	switch p {
	case js.InterestPolicy:
		return "interest"
	case js.WorkQueuePolicy:
		return "work queue"
	}
	return "limits"
}

func age(d time.Duration) string {
	if d == 0 {
		return "ever"
	}
	return d.String()
}
