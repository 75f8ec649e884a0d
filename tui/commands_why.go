package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/pane"
)

// whyCommands go to the causes of a run's time, and from a cause to where it is
// seen and to what would change it.
func whyCommands() []Command {
	return []Command{
		{ID: "why", Title: "why the build is slow, and back", Short: "why slow", Keys: []string{"i"}, In: onRun, Enabled: hasRun, Run: (*Model).toggleWhy,
			Hint: func(m *Model) (string, int) {
				if m.focused() == paneWhy {
					return "nodes", 0
				}
				return "", map[bool]int{true: 1}[m.live.done]
			}},
		{ID: "why.node", Title: "to the node or span of the cause", Short: "node", Keys: []string{"enter"}, In: in(paneWhy),
			Enabled: func(m *Model) (bool, string) {
				c, ok := m.why.Current()
				return ok && c.Node != "", "it is not about a single node"
			},
			Run: (*Model).causeNode},
		{ID: "why.setting", Title: "to the setting that would change it", Short: "setting", Keys: []string{"o"}, In: in(paneWhy),
			Enabled: func(m *Model) (bool, string) {
				if c, ok := m.why.Current(); !ok || c.Setting == "" {
					return false, "no setting would change it"
				}
				return m.has(screenSetup)
			},
			Run: (*Model).causeSetting},
		{ID: "why.copy", Title: "copy the cause", Keys: []string{"y"}, In: in(paneWhy),
			Run: func(m *Model) tea.Cmd {
				c, ok := m.why.Current()
				if !ok {
					return m.say("no cause is selected")
				}
				if c.Setting != "" {
					c.Text += " Setting: " + c.Setting
				}
				return m.copy(c.Text)
			}},
	}
}

// toggleWhy goes to the causes, or back to the nodes.
func (m *Model) toggleWhy() tea.Cmd {
	to := paneWhy
	if m.focused() == paneWhy {
		to = paneTree
	}
	m.focus[screenRun] = to
	m.arrange()
	return nil
}

// causeNode selects the node of a cause in the tree, or the file or other span below it, with the details that show the
// cause.
func (m *Model) causeNode() tea.Cmd {
	c, _ := m.why.Current()
	id, ok := m.live.db.FindSpan(c.Span)
	if !ok {
		id, ok = m.live.db.Find(c.Node)
	}
	if !ok {
		return m.say("node " + c.Node + " is not in the tree")
	}
	m.focus[screenRun] = paneTree
	m.arrange()
	cmd := m.reveal(id)
	if c.Kind == model.CauseSpill || c.Kind == model.CauseStatistics {
		m.detail.Show(pane.TabSQL)
		m.refreshRow()
	}
	return cmd
}

// causeSetting selects the setting of a cause on the Setup screen.
func (m *Model) causeSetting() tea.Cmd {
	c, _ := m.why.Current()
	m.setup.SetFilter("")
	if !m.setup.Select(c.Setting) {
		return m.say("there is no setting " + c.Setting + " here")
	}
	m.focus[screenSetup] = paneSettings
	m.show(screenSetup)
	return nil
}

// showWhy brings the causes of the run on the screen up to date.
func (m *Model) showWhy() {
	empty := "What the time went into is not known here: who sends this build does not say what its nodes read, so nobody can tell what waited for what. s in Nodes brings the slowest ones to the top."
	switch {
	case m.live.run == nil:
		empty = "There is no build yet."
	case m.live.snap.State < model.RunRunning:
		empty = "Nothing has run yet."
	case m.running():
		empty = "No causes yet: no node has ended, or who sends the build does not say what its nodes read."
	}
	m.why.Show(m.live.snap.WhySlow, m.running(), empty)
}
