package otel

import (
	"fmt"
	"sync/atomic"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// sampler builds the sampler that the settings name, by the names of
// OTEL_TRACES_SAMPLER.
func sampler(s model.OTelSettings) (sdktrace.Sampler, error) {
	switch s.Sampler {
	case "always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off":
		return sdktrace.NeverSample(), nil
	case "traceidratio":
		return sdktrace.TraceIDRatioBased(s.SamplerArg), nil
	case "parentbased_always_on":
		return sdktrace.ParentBased(sdktrace.AlwaysSample()), nil
	case "parentbased_always_off":
		return sdktrace.ParentBased(sdktrace.NeverSample()), nil
	case "parentbased_traceidratio":
		return sdktrace.ParentBased(sdktrace.TraceIDRatioBased(s.SamplerArg)), nil
	}
	return nil, fmt.Errorf("otel.sampler is %q, which is no sampler", s.Sampler)
}

// recordAll turns Drop into RecordOnly, so that the screen sees every span while
// exporters skip it. It must be the outermost sampler: inside ParentBased the
// children of a dropped span would never reach it.
type recordAll struct {
	base sdktrace.Sampler
	out  *atomic.Int64 // spans that only the screen sees
}

func (r recordAll) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	res := r.base.ShouldSample(p)
	if res.Decision == sdktrace.Drop {
		res.Decision = sdktrace.RecordOnly
		r.out.Add(1)
	}
	return res
}

func (r recordAll) Description() string { return r.base.Description() }
