package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/oteltest"
)

// The bundle of a run and a real OpenTelemetry Collector that received the run
// tell the same story, span by span, column by column, log record by log record, over
// both protocols.
func TestCollectorTellsTheSameStory(t *testing.T) {
	c := startCollector(t)
	t.Run("a failing build", func(t *testing.T) { compareFailure(t, c) })
	for protocol, port := range map[string]int{"grpc": c.grpc, "http/protobuf": c.http} {
		t.Run(protocol, func(t *testing.T) {
			root := t.TempDir()
			if err := os.WriteFile(filepath.Join(root, "a.go"), []byte("package a\n\nfunc F() { G() }\n\nfunc G() {}\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			var out, narration bytes.Buffer
			code := cli.Main(t.Context(), cli.App{Version: "test"}, cli.Streams{Out: &out, Err: &narration, Dir: root,
				Args: []string{"build", root, "--json", "--profile", "debug", "--otel-protocol", protocol, "--strict-telemetry"},
				Env: map[string]string{
					"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:" + strconv.Itoa(port),
					"OTEL_RESOURCE_ATTRIBUTES":    "deployment.environment.name=a%20b",
					"OTEL_SERVICE_NAME":           "nightly",
				}})
			if code != cli.ExitOK {
				t.Fatalf("exit %d: %s", code, &narration)
			}
			var result struct {
				RunID        string               `json:"run_id"`
				RunBundleDir string               `json:"run_bundle_dir"`
				Exports      []model.ExportCounts `json:"exports"`
			}
			if err := json.Unmarshal(out.Bytes(), &result); err != nil {
				t.Fatal(err)
			}
			var log model.RunLogPayload
			readPayload(t, result.RunBundleDir, model.ArtifactRunLog, &log)
			spans := c.spans(t, log.TraceID, result.Exports[0].Sent)
			if n := int64(len(spans)); n != result.Exports[0].Sent || n != result.Exports[0].Created {
				t.Errorf("the collector has %d spans, the run counted %+v", n, result.Exports[0])
			}
			compareSpanFile(t, c.file, result.RunBundleDir, log.TraceID)
			compareColumns(t, result.RunBundleDir, log, spans)
			compareLogsAndMetrics(t, c.file, result.RunID, result.RunBundleDir, result.Exports, len(log.Nodes))
			for _, n := range log.Nodes {
				s, ok := spans[n.SpanID]
				switch {
				case !ok:
					t.Errorf("node %s: its span %s did not arrive", n.Name, n.SpanID)
				case s.Name != n.Name || s.attr(model.AttrNodeRows) != strconv.FormatInt(n.Rows, 10) || s.attr(model.AttrNodeCache) != string(n.Cache):
					t.Errorf("node %+v arrived as %+v", n, s)
				case s.resource["service.name"] != "nightly" || s.resource["deployment.environment.name"] != "a b":
					t.Errorf("resource of %s is %v", s.Name, s.resource)
				}
			}
		})
	}
}

// compareColumns checks that the collector got the statistics of every column, and
// nothing but what capture_statistics_v1 says.
func compareColumns(t *testing.T, bundle string, log model.RunLogPayload, spans map[string]span) {
	t.Helper()
	var p model.CaptureStatisticsPayload
	readPayload(t, bundle, model.ArtifactCapture, &p)
	want := map[string][]model.TableStats{}
	columns := 0
	for _, s := range p.Tables {
		want[s.Node] = append(want[s.Node], s)
		columns += len(s.Columns)
	}
	if columns < 50 {
		t.Errorf("only %d columns were captured", columns)
	}
	for _, n := range log.Nodes {
		s := spans[n.SpanID]
		events := make([]model.SpanEvent, len(s.Events))
		for i, e := range s.Events {
			events[i].Name = e.Name
			for _, a := range e.Attributes {
				events[i].Attrs = append(events[i].Attrs, model.Attr{Key: a.Key, Value: a.value(t)})
			}
		}
		if got := model.TableStatsFromEvents(events); !reflect.DeepEqual(got, want[n.Name]) {
			t.Errorf("statistics of %s arrived as\n%+v\nthe bundle has\n%+v", n.Name, got, want[n.Name])
		}
	}
}

// readPayload reads the payload of one artifact of a bundle into v.
func readPayload(t *testing.T, bundle, name string, v any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(bundle, "artifacts", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	var a model.RawArtifact
	if err := json.Unmarshal(data, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(a.Payload, v); err != nil {
		t.Fatal(err)
	}
}

// collector is a running OpenTelemetry Collector that writes what it gets to a file.
type collector struct {
	grpc, http int // ports on 127.0.0.1
	file       string
}

// startCollector builds and starts a collector, which ends with the test.
func startCollector(t *testing.T) *collector {
	t.Helper()
	c := &collector{grpc: oteltest.FreePort(t), http: oteltest.FreePort(t), file: filepath.Join(t.TempDir(), "received.jsonl")}
	oteltest.StartCollector(t, fmt.Sprintf(`receivers:
  otlp:
    protocols:
      grpc: {endpoint: "127.0.0.1:%d"}
      http: {endpoint: "127.0.0.1:%d"}
exporters:
  file: {path: %q, flush_interval: 50ms}
service:
  telemetry: {metrics: {level: none}}
  pipelines:
    traces: {receivers: [otlp], exporters: [file]}
    metrics: {receivers: [otlp], exporters: [file]}
    logs: {receivers: [otlp], exporters: [file]}
`, c.grpc, c.http, c.file), c.grpc, c.http)
	return c
}

// span is what the test reads of an OTLP JSON span.
type span struct {
	TraceID    string `json:"traceId"`
	SpanID     string `json:"spanId"`
	Name       string `json:"name"`
	Attributes []attribute
	Events     []struct {
		Name       string
		Attributes []attribute
	}
	resource map[string]string
}

// attribute is an OTLP JSON attribute; its value has one field, named after its type.
type attribute struct {
	Key   string
	Value map[string]any
}

func (a attribute) text() string {
	for _, v := range a.Value {
		return fmt.Sprint(v)
	}
	return ""
}

// value is the attribute's value as a span has it: OTLP JSON writes integers as
// texts, and lists as lists of values.
func (a attribute) value(t *testing.T) any {
	t.Helper()
	for kind, v := range a.Value {
		switch kind {
		case "intValue":
			n, err := strconv.ParseInt(fmt.Sprint(v), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			return n
		case "doubleValue", "stringValue", "boolValue":
			return v
		case "arrayValue":
			items, _ := v.(map[string]any)["values"].([]any)
			return a.list(t, items)
		}
		t.Fatalf("attribute %s is a %s", a.Key, kind)
	}
	return "" // OTLP JSON leaves an empty text out
}

func (a attribute) list(t *testing.T, items []any) any {
	t.Helper()
	var texts []string
	var ints []int64
	var floats []float64
	for _, item := range items {
		fields, _ := item.(map[string]any)
		switch v := (attribute{a.Key, fields}).value(t).(type) {
		case string:
			texts = append(texts, v)
		case int64:
			ints = append(ints, v)
		case float64:
			floats = append(floats, v)
		}
	}
	switch {
	case ints != nil:
		return ints
	case floats != nil:
		return floats
	}
	return texts
}

func (s span) attr(key string) string {
	for _, a := range s.Attributes {
		if a.Key == key {
			return a.text()
		}
	}
	return ""
}

// spans returns the spans of one trace by span id, once n of them are in the file.
func (c *collector) spans(t *testing.T, trace string, n int64) map[string]span {
	t.Helper()
	var found map[string]span
	waitFor(t, fmt.Sprintf("%d spans of trace %s", n, trace), func() bool {
		found = c.read(t, trace)
		return int64(len(found)) >= n
	})
	return found
}

func (c *collector) read(t *testing.T, trace string) map[string]span {
	t.Helper()
	data, err := os.ReadFile(c.file)
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]span{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var batch struct {
			ResourceSpans []struct {
				Resource   struct{ Attributes []attribute }
				ScopeSpans []struct{ Spans []span }
			}
		}
		if json.Unmarshal(lines.Bytes(), &batch) != nil {
			break // the last line is still being written
		}
		for _, r := range batch.ResourceSpans {
			resource := map[string]string{}
			for _, a := range r.Resource.Attributes {
				resource[a.Key] = a.text()
			}
			for _, scope := range r.ScopeSpans {
				for _, s := range scope.Spans {
					if s.TraceID == trace {
						s.resource = resource
						found[s.SpanID] = s
					}
				}
			}
		}
	}
	return found
}

// waitFor polls until done; another process cannot be waited for otherwise.
func waitFor(t *testing.T, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited 20 s for %s", what)
		}
	}
}
