package pane

import (
	"fmt"
	"strings"
	"time"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// LogSource is what the log lines are read from.
type LogSource interface {
	Logs(runview.LogQuery) runview.LogWindow
}

// Logs shows the log lines of one row, or of the whole run. It stays at the
// newest line until it is scrolled up.
type Logs struct {
	box
	win    runview.LogWindow
	node   runview.RowID // 0: all lines
	level  string
	search string
	top    int
	up     bool // scrolled away from the newest line
	left   int
}

// NewLogs gives an empty list of log lines.
func NewLogs() *Logs { return &Logs{} }

// Clear forgets the lines.
func (p *Logs) Clear() { *p = Logs{box: p.box, level: p.level} }

// Refresh reads the visible lines of a row; 0 means those of the whole run.
func (p *Logs) Refresh(src LogSource, node runview.RowID) {
	if node != p.node {
		p.node, p.top, p.up = node, 0, false
	}
	q := runview.LogQuery{Node: node, MinLevel: p.level, Text: p.search, Offset: p.top, Height: max(p.h, 1)}
	if !p.up {
		q.Offset = -1
	}
	p.win = src.Logs(q)
	p.top = p.win.Offset
	if p.top+len(p.win.Lines) >= p.win.Total {
		p.up = false
	}
}

// NextLevel hides the lines of the lowest level that still shows, or shows all
// again, and gives the level's name.
func (p *Logs) NextLevel() string {
	levels := []string{"", "INFO", "WARN", "ERROR"}
	for i, l := range levels {
		if l == p.level {
			p.level = levels[(i+1)%len(levels)]
			break
		}
	}
	p.top, p.up = 0, false
	if p.level == "" {
		return "all"
	}
	return p.level
}

// SetSearch shows only lines that contain the text.
func (p *Logs) SetSearch(text string) { p.search, p.top, p.up = text, 0, false }

// Search is the text that lines must contain.
func (p *Logs) Search() string { return p.search }

// Title names the pane.
func (p *Logs) Title() string {
	if p.node == 0 {
		return "Logs of the run"
	}
	return "Logs"
}

// Status tells how many lines there are, and why some do not show.
func (p *Logs) Status() string {
	s := ui.Commas(int64(min(p.top+len(p.win.Lines), p.win.Total))) + " of " + ui.Commas(int64(p.win.Total)) + " lines"
	if p.level != "" {
		s += ", " + p.level + " and above"
	}
	if p.search != "" {
		s += ", with " + ui.Clean(p.search)
	}
	if p.win.Dropped > 0 {
		s += fmt.Sprintf(", %s older ones gone", ui.Commas(p.win.Dropped))
	}
	return s
}

// Move scrolls by lines; the next Refresh reads them.
func (p *Logs) Move(n int) {
	p.top = max(0, min(p.top+n, p.win.Total-p.h))
	p.up = p.top < p.win.Total-p.h
}

// Side scrolls sideways.
func (p *Logs) Side(step int) { p.left = max(0, p.left+8*step) }

// Text gives the visible lines as plain text, for copying.
func (p *Logs) Text() string {
	var b strings.Builder
	for _, l := range p.win.Lines {
		fmt.Fprintf(&b, "%s %s %s %s\n", time.Unix(0, l.Time).UTC().Format(time.RFC3339Nano), l.Level, l.Node, l.Message)
	}
	return b.String()
}

// Lines draws the visible lines.
func (p *Logs) Lines(k Look) []string {
	if len(p.win.Lines) == 0 {
		return p.note(k.Theme.Dim, p.none())
	}
	th := k.Theme
	lines := make([]string, 0, p.h)
	for _, l := range p.win.Lines {
		if len(lines) == p.h {
			break
		}
		line := ui.NewLine(p.w, p.left).Gap(1)
		line.Add(th.Dim, time.Unix(0, l.Time).UTC().Format("15:04:05.000")).Gap(1)
		line.Add(levelPaint(th, l.Level), ui.Fit(l.Level, 5)).Gap(1)
		if p.node == 0 && l.Node != "" {
			line.Add(th.Accent, ui.Clean(l.Node)).Gap(1)
		}
		line.Text(ui.Clean(l.Message))
		for _, a := range l.Attrs {
			line.Gap(1).Add(th.Dim, ui.Clean(a.Key)+"="+ui.Clean(fmt.Sprint(a.Value)))
		}
		lines = append(lines, line.String())
	}
	return p.fill(lines)
}

// none says why there is no line, and the key that would show some.
func (p *Logs) none() string {
	text := "The run has no log lines"
	if p.node != 0 {
		text = "The row has no log lines"
	}
	switch {
	case p.search != "":
		text += " with " + ui.Clean(p.search)
	case p.level != "":
		text += " of level " + p.level + " or above (v changes that)"
	}
	if p.node != 0 {
		text += "; a shows those of the whole run"
	}
	return text + "."
}

func levelPaint(th *theme.Theme, level string) theme.Paint {
	switch level {
	case "ERROR":
		return th.Bad
	case "WARN":
		return th.Warn
	case "DEBUG":
		return th.Dim
	}
	return th.Info
}
