package runview

import (
	"encoding/hex"
	"fmt"

	"github.com/buildscope/buildscope/model"
)

// logRing keeps the newest log lines.
type logRing struct {
	max  int
	list []model.LogRecord
	next int   // where the next line goes once the ring is full
	lost int64 // lines that had to make room
}

func (r *logRing) add(rec model.LogRecord) {
	if len(r.list) < r.max {
		r.list = append(r.list, rec)
		return
	}
	r.list[r.next] = rec
	r.next = (r.next + 1) % r.max
	r.lost++
}

// at is the i-th line, the oldest first.
func (r *logRing) at(i int) *model.LogRecord { return &r.list[(r.next+i)%len(r.list)] }

// AddLog appends a log line.
func (db *DB) AddLog(rec model.LogRecord) { db.write(func() { db.logs.add(rec) }) }

var levels = map[string]int{"": 0, "DEBUG": 0, "INFO": 1, "WARN": 2, "ERROR": 3}

// Logs is a window of the log.
func (db *DB) Logs(q LogQuery) LogWindow {
	db.mu.RLock()
	defer db.mu.RUnlock()
	node, top := "", RowID(0)
	if n := db.node(q.Node); n != nil {
		top = db.top(q.Node)
		node, _ = db.title(db.nodes.at(int(top)))
	}
	text, least := newNeedle(q.Text), levels[q.MinLevel]
	var list []int
	for i := range db.logs.list {
		l := db.logs.at(i)
		if q.Node != 0 && !db.isAbout(l, node, top) || least > 0 && levels[l.Level] < least || !text.inLog(l) {
			continue
		}
		list = append(list, i)
	}
	w := LogWindow{Total: len(list), Dropped: db.logs.lost, Version: db.header.Version}
	height := max(0, q.Height)
	w.Offset = max(0, min(q.Offset, len(list)-height))
	if q.Offset < 0 {
		w.Offset = max(0, len(list)-height)
	}
	for _, i := range list[w.Offset:min(len(list), w.Offset+height)] {
		w.Lines = append(w.Lines, *db.logs.at(i))
	}
	return w
}

// isAbout reports whether a line belongs to a row at the top: it names the row, or
// names none and was written in a span below it.
func (db *DB) isAbout(l *model.LogRecord, node string, top RowID) bool {
	if l.Node != "" || l.SpanID == "" {
		return l.Node == node
	}
	var span model.SpanID
	if _, err := hex.Decode(span[:], []byte(l.SpanID)[:min(len(l.SpanID), 2*len(span))]); err != nil {
		return false
	}
	id, ok := db.bySpan[span]
	return ok && db.top(id) == top
}

// top is the row at the top above a row, or the row itself.
func (db *DB) top(id RowID) RowID {
	for p := db.nodes.at(int(id)).parent; p != 0; p = db.nodes.at(int(p)).parent {
		id = p
	}
	return id
}

func (t needle) inLog(l *model.LogRecord) bool {
	if t.in(l.Message) || t.in(l.Node) {
		return true
	}
	for _, a := range l.Attrs {
		if t.in(a.Key) || t.in(fmt.Sprint(a.Value)) {
			return true
		}
	}
	return false
}
