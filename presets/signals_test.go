package presets

import (
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

func resolved(t *testing.T, env map[string]string, flags ...FlagValue) *Resolved {
	t.Helper()
	r, err := Resolve(Input{Dir: t.TempDir(), Env: env, Flags: flags})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The general setting and that of one signal meet in each layer, not across them.
func TestSignalsFollowTheGeneralSettings(t *testing.T) {
	env := map[string]string{
		"OTEL_EXPORTER_OTLP_ENDPOINT":         "http://general:4318/x/",
		"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT":    "http://logs:1/as/is",
		"OTEL_EXPORTER_OTLP_PROTOCOL":         "http/protobuf",
		"OTEL_EXPORTER_OTLP_METRICS_TIMEOUT":  "1500",
		"OTEL_EXPORTER_OTLP_TRACES_HEADERS":   "a=b",
		"OTEL_EXPORTER_OTLP_HEADERS":          "c=d",
		"OTEL_METRICS_EXPORTER":               "none",
		"BUILDSCOPE_OTEL_METRICS_COMPRESSION": "gzip",
	}
	for _, c := range []struct {
		flags []FlagValue
		want  map[string]string // key to value and source
	}{
		{nil, map[string]string{
			"otel.traces_endpoint":     "http://general:4318/x/v1/traces | otel.endpoint, env OTEL_EXPORTER_OTLP_ENDPOINT",
			"otel.logs_endpoint":       "http://logs:1/as/is | env OTEL_EXPORTER_OTLP_LOGS_ENDPOINT",
			"otel.metrics_timeout":     "1.5s | env OTEL_EXPORTER_OTLP_METRICS_TIMEOUT",
			"otel.traces_timeout":      "10s | default",
			"otel.traces_exporter":     "otlp | implied by otel.endpoint, env OTEL_EXPORTER_OTLP_ENDPOINT",
			"otel.metrics_exporter":    "none | env OTEL_METRICS_EXPORTER",
			"otel.metrics_compression": "gzip | env BUILDSCOPE_OTEL_METRICS_COMPRESSION",
		}},
		{[]FlagValue{{"otel-endpoint", "http://flag:9"}, {"otel-logs-protocol", "grpc"}}, map[string]string{
			"otel.logs_endpoint":   "http://flag:9 | otel.endpoint, flag --otel-endpoint",
			"otel.traces_endpoint": "http://flag:9/v1/traces | otel.endpoint, flag --otel-endpoint",
		}},
		{[]FlagValue{{"otel-traces-endpoint", "http://only:1"}}, map[string]string{
			"otel.traces_endpoint": "http://only:1 | flag --otel-traces-endpoint",
		}},
	} {
		r := resolved(t, env, c.flags...)
		for key, want := range c.want {
			if v := r.Value(key); v.Text+" | "+v.Source != want {
				t.Errorf("%v: %s = %s | %s, want %s", c.flags, key, v.Text, v.Source, want)
			}
		}
	}
	d := resolved(t, env).Settings.OTel.Destinations()
	if d[0].Endpoint != "http://general:4318/x/v1/traces" || d[0].Headers["a"] != "b" || len(d[0].Headers) != 1 || d[2].Headers["c"] != "d" {
		t.Errorf("destinations %+v", d)
	}
	if d[1].Exporters != nil || d[1].Timeout != 1500*time.Millisecond {
		t.Errorf("metrics %+v", d[1])
	}
}

func TestDefaultEndpointOfTheProtocol(t *testing.T) {
	r := resolved(t, nil, FlagValue{"otel-exporter", "otlp"}, FlagValue{"otel-logs-protocol", "http/protobuf"}, FlagValue{"otel-metrics-exporter", "file"})
	for key, want := range map[string]string{
		"otel.traces_endpoint":  "http://localhost:4317",
		"otel.logs_endpoint":    "http://localhost:4318/v1/logs",
		"otel.metrics_endpoint": "",
	} {
		if got := r.Value(key).Text; got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if d := resolved(t, nil).Settings.OTel.Destinations(); d[0].Exporters != nil || d[0].Signal != model.SignalTraces {
		t.Errorf("without an endpoint something is exported: %+v", d)
	}
}

// A fault of a general setting is told once, not once for each signal.
func TestFaultsOfDestinations(t *testing.T) {
	for _, c := range []struct {
		flags []FlagValue
		want  []string
	}{
		{[]FlagValue{{"otel-endpoint", "localhost:4317"}}, []string{"otel.endpoint = localhost:4317 (flag --otel-endpoint): must be a URL"}},
		{[]FlagValue{{"otel-endpoint", "http://h:1/path"}}, []string{
			"otel.endpoint = http://h:1/path (flag --otel-endpoint): must have no path with otel.protocol = grpc (default)"}},
		{[]FlagValue{{"otel-endpoint", "https://h:1"}, {"otel-insecure", "true"}}, []string{
			"otel.insecure = true (flag --otel-insecure): contradicts otel.endpoint = https://h:1"}},
		{[]FlagValue{{"otel-blrp-max-queue-size", "5"}}, []string{
			"otel.blrp_max_export_batch_size = 512 (default): must not be larger than otel.blrp_max_queue_size = 5"}},
		{[]FlagValue{{"otel-metrics-timeout", "0s"}, {"otel-timeout", "-1s"}}, []string{
			"otel.timeout = -1s", "otel.metrics_timeout = 0s"}},
	} {
		_, err := Resolve(Input{Dir: t.TempDir(), Flags: c.flags})
		if err == nil {
			t.Errorf("%v: no error", c.flags)
			continue
		}
		lines := strings.Split(err.Error(), "\n")
		if len(lines) != len(c.want) {
			t.Errorf("%v: %d faults:\n%v", c.flags, len(lines), err)
		}
		for _, w := range c.want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%v: %v\nwant %s", c.flags, err, w)
			}
		}
	}
}

// OTEL_SERVICE_NAME wins over service.name in OTEL_RESOURCE_ATTRIBUTES, which wins
// over the default.
func TestServiceName(t *testing.T) {
	env := map[string]string{"OTEL_RESOURCE_ATTRIBUTES": "team=a,service.name=nightly"}
	if v := resolved(t, env).Value("otel.service_name"); v.Text != "nightly" || v.Source != "service.name in otel.resource_attributes, env OTEL_RESOURCE_ATTRIBUTES" {
		t.Errorf("%+v", v)
	}
	env["OTEL_SERVICE_NAME"] = "named"
	if r := resolved(t, env); r.Settings.OTel.ServiceName != "named" {
		t.Errorf("%+v", r.Value("otel.service_name"))
	}
	if v := resolved(t, nil, FlagValue{"otel-resource-attributes", "a=b"}).Value("otel.service_name"); v.Source != "default" {
		t.Errorf("%+v", v)
	}
}
