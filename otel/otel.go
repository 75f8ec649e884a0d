// Package otel starts OpenTelemetry for one run: a tracer provider of its own,
// the exporters the settings ask for, and counters of what became of every span.
// Nothing here is global to the process but what Isolate sets once.
package otel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
)

// Options says what to start.
type Options struct {
	Settings  model.OTelSettings
	RunID     string
	Version   string    // of buildscope
	BundleDir string    // the file exporter writes otel-spans.jsonl there
	Stdout    io.Writer // of the stdout exporter
	Variables []string  // names of the OTEL_ variables that were set at start
	// RedactKeys are globs over attribute keys whose values no exporter sees.
	RedactKeys []string
	// Processors see every span, sampled or not, before any exporter.
	Processors []sdktrace.SpanProcessor
}

// Telemetry is the OpenTelemetry of one run.
type Telemetry struct {
	opts     Options
	provider *sdktrace.TracerProvider
	sampler  recordAll
	resource *resource.Resource
	batchers []*batcher
	created  atomic.Int64
	closers  []io.Closer
	once     sync.Once
}

// Start builds the provider and its exporters. No connection is made yet: an
// endpoint that does not answer shows in the counters, not as an error here.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	base, err := sampler(o.Settings)
	if err != nil {
		return nil, err
	}
	t := &Telemetry{opts: o, sampler: recordAll{base: base, out: new(atomic.Int64)}}
	t.resource = resource.NewSchemaless(resourceAttributes(o)...)
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithSampler(t.sampler),
		sdktrace.WithResource(t.resource),
		// Wide tables have an event per column; the SDK would evict the oldest.
		sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{AttributeValueLengthLimit: -1, AttributeCountLimit: -1, EventCountLimit: -1,
			LinkCountLimit: -1, AttributePerEventCountLimit: -1, AttributePerLinkCountLimit: -1}),
		sdktrace.WithSpanProcessor(counter{t}),
	}
	for _, p := range o.Processors {
		options = append(options, sdktrace.WithSpanProcessor(p))
	}
	keys := model.NewRedactor(o.RedactKeys)
	for _, name := range t.exporterNames() {
		exp, err := t.newExporter(ctx, name)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("start exporter %s: %w", name, err), t.stopExporters(ctx), t.close())
		}
		if !keys.Empty() {
			exp = redacting{exp, keys}
		}
		b := newBatcher(exp, o.Settings, model.ExportCounts{Exporter: name, Endpoint: t.destination(name)})
		t.batchers = append(t.batchers, b)
		options = append(options, sdktrace.WithSpanProcessor(b))
	}
	t.provider = sdktrace.NewTracerProvider(options...)
	return t, nil
}

func (t *Telemetry) exporterNames() []string {
	s := t.opts.Settings
	if s.SDKDisabled || slices.Contains(s.Exporter, "none") {
		return nil
	}
	return s.Exporter
}

func (t *Telemetry) destination(name string) string {
	switch name {
	case "otlp":
		return t.opts.Settings.Endpoint
	case "file":
		return filepath.Join(t.opts.BundleDir, "otel-spans.jsonl")
	}
	return name
}

func resourceAttributes(o Options) []attribute.KeyValue {
	attrs := []attribute.KeyValue{
		attribute.String("service.name", o.Settings.ServiceName),
		attribute.String("service.version", o.Version),
		attribute.String("service.instance.id", o.RunID),
		attribute.Int("process.pid", os.Getpid()),
	}
	if host, err := os.Hostname(); err == nil {
		attrs = append(attrs, attribute.String("host.name", host))
	}
	for k, v := range o.Settings.ResourceAttributes {
		attrs = append(attrs, attribute.String(k, v))
	}
	return attrs
}

// Tracer makes spans of the run.
func (t *Telemetry) Tracer(scope string) trace.Tracer { return t.provider.Tracer(scope) }

// Exports counts what became of the spans, one row per exporter. The counts of a
// row add up at every moment.
func (t *Telemetry) Exports() []model.ExportCounts {
	rows := make([]model.ExportCounts, len(t.batchers))
	for i, b := range t.batchers {
		rows[i] = b.state()
	}
	return rows
}

// Spans is how many spans ended, and how many of those were sampled out.
func (t *Telemetry) Spans() (ended, sampledOut int64) { return t.created.Load(), t.sampler.out.Load() }

// Shutdown sends what is queued and closes the exporters within the settings'
// shutdown timeout. What was not sent by then counts as dropped. It may be
// called twice.
func (t *Telemetry) Shutdown(ctx context.Context) (err error) {
	t.once.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, t.opts.Settings.ShutdownTimeout)
		defer cancel()
		// The provider would shut its processors down one after the other, and the
		// first slow exporter would use up the time of the rest.
		for _, p := range t.opts.Processors {
			err = errors.Join(err, p.Shutdown(ctx))
		}
		err = errors.Join(err, t.stopExporters(ctx), t.provider.Shutdown(ctx), t.close())
	})
	return err
}

// stopExporters shuts all exporters down at the same time.
func (t *Telemetry) stopExporters(ctx context.Context) error {
	errs := make([]error, len(t.batchers))
	var wg sync.WaitGroup
	for i, b := range t.batchers {
		wg.Go(func() { errs[i] = b.Shutdown(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

func (t *Telemetry) close() error {
	var errs []error
	for _, c := range t.closers {
		errs = append(errs, c.Close())
	}
	t.closers = nil
	return errors.Join(errs...)
}

// counter counts ended spans.
type counter struct{ t *Telemetry }

func (counter) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (c counter) OnEnd(sdktrace.ReadOnlySpan)                   { c.t.created.Add(1) }
func (counter) Shutdown(context.Context) error                  { return nil }
func (counter) ForceFlush(context.Context) error                { return nil }
