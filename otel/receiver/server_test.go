package receiver

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
	"google.golang.org/grpc"
	grpccodes "google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
	"github.com/buildscope/buildscope/otel/runview"
)

// serve starts a server on free ports; both it and its session end with the test.
func serve(t testing.TB, o ServerOptions) (*Server, *Session) {
	t.Helper()
	if o.Session == nil {
		o.Session = NewSession(SessionOptions{})
	}
	o.GRPC, o.HTTP = "127.0.0.1:0", "127.0.0.1:0"
	s, err := NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		stop(t, s)
		o.Session.Close()
	})
	return s, o.Session
}

func stop(t testing.TB, s *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Shutdown(ctx); err != nil {
		t.Errorf("shut down: %v", err)
	}
}

// export makes a small build with our own exporters.
func export(t *testing.T, endpoint, protocol, compression string) (created map[string]int64) {
	t.Helper()
	list := []string{"otlp"}
	const wait = 5 * time.Second
	url := func(signal string) string {
		if protocol == "grpc" {
			return endpoint
		}
		return endpoint + "/v1/" + signal
	}
	tel, err := otel.Start(t.Context(), otel.Options{RunID: "run-1", Settings: model.OTelSettings{
		EnableTraces: true, EnableMetrics: true, EnableLogs: true, TracesExporter: list, MetricsExporter: list, LogsExporter: list,
		TracesEndpoint: url("traces"), MetricsEndpoint: url("metrics"), LogsEndpoint: url("logs"), TracesProtocol: protocol, MetricsProtocol: protocol, LogsProtocol: protocol,
		TracesTimeout: wait, MetricsTimeout: wait, LogsTimeout: wait, TracesCompression: compression, MetricsCompression: compression, LogsCompression: compression,
		MetricExportInterval: time.Hour, MetricExportTimeout: wait, ShutdownTimeout: wait, Sampler: "always_on",
		BSPScheduleDelay: time.Millisecond, BSPExportTimeout: wait, BSPMaxQueueSize: 1000, BSPMaxExportBatch: 100,
		BLRPScheduleDelay: time.Millisecond, BLRPExportTimeout: wait, BLRPMaxQueueSize: 1000, BLRPMaxExportBatch: 100,
		AttributeCountLimit: -1, AttributeLengthLimit: -1, SpanEventCountLimit: -1, SpanLinkCountLimit: -1, LogCorrelation: true, ServiceName: "own"}})
	if err != nil {
		t.Fatal(err)
	}
	tracer := tel.Tracer(model.ScopePipeline)
	ctx, root := tracer.Start(context.Background(), model.SpanBuild, trace.WithAttributes(attribute.String(model.AttrRunID, "run-1")))
	for i, name := range []string{"scan", "parse", "relate"} {
		ctx, node := tracer.Start(ctx, name, trace.WithAttributes(attribute.String(model.AttrNodeName, name), attribute.String("db.password", "hunter2")))
		slog.New(tel.LogHandler()).WarnContext(ctx, "slow", "node", name, "seconds", 3)
		_, child := tracer.Start(ctx, "detail", trace.WithLinks(trace.Link{SpanContext: root.SpanContext()}))
		child.AddEvent("halfway", trace.WithAttributes(attribute.Float64Slice("at", []float64{0.5, 1})))
		child.End()
		node.SetAttributes(attribute.Int(model.AttrNodeRows, i+1))
		if name == "relate" {
			node.SetStatus(codes.Error, "no such column")
		}
		node.End()
	}
	root.End()
	rows, err := tel.Meter("test").Int64Counter("rows", metric.WithUnit("{row}"))
	if err != nil {
		t.Fatal(err)
	}
	rows.Add(context.Background(), 6, metric.WithAttributes(attribute.String("table", "refs")))
	if err := tel.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	created = map[string]int64{}
	for _, e := range tel.Exports() {
		created[e.Signal] = e.Created
		if e.Sent != e.Created || e.Created == 0 {
			t.Errorf("%+v", e)
		}
	}
	return created
}

