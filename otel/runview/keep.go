package runview

import (
	"bytes"
	"slices"

	"github.com/buildscope/buildscope/model"
)

// keepStart keeps the attributes of a span's first record, and returns the number
// of those that it could not.
func (db *DB) keepStart(n *node, attrs []model.Attr) (lost int) {
	n.head = 0
	if len(attrs) > 0 {
		w := &db.buf
		w.b = w.b[:0]
		lost = db.attrs(w, attrs)
		var ok bool
		if n.head, ok = db.text.put(w.b); !ok {
			lost = len(attrs)
		}
	}
	db.markFile(n)
	return lost
}

// keepEnd keeps what the record of an end tells.
func (db *DB) keepEnd(n *node, rec *model.SpanRecord, events []model.SpanEvent) {
	lostAttrs, lostEvents := rec.DroppedAttrs, rec.DroppedEvents
	var hold int          // attributes of the head that still hold
	var rest []model.Attr // and those that are not in the head
	if n.head == 0 {
		lostAttrs += db.keepStart(n, rec.Attrs)
		hold = db.heads(n)
	} else {
		hold = db.same(n, rec.Attrs)
		rest = rec.Attrs[hold:]
	}
	if hold == db.heads(n) && len(rest)+len(events)+lostAttrs+lostEvents == 0 && rec.StatusMessage == "" {
		return
	}
	w := &db.buf
	w.b = w.b[:0]
	w.uint(uint64(hold))
	lostAttrs += db.attrs(w, rest)
	w.text(rec.StatusMessage)
	w.uint(uint64(lostAttrs))
	w.uint(uint64(lostEvents))
	w.uint(uint64(len(events)))
	for _, e := range events {
		w.text(e.Name)
		w.int(e.Time)
		db.attrs(w, e.Attrs)
	}
	var ok bool
	if n.tail, ok = db.text.put(w.b); !ok { // only the counts then
		w.b = w.b[:0]
		w.uint(uint64(hold))
		w.uint(0)
		w.text("")
		w.uint(uint64(lostAttrs + len(rest)))
		w.uint(uint64(lostEvents + len(events)))
		w.uint(0)
		n.tail, _ = db.text.put(w.b)
	}
	db.markFile(n)
}

// heads is the number of attributes in the head of a row.
func (db *DB) heads(n *node) int {
	if n.head == 0 {
		return 0
	}
	r := reader(db.text.get(n.head))
	return int(r.uint())
}

// same counts the leading attributes of a list that are those of the head.
func (db *DB) same(n *node, list []model.Attr) int {
	r := reader(db.text.get(n.head))
	heads := int(r.uint())
	for i := range min(heads, len(list)) {
		db.buf.b = db.buf.b[:0]
		if !db.attr(&db.buf, list[i]) || !bytes.HasPrefix(r, db.buf.b) {
			return i
		}
		r = r[len(db.buf.b):]
	}
	return min(heads, len(list))
}

// markFile notes whether a span says which file it is about.
func (db *DB) markFile(n *node) {
	n.flags &^= aboutFile
	if !n.is(inPlan) && len(db.subject(n)) > 0 {
		n.flags |= aboutFile
	}
}

// takeTables takes the statistics of tables out of the events of a row.
func (db *DB) takeTables(id RowID, events []model.SpanEvent) []model.SpanEvent {
	captured := func(e model.SpanEvent) bool {
		return e.Name == model.EventCaptureTable || e.Name == model.EventCaptureColumn
	}
	if !slices.ContainsFunc(events, captured) {
		return events
	}
	db.tables[id] = model.TableStatsFromEvents(events)
	return slices.DeleteFunc(slices.Clone(events), captured) // the record is the caller's
}
