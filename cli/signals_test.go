package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog/plogotlp"
	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// compareLogsAndMetrics checks that the collector has the log lines of the run's
// events, each with its span, and the metrics of its nodes.
func compareLogsAndMetrics(t *testing.T, received string, runID, bundleDir string, exports []model.ExportCounts, nodes int) {
	t.Helper()
	b, err := bundle.Open(bundleDir)
	if err != nil {
		t.Fatal(err)
	}
	events, err := b.Events()
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, e := range events {
		if e["event"] == "log" {
			want = append(want, fmt.Sprintf("%v %v %v %v", e["level"], e["message"], e["trace_id"], e["span_id"]))
		}
	}
	slices.Sort(want)
	var sent int64
	for _, e := range exports {
		if e.Signal == model.SignalLogs {
			sent = e.Sent
		}
	}
	if sent == 0 || int(sent) != len(want) {
		t.Errorf("%d log records were sent, the bundle has %d", sent, len(want))
	}
	var got []string
	waitFor(t, "the log records", func() bool { got = collectedLogs(t, received, runID); return len(got) >= len(want) })
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the collector has the log records\n%q\nthe bundle\n%q", got, want)
	}
	var durations uint64
	names := map[string]bool{}
	waitFor(t, "the metrics", func() bool {
		durations = collectedMetrics(t, received, runID, names)
		return durations >= uint64(nodes)
	})
	if durations != uint64(nodes) {
		t.Errorf("%s has %d nodes, the run %d", model.MetricNodeDuration, durations, nodes)
	}
	for _, m := range model.Metrics() {
		if !names[m.Name] {
			t.Errorf("the metric %s did not arrive", m.Name)
		}
		delete(names, m.Name)
	}
	if len(names) > 0 {
		t.Errorf("metrics that are not documented: %v", names)
	}
}

// from reports whether a resource is that of a run.
func from(r pcommon.Resource, runID string) bool {
	id, ok := r.Attributes().Get("service.instance.id")
	return ok && id.Str() == runID
}

func collectedLogs(t *testing.T, received, runID string) (out []string) {
	t.Helper()
	eachLine(t, received, "resourceLogs", func(line []byte) bool {
		r := plogotlp.NewExportRequest()
		if r.UnmarshalJSON(line) != nil {
			return false // the last line is still being written
		}
		for _, res := range r.Logs().ResourceLogs().All() {
			for _, scope := range res.ScopeLogs().All() {
				for _, l := range scope.LogRecords().All() {
					if from(res.Resource(), runID) {
						out = append(out, fmt.Sprintf("%v %v %v %v", l.SeverityText(), l.Body().Str(), l.TraceID(), l.SpanID()))
					}
				}
			}
		}
		return true
	})
	slices.Sort(out)
	return out
}

// collectedMetrics notes the names of the metrics of a run and returns how many
// nodes the last histogram of durations has.
func collectedMetrics(t *testing.T, received, runID string, names map[string]bool) (nodes uint64) {
	t.Helper()
	eachLine(t, received, "resourceMetrics", func(line []byte) bool {
		r := pmetricotlp.NewExportRequest()
		if r.UnmarshalJSON(line) != nil {
			return false
		}
		for _, res := range r.Metrics().ResourceMetrics().All() {
			if !from(res.Resource(), runID) {
				continue
			}
			for _, scope := range res.ScopeMetrics().All() {
				for _, m := range scope.Metrics().All() {
					names[m.Name()] = true
					if m.Name() == model.MetricNodeDuration {
						nodes = 0 // cumulative: the newest export counts
						for _, p := range m.Histogram().DataPoints().All() {
							nodes += p.Count()
						}
					}
				}
			}
		}
		return true
	})
	return nodes
}

func eachLine(t *testing.T, path, kind string, f func([]byte) bool) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range bytes.Lines(data) {
		if bytes.Contains(line, []byte(kind)) && !f(line) {
			return
		}
	}
}
