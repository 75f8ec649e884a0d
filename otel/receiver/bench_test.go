package receiver

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"
	"go.opentelemetry.io/collector/pdata/ptrace/ptraceotlp"

	"github.com/buildscope/buildscope/model"
)

// spansPerRequest is the batch of an exporter with default settings.
const spansPerRequest = 512

// requests makes n requests of one trace, each with a parent that comes last, as a
// build sends them. Every span has six attributes.
func requests(b *testing.B, trace byte, n int) [][]byte {
	b.Helper()
	var out [][]byte
	for i := range n {
		t := ptrace.NewTraces()
		rs := t.ResourceSpans().AppendEmpty()
		rs.Resource().Attributes().PutStr("service.name", "bench")
		ss := rs.ScopeSpans().AppendEmpty()
		ss.Scope().SetName(model.ScopePipeline)
		for j := range spansPerRequest {
			s := ss.Spans().AppendEmpty()
			k := uint64(i*spansPerRequest + j + 2)
			s.SetTraceID(pcommon.TraceID{0: trace, 15: 1})
			s.SetSpanID(spanID(k))
			s.SetParentSpanID(spanID(uint64(i*spansPerRequest + spansPerRequest + 1)))
			s.SetName(model.SpanFile)
			if j == spansPerRequest-1 {
				s.SetName("node")
				s.SetParentSpanID(spanID(1))
				s.Attributes().PutStr(model.AttrNodeName, "node")
			}
			s.SetStartTimestamp(pcommon.Timestamp(1e18 + k*1000))
			s.SetEndTimestamp(pcommon.Timestamp(1e18 + k*1000 + 500))
			s.Attributes().PutStr(model.AttrRunID, "0192f0c1-0000-7000-8000-000000000000")
			s.Attributes().PutStr(model.AttrFilePath, fmt.Sprintf("pkg/dir%d/file%d.py", j%20, j))
			s.Attributes().PutInt("file.bytes", int64(j*37))
			s.Attributes().PutInt(model.AttrNodeRows, int64(j))
			s.Attributes().PutStr("file.language", "python")
			s.Attributes().PutBool("file.cached", j%2 == 0)
		}
		data, err := ptraceotlp.NewExportRequestFromTraces(t).MarshalProto()
		if err != nil {
			b.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

func spanID(n uint64) (out pcommon.SpanID) {
	binary.BigEndian.PutUint64(out[:], n)
	return out
}

// From the bytes of a request to rows of a view, on one core. The goal is 100,000
// spans a second on two.
func BenchmarkReceive(b *testing.B) {
	list := requests(b, 1, 100)
	for name, keys := range map[string]*model.Redactor{"plain": nil, "redacted": model.NewRedactor([]string{"*password*", "*secret*", "*token*", "*api_key*", "authorization"})} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			spans := 0
			for b.Loop() {
				s := NewSession(SessionOptions{})
				for _, data := range list {
					req, err := decode(model.SignalTraces, false, data, newRedactor(keys))
					if err != nil {
						b.Fatal(err)
					}
					s.Take(req.groups, len(data))
					spans += req.items
				}
				s.Close()
			}
			b.ReportMetric(float64(spans)/b.Elapsed().Seconds(), "spans/s")
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(spans), "ns/span")
		})
	}
}

// What a span takes once it is received. The goal is 150 bytes.
func BenchmarkHeld(b *testing.B) {
	for b.Loop() {
		list := requests(b, 1, 500)
		s := NewSession(SessionOptions{})
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		n := 0
		for _, data := range list {
			req, err := decode(model.SignalTraces, false, data, newRedactor(nil))
			if err != nil {
				b.Fatal(err)
			}
			s.Take(req.groups, len(data))
			n += req.items
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		b.ReportMetric(float64(after.HeapAlloc-before.HeapAlloc)/float64(n), "B/span")
		b.ReportMetric(float64(n), "spans")
		s.Close()
		runtime.KeepAlive(list)
	}
}

// Traces of two spans, as a server makes them: most are gone again at once.
func BenchmarkSmallTraces(b *testing.B) {
	s := NewSession(SessionOptions{})
	defer s.Close()
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		n++
		trace := model.TraceID{0: 1}
		binary.BigEndian.PutUint64(trace[8:], uint64(n))
		s.Take([]Group{{Spans: []model.SpanRecord{
			{Trace: trace, ID: id(2), Parent: id(1), Name: "child", Start: 2, End: 3, Sampled: true},
			{Trace: trace, ID: id(1), Name: "root", Start: 1, End: 4, Sampled: true},
		}}}, 200)
	}
	b.ReportMetric(2*float64(n)/b.Elapsed().Seconds(), "spans/s")
}
