package tui

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"

	"github.com/buildscope/buildscope/tui/pane"
)

// busyRun is a run of 200 nodes in all states with files below them.
func busyRun() *scriptedRun {
	r := newRun().midway()
	for i := range 400 {
		r.file("extract_python", fmt.Sprintf("src/some/package/module_%d.py", i), at(300+int64(i)), at(2000+int64(i)*20))
	}
	return r
}

// busyModel shows it at 200x60 with all three panes full.
func busyModel(b *testing.B) *Model {
	b.Helper()
	r := busyRun()
	now := epoch.Add(12400 * time.Millisecond)
	m := NewModel(b.Context(), Options{Settings: newSettings(), Run: r, Subject: "requests", Clock: func() time.Time { return now }})
	b.Cleanup(m.Close)
	m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
	m.tree.SetFollow(false)
	m.tree.Move(-pane.Far)
	m.tree.Move(1)
	m.refresh()
	m.tree.Side(1)
	m.refresh()
	return m
}

// BenchmarkView draws the screen at 200x60: dirty is a frame of a running build in
// which everything is looked at again, unchanged is what Bubble Tea asks for after
// a message that changed nothing.
func BenchmarkView(b *testing.B) {
	b.Run("dirty", func(b *testing.B) {
		m := busyModel(b)
		b.ReportAllocs()
		for b.Loop() {
			m.refresh()
			m.dirty = true
			_ = m.View()
		}
	})
	b.Run("scrolling", func(b *testing.B) {
		m := busyModel(b)
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			m.tree.Move(1 - 2*(i/200%2))
			m.refresh()
			_ = m.View()
		}
	})
	b.Run("statistics", func(b *testing.B) {
		d := newDriver(b, 200, 60, Options{Run: newRun().succeed()})
		d.Press("g", "down")
		b.ReportAllocs()
		for b.Loop() {
			d.m.refresh()
			d.m.dirty = true
			_ = d.m.View()
		}
	})
	b.Run("operators", func(b *testing.B) {
		r := newRun().succeed()
		var chain []model.Operator
		for i := range 170 { // as many as the largest statement of the built-in graph has
			chain = []model.Operator{{Name: "HASH_JOIN", TimeNS: int64(i), Rows: 10, EstimatedRows: 1000, Extra: map[string]string{"Conditions": "a = b", "projections": strings.Repeat("column\n", 20)}, Children: chain}}
		}
		profile, err := json.Marshal(model.QueryProfile{SQL: strings.Repeat("SELECT a, b, 'text' FROM somewhere\n", 500), Root: chain})
		if err != nil {
			b.Fatal(err)
		}
		r.span(model.SpanRecord{Name: model.SpanEngineQuery, Start: at(0), End: at(20_000), Attrs: []model.Attr{{Key: model.AttrEngineProfile, Value: string(profile)}}}, "larger", "relate_scopes")
		d := newDriver(b, 200, 60, Options{Run: r})
		d.Press("g", "down", "down", "down", "O").Expect("operator 1 of 170")
		b.ReportAllocs()
		for b.Loop() {
			d.m.refresh()
			d.m.dirty = true
			_ = d.m.View()
		}
	})
	b.Run("unchanged", func(b *testing.B) {
		m := busyModel(b)
		_ = m.View()
		b.ReportAllocs()
		for b.Loop() {
			_ = m.View()
		}
	})
}

// BenchmarkFirstFrame makes the program and draws its first frame.
func BenchmarkFirstFrame(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		m := NewModel(b.Context(), Options{Settings: newSettings(), Run: newRun(), Subject: "requests"})
		m.Update(tea.WindowSizeMsg{Width: 200, Height: 60})
		if m.View().Content == "" {
			b.Fatal("nothing is drawn")
		}
		m.Close()
	}
}

// BenchmarkRefreshOfManySpans reads the visible rows of a run of 100,000 spans.
func BenchmarkRefreshOfManySpans(b *testing.B) {
	m := busyModel(b)
	m.live.db.Apply(manySpans(m.live.run.(*scriptedRun), 0, 100_000))
	b.ReportAllocs()
	for b.Loop() {
		m.refresh()
	}
}
