package runview

import (
	"time"

	"github.com/buildscope/buildscope/model"
)

// holdFor bounds the rows that are changed in one go while readers have to wait:
// about ten milliseconds.
const holdFor = 10_000

// Apply takes over starts and ends of spans, in any order. It copies what it keeps.
func (db *DB) Apply(recs []model.SpanRecord) {
	for more := true; more; {
		n := min(len(recs), holdFor)
		db.write(func() {
			db.data++
			room := holdFor - n
			for i := range recs[:n] {
				room = db.apply(&recs[i], room)
			}
			db.adoptLate(max(room, holdFor/10))
			more = len(db.late) > 0
		})
		recs = recs[n:]
		more = more || len(recs) > 0
	}
}

// apply takes over one record. Room is how many orphans may still find their
// parent in this go; what is left of it is returned.
func (db *DB) apply(rec *model.SpanRecord, room int) int {
	if rec.Name == model.SpanBuild {
		db.root = rec.ID
		delete(db.orphans, rec.ID) // they stand at the top, where they belong
		if rec.End != 0 {
			db.header.Ended = time.Unix(0, rec.End)
		}
		return room
	}
	if id, ok := db.bySpan[rec.ID]; ok {
		db.update(id, rec)
		return room
	}
	if db.header.Spans >= int64(db.opts.MaxSpans) {
		db.header.Dropped++
		return room
	}
	db.header.Spans++
	if rec.End == 0 && !db.closed {
		db.header.Running++
	}
	id, ok := db.byName[rec.Name]
	if ok && rec.Scope == model.ScopePipeline && db.nodes.at(int(id)).span.IsZero() {
		db.bySpan[rec.ID] = id
		db.record(id, rec)
		db.change(id, weight{})
	} else {
		id = RowID(db.nodes.add())
		db.bySpan[rec.ID] = id
		n := db.nodes.at(int(id))
		n.start, n.end = rec.Start, rec.End
		db.record(id, rec)
		n.state = db.stateOf(rec)
		db.hang(id, db.parentOf(id, rec))
	}
	return db.adopt(rec.ID, room)
}

// update takes over a record of a span that has a row: its end, or a second
// start. The first end counts; a start that comes after it tells nothing new.
func (db *DB) update(id RowID, rec *model.SpanRecord) {
	n := db.nodes.at(int(id))
	if n.is(ended) {
		return
	}
	var w weight
	if rec.End != 0 && n.is(live) {
		db.header.Running--
	}
	db.record(id, rec)
	if !n.is(inPlan) {
		if n.start != rec.Start {
			parent := n.parent
			db.unhang(id)
			n.start = rec.Start
			db.hang(id, parent)
		}
		w.count(n.state, -1)
		n.state, n.end = db.stateOf(rec), rec.End
		w.count(n.state, 1)
	}
	db.change(id, w)
}

// record keeps what a record tells of a span, apart from its place in the tree.
func (db *DB) record(id RowID, rec *model.SpanRecord) {
	n := db.nodes.at(int(id))
	n.span = rec.ID
	if *db.traces.at(int(n.trace)) != rec.Trace {
		n.trace = db.traceID(rec.Trace)
	}
	n.status = rec.Status
	n.flags &^= live | sampled
	if !n.is(inPlan) {
		db.setName(n, rec.Name)
	}
	if rec.Sampled {
		n.flags |= sampled
	}
	if rec.End == 0 {
		if !db.closed {
			n.flags |= live
		}
		db.keepStart(n, rec.Attrs)
		return
	}
	n.flags |= ended
	db.keepEnd(n, rec, db.takeTables(id, rec.Events))
	if rec.Status == model.StatusError {
		db.header.Failed++
	}
	if !rec.Sampled {
		db.header.SampledOut++
	}
}

// stateOf is the state of a span by its record. A span that starts after the end
// of the run will not be heard of again.
func (db *DB) stateOf(rec *model.SpanRecord) model.NodeState {
	switch {
	case rec.End == 0 && db.closed:
		return model.NodeCancelled
	case rec.End == 0:
		return model.NodeRunning
	case rec.Status == model.StatusError:
		return model.NodeFailed
	}
	return model.NodeSucceeded
}

// traceID numbers a trace id. All spans of a run have the same, as a rule.
func (db *DB) traceID(t model.TraceID) uint32 {
	if last := db.traces.n - 1; *db.traces.at(last) == t {
		return uint32(last)
	}
	at := db.traces.add()
	*db.traces.at(at) = t
	return uint32(at)
}

// parentOf is the row under which a new span goes. Without its parent it stands
// at the top until that comes.
func (db *DB) parentOf(id RowID, rec *model.SpanRecord) RowID {
	if parent, ok := db.bySpan[rec.Parent]; ok && parent != id {
		return parent
	}
	if rec.Parent != db.root && rec.Parent != rec.ID {
		db.orphans[rec.Parent] = append(db.orphans[rec.Parent], id)
	}
	return 0
}

// adopt hangs the orphans of a span under it, at most room of them now.
func (db *DB) adopt(span model.SpanID, room int) int {
	list := db.orphans[span]
	if len(list) == 0 {
		return room
	}
	id := db.bySpan[span]
	now := list[:min(len(list), room)]
	if len(now) < len(list) {
		db.orphans[span] = list[len(now):]
		db.late = append(db.late, span)
	} else {
		delete(db.orphans, span)
	}
	for _, child := range now {
		top := id
		for p := id; p != 0; p = db.nodes.at(int(p)).parent {
			top = p
		}
		if child != top { // else two spans name each other as parent
			db.unhang(child)
			db.hang(child, id)
		}
	}
	return room - len(now)
}

// adoptLate goes on with the orphans that did not fit into an earlier go.
func (db *DB) adoptLate(room int) {
	late := db.late
	db.late = nil
	for _, span := range late {
		room = db.adopt(span, room)
	}
}

// Close marks what is still running as cancelled.
func (db *DB) Close() {
	db.write(func() {
		db.closed = true
		if db.header.Ended.IsZero() {
			db.header.Ended = model.Now(db.header.Started)
		}
	})
	for at := 1; ; at += holdFor {
		more := false
		db.write(func() {
			db.data++
			end := min(db.nodes.n, at+holdFor)
			for id := RowID(at); int(id) < end; id++ {
				db.cancel(id)
			}
			more = end < db.nodes.n
			if !more {
				db.header.Running = 0
			}
		})
		if !more {
			return
		}
	}
}

func (db *DB) cancel(id RowID) {
	n := db.nodes.at(int(id))
	n.flags &^= live
	if n.state != model.NodeRunning {
		return
	}
	if n.is(inPlan) {
		db.header.States[model.NodeRunning]--
		db.header.States[model.NodeCancelled]++
	}
	n.state = model.NodeCancelled
	db.change(id, weight{running: -1})
}
