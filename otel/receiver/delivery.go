package receiver

import (
	"context"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"

	"github.com/buildscope/buildscope/model"
)

// answered is what the next receiver said to one attempt.
type answered struct {
	err      error
	status   string        // "http 404", "grpc Unauthenticated"; of an error
	again    bool          // it may be tried again
	after    time.Duration // not before
	rejected int64
	message  string // of a partial success
}

// answerLimit bounds what is read of an answer.
const answerLimit = 1 << 20

func readAnswer(resp *http.Response, l *letter) answered {
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	resp.Body.Close()
	a := answered{status: "http " + strconv.Itoa(resp.StatusCode)}
	switch resp.StatusCode {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		a.again = true
		if n, err := strconv.Atoi(resp.Header.Get("Retry-After")); err == nil {
			a.after = time.Duration(n) * time.Second
		}
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		a.err = fmt.Errorf("%s: %.200s", resp.Status, body)
		return a
	}
	if err != nil {
		return answered{err: err, again: true} // whether it was taken is not known
	}
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // one that cannot be read is none of OTLP
	if len(body) > 0 && kind != typeProto && kind != typeJSON {
		return answered{err: fmt.Errorf("the answer is %q, which is not OTLP; is it a login page or a proxy?", kind), status: "not OTLP"}
	}
	return a.partial(l.Signal, kind == typeJSON, body)
}

// partial reads what an answer says about refused items.
func (a answered) partial(signal string, json bool, body []byte) answered {
	var err error
	switch signal {
	case model.SignalTraces:
		r := ptraceotlp.NewExportResponse()
		err = unmarshal(r, json, body)
		a.rejected, a.message = r.PartialSuccess().RejectedSpans(), r.PartialSuccess().ErrorMessage()
	case model.SignalLogs:
		r := plogotlp.NewExportResponse()
		err = unmarshal(r, json, body)
		a.rejected, a.message = r.PartialSuccess().RejectedLogRecords(), r.PartialSuccess().ErrorMessage()
	default:
		r := pmetricotlp.NewExportResponse()
		err = unmarshal(r, json, body)
		a.rejected, a.message = r.PartialSuccess().RejectedDataPoints(), r.PartialSuccess().ErrorMessage()
	}
	if err != nil && len(body) > 0 {
		return answered{err: fmt.Errorf("read the answer: %w", err), status: "not OTLP"}
	}
	return a
}

func (f *Forwarder) sendGRPC(ctx context.Context, l *letter) answered {
	for k, list := range l.Header {
		if k == "User-Agent" {
			continue // the library has its own
		}
		for _, v := range list {
			ctx = metadata.AppendToOutgoingContext(ctx, strings.ToLower(k), v)
		}
	}
	var reply frame
	err := f.conn.Invoke(ctx, "/"+services[l.Signal]+"/Export", &frame{l.body}, &reply)
	if err == nil {
		return answered{}.partial(l.Signal, false, reply.data)
	}
	s := status.Convert(err)
	a := answered{err: err, status: "grpc " + s.Code().String()}
	for _, d := range s.Details() {
		if r, ok := d.(*errdetails.RetryInfo); ok {
			a.after = r.GetRetryDelay().AsDuration()
			a.again = s.Code() == codes.ResourceExhausted
		}
	}
	switch s.Code() {
	case codes.Canceled, codes.DeadlineExceeded, codes.Aborted, codes.OutOfRange, codes.Unavailable, codes.DataLoss:
		a.again = true
	}
	return a
}

// plain makes a letter of protobuf that is not compressed, the only form that gRPC
// has for a request that came over HTTP.
func (f *Forwarder) plain(l *letter, body []byte) (*letter, error) {
	l.Coding, l.body = "", body
	if !l.JSON {
		return l, nil
	}
	l.JSON = false
	var r interface{ MarshalProto() ([]byte, error) }
	var err error
	switch l.Signal {
	case model.SignalTraces:
		t := ptraceotlp.NewExportRequest()
		err, r = unmarshal(t, true, body), t
	case model.SignalLogs:
		t := plogotlp.NewExportRequest()
		err, r = unmarshal(t, true, body), t
	default:
		t := pmetricotlp.NewExportRequest()
		err, r = unmarshal(t, true, body), t
	}
	if err != nil {
		return nil, fmt.Errorf("pass on a JSON request over gRPC: %w", err)
	}
	if l.body, err = r.MarshalProto(); err != nil {
		return nil, fmt.Errorf("pass on a JSON request over gRPC: %w", err)
	}
	return l, nil
}

// clean makes a text of somebody else fit for a terminal.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, " "))
}
