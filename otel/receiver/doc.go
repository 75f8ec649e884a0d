// Package receiver watches builds that run elsewhere. It receives what they export
// by OTLP, over gRPC and HTTP, and keeps a view of each build that viewers read as
// they read that of a build of this process. It can pass every request on to a
// collector, unchanged.
//
//	Server   takes requests: sizes, encodings, answers
//	decode   requests to groups of plain values
//	Session  groups to builds, one for each trace
//	Forwarder  requests to the next receiver, with a spool
package receiver
