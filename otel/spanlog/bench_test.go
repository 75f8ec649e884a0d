package spanlog

import (
	"context"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// idle is the processor that a provider needs at least to make its snapshots.
type idle struct{}

func (idle) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (idle) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (idle) Shutdown(context.Context) error                  { return nil }
func (idle) ForceFlush(context.Context) error                { return nil }

// BenchmarkStartEnd measures a span's start and end; what the log adds for the
// code that makes spans is the difference between its line and that of a processor
// that does nothing. Spans come in bursts that fit the buffer, as long as the pause
// between two deliveries: only so it is the producer that is measured, and not the
// goroutine that delivers.
func BenchmarkStartEnd(b *testing.B) {
	for _, c := range []struct {
		name string
		p    func() sdktrace.SpanProcessor
	}{
		{"log", func() sdktrace.SpanProcessor { return New(func([]model.SpanRecord) {}, func(int64) {}, nil) }},
		{"nothing", func() sdktrace.SpanProcessor { return idle{} }},
	} {
		b.Run(c.name, func(b *testing.B) {
			p := c.p()
			tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("test")
			b.ReportAllocs()
			for b.Loop() {
				_, s := tracer.Start(context.Background(), "s")
				s.End()
			}
			if err := p.Shutdown(context.Background()); err != nil {
				b.Error(err)
			}
		})
	}
}

// BenchmarkToRunView measures the whole way from the SDK into a run view, with
// three attributes for each span; the goal is 500,000 events a second. What finds the
// buffer full, because nothing slows the loop down, is reported as lost.
func BenchmarkToRunView(b *testing.B) {
	db := runview.New(runview.Options{MaxSpans: 1 << 30})
	p := New(db.Apply, db.AddDropped, nil)
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("test")
	ctx, root := tracer.Start(context.Background(), model.SpanBuild)
	attrs := trace.WithAttributes(attribute.String(model.AttrFilePath, "src/package/module.py"), attribute.String("language", "python"))
	b.ReportAllocs()
	for b.Loop() {
		_, s := tracer.Start(ctx, model.SpanFile, attrs)
		s.SetAttributes(attribute.Int64("code.lines", 412))
		s.End()
	}
	root.End()
	if err := p.Shutdown(context.Background()); err != nil {
		b.Error(err)
	}
	h := db.Header()
	b.ReportMetric(float64(2*h.Spans)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(h.Dropped)/float64(b.N), "lost/op")
}

// BenchmarkConvert measures what the delivering goroutine does before the sink, for
// an ended span with three attributes.
func BenchmarkConvert(b *testing.B) {
	var ended sdktrace.ReadOnlySpan
	tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(catch{idle{}, &ended})).Tracer("test")
	_, s := tracer.Start(context.Background(), model.SpanFile, trace.WithAttributes(
		attribute.String(model.AttrFilePath, "src/package/module.py"), attribute.String("language", "python"), attribute.Int64("code.lines", 412)))
	s.End()
	list := make([]entry, chunk)
	for i := range list {
		list[i] = entry{span: ended, ended: true}
	}
	var c converter
	b.ReportAllocs()
	for b.Loop() {
		c.convert(list)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*chunk), "ns/span")
}

// catch keeps the span that ended last.
type catch struct {
	idle
	last *sdktrace.ReadOnlySpan
}

func (c catch) OnEnd(s sdktrace.ReadOnlySpan) { *c.last = s }
