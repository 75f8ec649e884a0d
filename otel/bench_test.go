package otel

import (
	"context"
	"testing"
	"time"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/spanlog"
)

// BenchmarkSpan is what one span with two attributes costs the code that makes it
// under the sampler of each profile, the screen's span log included, beside an SDK
// that drops every span. Exports go to memory.
func BenchmarkSpan(b *testing.B) {
	attrs := trace.WithAttributes(attribute.String(model.AttrFilePath, "src/package/module.py"), attribute.String("language", "python"))
	spans := func(b *testing.B, tracer trace.Tracer) {
		b.ReportAllocs()
		for b.Loop() {
			_, s := tracer.Start(context.Background(), "extract.file", attrs)
			s.End()
		}
	}
	for _, c := range []struct {
		profile, sampler string
		arg              float64
		export           bool
	}{
		{"off", "always_off", 0, false},
		{"prod", "parentbased_traceidratio", 0.1, true},
		{"ci", "parentbased_always_on", 1, true},
		{"debug", "always_on", 1, true},
	} {
		b.Run(c.profile, func(b *testing.B) {
			s := settings("", "", "")
			s.Sampler, s.SamplerArg, s.BSPMaxQueueSize, s.BSPMaxExportBatch = c.sampler, c.arg, 2048, 512
			if c.export {
				s.TracesExporter = []string{"stdout"}
			}
			log := spanlog.New(func([]model.SpanRecord) {}, func(int64) {}, nil)
			tel, err := Start(b.Context(), Options{Settings: s, Stdout: discard{}, Processors: []sdktrace.SpanProcessor{log}})
			if err != nil {
				b.Fatal(err)
			}
			spans(b, tel.Tracer("test"))
			b.StopTimer()
			stop, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = tel.Shutdown(stop) // what the queue could not take in time is not what is measured
		})
	}
	b.Run("SDK that drops all", func(b *testing.B) {
		spans(b, sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.NeverSample())).Tracer("test"))
	})
	b.Run("SDK that drops none", func(b *testing.B) {
		spans(b, sdktrace.NewTracerProvider(sdktrace.WithSampler(sdktrace.AlwaysSample())).Tracer("test"))
	})
}
