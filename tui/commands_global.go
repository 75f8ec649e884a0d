package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// paletteID is the command that finds the others.
const paletteID = "palette"

// globalCommands are available everywhere.
func globalCommands() []Command {
	return []Command{
		{ID: "help", Title: "keys of this place", Short: "help", Keys: []string{"?", "f1"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { m.push(&help{}); return nil }},
		{ID: "screen.setup", Title: "screen Setup: settings", Keys: []string{"1"}, In: everywhere,
			Enabled: func(m *Model) (bool, string) { return m.has(screenSetup) },
			Run:     func(m *Model) tea.Cmd { m.show(screenSetup); return nil }},
		{ID: "screen.run", Title: "screen Run: the build", Keys: []string{"2"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { m.show(screenRun); return nil }},
		{ID: "screen.artifacts", Title: "screen Artifacts: what builds left", Keys: []string{"3"}, In: everywhere,
			Enabled: func(m *Model) (bool, string) { return m.has(screenArtifacts) },
			Run:     (*Model).showArtifacts},
		{ID: "screen.runs", Title: "screen Runs: history, and what changed between two runs", Keys: []string{"4"}, In: everywhere,
			Enabled: func(m *Model) (bool, string) { return m.has(screenRuns) },
			Run:     (*Model).showRuns},
		{ID: "screen.doctor", Title: "screen Doctor: would telemetry arrive, and what would mend it", Keys: []string{"5"}, In: everywhere,
			Enabled: func(m *Model) (bool, string) { return m.has(screenDoctor) },
			Run:     (*Model).showDoctor},
		{ID: "pane.next", Title: "next pane", Short: "pane", Keys: []string{"tab"}, In: everywhere,
			Hint: func(m *Model) (string, int) {
				if next := m.nextPane(1); len(m.places) == 1 && m.screen != screenRun { // the other panes are out of sight
					return strings.ToLower(paneNames[next]), 1
				}
				return "", 0
			},
			Run: func(m *Model) tea.Cmd { m.focusNext(1); return m.showItem() }},
		{ID: "pane.previous", Title: "previous pane", Keys: []string{"shift+tab"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { m.focusNext(-1); return m.showItem() }},
		{ID: "pane.zoom", Title: "this pane alone, and back", Short: "zoom", Keys: []string{"z"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { return m.setZoom(!m.zoom) }},
		{ID: "back", Title: "back: clear the filter or what is followed, leave the zoom, leave the pane", Keys: []string{"esc"}, In: everywhere, Run: (*Model).back},
		{ID: "mouse", Title: "give the mouse to the program, or back to the terminal", Keys: []string{"m"}, In: everywhere,
			Run: func(m *Model) tea.Cmd {
				m.look.mouse = !m.look.mouse
				if m.look.mouse {
					return m.say("the mouse scrolls and selects rows here")
				}
				return m.say("the mouse selects text again")
			}},
		{ID: "suspend", Title: "suspend the program", Keys: []string{"ctrl+z"}, In: everywhere,
			Run: func(*Model) tea.Cmd { return tea.Suspend }},
		{ID: "quit", Title: "quit", Short: "quit", Keys: []string{"q"}, In: everywhere, Run: (*Model).askQuit},
		{ID: paletteID, Title: "find a command by what it does", Keys: []string{"ctrl+p"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { m.push(newPalette()); return nil }},
		{ID: "quit.now", Title: "quit; while a build runs, press it twice to leave at once", Keys: []string{"ctrl+c"}, In: everywhere,
			Run: (*Model).interrupt},
	}
}

// paneCommands move inside whatever pane has the keys.
func paneCommands() []Command {
	move := func(lines int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { return m.move(lines) }
	}
	page := func(num, den int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			lines := m.panes[m.focused()].Height() * num / den
			if lines == 0 {
				lines = num / max(num, -num)
			}
			return m.move(lines)
		}
	}
	return []Command{
		{ID: "move.up", Title: "up", Keys: []string{"up", "k"}, In: everywhere, Run: move(-1)},
		{ID: "move.down", Title: "down", Keys: []string{"down", "j"}, In: everywhere, Run: move(1)},
		{ID: "move.left", Title: "fold, scroll left, or table before", Keys: []string{"left", "h"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { return m.side(-1) }},
		{ID: "move.right", Title: "unfold, scroll right, or next table", Keys: []string{"right", "l"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { return m.side(1) }},
		{ID: "move.halfup", Title: "half a page up", Keys: []string{"ctrl+u"}, In: everywhere, Run: page(-1, 2)},
		{ID: "move.halfdown", Title: "half a page down", Keys: []string{"ctrl+d"}, In: everywhere, Run: page(1, 2)},
		{ID: "move.pageup", Title: "a page up", Keys: []string{"pgup"}, In: everywhere, Run: page(-1, 1)},
		{ID: "move.pagedown", Title: "a page down", Keys: []string{"pgdown"}, In: everywhere, Run: page(1, 1)},
		{ID: "move.first", Title: "first line", Keys: []string{"g", "home"}, In: everywhere,
			Run: func(m *Model) tea.Cmd { return m.move(-pane.Far) }},
		{ID: "move.last", Title: "last line", Keys: []string{"G", "end"}, In: onSetup | onArtifacts | onRuns | onDoctor | in(paneDetail, paneLogs, paneWhy),
			Run: func(m *Model) tea.Cmd { return m.move(pane.Far) }},
	}
}

// move and side act on the focused pane and read what came into view.

func (m *Model) move(lines int) tea.Cmd {
	m.panes[m.focused()].Move(lines)
	return m.moved()
}

func (m *Model) side(step int) tea.Cmd {
	m.panes[m.focused()].Side(step)
	return m.moved()
}

// moved reads what a move brought into view.
func (m *Model) moved() tea.Cmd {
	switch m.focused() {
	case paneTree, paneWaterfall, paneGrid:
		m.follow()
	case paneGraph:
		m.movedGraph()
	case paneLogs, paneDetail:
		m.refreshRow()
	case paneItems, paneTable:
		return m.showItem()
	case paneRuns:
		return m.compare()
	}
	return nil
}

// follow brings the tree up to its new position. While updates are held back
// the rows that are on the screen already stay as they are.
func (m *Model) follow() {
	if m.live.db == nil {
		return
	}
	if _, visible := m.tree.Selected(); !m.live.paused || !visible {
		m.tree.Refresh(m.live.db, m.live.now.UnixNano())
	}
	m.refreshGraph()
	m.refreshRow()
}

// setZoom gives the focused pane the whole screen, or takes it back.
func (m *Model) setZoom(on bool) tea.Cmd {
	m.zoom = on
	m.arrange()
	m.refresh()
	return m.showItem()
}

// back undoes one thing: filter, zoom, focus, in this order.
func (m *Model) back() tea.Cmd {
	switch {
	case m.clearFilter():
		return m.moved()
	case m.zoom:
		return m.setZoom(false)
	case m.focused() != m.panesOf(m.screen)[0]:
		m.focus[m.screen] = m.panesOf(m.screen)[0]
		m.arrange()
	}
	return nil
}
