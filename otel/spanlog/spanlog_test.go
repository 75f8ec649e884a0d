package spanlog

import (
	"context"
	"testing"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every start and end arrives, in order, before Shutdown returns.
func TestEverySpanIsDelivered(t *testing.T) {
	var got []model.SpanRecord
	p := New(func(r []model.SpanRecord) { got = append(got, r...) }, func(int64) { t.Error("records were lost") })
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	tracer := provider.Tracer("test")
	ctx, root := tracer.Start(context.Background(), "root")
	for range 1000 {
		_, s := tracer.Start(ctx, "child")
		s.End()
	}
	root.End()
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(got) != 2002 || got[0].Name != "root" || got[0].End != 0 || got[2001].End == 0 {
		t.Fatalf("%d records", len(got))
	}
	if got[1].Parent != got[0].ID {
		t.Error("the child does not name its parent")
	}
}

// A sink that hangs costs records, never the spans' own goroutine.
func TestFullBufferIsCountedNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	var delivered, lost int64
	p := New(func(r []model.SpanRecord) { <-release; delivered += int64(len(r)) }, func(n int64) { lost += n })
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	tracer := provider.Tracer("test")
	const spans = 2 * capacity
	for range spans {
		_, s := tracer.Start(context.Background(), "s")
		s.End()
	}
	close(release)
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if delivered+lost != 2*spans || lost == 0 {
		t.Errorf("delivered %d, lost %d of %d", delivered, lost, 2*spans)
	}
}

// idle is the processor that a provider needs at least to make its snapshots.
type idle struct{}

func (idle) OnStart(context.Context, sdktrace.ReadWriteSpan) {}
func (idle) OnEnd(sdktrace.ReadOnlySpan)                     {}
func (idle) Shutdown(context.Context) error                  { return nil }
func (idle) ForceFlush(context.Context) error                { return nil }

// BenchmarkStartEnd measures a span's start and end; what the log adds is the
// difference between its line and that of a processor that does nothing.
func BenchmarkStartEnd(b *testing.B) {
	for name, p := range map[string]sdktrace.SpanProcessor{
		"log": New(func([]model.SpanRecord) {}, func(int64) {}), "nothing": idle{},
	} {
		b.Run(name, func(b *testing.B) {
			tracer := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p)).Tracer("test")
			b.ReportAllocs()
			for b.Loop() {
				_, s := tracer.Start(context.Background(), "s")
				s.End()
			}
		})
		if err := p.Shutdown(context.Background()); err != nil {
			b.Error(err)
		}
	}
}
