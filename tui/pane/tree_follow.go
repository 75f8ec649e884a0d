package pane

import (
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// nodes lists the planned nodes without what is below them: with all of them
// folded they are a short list, however many spans there are. It is nil while
// there are none.
func (t *Tree) nodes(src TreeSource) []runview.Row {
	if t.folded == nil {
		t.folded = make(map[runview.RowID]bool)
	}
	for range t.header.Nodes + 1 { // every round but the last folds at least one more node
		win := src.Window(runview.Query{Open: t.folded, Height: t.header.Nodes + 64})
		open := false
		for _, r := range win.Rows {
			if r.Open && r.Children > 0 {
				t.folded[r.ID] = false
				open = true
			}
		}
		if !open {
			return win.Rows
		}
	}
	return nil
}

// newest finds the node that started last, a running one before an ended one.
func (t *Tree) newest(src TreeSource) (runview.RowID, bool) {
	rows := t.nodes(src)
	best := -1
	for i, r := range rows {
		if r.Start != 0 && (best < 0 || later(&r, &rows[best])) {
			best = i
		}
	}
	if best < 0 {
		return 0, false
	}
	return rows[best].ID, true
}

// FailedNode finds the node of that name, or the first one for "", if it failed.
func (t *Tree) FailedNode(src TreeSource, name string) (runview.RowID, bool) {
	for _, r := range t.nodes(src) {
		if r.State == model.NodeFailed && (name == "" || r.Name == name) {
			return r.ID, true
		}
	}
	return 0, false
}

// later reports whether a is newer than b.
func later(a, b *runview.Row) bool {
	if ar, br := a.State == model.NodeRunning, b.State == model.NodeRunning; ar != br {
		return ar
	}
	return a.Start >= b.Start
}

// Names lists the nodes by name, in the order of the plan.
func (t *Tree) Names(src TreeSource) []string {
	var names []string
	for _, r := range t.nodes(src) {
		names = append(names, r.Name)
	}
	return names
}
