package otel

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"

	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func settings(endpoint, protocol string) model.OTelSettings {
	return model.OTelSettings{Exporter: []string{"otlp"}, Endpoint: endpoint, Protocol: protocol, Timeout: 300 * time.Millisecond,
		ShutdownTimeout: 2 * time.Second, Sampler: "always_on", BSPScheduleDelay: time.Millisecond, BSPExportTimeout: 300 * time.Millisecond,
		BSPMaxQueueSize: 100, BSPMaxExportBatch: 10, ServiceName: "test", ResourceAttributes: map[string]string{"team": "a b"}}
}

func start(t *testing.T, o Options) *Telemetry {
	t.Helper()
	tel, err := Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return tel
}

func spans(tel *Telemetry, n int) {
	tracer := tel.Tracer("test")
	for range n {
		_, s := tracer.Start(context.Background(), "s", trace.WithAttributes(attribute.String("db.password", "hunter2"), attribute.String("user", "u")))
		s.End()
	}
}

// addUp fails unless every span is in exactly one count.
func addUp(t *testing.T, c model.ExportCounts) {
	t.Helper()
	if c.Created != c.SampledOut+c.Queued+c.Sent+c.Rejected+c.Failed+c.Dropped {
		t.Errorf("the counts do not add up: %+v", c)
	}
}

func finish(t *testing.T, tel *Telemetry, want int64) model.ExportCounts {
	t.Helper()
	if err := tel.Shutdown(context.Background()); err != nil && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("shutdown: %v", err)
	}
	c := tel.Exports()[0]
	addUp(t, c)
	if c.Created != want || c.Queued != 0 {
		t.Errorf("after shutdown: %+v, want %d created and none queued", c, want)
	}
	return c
}

// What a server answers decides the count; whatever it does, the counts add up.
func TestHostileHTTPServers(t *testing.T) {
	answer := func(code int, kind, body string) http.HandlerFunc {
		return func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the client sees the answer either way
			w.Header().Set("Content-Type", kind)
			w.Header().Set("Location", "/elsewhere")
			w.WriteHeader(code)
			_, _ = io.WriteString(w, body)
		}
	}
	some, err := proto.Marshal(&collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: 3, ErrorMessage: "quota"}})
	if err != nil {
		t.Fatal(err)
	}
	const protobuf = "application/x-protobuf"
	for name, c := range map[string]struct {
		handler                http.HandlerFunc
		sent, rejected, failed int64
		err                    string
	}{
		"accepts":           {answer(200, protobuf, ""), 5, 0, 0, ""},
		"no content":        {answer(204, "", ""), 5, 0, 0, ""},
		"partial success":   {answer(200, protobuf, string(some)), 2, 3, 0, "quota"},
		"partial as JSON":   {answer(200, "application/json; charset=utf-8", `{"partialSuccess":{"rejectedSpans":"3","errorMessage":"quota"}}`), 2, 3, 0, "quota"},
		"login page":        {answer(200, "text/html", "<html>"), 0, 0, 5, "login page"},
		"HTML as protobuf":  {answer(200, protobuf, "<html>"), 0, 0, 5, "answer"},
		"redirect":          {answer(307, "text/html", ""), 0, 0, 5, "307"},
		"wrong path":        {answer(404, "text/plain", "\x1b[31mnot here"), 0, 0, 5, "404"},
		"overloaded":        {answer(503, "text/plain", "busy"), 0, 0, 5, ""},
		"resets":            {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, 0, 5, "EOF"},
		"rejects too many":  {answer(200, "application/json", `{"partialSuccess":{"rejectedSpans":"99"}}`), 0, 5, 0, ""},
		"warns and accepts": {answer(200, "application/json", `{"partialSuccess":{"errorMessage":"old protocol"}}`), 5, 0, 0, "old protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			var elsewhere atomic.Bool
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != "/v1/traces" {
					elsewhere.Store(true)
				}
				c.handler(w, r)
			}))
			defer server.Close()
			tel := start(t, Options{Settings: settings(server.URL, "http/protobuf")})
			spans(tel, 5)
			got := finish(t, tel, 5)
			if got.Sent != c.sent || got.Rejected != c.rejected || got.Failed != c.failed || !strings.Contains(got.LastError, c.err) {
				t.Errorf("%+v, want sent %d, rejected %d, failed %d and %q", got, c.sent, c.rejected, c.failed, c.err)
			}
			if strings.ContainsRune(got.LastError, '\x1b') {
				t.Error("the server's escape sequence came through")
			}
			if elsewhere.Load() {
				t.Error("a request went to another path than /v1/traces")
			}
		})
	}
}

