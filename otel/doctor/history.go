package doctor

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/presets"
)

// last is what the newest run that exported a signal by OTLP says about it, if
// the settings that matter are still the same: else it says nothing about now.
func (d *doctor) last(signal string, keys ...string) (model.ExportCounts, bool) {
	for _, r := range d.Runs {
		for _, c := range r.Exports {
			if c.Signal != signal || !strings.HasPrefix(c.Exporter, "otlp") {
				continue
			}
			for _, key := range append(keys, signalKey(signal, "endpoint")) {
				if r.value(key) != d.Resolved.Value(key).Text {
					return c, false
				}
			}
			return c, true
		}
	}
	return model.ExportCounts{}, false
}

func (r PastRun) value(key string) string {
	for _, v := range r.Values {
		if v.Key == key {
			return v.Text
		}
	}
	return ""
}

// items are what a signal consists of.
var items = map[string]string{model.SignalTraces: "spans", model.SignalMetrics: "data points", model.SignalLogs: "log records"}

// queue are the settings of one signal's queue.
type queue struct {
	prefix      string // of its keys
	signal      string
	size, batch int
}

func (d *doctor) queues() []queue {
	o := d.settings()
	return []queue{
		{"otel.bsp_", model.SignalTraces, o.BSPMaxQueueSize, o.BSPMaxExportBatch},
		{"otel.blrp_", model.SignalLogs, o.BLRPMaxQueueSize, o.BLRPMaxExportBatch},
	}
}

// checkQueue is D21: what earlier runs dropped, and what the next one would at
// the speed at which the collector answers.
func checkQueue(d *doctor) (list []Finding) {
	for _, q := range d.queues() {
		if !d.exports(q.signal) {
			continue
		}
		key := q.prefix + "max_queue_size"
		if c, ok := d.last(q.signal, key, q.prefix+"max_export_batch_size", q.prefix+"schedule_delay"); ok && c.Dropped > 0 {
			f := d.about("D21", Warn, key)
			f.Signals, f.Seen = []string{q.signal}, fmt.Sprintf("%d of %d %s dropped in the last run", c.Dropped, c.Created, items[q.signal])
			f.Fix, f.Means = to(fmt.Sprint(roomFor(int64(q.size)+c.Dropped))), "the queue was full"
			list = append(list, f)
			continue
		}
		if q.signal == model.SignalTraces {
			list = append(list, d.checkSpeed(q, key)...)
		}
	}
	if len(list) == 0 && len(d.Runs) == 0 {
		return skip("D21", "there is no earlier run to compare with")
	}
	return list
}

// assumedLatency stands for a request that was not measured.
const assumedLatency = 10 * time.Millisecond

// checkSpeed compares what a run makes with what can leave meanwhile.
func (d *doctor) checkSpeed(q queue, key string) []Finding {
	if len(d.Runs) == 0 || d.Runs[0].Took <= 0 {
		return nil
	}
	last := d.Runs[0]
	latency, measured := d.latencyOf(q.signal)
	leave := int64(last.Took/latency) * int64(q.batch)
	if last.Spans-leave <= int64(q.size) {
		return nil
	}
	f := d.about("D21", Warn, key)
	f.Signals = []string{q.signal}
	f.Seen = fmt.Sprintf("the last run made %d spans in %s; a request takes %s%s and carries %d", last.Spans, last.Took.Round(time.Millisecond), latency.Round(time.Millisecond), measured, q.batch)
	f.Fix, f.Means = to(fmt.Sprint(roomFor(last.Spans))), "more spans wait than it holds, and the rest is dropped"
	return []Finding{f}
}

func (d *doctor) latencyOf(signal string) (latency time.Duration, measured string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if l, ok := d.latency[signal]; ok {
		return max(l, time.Microsecond), ""
	}
	return assumedLatency, " (assumed)"
}

// roomFor is a queue size with room to spare, within what the setting allows.
func roomFor(items int64) int64 {
	size := int64(2048)
	for size < 2*items && size < 1<<23 {
		size *= 2
	}
	return size
}

// tooFast is a timeout that nobody means: the variables count milliseconds.
const tooFast = 100 * time.Millisecond

// checkTimeouts is D23.
func checkTimeouts(d *doctor) (list []Finding) {
	o := d.settings()
	slowest := time.Duration(0)
	for _, dest := range d.exported() {
		latency, assumed := d.latencyOf(dest.Signal)
		if assumed != "" {
			latency = 0
		}
		slowest = max(slowest, latency)
		key := signalKey(dest.Signal, "timeout")
		list = append(list, d.shortTimeout(key, dest.Signal, dest.Timeout, latency)...)
	}
	list = append(list, d.shortTimeout("otel.bsp_export_timeout", model.SignalTraces, o.BSPExportTimeout, 0)...)
	list = append(list, d.shortTimeout("otel.blrp_export_timeout", model.SignalLogs, o.BLRPExportTimeout, 0)...)
	list = append(list, d.shortTimeout("otel.metric_export_timeout", model.SignalMetrics, o.MetricExportTimeout, 0)...)
	return merge(append(list, d.shortShutdown(slowest)...))
}

