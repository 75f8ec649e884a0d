package pane

import (
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// Statistics shows the column statistics of one table.
type Statistics struct {
	box
	name   string
	tables []model.TableStats
	top    ui.Scroll
	left   int

	lines []string
	theme *theme.Theme // of lines
}

// NewStatistics gives an empty pane.
func NewStatistics() *Statistics { return &Statistics{} }

// SetTables shows statistics under a name; none means that none were captured.
func (p *Statistics) SetTables(name string, tables []model.TableStats) {
	if name != p.name {
		p.top, p.left = ui.Scroll{}, 0
	}
	p.name, p.tables, p.lines = name, tables, nil
}

// SetSize gives the size of the inside.
func (p *Statistics) SetSize(w, h int) {
	if w != p.w {
		p.lines = nil
	}
	p.box.SetSize(w, h)
}

// Title names the table.
func (p *Statistics) Title() string { return "Statistics of " + p.name }

// Status tells how much there is below.
func (p *Statistics) Status() string { return textStatus(p.top.Top, p.h, len(p.lines)) }

// Move scrolls by lines.
func (p *Statistics) Move(n int) { p.top.ScrollBy(n, len(p.lines), p.h) }

// Edge scrolls to the beginning or the end.
func (p *Statistics) Edge(last bool) {
	if last {
		p.Move(len(p.lines))
	} else {
		p.Move(-len(p.lines))
	}
}

// Side scrolls sideways.
func (p *Statistics) Side(step int) {
	p.left = max(0, p.left+8*step)
	p.lines = nil
}

// Lines draws the statistics.
func (p *Statistics) Lines(k Look) []string {
	if len(p.tables) == 0 {
		return p.note(k.Theme.Dim, "No statistics were captured for this table. hamilton.capture_data_statistics switches them on.")
	}
	if p.lines == nil || p.theme != k.Theme {
		doc := document{theme: k.Theme, w: p.w, left: p.left}
		tablesText(&doc, p.tables)
		p.lines, p.theme = doc.lines, k.Theme
	}
	p.top.ScrollBy(0, len(p.lines), p.h)
	return p.fill(append(make([]string, 0, p.h), p.lines[p.top.Top:min(p.top.Top+p.h, len(p.lines))]...))
}
