package otel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// signals are the ways to make items of each signal, as d.Signal names it.
var signals = map[string]func(*Telemetry, int){model.SignalTraces: spans, model.SignalMetrics: dataPoints, model.SignalLogs: logRecords}

// settings export one signal by OTLP.
func settings(signal, endpoint, protocol string) model.OTelSettings {
	const wait = 300 * time.Millisecond
	otlp, none := []string{"otlp"}, []string{"none"}
	s := model.OTelSettings{EnableTraces: true, EnableMetrics: true, EnableLogs: true, TracesExporter: none, MetricsExporter: none, LogsExporter: none,
		TracesEndpoint: endpoint, MetricsEndpoint: endpoint, LogsEndpoint: endpoint, TracesProtocol: protocol, MetricsProtocol: protocol, LogsProtocol: protocol,
		TracesTimeout: wait, MetricsTimeout: wait, LogsTimeout: wait, MetricExportInterval: time.Hour, MetricExportTimeout: wait,
		ShutdownTimeout: 2 * time.Second, Sampler: "always_on", BSPScheduleDelay: time.Millisecond, BSPExportTimeout: wait,
		BSPMaxQueueSize: 100, BSPMaxExportBatch: 10, BLRPScheduleDelay: time.Millisecond, BLRPExportTimeout: wait, BLRPMaxQueueSize: 100, BLRPMaxExportBatch: 10,
		AttributeCountLimit: -1, AttributeLengthLimit: -1, SpanEventCountLimit: -1, SpanLinkCountLimit: -1,
		LogCorrelation: true, ServiceName: "test", ResourceAttributes: map[string]string{"team": "a b"}}
	switch signal {
	case model.SignalTraces:
		s.TracesExporter = otlp
	case model.SignalMetrics:
		s.MetricsExporter = otlp
	case model.SignalLogs:
		s.LogsExporter = otlp
	}
	return s
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

// logRecords writes within one span, as a node does.
func logRecords(tel *Telemetry, n int) {
	ctx, span := tel.Tracer("test").Start(context.Background(), "node")
	defer span.End()
	log := slog.New(tel.LogHandler())
	for range n {
		log.InfoContext(ctx, "opened with password=hunter2", "db.password", "hunter2", "user", "u")
	}
}

func dataPoints(tel *Telemetry, n int) {
	rows, err := tel.Meter("test").Int64Counter("rows")
	if err != nil {
		panic(err)
	}
	for i := range n {
		rows.Add(context.Background(), 1, metric.WithAttributes(attribute.Int("n", i)))
	}
}

// addUp fails unless every item is in exactly one count.
func addUp(t *testing.T, c model.ExportCounts) {
	t.Helper()
	if c.Created != c.SampledOut+c.Queued+c.Sent+c.Missing() {
		t.Errorf("the counts do not add up: %+v", c)
	}
	by := int64(0)
	for _, n := range c.FailedBy {
		by += n
	}
	if by != c.Failed {
		t.Errorf("the reasons of %d failures are of %d: %v", c.Failed, by, c.FailedBy)
	}
}

func finish(t *testing.T, tel *Telemetry, want int64) model.ExportCounts {
	t.Helper()
	if err := tel.Shutdown(context.Background()); err != nil && !errors.Is(err, context.DeadlineExceeded) && tel.sinks[0].to.Signal != model.SignalMetrics {
		t.Errorf("shutdown: %v", err)
	}
	c := tel.Exports()[0]
	addUp(t, c)
	if c.Created != want || c.Queued != 0 {
		t.Errorf("after shutdown: %+v, want %d created and none queued", c, want)
	}
	return c
}

// partial is a response that refuses some items of a signal, as JSON.
func partial(signal string, refused int) string {
	field := map[string]string{model.SignalTraces: "rejectedSpans", model.SignalMetrics: "rejectedDataPoints", model.SignalLogs: "rejectedLogRecords"}[signal]
	return fmt.Sprintf(`{"partialSuccess":{"%s":"%d","errorMessage":"quota"}}`, field, refused)
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
	const protobuf = "application/x-protobuf"
	for signal, emit := range signals {
		some := Response(signal)
		if err := protojson.Unmarshal([]byte(partial(signal, 3)), some); err != nil {
			t.Fatal(err)
		}
		binary, err := proto.Marshal(some)
		if err != nil {
			t.Fatal(err)
		}
		for name, c := range map[string]struct {
			handler                http.HandlerFunc
			sent, rejected, failed int64
			by, words              string
		}{
			"accepts":           {answer(200, protobuf, ""), 5, 0, 0, "", ""},
			"no content":        {answer(204, "", ""), 5, 0, 0, "", ""},
			"partial success":   {answer(200, protobuf, string(binary)), 2, 3, 0, "", "quota"},
			"partial as JSON":   {answer(200, "application/json; charset=utf-8", partial(signal, 3)), 2, 3, 0, "", "quota"},
			"login page":        {answer(200, "text/html", "<html>"), 0, 0, 5, "not OTLP", "login page"},
			"HTML as protobuf":  {answer(200, protobuf, "<html>"), 0, 0, 5, "not OTLP", "answer"},
			"half an answer":    {answer(200, protobuf, string(binary[:len(binary)-1])), 0, 0, 5, "not OTLP", "answer"},
			"redirect":          {answer(307, "text/html", ""), 0, 0, 5, "http 307", "307"},
			"wrong path":        {answer(404, "text/plain", "\x1b[31mnot here"), 0, 0, 5, "http 404", "404"},
			"says the secret":   {answer(401, "text/plain", "bad token=hunter2"), 0, 0, 5, "http 401", "token=" + model.Redacted},
			"overloaded":        {answer(503, "text/plain", "busy"), 0, 0, 5, "http 503", ""},
			"resets":            {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 0, 0, 5, "connection closed", "EOF"},
			"rejects too many":  {answer(200, "application/json", partial(signal, 99)), 0, 5, 0, "", "quota"},
			"warns and accepts": {answer(200, "application/json", `{"partialSuccess":{"errorMessage":"old protocol"}}`), 5, 0, 0, "", "old protocol"},
		} {
			t.Run(signal+" "+name, func(t *testing.T) {
				var elsewhere atomic.Bool
				server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if r.URL.Path != "/v1/"+signal {
						elsewhere.Store(true)
					}
					c.handler(w, r)
				}))
				defer server.Close()
				server.Config.ErrorLog = nil
				tel := start(t, Options{Settings: settings(signal, server.URL+"/v1/"+signal, "http/protobuf"), RedactKeys: []string{"*token*"}})
				emit(tel, 5)
				got := finish(t, tel, 5)
				if got.Sent != c.sent || got.Rejected != c.rejected || got.Failed != c.failed || !strings.Contains(got.LastError+got.Message, c.words) {
					t.Errorf("%+v, want sent %d, rejected %d, failed %d and %q", got, c.sent, c.rejected, c.failed, c.words)
				}
				if c.by != "" && got.FailedBy[c.by] != c.failed {
					t.Errorf("failed by %v, want %s", got.FailedBy, c.by)
				}
				if strings.ContainsRune(got.LastError, '\x1b') || strings.Contains(got.LastError, "hunter2") {
					t.Errorf("what the server said came through: %q", got.LastError)
				}
				if elsewhere.Load() {
					t.Errorf("a request went to another path than /v1/%s", signal)
				}
			})
		}
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
	for signal, emit := range signals {
		for _, protocol := range []string{"grpc", "http/protobuf"} {
			for what, address := range map[string]string{"hangs": listener.Addr().String(), "refuses": refused} {
				t.Run(signal+" "+protocol+" "+what, func(t *testing.T) {
					s := settings(signal, "http://"+address, protocol)
					s.TracesTimeout, s.MetricsTimeout, s.LogsTimeout, s.ShutdownTimeout = time.Hour, time.Hour, time.Hour, 50*time.Millisecond
					s.BSPExportTimeout, s.BLRPExportTimeout, s.MetricExportTimeout = time.Hour, time.Hour, time.Hour
					tel := start(t, Options{Settings: s})
					emit(tel, 500)
					addUp(t, tel.Exports()[0])
					began := time.Now()
					if c := finish(t, tel, 500); c.Sent != 0 || c.Missing() != 500 {
						t.Errorf("%+v", c)
					}
					if took := time.Since(began); took > 5*time.Second {
						t.Errorf("shutting down took %s", took)
					}
				})
			}
		}
	}
}

