package pane

import "github.com/buildscope/buildscope/otel/runview"

// locate finds the index of the selected row among the visible ones.
func (t *Tree) locate(src TreeSource, now int64) (int, bool) {
	return src.Locate(t.Query(0, now), t.sel)
}

var _ TreeSource = (*runview.DB)(nil)
