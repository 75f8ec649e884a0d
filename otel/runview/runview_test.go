package runview

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

func span(id, parent byte, name string, end int64, status model.SpanStatus) model.SpanRecord {
	scope := "test"
	if !strings.HasPrefix(name, "child") {
		scope = model.ScopePipeline
	}
	return model.SpanRecord{ID: model.SpanID{id}, Parent: model.SpanID{parent}, Name: name, Scope: scope, Start: 1, End: end, Status: status, StatusMessage: "broke"}
}

func names(w Window) string {
	var out []string
	for _, r := range w.Rows {
		out = append(out, strings.Repeat(">", r.Depth)+r.Name+"="+r.State.String())
	}
	return strings.Join(out, " ")
}

func planned() *DB {
	db := New(Options{MaxSpans: 4})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "a"}, {Name: "b"}}})
	return db
}

// Spans come in any order; the way to a failure stands open.
func TestOutOfOrderSpans(t *testing.T) {
	db := planned()
	db.Apply([]model.SpanRecord{span(3, 2, "child", 9, model.StatusError), span(3, 2, "child", 0, 0), span(2, 1, "a", 0, 0), span(1, 0, model.SpanBuild, 0, 0)})
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeFailed, Error: "broke"}, nil)
	db.SetNode(model.NodeExecution{Name: "b", State: model.NodeBlocked, BlockedBy: "a"}, nil)
	if got := names(db.Window(Query{Height: 9})); got != "a=failed >child=failed b=blocked" {
		t.Errorf("window: %s", got)
	}
	b, _ := db.Find("b")
	origin, ok := db.Origin(b)
	if d, _ := db.Detail(origin); !ok || d.Row.Name != "child" || strings.Join(d.Parents, " ") != "a" {
		t.Errorf("origin %v %v", origin, d)
	}
	if h := db.Header(); h.States[model.NodeFailed] != 1 || h.States[model.NodePending] != 0 || h.Running != 1 || h.Failed != 1 {
		t.Errorf("header %+v", h)
	}
}

// An ok node that holds a bad file leads to it, a row shows one line of its error
// where that began, and errors are visited in the order of the tree.
func TestFailuresLeadToTheirOrigin(t *testing.T) {
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "extract"}, {Name: "sql"}, {Name: "emit"}}})
	file := span(7, 2, "child", 9, model.StatusError)
	file.Attrs = []model.Attr{{Key: model.AttrFilePath, Value: "src/a/bad.py"}}
	query := span(8, 3, "child query", 9, model.StatusError)
	query.StatusMessage = "no column x"
	db.Apply([]model.SpanRecord{span(3, 1, "sql", 0, 0), query, file, span(2, 1, "extract", 0, 0), span(9, 2, "child runs", 0, 0), span(1, 0, model.SpanBuild, 0, 0)})
	db.SetNode(model.NodeExecution{Name: "extract", State: model.NodeSucceeded}, nil)
	db.SetNode(model.NodeExecution{Name: "sql", State: model.NodeFailed, Error: "sql: no column x\nLINE 3"}, nil)
	db.SetNode(model.NodeExecution{Name: "emit", State: model.NodeBlocked, BlockedBy: "sql"}, nil)
	w := db.Window(Query{Height: 9})
	if got := names(w); got != "extract=succeeded >bad.py=failed >child runs=running sql=failed >child query=failed emit=blocked" {
		t.Fatalf("window: %s", got)
	}
	extract, bad, sql, child, emit := w.Rows[0], w.Rows[1], w.Rows[3], w.Rows[4], w.Rows[5]
	if extract.Failed != 1 || extract.Running != 1 || bad.Subject != "src/a/bad.py" || emit.BlockedBy != "sql" {
		t.Errorf("rows %+v %+v %+v", extract, bad, emit)
	}
	if bad.Error != "broke" || sql.Error != "" || child.Error != "no column x" {
		t.Errorf("errors %q %q %q", bad.Error, sql.Error, child.Error)
	}
	for from, want := range map[RowID]RowID{extract.ID: bad.ID, sql.ID: child.ID, emit.ID: child.ID, bad.ID: bad.ID} {
		if got, ok := db.Origin(from); !ok || got != want {
			t.Errorf("origin of %d is %d, want %d", from, got, want)
		}
	}
	at := RowID(0)
	for _, want := range []RowID{bad.ID, sql.ID, child.ID, bad.ID} {
		if at, _ = db.NextError(at); at != want {
			t.Errorf("next error is %d, want %d", at, want)
		}
	}
	// A cause of its own makes the node the origin of its failure.
	db.SetNode(model.NodeExecution{Name: "extract", State: model.NodeFailed, Error: "disk full\nat line 2"}, nil)
	if got, _ := db.Origin(extract.ID); got != extract.ID {
		t.Errorf("origin is %d", got)
	}
	if d, _ := db.Detail(extract.ID); d.Row.Error != "disk full" || d.Message != "disk full\nat line 2" {
		t.Errorf("detail %+v", d)
	}
}

// Spans that name each other as parent, or themselves, are shown all the same.
func TestLoopsOfParents(t *testing.T) {
	db := New(Options{})
	db.Apply([]model.SpanRecord{span(1, 2, "child a", 2, 0), span(2, 1, "child b", 3, 0), span(3, 3, "child c", 4, 0)})
	b := db.Window(Query{Height: 9}).Rows
	open := map[RowID]bool{}
	for _, r := range b {
		open[r.ID] = true
	}
	if got := names(db.Window(Query{Height: 9, Open: open})); !strings.Contains(got, "child a") || !strings.Contains(got, "child b") || !strings.Contains(got, "child c") {
		t.Errorf("window: %s", got)
	}
}

func TestBoundsAreCounted(t *testing.T) {
	db := planned()
	for i := byte(10); i < 20; i++ {
		db.Apply([]model.SpanRecord{span(i, 1, "child", 2, 0)})
	}
	if h := db.Header(); h.Spans != 4 || h.Dropped != 6 {
		t.Errorf("header %+v", h)
	}
}

func TestWaitWakesOnceSomethingChanges(t *testing.T) {
	db := planned()
	v := db.Version()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	go db.AddDropped(1)
	if got := db.Wait(ctx, v); got != v+1 {
		t.Errorf("version %d after %d", got, v)
	}
	cancel()
	if got := db.Wait(ctx, v+1); got != v+1 {
		t.Errorf("a cancelled wait gave %d", got)
	}
}

func TestFilters(t *testing.T) {
	db := planned()
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeSucceeded, Start: 1, End: 3e9, Rows: 10}, nil)
	for text, want := range map[string]string{
		"": "a b", "status:succeeded": "a", "!a": "b", "dur>2s": "a", "rows<5": "b", "/^B$": "b", "a rows>99": "",
	} {
		f, err := ParseFilter(text)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, r := range db.Window(Query{Filter: f, Height: 9}).Rows {
			got = append(got, r.Name)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %v, want %q", text, got, want)
		}
	}
	for _, bad := range []string{"/(", "dur>x", "rows>y", "size>1"} {
		if _, err := ParseFilter(bad); err == nil {
			t.Errorf("%q: no error", bad)
		}
	}
}

func FuzzFilter(f *testing.F) {
	f.Add("status:failed !x dur>2s")
	f.Add("/( rows<")
	f.Fuzz(func(_ *testing.T, text string) {
		if x, err := ParseFilter(text); err == nil {
			planned().Window(Query{Filter: x, Height: 2})
		}
	})
}
