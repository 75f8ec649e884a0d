package tui

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// scriptedRun is a build whose facts the test writes itself.
type scriptedRun struct {
	db   *runview.DB
	done chan struct{}
	ids  map[string]model.SpanID
	// tables are the statistics of what extract_python produces.
	tables []model.TableStats

	mu        sync.Mutex
	snap      model.RunSnapshot // guarded by mu
	cancelled string            // reason of the first Cancel; guarded by mu
	onCancel  func()
}

var _ Run = (*scriptedRun)(nil)

func (r *scriptedRun) View() *runview.DB     { return r.db }
func (r *scriptedRun) Done() <-chan struct{} { return r.done }

func (r *scriptedRun) Snapshot() model.RunSnapshot {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.snap
}

func (r *scriptedRun) Cancel(reason string) {
	r.mu.Lock()
	first := r.cancelled == ""
	if first {
		r.cancelled = reason
	}
	r.mu.Unlock()
	if first && r.onCancel != nil {
		r.onCancel()
	}
}

func (r *scriptedRun) reason() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.cancelled
}

// at is a moment of the script, in milliseconds after the start of the run.
func at(ms int64) int64 { return epoch.UnixNano() + ms*1e6 }

var scriptPlan = model.Plan{Nodes: []model.PlanNode{
	{Name: "scan_repo", Kind: model.KindExtract, Doc: "Lists the files of the repository.", Outputs: []string{"repo_files"}, Critical: true, Source: "pipeline/cpg/scan.go:31"},
	{Name: "extract_python", Kind: model.KindExtract, Doc: "Reads every Python file.", Deps: []string{"scan_repo"}, Outputs: []string{"py_defs", "py_refs"}, Generation: 1, Critical: true, EstimateNS: 11_000_000_000, Source: "pipeline/cpg/python.go:88"},
	{Name: "extract_go", Kind: model.KindExtract, Deps: []string{"scan_repo"}, Outputs: []string{"go_defs"}, Generation: 1, Source: "pipeline/cpg/golang.go:40"},
	{Name: "relate_scopes", Kind: model.KindSQL, Doc: "Resolves names to the scope that binds them.", Deps: []string{"extract_python"}, Outputs: []string{"scope_edges"}, Generation: 2, Critical: true, Source: "relate_scopes.sql", SQL: "SELECT r.ref_id, b.binding_id\nFROM py_refs r\nJOIN py_bindings b USING (scope_id, name)\n"},
	{Name: "cpg_nodes", Kind: model.KindEmit, Deps: []string{"extract_go", "extract_python"}, Outputs: []string{"cpg_nodes"}, Generation: 3},
	{Name: "cpg_edges", Kind: model.KindEmit, Deps: []string{"relate_scopes"}, Outputs: []string{"cpg_edges"}, Generation: 3, Critical: true},
}}

// newRun is a run that has a plan and nothing else.
func newRun() *scriptedRun { return newRunIn(runview.Options{}) }

func newRunIn(o runview.Options) *scriptedRun {
	r := &scriptedRun{db: runview.New(o), done: make(chan struct{}), ids: make(map[string]model.SpanID),
		tables: []model.TableStats{tableStats("py_refs"), {Table: "py_defs", Rows: 0}}}
	r.snap = model.RunSnapshot{
		RunID: "0195f0c2-6c1e-7000-8000-000000000001", State: model.RunRunning, Profile: "debug", RepoRoot: "/src/requests", Workers: 2, Started: epoch,
		Exports: []model.ExportCounts{{Exporter: "otlp grpc", Endpoint: "collector:4317", Sent: 812, Created: 812}},
	}
	r.db.SetRun(epoch)
	r.db.SetPlan(scriptPlan)
	r.span(model.SpanRecord{Name: model.SpanBuild, Start: at(0)}, "root", "")
	return r
}

