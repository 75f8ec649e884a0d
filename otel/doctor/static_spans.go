package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
)

// exports reports whether a signal goes anywhere.
func (d *doctor) exports(signal string) bool {
	for _, dest := range d.settings().Destinations() {
		if dest.Signal == signal {
			return len(dest.Exporters) > 0
		}
	}
	return false
}

// skip is one finding about a check that was not made.
func skip(id, why string) []Finding {
	return []Finding{{ID: id, Severity: Skipped, Means: why}}
}

// checkSampler is D20.
func checkSampler(d *doctor) []Finding {
	o := d.settings()
	if !d.exports(model.SignalTraces) {
		return skip("D20", "traces are not exported")
	}
	ratio := strings.HasSuffix(o.Sampler, "traceidratio")
	switch {
	case strings.HasSuffix(o.Sampler, "always_off"):
		f := d.about("D20", Warn, "otel.sampler")
		f.Fix, f.Means = to(strings.Replace(o.Sampler, "always_off", "always_on", 1)), "no run has a parent that asks for sampling, so no span is exported"
		if o.Sampler == "always_off" {
			f.Means = "no span is exported"
		}
		return []Finding{f}
	case ratio && o.SamplerArg == 0:
		f := d.about("D20", Warn, "otel.sampler_arg")
		f.Fix, f.Means = to("1"), "a ratio of 0 exports no span"
		return []Finding{f}
	case ratio && o.SamplerArg < 0.01:
		f := d.about("D20", Warn, "otel.sampler_arg")
		f.Fix, f.Means = to("1"), fmt.Sprintf("a run is one trace, so only one run in %.0f is exported", 1/o.SamplerArg)
		return []Finding{f}
	}
	arg := d.Resolved.Value("otel.sampler_arg")
	if !ratio && o.SamplerArg != 1 && given(arg.Source) && !strings.HasPrefix(arg.Source, "profile ") {
		f := d.about("D20", Warn, "otel.sampler")
		f.Fix = to("traceidratio")
		if strings.HasPrefix(o.Sampler, "parentbased_") {
			f.Fix = to("parentbased_traceidratio")
		}
		f.Means = fmt.Sprintf("this sampler takes no argument and exports everything, although %s (%s) is %s", arg.Key, arg.Source, arg.Text)
		return []Finding{f}
	}
	return nil
}

// typical is the median length of earlier runs; 0 when there are none.
func (d *doctor) typical() time.Duration {
	var all []time.Duration
	for _, r := range d.Runs {
		if r.Took > 0 {
			all = append(all, r.Took)
		}
	}
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return all[len(all)/2]
}

// checkDelays is D22. A default that is longer than a short run does no harm: the
// end of the run sends what is left.
func checkDelays(d *doctor) (list []Finding) {
	run := d.typical()
	if run == 0 {
		return skip("D22", "there is no earlier run to compare with")
	}
	o := d.settings()
	for _, c := range []struct {
		key, signal, what string
		delay             time.Duration
	}{
		{"otel.bsp_schedule_delay", model.SignalTraces, "spans wait for the end of the run unless a batch fills", o.BSPScheduleDelay},
		{"otel.blrp_schedule_delay", model.SignalLogs, "log records wait for the end of the run unless a batch fills", o.BLRPScheduleDelay},
		{"otel.metric_export_interval", model.SignalMetrics, "metrics are exported once only, at the end of the run", o.MetricExportInterval},
	} {
		source := d.Resolved.Value(c.key).Source
		if !d.exports(c.signal) || c.delay <= run || !given(source) || strings.HasPrefix(source, "profile ") {
			continue
		}
		f := d.about("D22", Warn, c.key)
		f.Signals, f.Seen = []string{c.signal}, "the median of earlier runs took "+run.Round(time.Millisecond).String()
		f.Means = "it is longer than a run: " + c.what
		f.Fix = to(sensibleDelay(run).String())
		list = append(list, f)
	}
	return list
}

// sensibleDelay lets a run export several times without a request per span.
func sensibleDelay(run time.Duration) time.Duration {
	return min(max((run/5).Round(100*time.Millisecond), 100*time.Millisecond), time.Second)
}

// checkResource is D24.
func checkResource(d *doctor) (list []Finding) {
	o := d.settings()
	name := o.ResourceAttributes["service.name"]
	if name != "" && name != o.ServiceName {
		f := d.about("D24", Warn, "otel.service_name")
		f.Fix = to(name)
		f.Means = fmt.Sprintf("it wins over service.name=%s in otel.resource_attributes (%s)", name, d.Resolved.Value("otel.resource_attributes").Source)
		list = append(list, f)
	}
	for _, key := range sortedKeys(o.ResourceAttributes) {
		value, means := o.ResourceAttributes[key], ""
		switch {
		case strings.ContainsAny(key, " \t;\"'"):
			means = fmt.Sprintf("the attribute %q has a space, a quote or a semicolon in its name: pairs are separated by commas", key)
		case strings.Contains(value, ";") && strings.Contains(value, "="):
			means = fmt.Sprintf("the value of %s holds ; and =: pairs are separated by commas, so these are one attribute", key)
		case value == "":
			means = fmt.Sprintf("the attribute %s has no value and is left out", key)
		case strings.HasPrefix(value, `"`) && strings.HasSuffix(value, `"`) && len(value) > 1:
			means = fmt.Sprintf("the value of %s is in quotes, which become part of it", key)
		default:
			continue
		}
		f := d.about("D24", Warn, "otel.resource_attributes")
		f.Means, f.Advice = means, "write key=value,key2=value2 with percent-encoded values"
		list = append(list, f)
	}
	return list
}

// checkLimits is D26.
func checkLimits(d *doctor) (list []Finding) {
	if !d.exports(model.SignalTraces) && !d.exports(model.SignalLogs) {
		return skip("D26", "neither traces nor logs are exported")
	}
	o := d.settings()
	for _, c := range []struct {
		key, fix string
		value    int
		few      int // what is too little to be meant
		means    string
	}{
		{"otel.attribute_count_limit", "128", o.AttributeCountLimit, 0, "exporters see no attribute at all"},
		{"otel.attribute_value_length_limit", "4096", o.AttributeLengthLimit, 15, "exporters see texts cut to a few characters, names and ids among them"},
		{"otel.span_event_count_limit", "128", o.SpanEventCountLimit, 0, "exporters see no event: no captured column and no error"},
	} {
		if c.value < 0 || c.value > c.few {
			continue
		}
		f := d.about("D26", Warn, c.key)
		f.Fix, f.Means = to(c.fix), c.means
		list = append(list, f)
	}
	return list
}
