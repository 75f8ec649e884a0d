package runview

import (
	"maps"
	"slices"
)

// Graph is how the nodes of a run depend on each other.
type Graph struct {
	Nodes []GraphNode // in the order of the plan, or as they became known
	Stamp uint64      // changes when there are other nodes or other edges
}

// GraphNode is a node with what it reads from.
type GraphNode struct {
	ID       RowID
	Name     string
	Deps     []RowID // nodes that are not known are left out
	Critical bool    // on the estimated critical path
	// Generation is the longest distance from a node without inputs, as the build
	// said; 0 when it did not.
	Generation int
}

// Graph gives the graph, unless it is the one of a stamp that the viewer has.
func (db *DB) Graph(stamp uint64) (g Graph, isNew bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	if stamp == db.plans {
		return Graph{}, false
	}
	g.Stamp = db.plans
	for _, id := range slices.Sorted(maps.Keys(db.facts)) {
		plan := &db.facts[id].plan
		node := GraphNode{ID: id, Name: plan.Name, Critical: plan.Critical, Generation: plan.Generation}
		for _, name := range plan.Deps {
			if dep, ok := db.byName[name]; ok && dep != id {
				node.Deps = append(node.Deps, dep)
			}
		}
		g.Nodes = append(g.Nodes, node)
	}
	return g, true
}

// Rows copies rows out, without their depths and folds. Rows that do not exist are
// left out.
func (db *DB) Rows(ids []RowID) []Row {
	db.mu.RLock()
	defer db.mu.RUnlock()
	out := make([]Row, 0, len(ids))
	for _, id := range ids {
		if db.node(id) != nil {
			out = append(out, db.row(id))
		}
	}
	return out
}
