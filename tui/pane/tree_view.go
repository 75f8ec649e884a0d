package pane

import (
	"strconv"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// stateWords are the states as the tree spells them, at most nine cells. A
// failure is in capitals: it must be found without colours.
var stateWords = [...]string{
	model.NodePending: "pending", model.NodeRunning: "running", model.NodeSucceeded: "ok", model.NodeCached: "cached",
	model.NodeFailed: "FAILED", model.NodeBlocked: "blocked", model.NodeCancelled: "cancelled",
}

// StateWord is the word for a node's state on the screen.
func StateWord(s model.NodeState) string {
	if int(s) < len(stateWords) {
		return stateWords[s]
	}
	return s.String()
}

// treeColumns are the widths of the columns; 0 leaves a column out.
type treeColumns struct{ name, state, bar, time, rows int }

func (t *Tree) columns() treeColumns {
	c := treeColumns{state: 9, time: 7}
	used := 1 + 10 + 8 // marker, state, time
	if t.w >= 44 {
		c.rows = 6
		used += 7
	}
	if t.w >= 56 {
		c.bar = min(max(9, (t.w-used-1)/3), 60)
		used += c.bar + 1
	}
	c.name = max(t.w-used, 4)
	return c
}

// Lines draws the column heads and the rows.
func (t *Tree) Lines(k Look) []string {
	lines := make([]string, 0, t.h)
	heads, draw := t.drawing(k)
	lines = append(lines, heads)
	if len(t.win.Rows) == 0 {
		text := "Waiting for the first node."
		switch {
		case t.filterText != "":
			text = "No row matches the filter. Press esc to clear it."
		case t.header.Started.IsZero():
			text = "No build yet."
		}
		lines = append(lines, ui.NewLine(t.w, 0).Gap(1).Add(k.Theme.Dim, text).String())
		return t.fill(lines)
	}
	for i := range t.win.Rows {
		row := &t.win.Rows[i]
		lines = append(lines, t.row(k, draw, row, row.ID == t.sel))
	}
	return t.fill(lines)
}

// drawRow draws a row.
type drawRow func(line *ui.Line, r *runview.Row)

// drawing gives the column heads of the view, and what draws its rows.
func (t *Tree) drawing(k Look) (heads string, draw drawRow) {
	switch t.view {
	case ViewWaterfall:
		return t.waterfall(k)
	case ViewTable:
		return t.tableDrawing(k)
	}
	c := t.columns()
	return t.heads(k.Theme, c), func(line *ui.Line, r *runview.Row) { t.draw(line, k, c, r) }
}

func (t *Tree) heads(th *theme.Theme, c treeColumns) string {
	mark := func(key runview.SortKey, name string) string {
		if t.sort == key && key != runview.SortPlan {
			arrow := th.Glyphs.Down
			if key == runview.SortName {
				arrow = th.Glyphs.Up
			}
			return name + arrow
		}
		return name
	}
	line := ui.NewLine(t.w, 0).Gap(1)
	name := mark(runview.SortName, "name")
	switch legend := "  " + th.Glyphs.Critical + " critical path"; {
	case c.name >= 36:
		name += "  (" + th.Glyphs.Critical + " on the critical path)"
	case c.name >= ui.Width(name+legend):
		name += legend
	}
	line.Add(th.Dim, ui.Fit(name, c.name)).Gap(1)
	line.Add(th.Dim, ui.Fit("state", c.state))
	if c.bar > 0 {
		axis := ""
		if t.axis > 0 {
			axis = "0 to " + durationText(t.axis)
		}
		line.Gap(1).Add(th.Dim, ui.Fit(axis, c.bar))
	}
	line.Gap(1).Add(th.Dim, ui.FitRight(mark(runview.SortDuration, "time"), c.time))
	if c.rows > 0 {
		line.Gap(1).Add(th.Dim, ui.FitRight(mark(runview.SortRows, "rows"), c.rows))
	}
	return line.String()
}

// row draws one row, or takes it from the cache: most rows of a frame are the
// same as in the frame before.
func (t *Tree) row(k Look, draw drawRow, r *runview.Row, selected bool) string {
	moving := r.State == model.NodeRunning || t.view == ViewWaterfall && r.State == model.NodePending && r.Ready != 0
	key := rowKey{id: r.ID, version: r.Version, theme: k.Theme, axis: t.axis, open: r.Open, ready: r.Ready, self: r.Self, view: t.view}
	if t.view == ViewWaterfall {
		shown := t.shown()
		key.from, key.axis = shown.from, shown.to
	}
	if selected {
		key.mark = 1
		if k.Focused {
			key.mark = 2
		}
	}
	if !moving {
		if s, ok := t.cache.get(key); ok {
			return s
		}
	}
	line := ui.NewLine(t.w, 0)
	if selected {
		line.Over(k.selected())
	}
	line.Text(k.marker(selected))
	draw(line, r)
	s := line.String()
	if !moving {
		t.cache.put(key, s)
	}
	return s
}

func (t *Tree) draw(line *ui.Line, k Look, c treeColumns, r *runview.Row) {
	th := k.Theme
	t.nameCell(line, th, r, c.name)
	line.Gap(1).Add(th.State(r.State), ui.Fit(StateWord(r.State), c.state))
	if c.bar > 0 {
		line.Gap(1).Add(t.barPaint(th, r), t.bar(th, r, k.Now.UnixNano(), c.bar))
	}
	line.Gap(1).Text(ui.FitRight(rowTime(r, k.Now.UnixNano()), c.time))
	if c.rows > 0 {
		line.Gap(1).Add(th.Dim, ui.FitRight(rowRows(r), c.rows))
	}
}

// rowRows is the number of rows as text; "" where none are to be expected.
func rowRows(r *runview.Row) string {
	if r.Rows > 0 || r.Node && (r.State == model.NodeSucceeded || r.State == model.NodeCached) {
		return ui.Count(r.Rows)
	}
	return ""
}

// nameCell draws the name with what stands around it into w cells.
func (t *Tree) nameCell(line *ui.Line, th *theme.Theme, r *runview.Row, w int) {
	name := ui.NewLine(w, 0)
	if line.Plain() {
		name.Over(theme.Paint{})
	}
	t.drawName(name, th, r)
	line.Raw(name.String(), w)
}

func (t *Tree) drawName(line *ui.Line, th *theme.Theme, r *runview.Row) {
	g := &th.Glyphs
	fold := g.Leaf
	if r.Children > 0 {
		fold = g.Closed
		if r.Open {
			fold = g.Open
		}
	}
	line.Gap(2*min(r.Depth, 8)).Add(th.Dim, fold).Gap(1)
	line.Add(th.State(r.State), g.State(r.State)).Gap(1)
	paint := th.Text
	if r.State == model.NodeFailed {
		paint = th.Bad
	} else if r.State == model.NodePending || r.State == model.NodeBlocked {
		paint = th.Dim
	}
	name := r.Name
	if r.Subject != "" {
		name = r.Subject // its name is the same as that of all its siblings
	}
	room := line.Left()
	if r.Error != "" && room > 44 {
		room = room * 3 / 5 // what is wrong matters as much as where
	}
	line.Add(paint, ui.FitPath(ui.Clean(name), room))
	if r.Critical {
		line.Gap(1).Add(th.Dim, g.Critical)
	}
	switch {
	case r.Error != "":
		line.Gap(1).Add(th.Bad, ui.CleanError(r.Error))
	case r.BlockedBy != "":
		line.Gap(1).Add(th.Dim, "by "+ui.Clean(r.BlockedBy))
	case r.Computed != "":
		line.Gap(1).Add(th.Dim, ui.Clean(r.Computed))
	case r.State == model.NodeRunning && r.Progress.Total > 0 && line.Left() < 18:
		line.Gap(1).Add(th.Dim, ui.Percent(r.Progress.Done, r.Progress.Total))
	case r.State == model.NodeRunning && r.Progress.Total > 0:
		line.Gap(1).Add(th.Dim, ui.Count(r.Progress.Done)+"/"+ui.Count(r.Progress.Total)+" "+ui.Clean(r.Progress.Unit))
	case r.State == model.NodeRunning && r.Progress.Done > 0:
		line.Gap(1).Add(th.Dim, ui.Count(r.Progress.Done)+" "+ui.Clean(r.Progress.Unit))
	case r.Failed > 0:
		line.Gap(1).Add(th.Bad, strconv.Itoa(r.Failed)+" failed below")
	case r.Children > 0 && !r.Open:
		line.Gap(1).Add(th.Dim, "("+ui.Count(int64(r.Children))+")")
	}
}

func (t *Tree) barPaint(th *theme.Theme, r *runview.Row) theme.Paint {
	if r.State == model.NodeSucceeded {
		return th.Bar
	}
	return th.State(r.State)
}

func (t *Tree) bar(th *theme.Theme, r *runview.Row, now int64, w int) string {
	if r.Start == 0 || t.header.Started.IsZero() {
		return ui.Blank(w)
	}
	begin, end := t.header.Started.UnixNano(), r.End
	if end == 0 {
		end = now
	}
	return ui.Gantt(&th.Glyphs, r.Start-begin, max(end, r.Start)-begin, t.axis, w)
}
