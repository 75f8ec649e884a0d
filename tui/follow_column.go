package tui

import (
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// chooseColumn offers the columns of the node in the graph.
func (m *Model) chooseColumn() tea.Cmd {
	names, from, at, why := m.graph.Columns(m.live.db)
	if why != "" {
		return m.say(why)
	}
	width := 0
	for _, n := range names {
		width = max(width, ui.Width(ui.Clean(n)))
	}
	options := make([]string, len(names))
	for i, n := range names {
		if options[i] = n; from[i] != "" {
			options[i] += strings.Repeat(" ", width-ui.Width(ui.Clean(n))) + "  from " + from[i]
		}
	}
	run := m.live.run // the box belongs to this build
	m.push(&chooser{head: "Follow which column?", options: options, at: max(at, 0), pick: func(m *Model, i int) tea.Cmd {
		if m.live.run != run {
			return nil
		}
		return m.followIt(names[i])
	}})
	return nil
}

func (m *Model) followIt(column string) tea.Cmd {
	m.graph.Follow(column)
	m.refresh()
	return nil
}

// nextColumn follows another column of the selected node.
func (m *Model) nextColumn(step int) tea.Cmd {
	names, _, at, why := m.graph.Columns(m.live.db)
	switch {
	case why != "":
		return m.say(why)
	case at < 0 && step < 0:
		at = len(names)
	}
	return m.followIt(names[(at+step+len(names))%len(names)])
}

// followSelected goes from a column's statistics to the graph.
func (m *Model) followSelected() tea.Cmd {
	table, column, _ := m.detail.Stats().Current()
	m.showRows(paneGraph)
	names, _, _, why := m.graph.Columns(m.live.db)
	if why != "" {
		return m.say(why)
	}
	if name := m.graph.ColumnOf(table.Table, column.Name); slices.Contains(names, name) {
		return m.followIt(name)
	}
	return m.chooseColumn()
}

func completeColumn(m *Model, typed string) []string {
	names, _, _, _ := m.graph.Columns(m.live.db)
	return meant(names, typed)
}

func followColumn(m *Model, arg string) (tea.Cmd, error) {
	names, _, _, _ := m.graph.Columns(m.live.db)
	for _, n := range names {
		if strings.EqualFold(n, arg) {
			return m.followIt(n), nil
		}
	}
	return nil, oneOf("column", arg, names)
}
