package runview

import (
	"cmp"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Window is the part of the tree that a viewer shows. It walks the visible rows.
func (db *DB) Window(q Query) Window {
	db.mu.RLock()
	defer db.mu.RUnlock()
	type line struct {
		r     *row
		depth int
		open  bool
	}
	var list []line
	hidden := 0
	var walk func(ids []RowID, depth int)
	walk = func(ids []RowID, depth int) {
		for _, id := range db.order(ids, q) {
			r := db.rows[id]
			if !db.matches(id, q) {
				hidden++
				continue
			}
			open := db.open(r, q)
			list = append(list, line{r, depth, open})
			if open {
				walk(r.kids, depth+1)
			}
		}
	}
	walk(db.top(), 0)
	w := Window{Total: len(list), Hidden: hidden, Version: db.header.Version}
	w.Offset = max(0, min(q.Offset, len(list)-q.Height))
	for _, l := range list[w.Offset:min(len(list), w.Offset+max(0, q.Height))] {
		out := db.copyRow(l.r)
		out.Depth, out.Open = l.depth, l.open
		w.Rows = append(w.Rows, out)
	}
	return w
}

// copyRow gives a row with what is counted below it.
func (db *DB) copyRow(r *row) Row {
	out := r.Row
	out.Running, out.Failed = db.below(r)
	for p := db.row(r.Parent); p != nil; p = db.row(p.Parent) {
		out.Depth++
	}
	if r.State == model.NodeFailed && db.origin(r) == r {
		out.Error = firstLine(r.message)
	}
	return out
}

// below counts the descendants that run, and those that failed.
func (db *DB) below(r *row) (running, failed int) {
	for _, id := range r.kids {
		k := db.rows[id]
		a, b := db.below(k)
		running, failed = running+a, failed+b
		switch k.State {
		case model.NodeRunning:
			running++
		case model.NodeFailed:
			failed++
		}
	}
	return running, failed
}

func firstLine(s string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(s), "\n")
	return strings.TrimSpace(line)
}

// top are the rows without a row above: planned nodes, and spans below the root.
func (db *DB) top() []RowID {
	var ids []RowID
	for _, r := range db.rows[1:] {
		if r.Parent == 0 {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func (db *DB) order(ids []RowID, q Query) []RowID {
	out := slices.Clone(ids)
	slices.SortStableFunc(out, func(i, j RowID) int {
		a, b := db.rows[i], db.rows[j]
		c := 0
		switch q.Sort {
		case SortDuration:
			c = cmp.Compare(duration(b.Row, q.Now), duration(a.Row, q.Now))
		case SortRows:
			c = cmp.Compare(b.Rows, a.Rows)
		case SortName:
			c = strings.Compare(a.Name, b.Name)
		}
		return cmp.Or(c, inPlanOrder(a, b))
	})
	return out
}

// inPlanOrder puts planned nodes first, as planned, and then spans by start.
func inPlanOrder(a, b *row) int {
	switch {
	case a.plan != nil && b.plan != nil:
		return cmp.Compare(a.ID, b.ID)
	case a.plan != nil:
		return -1
	case b.plan != nil:
		return 1
	}
	return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.ID, b.ID))
}

func duration(r Row, now int64) int64 {
	switch {
	case r.Start == 0:
		return 0
	case r.End == 0:
		return now - r.Start
	}
	return r.End - r.Start
}

// open applies the default rule: closed, but for the way to a failed span.
func (db *DB) open(r *row, q Query) bool {
	if len(r.kids) == 0 {
		return false
	}
	if open, said := q.Open[r.ID]; said {
		return open
	}
	_, failed := db.below(r)
	return failed > 0
}

// matches keeps a row that matches or has a descendant that does.
func (db *DB) matches(id RowID, q Query) bool {
	r := db.rows[id]
	if q.Filter.match(r, q.Now) {
		return true
	}
	for _, k := range r.kids {
		if db.matches(k, q) {
			return true
		}
	}
	return false
}

// NextError is the first failed row after one, in the order of the tree in which
// everything is open, and around the end.
func (db *DB) NextError(after RowID) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	var first, next RowID
	passed := after == 0
	var walk func(ids []RowID)
	walk = func(ids []RowID) {
		for _, id := range db.order(ids, Query{}) {
			if r := db.rows[id]; r.State == model.NodeFailed {
				if first == 0 {
					first = id
				}
				if passed && next == 0 {
					next = id
				}
			}
			passed = passed || id == after
			walk(db.rows[id].kids)
		}
	}
	walk(db.top())
	if next == 0 {
		next = first
	}
	return next, next != 0
}

// Origin is where the failure that a row shows began: in the node that blocks it,
// in a failed row below it, or in itself.
func (db *DB) Origin(id RowID) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	r := db.row(id)
	if r == nil {
		return 0, false
	}
	if at, ok := db.byName[r.BlockedBy]; ok {
		r = db.rows[at]
	}
	r = db.origin(r)
	return r.ID, r.State == model.NodeFailed
}

// origin goes down from a row to the first failed row that has none below it. A
// failed row stays its own origin when that is about something else: a node may
// bear that a file is bad and fail of another cause.
func (db *DB) origin(r *row) *row {
	deepest := r
	for more := true; more; {
		more = false
		for _, id := range db.order(deepest.kids, Query{}) {
			k := db.rows[id]
			if _, failed := db.below(k); k.State == model.NodeFailed || failed > 0 {
				deepest, more = k, true
				break
			}
		}
	}
	if r.State == model.NodeFailed && !strings.Contains(r.message, firstLine(deepest.message)) {
		return r
	}
	return deepest
}

// Path is the way from the top to a row, the row included.
func (db *DB) Path(id RowID) []RowID {
	db.mu.RLock()
	defer db.mu.RUnlock()
	return db.path(id)
}

func (db *DB) path(id RowID) []RowID {
	var out []RowID
	for r := db.row(id); r != nil; r = db.row(r.Parent) {
		out = append(out, r.ID)
	}
	slices.Reverse(out)
	return out
}

// Tables are the capture statistics of a node.
func (db *DB) Tables(node string) []model.TableStats {
	db.mu.RLock()
	defer db.mu.RUnlock()
	if r := db.row(db.byName[node]); r != nil {
		return r.stats
	}
	return nil
}

var levels = map[string]int{"": 0, "DEBUG": 0, "INFO": 1, "WARN": 2, "ERROR": 3}

// Logs is a window of the log.
func (db *DB) Logs(q LogQuery) LogWindow {
	db.mu.RLock()
	defer db.mu.RUnlock()
	name := ""
	if r := db.row(q.Node); r != nil {
		for r.Parent != 0 {
			r = db.rows[r.Parent]
		}
		name = r.Name
	}
	var list []model.LogRecord
	text := strings.ToLower(q.Text)
	for _, l := range db.logs {
		if q.Node != 0 && l.Node != name || levels[l.Level] < levels[q.MinLevel] ||
			!strings.Contains(strings.ToLower(l.Message+" "+l.Node), text) {
			continue
		}
		list = append(list, l)
	}
	w := LogWindow{Total: len(list), Dropped: db.logLost, Version: db.header.Version}
	w.Offset = max(0, min(q.Offset, len(list)-q.Height))
	if q.Offset < 0 {
		w.Offset = max(0, len(list)-q.Height)
	}
	w.Lines = list[w.Offset:min(len(list), w.Offset+max(0, q.Height))]
	return w
}