func TestOwnExporters(t *testing.T) {
	for _, protocol := range []string{"grpc", "http/protobuf"} {
		for _, compression := range []string{"none", "gzip"} {
			t.Run(protocol+" "+compression, func(t *testing.T) {
				s, session := serve(t, ServerOptions{Redact: model.NewRedactor([]string{"*password*"})})
				addr := map[string]string{"grpc": s.GRPC(), "http/protobuf": s.HTTP()}[protocol]
				created := export(t, "http://"+addr, protocol, compression)
				stop(t, s)
				session.Close()
				if got, want := s.Counts.Items.Load(), created["traces"]+created["metrics"]+created["logs"]; got != want {
					t.Errorf("received %d items of %d", got, want)
				}
				b := session.Newest()
				got := story(t, b)
				for _, want := range []string{"buildscope run-1 ", "7 spans 0 dropped, nodes 3 ", "rows 6\n", "\nscan node succeeded", "{db.password ••••}",
					"\n  detail span succeeded", "halfway", "[{at [0.5 1]}]", "{link ", `error "no such column"`} {
					if !strings.Contains(got, want) {
						t.Errorf("no %q in\n%s", want, got)
					}
				}
				if logs := b.View().Logs(runview.LogQuery{Height: 10}); len(logs.Lines) != 3 || logs.Lines[0].Level != "WARN" || logs.Lines[0].Node != "scan" || logs.Lines[0].Message != "slow" {
					t.Errorf("logs %+v", logs)
				}
				m := session.Metrics()
				if len(m) != 1 || m[0].Name != "rows" || m[0].Unit != "{row}" || m[0].Value != 6 || m[0].Service != "own" || text(m[0].Attrs, "table") != "refs" {
					t.Errorf("metrics %+v", m)
				}
			})
		}
	}
}

// oneTrace is a request of spans with names, the ids of which are valid.
func oneTrace(names ...string) ptraceotlp.ExportRequest {
	t := ptrace.NewTraces()
	spans := t.ResourceSpans().AppendEmpty().ScopeSpans().AppendEmpty().Spans()
	for i, name := range names {
		s := spans.AppendEmpty()
		s.SetName(name)
		s.SetTraceID(pcommon.TraceID{1, 2, 3})
		s.SetSpanID(pcommon.SpanID{0: byte(i + 1)})
		s.SetStartTimestamp(100)
		s.SetEndTimestamp(200)
	}
	return ptraceotlp.NewExportRequestFromTraces(t)
}

func post(t testing.TB, url, kind, coding string, body []byte) (code int, answer []byte, header http.Header) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", kind)
	if coding != "" {
		req.Header.Set("Content-Encoding", coding)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, answer, resp.Header
}

