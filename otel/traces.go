package otel

import (
	"context"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// spanQueue is a span processor before one exporter.
type spanQueue struct {
	*queue[sdktrace.ReadOnlySpan]
}

var _ sdktrace.SpanProcessor = spanQueue{}

func (q spanQueue) OnStart(context.Context, sdktrace.ReadWriteSpan) {}

func (q spanQueue) OnEnd(s sdktrace.ReadOnlySpan) { q.put(s, s.SpanContext().IsSampled()) }

// startTraces builds the tracer provider and the exporters of its spans.
func (t *Telemetry) startTraces(ctx context.Context, d model.Destination) error {
	s := t.opts.Settings
	options := []sdktrace.TracerProviderOption{
		sdktrace.WithSampler(t.sampler),
		sdktrace.WithResource(t.resource),
		// Wide tables have an event per column; the SDK would evict the oldest.
		sdktrace.WithRawSpanLimits(sdktrace.SpanLimits{AttributeValueLengthLimit: -1, AttributeCountLimit: -1, EventCountLimit: -1,
			LinkCountLimit: -1, AttributePerEventCountLimit: -1, AttributePerLinkCountLimit: -1}),
		sdktrace.WithSpanProcessor(counter{t}),
	}
	for _, p := range t.opts.Processors {
		options = append(options, sdktrace.WithSpanProcessor(p))
	}
	m := newMask(s, t.keys)
	l := limits{delay: s.BSPScheduleDelay, timeout: s.BSPExportTimeout, queue: s.BSPMaxQueueSize, batch: s.BSPMaxExportBatch}
	err := t.each(d, func(to *target, c model.ExportCounts) (sink, error) {
		exp, err := to.spans(ctx)
		if err != nil {
			return sink{}, err
		}
		q := newQueue(l, ledger{c, t.keys}, func(ctx context.Context, batch []sdktrace.ReadOnlySpan) error {
			for i, s := range batch {
				batch[i] = m.apply(s)
			}
			return exp.ExportSpans(ctx, batch)
		}, exp.Shutdown)
		options = append(options, sdktrace.WithSpanProcessor(spanQueue{q}))
		return sink{to: to, limits: q.limits, state: q.state, stop: q.Shutdown}, nil
	})
	t.traces = sdktrace.NewTracerProvider(options...)
	return err
}

// counter counts ended spans.
type counter struct{ t *Telemetry }

func (counter) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (c counter) OnEnd(sdktrace.ReadOnlySpan)                   { c.t.created.Add(1) }
func (counter) Shutdown(context.Context) error                  { return nil }
func (counter) ForceFlush(context.Context) error                { return nil }
