package engine

import (
	"context"
	"path/filepath"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/buildscope/buildscope/model"
)

func TestSpans(t *testing.T) {
	recorder := tracetest.NewSpanRecorder()
	provider := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(recorder))
	t.Cleanup(func() { _ = provider.Shutdown(context.Background()) })
	o := withCaches()
	o.Tracer = provider.Tracer(model.ScopeEngine)
	s, dir := open(t, o), t.TempDir()
	one := table(t, s, filepath.Join(dir, "1.parquet"), "SELECT 1 AS x") // no parent that records
	if n := len(recorder.Ended()); n != 0 {
		t.Fatalf("%d spans without a recording parent", n)
	}

	ctx, parent := provider.Tracer("test").Start(t.Context(), "node")
	q := model.Query{Node: "n", SQL: "FROM t", Path: filepath.Join(dir, "o.parquet"), Profile: true, Inputs: []model.QueryInput{input("t", one)}}
	if _, err := s.Materialize(ctx, q); err != nil {
		t.Fatal(err)
	}
	q.SQL = "SELECT y FROM t"
	if _, err := s.Materialize(ctx, q); err == nil {
		t.Fatal("no error")
	}
	parent.End()

	var names []string
	var queries []sdktrace.ReadOnlySpan
	attrs := map[string]map[attribute.Key]attribute.Value{}
	for _, span := range recorder.Ended() {
		names = append(names, span.Name())
		m := map[attribute.Key]attribute.Value{}
		for _, kv := range span.Attributes() {
			m[kv.Key] = kv.Value
		}
		if attrs[span.Name()] == nil {
			attrs[span.Name()] = m
		}
		if span.Name() == model.SpanEngineQuery {
			queries = append(queries, span)
		}
	}
	want := []string{"engine.scan", "engine.write", "engine.query", "engine.scan", "engine.write", "engine.query", "node"}
	if len(names) != len(want) {
		t.Fatalf("spans %v, want %v", names, want)
	}
	for i := range want {
		if names[i] != want[i] {
			t.Fatalf("spans %v, want %v", names, want)
		}
	}
	if queries[0].Parent().SpanID() != parent.SpanContext().SpanID() {
		t.Error("engine.query is no child of the node's span")
	}
	if queries[0].Status().Code != codes.Unset || queries[1].Status().Code != codes.Error {
		t.Errorf("status %v and %v", queries[0].Status(), queries[1].Status())
	}
	if a := attrs[model.SpanEngineScan]; a[model.AttrEngineFilesListed].AsInt64() != 1 || a[model.AttrEngineFilesRead].AsInt64() != 1 {
		t.Errorf("scan %v", a)
	}
	if a := attrs[model.SpanEngineWrite]; a[attrRows].AsInt64() != 1 || a[attrBytesWritten].AsInt64() <= 0 {
		t.Errorf("write %v", a)
	}
	a := attrs[model.SpanEngineQuery]
	if a[model.AttrNodeName].AsString() != "n" || a[model.AttrEngineSQL].AsString() != "FROM t" || a[model.AttrEngineProfile].AsString() == "" {
		t.Errorf("query %v", a)
	}
}