// Why nothing arrives shows while the exporter still tries, not when it gives up.
func TestTheReasonShowsWhileTheExporterTries(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := gone.Close(); err != nil {
		t.Fatal(err)
	}
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		s := settings(model.SignalTraces, "http://"+gone.Addr().String(), protocol)
		s.TracesTimeout, s.BSPExportTimeout, s.ShutdownTimeout = time.Hour, time.Hour, 50*time.Millisecond
		tel := start(t, Options{Settings: s})
		spans(tel, 1)
		for deadline := time.Now().Add(10 * time.Second); !strings.Contains(tel.Exports()[0].LastError, "connection refused"); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: after 10 s: %+v", protocol, tel.Exports()[0])
			}
		}
		finish(t, tel, 1)
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
	return &collector.ExportTraceServiceResponse{PartialSuccess: &collector.ExportTracePartialSuccess{RejectedSpans: g.rejected, ErrorMessage: "quota"}}, nil
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
	s := settings(model.SignalTraces, "http://"+listener.Addr().String(), "grpc")
	s.TracesHeaders, s.TracesTimeout, s.BSPExportTimeout = map[string]string{"x-key": "secret"}, 5*time.Second, 5*time.Second
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

// A full queue turns spans away, counted at once, while the exporter hangs.
func TestFullQueueDropsAndCounts(t *testing.T) {
	release := make(chan struct{})
	q := newQueue(limits{delay: time.Millisecond, timeout: time.Hour, queue: 100, batch: 10}, ledger{}, func(ctx context.Context, _ []int) error {
		select {
		case <-release:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}, func(context.Context) error { return nil })
	for i := range 1000 {
		q.put(i, true)
	}
	c := q.state()
	addUp(t, c)
	if c.Dropped == 0 || c.Queued < 100 || c.Queued > 110 {
		t.Errorf("%+v, want the queue and one batch, the rest dropped", c)
	}
	close(release)
	if err := q.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	end := q.state()
	if addUp(t, end); end.Sent != c.Queued || end.Dropped != c.Dropped {
		t.Errorf("after shutdown: %+v", end)
	}
}

// Spans that are sampled out reach every other processor and no exporter.
func TestSampledOutSpansAreRecordedOnly(t *testing.T) {
	s := settings(model.SignalTraces, "http://127.0.0.1:1", "http/protobuf")
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

// What the objects really use is what otel_config_v1 shows.
func TestEffectiveValuesAreReadBack(t *testing.T) {
	s := settings(model.SignalTraces, "https://127.0.0.1:1", "grpc")
	s.BSPMaxExportBatch, s.Sampler, s.SamplerArg = 5000, "parentbased_traceidratio", 0.25 // more than the queue holds
	s.TracesHeaders = map[string]string{"x-key": "hunter2"}
	tel := start(t, Options{Settings: s})
	defer func() { finish(t, tel, 0) }()
	var values []model.Value
	want := map[string]string{
		"bsp_max_export_batch_size": "100", "sampler_arg": "0.25", "traces_endpoint": "https://127.0.0.1:1", "traces_protocol": "grpc",
		"traces_headers": "x-key=" + model.Redacted, "traces_exporter": "otlp", "logs_exporter": "none", "service_name": "test",
	}
	for key := range want {
		values = append(values, model.Value{Key: "otel." + key, Text: "?"})
	}
	values = append(values, model.Value{Key: "otel.blrp_max_queue_size", Text: "7"})
	for _, e := range tel.Config(values).Values {
		key := strings.TrimPrefix(e.Key, "otel.")
		if key == "blrp_max_queue_size" {
			if !strings.Contains(e.Note, "not in use") {
				t.Errorf("%+v", e)
			}
			continue
		}
		if e.Intended != "?" || e.Effective != want[key] {
			t.Errorf("%+v, want %s", e, want[key])
		}
	}
}
