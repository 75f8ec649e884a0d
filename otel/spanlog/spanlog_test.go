package spanlog

import (
	"context"
	"reflect"
	"slices"
	"strconv"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"
	"go.uber.org/goleak"

	"github.com/buildscope/buildscope/model"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every span arrives before Shutdown returns: a start while it runs, and its end.
func TestEverySpanIsDelivered(t *testing.T) {
	got := make(chan model.SpanRecord, 5000)
	p := New(func(recs []model.SpanRecord) {
		for _, r := range recs {
			r.Attrs = slices.Clone(r.Attrs) // the room is used again
			got <- r
		}
	}, func(int64) { t.Error("records were lost") }, nil)
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
	tracer := provider.Tracer("test")
	ctx, root := tracer.Start(context.Background(), "root")
	started := <-got // it runs until it has been seen
	for i := range 1000 {
		_, s := tracer.Start(ctx, "child", trace.WithAttributes(attribute.Int("i", i), attribute.String("text", strconv.Itoa(i))))
		s.End()
	}
	root.End()
	if err := provider.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(got)
	if started.Name != "root" || started.End != 0 || started.Scope != "test" {
		t.Errorf("the first record is %+v", started)
	}
	children, last := 0, model.SpanRecord{}
	for r := range got {
		if last = r; r.End == 0 || r.Name == "root" {
			continue
		}
		want := []model.Attr{{Key: "i", Value: int64(children)}, {Key: "text", Value: strconv.Itoa(children)}}
		if r.Parent != started.ID || !reflect.DeepEqual(r.Attrs, want) {
			t.Fatalf("child %d is %+v", children, r)
		}
		children++
	}
	if children != 1000 || last.ID != started.ID || last.End == 0 {
		t.Errorf("%d children ended, and last %+v", children, last)
	}
}

// A sink that hangs costs records, never the spans' own goroutine.
func TestFullBufferIsCountedNotWaitedFor(t *testing.T) {
	release := make(chan struct{})
	var delivered, lost int64
	p := New(func(r []model.SpanRecord) { <-release; delivered += int64(len(r)) }, func(n int64) { lost += n }, nil)
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
	// Of the first delivery, which the sink was given at once, starts and ends were
	// taken; of a later one only ends, because all spans had ended by then.
	if lost == 0 || delivered == 0 || delivered+lost > 2*spans || lost < 2*spans-2*capacity-chunk {
		t.Errorf("delivered %d, lost %d of %d", delivered, lost, 2*spans)
	}
}

// The log adds no allocation to the start and the end of a span.
func TestAddsNoAllocation(t *testing.T) {
	count := func(p sdktrace.SpanProcessor) float64 {
		provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(p))
		defer func() {
			if err := provider.Shutdown(context.Background()); err != nil {
				t.Error(err)
			}
		}()
		tracer := provider.Tracer("test")
		return testing.AllocsPerRun(20_000, func() {
			_, s := tracer.Start(context.Background(), "s")
			s.End()
		})
	}
	without := count(idle{})
	if with := count(New(func([]model.SpanRecord) {}, func(int64) {}, nil)); with > without {
		t.Errorf("%v allocations with the log, %v without", with, without)
	}
}
