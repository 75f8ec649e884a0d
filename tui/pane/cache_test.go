package pane

import (
	"fmt"
	"testing"
	"time"
	"unsafe"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

var cacheEpoch = time.Date(2026, 3, 14, 9, 26, 53, 0, time.UTC)

// cachedTree is a tree of ended and running nodes.
func cachedTree() (*Tree, *runview.DB) {
	db := runview.New(runview.Options{})
	db.SetRun(cacheEpoch)
	var plan model.Plan
	for i := range 8 {
		plan.Nodes = append(plan.Nodes, model.PlanNode{Name: fmt.Sprintf("node_%d", i), Kind: model.KindSQL})
	}
	db.SetPlan(plan)
	t := NewTree()
	t.SetSize(100, 12)
	return t, db
}

func node(db *runview.DB, name string, state model.NodeState, start, end int64) {
	e := model.NodeExecution{Name: name, State: state, Start: cacheEpoch.UnixNano() + start}
	if end != 0 {
		e.End = cacheEpoch.UnixNano() + end
	}
	db.SetNode(e, nil)
}

func same(a, b string) bool { return unsafe.StringData(a) == unsafe.StringData(b) }

// A row that did not change is the very same string in the next frame, and one
// that did is not; either way it is what a tree without a cache draws.
func TestRowCache(t *testing.T) {
	tree, db := cachedTree()
	th := theme.New(theme.Options{})
	node(db, "node_0", model.NodeSucceeded, 0, 1e9)
	node(db, "node_1", model.NodeRunning, 1e9, 0)
	frame := func(now int64) []string {
		tree.Refresh(db, cacheEpoch.UnixNano()+now)
		k := Look{Theme: th, Focused: true, Now: cacheEpoch.Add(time.Duration(now))}
		lines := tree.Lines(k)
		fresh := *tree
		fresh.cache = rowCache{}
		for i, want := range fresh.Lines(k) {
			if lines[i] != want {
				t.Fatalf("at %d line %d is %q from the cache and %q without it", now, i, lines[i], want)
			}
		}
		return lines
	}
	first, second := frame(2.1e9), frame(2.4e9)
	if !same(first[1], second[1]) {
		t.Error("an ended row was drawn again")
	}
	if first[2] == second[2] {
		t.Error("a running row stands still")
	}
	node(db, "node_1", model.NodeFailed, 1e9, 2.5e9)
	node(db, "node_2", model.NodeSucceeded, 2.5e9, 2.6e9)
	third := frame(2.7e9)
	if !same(second[1], third[1]) || third[2] == second[2] {
		t.Error("the wrong rows were drawn again")
	}
	tree.Move(1)
	if fourth := frame(2.8e9); same(third[1], fourth[1]) || same(third[2], fourth[2]) {
		t.Error("a moved selection is not seen")
	}
	tree.SetSize(90, 12)
	if n := ui.Width(frame(2.9e9)[1]); n != 90 {
		t.Errorf("after a change of width a row has %d cells", n)
	}
	th = theme.New(theme.Options{Light: true})
	frame(3e9)
	for i := range 2 * rowCacheLimit {
		tree.cache.put(rowKey{version: uint64(i)}, "")
	}
	if len(tree.cache.rows) > rowCacheLimit {
		t.Errorf("the cache holds %d rows", len(tree.cache.rows))
	}
}

// The border of a pane is drawn once as long as nothing about it changes.
func TestFrameCache(t *testing.T) {
	th := theme.New(theme.Options{})
	var f, fresh ui.Frame
	keys := []struct {
		w             int
		title, status string
		focused       bool
	}{{20, "Nodes", "1 of 3", true}, {20, "Nodes", "1 of 3", true}, {20, "Nodes", "2 of 3", true}, {21, "Nodes", "2 of 3", false}}
	var last []string
	for i, k := range keys {
		got := f.Wrap(nil, th, k.w, k.title, k.status, k.focused, nil)
		fresh = ui.Frame{}
		want := fresh.Wrap(nil, th, k.w, k.title, k.status, k.focused, nil)
		if got[0] != want[0] || got[1] != want[1] {
			t.Errorf("border %d: %q, without the cache %q", i, got, want)
		}
		if i == 1 && !same(last[0], got[0]) {
			t.Error("an unchanged border was drawn again")
		}
		last = got
	}
}

// The text of a tab is laid out once as long as the row does not change.
func TestTextCache(t *testing.T) {
	_, db := cachedTree()
	node(db, "node_0", model.NodeSucceeded, 0, 1e9)
	tree := NewTree()
	tree.SetSize(80, 10)
	tree.Refresh(db, cacheEpoch.UnixNano())
	row, _ := tree.Selected()
	d := NewDetail(NewLogs())
	d.SetSize(60, 20)
	d.Show(TabSpan)
	k := Look{Theme: theme.New(theme.Options{}), Now: cacheEpoch}
	lines := func() []string {
		d.Refresh(db, row.ID)
		got := d.Lines(k)
		fresh := *d
		fresh.text = textCache{}
		for i, want := range fresh.Lines(k) {
			if got[i] != want {
				t.Fatalf("line %d is %q from the cache and %q without it", i, got[i], want)
			}
		}
		return got
	}
	first := lines()
	if !same(first[0], lines()[0]) {
		t.Error("an unchanged text was laid out again")
	}
	node(db, "node_0", model.NodeFailed, 0, 1e9)
	if same(first[0], lines()[0]) {
		t.Error("a changed row shows its old text")
	}
}
