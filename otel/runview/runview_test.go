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
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeFailed, Error: "broke"}, nil, nil)
	db.SetNode(model.NodeExecution{Name: "b", State: model.NodeBlocked, BlockedBy: "a"}, nil, nil)
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
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeSucceeded, Start: 1, End: 3e9, Rows: 10}, nil, nil)
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
