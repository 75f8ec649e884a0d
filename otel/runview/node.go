package runview

import (
	"bytes"
	"math"
	"path"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// node is a row as it is kept: 56 bytes without a pointer, because there may be a
// million of them. What most rows do not have is kept elsewhere.
type node struct {
	span       model.SpanID
	start, end int64  // unix nanoseconds, 0 when not yet
	head       ref    // attributes of the first record
	tail       ref    // what the end added; 0 when nothing
	name       uint32 // number in names, or with ownName a ref
	parent     RowID  // 0: stands at the top
	branch     int32  // 0: there never was a row below
	trace      uint32 // number in DB.traces
	version    uint32
	state      model.NodeState
	status     model.SpanStatus
	flags      flags
}

type flags uint8

const (
	inPlan flags = 1 << iota // has facts
	live                     // its span has started and not ended
	ended                    // its span has ended
	sampled
	ownName   // its name is in the text arena
	aboutFile // it is named after its file
	found     // a node that no plan named: see Found
)

func (n *node) is(f flags) bool { return n.flags&f != 0 }

// key orders siblings: planned nodes first, as planned, and then spans by start.
// Equal keys are in the order of their ids.
func (n *node) key() int64 {
	if n.is(inPlan) && !n.is(found) {
		return math.MinInt64
	}
	return n.start
}

func (n *node) duration(now int64) int64 {
	switch {
	case n.start == 0:
		return 0
	case n.end == 0:
		return now - n.start
	}
	return n.end - n.start
}

// facts is what only planned nodes have.
type facts struct {
	plan        model.PlanNode
	rows, bytes int64
	ready       int64
	progress    Progress
	message     string // the whole error; Row.Error is for one line
	blockedBy   string
	computed    string
	query       *model.QueryProfile
}

// node is the row of an id, nil when there is none.
func (db *DB) node(id RowID) *node {
	if id <= 0 || int(id) >= db.nodes.n {
		return nil
	}
	return db.nodes.at(int(id))
}

// fact is what is kept of a planned node; all zero for a span.
func (db *DB) fact(id RowID, n *node) *facts {
	if n.is(inPlan) {
		return db.facts[id]
	}
	return &noFacts
}

// kind is that of a planned node, or spanKind.
func (db *DB) kind(id RowID, n *node) string {
	if n.is(inPlan) {
		return string(db.facts[id].plan.Kind)
	}
	return spanKind
}

// readyAt is when the inputs of a node were there: as its build said, else when
// the last of the nodes that it reads from had ended.
func (db *DB) readyAt(n *node, f *facts) int64 {
	switch {
	case f.ready != 0:
		return f.ready
	case n.start == 0 && n.state != model.NodePending:
		return 0 // it never came to run
	case len(f.plan.Deps) == 0 && n.is(found):
		return 0 // nobody said what it reads
	case len(f.plan.Deps) == 0 && !db.header.Started.IsZero():
		return db.header.Started.UnixNano()
	}
	var at int64
	for _, dep := range f.plan.Deps {
		d := db.node(db.byName[dep])
		if d == nil || d.end == 0 || d.state != model.NodeSucceeded && d.state != model.NodeCached {
			return 0
		}
		at = max(at, d.end)
	}
	if n.start != 0 {
		at = min(at, n.start) // clocks of two machines
	}
	return at
}

// spanKind is the kind of rows that are no planned nodes.
const spanKind = "span"

var noFacts facts

// title is the name of a row and what it is about. The span of a file is named
// after the file, because its own name is that of all its siblings.
func (db *DB) title(n *node) (name, subject string) {
	if n.is(aboutFile) {
		subject = string(db.subject(n))
		return path.Base(subject), subject
	}
	if n.is(ownName) {
		r := reader(db.text.get(ref(n.name)))
		return string(r.bytes()), ""
	}
	return db.names.list[n.name], ""
}

// setName names a span or a node. With no room for a name of its own, it keeps the
// beginning.
func (db *DB) setName(n *node, name string) {
	id, ok := db.names.id(name, maxNames)
	if ok {
		n.name = id
		n.flags &^= ownName
		return
	}
	w := &db.buf
	w.b = w.b[:0]
	w.text(name)
	if n.is(ownName) && bytes.HasPrefix(db.text.get(ref(n.name)), w.b) {
		return
	}
	at, ok := db.text.put(w.b)
	if !ok {
		w.b = w.b[:0]
		w.text(strings.ToValidUTF8(name[:min(len(name), smallLen-1)], ""))
		at, ok = db.text.put(w.b)
	}
	if ok {
		n.name = uint32(at)
		n.flags |= ownName
	}
}

// message is the whole error of a row.
func (db *DB) message(id RowID, n *node) string {
	switch {
	case n.is(inPlan):
		return db.facts[id].message
	case n.status == model.StatusError:
		return db.statusMessage(n)
	}
	return ""
}

// row copies a row out, with what is counted below it. Depth is the caller's.
func (db *DB) row(id RowID) Row {
	n := db.node(id)
	f := db.fact(id, n)
	out := Row{ID: id, Parent: n.parent, Kind: db.kind(id, n), Node: n.is(inPlan), State: n.state, Start: n.start, End: n.end, Rows: f.rows, Bytes: f.bytes,
		Critical: f.plan.Critical, Progress: f.progress, BlockedBy: f.blockedBy, Computed: f.computed, Version: uint64(n.version)}
	out.Name, out.Subject = db.title(n)
	if n.is(inPlan) {
		out.Ready = db.readyAt(n, f)
	}
	if b := db.below(id); b != nil {
		out.Children, out.Running, out.Failed = int(b.n), int(b.running), int(b.failed)
	}
	if n.state == model.NodeFailed && db.origin(id) == id {
		out.Error = firstLine(db.message(id, n))
	}
	return out
}

func (db *DB) depth(id RowID) int {
	depth := 0
	for p := db.node(id).parent; p != 0; p = db.node(p).parent {
		depth++
	}
	return depth
}
