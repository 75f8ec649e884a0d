package receiver

import (
	"bytes"
	"strings"
	"testing"

	"go.opentelemetry.io/collector/pdata/pmetric/pmetricotlp"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// swallow takes a body in as a server would, and looks at everything that came of
// it. Nothing may panic, and what is counted must be there.
func swallow(t *testing.T, signal string, json bool, body []byte) {
	req, err := decode(signal, json, body, newRedactor(model.NewRedactor([]string{"*secret*"})))
	if err != nil {
		return
	}
	spans := 0
	for _, g := range req.groups {
		spans += len(g.Spans)
		for _, s := range g.Spans {
			if s.ID.IsZero() || s.Trace == (model.TraceID{}) {
				t.Fatal("a span without ids")
			}
		}
	}
	s := NewSession(SessionOptions{MaxBuilds: 4, MaxSpans: 100, MaxText: 1 << 16})
	s.Take(req.groups, len(body))
	s.Take(req.groups, len(body)) // again, as a sender does that got no answer
	s.Close()
	for _, b := range s.Builds() {
		story(t, b)
		b.View().Logs(runview.LogQuery{Node: 1, Height: 10})
	}
	s.Metrics()
	if n := s.Totals().Spans; n != int64(2*spans) {
		t.Fatalf("%d spans of %d", n, 2*spans)
	}
	for _, json := range []bool{false, true} {
		if _, err := response(signal, req, json); err != nil {
			t.Fatal(err)
		}
	}
}

func seeds(t testing.TB, json bool) (out [][]byte) {
	t.Helper()
	traces := oneTrace("one", "")
	metrics := pmetricotlp.NewExportRequestFromMetrics(allMetrics())
	for _, r := range []interface {
		MarshalProto() ([]byte, error)
		MarshalJSON() ([]byte, error)
	}{traces, metrics} {
		data, err := r.MarshalProto()
		if json {
			data, err = r.MarshalJSON()
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func FuzzProtobuf(f *testing.F) {
	for i, data := range seeds(f, false) {
		f.Add(uint8(i), data)
	}
	f.Fuzz(func(t *testing.T, signal uint8, data []byte) {
		swallow(t, signals[int(signal)%len(signals)], false, data)
	})
}

func FuzzJSON(f *testing.F) {
	for i, data := range seeds(f, true) {
		f.Add(uint8(i), data)
	}
	f.Add(uint8(0), []byte(`{"resourceSpans":[{"scopeSpans":[{"spans":[{"traceId":"9ce1ec73fb332f3de44e7e9d5e33fe37","spanId":"fc861f867eec1544","parentSpanId":"fc861f867eec1544","name":"graph_product.build","attributes":[{"key":"a","value":{"kvlistValue":{"values":[{"key":"b"}]}}}],"links":[{}],"events":[{"name":"capture.table"}]}]}]}]}`))
	f.Add(uint8(2), []byte(`{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"severityText":"WARN","traceId":"9ce1ec73fb332f3de44e7e9d5e33fe37"}]}]}]}`))
	f.Fuzz(func(t *testing.T, signal uint8, data []byte) {
		swallow(t, signals[int(signal)%len(signals)], true, data)
	})
}

// Files hold anything; what can be read of them is taken.
func FuzzFile(f *testing.F) {
	data := seeds(f, true)
	f.Add(bytes.Join(data, []byte("\n")))
	f.Add([]byte("{\"resourceSpans\":1}\n\n{}\n[1,2\n{\"x\":{},\"resourceLogs\":[]}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		s := NewSession(SessionOptions{MaxBuilds: 4, MaxSpans: 100, MaxText: 1 << 16})
		defer s.Close()
		requests, bad, err := ReadFile(bytes.NewReader(data), s, nil)
		if (bad > 0) != (err != nil) {
			t.Fatalf("%d lines are bad, and the error is %v", bad, err)
		}
		if lines := strings.Count(string(data), "\n") + 1; requests+bad > lines {
			t.Fatalf("%d requests and %d bad ones in %d lines", requests, bad, lines)
		}
	})
}
