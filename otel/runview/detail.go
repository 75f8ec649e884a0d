package runview

import (
	"encoding/json"

	"github.com/buildscope/buildscope/model"
)

// Detail is everything known about a row.
func (db *DB) Detail(id RowID) (Detail, bool) {
	d, ok := db.detail(id)
	for _, a := range d.Attrs { // without the lock: a profile may be long
		if s, ok := a.Value.(string); ok && a.Key == model.AttrEngineProfile {
			var q model.QueryProfile
			if json.Unmarshal([]byte(s), &q) == nil {
				d.Profile = &q
			}
		}
	}
	return d, ok
}

func (db *DB) detail(id RowID) (Detail, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	n := db.node(id)
	if n == nil {
		return Detail{}, false
	}
	f := db.fact(id, n)
	d := Detail{Row: db.row(id), Trace: *db.traces.at(int(n.trace)), Span: n.span, Sampled: n.is(sampled), Status: n.status,
		Message: db.message(id, n), Tables: db.tables[id], Profile: f.query}
	d.Row.Depth = db.depth(id)
	if n.is(inPlan) {
		plan := f.plan
		d.Plan = &plan
	}
	if d.Message == "" && f.blockedBy != "" {
		d.Message = "needs " + f.blockedBy
	}
	db.decode(n, &d)
	d.Parents = make([]string, d.Row.Depth)
	for p, i := n.parent, d.Row.Depth-1; p != 0; p, i = db.nodes.at(int(p)).parent, i-1 {
		d.Parents[i], _ = db.title(db.nodes.at(int(p)))
	}
	return d, true
}
