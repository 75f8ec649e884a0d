package otel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/contrib/bridges/otelslog"
	"go.opentelemetry.io/otel/attribute"
	sdklog "go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
)

// logQueue is a log processor before one exporter.
type logQueue struct {
	*queue[sdklog.Record]
}

var _ sdklog.Processor = logQueue{}

func (logQueue) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

// OnEmit queues a copy: the record belongs to the caller.
func (q logQueue) OnEmit(_ context.Context, r *sdklog.Record) error {
	q.put(r.Clone(), true)
	return nil
}

// hider is the first log processor: it hides secrets before any exporter sees them.
type hider struct{ mask mask }

func (hider) Enabled(context.Context, sdklog.EnabledParameters) bool { return true }

func (h hider) OnEmit(_ context.Context, r *sdklog.Record) error {
	if b := r.Body(); b.Type() == attribute.STRING {
		r.SetBody(attribute.StringValue(h.mask.keys.Text(b.AsString())))
	}
	attrs := make([]attribute.KeyValue, 0, r.AttributesLen())
	r.WalkAttributes(func(kv attribute.KeyValue) bool {
		kv.Value, _ = h.mask.value(kv)
		attrs = append(attrs, kv)
		return true
	})
	r.SetAttributes(attrs...)
	return nil
}

func (hider) Shutdown(context.Context) error   { return nil }
func (hider) ForceFlush(context.Context) error { return nil }

// startLogs builds the logger provider and the exporters of its records.
func (t *Telemetry) startLogs(ctx context.Context, d model.Destination) error {
	if len(d.Exporters) == 0 {
		return nil
	}
	s := t.opts.Settings
	m := newMask(s, t.keys)
	m.text = -1 // the provider cuts values, and counts attributes
	options := []sdklog.LoggerProviderOption{
		sdklog.WithResource(t.resource),
		sdklog.WithAttributeCountLimit(s.AttributeCountLimit),
		sdklog.WithAttributeValueLengthLimit(s.AttributeLengthLimit),
		sdklog.WithProcessor(hider{m}),
	}
	l := limits{delay: s.BLRPScheduleDelay, timeout: s.BLRPExportTimeout, queue: s.BLRPMaxQueueSize, batch: s.BLRPMaxExportBatch}
	err := t.each(d, func(to *target, c model.ExportCounts) (sink, error) {
		exp, err := to.logs(ctx)
		if err != nil {
			return sink{}, err
		}
		q := newQueue(l, ledger{c, t.keys}, exp.Export, exp.Shutdown)
		options = append(options, sdklog.WithProcessor(logQueue{q}))
		return sink{to: to, limits: q.limits, state: q.state, stop: q.Shutdown}, nil
	})
	t.logs = sdklog.NewLoggerProvider(options...)
	return err
}

// LogHandler gives the run's log to the log exporters, from otel.log_level on, with
// the run's id on every record and, with otel.log_correlation, the ids of the span
// that a context carries. It is nil when logs are not exported.
func (t *Telemetry) LogHandler() slog.Handler {
	if t.logs == nil {
		return nil
	}
	h := exportHandler{alone: !t.opts.Settings.LogCorrelation,
		Handler: otelslog.NewHandler(model.ScopePipeline, otelslog.WithLoggerProvider(t.logs)).WithAttrs([]slog.Attr{slog.String(model.AttrRunID, t.opts.RunID)})}
	if err := h.level.UnmarshalText([]byte(t.opts.Settings.LogLevel)); err != nil {
		h.level = slog.LevelInfo // the settings allow only names that slog knows
	}
	return h
}

// exportHandler is the bridge with the user's wishes.
type exportHandler struct {
	slog.Handler
	level slog.Level
	alone bool // keep the ids of spans off the records
}

func (h exportHandler) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= h.level && h.Handler.Enabled(ctx, l)
}

func (h exportHandler) Handle(ctx context.Context, r slog.Record) error {
	if h.alone {
		ctx = trace.ContextWithSpanContext(ctx, trace.SpanContext{})
	}
	return h.Handler.Handle(ctx, r)
}

func (h exportHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	h.Handler = h.Handler.WithAttrs(attrs)
	return h
}

func (h exportHandler) WithGroup(name string) slog.Handler {
	h.Handler = h.Handler.WithGroup(name)
	return h
}
