package otel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync"

	logs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/buildscope/buildscope/model"
)

// answer is what a receiver said to one export call, noted by the transport:
// through the exporter it would come back as text only, or not at all.
type answer struct {
	// tell hears of every failed attempt at once: the exporter may go on trying for
	// as long as the run takes before it says what is wrong. It may be nil.
	tell func(error)

	mu sync.Mutex // guards what follows
	answered
}

type answered struct {
	status   string // "http 404", "grpc Unauthenticated"; "" for success or no answer
	rejected int64
	message  string
	said     bool // there was a partial success
}

type answerKey struct{}

func (a *answer) get() answered {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.answered
}

// noteAnswer changes what is noted about the call of ctx.
func noteAnswer(ctx context.Context, f func(*answered)) {
	if a, ok := ctx.Value(answerKey{}).(*answer); ok {
		a.mu.Lock()
		defer a.mu.Unlock()
		f(&a.answered)
	}
}

// tellFailure passes on why an attempt failed that the exporter may repeat.
func tellFailure(ctx context.Context, err error) {
	if a, ok := ctx.Value(answerKey{}).(*answer); ok && a.tell != nil && ctx.Err() == nil {
		a.tell(err)
	}
}

// Response is the empty answer of a signal's service.
func Response(signal string) proto.Message {
	switch signal {
	case model.SignalMetrics:
		return &metrics.ExportMetricsServiceResponse{}
	case model.SignalLogs:
		return &logs.ExportLogsServiceResponse{}
	}
	return &traces.ExportTraceServiceResponse{}
}

// Partial is what a Response says about refused items.
func Partial(r any) (rejected int64, message string) {
	switch r := r.(type) {
	case *traces.ExportTraceServiceResponse:
		return r.GetPartialSuccess().GetRejectedSpans(), r.GetPartialSuccess().GetErrorMessage()
	case *metrics.ExportMetricsServiceResponse:
		return r.GetPartialSuccess().GetRejectedDataPoints(), r.GetPartialSuccess().GetErrorMessage()
	case *logs.ExportLogsServiceResponse:
		return r.GetPartialSuccess().GetRejectedLogRecords(), r.GetPartialSuccess().GetErrorMessage()
	}
	return 0, ""
}

// notePartial takes over what a response says about refused items.
func notePartial(ctx context.Context, r any) {
	if rejected, message := Partial(r); rejected != 0 || message != "" {
		noteAnswer(ctx, func(a *answered) { a.rejected, a.message, a.said = rejected, message, true })
	}
}

// noteGRPC is the interceptor that reads the answers of a gRPC collector.
func noteGRPC(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption) error {
	err := call(ctx, method, req, reply, cc, o...)
	if err != nil {
		noteAnswer(ctx, func(a *answered) { a.status = "grpc " + status.Code(err).String() })
		tellFailure(ctx, err)
		return err
	}
	noteAnswer(ctx, func(a *answered) { a.status = "" })
	notePartial(ctx, reply)
	return nil
}

// answerLimit bounds what is read of an answer.
const answerLimit = 1 << 20

// checked is a transport that does not take a login page for a collector: the
// exporters call every 2xx a success.
type checked struct {
	*http.Transport
	signal string
}

func (c checked) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	resp, err := c.Transport.RoundTrip(req)
	if err != nil {
		noteAnswer(ctx, func(a *answered) { a.status = "" })
		tellFailure(ctx, err)
		return resp, err
	}
	if resp.StatusCode < 200 || resp.StatusCode > 299 {
		noteAnswer(ctx, func(a *answered) { a.status = "http " + strconv.Itoa(resp.StatusCode) })
		tellFailure(ctx, fmt.Errorf("%s answered %s", req.URL.Redacted(), resp.Status))
		return resp, nil
	}
	noteAnswer(ctx, func(a *answered) { a.status = "" })
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the collector's answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	r, err := Answer(c.signal, resp.Header.Get("Content-Type"), body)
	if err != nil {
		noteAnswer(ctx, func(a *answered) { a.status = "not OTLP" })
		return nil, fmt.Errorf("%s: %w", req.URL.Redacted(), err)
	}
	notePartial(ctx, r)
	return resp, nil
}

// Answer reads the body of a success. A login page is none, although its status
// says so.
func Answer(signal, contentType string, body []byte) (proto.Message, error) {
	r := Response(signal)
	if len(body) == 0 {
		return r, nil
	}
	kind, _, _ := mime.ParseMediaType(contentType) // an unreadable type is no type of OTLP
	var err error
	switch kind {
	case "application/x-protobuf":
		err = proto.Unmarshal(body, r)
	case "application/json":
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, r)
	default:
		return nil, fmt.Errorf("the answer is %q, which is not OTLP; is it a login page or a proxy?", kind)
	}
	if err != nil {
		return nil, fmt.Errorf("read the collector's answer: %w", err)
	}
	return r, nil
}
