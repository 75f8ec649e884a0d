package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/ui"
)

// prompt is the field in the last line: a filter or a search. What is typed is
// in force at once; esc brings back what was there before.
type prompt struct {
	label string
	text  func() string        // present text
	set   func(string) error   // takes a new text over
	after func(*Model) tea.Cmd // done after enter; may be nil

	before string
	input  *ui.Input
	err    error
}

// noError makes a setter that cannot fail out of a plain one.
func noError(set func(string)) func(string) error {
	return func(s string) error {
		set(s)
		return nil
	}
}

// ask opens a prompt.
func (m *Model) ask(p *prompt) tea.Cmd {
	p.before = p.text()
	p.input = ui.NewInput(p.before, false)
	m.prompt = p
	m.arrange()
	return nil
}

// pressPrompt feeds a key or a paste to the prompt.
func (m *Model) pressPrompt(msg tea.Msg) tea.Cmd {
	p := m.prompt
	if key, ok := msg.(tea.KeyPressMsg); ok {
		switch key.String() {
		case "enter":
			if p.err != nil {
				return nil
			}
			m.prompt = nil
			if p.after != nil {
				return p.after(m)
			}
			return nil
		case "esc":
			m.prompt = nil
			if err := p.set(p.before); err != nil {
				return m.say(err.Error())
			}
			return nil
		case "ctrl+c":
			m.prompt = nil
			return m.interrupt()
		}
	}
	p.input.Update(msg)
	p.err = p.set(p.input.Value())
	return nil
}

// clearFilter takes the filter or search of the focused pane, or the column that it
// follows, away and reports
// whether there was one.
func (m *Model) clearFilter() bool {
	switch m.focused() {
	case paneSettings, paneHelp:
		if m.setup.Filter() != "" {
			m.setup.SetFilter("")
			return true
		}
	case paneTree, paneWaterfall, paneGraph, paneGrid:
		if m.focused() == paneGraph && m.graph.Unfollow() {
			return true
		}
		if m.tree.FilterText() != "" {
			return m.setTreeFilter("") == nil
		}
	case paneDetail, paneLogs:
		if m.focused() == paneDetail && m.detail.HasText() && m.detail.Search() != "" {
			m.detail.SetSearch("")
			return true
		}
		if m.logs.Search() != "" {
			m.logs.SetSearch("")
			return true
		}
	case paneRuns:
		if m.runs.Filter() != "" {
			return m.runs.SetFilter("") == nil
		}
	case paneItems:
		if m.items.Filter() != "" {
			m.items.SetFilter("")
			return true
		}
	case paneJSON, paneReport, paneChanges:
		if s, ok := m.panes[m.focused()].(searcher); ok && s.Search() != "" {
			s.SetSearch("")
			return true
		}
	}
	return false
}
