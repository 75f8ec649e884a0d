package receiver

import (
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/plog"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/buildscope/buildscope/model"
)

// eventLink is the event that stands for a link to another span, for which the
// model has nothing of its own.
const eventLink = "link"

// traces takes over the spans of a request. A span without ids is refused.
func (req *request) traces(t ptrace.Traces, keys *redactor) {
	var slab []model.Attr
	for _, rs := range t.ResourceSpans().All() {
		g := Group{Resource: keys.resource(rs.Resource().Attributes())}
		n := 0
		for _, ss := range rs.ScopeSpans().All() {
			n += ss.Spans().Len()
		}
		g.Spans = make([]model.SpanRecord, 0, n)
		for _, ss := range rs.ScopeSpans().All() {
			scope := ss.Scope().Name()
			for _, s := range ss.Spans().All() {
				if s.TraceID().IsEmpty() || s.SpanID().IsEmpty() {
					req.rejected++
					req.reason = "spans without a trace id or a span id"
					continue
				}
				var rec model.SpanRecord
				rec, slab = spanRecord(s, scope, keys, slab)
				g.Spans = append(g.Spans, rec)
			}
		}
		req.items += len(g.Spans)
		req.groups = append(req.groups, g)
	}
}

func spanRecord(s ptrace.Span, scope string, keys *redactor, slab []model.Attr) (model.SpanRecord, []model.Attr) {
	r := model.SpanRecord{
		Trace: model.TraceID(s.TraceID()), ID: model.SpanID(s.SpanID()), Parent: model.SpanID(s.ParentSpanID()),
		Name: s.Name(), Scope: scope, Start: int64(s.StartTimestamp()), End: int64(s.EndTimestamp()), StatusMessage: keys.Text(s.Status().Message()),
		Sampled:      true, // it would not be here otherwise, whatever its flags say
		DroppedAttrs: int(s.DroppedAttributesCount()), DroppedEvents: int(s.DroppedEventsCount()),
	}
	switch s.Status().Code() {
	case ptrace.StatusCodeOk:
		r.Status = model.StatusOK
	case ptrace.StatusCodeError:
		r.Status = model.StatusError
	}
	r.Attrs, slab = keys.attrs(s.Attributes(), slab)
	if n := s.Events().Len() + s.Links().Len(); n > 0 {
		r.Events = make([]model.SpanEvent, 0, n)
	}
	for _, e := range s.Events().All() {
		ev := model.SpanEvent{Name: e.Name(), Time: int64(e.Timestamp())}
		ev.Attrs, slab = keys.attrs(e.Attributes(), slab)
		r.Events = append(r.Events, ev)
	}
	for _, l := range s.Links().All() {
		own, rest := keys.attrs(l.Attributes(), slab)
		slab = rest
		attrs := append([]model.Attr{{Key: "trace_id", Value: l.TraceID().String()}, {Key: "span_id", Value: l.SpanID().String()}}, own...)
		r.Events = append(r.Events, model.SpanEvent{Name: eventLink, Time: r.Start, Attrs: attrs})
	}
	return r, slab
}

// logs takes over the log records of a request.
func (req *request) logs(l plog.Logs, keys *redactor) {
	var slab []model.Attr
	for _, rl := range l.ResourceLogs().All() {
		g := Group{Resource: keys.resource(rl.Resource().Attributes())}
		for _, sl := range rl.ScopeLogs().All() {
			for _, l := range sl.LogRecords().All() {
				rec := model.LogRecord{Time: int64(l.Timestamp()), Level: level(l), Message: keys.Text(body(l))}
				if rec.Time == 0 {
					rec.Time = int64(l.ObservedTimestamp())
				}
				if !l.TraceID().IsEmpty() {
					rec.TraceID = l.TraceID().String()
				}
				if !l.SpanID().IsEmpty() {
					rec.SpanID = l.SpanID().String()
				}
				rec.Attrs, slab = keys.attrs(l.Attributes(), slab)
				for _, a := range rec.Attrs {
					if s, ok := a.Value.(string); ok && (a.Key == attrLogNode || a.Key == model.AttrNodeName) {
						rec.Node = s
					}
				}
				g.Logs = append(g.Logs, rec)
			}
		}
		req.items += len(g.Logs)
		req.groups = append(req.groups, g)
	}
}

// attrLogNode is the attribute by which our own log lines name their node.
const attrLogNode = "node"

func body(l plog.LogRecord) string {
	if l.Body().Type() == pcommon.ValueTypeEmpty {
		return l.EventName()
	}
	return l.Body().AsString()
}

// level is the severity in the four words of the model.
func level(l plog.LogRecord) string {
	switch n := l.SeverityNumber(); {
	case n >= plog.SeverityNumberError:
		return "ERROR"
	case n >= plog.SeverityNumberWarn:
		return "WARN"
	case n >= plog.SeverityNumberInfo:
		return "INFO"
	case n > plog.SeverityNumberUnspecified:
		return "DEBUG"
	}
	switch t := l.SeverityText(); t {
	case "DEBUG", "WARN", "ERROR":
		return t
	}
	return "INFO"
}
