package cli_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/cli"
	"github.com/buildscope/buildscope/engine"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// told is a span as one of the two stories tells it, in texts.
type told struct {
	Name, Scope, Parent, Start, End, Status, Message string
	Attrs                                            map[string]string
	Events                                           []toldEvent
}

type toldEvent struct {
	Name, Time string
	Attrs      map[string]string
}

// compareSpanFile holds spans.parquet of a bundle against what a collector wrote:
// every field of every span of the trace.
func compareSpanFile(t *testing.T, received, bundleDir, trace string) {
	t.Helper()
	got, want := spanFile(t, bundleDir), collected(t, received, trace)
	if len(got) != len(want) || len(want) == 0 {
		t.Errorf("spans.parquet has %d spans, the collector %d", len(got), len(want))
	}
	for id, w := range want {
		if g, ok := got[id]; !ok || !reflect.DeepEqual(g, w) {
			t.Errorf("span %s\nspans.parquet: %+v\nthe collector: %+v", id, g, w)
		}
	}
}

// compareFailure compares a build whose node fails, which its span says with an
// event.
func compareFailure(t *testing.T, c *collector) {
	t.Helper()
	repo := repository(t, "fail")
	p := command(t, "probe", "build", repo, "--profile", "debug", "--otel-endpoint", "http://127.0.0.1:"+strconv.Itoa(c.grpc))
	if code := p.run(); code != cli.ExitFailed {
		t.Fatalf("exit %d: %s", code, p.narration())
	}
	b := newest(t, repo)
	var m model.ManifestPayload
	if err := b.Payload(model.ArtifactManifest, &m); err != nil {
		t.Fatal(err)
	}
	c.spans(t, m.TraceID, m.SpansTotal)
	compareSpanFile(t, c.file, b.Dir, m.TraceID)
	events := 0
	for _, s := range collected(t, c.file, m.TraceID) {
		events += len(s.Events)
	}
	if events == 0 {
		t.Error("no span has an event, so none were compared")
	}
}

