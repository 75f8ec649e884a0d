package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// detailCommands act on the tabs of the details.
func detailCommands() []Command {
	return []Command{
		{ID: "operator.slowest", Title: "to the slowest operator of the row, or of the build, then the next one", Keys: []string{"O"}, In: onRun, Enabled: hasRun,
			Run: (*Model).slowestOperator},
		{ID: "operator.toggle", Title: "fold or unfold the operators or the statement", Short: "fold", Keys: []string{"o"}, In: in(paneDetail),
			Enabled: func(m *Model) (bool, string) { return m.detail.ShowsQuery(), "the tab SQL is not in front" },
			Run:     func(m *Model) tea.Cmd { m.detail.Query().Toggle(); return nil }},
		{ID: "details.open", Title: "to the origin of the failure, or to the run of the timeline", Short: "open run", Keys: []string{"enter"}, In: in(paneDetail),
			Hint: func(m *Model) (string, int) {
				if m.detail.Tab() == pane.TabError {
					return "origin", 2
				}
				return "", 0
			},
			Enabled: mayOpen,
			Run: func(m *Model) tea.Cmd {
				if m.detail.Tab() == pane.TabError {
					return m.errorOrigin()
				}
				r, _ := m.detail.Timeline().Current()
				return m.lookInto(r.RunID)
			}},
	}
}

// mayOpen reports whether the tab in front has something to go to: the origin of a
// failure, or a run of the timeline.
func mayOpen(m *Model) (bool, string) {
	switch m.detail.Tab() {
	case pane.TabError:
		return m.detail.OriginElsewhere(), "the failure began in this row"
	case pane.TabTimeline:
	default:
		return false, "neither the tab Error nor Timeline is in front"
	}
	if _, ok := m.detail.Timeline().Current(); !ok {
		return false, "no earlier run is listed"
	}
	return m.has(screenArtifacts)
}

// slowestOperator brings the statement of the selected row to the front or, where no
// operators are known of it, that of the node with the slowest one of the build.
func (m *Model) slowestOperator() tea.Cmd {
	name, ok := m.detail.Query().Slowest()
	if !ok {
		id, found := m.live.db.SlowestOperator()
		if !found {
			return m.say("no operators are known of this build; the tab SQL of a node says why")
		}
		m.reveal(id)
		if name, ok = m.detail.Query().Slowest(); !ok {
			return m.say("the build goes on: once more")
		}
	}
	m.detail.Show(pane.TabSQL)
	m.focus[screenRun] = paneDetail
	m.arrange()
	m.refreshRow()
	return m.say("slowest: " + name)
}
