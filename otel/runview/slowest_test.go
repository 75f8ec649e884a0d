package runview

import (
	"testing"

	"github.com/buildscope/buildscope/model"
)

// Of all nodes it is the one with the slowest operator, wherever that is in its tree.
func TestSlowestOperator(t *testing.T) {
	db := New(Options{})
	db.SetPlan(model.Plan{Nodes: []model.PlanNode{{Name: "go"}, {Name: "few"}, {Name: "deep"}, {Name: "wide"}}})
	if id, ok := db.SlowestOperator(); ok {
		t.Errorf("%d before anything is known", id)
	}
	profile := func(ops ...model.Operator) *model.QueryProfile { return &model.QueryProfile{Root: ops} }
	db.SetNode(model.NodeExecution{Name: "go", Start: 1, End: 1000}, nil)
	db.SetNode(model.NodeExecution{Name: "few", Start: 1, End: 900}, profile(model.Operator{TimeNS: 0}))
	if id, ok := db.SlowestOperator(); !ok || db.Rows([]RowID{id})[0].Name != "few" {
		t.Errorf("%d, %v with one operator", id, ok)
	}
	db.SetNode(model.NodeExecution{Name: "deep", Start: 1, End: 100}, profile(model.Operator{TimeNS: 3, Children: []model.Operator{{TimeNS: 1}, {TimeNS: 50}}}))
	db.SetNode(model.NodeExecution{Name: "wide", Start: 1, End: 800}, profile(model.Operator{TimeNS: 40}, model.Operator{TimeNS: 49}))
	if id, ok := db.SlowestOperator(); !ok || db.Rows([]RowID{id})[0].Name != "deep" {
		t.Errorf("%d, %v", id, ok)
	}
}
