package engine

import (
	"context"
	"encoding/json"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/buildscope/buildscope/model"
)

// Attributes of the engine's spans beside those of package model.
const (
	attrSystem       = "db.system.name"
	attrRows         = "db.response.returned_rows"
	attrBytesWritten = "buildscope.engine.bytes_written"
)

// StartSpan starts a child of the span in ctx, or gives a span that does
// nothing when there is no tracer or the parent does not record.
func (s *Session) StartSpan(ctx context.Context, name string, attrs ...attribute.KeyValue) (context.Context, trace.Span) {
	if s.tracer == nil || !trace.SpanFromContext(ctx).IsRecording() {
		return ctx, noop.Span{}
	}
	return s.tracer.Start(ctx, name, trace.WithAttributes(attrs...))
}

func queryAttributes(q model.Query) []attribute.KeyValue {
	return []attribute.KeyValue{
		attribute.String(attrSystem, "duckdb"),
		attribute.String(model.AttrEngineSQL, q.SQL),
		attribute.String(model.AttrNodeName, q.Node),
	}
}

// EndQuerySpan ends the span of a query that has run, here or elsewhere: it puts result and profile on the span. The exception event of an
// error belongs to the node's span; here is only the status. A cancelled query
// is no error.
func EndQuerySpan(ctx context.Context, span trace.Span, result model.QueryResult, err error) {
	defer span.End()
	if !span.IsRecording() {
		return
	}
	switch {
	case err == nil:
		span.SetAttributes(attribute.Int64(attrRows, result.Rows), attribute.Int64(attrBytesWritten, result.Bytes))
	case ctx.Err() == nil:
		line, _, _ := strings.Cut(err.Error(), "\n")
		span.SetStatus(codes.Error, line)
	}
	if result.Profile == nil {
		return
	}
	if text, err := json.Marshal(result.Profile); err == nil {
		span.SetAttributes(attribute.String(model.AttrEngineProfile, string(text)))
	}
}
