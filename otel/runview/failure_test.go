package runview

import (
	"slices"
	"testing"

	"github.com/buildscope/buildscope/model"
)

func engineSpan(id, parent byte, name string, start, end int64, attrs ...model.Attr) model.SpanRecord {
	rec := span(id, parent, name, end, model.StatusOK)
	rec.Scope, rec.Start, rec.Attrs = model.ScopeEngine, start, attrs
	return rec
}

// What the engine told of a node's statement comes from the spans below the node,
// as it does for a run whose plan nobody sent; the longest of several counts.
func TestStatementOfANode(t *testing.T) {
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "sql", Kind: model.KindSQL, SQL: "as planned"}, {Name: "cached"}, {Name: "go"}}})
	profile := `{"sql": "long", "latency_ns": 7, "files_listed": 99, "operators": [{"name": "SCAN", "estimated_rows": -1}]}`
	db.Apply([]model.SpanRecord{
		span(1, 0, model.SpanBuild, 0, 0), span(2, 1, "sql", 0, 0), span(8, 1, "go", 0, 0),
		engineSpan(3, 2, model.SpanEngineQuery, 1, 2, model.Attr{Key: model.AttrEngineSQL, Value: "short"}),
		engineSpan(4, 2, model.SpanEngineQuery, 2, 9, model.Attr{Key: model.AttrEngineSQL, Value: "long"}, model.Attr{Key: model.AttrEngineProfile, Value: profile}),
		engineSpan(5, 4, model.SpanEngineScan, 2, 3, model.Attr{Key: model.AttrEngineFilesListed, Value: int64(8)}, model.Attr{Key: model.AttrEngineFilesRead, Value: int64(3)}),
		engineSpan(6, 2, "other", 2, 3), engineSpan(9, 8, model.SpanEngineQuery, 2, 5, model.Attr{Key: model.AttrEngineSQL, Value: "plain"}, model.Attr{Key: model.AttrEngineProfile, Value: profile[:40]}),
	})
	db.SetNode(model.NodeExecution{Name: "cached", State: model.NodeCached}, &model.QueryProfile{SQL: "kept", FilesListed: 2, FilesRead: 2})
	of := func(name string) Statement {
		d, _ := db.Detail(db.byName[name])
		return d.Query
	}
	if q := of("sql"); q.SQL != "long" || q.Profile == nil || len(q.Profile.Root) != 1 || q.Queries != 2 || q.FilesListed != 8 || q.FilesRead != 3 || q.Cut != "" {
		t.Errorf("of the node: %+v", q)
	}
	if d, _ := db.Detail(db.bySpan[model.SpanID{4}]); d.Query.SQL != "long" || d.Query.Profile != of("sql").Profile || d.Query.FilesRead != 3 || d.Query.Queries != 0 {
		t.Errorf("of the query itself: %+v", d.Query)
	}
	if q := of("cached"); q.SQL != "kept" || q.Profile == nil || q.FilesListed != 2 {
		t.Errorf("of the cached node: %+v", q)
	}
	if q := of("go"); q.SQL != "plain" || q.Profile != nil || q.Cut == "" {
		t.Errorf("of a profile that was cut: %+v", q)
	}
}

func TestFailure(t *testing.T) {
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "extract", Source: "a.go:1"}, {Name: "sql", SQL: "SELECT x", Deps: []string{"extract", "gone"}}, {Name: "emit"}, {Name: "late"}, {Name: "publish"}}})
	exception := func(rec model.SpanRecord, text string) model.SpanRecord {
		rec.StatusMessage = text
		rec.Events = []model.SpanEvent{{Name: model.EventException, Attrs: []model.Attr{{Key: "exception.message", Value: text}}}}
		return rec
	}
	query := span(5, 3, model.SpanEngineQuery, 9, model.StatusError)
	query.StatusMessage = "no column x"
	db.Apply([]model.SpanRecord{span(1, 0, model.SpanBuild, 0, 0), span(2, 1, "extract", 8, model.StatusOK),
		exception(span(4, 2, "child", 7, model.StatusError), "bad file"), query, exception(span(3, 1, "sql", 9, model.StatusError), "sql: no column x\nLINE 3"),
		span(6, 1, "late", 0, 0)})
	db.SetNode(model.NodeExecution{Name: "extract", State: model.NodeSucceeded, Rows: 40, Start: 1, End: 8}, nil)
	db.SetNode(model.NodeExecution{Name: "sql", State: model.NodeFailed, Error: "sql: no column x\nLINE 3", Start: 8, End: 9}, nil)
	db.SetNode(model.NodeExecution{Name: "emit", State: model.NodeBlocked, BlockedBy: "sql"}, nil)
	db.SetNode(model.NodeExecution{Name: "publish", State: model.NodeBlocked, BlockedBy: "sql"}, nil)
	db.SetNode(model.NodeExecution{Name: "late", State: model.NodeCancelled, Start: 8, End: 9}, nil)
	for _, from := range []string{"sql", "emit", "late"} {
		f, ok := db.Failure(db.byName[from])
		if !ok || f.Origin.Name != model.SpanEngineQuery || f.Node.Name != "sql" || f.Message != "sql: no column x\nLINE 3" || f.Statement != "SELECT x" || f.Exception == nil {
			t.Errorf("from %s: %+v", from, f)
			continue
		}
		if len(f.Inputs) != 2 || f.Inputs[0].Rows != 40 || f.Inputs[0].State != model.NodeSucceeded || f.Inputs[1].Name != "gone" || f.Inputs[1].ID != 0 {
			t.Errorf("inputs from %s: %+v", from, f.Inputs)
		}
		if !slices.Equal(f.Blocked, []string{"emit", "publish"}) {
			t.Errorf("blocked from %s: %v", from, f.Blocked)
		}
	}
	if f, ok := db.Failure(db.byName["extract"]); !ok || f.Message != "bad file" || f.Node.Name != "extract" || f.Plan.Source != "a.go:1" {
		t.Errorf("of an ok node with a bad file: %+v", f)
	}
	db.Apply([]model.SpanRecord{span(7, 2, "fine", 8, model.StatusOK)})
	if f, ok := db.Failure(db.bySpan[model.SpanID{7}]); ok {
		t.Errorf("of a good span: %+v", f)
	}
	if _, ok := db.Failure(99); ok {
		t.Error("of no row")
	}
}

// A cancelled build in which nothing failed has rows that did not end well, and no
// origin.
func TestCancelledWithoutAFailure(t *testing.T) {
	db := planned()
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeCancelled, Start: 1, End: 2}, nil)
	if f, ok := db.Failure(db.byName["a"]); !ok || f.Origin.ID != 0 {
		t.Errorf("%v %+v", ok, f)
	}
}
