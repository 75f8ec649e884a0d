// Package otel starts OpenTelemetry for one run: providers of traces, metrics and
// logs of its own, the exporters the settings ask for, and counters of what became
// of every span, data point and log record. Nothing here is global to the process
// but what Isolate sets once.
package otel

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	sdklog "go.opentelemetry.io/otel/sdk/log"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
)

// Options says what to start.
type Options struct {
	Settings  model.OTelSettings
	RunID     string
	Version   string            // of buildscope
	BundleDir string            // the file exporter writes FileName there
	Stdout    io.Writer         // of the stdout exporter
	Variables []string          // names of the OTEL_ variables that were set at start
	Resource  map[string]string // attributes of the resource besides those of process and host
	// RedactKeys are globs over keys whose values no exporter sees.
	RedactKeys []string
	// Started is the start of the run, from which the times of spans are counted, see
	// model.Now; zero means the clock.
	Started time.Time
	// Processors see every span, sampled or not, before any exporter.
	Processors []sdktrace.SpanProcessor
}

// FileName is what the file exporter writes inside the bundle: OTLP requests as
// JSON, one a line, all signals in one file.
const FileName = "otel.jsonl"

// Telemetry is the OpenTelemetry of one run.
type Telemetry struct {
	opts     Options
	keys     *model.Redactor
	resource *resource.Resource
	sampler  recordAll
	traces   *sdktrace.TracerProvider
	metrics  *sdkmetric.MeterProvider
	logs     *sdklog.LoggerProvider // nil without log exporters
	sinks    []sink
	stdout   *lines
	file     *lines // opened by the first signal that wants it
	created  atomic.Int64
	closers  []func() error
	once     sync.Once
}

// sink is one exporter of one signal.
type sink struct {
	to     *target
	limits limits // of its queue; delay and timeout are also those of a metric reader
	state  func() model.ExportCounts
	stop   func(context.Context) error // may be called twice
}

// Start builds the providers and their exporters. No connection is made yet: an
// endpoint that does not answer shows in the counters, not as an error here.
func Start(ctx context.Context, o Options) (*Telemetry, error) {
	base, err := sampler(o.Settings)
	if err != nil {
		return nil, err
	}
	t := &Telemetry{opts: o, keys: model.NewRedactor(o.RedactKeys), sampler: recordAll{base: base, out: new(atomic.Int64)}, stdout: &lines{w: o.Stdout}}
	t.resource = newResource(o, t.keys)
	d := o.Settings.Destinations()
	if err := errors.Join(t.startTraces(ctx, d[0]), t.startMetrics(ctx, d[1]), t.startLogs(ctx, d[2])); err != nil {
		return nil, errors.Join(err, t.stopSinks(ctx), t.close())
	}
	return t, nil
}

// each calls start for every exporter of a signal and keeps its sink.
func (t *Telemetry) each(d model.Destination, start func(*target, model.ExportCounts) (sink, error)) error {
	var errs []error
	for _, name := range d.Exporters {
		c := model.ExportCounts{Signal: d.Signal, Exporter: name, Endpoint: t.destination(name, d)}
		to, err := t.target(name, d)
		if err == nil {
			t.closers = append(t.closers, to.close)
			var s sink
			if s, err = start(to, c); err == nil {
				t.sinks = append(t.sinks, s)
			}
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("start exporter %s of %s: %w", name, d.Signal, err))
		}
	}
	return errors.Join(errs...)
}

func (t *Telemetry) target(name string, d model.Destination) (*target, error) {
	switch name {
	case "otlp":
		return dial(d, t.opts.Settings)
	case "stdout":
		return record(d, t.stdout), nil
	case "file":
		if t.file == nil {
			f, err := os.OpenFile(t.destination(name, d), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
			if err != nil {
				return nil, err
			}
			t.closers = append(t.closers, f.Close)
			t.file = &lines{w: f}
		}
		return record(d, t.file), nil
	}
	return nil, fmt.Errorf("otel.%s_exporter names %q, which is no exporter", d.Signal, name)
}

// destination says in words where an exporter sends.
func (t *Telemetry) destination(name string, d model.Destination) string {
	switch name {
	case "otlp":
		return d.Endpoint
	case "file":
		return filepath.Join(t.opts.BundleDir, FileName)
	}
	return name
}

// Tracer makes spans of the run.
func (t *Telemetry) Tracer(scope string) trace.Tracer {
	return timed{t.traces.Tracer(scope), t.opts.Started}
}

// timed starts spans by the time of the run. They end by the monotonic clock, as the SDK
// has it.
type timed struct {
	trace.Tracer
	started time.Time
}

// Start implements trace.Tracer.
func (t timed) Start(ctx context.Context, name string, o ...trace.SpanStartOption) (context.Context, trace.Span) {
	return t.Tracer.Start(ctx, name, append([]trace.SpanStartOption{trace.WithTimestamp(model.Now(t.started))}, o...)...)
}

// Exports counts what became of everything, one row per signal and exporter. The
// counts of a row add up at every moment.
func (t *Telemetry) Exports() []model.ExportCounts {
	rows := make([]model.ExportCounts, len(t.sinks))
	for i, s := range t.sinks {
		rows[i] = s.state()
	}
	return rows
}

// Spans is how many spans ended, and how many of those were sampled out.
func (t *Telemetry) Spans() (ended, sampledOut int64) { return t.created.Load(), t.sampler.out.Load() }

// Shutdown sends what is queued and closes the exporters within the settings'
// shutdown timeout. What was not sent by then counts as lost. It may be called
// twice.
func (t *Telemetry) Shutdown(ctx context.Context) (err error) {
	t.once.Do(func() {
		ctx, cancel := context.WithTimeout(ctx, t.opts.Settings.ShutdownTimeout)
		defer cancel()
		// The providers would shut their processors down one after the other, and
		// the first slow exporter would use up the time of the rest.
		for _, p := range t.opts.Processors {
			err = errors.Join(err, p.Shutdown(ctx))
		}
		err = errors.Join(err, t.stopSinks(ctx), t.traces.Shutdown(ctx))
		if t.logs != nil {
			err = errors.Join(err, t.logs.Shutdown(ctx))
		}
		err = errors.Join(err, t.close())
	})
	return err
}

// stopSinks shuts all exporters down at the same time.
func (t *Telemetry) stopSinks(ctx context.Context) error {
	errs := make([]error, len(t.sinks))
	var wg sync.WaitGroup
	for i, s := range t.sinks {
		wg.Go(func() { errs[i] = s.stop(ctx) })
	}
	wg.Wait()
	return errors.Join(errs...)
}

// close ends connections and files.
func (t *Telemetry) close() error {
	var errs []error
	for _, c := range t.closers {
		errs = append(errs, c())
	}
	t.closers = nil
	return errors.Join(errs...)
}
