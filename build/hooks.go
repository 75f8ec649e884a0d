package build

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// spanHook makes the root span and one span per node.
type spanHook struct {
	pipeline.NoHook
	run    *Run
	tracer trace.Tracer
	root   trace.Span
}

func newSpanHook(r *Run) *spanHook {
	return &spanHook{run: r, tracer: r.tel.Tracer(model.ScopePipeline)}
}

func (h *spanHook) BeforeGraph(ctx context.Context, _ model.Plan) context.Context {
	s := h.run.opts.Resolved.Settings
	attrs := []attribute.KeyValue{
		attribute.String(model.AttrRunID, h.run.id),
		attribute.String(model.AttrProfile, h.run.opts.Resolved.Profile),
		attribute.String("hamilton.dag_name", h.run.dagName()),
	}
	for _, kv := range [][2]string{{"hamilton.project_id", s.Hamilton.ProjectID}, {"hamilton.username", s.Hamilton.Username}} {
		if kv[1] != "" {
			attrs = append(attrs, attribute.String(kv[0], kv[1]))
		}
	}
	tags := captureTags(h.run.capture, s.Hamilton)
	maps.Copy(tags, s.Hamilton.Tags)
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		attrs = append(attrs, attribute.String("hamilton.tag."+k, tags[k]))
	}
	ctx, h.root = h.tracer.Start(ctx, model.SpanBuild, trace.WithAttributes(attrs...))
	h.run.traceID = h.root.SpanContext().TraceID()
	return ctx
}

func (h *spanHook) BeforeNode(ctx context.Context, n *pipeline.NodeRun) context.Context {
	attrs := []attribute.KeyValue{
		attribute.String(model.AttrRunID, h.run.id),
		attribute.String(model.AttrNodeName, n.Node.Name),
		attribute.String(model.AttrNodeKind, string(n.Node.Kind)),
		attribute.Int(model.AttrNodeGeneration, n.Plan.Generation),
		attribute.Bool(model.AttrNodeCritical, n.Plan.Critical),
	}
	if len(n.Plan.Deps) > 0 { // who watches from elsewhere draws the graph from these
		attrs = append(attrs, attribute.StringSlice(model.AttrNodeDeps, n.Plan.Deps))
	}
	ctx, span := h.tracer.Start(ctx, n.Node.Name, trace.WithAttributes(attrs...))
	n.Execution.TraceID = span.SpanContext().TraceID().String()
	n.Execution.SpanID = span.SpanContext().SpanID().String()
	return ctx
}

func (h *spanHook) AfterNode(ctx context.Context, n *pipeline.NodeRun) {
	if n.Execution.SpanID == "" {
		return // it never started, so ctx carries the root span
	}
	span := trace.SpanFromContext(ctx)
	span.SetAttributes(
		attribute.String(model.AttrNodeCache, string(n.Execution.Cache)),
		attribute.String(model.AttrNodeState, n.Execution.State.String()),
		attribute.Int64(model.AttrNodeRows, n.Execution.Rows),
		attribute.Int64(model.AttrNodeBytes, n.Execution.Bytes))
	if n.Execution.Computed != "" {
		span.SetAttributes(attribute.String(model.AttrNodeComputed, n.Execution.Computed))
	}
	if n.Err != nil {
		span.RecordError(n.Err, trace.WithAttributes(h.exception(n)...))
		span.SetStatus(codes.Error, n.Err.Error())
	}
}

// exception is what the event of a node's error tells beside type and message. The
// texts inside a redacted error are not redacted themselves.
func (h *spanHook) exception(n *pipeline.NodeRun) []attribute.KeyValue {
	var attrs []attribute.KeyValue
	if causes := causes(n.Err, h.run.keys.Text); len(causes) > 0 {
		attrs = append(attrs, attribute.StringSlice(model.AttrExceptionCauses, causes))
	}
	if n.Stack != "" {
		attrs = append(attrs, attribute.String("exception.stacktrace", n.Stack))
	}
	return attrs
}

// maxCauses bounds the errors inside one that are told.
const maxCauses = 20

