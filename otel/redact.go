package otel

import (
	"context"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"

	"github.com/buildscope/buildscope/model"
)

// redacting hides attribute values before an exporter sees them.
type redacting struct {
	sdktrace.SpanExporter
	keys *model.Redactor
}

func (r redacting) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	hidden := make([]sdktrace.ReadOnlySpan, len(spans))
	for i, s := range spans {
		hidden[i] = redactedSpan{s, r.keys}
	}
	return r.SpanExporter.ExportSpans(ctx, hidden)
}

type redactedSpan struct {
	sdktrace.ReadOnlySpan
	keys *model.Redactor
}

func (s redactedSpan) Attributes() []attribute.KeyValue {
	return redact(s.keys, s.ReadOnlySpan.Attributes())
}

func (s redactedSpan) Events() []sdktrace.Event {
	events := slices.Clone(s.ReadOnlySpan.Events())
	for i := range events {
		events[i].Attributes = redact(s.keys, events[i].Attributes)
	}
	return events
}

func (s redactedSpan) Links() []sdktrace.Link {
	links := slices.Clone(s.ReadOnlySpan.Links())
	for i := range links {
		links[i].Attributes = redact(s.keys, links[i].Attributes)
	}
	return links
}

// redact copies only when there is something to hide: the slices belong to the
// span, which every processor shares.
func redact(keys *model.Redactor, attrs []attribute.KeyValue) []attribute.KeyValue {
	out, copied := attrs, false
	for i, kv := range attrs {
		if keys.Match(string(kv.Key)) {
			if !copied {
				out, copied = slices.Clone(attrs), true
			}
			out[i].Value = attribute.StringValue(model.Redacted)
		}
	}
	return out
}
