package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// View gives the frame. Bubble Tea asks for it after every message; it is drawn
// anew only when something has changed.
func (m *Model) View() tea.View {
	if m.dirty {
		m.dirty = false
		m.view = m.draw()
	}
	return m.view
}

func (m *Model) draw() tea.View {
	v := tea.NewView(m.content())
	v.AltScreen = true
	m.adorn(&v)
	if m.look.mouse {
		v.MouseMode = tea.MouseModeCellMotion
	}
	return v
}

// content draws all lines, each as wide as the screen.
func (m *Model) content() string {
	if m.w <= 0 || m.h <= 0 {
		return ""
	}
	var lines []string
	if m.class() == tiny {
		lines = m.tooSmall()
	} else {
		lines = m.header(make([]string, 0, m.h))
		lines = m.body(lines)
		lines = append(lines, m.footer())
		lines = m.boxes(lines)
	}
	var b strings.Builder
	b.Grow(m.w * m.h * 3)
	for i, line := range lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		if m.theme.ASCII {
			line = ui.ToASCII(line)
		}
		b.WriteString(line)
	}
	return b.String()
}

// body draws the panes. They are joined line by line: the widths are known, so
// nothing has to be measured.
func (m *Model) body(lines []string) []string {
	columns := make([][]string, 0, 2)
	for i, p := range m.places {
		if i > 0 && p.x == m.places[i-1].x { // below the one before
			columns[len(columns)-1] = m.pane(columns[len(columns)-1], p)
			continue
		}
		columns = append(columns, m.pane(make([]string, 0, m.h), p))
	}
	switch len(columns) {
	case 0:
		return lines
	case 1:
		return append(lines, columns[0]...)
	}
	for i := range columns[0] {
		line := columns[0][i]
		for _, c := range columns[1:] {
			line += c[i]
		}
		lines = append(lines, line)
	}
	return lines
}

// pane draws one pane with its border.
func (m *Model) pane(out []string, p placed) []string {
	inside := m.panes[p.id].Lines(m.paneLook(p.id)) // first: titles may depend on it
	title := m.panes[p.id].Title()
	if len(m.places) == 1 {
		tabs := m.tabs(p.id)
		if f, ok := m.panes[p.id].(titled); ok {
			title = f.TitleIn(p.w - 6 - ui.Width(tabs))
		}
		title = tabs + title
	}
	focused := p.id == m.focused() && len(m.overlays) == 0
	return m.frames[p.id].Wrap(out, m.theme, p.w, title, m.panes[p.id].Status(), focused, inside)
}

// titled is a pane whose title makes do with the cells that it is given.
type titled interface{ TitleIn(w int) string }

// tabs names the panes of the screen where only one of them shows.
func (m *Model) tabs(shown paneID) string {
	var b strings.Builder
	for _, id := range m.panesOf(m.screen) {
		if id == shown {
			b.WriteString("[" + paneNames[id] + "] ")
		} else {
			b.WriteString(paneNames[id] + " ")
		}
	}
	return b.String() + m.theme.Glyphs.Dot + " "
}

// boxes lays the overlays over the screen.
func (m *Model) boxes(lines []string) []string {
	for _, o := range m.overlays {
		inside := o.lines(m, m.w-8, m.h-6)
		if len(inside) == 0 {
			continue
		}
		var f ui.Frame
		box := f.Wrap(nil, m.theme, ui.Width(inside[0])+2, ui.Clean(o.title()), o.status(), true, inside)
		lines = ui.Over(lines, box, m.w)
	}
	return lines
}

// tooSmall says what is needed, in whatever room there is.
func (m *Model) tooSmall() []string {
	text := fmt.Sprintf("The terminal is too small: %d x %d, needed are %d x %d.", m.w, m.h, minWidth, minHeight)
	lines := make([]string, 0, m.h)
	for _, s := range ui.Wrap(text, m.w) {
		if len(lines) < m.h {
			lines = append(lines, ui.Fit(s, m.w))
		}
	}
	for len(lines) < m.h {
		lines = append(lines, ui.Blank(m.w))
	}
	return lines
}

// ended counts the nodes that ran to an end, or did not have to run. Blocked and
// cancelled ones did neither: a build that was cancelled half way is half done.
func ended(states [7]int) int {
	return states[model.NodeSucceeded] + states[model.NodeCached] + states[model.NodeFailed]
}

func percent(part, whole int) int {
	if whole == 0 {
		return 0
	}
	return 100 * part / whole
}
