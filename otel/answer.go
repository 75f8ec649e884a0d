package otel

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"sync"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// partial is a receiver's partial success, noted by the transport: through the
// exporter it would come back as text only, or not at all.
type partial struct {
	mu       sync.Mutex
	rejected int64
	message  string
	said     bool
}

type partialKey struct{}

func (p *partial) get() (rejected int64, message string, said bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.rejected, p.message, p.said
}

// note takes over what a response says about refused spans.
func note(ctx context.Context, r *collector.ExportTraceServiceResponse) {
	p, ok := ctx.Value(partialKey{}).(*partial)
	s := r.GetPartialSuccess()
	if !ok || s.GetRejectedSpans() == 0 && s.GetErrorMessage() == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rejected, p.message, p.said = s.GetRejectedSpans(), s.GetErrorMessage(), true
}

// noteGRPC is the interceptor that reads the answers of a gRPC collector.
func noteGRPC(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, call grpc.UnaryInvoker, o ...grpc.CallOption) error {
	if err := call(ctx, method, req, reply, cc, o...); err != nil {
		return err
	}
	if r, ok := reply.(*collector.ExportTraceServiceResponse); ok {
		note(ctx, r)
	}
	return nil
}

// answerLimit bounds what is read of an answer.
const answerLimit = 1 << 20

// checked is a transport that does not take a login page for a collector: the
// exporter calls every 2xx a success.
type checked struct{ *http.Transport }

func (c checked) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := c.Transport.RoundTrip(req)
	if err != nil || resp.StatusCode < 200 || resp.StatusCode > 299 {
		return resp, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, fmt.Errorf("read the collector's answer: %w", err)
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	if len(body) == 0 {
		return resp, nil
	}
	var answer collector.ExportTraceServiceResponse
	kind, _, _ := mime.ParseMediaType(resp.Header.Get("Content-Type")) // an unreadable type is no type of OTLP
	switch kind {
	case "application/x-protobuf":
		err = proto.Unmarshal(body, &answer)
	case "application/json":
		err = protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(body, &answer)
	default:
		return nil, fmt.Errorf("%s answered with %q, which is not OTLP; is it a login page or a proxy?", req.URL.Redacted(), kind)
	}
	if err != nil {
		return nil, fmt.Errorf("read the collector's answer: %w", err)
	}
	note(req.Context(), &answer)
	return resp, nil
}
