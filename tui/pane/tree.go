package pane

import (
	"fmt"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// TreeSource is what the tree reads of a run.
type TreeSource interface {
	Header() runview.Header
	Window(runview.Query) runview.Window
	Path(runview.RowID) []runview.RowID
	Locate(runview.Query, runview.RowID) (int, bool)
	Rows([]runview.RowID) []runview.Row
}

// View is a way to show the rows of a run.
type View uint8

const (
	ViewTree      View = iota
	ViewWaterfall      // in the order of their starts, as bars on an axis of time
	ViewTable          // a list with columns to sort by
)

// Tree is the tree of planned nodes with the spans below them, in one of several
// views. Selection, folds and filter are the same in all of them. It holds only
// the rows that are visible; Refresh fetches them. The selected row is known by
// its id and keeps its line on the screen whatever arrives above it.
type Tree struct {
	box
	header runview.Header
	win    runview.Window
	axis   int64 // nanoseconds that the time bars span
	now    int64 // unix nanoseconds, of the last Refresh

	sel  runview.RowID // 0: whatever row is at index at
	at   int           // index of the selected row among the visible ones
	line int           // line of the selected row inside the pane
	own  bool          // the viewer has chosen the selected row
	top  bool          // the next Refresh selects the first row

	open       map[runview.RowID]bool // this viewer's folds
	sort       runview.SortKey
	filter     runview.Filter
	filterText string
	found      map[runview.RowID]bool // opened by the filter: what it looks for may be below
	follow     bool
	folded     map[runview.RowID]bool // every node, folded: what newest looks at
	changed    bool                   // the viewer moved things since the last Refresh
	pending    bool                   // the run view still looks for the rows of filter and order

	view  View
	table tableView
	zoom  span   // of the waterfall; zero shows the whole run
	key   string // what the glyphs of the waterfall mean

	cache rowCache
}

// NewTree gives an empty tree.
func NewTree() *Tree {
	return &Tree{open: make(map[runview.RowID]bool), table: tableView{by: runview.SortDuration}}
}

// Clear forgets the run, for a new one. Sort order and filter stay.
func (t *Tree) Clear() {
	t.header, t.win, t.axis = runview.Header{}, runview.Window{}, 0
	t.sel, t.at, t.line, t.own, t.top = 0, 0, 0, false, false
	t.follow, t.pending, t.found = false, false, nil
	t.zoom, t.table.all = span{}, false
	t.open, t.folded = make(map[runview.RowID]bool), nil
	t.cache.clear()
}

// rows is the number of lines for rows: the first line holds the column heads.
func (t *Tree) rows() int { return max(t.h-1, 1) }

// Query is what Refresh asks for, from a given visible row on.
func (t *Tree) Query(offset int, now int64) runview.Query {
	q := runview.Query{
		Filter: t.filter, Open: t.folds(), Sort: t.sort,
		Offset: max(offset, 0), Height: t.rows(), Now: now,
	}
	switch t.view {
	case ViewWaterfall:
		q.Sort, q.Self = runview.SortStart, true
	case ViewTable:
		q.Open, q.Self, q.Sort, q.Back, q.Flat = nil, true, t.table.by, t.table.back, runview.FlatNodes
		if t.table.all {
			q.Flat = runview.FlatAll
		}
	}
	return q
}

// Refresh fetches the visible rows. Now is in unix nanoseconds. The selected row
// keeps its line, even if that leaves lines below the last row empty; only after
// the viewer has changed something is the window filled again.
func (t *Tree) Refresh(src TreeSource, now int64) {
	t.header, t.now = src.Header(), now
	t.scale(now)
	if t.follow {
		if id, ok := t.newest(src); ok && id != t.sel {
			t.reveal(src, id)
		}
	}
	if t.slow() {
		if t.pending = src.Window(t.Query(t.at-t.line, now)).Pending; t.pending {
			return // the rows of before stay until the new ones are known
		}
	}
	t.pending = false
	t.openFound(src, now)
	changed := t.changed
	t.changed = false
	if t.top {
		t.sel, t.at, t.line, t.top = 0, 0, 0, false
	}
	if t.sel == 0 {
		t.window(src, t.at-t.line, now, changed)
		return
	}
	t.win = src.Window(t.Query(t.at-t.line, now))
	i := find(t.win.Rows, t.sel)
	at := t.win.Offset + i
	if i < 0 {
		var ok bool
		if at, ok = t.locate(src, now); !ok {
			t.sel = 0 // the row is gone: folded away, or hidden by the filter
			t.window(src, t.at-t.line, now, true)
			return
		}
	}
	if at == t.at && i == t.line {
		return
	}
	t.at = at
	t.window(src, at-t.line, now, changed)
}

// window fetches the rows from an offset on and selects row t.at of them. With
// fill, there are no empty lines below the last row as long as there are rows
// above.
func (t *Tree) window(src TreeSource, offset int, now int64, fill bool) {
	q := t.Query(offset, now)
	t.win = src.Window(q)
	if !fill && t.win.Offset < q.Offset && t.at < t.win.Total {
		q.Height = t.win.Total - q.Offset
		if q.Height > 0 {
			t.win = src.Window(q)
		}
	}
	if len(t.win.Rows) == 0 {
		t.sel, t.at, t.line = 0, 0, 0
		return
	}
	t.line = min(max(t.at-t.win.Offset, 0), len(t.win.Rows)-1)
	t.at = t.win.Offset + t.line
	t.sel = t.win.Rows[t.line].ID
}

// scale sets the time axis: it grows in steps while the run goes on, so that
// the bars of ended rows stay as they are.
func (t *Tree) scale(now int64) {
	h := t.header
	switch {
	case h.Started.IsZero():
		t.axis = 0
	case h.Ended.IsZero():
		t.axis = ui.NiceAxis(now - h.Started.UnixNano())
	default:
		t.axis = max(h.Ended.Sub(h.Started).Nanoseconds(), 1)
	}
}

func find(rows []runview.Row, id runview.RowID) int {
	for i := range rows {
		if rows[i].ID == id {
			return i
		}
	}
	return -1
}

// SetSize gives the size of the inside.
func (t *Tree) SetSize(w, h int) {
	if w != t.w {
		t.cache.clear()
	}
	t.box.SetSize(w, h)
	t.line = min(t.line, t.rows()-1)
	t.changed = true
}

// Selected is the selected row, as it was at the last Refresh.
func (t *Tree) Selected() (runview.Row, bool) {
	if i := find(t.win.Rows, t.sel); i >= 0 {
		return t.win.Rows[i], true
	}
	return runview.Row{}, false
}

// Header is the run at a glance, as of the last Refresh.
func (t *Tree) Header() runview.Header { return t.header }

// Title names the pane.
func (t *Tree) Title() string {
	switch {
	case t.view == ViewWaterfall:
		return "Waterfall  " + t.key
	case t.view == ViewTable && t.table.all:
		return "Nodes and spans"
	}
	return "Nodes"
}

// Status tells where the cursor is and what is hidden.
func (t *Tree) Status() string {
	status := ""
	if t.win.Total > 0 {
		status = ui.Commas(int64(t.at+1)) + " of " + ui.Commas(int64(t.win.Total))
	}
	if t.filterText != "" {
		status += fmt.Sprintf(", hidden %s by %s", ui.Commas(int64(t.win.Hidden)), ui.Clean(t.filterText))
	}
	if t.view == ViewWaterfall && t.zoom != (span{}) {
		status += fmt.Sprintf(", %s to %s", tickText(t.zoom.from), tickText(t.zoom.to))
	}
	if t.follow {
		status += ", following"
	}
	if t.pending {
		status += ", looking"
	}
	return status
}
