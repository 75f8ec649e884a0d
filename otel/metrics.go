package otel

import (
	"context"
	"sync"
	"time"

	"go.opentelemetry.io/otel/metric"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/exemplar"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/buildscope/buildscope/model"
)

// pointExporter counts what becomes of the data points of one exporter. The
// periodic reader has no queue: points are sent as they are collected.
type pointExporter struct {
	sdkmetric.Exporter
	timeout time.Duration // of one call; at shutdown the reader would not apply its own

	mu sync.Mutex // guards what follows
	ledger
	closing bool
}

func (e *pointExporter) Export(ctx context.Context, rm *metricdata.ResourceMetrics) error {
	n := points(rm)
	e.mu.Lock()
	e.counts.Created += n
	e.counts.Queued += n
	e.mu.Unlock()
	var a answer
	start := time.Now()
	bounded, cancel := context.WithTimeout(context.WithValue(ctx, answerKey{}, &a), e.timeout)
	defer cancel()
	err := e.Exporter.Export(bounded, rm)
	e.mu.Lock()
	defer e.mu.Unlock()
	if err != nil && e.closing && ctx.Err() != nil { // no time was left
		e.counts.Queued -= n
		e.counts.Lost += n
		n = 0
	}
	e.book(n, time.Since(start), err, &a)
	return err
}

func (e *pointExporter) state() model.ExportCounts {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.copy()
}

func points(rm *metricdata.ResourceMetrics) (n int64) {
	for _, s := range rm.ScopeMetrics {
		for _, m := range s.Metrics {
			switch d := m.Data.(type) {
			case metricdata.Sum[int64]:
				n += int64(len(d.DataPoints))
			case metricdata.Sum[float64]:
				n += int64(len(d.DataPoints))
			case metricdata.Gauge[int64]:
				n += int64(len(d.DataPoints))
			case metricdata.Gauge[float64]:
				n += int64(len(d.DataPoints))
			case metricdata.Histogram[int64]:
				n += int64(len(d.DataPoints))
			case metricdata.Histogram[float64]:
				n += int64(len(d.DataPoints))
			}
		}
	}
	return n
}

// startMetrics builds the meter provider, with a periodic reader per exporter.
func (t *Telemetry) startMetrics(ctx context.Context, d model.Destination) error {
	s := t.opts.Settings
	options := []sdkmetric.Option{sdkmetric.WithResource(t.resource), sdkmetric.WithExemplarFilter(exemplar.TraceBasedFilter), sdkmetric.WithCardinalityLimit(0)}
	err := t.each(d, func(to *target, c model.ExportCounts) (sink, error) {
		exp, err := to.metrics(ctx)
		if err != nil {
			return sink{}, err
		}
		counted := &pointExporter{Exporter: exp, timeout: s.MetricExportTimeout, ledger: ledger{c, t.keys}}
		reader := sdkmetric.NewPeriodicReader(counted, sdkmetric.WithInterval(s.MetricExportInterval), sdkmetric.WithTimeout(s.MetricExportTimeout))
		options = append(options, sdkmetric.WithReader(reader))
		return sink{to: to, limits: limits{delay: s.MetricExportInterval, timeout: s.MetricExportTimeout}, state: counted.state,
			stop: func(ctx context.Context) error {
				counted.mu.Lock()
				counted.closing = true
				counted.mu.Unlock()
				return reader.Shutdown(ctx)
			}}, nil
	})
	t.metrics = sdkmetric.NewMeterProvider(options...)
	return err
}

// Meter makes instruments of the run. Without an exporter of metrics they cost
// next to nothing.
func (t *Telemetry) Meter(scope string) metric.Meter { return t.metrics.Meter(scope) }
