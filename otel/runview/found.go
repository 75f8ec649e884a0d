package runview

import "github.com/buildscope/buildscope/model"

// Found makes a node of a span that has a row, or takes over what became of that
// node. It is for runs whose plan nobody sent: their nodes are known by their
// spans, stay where these are in the tree, and are ordered by start. Of the plan
// only what the span told of it is used: dependencies, generation, critical path.
// It reports whether the span was no node before; without a row nothing happens.
func (db *DB) Found(span model.SpanID, e model.NodeExecution, plan model.PlanNode) (isNew bool) {
	db.write(func() {
		if id, ok := db.bySpan[span]; ok {
			isNew = db.found(id, e, plan)
		}
	})
	return isNew
}

// FoundTop makes nodes of the spans that stand at the top, and returns these. A
// span whose parent has not come is left out, unless nobody expects the parent any
// more. There are at most limit nodes in all.
func (db *DB) FoundTop(kind model.NodeKind, limit int, orphans bool) (nodes []model.NodeExecution) {
	db.write(func() {
		waiting := map[RowID]bool{}
		if !orphans {
			for _, list := range db.orphans {
				for _, id := range list {
					waiting[id] = true
				}
			}
		}
		var ids []RowID
		top := db.below(0)
		for _, g := range append([]group{{kids: top.kids}}, top.groups...) {
			for _, id := range g.kids {
				if !waiting[id] && !db.nodes.at(int(id)).is(inPlan) && db.header.Nodes+len(ids) < limit {
					ids = append(ids, id)
				}
			}
		}
		for _, id := range ids {
			n := db.nodes.at(int(id))
			e := model.NodeExecution{Kind: kind, State: n.state, Start: n.start, End: n.end, SpanID: n.span.String(), Error: db.message(id, n)}
			e.Name, _ = db.title(n)
			db.found(id, e, model.PlanNode{})
			nodes = append(nodes, e)
		}
	})
	return nodes
}

func (db *DB) found(id RowID, e model.NodeExecution, plan model.PlanNode) (isNew bool) {
	n := db.nodes.at(int(id))
	if isNew = !n.is(inPlan); isNew {
		db.plans++
		db.facts[id] = &facts{plan: model.PlanNode{Name: e.Name, Kind: e.Kind, Deps: plan.Deps, Generation: plan.Generation, Critical: plan.Critical}}
		n.flags = n.flags&^aboutFile | inPlan | found
		db.setName(n, e.Name)
		if _, taken := db.byName[e.Name]; !taken {
			db.byName[e.Name] = id
		}
		db.header.Nodes++
		db.header.States[n.state]++
	}
	if n.is(found) && n.start != e.Start {
		parent := n.parent
		db.unhang(id)
		n.start = e.Start
		db.hang(id, parent)
	}
	db.become(id, e, nil)
	return isNew
}