// span applies a record under a name of the script.
func (r *scriptedRun) span(rec model.SpanRecord, name, parent string) {
	id, ok := r.ids[name]
	if !ok {
		n := len(r.ids) + 1
		id = model.SpanID{0xb5, 0, 0, 0, 0, byte(n >> 16), byte(n >> 8), byte(n)}
		r.ids[name] = id
	}
	rec.ID, rec.Parent, rec.Trace, rec.Sampled = id, r.ids[parent], model.TraceID{1, 2, 3}, true
	r.db.Apply([]model.SpanRecord{rec})
}

// node applies the start (end 0) or the end of a node.
func (r *scriptedRun) node(name string, start, end, rows int64, more ...func(*model.SpanRecord)) {
	rec := model.SpanRecord{Name: name, Scope: model.ScopePipeline, Start: start, End: end, Attrs: []model.Attr{
		{Key: model.AttrNodeName, Value: name}, {Key: model.AttrNodeKind, Value: "extract"},
	}}
	if end != 0 {
		rec.Attrs = append(rec.Attrs, model.Attr{Key: model.AttrNodeRows, Value: rows}, model.Attr{Key: model.AttrNodeState, Value: "succeeded"})
		rec.Status = model.StatusOK
	}
	for _, change := range more {
		change(&rec)
	}
	if name == "extract_python" && end != 0 && rec.Status == model.StatusOK {
		for _, t := range r.tables {
			rec.Events = append(rec.Events, t.Events(end)...)
		}
	}
	r.span(rec, name, "root")
	e := model.NodeExecution{Name: name, State: model.NodeRunning, Start: start, End: end, Rows: rows}
	switch {
	case rec.Status == model.StatusError:
		e.State, e.Error = model.NodeFailed, rec.StatusMessage
	case end != 0:
		e.State = model.NodeSucceeded
	}
	r.db.SetNode(e, nil)
}

// file applies the start or the end of one file of a node.
func (r *scriptedRun) file(node, path string, start, end int64, more ...func(*model.SpanRecord)) {
	rec := model.SpanRecord{Name: model.SpanFile, Scope: model.ScopePipeline, Start: start, End: end, Attrs: []model.Attr{{Key: model.AttrFilePath, Value: path}}}
	for _, change := range more {
		change(&rec)
	}
	r.span(rec, node+"/"+path, node)
}

func failing(message string) func(*model.SpanRecord) {
	return func(rec *model.SpanRecord) {
		rec.Status, rec.StatusMessage = model.StatusError, message
		rec.Events = append(rec.Events, model.SpanEvent{Name: model.EventException, Time: rec.End, Attrs: []model.Attr{
			{Key: "exception.message", Value: message}, {Key: model.AttrExceptionCauses, Value: []string{"relate: " + message, message}}, {Key: "exception.stacktrace", Value: "main.relate()\n\tpipeline/relate.go:12"},
		}})
		for i := range rec.Attrs {
			if rec.Attrs[i].Key == model.AttrNodeState {
				rec.Attrs[i].Value = "failed"
			}
		}
	}
}

func (r *scriptedRun) log(ms int64, level, node, text string) {
	r.db.AddLog(model.LogRecord{Time: at(ms), Level: level, Node: node, Message: text, Attrs: []model.Attr{{Key: "files", Value: int64(868)}}})
}

// midway brings the run to 12.4 seconds: two nodes are done, one runs.
func (r *scriptedRun) midway() *scriptedRun {
	r.node("scan_repo", at(0), at(210), 1204)
	r.node("extract_go", at(215), at(340), 0)
	r.node("extract_python", at(215), 0, 0)
	r.db.SetProgress("extract_python", runview.Progress{Done: 412, Total: 868, Unit: "files"})
	for i := range 6 {
		r.file("extract_python", fmt.Sprintf("src/requests/mod_%d.py", i), at(300+int64(i)*1900), at(2000+int64(i)*1900))
	}
	r.file("extract_python", "src/requests/sessions.py", at(12000), 0)
	r.log(205, "INFO", "scan_repo", "scanned the repository")
	r.log(300, "DEBUG", "extract_python", "reading Python files")
	r.log(9000, "WARN", "extract_python", "mod_3.py does not parse")
	return r
}

