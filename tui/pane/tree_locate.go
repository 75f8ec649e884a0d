package pane

import "github.com/buildscope/buildscope/otel/runview"

// locate finds the index of the selected row among the visible ones.
func (t *Tree) locate(src TreeSource, now int64) (int, bool) {
	for span := 512; span <= 1<<19; span *= 8 {
		q := t.Query(t.at-span/2, now)
		q.Height = span
		win := src.Window(q)
		if i := find(win.Rows, t.sel); i >= 0 {
			return win.Offset + i, true
		}
		if len(win.Rows) >= win.Total {
			return 0, false
		}
	}
	return 0, false
}

var _ TreeSource = (*runview.DB)(nil)
