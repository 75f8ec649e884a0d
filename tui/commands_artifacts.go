package tui

import (
	"encoding/json"
	"strings"

	tea "charm.land/bubbletea/v2"
)

// searcher is a pane whose text is searched.
type searcher interface {
	Search() string
	SetSearch(string)
	Next(step int) bool
}

// artifactCommands act on what builds left.
func artifactCommands() []Command {
	texts := in(paneJSON, paneReport, paneDiff, paneChanges)
	return []Command{
		{ID: "item.open", Title: "to the contents of the item", Short: "open", Keys: []string{"enter"}, In: in(paneItems),
			Run: func(m *Model) tea.Cmd { m.focusNext(1); return m.showItem() }},
		{ID: "items.filter", Title: "filter the list", Short: "filter", Keys: []string{"/"}, In: in(paneItems),
			Run: func(m *Model) tea.Cmd {
				return m.ask(&prompt{label: "items with", text: m.items.Filter, set: noError(m.items.SetFilter), after: (*Model).showItem})
			}},
		{ID: "run.choose", Title: "artifacts of another run", Short: "other run", Keys: []string{"o"}, In: onArtifacts,
			Enabled: func(m *Model) (bool, string) { return len(m.shelf.runs) > 1, "there is no other run" },
			Run:     (*Model).chooseBundle},
		{ID: "json.toggle", Title: "fold or unfold", Keys: []string{"enter", "space"}, In: in(paneJSON),
			Run: func(m *Model) tea.Cmd { m.json.Toggle(); return nil }},
		{ID: "text.search", Title: "search", Short: "search", Keys: []string{"/"}, In: texts,
			Run: func(m *Model) tea.Cmd {
				if s, ok := m.panes[m.focused()].(searcher); ok {
					return m.askSearch(s)
				}
				return nil
			}},
		{ID: "text.next", Title: "next hit", Short: "next", Keys: []string{"n"}, In: texts | in(paneDetail), Enabled: searching, Run: (*Model).searchNext},
		{ID: "text.previous", Title: "previous hit", Keys: []string{"N"}, In: texts | in(paneDetail), Enabled: searching, Run: (*Model).searchPrevious},
		{ID: "copy.value", Title: "copy the value, row or text", Short: "copy", Keys: []string{"y"}, In: in(paneJSON, paneReport, paneTable, paneStats, paneDiff, paneChanges),
			Run: func(m *Model) tea.Cmd { return m.copyArtifact(false) }},
		{ID: "copy.json", Title: "copy as JSON", Keys: []string{"Y"}, In: in(paneJSON, paneTable, paneStats, paneChanges),
			Run: func(m *Model) tea.Cmd { return m.copyArtifact(true) }},
	}
}

// askSearch asks for the text to look for, and goes to its first hit.
func (m *Model) askSearch(s searcher) tea.Cmd {
	return m.ask(&prompt{label: "search", text: s.Search, set: noError(s.SetSearch), after: (*Model).searchNext})
}

func searching(m *Model) (bool, string) {
	s, ok := m.panes[m.focused()].(searcher)
	return ok && s.Search() != "", "press / to search first"
}

func (m *Model) searchNext() tea.Cmd     { return m.search(1) }
func (m *Model) searchPrevious() tea.Cmd { return m.search(-1) }

func (m *Model) search(step int) tea.Cmd {
	s, ok := m.panes[m.focused()].(searcher)
	if !ok || s.Search() == "" || s.Next(step) {
		return nil
	}
	return m.say("not found: " + s.Search())
}

func (m *Model) chooseBundle() tea.Cmd {
	c := &chooser{head: "Runs"}
	for i, b := range m.shelf.runs {
		c.options = append(c.options, bundleLine(b))
		if b.RunID == m.shelf.runID {
			c.at = i
		}
	}
	runs := m.shelf.runs
	c.pick = func(m *Model, i int) tea.Cmd {
		m.shelf.chosen = true
		return m.openBundle(runs[i].RunID)
	}
	m.push(c)
	return nil
}

func (m *Model) copyArtifact(asJSON bool) tea.Cmd {
	switch m.focused() {
	case paneJSON:
		return m.copy(m.json.Copy(asJSON))
	case paneChanges:
		return m.copy(m.changes.Copy(asJSON))
	case paneReport:
		return m.copy(m.report.Copy())
	case paneDiff:
		return m.copy(m.diff.Copy())
	case paneStats:
		return m.copy(m.stats.Copy(asJSON))
	}
	columns, values, ok := m.table.Row()
	if !ok {
		return m.say("no row is selected")
	}
	if !asJSON {
		return m.copy(strings.Join(values, "\t"))
	}
	row := make(map[string]string, len(columns))
	for i, name := range columns {
		row[name] = values[i]
	}
	text, err := json.MarshalIndent(row, "", "  ")
	if err != nil {
		return m.say("copy: " + err.Error())
	}
	return m.copy(string(text))
}