// causes are the texts of the errors inside an error, outermost first; those of
// joined errors one after the other. An error that only repeats the one around it is
// left out.
func causes(err error, text func(string) string) (out []string) {
	last := text(err.Error())
	var visit func(error)
	visit = func(err error) {
		var inner []error
		switch e := err.(type) {
		case *engine.Error: // inside is the same once more, as the driver words it
		case interface{ Unwrap() error }:
			inner = []error{e.Unwrap()}
		case interface{ Unwrap() []error }:
			inner = e.Unwrap()
		}
		for _, e := range inner {
			if e == nil || len(out) == maxCauses {
				continue
			}
			if s := text(e.Error()); s != last {
				out, last = append(out, s), s
			}
			visit(e)
		}
	}
	visit(err)
	return out
}

// AfterCapture ends the span with the statistics of the node's tables as events.
// They may come long after the node has ended, which is when its span ends.
func (h *spanHook) AfterCapture(ctx context.Context, n *pipeline.NodeRun) {
	if n.Execution.SpanID == "" {
		return
	}
	span, end := trace.SpanFromContext(ctx), trace.WithTimestamp(time.Unix(0, n.Execution.End))
	for _, t := range n.Stats {
		for _, e := range t.Events(n.Execution.End) {
			span.AddEvent(e.Name, end, trace.WithAttributes(spanAttrs(e.Attrs)...))
		}
	}
	span.End(end)
}

// end ends the root span. The error is on the node where it began, once; the
// root only says that there was one.
func (h *spanHook) end(err error) {
	if err != nil {
		h.root.SetStatus(codes.Error, "the build did not succeed")
	}
	h.root.End()
}

// mostSQL bounds the statement in an event, in bytes.
const mostSQL = 2000

// eventHook writes node diagnostics to the bundle as they happen.
type eventHook struct {
	pipeline.NoHook
	run  *Run
	once sync.Once // the first failed write is logged, not every one
}

func (h *eventHook) write(name string, fields map[string]any) {
	if err := h.run.bundle.Event(name, fields); err != nil {
		h.once.Do(func() { h.run.update(func(s *model.RunSnapshot) { s.Err = err.Error() }) })
	}
}

func (h *eventHook) BeforeNode(ctx context.Context, n *pipeline.NodeRun) context.Context {
	fields := map[string]any{"node": n.Node.Name, "kind": n.Node.Kind, "source": n.Plan.Source, "trace_id": n.Execution.TraceID, "span_id": n.Execution.SpanID}
	if n.Plan.SQL != "" { // what it was doing, should the engine take the process down
		fields["sql"] = n.Plan.SQL[:min(len(n.Plan.SQL), mostSQL)]
	}
	h.write("node_started", fields)
	return ctx
}

func (h *eventHook) AfterNode(_ context.Context, n *pipeline.NodeRun) {
	e := n.Execution
	fields := map[string]any{"node": e.Name, "state": e.State, "trace_id": e.TraceID, "span_id": e.SpanID}
	if h.run.opts.Resolved.Settings.Diagnostics.NodeDiagnostics {
		fields["rows"], fields["bytes"], fields["cache"], fields["duration_ns"] = e.Rows, e.Bytes, e.Cache, e.DurationNS()
	}
	if e.Computed != "" {
		fields["computed"] = e.Computed
	}
	if e.Error != "" {
		fields["error"], fields["source"] = e.Error, n.Plan.Source
	}
	if n.Stack != "" {
		fields["stack"] = n.Stack
	}
	if e.BlockedBy != "" {
		fields["blocked_by"] = e.BlockedBy
	}
	h.write("node_finished", fields)
}

// AfterCapture says what is known of a node's tables; the figures themselves are in
// capture_statistics_v1.
func (h *eventHook) AfterCapture(_ context.Context, n *pipeline.NodeRun) {
	for _, t := range n.Stats {
		h.write("table_captured", map[string]any{"node": n.Node.Name, "table": t.Table, "rows": t.Rows, "columns": len(t.Columns),
			"spent_ns": t.SpentNS, "reused": t.Reused, "trace_id": n.Execution.TraceID, "span_id": n.Execution.SpanID})
	}
}
