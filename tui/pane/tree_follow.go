package pane

import (
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// newest finds the node that started last, a running one before an ended one.
// It looks at the planned nodes only: with all of them folded they are a short
// list, however many spans there are below them.
func (t *Tree) newest(src TreeSource) (runview.RowID, bool) {
	if t.folded == nil {
		t.folded = make(map[runview.RowID]bool)
	}
	for range t.header.Nodes + 1 { // every round but the last folds at least one more node
		win := src.Window(runview.Query{Open: t.folded, Height: t.header.Nodes + 64})
		open := false
		best := -1
		for i, r := range win.Rows {
			if r.Open && r.Children > 0 {
				t.folded[r.ID] = false
				open = true
			}
			if r.Start != 0 && (best < 0 || later(&r, &win.Rows[best])) {
				best = i
			}
		}
		if !open {
			if best < 0 {
				return 0, false
			}
			return win.Rows[best].ID, true
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
