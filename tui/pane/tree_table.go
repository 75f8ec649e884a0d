package pane

import (
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// tableView is what the table shows and how it is sorted.
type tableView struct {
	by   runview.SortKey
	back bool // the other way round
	all  bool // spans beside the nodes
}

// tableColumn is a column of the table beside the name.
type tableColumn struct {
	by    runview.SortKey
	name  string
	width int
	drop  int  // columns with a high number are left out first where there is little room
	up    bool // its natural order is the least first
	left  bool // text, which stands at the left
}

var tableColumns = []tableColumn{
	{by: runview.SortState, name: "state", width: 9, up: true, left: true},
	{by: runview.SortKind, name: "kind", width: 8, drop: 6, up: true, left: true},
	{by: runview.SortStart, name: "start", width: 8, drop: 3, up: true},
	{by: runview.SortDuration, name: "time", width: 7},
	{by: runview.SortSelf, name: "self", width: 7, drop: 1},
	{by: runview.SortRows, name: "rows", width: 6},
	{by: runview.SortBytes, name: "bytes", width: 9, drop: 4},
	{by: runview.SortErrors, name: "errors", width: 8, drop: 2},
}

// nameColumn is the first one; it takes what the others leave.
var nameColumn = tableColumn{by: runview.SortName, name: "name", up: true, left: true}

// shownColumns are the columns that have room, and the width of the name. The one
// that the table is sorted by always shows.
func (t *Tree) shownColumns() (cols []tableColumn, name int) {
	const narrowest = 22 // cells for the name
	for level := 7; ; level-- {
		cols, name = cols[:0], t.w-1
		for _, c := range tableColumns {
			if c.drop < level || c.by == t.table.by {
				cols = append(cols, c)
				name -= c.width + 1
			}
		}
		if name >= narrowest || level == 1 {
			return cols, max(name, 4)
		}
	}
}

// SortBy sorts the table by the column after (+1) or before (-1) the present one,
// in its natural order, and gives the name of the column.
func (t *Tree) SortBy(step int) string {
	cols, _ := t.shownColumns()
	cols = append([]tableColumn{nameColumn}, cols...)
	at := 0
	for i, c := range cols {
		if c.by == t.table.by {
			at = i
		}
	}
	c := cols[(at+step+len(cols))%len(cols)]
	t.table.by, t.table.back, t.changed = c.by, false, true
	t.rise()
	return c.name
}

// TurnSort sorts the table the other way round and says how it is sorted now.
func (t *Tree) TurnSort() string {
	t.table.back, t.changed = !t.table.back, true
	t.rise()
	if t.descends(t.column()) {
		return "most or last first"
	}
	return "least or first first"
}

// column is the one that the table is sorted by.
func (t *Tree) column() tableColumn {
	for _, c := range tableColumns {
		if c.by == t.table.by {
			return c
		}
	}
	return nameColumn
}

func (t *Tree) descends(c tableColumn) bool { return c.up == t.table.back }

// ToggleAll shows spans beside the nodes, or nodes alone, and reports which. From a
// span, the selection goes to the node that it is in.
func (t *Tree) ToggleAll(src TreeSource) bool {
	t.table.all, t.changed = !t.table.all, true
	if row, ok := t.Selected(); ok && !row.Node && !t.table.all {
		if id, ok := nodeOf(src, row.ID); ok {
			t.jump(id)
		}
	}
	return t.table.all
}

// nodeOf is the node that a row is, or is in.
func nodeOf(src TreeSource, id runview.RowID) (runview.RowID, bool) {
	rows := src.Rows(src.Path(id))
	for i := len(rows) - 1; i >= 0; i-- {
		if rows[i].Node {
			return rows[i].ID, true
		}
	}
	return 0, false
}

// tableDrawing gives the heads and the drawing of rows.
func (t *Tree) tableDrawing(k Look) (heads string, draw drawRow) {
	cols, name := t.shownColumns()
	th := k.Theme
	line := ui.NewLine(t.w, 0).Gap(1).Add(th.Dim, t.head(th, nameColumn, name))
	for _, c := range cols {
		line.Gap(1).Add(th.Dim, t.head(th, c, c.width))
	}
	return line.String(), func(line *ui.Line, r *runview.Row) {
		row := *r
		row.Children, row.Depth = 0, 0 // nothing can be unfolded in a list
		t.nameCell(line, th, &row, name)
		for _, c := range cols {
			paint, text := t.cell(th, c, r, k.Now.UnixNano())
			if c.left {
				text = ui.Fit(text, c.width)
			} else {
				text = ui.FitRight(text, c.width)
			}
			line.Gap(1).Add(paint, text)
		}
	}
}

// head is the head of a column, with the direction where the table is sorted by it.
func (t *Tree) head(th *theme.Theme, c tableColumn, w int) string {
	text := c.name
	if c.by == t.table.by {
		if t.descends(c) {
			text += " " + th.Glyphs.Down
		} else {
			text += " " + th.Glyphs.Up
		}
	}
	if c.left {
		return ui.Fit(text, w)
	}
	return ui.FitRight(text, w)
}

// cell is what a row has in a column.
func (t *Tree) cell(th *theme.Theme, c tableColumn, r *runview.Row, now int64) (theme.Paint, string) {
	switch c.by {
	case runview.SortState:
		return th.State(r.State), StateWord(r.State)
	case runview.SortKind:
		return th.Info, ui.Clean(r.Kind)
	case runview.SortStart:
		if r.Start == 0 || t.header.Started.IsZero() {
			return th.Dim, ""
		}
		if after := r.Start - t.header.Started.UnixNano(); after > 0 {
			return th.Dim, "+" + durationText(after)
		}
		return th.Dim, "0"
	case runview.SortDuration:
		return th.Text, rowTime(r, now)
	case runview.SortSelf:
		if r.Self < 0 || r.State == model.NodeCached {
			return th.Dim, ""
		}
		return th.Text, durationText(r.Self)
	case runview.SortRows:
		return th.Dim, rowRows(r)
	case runview.SortBytes:
		if r.Bytes == 0 {
			return th.Dim, ""
		}
		return th.Dim, ui.Bytes(r.Bytes)
	}
	errors := r.Failed
	if r.State == model.NodeFailed {
		errors++
	}
	if errors == 0 {
		return th.Dim, ""
	}
	return th.Bad, ui.Count(int64(errors))
}
