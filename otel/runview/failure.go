package runview

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Failure is what there is to say of a row that did not come to a good end, or that
// has failures below it.
type Failure struct {
	Origin    Row              // where it began; ID 0 when nothing failed, as after a cancellation
	Message   string           // the whole error
	Exception *model.SpanEvent // as it was recorded; nil when it was not
	Node      Row              // the planned node of the origin, or the origin itself
	Plan      *model.PlanNode  // of that node; nil when nobody planned it
	Statement string           // SQL that the node runs, if any
	Inputs    []Row            // what the node reads, as planned
	Blocked   []string         // nodes that did not run because of it, in the order of the plan
}

// Failure is false for a row that did not fail, was not kept from running and has no
// failed row below it.
func (db *DB) Failure(id RowID) (Failure, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	n := db.node(id)
	if n == nil {
		return Failure{}, false
	}
	b := db.below(id)
	switch n.state {
	case model.NodeFailed, model.NodeBlocked, model.NodeCancelled:
	default:
		if b == nil || b.failed == 0 {
			return Failure{}, false
		}
	}
	var f Failure
	at := db.cause(id, n)
	if at == 0 {
		return f, true
	}
	f.Origin = db.row(at)
	f.Message = db.message(at, db.nodes.at(int(at)))
	line := firstLine(f.Message)
	for up := at; up != 0; up = db.nodes.at(int(up)).parent {
		n := db.nodes.at(int(up))
		f.Node = db.row(up)
		message := db.message(up, n)
		if n.state == model.NodeFailed && strings.Contains(message, line) {
			if len(message) > len(f.Message) {
				f.Message = message
			}
			if f.Exception == nil {
				f.Exception = db.exception(n)
			}
		}
		if n.is(inPlan) {
			db.around(up, &f)
			break
		}
	}
	return f, true
}

// cause is where the failure that a row shows began. What was cancelled, was so
// because of the first node that failed, or of nothing that is in the tree.
func (db *DB) cause(id RowID, n *node) RowID {
	if at, ok := db.byName[db.fact(id, n).blockedBy]; ok {
		return db.origin(at)
	}
	if n.state != model.NodeCancelled && n.state != model.NodeBlocked {
		return db.origin(id)
	}
	var first RowID
	for at := range db.facts {
		f := db.nodes.at(int(at))
		if f.state == model.NodeFailed && (first == 0 || f.end < db.nodes.at(int(first)).end || f.end == db.nodes.at(int(first)).end && at < first) {
			first = at
		}
	}
	if first == 0 {
		return 0
	}
	return db.origin(first)
}

// around adds what a failed node reads, and what it kept from running.
func (db *DB) around(id RowID, f *Failure) {
	facts := db.facts[id]
	plan := facts.plan
	f.Plan = &plan
	statement, _ := db.statement(id, facts, nil)
	f.Statement = statement.SQL
	for _, name := range plan.Deps {
		if at, ok := db.byName[name]; ok {
			f.Inputs = append(f.Inputs, db.row(at))
		} else {
			f.Inputs = append(f.Inputs, Row{Name: name})
		}
	}
	var kept []RowID
	for at, other := range db.facts {
		if other.blockedBy == plan.Name && plan.Name != "" {
			kept = append(kept, at)
		}
	}
	slices.Sort(kept)
	for _, at := range kept {
		f.Blocked = append(f.Blocked, db.facts[at].plan.Name)
	}
}

// exception is the last one that a span recorded.
func (db *DB) exception(n *node) *model.SpanEvent {
	var d Detail
	db.decode(n, &d)
	for _, e := range slices.Backward(d.Events) {
		if e.Name == model.EventException {
			return &e
		}
	}
	return nil
}
