package page

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// sampleStart is when the runs of these tests started.
var sampleStart = time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)

// sample is a run of a chain of nodes with a branch, the last of which failed.
func sample(nodes int) Facts {
	f := Facts{
		Manifest: model.ManifestPayload{RunID: "01a00000-0000-7000-8000-000000000009", Status: model.RunFailed, Error: "node n03: no such table", ErrorNode: "n03",
			Started: sampleStart, Version: "1.2.3", Pipeline: "cpg", Profile: "dev", RepoRoot: "/src/shop", TraceID: "0af7651916cd43dd8448eb211c80319c", SpansTotal: 40, SpansWritten: 40},
		Locations: model.LocationsPayload{RunID: "01a00000-0000-7000-8000-000000000009", OutputDir: "/out/01a0", LatestDir: "/out/01a0", RunBundleDir: "/work/runs/01a0",
			Outputs: []model.OutputLocation{{Name: "refs", Path: "/out/01a0/refs.parquet", Rows: 1234567, Bytes: 5 << 20, SchemaHash: "00ff00ff00ff00ff", Checksum: "1234123412341234"}}},
		Exports:  []model.ExportCounts{{Signal: "traces", Exporter: "otlp grpc", Endpoint: "http://localhost:4317", Created: 40, Sent: 30, Failed: 10, LastError: "connection refused"}},
		Tracker:  model.TrackerStatusPayload{Enabled: true, APIURL: "http://localhost:8241", ProjectID: "1", RunURL: "http://localhost:8242/run/1", NodesSent: 3},
		Causes:   []model.Cause{{Text: "Node n01 is on the critical path and ran 30ms (50 % of the build).", CostNS: 30e6, Node: "n01"}, {Text: "The result cache is off.", Setting: "build.incremental"}},
		Settings: []model.Value{{Key: "build.workers", Text: "2", Source: "flag --workers", Lower: []model.Layer{{Text: "0", Source: "default"}}}, {Key: "otel.headers", Text: model.Redacted, Source: "env OTEL_EXPORTER_OTLP_HEADERS", Secret: true}, {Key: "tui.theme", Text: "auto", Source: "default"}},
		Resource: map[string]string{"vcs.ref.head.revision": "0123456789abcdef0123456789abcdef01234567", "buildscope.vcs.dirty": "true"},
		Failures: []model.NodeFailure{{Node: "n03", Source: "relate.sql:12", Message: "no such table: refs\nLINE 3: FROM refs", Stack: "goroutine 1 [running]:", Blocked: []string{"n04"}}},
	}
	f.Capture = &model.CaptureStatisticsPayload{}
	at := sampleStart.UnixNano()
	f.Execution = model.PlanExecutionPayload{WorkersAllowed: 2, Parallelism: 1.25}
	for i := range nodes {
		name := fmt.Sprintf("n%02d", i)
		n := model.NodeExecution{Name: name, Kind: model.KindSQL, State: model.NodeSucceeded, Cache: model.CacheMiss, Ready: at, Start: at + 2e6, End: at + 2e6 + int64(1+i%5)*10e6,
			Rows: int64(1000 * (i * 7 % 11)), Bytes: int64(4096 * i), SpanID: fmt.Sprintf("%016x", i+2)}
		p := model.PlanNode{Name: name, Kind: model.KindSQL, Generation: i, Deps: []string{}, Source: "relate.sql:1"}
		if i > 0 {
			p.Deps = append(p.Deps, f.Plan.Nodes[i-1].Name)
		}
		if i > 2 {
			p.Deps = append(p.Deps, "n00")
		}
		switch {
		case i == 3:
			n.State, n.Error = model.NodeFailed, "no such table: refs"
		case i == 4:
			n = model.NodeExecution{Name: name, Kind: model.KindSQL, State: model.NodeBlocked, BlockedBy: "n03"}
		case i == 2:
			n.State, n.Cache = model.NodeCached, model.CacheHit
		}
		if n.End > 0 {
			at = n.End
			f.Execution.CriticalPath = append(f.Execution.CriticalPath, name)
			f.Execution.CriticalNS += n.DurationNS()
			f.Execution.BusyNS += n.DurationNS()
		}
		f.Execution.Nodes = append(f.Execution.Nodes, n)
		f.Plan.Nodes = append(f.Plan.Nodes, p)
		f.Capture.Tables = append(f.Capture.Tables, sampleTable(name))
	}
	// n01 is computed from n00 and a table that no node makes, n05 from a node of which it
	// is not known what it is computed from.
	query := func(node, unknown string, list ...model.Origin) {
		f.Execution.Queries = append(f.Execution.Queries, model.NodeQuery{Node: node, Profile: model.QueryProfile{Origins: list, NoOrigins: unknown}})
	}
	query("n01", "", model.Origin{Column: "total", From: []string{"n00.cents", "rates.rate"}}, model.Origin{Column: "n", From: []string{}})
	query("n02", "", model.Origin{Column: "most", From: []string{"n01.total"}})
	query("n03", "it is no SELECT")
	query("n05", "", model.Origin{Column: "score", From: []string{"n04.score", "n00.cents"}})
	f.Caches = []model.CacheAccount{
		{Cache: "list_files", Setting: "engine.list_files_cache_limit", Value: "1M", Source: "default", CacheCounts: model.CacheCounts{Limit: 1 << 20}},
		{Cache: "statistics", Setting: "engine.file_statistics_cache_limit", Value: "20M", Source: "flag --engine-file-statistics-cache-limit", Advice: "20M dropped 7 entries; 40M would have hit 90 %.",
			CacheCounts: model.CacheCounts{Limit: 20 << 20, Hits: 3, Misses: 1, Evictions: 7, Rejections: 2, Bytes: 19 << 20, PeakBytes: 20 << 20}, Curve: model.CacheCurve{Lookups: 4, Points: []model.CachePoint{{Limit: 40 << 20, Hits: 3}}}},
	}
	f.Execution.WallNS = at - sampleStart.UnixNano()
	f.Manifest.Ended = time.Unix(0, at)
	f.Artifacts = []Artifact{{Name: model.ArtifactPlan, Size: 64, Text: "{\n  \"name\": \"plan\"\n}\n"}, {Name: model.ArtifactCapture, Size: 1 << 20, Text: "{\n"}}
	return f
}

