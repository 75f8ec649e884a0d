package doctor

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/buildscope/buildscope/otel/oteltest"
)

// A real OpenTelemetry Collector shows the symptoms that the other tests imitate.
func TestRealCollector(t *testing.T) {
	id := certify(t, nil)
	names := []string{"grpc", "http", "few-grpc", "few-http", "auth-grpc", "auth-http", "tls-grpc", "tls-http", "small-http"}
	var ports []int
	var pairs []string
	for _, name := range names {
		ports = append(ports, oteltest.FreePort(t))
		pairs = append(pairs, "{"+name+"}", fmt.Sprintf("127.0.0.1:%d", ports[len(ports)-1]))
	}
	pairs = append(pairs, "{cert}", id.cert, "{key}", id.key, "{ca}", id.authority, "{file}", filepath.Join(t.TempDir(), "received.jsonl"))
	fill := strings.NewReplacer(pairs...).Replace
	oteltest.StartCollector(t, fill(`extensions:
  bearertokenauth: {scheme: Bearer, token: test-token}
receivers:
  otlp:
    protocols:
      grpc: {endpoint: "{grpc}"}
      http: {endpoint: "{http}"}
  otlp/few:
    protocols:
      grpc: {endpoint: "{few-grpc}"}
      http: {endpoint: "{few-http}"}
  otlp/auth:
    protocols:
      grpc: {endpoint: "{auth-grpc}", auth: {authenticator: bearertokenauth}}
      http: {endpoint: "{auth-http}", auth: {authenticator: bearertokenauth}}
  otlp/tls:
    protocols:
      grpc: {endpoint: "{tls-grpc}", tls: {cert_file: "{cert}", key_file: "{key}"}}
      http: {endpoint: "{tls-http}", tls: {cert_file: "{cert}", key_file: "{key}"}}
  otlp/small:
    protocols:
      http: {endpoint: "{small-http}", compression_algorithms: ["", zstd], max_request_body_size: 100000}
exporters:
  file: {path: "{file}"}
service:
  telemetry: {metrics: {level: none}}
  extensions: [bearertokenauth]
  pipelines:
    traces: {receivers: [otlp, otlp/few, otlp/auth, otlp/tls, otlp/small], exporters: [file]}
    metrics: {receivers: [otlp, otlp/few, otlp/auth, otlp/tls, otlp/small], exporters: [file]}
    logs: {receivers: [otlp, otlp/auth, otlp/tls, otlp/small], exporters: [file]}
`), ports...)
	const http, grpc = "http/protobuf", "grpc"
	for name, c := range map[string]struct {
		endpoint, protocol string
		flags              []string
		request            int
		want               want // no id: no problem
	}{
		"grpc":            {"http://{grpc}", grpc, []string{"otel-compression", "gzip"}, 3 << 20, want{}},
		"http":            {"http://{http}", http, []string{"otel-compression", "gzip"}, 5 << 20, want{}},
		"tls grpc":        {"https://{tls-grpc}", grpc, []string{"otel-certificate", "{ca}"}, 0, want{}},
		"tls http":        {"https://{tls-http}", http, []string{"otel-certificate", "{ca}"}, 0, want{}},
		"auth grpc":       {"http://{auth-grpc}", grpc, []string{"otel-headers", "authorization=Bearer%20test-token"}, 0, want{}},
		"auth http":       {"http://{auth-http}", http, []string{"otel-headers", "authorization=Bearer%20test-token"}, 0, want{}},
		"untrusted grpc":  {"https://{tls-grpc}", grpc, nil, 0, want{"D05", Fail, "otel.certificate", "", "certificate signed by unknown authority"}},
		"untrusted http":  {"https://{tls-http}", http, nil, 0, want{"D05", Fail, "otel.certificate", "", "certificate signed by unknown authority"}},
		"http to TLS":     {"http://{tls-http}", http, nil, 0, want{"D08", Fail, "otel.endpoint", "https://{tls-http}", "HTTPS server"}},
		"grpc to TLS":     {"http://{tls-grpc}", grpc, nil, 0, want{"D08", Fail, "otel.endpoint", "https://{tls-grpc}", ""}},
		"https to http":   {"https://{http}", http, nil, 0, want{"D08", Fail, "otel.endpoint", "http://{http}", "first record does not look like a TLS handshake"}},
		"http to grpc":    {"http://{grpc}", http, nil, 0, want{"D09", Fail, "otel.protocol", "grpc", "malformed HTTP response"}},
		"grpc to http":    {"http://{http}", grpc, nil, 0, want{"D09", Fail, "otel.protocol", "http/protobuf", ""}},
		"path":            {"http://{http}/v1/traces", http, nil, 0, want{"D10", Fail, "otel.endpoint", "http://{http}", "404"}},
		"no logs grpc":    {"http://{few-grpc}", grpc, nil, 0, want{"D12", Fail, "otel.logs_exporter", "none", "unknown service"}},
		"no logs http":    {"http://{few-http}", http, nil, 0, want{"D12", Fail, "otel.logs_exporter", "none", "404"}},
		"only logs":       {"http://{few-http}", http, []string{"otel-traces-exporter", "none", "otel-metrics-exporter", "none"}, 0, want{"D12", Fail, "otel.logs_exporter", "none", "404"}},
		"no token grpc":   {"http://{auth-grpc}", grpc, nil, 0, want{"D13", Fail, "otel.headers", "", "missing or empty authorization header"}},
		"no token http":   {"http://{auth-http}", http, nil, 0, want{"D13", Fail, "otel.headers", "", "401 Unauthorized: missing or empty authorization header"}},
		"bad token grpc":  {"http://{auth-grpc}", grpc, []string{"otel-headers", "authorization=Bearer%20other"}, 0, want{"D13", Fail, "otel.headers", "", "does not match"}},
		"bad token http":  {"http://{auth-http}", http, []string{"otel-headers", "authorization=Bearer%20other"}, 0, want{"D13", Fail, "otel.headers", "", "does not match"}},
		"no gzip":         {"http://{small-http}", http, []string{"otel-compression", "gzip"}, 0, want{"D16", Fail, "otel.compression", "none", "unsupported Content-Encoding: gzip"}},
		"too large, grpc": {"http://{grpc}", grpc, []string{"otel-logs-exporter", "none", "otel-metrics-exporter", "none"}, 5 << 20, want{"D17", Warn, "otel.bsp_max_export_batch_size", "128", "received message larger than max"}},
		"too large, http": {"http://{small-http}", http, []string{"otel-traces-exporter", "none", "otel-metrics-exporter", "none"}, 1 << 20, want{"D17", Warn, "otel.blrp_max_export_batch_size", "128", "too large"}},
	} {
		t.Run(name, func(t *testing.T) {
			flags := []string{"otel-endpoint", fill(c.endpoint), "otel-protocol", c.protocol}
			for _, f := range c.flags {
				flags = append(flags, fill(f))
			}
			list := check(t, Options{Resolved: resolve(t, nil, flags...), RequestBytes: c.request})
			if c.want.id == "" {
				if p := problems(list); len(p) > 0 {
					t.Fatal(texts(p))
				}
				return
			}
			c.want.fix = fill(c.want.fix)
			c.want.one(t, list)
		})
	}
}
