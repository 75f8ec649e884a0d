package otel

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/buildscope/buildscope/model"
)

// written exports everything of a run to a file in memory and returns its lines.
func written(t *testing.T, change func(*model.OTelSettings), emit func(*Telemetry)) string {
	t.Helper()
	s := settings("", "", "")
	s.TracesExporter, s.MetricsExporter, s.LogsExporter = []string{"stdout"}, []string{"stdout"}, []string{"stdout"}
	s.BSPMaxQueueSize, s.BLRPMaxQueueSize = 1000, 1000
	change(&s)
	var out bytes.Buffer
	tel := start(t, Options{Settings: s, RunID: "the-run", Stdout: &out, RedactKeys: []string{"*password*", "authorization"}})
	emit(tel)
	if err := tel.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, c := range tel.Exports() {
		if addUp(t, c); c.Sent != c.Created || c.Sent == 0 {
			t.Errorf("%+v", c)
		}
	}
	for line := range strings.Lines(out.String()) {
		if !json.Valid([]byte(line)) {
			t.Fatalf("not JSON: %s", line)
		}
	}
	return out.String()
}

// other is a span that a link can lead to.
var other = trace.NewSpanContext(trace.SpanContextConfig{TraceID: trace.TraceID{1}, SpanID: trace.SpanID{1}})

// Planted secrets are in no signal, whichever way they went in.
func TestNoSecretIsExported(t *testing.T) {
	text := written(t, func(s *model.OTelSettings) {
		s.ResourceAttributes = map[string]string{"db.password": "hunter2", "cmd": "run --password hunter2"}
	},
		func(tel *Telemetry) {
			ctx, span := tel.Tracer("test").Start(context.Background(), "s", trace.WithAttributes(
				attribute.String("db.password", "hunter2"), attribute.StringSlice("args", []string{"x", "--password=hunter2"}),
				attribute.String("url", "http://u:hunter2@host/")), trace.WithLinks(trace.Link{SpanContext: other, Attributes: []attribute.KeyValue{attribute.String("password", "hunter2")}}))
			span.AddEvent("e", trace.WithAttributes(attribute.String("authorization", "Bearer hunter2")))
			span.SetStatus(codes.Error, "login with password=hunter2")
			span.End()
			logRecords(tel, 3)
			dataPoints(tel, 1)
			_ = ctx
		})
	if strings.Contains(text, "hunter2") {
		t.Errorf("a secret is in\n%s", text)
	}
	if n := strings.Count(text, model.Redacted); n < 10 {
		t.Errorf("%d values are hidden in\n%s", n, text)
	}
}

// Log records carry the run, and the span they were written in unless told not to.
func TestLogCorrelation(t *testing.T) {
	for _, on := range []bool{true, false} {
		text := written(t, func(s *model.OTelSettings) { s.LogCorrelation = on; s.MetricsExporter = []string{"none"} }, func(tel *Telemetry) { logRecords(tel, 1) })
		var batch struct {
			ResourceLogs []struct {
				ScopeLogs []struct {
					LogRecords []struct{ TraceID, SpanID string }
				}
			}
		}
		for line := range strings.Lines(text) {
			if strings.Contains(line, "resourceLogs") {
				if err := json.Unmarshal([]byte(line), &batch); err != nil {
					t.Fatal(err)
				}
			}
		}
		r := batch.ResourceLogs[0].ScopeLogs[0].LogRecords[0]
		if got := len(r.TraceID) == 32 && len(r.SpanID) == 16; got != on {
			t.Errorf("log_correlation %v: trace %q, span %q", on, r.TraceID, r.SpanID)
		}
		if !strings.Contains(text, "the-run") {
			t.Error("the records do not name the run")
		}
	}
}

// The user's limits cut what exporters see, and what was cut is counted there.
func TestLimitsOfSpans(t *testing.T) {
	text := written(t, func(s *model.OTelSettings) {
		s.MetricsExporter, s.LogsExporter = []string{"none"}, []string{"none"}
		s.AttributeCountLimit, s.AttributeLengthLimit, s.SpanEventCountLimit, s.SpanLinkCountLimit = 2, 3, 1, 0
	}, func(tel *Telemetry) {
		_, span := tel.Tracer("test").Start(context.Background(), "s", trace.WithLinks(trace.Link{SpanContext: other}), trace.WithAttributes(
			attribute.String("a", "\u00e4\u00f6\u00fc\u00df"), attribute.Int("b", 12345), attribute.Bool("c", true), attribute.Bool("d", true)))
		span.AddEvent("old")
		span.AddEvent("new", trace.WithAttributes(attribute.Bool("a", true), attribute.Bool("b", true), attribute.Bool("c", true)))
		span.End()
	})
	for _, want := range []string{`"\u00e4\u00f6\u00fc"`, `"12345"`, `"droppedAttributesCount":2`, `"droppedEventsCount":1`, `"droppedLinksCount":1`, `"name":"new"`, `"droppedAttributesCount":1`} {
		if !strings.Contains(text, strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(want, `\u00e4`, "\u00e4"), `\u00f6`, "\u00f6"), `\u00fc`, "\u00fc")) {
			t.Errorf("%s is not in\n%s", want, text)
		}
	}
	for _, gone := range []string{`"old"`, `"key":"c"`, "\u00df"} {
		if strings.Contains(text, gone) {
			t.Errorf("%s is in\n%s", gone, text)
		}
	}
}
