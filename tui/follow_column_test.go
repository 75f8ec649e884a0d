package tui

import (
	"fmt"
	"testing"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// shopRun is a run of models whose columns are known, but for those of scored.
func shopRun() *scriptedRun {
	r := newRunIn(runview.Options{})
	r.db = runview.New(runview.Options{})
	r.db.SetRun(epoch)
	var plan model.Plan
	node := func(name string, generation int, deps ...string) {
		plan.Nodes = append(plan.Nodes, model.PlanNode{Name: name, Kind: model.KindSQL, Deps: deps, Outputs: []string{name}, Generation: generation})
	}
	node("raw_orders", 0)
	node("raw_rates", 0)
	node("orders", 1, "raw_orders")
	node("customers", 1, "raw_orders")
	node("scored", 2, "orders")
	node("revenue", 2, "orders", "raw_rates")
	node("report", 3, "customers", "revenue", "scored")
	r.db.SetPlan(plan)
	ended := func(name string, ms int64, profile *model.QueryProfile) {
		r.db.SetNode(model.NodeExecution{Name: name, Kind: model.KindSQL, State: model.NodeSucceeded, Start: at(ms), End: at(ms + 100), Rows: 10 * ms}, profile)
	}
	origin := func(column string, from ...string) model.Origin { return model.Origin{Column: column, From: from} }
	ended("raw_orders", 0, nil)
	ended("raw_rates", 10, nil)
	ended("customers", 200, &model.QueryProfile{Origins: []model.Origin{origin("name", "raw_orders.customer")}})
	ended("orders", 210, &model.QueryProfile{Origins: []model.Origin{origin("id", "raw_orders.id"), origin("amount", "raw_orders.cents", "raw_orders.tax"), origin("day", "raw_orders.at")}})
	ended("scored", 300, &model.QueryProfile{NoOrigins: "it is no SELECT"})
	ended("revenue", 310, &model.QueryProfile{Origins: []model.Origin{origin("day", "orders.day"), origin("total", "orders.amount", "raw_rates.rate"), origin("n")}})
	ended("report", 500, &model.QueryProfile{Origins: []model.Origin{origin("name", "customers.name"), origin("total", "revenue.total"), origin("mean", "revenue.n", "revenue.total"), origin("score", "scored.score")}})
	r.end(model.RunSucceeded, at(700))
	return r
}

func inGraph(d *driver, node string) *driver {
	d.Press(":").Type("view.graph").Press("enter").Expect("Graph")
	d.Press(":").Type("goto " + node).Press("enter")
	return expectNode(d, node)
}

func TestFollowFrames(t *testing.T) {
	for _, size := range []struct{ w, h int }{{80, 24}, {120, 40}, {200, 60}} {
		t.Run(fmt.Sprintf("%dx%d", size.w, size.h), func(t *testing.T) {
			d := newDriver(t, size.w, size.h, Options{Run: shopRun(), Subject: "shop"})
			d.send(tea.EnvMsg{"LC_ALL=C"})
			d.Press(":").Type("view.graph").Press("enter").Expect("Graph").Press(":").Type("goto revenue").Press("enter", "L").Expect("Follow which column?")
			d.Press("down", "enter").Expect("column revenue.total").Golden()
		})
	}
}

// A column is followed up to where it begins and down to what is made of it; what is
// not of it says so.
func TestFollowingAColumn(t *testing.T) {
	d := inGraph(newDriver(t, 200, 40, Options{Run: shopRun()}), "revenue").Press("z")
	d.Press("L").Expect("total  from orders.amount, raw_rates.rate", "n      from no column").Press("down", "enter")
	d.Expect("column revenue.total: from 3 nodes, goes into 1 node", "from orders.amount, raw_rates.rate; in the end from raw_orders.cents, raw_orders.tax, raw_rates.rate",
		"cents tax", "total mean")
	for _, step := range [][3]string{
		{"right", "report", "report  total, mean"}, {"left", "revenue", "in the end from"}, {"left", "raw_rates", "raw_rates  rate"}, {"n", "orders", "orders  amount"},
		{"left", "raw_orders", "raw_orders  cents, tax"}, {"n", "raw_rates", "raw_rates  rate"}, {"n", "orders", "orders  amount"}, {"N", "raw_rates", "raw_rates  rate"},
		{"N", "raw_orders", "raw_orders  cents"}, {"N", "report", "report  total, mean"},
	} {
		expectNode(d.Press(step[0]), step[1]).Expect(step[2])
	}
	d.Press(":").Type("goto customers").Press("enter").Expect("customers  has no part in it")
	d.Press("esc").ExpectNot("column revenue").Expect("customers")
	d.Press(":").Type("column nothing").Press("enter").Expect(`there is no column "nothing"; there are name`).Press("ctrl+u", "esc")
	d.Press(":").Type("column NAME").Press("enter").Expect("column customers.name: from 1 node, goes into 1 node")
	d.Press("n").Press(">").Expect("column report.name: from 2 nodes") // of the selected node
	d.Press("<").Expect("column report.score: from 3 nodes, goes into no node", "by table").Press("<").Expect("column report.mean")
}

// Past a node whose origins are not known, a column goes on by table, and says why.
func TestFollowingByTable(t *testing.T) {
	d := inGraph(newDriver(t, 140, 40, Options{Run: shopRun()}), "report")
	d.Press(":").Type("column score").Press("enter").Expect("column report.score: from 3 nodes", "scored.score")
	expectNode(d.Press("left"), "scored").Expect("scored  score")
	expectNode(d.Press("left"), "orders").Expect("orders  by table: which columns is not known")
	inGraph(d, "orders").Press("esc").ExpectNot("report.score").Press(":").Type("column amount").Press("enter").Expect("column orders.amount: from 1 node, goes into 3 nodes")
	inGraph(d, "scored").Expect("scored  by table; which columns is not known: it is no SELECT")
	d.Press("esc").Press("L").Expect("score") // what others read of it
}

// While the build runs, what is known of the column grows.
func TestFollowingWhileItRuns(t *testing.T) {
	r := newRun().midway()
	d := inGraph(newDriver(t, 140, 40, Options{Run: r}), "relate_scopes")
	d.Press("L").Expect("no columns are known of relate_scopes yet")
	r.db.SetNode(model.NodeExecution{Name: "relate_scopes", State: model.NodeSucceeded, Start: at(300), End: at(310)},
		&model.QueryProfile{Origins: []model.Origin{{Column: "ref_id", From: []string{"py_refs.id"}}}})
	r.node("scan_repo", at(0), at(211), 1204)
	d.Press("L").Expect("ref_id  from extract_python.py_refs.id").Press("enter").Expect("goes into 1 node", "by table")
	r.db.SetNode(model.NodeExecution{Name: "cpg_edges", State: model.NodeSucceeded, Start: at(310), End: at(320)},
		&model.QueryProfile{Origins: []model.Origin{{Column: "src", From: []string{"scope_edges.ref_id"}}}})
	d.Expect("src")
}

// L on a column of the statistics goes to the graph.
func TestFollowFromTheStatistics(t *testing.T) {
	d := newDriver(t, 140, 40, Options{Run: newRun().succeed()}).Open("extract_python").Press("tab", "L").Expect("Graph", "column extract_python.py_refs.")
	d.Expect("by table")
	d.Press("t", "t", "t").Press("tab").Press("]").Expect("[Span]").Press("L").Expect("the tab Stats has no column")
}
