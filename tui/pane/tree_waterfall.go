package pane

import (
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// waterfallColumns are the widths of the columns; 0 leaves a column out.
type waterfallColumns struct{ name, bar, time, self int }

func (t *Tree) waterfallColumns() waterfallColumns {
	c := waterfallColumns{time: 7}
	used := 1 + 8 // marker, time
	if t.w >= 64 {
		c.self = 7
		used += 8
	}
	c.name = min(max((t.w-used)*2/5, 16), 48)
	c.bar = max(t.w-used-c.name-1, 8)
	c.name = max(t.w-used-c.bar-1, 4)
	return c
}

// waterfall gives the heads and the drawing of rows on the axis of time.
func (t *Tree) waterfall(k Look) (heads string, draw drawRow) {
	c, th := t.waterfallColumns(), k.Theme
	g := &th.Glyphs
	t.key = g.Bar[len(g.Bar)-1] + " self  " + g.Below + " in rows below  " + g.Wait + " waiting"
	shown := t.shown()
	line := ui.NewLine(t.w, 0).Gap(1).Add(th.Dim, ui.Fit("name", c.name)).Gap(1)
	line.Add(th.Dim, ticks(g.Vertical, shown, c.bar)).Gap(1).Add(th.Dim, ui.FitRight("time", c.time))
	if c.self > 0 {
		line.Gap(1).Add(th.Dim, ui.FitRight("self", c.self))
	}
	return line.String(), func(line *ui.Line, r *runview.Row) {
		now := k.Now.UnixNano()
		t.nameCell(line, th, r, c.name)
		line.Gap(1)
		t.timeBar(line, th, r, now, shown, c.bar)
		line.Gap(1).Text(ui.FitRight(rowTime(r, now), c.time))
		if c.self > 0 {
			line.Gap(1).Add(th.Dim, ui.FitRight(selfText(r), c.self))
		}
	}
}

// selfText is the self time of a row; "" where it is that of the row, or not known.
func selfText(r *runview.Row) string {
	if r.Self < 0 || r.Children == 0 {
		return ""
	}
	return durationText(r.Self)
}

// timeBar draws when a row waited and ran: w cells that show a span of time. What
// took any time at all has a cell.
func (t *Tree) timeBar(line *ui.Line, th *theme.Theme, r *runview.Row, now int64, shown span, w int) {
	begin := t.header.Started.UnixNano()
	if t.header.Started.IsZero() || shown.to <= shown.from {
		line.Gap(w)
		return
	}
	g := &th.Glyphs
	cells := make([]string, w)
	ran := span{r.Start - begin, r.End - begin}
	if r.End == 0 {
		ran.to = now - begin
	}
	waited := span{r.Ready - begin, ran.from}
	if r.Start == 0 {
		waited.to = now - begin
	}
	if r.Ready != 0 && waited.to > waited.from {
		from, to := shown.cells(waited, w)
		for i := from; i < to; i++ {
			cells[i] = g.Wait
		}
	}
	if r.Start != 0 {
		from, to := shown.cells(ran, w)
		for i := from; i < to; i++ {
			cells[i] = g.Bar[len(g.Bar)-1]
			if r.Cover != nil && r.Cover.At(ran.share(shown.at(i, w))) {
				cells[i] = g.Below
			}
		}
		switch {
		case ran.to < shown.from:
			cells[0] = g.Before
		case ran.from >= shown.to:
			cells[w-1] = g.After
		case r.State == model.NodeRunning && to > 0 && to < w: // this end moves
			cells[to-1] = g.State(r.State)
		}
	}
	var b strings.Builder
	for _, c := range cells {
		if c == "" {
			c = " "
		}
		b.WriteString(c)
	}
	line.Add(t.barPaint(th, r), b.String())
}
