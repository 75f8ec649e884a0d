package runview

import "github.com/buildscope/buildscope/model"

// SetPlan adds a row for every planned node.
func (db *DB) SetPlan(p model.Plan) {
	db.write(func() {
		db.data++
		db.plans++
		for _, plan := range p.Nodes {
			id := RowID(db.nodes.add())
			n := db.nodes.at(int(id))
			n.flags = inPlan
			db.setName(n, plan.Name)
			db.facts[id] = &facts{plan: plan}
			db.hang(id, 0)
			db.byName[plan.Name] = id
			db.header.Nodes++
			db.header.States[model.NodePending]++
		}
	})
}

// SetNode takes over what became of a node, with or without a span.
func (db *DB) SetNode(e model.NodeExecution, query *model.QueryProfile) {
	db.write(func() {
		if id, ok := db.byName[e.Name]; ok {
			db.become(id, e, query)
		}
	})
}

func (db *DB) become(id RowID, e model.NodeExecution, query *model.QueryProfile) {
	db.data++
	n, f := db.nodes.at(int(id)), db.facts[id]
	db.header.States[n.state]--
	db.header.States[e.State]++
	db.header.Rows += e.Rows - f.rows
	db.header.Bytes += e.Bytes - f.bytes
	var w weight
	w.count(n.state, -1)
	w.count(e.State, 1)
	n.state, n.start, n.end = e.State, e.Start, e.End
	f.rows, f.bytes, f.ready, f.message, f.blockedBy, f.computed, f.query = e.Rows, e.Bytes, e.Ready, e.Error, e.BlockedBy, e.Computed, query
	db.change(id, w)
}

// SetProgress says how far a running node is.
func (db *DB) SetProgress(node string, p Progress) {
	db.write(func() {
		if id, ok := db.byName[node]; ok {
			db.facts[id].progress = p
			db.change(id, weight{})
		}
	})
}
