package doctor

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

// What earlier runs lost is told with the setting that would have kept it, while
// the settings are still the same.
func TestEarlierRuns(t *testing.T) {
	url := serve(t, nil).URL
	flags := []string{"otel-endpoint", url, "otel-protocol", "http/protobuf"}
	counts := func(signal string, change func(*model.ExportCounts)) model.ExportCounts {
		c := model.ExportCounts{Signal: signal, Exporter: "otlp http/protobuf", Created: 5000, Sent: 5000}
		change(&c)
		return c
	}
	failed := func(reason, text string) func(*model.ExportCounts) {
		return func(c *model.ExportCounts) { c.FailedBy, c.LastError = map[string]int64{reason: 512}, text }
	}
	for name, c := range map[string]struct {
		counts model.ExportCounts
		want   want
		other  string // flag that changes what matters
	}{
		"dropped spans": {counts("traces", func(c *model.ExportCounts) { c.Dropped = 1000 }), want{"D21", Warn, "otel.bsp_max_queue_size", "8192", "1000 of 5000 spans dropped"}, "otel-bsp-max-queue-size"},
		"dropped logs":  {counts("logs", func(c *model.ExportCounts) { c.Dropped = 1 }), want{"D21", Warn, "otel.blrp_max_queue_size", "8192", "1 of 5000 log records dropped"}, "otel-blrp-max-queue-size"},
		"lost":          {counts("traces", func(c *model.ExportCounts) { c.Lost = 3 }), want{"D23", Warn, "otel.shutdown_timeout", "4s", "3 of 5000 spans were lost"}, "otel-shutdown-timeout"},
		"lost metrics":  {counts("metrics", func(c *model.ExportCounts) { c.Lost = 3 }), want{"D23", Warn, "otel.shutdown_timeout", "4s", "3 of 5000 data points were lost"}, "otel-shutdown-timeout"},
		"too large":     {counts("traces", failed("http 413", "413")), want{"D17", Warn, "otel.bsp_max_export_batch_size", "128", "512 spans refused"}, "otel-bsp-max-export-batch-size"},
		"too large rpc": {counts("logs", failed("grpc ResourceExhausted", "grpc: received message larger than max")), want{"D17", Warn, "otel.blrp_max_export_batch_size", "128", "512 log records refused"}, "otel-blrp-max-export-batch-size"},
		"rejected":      {counts("traces", func(c *model.ExportCounts) { c.Rejected, c.Message = 7, "too old" }), want{"D17", Warn, "otel.endpoint", "", "7 of 5000 spans rejected in the last run: too old"}, "otel-bsp-max-export-batch-size"},
		"too often":     {counts("traces", failed("http 429", "429")), want{"D18", Warn, "otel.bsp_schedule_delay", "5s", "512 spans refused"}, "otel-bsp-schedule-delay"},
	} {
		t.Run(name, func(t *testing.T) {
			r := resolve(t, nil, flags...)
			runs := []PastRun{{Took: time.Minute, Spans: 10, Values: r.Values}, {Took: time.Minute, Spans: 10, Values: r.Values, Exports: []model.ExportCounts{c.counts}}}
			c.want.one(t, check(t, Options{Resolved: r, Runs: runs}))
			value := map[bool]string{true: "3000", false: "3s"}[strings.HasSuffix(c.other, "size")]
			if name == "rejected" || strings.HasSuffix(c.other, "batch-size") {
				value = "100"
			}
			changed := resolve(t, nil, append(flags, c.other, value)...)
			if p := problems(check(t, Options{Resolved: changed, Runs: runs})); len(p) > 0 {
				t.Errorf("the setting was changed since: %s", texts(p))
			}
		})
	}
}

// A collector that takes long to answer makes queues and timeouts too small.
func TestSlowCollector(t *testing.T) {
	const latency = 150 * time.Millisecond
	s := serve(t, everywhere(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(latency)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	flags := []string{"otel-endpoint", s.URL, "otel-protocol", "http/protobuf", "otel-metrics-exporter", "none", "otel-logs-exporter", "none"}
	many := []PastRun{{Took: time.Second, Spans: 20000}}
	want{"D21", Warn, "otel.bsp_max_queue_size", "65536", "20000 spans in 1s"}.one(t, check(t, Options{Resolved: resolve(t, nil, flags...), Runs: many}))
	want{"D23", Fail, "otel.timeout", "10s", "one request took"}.one(t, check(t, Options{Resolved: resolve(t, nil, append(flags, "otel-timeout", "120ms")...)}))
	few := []PastRun{{Took: time.Second, Spans: 1000}}
	list := check(t, Options{Resolved: resolve(t, nil, append(flags, "otel-shutdown-timeout", "200ms")...), Runs: few})
	if p := problems(list); len(p) != 1 || p[0].ID != "D23" || p[0].Key != "otel.shutdown_timeout" || p[0].Fix == nil {
		t.Error(texts(p))
	}
	if p := problems(check(t, Options{Resolved: resolve(t, nil, flags...), Runs: few})); len(p) > 0 {
		t.Error(texts(p))
	}
}
