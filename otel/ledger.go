package otel

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"maps"
	"net"
	"strings"
	"syscall"
	"time"
	"unicode"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/buildscope/buildscope/model"
)

// ledger books the results of export calls. Its owner guards it.
type ledger struct {
	counts model.ExportCounts
	keys   *model.Redactor // hides secrets in what servers and libraries say
}

// book enters the result of one call that carried n items.
func (l *ledger) book(n int64, spent time.Duration, err error, a *answer) {
	c := &l.counts
	c.SpentNS += spent.Nanoseconds()
	c.ExportCalls++
	p := a.get()
	if err != nil {
		c.LastError = l.words(err.Error())
	}
	if p.said {
		c.Message = l.words(p.message)
	}
	if c.Queued == 0 {
		return // given up at shutdown: these items are booked as lost
	}
	c.Queued -= n
	switch {
	case p.said: // the receiver took the rest, whatever the exporter calls it
		rejected := min(max(p.rejected, 0), n)
		c.Rejected += rejected
		c.Sent += n - rejected
	case err != nil:
		c.Failed += n
		if c.FailedBy == nil {
			c.FailedBy = map[string]int64{}
		}
		c.FailedBy[reason(err, p.status)] += n
	default:
		c.Sent += n
	}
}

// copy is the counts as they are now.
func (l *ledger) copy() model.ExportCounts {
	c := l.counts
	c.FailedBy = maps.Clone(c.FailedBy)
	return c
}

// reason sorts errors into few words. What the server answered says more than the
// exporter's own error, which may be about the retries.
func reason(err error, answered string) string {
	var dns *net.DNSError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var record tls.RecordHeaderError
	var cert *tls.CertificateVerificationError
	switch {
	case answered != "":
		return answered
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.As(err, &dns):
		return "name resolution"
	case errors.As(err, &unknown), errors.As(err, &host), errors.As(err, &record), errors.As(err, &cert):
		return "tls"
	case errors.Is(err, syscall.ECONNRESET), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return "connection closed"
	case errors.Is(err, syscall.ENOSPC):
		return "no space left"
	}
	if s, ok := status.FromError(err); ok && s.Code() != codes.OK && s.Code() != codes.Unknown {
		return "grpc " + s.Code().String()
	}
	return "other"
}

// words makes what a server or a library says safe for a terminal and for others
// to read: one line, no control characters, no secrets, not longer than a screen
// line or two.
func (l *ledger) words(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if l.keys != nil {
		s = l.keys.Text(s)
	}
	if r := []rune(s); len(r) > 300 {
		s = string(r[:299]) + "…"
	}
	return s
}