func zip(t testing.TB, data []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write(data); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// JSON with hex ids and fields that nobody knows, over HTTP, of each signal.
func TestJSON(t *testing.T) {
	s, session := serve(t, ServerOptions{})
	traces, err := oneTrace("one", "two").MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	traces = bytes.Replace(traces, []byte(`{`), []byte(`{"futureField":{"a":[1]},`), 1)
	logs := plog.NewLogs()
	l := logs.ResourceLogs().AppendEmpty().ScopeLogs().AppendEmpty().LogRecords().AppendEmpty()
	l.SetTraceID(pcommon.TraceID{1, 2, 3})
	l.SetSeverityNumber(plog.SeverityNumberError2)
	if err := l.Body().FromRaw(map[string]any{"a": []any{int64(1), "b"}}); err != nil {
		t.Fatal(err)
	}
	logData, err := plogotlp.NewExportRequestFromLogs(logs).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	metricData, err := pmetricotlp.NewExportRequestFromMetrics(allMetrics()).MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for signal, data := range map[string][]byte{"traces": traces, "logs": logData, "metrics": metricData} {
		for coding, body := range map[string][]byte{"": data, "gzip": zip(t, data)} {
			code, answer, header := post(t, "http://"+s.HTTP()+"/v1/"+signal, "application/json; charset=utf-8", coding, body)
			if code != 200 || !strings.HasPrefix(string(answer), "{") || header.Get("Content-Type") != "application/json" {
				t.Errorf("%s %s: %d %s", signal, coding, code, answer)
			}
		}
	}
	stop(t, s)
	session.Close()
	b := session.Newest()
	if b.Trace.String() != "01020300000000000000000000000000" {
		t.Errorf("trace %s", b.Trace)
	}
	if lines := b.View().Logs(runview.LogQuery{Height: 10}).Lines; len(lines) != 2 || lines[0].Level != "ERROR" || lines[0].Message != `{"a":[1,"b"]}` {
		t.Errorf("logs %+v", lines)
	}
	if m := session.Metrics(); len(m) != 6 {
		t.Errorf("metrics %+v", m)
	}
}

// allMetrics is one metric of each kind, two of them sums: cumulative and delta.
func allMetrics() pmetric.Metrics {
	m := pmetric.NewMetrics()
	list := m.ResourceMetrics().AppendEmpty().ScopeMetrics().AppendEmpty().Metrics()
	next := func(name string) pmetric.Metric {
		m := list.AppendEmpty()
		m.SetName(name)
		return m
	}
	next("gauge").SetEmptyGauge().DataPoints().AppendEmpty().SetDoubleValue(1.5)
	sum := next("sum").SetEmptySum()
	sum.SetAggregationTemporality(pmetric.AggregationTemporalityCumulative)
	sum.DataPoints().AppendEmpty().SetIntValue(7)
	delta := next("delta").SetEmptySum()
	delta.SetAggregationTemporality(pmetric.AggregationTemporalityDelta)
	delta.DataPoints().AppendEmpty().SetIntValue(2)
	h := next("histogram").SetEmptyHistogram().DataPoints().AppendEmpty()
	h.SetCount(3)
	h.SetSum(9)
	next("exponential").SetEmptyExponentialHistogram().DataPoints().AppendEmpty().SetCount(4)
	next("summary").SetEmptySummary().DataPoints().AppendEmpty().SetCount(5)
	return m
}

func TestMetricsKeepTheLatestValue(t *testing.T) {
	table := metricTable{series: map[string]*Metric{}}
	for range 3 {
		var req request
		req.metrics(allMetrics(), newRedactor(nil))
		for _, g := range req.groups {
			table.add(g.Resource, g.Points)
		}
	}
	list, dropped := table.list()
	got := map[string]float64{}
	for _, m := range list {
		got[m.Name] = m.Value
	}
	if got["sum"] != 7 || got["delta"] != 6 || got["gauge"] != 1.5 || got["histogram"] != 9 || dropped != 0 {
		t.Errorf("%v, %d dropped", got, dropped)
	}
	for i := range maxSeries + 5 {
		table.add(Resource{}, []Point{{Name: fmt.Sprint(i)}})
	}
	if list, dropped := table.list(); len(list) != maxSeries || dropped != 5+int64(len(got)) {
		t.Errorf("%d series, %d points dropped", len(list), dropped)
	}
}

func TestRefusals(t *testing.T) {
	s, session := serve(t, ServerOptions{MaxBody: 1 << 20})
	good, err := oneTrace("fine").MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	zeros := make([]byte, 17<<20)
	url := "http://" + s.HTTP()
	for _, c := range []struct {
		name, path, kind, coding string
		body                     []byte
		want                     int
	}{
		{"garbage", "/v1/traces", typeProto, "", []byte("\xff\xff\xff garbage"), 400},
		{"garbage JSON", "/v1/logs", typeJSON, "", []byte(`{"resourceLogs":[{`), 400},
		{"base64 ids", "/v1/traces", typeJSON, "", []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"nOEexz+zLz3kTnnV4z/jNw==","spanId":"/IYfhn7sFUQ="}]}]}]}`), 400},
		{"deep JSON", "/v1/traces", typeJSON, "", []byte(`{"resourceSpans":[{"resource":{"attributes":[{"key":"a","value":` + strings.Repeat(`{"arrayValue":{"values":[`, 20_000)), 400},
		{"no gzip", "/v1/metrics", typeProto, "gzip", good, 400},
		{"gzip bomb", "/v1/traces", typeProto, "gzip", zip(t, zeros), 413},
		{"too large", "/v1/traces", typeProto, "", zeros, 413},
		{"login form", "/v1/traces", "application/x-www-form-urlencoded", "", nil, 415},
		{"zstd", "/v1/traces", typeProto, "zstd", good, 415},
		{"elsewhere", "/v1/profiles", typeProto, "", good, 404},
		{"empty", "/v1/traces", typeProto, "", nil, 200},
		{"good", "/v1/traces", typeProto, "", good, 200},
	} {
		code, answer, header := post(t, url+c.path, c.kind, c.coding, c.body)
		if code != c.want {
			t.Errorf("%s: %d %q, want %d", c.name, code, answer, c.want)
		}
		if kind := header.Get("Content-Type"); (c.want == 400 || c.want == 413) && kind != c.kind {
			t.Errorf("%s: the refusal is %s", c.name, kind)
		}
	}
	if resp, err := http.Get(url + "/v1/traces"); err != nil || resp.StatusCode != http.StatusMethodNotAllowed || resp.Body.Close() != nil {
		t.Errorf("GET: %v %v", resp, err)
	}
	stop(t, s)
	if n := s.budget.used.Load(); n != 0 {
		t.Errorf("%d bytes are still counted as in flight", n)
	}
	if n := session.Totals().Spans; n != 1 {
		t.Errorf("%d spans", n)
	}
	if n := s.Counts.Invalid.Load(); n != 7 {
		t.Errorf("%d invalid requests", n)
	}
}

// Spans without ids are refused one by one, with a reason.
func TestPartialSuccess(t *testing.T) {
	s, _ := serve(t, ServerOptions{})
	req := oneTrace("good", "bad", "bad")
	spans := req.Traces().ResourceSpans().At(0).ScopeSpans().At(0).Spans()
	spans.At(1).SetSpanID(pcommon.SpanID{})
	spans.At(2).SetTraceID(pcommon.TraceID{})
	check := func(what string, resp ptraceotlp.ExportResponse, err error) {
		t.Helper()
		if p := resp.PartialSuccess(); err != nil || p.RejectedSpans() != 2 || p.ErrorMessage() != "spans without a trace id or a span id" {
			t.Errorf("%s: %v, %d rejected: %q", what, err, p.RejectedSpans(), p.ErrorMessage())
		}
	}
	conn := dialGRPC(t, s)
	resp, err := ptraceotlp.NewGRPCClient(conn).Export(t.Context(), req)
	check("grpc", resp, err)
	data, err := req.MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	code, answer, _ := post(t, "http://"+s.HTTP()+"/v1/traces", typeProto, "", data)
	resp = ptraceotlp.NewExportResponse()
	check(fmt.Sprint("http ", code), resp, resp.UnmarshalProto(answer))
	if n := s.Counts.Rejected.Load(); n != 4 {
		t.Errorf("%d counted as rejected", n)
	}
}

func dialGRPC(t testing.TB, s *Server) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient("passthrough:///"+s.GRPC(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn
}

func TestGRPCRefusals(t *testing.T) {
	s, _ := serve(t, ServerOptions{MaxBody: 1 << 20})
	conn := dialGRPC(t, s)
	invoke := func(method string, body []byte) grpccodes.Code {
		var reply frame
		return status.Code(conn.Invoke(t.Context(), method, &frame{body}, &reply, grpc.ForceCodecV2(rawCodec{})))
	}
	for signal, name := range services {
		method := "/" + name + "/Export"
		if c := invoke(method, nil); c != grpccodes.OK {
			t.Errorf("%s, empty: %v", signal, c)
		}
		if c := invoke(method, []byte("\xff\xff garbage")); c != grpccodes.InvalidArgument {
			t.Errorf("%s, garbage: %v", signal, c)
		}
		if c := invoke(method, make([]byte, 2<<20)); c != grpccodes.ResourceExhausted {
			t.Errorf("%s, too large: %v", signal, c)
		}
	}
	if c := invoke("/opentelemetry.proto.collector.profiles.v1development.ProfilesService/Export", nil); c != grpccodes.Unimplemented {
		t.Errorf("profiles: %v", c)
	}
}

// A full buffer makes senders wait; what they were refused is counted, and once
// there is room again nothing was lost.
func TestFullBuffer(t *testing.T) {
	hold := make(chan struct{})
	held := make(chan struct{}, 1)
	session := NewSession(SessionOptions{OnBuild: func(*Build) {
		held <- struct{}{}
		<-hold
	}})
	s, _ := serve(t, ServerOptions{Session: session, Buffer: 4000})
	data, err := oneTrace("a", strings.Repeat("x", 1500)).MarshalProto()
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + s.HTTP() + "/v1/traces"
	if code, answer, _ := post(t, url, typeProto, "", data); code != 200 {
		t.Fatalf("%d %s", code, answer)
	}
	<-held // the session is stuck with the first request, whose bytes stay in the buffer
	codes := map[int]int{}
	for range 5 {
		code, _, header := post(t, url, typeProto, "", data)
		codes[code]++
		if code == http.StatusTooManyRequests && header.Get("Retry-After") != "1" {
			t.Errorf("no Retry-After in %v", header)
		}
	}
	_, err = ptraceotlp.NewGRPCClient(dialGRPC(t, s)).Export(t.Context(), oneTrace("a", strings.Repeat("x", 1500)))
	if st := status.Convert(err); st.Code() != grpccodes.ResourceExhausted || len(st.Details()) != 1 {
		t.Errorf("grpc: %v, details %v", err, st.Details())
	}
	if codes[200] == 0 || codes[429] == 0 || s.Counts.Throttled.Load() != int64(codes[429])+1 {
		t.Errorf("answers %v, %d counted", codes, s.Counts.Throttled.Load())
	}
	close(hold)
	waitFor(t, func() bool { code, _, _ := post(t, url, typeProto, "", data); return code == 200 })
}

func waitFor(t testing.TB, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("waited 10 s")
		}
	}
}

// Senders that stop in the middle hold up nobody, and do not keep the server from
// ending.
func TestHalfRequests(t *testing.T) {
	s, session := serve(t, ServerOptions{})
	for _, c := range [][2]string{
		{s.HTTP(), "POST /v1/traces HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-protobuf\r\nContent-Length: 1000\r\n\r\nhalf"},
		{s.HTTP(), "POST /v1/traces HT"},
		{s.HTTP(), ""},
		{s.GRPC(), "PRI * HTTP/2.0\r\n\r\nSM"},
		{s.GRPC(), "GET / HTTP/1.1\r\n\r\n"},
	} {
		conn, err := net.Dial("tcp", c[0])
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		if _, err := conn.Write([]byte(c[1])); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := ptraceotlp.NewGRPCClient(dialGRPC(t, s)).Export(t.Context(), oneTrace("fine")); err != nil {
		t.Error(err)
	}
	waitFor(t, func() bool { return s.budget.used.Load() == int64(len("half")) })
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	start := time.Now()
	err := s.Shutdown(ctx)
	if took := time.Since(start); took > 3*time.Second {
		t.Errorf("shutting down took %s", took)
	}
	if err == nil {
		t.Error("requests were cut off, and nobody says so")
	}
	s.err = nil // told; the next Shutdown is that of the test's end
	if n := session.Totals().Spans; n != 1 {
		t.Errorf("%d spans", n)
	}
}
