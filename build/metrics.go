package build

import (
	"context"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/engine/cache"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// durationBounds are the buckets of node durations in seconds: from the nodes that
// only rename columns to those that take minutes.
var durationBounds = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800}

// metricsHook feeds the instruments of model.Metrics.
type metricsHook struct {
	pipeline.NoHook
	duration    metric.Float64Histogram
	rows, bytes metric.Int64Counter
}

func newMetricsHook(m metric.Meter, session *engine.Session, exports func() []model.ExportCounts) (*metricsHook, error) {
	h := &metricsHook{}
	var observed []metric.Observable
	counters, gauges := map[string]metric.Int64ObservableCounter{}, map[string]metric.Int64ObservableGauge{}
	for _, d := range model.Metrics() {
		unit, doc := metric.WithUnit(d.Unit), metric.WithDescription(d.Doc)
		var err error
		switch {
		case d.Name == model.MetricNodeDuration:
			h.duration, err = m.Float64Histogram(d.Name, unit, doc, metric.WithExplicitBucketBoundaries(durationBounds...))
		case d.Name == model.MetricRows:
			h.rows, err = m.Int64Counter(d.Name, unit, doc)
		case d.Name == model.MetricBytes:
			h.bytes, err = m.Int64Counter(d.Name, unit, doc)
		case d.Kind == "gauge":
			gauges[d.Name], err = m.Int64ObservableGauge(d.Name, unit, doc)
			observed = append(observed, gauges[d.Name])
		default:
			counters[d.Name], err = m.Int64ObservableCounter(d.Name, unit, doc)
			observed = append(observed, counters[d.Name])
		}
		if err != nil {
			return nil, fmt.Errorf("make the metric %s: %w", d.Name, err)
		}
	}
	// The counts are kept anyway, so they are read when an exporter asks.
	_, err := m.RegisterCallback(func(_ context.Context, o metric.Observer) error {
		s := session.CacheState()
		for name, c := range map[string]cache.Stats{"list_files": s.ListFiles, "metadata": s.Metadata, "statistics": s.Statistics} {
			of := metric.WithAttributes(attribute.String("cache.name", name))
			for metricName, n := range map[string]int64{model.MetricCacheHits: c.Hits, model.MetricCacheMisses: c.Misses, model.MetricCacheInserts: c.Inserts, model.MetricCacheEvictions: c.Evictions,
				model.MetricCacheRejections: c.Rejections, model.MetricCacheExpirations: c.Expirations, model.MetricCacheInvalidations: c.Invalidations} {
				o.ObserveInt64(counters[metricName], n, of)
			}
			for metricName, n := range map[string]int64{model.MetricCacheBytes: c.Bytes, model.MetricCachePeak: c.PeakBytes, model.MetricCacheWorkingSet: c.WorkingSet, model.MetricCacheLimit: c.Limit} {
				o.ObserveInt64(gauges[metricName], n, of)
			}
		}
		for _, e := range exports() {
			for outcome, n := range map[string]int64{"sent": e.Sent, "rejected": e.Rejected, "failed": e.Failed, "dropped": e.Dropped, "lost": e.Lost, "sampled_out": e.SampledOut} {
				o.ObserveInt64(counters[model.MetricExported], n, metric.WithAttributes(attribute.String("exporter", e.Exporter), attribute.String("signal", e.Signal), attribute.String("outcome", outcome)))
			}
		}
		return nil
	}, observed...)
	if err != nil {
		return nil, fmt.Errorf("make the metrics of caches and exporters: %w", err)
	}
	return h, nil
}

func (h *metricsHook) AfterNode(ctx context.Context, n *pipeline.NodeRun) {
	e := n.Execution
	of := metric.WithAttributes(attribute.String(model.AttrNodeName, e.Name), attribute.String(model.AttrNodeKind, string(e.Kind)),
		attribute.String(model.AttrNodeState, e.State.String()), attribute.String(model.AttrNodeCache, string(e.Cache)))
	if e.Start != 0 {
		h.duration.Record(ctx, time.Duration(e.DurationNS()).Seconds(), of)
	}
	h.rows.Add(ctx, e.Rows, of)
	h.bytes.Add(ctx, e.Bytes, of)
}
