package pane

import (
	"github.com/buildscope/buildscope/otel/runview"
)

// Move moves the selection by a number of rows. Rows outside the window appear
// at the next Refresh.
func (t *Tree) Move(n int) {
	t.follow = false
	t.moveTo(t.at + n)
}

func (t *Tree) moveTo(at int) {
	at = max(0, min(at, t.win.Total-1))
	t.line = max(0, min(t.line+at-t.at, t.rows()-1))
	t.at = at
	t.sel = 0
	if i := at - t.win.Offset; i >= 0 && i < len(t.win.Rows) {
		t.sel = t.win.Rows[i].ID
	}
}

// Edge goes to the first or the last row.
func (t *Tree) Edge(last bool) {
	if last {
		t.Move(t.win.Total)
	} else {
		t.Move(-t.win.Total)
	}
}

// Click selects the row on a line of the inside.
func (t *Tree) Click(line int) {
	if i := line - 1; i >= 0 && i < len(t.win.Rows) {
		t.Move(t.win.Offset + i - t.at)
	}
}

// Side folds (-1) or unfolds (+1). On a row that is folded already, or has
// nothing to fold, left goes to the parent and right to the next row.
func (t *Tree) Side(step int) {
	row, ok := t.Selected()
	if !ok {
		return
	}
	t.follow, t.changed = false, true
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
	t.follow = false
	t.reveal(src, id)
}

func (t *Tree) reveal(src TreeSource, id runview.RowID) {
	for _, above := range src.Path(id) {
		if above != id && above != 0 {
			t.open[above] = true
		}
	}
	t.jump(id)
}

// SetFollow makes every Refresh select the node that started last, or stops
// that. Any move by hand stops it too.
func (t *Tree) SetFollow(on bool) { t.follow = on }

// Follow reports whether the selection goes with the newest node.
func (t *Tree) Follow() bool { return t.follow }

// SetFilter narrows the tree to the rows that match. The text is for the
// status line.
func (t *Tree) SetFilter(f runview.Filter, text string) {
	t.filter, t.filterText, t.changed = f, text, true
}

// FilterText is the filter as it was typed; "" when there is none.
func (t *Tree) FilterText() string { return t.filterText }

// Slow reports whether Refresh has to look at every row of the run instead of a
// window: with a filter, or in an order other than the plan's.
func (t *Tree) Slow() bool { return t.filterText != "" || t.sort != runview.SortPlan }

// NextSort switches to the next order of siblings and gives its name.
func (t *Tree) NextSort() string {
	t.sort, t.changed = (t.sort+1)%(runview.SortName+1), true
	return sortNames[t.sort]
}

var sortNames = map[runview.SortKey]string{
	runview.SortPlan: "plan", runview.SortDuration: "time", runview.SortRows: "rows", runview.SortName: "name",
}
