package why

import (
	"strings"
	"testing"

	"github.com/buildscope/buildscope/model"
)

// Of a build elsewhere the critical path, waiting and spills are told; what needs its
// process is named as not measured, and nothing is made of settings that are not known.
func TestElsewhere(t *testing.T) {
	plan := model.Plan{Nodes: []model.PlanNode{{Name: "scan"}, {Name: "parse", Deps: []string{"scan"}}, {Name: "side"}, {Name: "join", Deps: []string{"scan", "parse"}}}}
	at := func(ms int64) int64 { return 1e15 + ms*1e6 }
	nodes := []model.NodeExecution{
		{Name: "scan", State: model.NodeSucceeded, Start: at(0), End: at(100)},
		{Name: "parse", State: model.NodeSucceeded, Start: at(400), End: at(900)},
		{Name: "side", State: model.NodeSucceeded, Start: at(100), End: at(400)},
		{Name: "join", State: model.NodeSucceeded, Start: at(900), End: at(1000)},
	}
	queries := []model.NodeQuery{{Node: "join", Profile: model.QueryProfile{PeakTemp: 5, PeakMemory: 7, LatencyNS: 90e6, FilesRead: 3}}}
	p := Elsewhere(plan, nodes, queries)
	var got []string
	for _, c := range p.Causes {
		got = append(got, string(c.Kind)+" "+c.Node)
	}
	want := "critical_path parse,workers parse,critical_path scan,critical_path join,spill join"
	if strings.Join(got, ",") != want {
		t.Errorf("causes are %s, want %s", strings.Join(got, ","), want)
	}
	if p.WallNS != 1e9 || p.Causes[1].CostNS != 300e6 || len(p.NotMeasured) != 1 || nodes[1].Ready != 0 {
		t.Errorf("%+v; the caller's nodes are %+v", p, nodes)
	}
	if none := Elsewhere(model.Plan{}, nil, nil); none.Causes == nil || len(none.Causes) != 0 {
		t.Errorf("of nothing: %+v", none)
	}
}
