package doctor

import (
	"bytes"
	"compress/gzip"
	"context"
	"io"
	"net"
	"net/http"
	"sync"
	"time"

	logs "go.opentelemetry.io/proto/otlp/collector/logs/v1"
	metrics "go.opentelemetry.io/proto/otlp/collector/metrics/v1"
	traces "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	_ "google.golang.org/grpc/encoding/gzip" // for compression = gzip
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
)

// reply is what came back from one export request.
type reply struct {
	err      error // no answer, or none that is OTLP: then status is set too
	status   int   // of HTTP
	code     codes.Code
	message  string // of a failure, in the server's words
	kind     string // content type
	heard    bool   // a gRPC server answered: to an HTTP request, or to a call itself
	location string // of a redirect
	retry    string // Retry-After, or the delay of a RetryInfo
	refused  int64  // of a partial success
	sent     time.Time
	took     time.Duration
	date     time.Time // the server's clock; zero if it did not tell
}

// answered reports whether the export was a success.
func (r reply) answered() bool { return r.err == nil && r.code == codes.OK && r.status/100 <= 2 }

// served reports whether the receiver knows the signal, whatever else it says.
func (r reply) served() bool {
	switch {
	case r.answered():
		return true
	case r.code != codes.OK:
		return r.heard && r.code != codes.Unimplemented
	}
	return r.status != 0 && r.status != http.StatusNotFound && r.status != http.StatusMethodNotAllowed
}

// client sends export requests that hold nothing.
type client struct {
	http *http.Client
	conn *grpc.ClientConn
	now  func() time.Time
}

func (t *target) client() (*client, error) {
	if t.protocol != "grpc" {
		return &client{now: t.Now, http: &http.Client{
			Transport:     &http.Transport{TLSClientConfig: t.tls, ForceAttemptHTTP2: true, DialContext: dialQuiet},
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}}, nil
	}
	creds := insecure.NewCredentials()
	if t.tls != nil {
		creds = credentials.NewTLS(t.tls)
	}
	conn, err := grpc.NewClient("passthrough:///"+t.address, grpc.WithTransportCredentials(creds), grpc.WithNoProxy())
	return &client{now: t.Now, conn: conn}, err
}

// quiet hears nothing before it has said something. A gRPC server speaks first,
// and net/http would write that to the program's log.
type quiet struct {
	net.Conn
	once *sync.Once
	said chan struct{} // closed by the first Write, and by Close
}

func dialQuiet(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return quiet{conn, new(sync.Once), make(chan struct{})}, nil
}

func (q quiet) Read(b []byte) (int, error) {
	<-q.said
	return q.Conn.Read(b)
}

func (q quiet) Write(b []byte) (int, error) {
	q.once.Do(func() { close(q.said) })
	return q.Conn.Write(b)
}

func (q quiet) Close() error {
	q.once.Do(func() { close(q.said) })
	return q.Conn.Close()
}

func (c *client) close() {
	if c.conn != nil {
		_ = c.conn.Close() // nothing was sent that could be lost
		return
	}
	c.http.CloseIdleConnections()
}

// padding is a field that no version of OTLP has; receivers skip it.
func padding(size int) []byte {
	if size == 0 {
		return nil
	}
	b := protowire.AppendTag(nil, 1000, protowire.BytesType)
	return protowire.AppendBytes(b, make([]byte, size))
}

// export sends one request of a signal, compressed or not, with padding or empty.
func (c *client) export(ctx context.Context, dest model.Destination, compressed bool, size int) reply {
	ctx, cancel := context.WithTimeout(ctx, stepLimit)
	defer cancel()
	started := time.Now()
	sent := c.now()
	var r reply
	if c.conn != nil {
		r = c.call(ctx, dest, compressed, size)
	} else {
		r = c.post(ctx, dest, compressed, size)
	}
	r.sent, r.took = sent, time.Since(started)
	return r
}

// answerLimit bounds what is read of an answer.
const answerLimit = 64 << 10

func (c *client) post(ctx context.Context, dest model.Destination, compressed bool, size int) (r reply) {
	body := padding(size)
	if compressed {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		_, _ = w.Write(body) // a buffer takes everything
		_ = w.Close()
		body = b.Bytes()
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, dest.Endpoint, bytes.NewReader(body))
	if err != nil {
		return reply{err: err}
	}
	req.Header.Set("Content-Type", "application/x-protobuf")
	if compressed {
		req.Header.Set("Content-Encoding", "gzip")
	}
	for k, v := range dest.Headers {
		req.Header.Set(k, v)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return reply{err: err}
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(io.LimitReader(resp.Body, answerLimit))
	if err != nil {
		return reply{err: err}
	}
	r = reply{status: resp.StatusCode, kind: resp.Header.Get("Content-Type"), location: resp.Header.Get("Location"), retry: resp.Header.Get("Retry-After")}
	r.heard = r.kind == "application/grpc" || resp.Header.Get("Grpc-Status") != ""
	r.date, _ = http.ParseTime(resp.Header.Get("Date")) // none, or one that cannot be read, tells nothing
	if r.status/100 != 2 {
		r.message = resp.Status + ": " + errorText(r.kind, text)
		return r
	}
	answer, err := otel.Answer(dest.Signal, r.kind, text)
	if r.err = err; err == nil {
		r.refused, r.message = otel.Partial(answer)
	}
	return r
}

// errorText is the message of an OTLP error, or the body as it came.
func errorText(kind string, body []byte) string {
	var s rpc.Status
	if kind == "application/x-protobuf" && proto.Unmarshal(body, &s) == nil {
		return s.GetMessage()
	}
	return string(body)
}

// methods of OTLP by signal, with an empty request of each.
func method(signal string) (name string, empty proto.Message) {
	const prefix = "/opentelemetry.proto.collector."
	switch signal {
	case model.SignalMetrics:
		return prefix + "metrics.v1.MetricsService/Export", &metrics.ExportMetricsServiceRequest{}
	case model.SignalLogs:
		return prefix + "logs.v1.LogsService/Export", &logs.ExportLogsServiceRequest{}
	}
	return prefix + "trace.v1.TraceService/Export", &traces.ExportTraceServiceRequest{}
}

func (c *client) call(ctx context.Context, dest model.Destination, compressed bool, size int) (r reply) {
	ctx = metadata.NewOutgoingContext(ctx, metadata.New(dest.Headers))
	var header, trailer metadata.MD
	options := []grpc.CallOption{grpc.Header(&header), grpc.Trailer(&trailer)}
	if compressed {
		options = append(options, grpc.UseCompressor("gzip"))
	}
	name, req := method(dest.Signal)
	req.ProtoReflect().SetUnknown(padding(size))
	answer := otel.Response(dest.Signal)
	err := c.conn.Invoke(ctx, name, req, answer, options...)
	if date := header.Get("date"); len(date) > 0 {
		r.date, _ = http.ParseTime(date[0]) // as above
	}
	if err == nil {
		r.refused, r.message = otel.Partial(answer)
		return r
	}
	s := status.Convert(err)
	r.code, r.message, r.heard = s.Code(), s.Message(), len(header)+len(trailer) > 0
	for _, detail := range s.Details() {
		if info, ok := detail.(*errdetails.RetryInfo); ok {
			r.retry = info.GetRetryDelay().AsDuration().String()
		}
	}
	return r
}