// A collector that is not there, or never answers, changes only counters.
func TestDeadCollectors(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") // accepts in the kernel, nobody reads
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused := gone.Addr().String()
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		for what, address := range map[string]string{"hangs": listener.Addr().String(), "refuses": refused} {
			t.Run(protocol+" "+what, func(t *testing.T) {
				s := settings("http://"+address, protocol)
				s.Timeout, s.BSPExportTimeout, s.ShutdownTimeout = time.Hour, time.Hour, 50*time.Millisecond
				tel := start(t, Options{Settings: s})
				spans(tel, 500)
				addUp(t, tel.Exports()[0])
				if c := finish(t, tel, 500); c.Sent != 0 || c.Failed+c.Dropped != 500 {
					t.Errorf("%+v", c)
				}
			})
		}
	}
}

// grpcCollector keeps the last request and refuses as many spans as it is told.
type grpcCollector struct {
	collector.UnimplementedTraceServiceServer
	rejected int64
	request  *collector.ExportTraceServiceRequest
	headers  metadata.MD
}

func (g *grpcCollector) Export(ctx context.Context, r *collector.ExportTraceServiceRequest) (*collector.ExportTraceServiceResponse, error) {
	g.request = r
	g.headers, _ = metadata.FromIncomingContext(ctx)
	return &collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: g.rejected}}, nil
}

// Headers, resource and attributes arrive as set; values to be hidden do not.
func TestWhatAGRPCCollectorReceives(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server, got := grpc.NewServer(), &grpcCollector{rejected: 1}
	collector.RegisterTraceServiceServer(server, got)
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	s := settings("http://"+listener.Addr().String(), "grpc")
	s.Headers, s.Timeout, s.BSPExportTimeout = map[string]string{"x-key": "secret"}, 5*time.Second, 5*time.Second
	tel := start(t, Options{Settings: s, RedactKeys: []string{"*PASSWORD*"}})
	spans(tel, 5)
	c := finish(t, tel, 5)
	server.Stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if c.Rejected == 0 || c.Failed != 0 || c.Rejected+c.Sent != 5 {
		t.Errorf("%+v", c)
	}
	text := got.request.String()
	for _, want := range []string{"team", "a b", "service.name", "db.password", model.Redacted} {
		if !strings.Contains(text, want) {
			t.Errorf("%q did not arrive", want)
		}
	}
	if strings.Contains(text, "hunter2") {
		t.Error("the password arrived")
	}
	if h := got.headers.Get("x-key"); len(h) != 1 || h[0] != "secret" {
		t.Errorf("header x-key is %v", h)
	}
}

// blockingExporter holds every call until it is released.
type blockingExporter struct{ release chan struct{} }

func (b blockingExporter) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	select {
	case <-b.release:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
func (blockingExporter) Shutdown(context.Context) error { return nil }

// A full queue turns spans away, counted at once, while the exporter hangs.
func TestFullQueueDropsAndCounts(t *testing.T) {
	release := make(chan struct{})
	s := settings("", "grpc")
	s.BSPExportTimeout = time.Hour
	b := newBatcher(blockingExporter{release}, s, model.ExportCounts{})
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(b), sdktrace.WithSampler(recordAll{sdktrace.AlwaysSample(), nil}))
	tracer := provider.Tracer("test")
	for range 1000 {
		_, span := tracer.Start(context.Background(), "s")
		span.End()
	}
	c := b.state()
	addUp(t, c)
	if c.Dropped == 0 || c.Queued < 100 || c.Queued > 110 {
		t.Errorf("%+v, want the queue and one batch, the rest dropped", c)
	}
	close(release)
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	end := b.state()
	if addUp(t, end); end.Sent != c.Queued || end.Dropped != c.Dropped {
		t.Errorf("after shutdown: %+v", end)
	}
}

// Spans that are sampled out reach every other processor and no exporter.
func TestSampledOutSpansAreRecordedOnly(t *testing.T) {
	s := settings("http://127.0.0.1:1", "http/protobuf")
	s.Sampler = "always_off"
	tel := start(t, Options{Settings: s})
	spans(tel, 20)
	if c := finish(t, tel, 20); c.SampledOut != 20 {
		t.Errorf("%+v", c)
	}
	if ended, out := tel.Spans(); ended != 20 || out != 20 {
		t.Errorf("%d ended, %d sampled out", ended, out)
	}
}

// What the batch processor really uses is what otel_config_v1 shows.
func TestEffectiveValuesAreReadBack(t *testing.T) {
	s := settings("http://127.0.0.1:1", "grpc")
	s.BSPMaxExportBatch = 5000 // more than the queue holds
	tel := start(t, Options{Settings: s})
	defer func() { finish(t, tel, 0) }()
	p := tel.Config([]model.Value{{Key: "otel.bsp_max_export_batch_size", Text: "5000"}, {Key: "otel.sampler", Text: "always_on"}})
	if e := p.Values[0]; e.Intended != "5000" || e.Effective != "100" {
		t.Errorf("%+v", e)
	}
	if e := p.Values[1]; e.Effective != "AlwaysOnSampler" {
		t.Errorf("%+v", e)
	}
}
