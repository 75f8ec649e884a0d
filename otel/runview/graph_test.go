package runview

import (
	"fmt"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// The graph is read once, and again when nodes or edges have come.
func TestGraph(t *testing.T) {
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "a", Critical: true}, {Name: "b", Deps: []string{"a", "gone"}}, {Name: "c", Deps: []string{"a", "b"}, Generation: 2}}})
	g, isNew := db.Graph(0)
	want := []GraphNode{{1, "a", nil, true, 0}, {2, "b", []RowID{1}, false, 0}, {3, "c", []RowID{1, 2}, false, 2}}
	if !isNew || fmt.Sprint(g.Nodes) != fmt.Sprint(want) {
		t.Fatalf("%v, want %v", g.Nodes, want)
	}
	if _, isNew = db.Graph(g.Stamp); isNew {
		t.Error("the same graph was given again")
	}
	span := model.SpanID{9}
	db.Apply([]model.SpanRecord{{ID: span, Name: "d", Start: 4}})
	db.Found(span, model.NodeExecution{Name: "d", State: model.NodeRunning, Start: 4}, model.PlanNode{Deps: []string{"c"}, Critical: true})
	if g, isNew = db.Graph(g.Stamp); !isNew || len(g.Nodes) != 4 || !slices.Equal(g.Nodes[3].Deps, []RowID{3}) || !g.Nodes[3].Critical {
		t.Errorf("%+v", g)
	}
	if rows := db.Rows([]RowID{4, 77, 2}); len(rows) != 2 || rows[0].Name != "d" || rows[1].Name != "b" {
		t.Errorf("%+v", rows)
	}
}

// A node is ready when its build says so, else when what it reads from has ended.
func TestReady(t *testing.T) {
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "a"}, {Name: "b"}, {Name: "c", Deps: []string{"a", "b"}}, {Name: "d", Deps: []string{"c"}}}})
	ready := func(name string) int64 {
		id, _ := db.Find(name)
		return db.Rows([]RowID{id})[0].Ready
	}
	db.SetNode(model.NodeExecution{Name: "a", State: model.NodeSucceeded, Ready: 3, Start: 10, End: 20}, nil)
	db.SetNode(model.NodeExecution{Name: "b", State: model.NodeRunning, Start: 10}, nil)
	if a, c := ready("a"), ready("c"); a != 3 || c != 0 {
		t.Errorf("a is ready at %d and c at %d", a, c)
	}
	db.SetNode(model.NodeExecution{Name: "b", State: model.NodeCached, Start: 10, End: 30}, nil)
	if c, d := ready("c"), ready("d"); c != 30 || d != 0 {
		t.Errorf("c is ready at %d and d at %d", c, d)
	}
	db.SetNode(model.NodeExecution{Name: "c", State: model.NodeFailed, Start: 35, End: 40}, nil)
	db.SetNode(model.NodeExecution{Name: "d", State: model.NodeBlocked}, nil)
	if c, d := ready("c"), ready("d"); c != 30 || d != 0 {
		t.Errorf("c was ready at %d and d at %d", c, d)
	}
}
