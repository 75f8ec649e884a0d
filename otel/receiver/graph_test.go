package receiver

import (
	"testing"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// Who watches a build from elsewhere sees how its nodes depend on each other, as far
// as they have started.
func TestGraphOfABuild(t *testing.T) {
	recs := ownTrace(traceOf(1))
	for i, deps := range map[int][]string{2: {"not yet", "scan"}, 3: {"parse", "scan"}} {
		recs[i].Attrs = append(recs[i].Attrs, model.Attr{Key: model.AttrNodeDeps, Value: deps},
			model.Attr{Key: model.AttrNodeGeneration, Value: int64(i - 1)}, model.Attr{Key: model.AttrNodeCritical, Value: true})
	}
	s := NewSession(SessionOptions{})
	defer s.Close()
	give(s, recs, 3)
	db := s.Builds()[0].View()
	g, _ := db.Graph(0)
	byName := map[string]runview.GraphNode{}
	for _, n := range g.Nodes {
		byName[n.Name] = n
	}
	scan, parse, relate := byName["scan"], byName["parse"], byName["relate"]
	switch {
	case len(g.Nodes) != 3 || len(scan.Deps) != 0 || scan.Critical:
		t.Errorf("%+v", g.Nodes)
	case len(parse.Deps) != 1 || parse.Deps[0] != scan.ID || !parse.Critical || parse.Generation != 1:
		t.Errorf("parse is %+v", parse)
	case len(relate.Deps) != 2 || relate.Deps[0] != parse.ID || relate.Deps[1] != scan.ID || relate.Generation != 2:
		t.Errorf("relate is %+v", relate)
	}
	if r := db.Rows([]runview.RowID{relate.ID}); r[0].Ready != 500 || r[0].Start != 600 {
		t.Errorf("relate was ready at %d and started at %d", r[0].Ready, r[0].Start)
	}
}
