package build

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel"
)

// logHandler writes the run's log to the bundle's events, each line with the ids
// of the span it belongs to. Values whose key is to be redacted are hidden.
type logHandler struct {
	bundle    *bundle.Writer
	feed      *recording.Tee
	level     slog.Level
	on        bool // diagnostics.enable_structured_run_logs
	correlate bool
	keys      *model.Redactor
	attrs     []slog.Attr
	prefix    string
}

func newLogHandler(b *bundle.Writer, t *recording.Tee, s model.Settings) *logHandler {
	h := &logHandler{bundle: b, feed: t, on: s.Diagnostics.StructuredRunLogs, correlate: s.OTel.LogCorrelation, keys: model.NewRedactor(s.Diagnostics.RedactKeys)}
	if err := h.level.UnmarshalText([]byte(s.OTel.LogLevel)); err != nil {
		h.level = slog.LevelInfo // the settings allow only names that slog knows
	}
	return h
}

// newLogger writes the run's log to the bundle and, where logs are exported, to
// the exporters.
func newLogger(b *bundle.Writer, t *recording.Tee, tel *otel.Telemetry, s model.Settings) *slog.Logger {
	handlers := []slog.Handler{newLogHandler(b, t, s)}
	if h := tel.LogHandler(); h != nil {
		handlers = append(handlers, h)
	}
	return slog.New(slog.NewMultiHandler(handlers...))
}

func (h *logHandler) Enabled(_ context.Context, l slog.Level) bool { return h.on && l >= h.level }

func (h *logHandler) Handle(ctx context.Context, r slog.Record) error {
	message := h.keys.Text(r.Message)
	fields := map[string]any{"level": r.Level.String(), "message": message}
	if sc := trace.SpanContextFromContext(ctx); h.correlate && sc.IsValid() {
		fields["trace_id"], fields["span_id"] = sc.TraceID().String(), sc.SpanID().String()
	}
	for _, a := range h.attrs {
		h.put(fields, a)
	}
	r.Attrs(func(a slog.Attr) bool {
		a.Key = h.prefix + a.Key
		h.put(fields, a)
		return true
	})
	line := model.LogRecord{Time: h.bundle.Now().UnixNano(), Level: r.Level.String(), Message: message}
	line.Node, _ = fields["node"].(string)
	line.TraceID, _ = fields["trace_id"].(string)
	line.SpanID, _ = fields["span_id"].(string)
	h.feed.AddLog(line)
	return h.bundle.Event("log", fields)
}

func (h *logHandler) put(fields map[string]any, a slog.Attr) {
	v := a.Value.Resolve().Any()
	switch text, ok := v.(string); {
	case h.keys.Match(a.Key):
		v = model.Redacted
	case ok:
		v = h.keys.Text(text)
	}
	fields[a.Key] = v
}

func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	next := *h
	next.attrs = append(append([]slog.Attr(nil), h.attrs...), attrs...)
	return &next
}

func (h *logHandler) WithGroup(name string) slog.Handler {
	next := *h
	next.prefix = h.prefix + name + "."
	return &next
}