func sampleTable(node string) model.TableStats {
	number := func(f float64) *float64 { return &f }
	count := func(n int64) *int64 { return &n }
	bins := []model.Bin{{Lo: 0, Hi: 1, Count: 3}, {Lo: 1, Hi: 2}, {Lo: 2, Hi: 3, Count: 9}}
	return model.TableStats{Table: node, Node: node, Rows: 100, Bytes: 2048, Columns: []model.ColumnStats{
		{Name: "id", Type: "int64", Family: "numeric", Count: 100, Nulls: 3, Distinct: count(97), Min: number(0), Max: number(96.5), Mean: number(48.25), Histogram: bins},
		{Name: "path", Type: "utf8", Family: "string", Count: 100, MinText: "a.go", MaxText: "z.go", LenMean: number(4), Top: []model.TopValue{{Value: "a.go", Count: 7}}},
	}}
}

// sampleSpans writes a file of spans below the nodes of a run and chooses from it:
// each node has spans of files, and these have queries, which get longer with their
// number. The last of each node failed.
func sampleSpans(t testing.TB, f *Facts, perNode int) (path string) {
	t.Helper()
	w, err := bundle.Create(t.TempDir(), "r")
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close()
	s, err := w.Spans()
	if err != nil {
		t.Fatal(err)
	}
	id := uint32(1 << 20)
	span := func(parent model.SpanID, name string, start, end int64) model.SpanRecord {
		id++
		r := model.SpanRecord{Parent: parent, Name: name, Scope: model.ScopePipeline, Start: start, End: end, Sampled: true}
		r.Trace[0], r.ID = 1, model.SpanID{1, byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}
		return r
	}
	for _, n := range f.Execution.Nodes {
		parent, ok := spanID(n.SpanID)
		if !ok {
			continue
		}
		for i := range perNode / 2 {
			end := n.Start + n.DurationNS()*int64(i+1)/int64(perNode)
			file := span(parent, model.SpanFile, n.Start, end)
			file.Attrs = []model.Attr{{Key: model.AttrFilePath, Value: fmt.Sprintf("internal/%s/deep/folder/file_%04d.go", n.Name, i)}}
			if i == 0 {
				file.Status, file.StatusMessage = model.StatusError, "bad syntax"
			}
			query := span(file.ID, model.SpanEngineQuery, n.Start, end)
			s.Add([]model.SpanRecord{query, file})
			if i%1000 == 999 {
				time.Sleep(time.Millisecond) // the queue of the file is bounded
			}
		}
	}
	if _, lost, err := s.Close(); err != nil || lost > 0 {
		t.Fatal(lost, err)
	}
	path = filepath.Join(w.Dir, bundle.SpansFile)
	f.Spans = ReadSpans(context.Background(), path, f.Execution.Nodes)
	if f.Spans.Missing != "" {
		t.Fatal(f.Spans.Missing)
	}
	return path
}

// poison puts a text into every text of v, so that a place of the page that forgets
// to escape is found whatever it shows. Values of types with a fixed set of words
// are left alone.
func poison(v reflect.Value, text string) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text)
	case reflect.Pointer:
		if !v.IsNil() {
			poison(v.Elem(), text)
		}
	case reflect.Slice:
		for i := range v.Len() {
			poison(v.Index(i), text)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if f := v.Field(i); f.CanSet() {
				poison(f, text)
			}
		}
	case reflect.Map:
		for _, k := range v.MapKeys() {
			e := reflect.New(v.Type().Elem()).Elem()
			e.Set(v.MapIndex(k))
			poison(e, text)
			v.SetMapIndex(k, e)
		}
	}
}