// shortTimeout finds a timeout that a request cannot keep, or that is a number of
// seconds taken for milliseconds.
func (d *doctor) shortTimeout(key, signal string, timeout, latency time.Duration) []Finding {
	if !d.exports(signal) {
		return nil
	}
	f := d.about("D23", Fail, key)
	f.Signals = []string{signal}
	switch {
	case latency > 0 && timeout < latency:
		f.Seen, f.Means = "one request took "+latency.Round(time.Millisecond).String(), "it is shorter than a request, so every export fails"
	case timeout < tooFast && given(f.Source):
		f.Severity, f.Means = Warn, "it leaves a request next to no time"
		if strings.Contains(f.Source, "env OTEL_") {
			f.Means += "; the variable counts milliseconds, and seconds may be meant"
		}
	default:
		return nil
	}
	s, _ := presets.Lookup(f.Key)
	f.Fix = to(s.Default)
	return []Finding{f}
}

// shortShutdown finds a shutdown that what is queued at the end cannot keep.
func (d *doctor) shortShutdown(slowest time.Duration) (list []Finding) {
	limit := d.settings().ShutdownTimeout
	// Metrics leave in one request at the end.
	for _, q := range append(d.queues(), queue{signal: model.SignalMetrics, size: 1, batch: 1}) {
		waiting := int64(q.size)
		if q.signal == model.SignalTraces && len(d.Runs) > 0 {
			waiting = min(waiting, d.Runs[0].Spans)
		}
		need := time.Duration((waiting+int64(q.batch)-1)/int64(q.batch)) * slowest
		c, same := d.last(q.signal, "otel.shutdown_timeout", q.prefix+"max_export_batch_size")
		f := d.about("D23", Warn, "otel.shutdown_timeout")
		f.Signals = []string{q.signal}
		switch {
		case !d.exports(q.signal):
			continue
		case same && c.Lost > 0:
			f.Seen = fmt.Sprintf("%d of %d %s were lost at the end of the last run: %s", c.Lost, c.Created, items[q.signal], c.LastError)
			f.Means = "what was still queued could not be sent in that time"
			f.Fix = to(roomyShutdown(max(limit, need)))
		case need > limit:
			f.Seen = fmt.Sprintf("a request takes %s, and up to %d may have to leave at the end", slowest.Round(time.Millisecond), (waiting+int64(q.batch)-1)/int64(q.batch))
			f.Means = "what is queued at the end of a run cannot be sent in that time and is lost"
			f.Fix = to(roomyShutdown(need))
		default:
			continue
		}
		list = append(list, f)
	}
	return list
}

// roomyShutdown is twice what was too short, and no less than usual.
func roomyShutdown(d time.Duration) string {
	return min(max(2*d, 2*time.Second), 10*time.Minute).Round(time.Second / 10).String()
}

// refusals of earlier runs, by the reasons that ExportCounts.FailedBy gives.
var (
	tooLarge = []string{"http 413"}
	tooMuch  = []string{"http 429", "http 503", "grpc ResourceExhausted"}
)

// refusedFor counts the failures of the last run for some reasons.
func refusedFor(c model.ExportCounts, reasons []string) (n int64) {
	for reason, failed := range c.FailedBy {
		if slices.Contains(reasons, reason) {
			n += failed
		}
	}
	return n
}

// checkRefusals is what earlier runs tell for D17 and D18.
func (d *doctor) checkRefusals() (list []Finding) {
	for _, dest := range d.exported() {
		batch, delay := "otel.bsp_max_export_batch_size", "otel.bsp_schedule_delay"
		switch dest.Signal {
		case model.SignalLogs:
			batch, delay = "otel.blrp_max_export_batch_size", "otel.blrp_schedule_delay"
		case model.SignalMetrics:
			continue // they have neither
		}
		if c, ok := d.last(dest.Signal, batch); ok {
			large := refusedFor(c, tooLarge)
			if strings.Contains(c.LastError, "larger than max") {
				large += refusedFor(c, []string{"grpc ResourceExhausted"})
			}
			if large > 0 {
				list = append(list, d.smallerBatch(dest.Signal, batch, fmt.Sprintf("%d %s refused in the last run: %s", large, items[dest.Signal], c.LastError), "requests are larger than the receiver takes"))
			}
			if c.Rejected > 0 {
				f := d.about("D17", Warn, signalKey(dest.Signal, "endpoint"))
				f.Signals, f.Seen = []string{dest.Signal}, fmt.Sprintf("%d of %d %s rejected in the last run: %s", c.Rejected, c.Created, items[dest.Signal], c.Message)
				f.Means, f.Advice = "the receiver took only a part and said why", "follow what it says; a quota is raised there, not here"
				list = append(list, f)
			}
		}
		if c, ok := d.last(dest.Signal, delay); ok && refusedFor(c, tooMuch) > 0 && !strings.Contains(c.LastError, "larger than max") {
			f := d.about("D18", Warn, delay)
			f.Signals, f.Seen = []string{dest.Signal}, fmt.Sprintf("%d %s refused in the last run: %s", refusedFor(c, tooMuch), items[dest.Signal], c.LastError)
			f.Means = "the receiver was asked too often or is overloaded"
			f.Fix = to("5s")
			if d.Resolved.Value(delay).Text == "5s" {
				f.Fix = to("15s")
			}
			list = append(list, f)
		}
	}
	return list
}

// smallerBatch is D17 with a batch of a quarter.
func (d *doctor) smallerBatch(signal, key, seen, means string) Finding {
	f := d.about("D17", Warn, key)
	f.Signals, f.Seen, f.Means = []string{signal}, seen, means
	for _, q := range d.queues() {
		if q.signal == signal {
			f.Fix = to(fmt.Sprint(max(q.batch/4, 1)))
		}
	}
	return f
}