// spanFile reads spans.parquet by span id.
func spanFile(t *testing.T, bundleDir string) map[string]told {
	t.Helper()
	out := map[string]told{}
	file := pipeline.Table{Name: "spans", Files: []string{filepath.Join(bundleDir, bundle.SpansFile)}}
	err := file.Read(t.Context(), func(batch arrow.RecordBatch) error {
		data, err := json.Marshal(batch)
		if err != nil {
			return err
		}
		var rows []struct {
			SpanID  string      `json:"span_id"`
			Parent  string      `json:"parent_span_id"`
			Name    string      `json:"name"`
			Scope   string      `json:"scope"`
			Start   json.Number `json:"start_unix_ns"`
			End     json.Number `json:"end_unix_ns"`
			Status  string      `json:"status"`
			Message string      `json:"status_message"`
			Attrs   string      `json:"attributes"`
			Events  string      `json:"events"`
		}
		if err := json.Unmarshal(data, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			var attrs map[string]any
			var events []struct {
				Name  string         `json:"name"`
				Time  json.Number    `json:"time_unix_ns"`
				Attrs map[string]any `json:"attributes"`
			}
			if err := errors.Join(decodeNumbers(r.Attrs, &attrs), decodeNumbers(r.Events, &events)); err != nil {
				return err
			}
			s := told{Name: r.Name, Scope: r.Scope, Parent: r.Parent, Start: r.Start.String(), End: r.End.String(), Status: r.Status, Message: r.Message, Attrs: texts(attrs)}
			for _, e := range events {
				s.Events = append(s.Events, toldEvent{e.Name, e.Time.String(), texts(e.Attrs)})
			}
			out[r.SpanID] = s
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// collected reads the spans of a trace from the collector's file, by span id.
func collected(t *testing.T, received, trace string) map[string]told {
	t.Helper()
	data, err := os.ReadFile(received)
	if err != nil {
		t.Fatal(err)
	}
	type keyed struct {
		Key   string
		Value map[string]any
	}
	flat := func(list []keyed) map[string]string {
		m := map[string]any{}
		for _, kv := range list {
			m[kv.Key] = plainValue(kv.Value)
		}
		return texts(m)
	}
	out := map[string]told{}
	lines := bufio.NewScanner(bytes.NewReader(data))
	lines.Buffer(nil, len(data)+1)
	for lines.Scan() {
		var line struct {
			ResourceSpans []struct {
				ScopeSpans []struct {
					Scope struct{ Name string }
					Spans []struct {
						TraceID, SpanID, ParentSpanID, Name string
						StartTimeUnixNano, EndTimeUnixNano  string
						Status                              struct {
							Code    int
							Message string
						}
						Attributes []keyed
						Events     []struct {
							TimeUnixNano, Name string
							Attributes         []keyed
						}
					}
				}
			}
		}
		if decodeNumbers(lines.Text(), &line) != nil {
			break // the last line is still being written
		}
		for _, r := range line.ResourceSpans {
			for _, scope := range r.ScopeSpans {
				for _, s := range scope.Spans {
					if s.TraceID != trace {
						continue
					}
					one := told{Name: s.Name, Scope: scope.Scope.Name, Parent: s.ParentSpanID, Start: s.StartTimeUnixNano, End: s.EndTimeUnixNano,
						Status: model.SpanStatus(s.Status.Code).String(), Message: s.Status.Message, Attrs: flat(s.Attributes)}
					for _, e := range s.Events {
						one.Events = append(one.Events, toldEvent{e.Name, e.TimeUnixNano, flat(e.Attributes)})
					}
					out[s.SpanID] = one
				}
			}
		}
	}
	return out
}

func decodeNumbers(text string, v any) error {
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.UseNumber()
	return d.Decode(v)
}

// plainValue takes the value out of OTLP's {"intValue": "1"}.
func plainValue(v map[string]any) any {
	for kind, inner := range v {
		switch kind {
		case "intValue":
			return json.Number(fmt.Sprint(inner))
		case "doubleValue":
			if n, ok := inner.(json.Number); ok {
				f, _ := n.Float64() // a number of JSON is one
				return f
			}
		case "arrayValue":
			list, _ := inner.(map[string]any)["values"].([]any)
			out := []any{}
			for _, item := range list {
				out = append(out, plainValue(item.(map[string]any)))
			}
			return out
		}
		return inner
	}
	return ""
}

// texts writes values so that the two stories can be compared: 1e2 and 100 are
// the same number.
func texts(values map[string]any) map[string]string {
	out := map[string]string{}
	var text func(v any) string
	text = func(v any) string {
		switch v := v.(type) {
		case json.Number:
			if _, err := v.Int64(); err == nil {
				return v.String()
			}
			f, _ := v.Float64() // a number of JSON is one
			return text(f)
		case float64:
			if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
				return strconv.FormatInt(int64(v), 10)
			}
			return strconv.FormatFloat(v, 'g', -1, 64)
		case []any:
			s := "["
			for _, item := range v {
				s += text(item) + " "
			}
			return s + "]"
		}
		return fmt.Sprint(v)
	}
	for k, v := range values {
		out[k] = text(v)
	}
	return out
}

// Every span that ended is in the file, sampled or not, a failing node's
// exception and secrets by name included, and the manifest counts them.
func TestSpanFileOfARun(t *testing.T) {
	repo := repository(t, "fail")
	p := command(t, "probe", "build", repo, "--otel-sampler", "always_off", "--diagnostics-redact-keys", "*node.kind", "--profile", "debug")
	if code := p.run(); code != cli.ExitFailed {
		t.Fatalf("exit %d: %s", code, p.narration())
	}
	b := newest(t, repo)
	var m model.ManifestPayload
	if err := b.Payload(model.ArtifactManifest, &m); err != nil {
		t.Fatal(err)
	}
	spans := spanFile(t, b.Dir)
	if int64(len(spans)) != m.SpansTotal || m.SpansWritten != m.SpansTotal || m.SpansTotal < 3 {
		t.Errorf("%d spans in the file, manifest %d of %d", len(spans), m.SpansWritten, m.SpansTotal)
	}
	found := false
	for _, s := range spans {
		if s.Name != "wait" {
			continue
		}
		found = true
		if s.Status != "error" || s.Message != "asked to fail" || len(s.Events) == 0 || s.Events[0].Attrs["exception.message"] != "asked to fail" ||
			s.Attrs[model.AttrNodeKind] != model.Redacted || s.Attrs[model.AttrNodeName] != "wait" {
			t.Errorf("span %+v", s)
		}
	}
	if !found {
		t.Error("the failed node has no span in the file")
	}
}

// The query that docs/bundle.md shows runs on a real bundle.
func TestQueryOfTheBundlePage(t *testing.T) {
	page, err := os.ReadFile("../docs/bundle.md")
	if err != nil {
		t.Fatal(err)
	}
	shown := regexp.MustCompile("(?s)```sql\n(.*?)```").FindSubmatch(page)
	if shown == nil {
		t.Fatal("the page shows no SQL")
	}
	repo := t.TempDir()
	if err := os.WriteFile(filepath.Join(repo, "a.go"), []byte("package a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if p := command(t, "buildscope", "build", repo, "--profile", "debug", "--targets", "extract"); p.run() != 0 {
		t.Fatal(p.narration())
	}
	s, err := engine.Open(t.Context(), engine.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	query := strings.Replace(string(shown[1]), "spans.parquet", filepath.Join(newest(t, repo).Dir, bundle.SpansFile), 1)
	columns, rows, err := s.Query(t.Context(), query, 100)
	if err != nil || len(rows) != 1 || rows[0][0] != "a.go" {
		t.Errorf("columns %v, rows %v, %v", columns, rows, err)
	}
}