// succeed ends the run well.
func (r *scriptedRun) succeed() *scriptedRun {
	r.midway()
	r.file("extract_python", "src/requests/sessions.py", at(12000), at(12300))
	r.node("extract_python", at(215), at(12400), 601064)
	profile, _ := json.Marshal(model.QueryProfile{
		SQL: scriptPlan.Nodes[3].SQL, LatencyNS: 890e6, CPUNS: 1500e6, Rows: 98402, PeakMemory: 200 << 20, BytesRead: 38 << 20, FilesListed: 868, FilesRead: 430,
		Root: []model.Operator{{Name: "PROJECTION", TimeNS: 10e6, Rows: 98402, EstimatedRows: -1, Children: []model.Operator{
			{Name: "HASH_JOIN", TimeNS: 700e6, Rows: 98402, EstimatedRows: 12, Extra: map[string]string{"Conditions": "scope_id = scope_id"}, Children: []model.Operator{
				{Name: "FILTER", TimeNS: 20e6, Rows: 601064, EstimatedRows: 120000, Children: []model.Operator{
					{Name: "READ_PARQUET", TimeNS: 180e6, Rows: 601064, EstimatedRows: 601064, Extra: map[string]string{"Filename(s)": "/work/py_refs.parquet", "Projections": "ref_id\nscope_id\nname"}},
				}},
				{Name: "READ_PARQUET", TimeNS: 9e6, Rows: 120034, EstimatedRows: 120034, Extra: map[string]string{"Filename(s)": "/work/py_bindings.parquet"}},
			}},
		}}},
	})
	r.node("relate_scopes", at(12410), 0, 0)
	r.span(model.SpanRecord{Name: model.SpanEngineQuery, Scope: model.ScopeEngine, Start: at(12411), End: at(13300), Attrs: []model.Attr{
		{Key: model.AttrEngineSQL, Value: scriptPlan.Nodes[3].SQL}, {Key: model.AttrEngineProfile, Value: string(profile)},
	}}, "query", "relate_scopes")
	r.node("relate_scopes", at(12410), at(13300), 98402)
	r.node("cpg_nodes", at(12410), at(12900), 301000)
	r.node("cpg_edges", at(13310), at(13900), 98402)
	r.mu.Lock()
	r.snap.OutputDir, r.snap.Outputs = "/src/requests/.buildscope/outputs/0195f0c2", make([]model.OutputLocation, 2)
	r.mu.Unlock()
	r.end(model.RunSucceeded, at(14000))
	return r
}

// fail ends the run with a failed node, one that needed it, and one bad file.
func (r *scriptedRun) fail() *scriptedRun {
	r.midway()
	r.file("extract_python", "src/requests/sessions.py", at(12000), at(12300), failing("invalid UTF-8 at byte 77"))
	r.node("extract_python", at(215), at(12400), 601064)
	r.node("relate_scopes", at(12410), at(12800), 0, failing("Binder Error: column \"scope_id\" not found\nLINE 3"))
	r.node("cpg_nodes", at(12410), at(12900), 301000)
	r.db.SetNode(model.NodeExecution{Name: "cpg_edges", Kind: model.KindEmit, State: model.NodeBlocked, BlockedBy: "relate_scopes"}, nil)
	r.mu.Lock()
	r.snap.Err, r.snap.ErrNode = "relate_scopes: Binder Error", "relate_scopes"
	r.mu.Unlock()
	r.end(model.RunFailed, at(13000))
	return r
}

// end closes the run.
func (r *scriptedRun) end(state model.RunState, end int64) {
	r.span(model.SpanRecord{Name: model.SpanBuild, Start: at(0), End: end}, "root", "")
	r.db.Close()
	r.mu.Lock()
	r.snap.State, r.snap.Ended = state, time.Unix(0, end)
	r.mu.Unlock()
	close(r.done)
}
