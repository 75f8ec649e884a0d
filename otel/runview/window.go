package runview

import (
	"sort"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Window is the part of the tree that a viewer shows. It walks the visible rows.
func (db *DB) Window(q Query) Window {
	db.mu.RLock()
	defer db.mu.RUnlock()
	var list []Row
	hidden := 0
	var walk func(ids []RowID)
	walk = func(ids []RowID) {
		for _, id := range db.order(ids, q) {
			r := db.rows[id]
			if !db.matches(id, q) {
				hidden++
				continue
			}
			out := r.Row
			out.Open = db.open(r, q)
			list = append(list, out)
			if out.Open {
				walk(r.kids)
			}
		}
	}
	walk(db.top())
	w := Window{Total: len(list), Hidden: hidden, Version: db.header.Version}
	w.Offset = max(0, min(q.Offset, len(list)-q.Height))
	w.Rows = list[w.Offset:min(len(list), w.Offset+max(0, q.Height))]
	return w
}

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
	if q.Sort == SortPlan {
		return ids
	}
	out := append([]RowID(nil), ids...)
	sort.SliceStable(out, func(i, j int) bool {
		a, b := db.rows[out[i]], db.rows[out[j]]
		switch q.Sort {
		case SortDuration:
			return duration(a.Row, q.Now) > duration(b.Row, q.Now)
		case SortRows:
			return a.Rows > b.Rows
		}
		return a.Name < b.Name
	})
	return out
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
	for _, k := range r.kids {
		if db.rows[k].State == model.NodeFailed {
			return true
		}
	}
	return false
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

// NextError is the first failed row after one, in plan order and around the end.
func (db *DB) NextError(after RowID) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	n := len(db.rows) - 1
	for i := 1; i <= n; i++ {
		id := RowID((int(after)+i-1)%n + 1)
		if db.rows[id].State == model.NodeFailed {
			return id, true
		}
	}
	return 0, false
}

// Origin is where the failure that a row shows began: the node that blocks it, or
// its deepest failed descendant, or itself.
func (db *DB) Origin(id RowID) (RowID, bool) {
	db.mu.RLock()
	defer db.mu.RUnlock()
	r := db.row(id)
	if r == nil {
		return 0, false
	}
	if at, ok := db.byName[r.blocks]; ok {
		r = db.rows[at]
	}
	if r.State != model.NodeFailed {
		return 0, false
	}
	for {
		next := RowID(0)
		for _, k := range r.kids {
			if db.rows[k].State == model.NodeFailed {
				next = k
				break
			}
		}
		if next == 0 {
			return r.ID, true
		}
		r = db.rows[next]
	}
}

// Path is the way from the top to a row, the row included.
func (db *DB) Path(id RowID) []RowID {
	db.mu.RLock()
	defer db.mu.RUnlock()
	var out []RowID
	for r := db.row(id); r != nil; r = db.row(r.Parent) {
		out = append([]RowID{r.ID}, out...)
	}
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
