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

// pointExporter sends the data points of one exporter at intervals and counts what
// becomes of them. The SDK's periodic reader would break a running call off when
// the run ends, and count its points as failed.
type pointExporter struct {
	exporter sdkmetric.Exporter
	reader   *sdkmetric.ManualReader
	limits   limits // delay: between two calls; timeout: of one

	stop, done chan struct{}
	once       sync.Once
	ctx        context.Context // of the calls
	cancel     context.CancelFunc

	mu sync.Mutex // guards what follows
	ledger
}

func newPointExporter(e sdkmetric.Exporter, l limits, book ledger) *pointExporter {
	// The settings refuse what is corrected here; a ticker must not depend on that.
	l.delay = max(l.delay, time.Millisecond)
	p := &pointExporter{exporter: e, limits: l, ledger: book, stop: make(chan struct{}), done: make(chan struct{}),
		reader: sdkmetric.NewManualReader(sdkmetric.WithTemporalitySelector(e.Temporality), sdkmetric.WithAggregationSelector(e.Aggregation))}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	go p.run()
	return p
}

func (e *pointExporter) run() {
	defer close(e.done)
	tick := time.NewTicker(e.limits.delay)
	defer tick.Stop()
	for stopped := false; !stopped; {
		select {
		case <-tick.C:
		case <-e.stop:
			stopped = true // the last collection has the final values
		}
		e.send()
	}
}

// send collects and exports once.
func (e *pointExporter) send() {
	var rm metricdata.ResourceMetrics
	ctx, cancel := context.WithTimeout(e.ctx, e.limits.timeout)
	defer cancel()
	if err := e.reader.Collect(ctx, &rm); err != nil {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.counts.LastError = e.words("collect: " + err.Error())
		return
	}
	n := points(&rm)
	if n == 0 {
		return
	}
	e.mu.Lock()
	e.counts.Created += n
	e.counts.Queued += n
	e.mu.Unlock()
	a := answer{tell: func(err error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.counts.LastError = e.words(err.Error())
	}}
	start := time.Now()
	err := e.exporter.Export(context.WithValue(ctx, answerKey{}, &a), &rm)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.book(n, time.Since(start), err, &a)
}

// Shutdown exports the final values. When ctx ends first it breaks the running
// call off and books its points as lost. It may be called twice.
func (e *pointExporter) Shutdown(ctx context.Context) (err error) {
	e.once.Do(func() {
		close(e.stop)
		select {
		case <-e.done:
		case <-ctx.Done():
			err = ctx.Err()
			e.mu.Lock()
			e.counts.Lost += e.counts.Queued
			e.counts.Queued = 0
			e.mu.Unlock()
		}
		e.cancel()
		stop, cancel := context.WithTimeout(context.Background(), shutdownGrace)
		defer cancel()
		// The points are booked; a complaint about closing changes nothing for the user.
		_ = e.exporter.Shutdown(stop)
		select {
		case <-e.done:
		case <-stop.Done():
		}
	})
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

// startMetrics builds the meter provider, with a reader per exporter.
func (t *Telemetry) startMetrics(ctx context.Context, d model.Destination) error {
	s := t.opts.Settings
	options := []sdkmetric.Option{sdkmetric.WithResource(t.resource), sdkmetric.WithExemplarFilter(exemplar.TraceBasedFilter), sdkmetric.WithCardinalityLimit(0)}
	err := t.each(d, func(to *target, c model.ExportCounts) (sink, error) {
		exp, err := to.metrics(ctx)
		if err != nil {
			return sink{}, err
		}
		p := newPointExporter(exp, limits{delay: s.MetricExportInterval, timeout: s.MetricExportTimeout}, ledger{c, t.keys})
		options = append(options, sdkmetric.WithReader(p.reader))
		return sink{to: to, limits: p.limits, state: p.state, stop: p.Shutdown}, nil
	})
	t.metrics = sdkmetric.NewMeterProvider(options...)
	return err
}

// Meter makes instruments of the run. Without an exporter of metrics they cost
// next to nothing.
func (t *Telemetry) Meter(scope string) metric.Meter { return t.metrics.Meter(scope) }
