package tui

import (
	"fmt"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/pane"
)

// BenchmarkViews reads and draws a frame of each view at 200x60, of a run with a
// million spans below one node, which is open in the waterfall. The table is of
// nodes and spans. The graph, which never has spans, is of 500 nodes.
func BenchmarkViews(b *testing.B) {
	r := newRun().midway()
	for i := range 10 {
		r.db.Apply(manySpans(r, i*100_000, 100_000))
	}
	wide := newRun()
	plan := model.Plan{}
	for i := range 494 { // beside those of the script
		n := model.PlanNode{Name: fmt.Sprint("node_", i), Kind: model.KindSQL}
		for _, dep := range []int{i - 12, i - 13, i - 31} {
			if dep >= 0 {
				n.Deps = append(n.Deps, fmt.Sprint("node_", dep))
			}
		}
		plan.Nodes = append(plan.Nodes, n)
	}
	wide.db.SetPlan(plan)
	now := epoch.Add(12400 * time.Millisecond)
	for _, view := range []struct {
		name string
		run  *scriptedRun
		id   paneID
	}{{"tree", r, paneTree}, {"waterfall", r, paneWaterfall}, {"table", r, paneGrid}, {"graph", wide, paneGraph}} {
		b.Run(view.name, func(b *testing.B) {
			m := NewModel(b.Context(), Options{Run: view.run, Clock: func() time.Time { return now }})
			b.Cleanup(m.Close)
			m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
			m.tree.SetFollow(false)
			m.tree.Move(-pane.Far)
			m.tree.Move(1)
			m.refresh()
			m.tree.Side(1)
			m.refresh()
			m.showRows(view.id)
			if view.id == paneGrid {
				m.tree.ToggleAll(m.live.db)
			}
			for m.refresh(); m.tree.Pending(); m.refresh() {
				time.Sleep(time.Millisecond)
			}
			m.panes[view.id].Move(100)
			m.moved()
			b.ReportAllocs()
			for b.Loop() {
				m.refresh()
				m.dirty = true
				_ = m.View()
			}
		})
	}
	b.Run("graph layout", func(b *testing.B) {
		m := NewModel(b.Context(), Options{Run: wide, Clock: func() time.Time { return now }})
		b.Cleanup(m.Close)
		m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
		m.showRows(paneGraph)
		for b.Loop() {
			m.graph.Clear()
			m.refresh()
		}
	})
}
