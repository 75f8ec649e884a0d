package pane

import (
	"maps"

	"github.com/buildscope/buildscope/otel/runview"
)

// Move moves the selection by a number of rows. Rows outside the window appear
// at the next Refresh.
func (t *Tree) Move(n int) {
	t.follow, t.own = false, true
	t.moveTo(t.at + n)
}

// rise selects the first row in another order of the rows: that is what one asks for
// by it. A row that the viewer has chosen, or follows, stays selected.
func (t *Tree) rise() { t.top = !t.own && !t.follow }

func (t *Tree) moveTo(at int) {
	at = max(0, min(at, t.win.Total-1))
	t.line = max(0, min(t.line+at-t.at, t.rows()-1))
	t.at = at
	t.sel = 0
	if i := at - t.win.Offset; i >= 0 && i < len(t.win.Rows) {
		t.sel = t.win.Rows[i].ID
	}
}

// Rest ends following, with the run. In an order of the viewer's own the first row is
// the one that it is for.
func (t *Tree) Rest() {
	t.follow = false
	if t.sort != runview.SortPlan || t.view == ViewTable {
		t.rise()
	}
}

// Click selects the row on a line of the inside.
func (t *Tree) Click(line int) {
	if i := line - 1; i >= 0 && i < len(t.win.Rows) {
		t.Move(t.win.Offset + i - t.at)
	}
}

// Side folds (-1) or unfolds (+1); a table it sorts by the column beside. On a row
// that is folded already, or has nothing to fold, left goes to the parent and right
// to the next row.
func (t *Tree) Side(step int) {
	if t.view == ViewTable {
		t.SortBy(step)
		return
	}
	row, ok := t.Selected()
	if !ok {
		return
	}
	t.follow, t.own, t.changed = false, true, true
	switch {
	case step > 0 && row.Children > 0 && !row.Open:
		t.open[row.ID] = true
	case step > 0 && row.Children > 0:
		t.Move(1)
	case step < 0 && row.Open && row.Children > 0:
		t.open[row.ID] = false
	case step < 0 && row.Parent != 0 && row.Depth > 0:
		t.jump(row.Parent)
	}
}

// jump selects a row by its id; the next Refresh finds out where it is.
func (t *Tree) jump(id runview.RowID) {
	if i := find(t.win.Rows, id); i >= 0 {
		t.moveTo(t.win.Offset + i)
		return
	}
	t.sel, t.changed = id, true
}

// Toggle folds or unfolds the selected row.
func (t *Tree) Toggle() {
	if row, ok := t.Selected(); ok && row.Children > 0 {
		t.open[row.ID] = !row.Open
		t.changed = true
	}
}

// Reveal selects a row and opens what it is in.
func (t *Tree) Reveal(src TreeSource, id runview.RowID) {
	t.follow, t.own = false, true
	t.reveal(src, id)
}

func (t *Tree) reveal(src TreeSource, id runview.RowID) {
	for _, above := range src.Path(id) {
		if above != id && above != 0 {
			t.open[above] = true
		}
	}
	if t.view == ViewTable && !t.table.all {
		t.table.all = !isNode(src, id)
	}
	t.jump(id)
}

// isNode reports whether a row is a node, which a table of nodes has.
func isNode(src TreeSource, id runview.RowID) bool {
	rows := src.Rows([]runview.RowID{id})
	return len(rows) == 1 && rows[0].Node
}

// SetView shows the rows another way. The selected row stays selected: where it is
// a span, the table is one of nodes and spans.
func (t *Tree) SetView(v View) {
	if v == t.view {
		return
	}
	t.view, t.changed = v, true
	if row, ok := t.Selected(); ok && v == ViewTable {
		t.table.all = !row.Node
		t.rise()
	}
}

// SetFollow makes every Refresh select the node that started last, or stops
// that. Any move by hand stops it too.
func (t *Tree) SetFollow(on bool) {
	t.follow = on
	t.own = t.own && !on
}

// Follow reports whether the selection goes with the newest node.
func (t *Tree) Follow() bool { return t.follow }

// SetFilter narrows the tree to the rows that match. The text is for the
// status line.
func (t *Tree) SetFilter(f runview.Filter, text string) {
	t.filter, t.filterText, t.changed, t.found = f, text, true, nil
}

// folds are the viewer's folds, and what the filter opened beside them.
func (t *Tree) folds() map[runview.RowID]bool {
	if len(t.found) == 0 {
		return t.open
	}
	all := maps.Clone(t.found)
	maps.Copy(all, t.open)
	return all
}

// openFound opens, under a filter, the rows that show although what matches may be
// below them. What the viewer folded stays so.
func (t *Tree) openFound(src TreeSource, now int64) {
	if t.filterText == "" || t.view == ViewTable {
		return
	}
	const deepest = 32
	for range deepest {
		more := false
		for _, r := range src.Window(t.Query(t.at-t.line, now)).Rows {
			if _, said := t.open[r.ID]; !said && r.Children > 0 && !r.Open && !t.found[r.ID] {
				if t.found == nil {
					t.found = make(map[runview.RowID]bool)
				}
				t.found[r.ID], more = true, true
			}
		}
		if !more {
			return
		}
	}
}

// FilterText is the filter as it was typed; "" when there is none.
func (t *Tree) FilterText() string { return t.filterText }

// slow reports whether the run view looks at every row of the run instead of a
// window: with a filter, or in an order other than the plan's.
func (t *Tree) slow() bool {
	return t.filterText != "" || t.sort != runview.SortPlan || t.view != ViewTree
}

// Pending reports whether something is missing that a later version of the run view
// has: the rows of the present filter and order, or their self times.
func (t *Tree) Pending() bool { return t.pending || t.win.Counting }

// Filter is what narrows the tree.
func (t *Tree) Filter() runview.Filter { return t.filter }

// NextSort switches to the next order of siblings and gives its name.
func (t *Tree) NextSort() string {
	t.sort, t.changed = (t.sort+1)%(runview.SortName+1), true
	t.rise()
	return sortNames[t.sort]
}

var sortNames = map[runview.SortKey]string{
	runview.SortPlan: "plan", runview.SortDuration: "time", runview.SortRows: "rows", runview.SortName: "name",
}
