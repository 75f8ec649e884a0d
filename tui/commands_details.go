package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// detailCommands act on the tabs of the details.
func detailCommands() []Command {
	return []Command{
		{ID: "operator.slowest", Title: "to the slowest operator, then the next one", Keys: []string{"O"}, In: onRun, Enabled: hasRun,
			Run: (*Model).slowestOperator},
		{ID: "operator.toggle", Title: "fold or unfold the operators or the statement", Short: "fold", Keys: []string{"o"}, In: in(paneDetail),
			Enabled: func(m *Model) (bool, string) { return m.detail.ShowsQuery(), "the tab SQL is not in front" },
			Run:     func(m *Model) tea.Cmd { m.detail.Query().Toggle(); return nil }},
	}
}

// slowestOperator brings the statement of the selected row to the front.
func (m *Model) slowestOperator() tea.Cmd {
	name, ok := m.detail.Query().Slowest()
	if !ok {
		return m.say("no operators are known of this row; its tab SQL says why")
	}
	m.detail.Show(pane.TabSQL)
	m.focus[screenRun] = paneDetail
	m.arrange()
	m.refreshRow()
	return m.say("slowest: " + name)
}
