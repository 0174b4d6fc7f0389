// Package jetstream moves articles, records and dead letters over NATS JetStream: all that Quotewire knows of NATS is
// here. It offers a [Source] that hands out raw articles and settles them, a [Sink] that publishes records, a
// [Publisher] for raw articles, a way to follow what comes out ([Streams.Follow]), and an embedded server for those who
// have none ([Embed]).
//
// # What is promised
//
// Every raw article that the stream of raw articles has acknowledged ends as exactly one record or as one dead letter.
// The order of work carries the promise: extract, publish under an id that depends on nothing but the article and the
// extractor, wait for the stream's acknowledgement, and only then acknowledge the raw article. A worker that dies
// between two of these steps leaves an article that comes back, makes the same record, and is recognised by its id.
// An article that is given up has its record barred first, by the same id: see bar.go.
//
// The limits: JetStream recognises ids for [Setup].Duplicates only (an hour unless set), counted from the first time it
// saw one. A worker that dies with a record published and its article unacknowledged, and is not started again (nor
// anyone else working) within that time, publishes the record a second time. Nothing is promised of articles that the
// stream never acknowledged: publishers should wait for the acknowledgement, as [Publisher] does. Those that publish
// with plain NATS and do not wait are heard all the same, since the stream listens to the subject, but if the server is
// away at that moment, neither they nor we know.
//
// # Where what is
//
//   - connect.go, natscontext.go: to be connected, as whom, and what may be told of it. server.go, serverlog.go, lock.go: the
//     embedded server and its folder
//   - streams.go, check.go, subject.go: the streams and the consumer, made or held against what is promised
//   - source.go: articles in. alone.go: one that may have killed a worker is read alone. advisories.go: what the server gave up on
//   - sink.go, headers.go: records out, each once. bar.go: none any more once the article was given up
//   - dead.go, letters.go: dead letters written; read, replayed and dropped
//   - objects.go: what is too large for a message lies in the object store
//   - publish.go, follow.go, kept.go: for others: raw articles in, outcomes as they come, a stream's past for a replay
//   - patience.go: servers that come and go, leaders that change
package jetstream
