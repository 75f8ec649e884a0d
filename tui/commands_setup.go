package tui

import (
	"errors"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// setupCommands act on settings.
func setupCommands() []Command {
	return []Command{
		{ID: "setting.edit", Title: "change the setting, or fold the section", Short: "change", Keys: []string{"enter"}, In: in(paneSettings), Run: (*Model).editSetting},
		{ID: "setting.cycle", Title: "next value of the setting", Keys: []string{"space"}, In: in(paneSettings),
			Enabled: func(m *Model) (bool, string) {
				if _, ok := m.setup.Current(); !ok {
					return false, "this is the heading of a section"
				}
				return len(m.setup.Choices()) > 0, "it has no fixed values: press enter to type one"
			},
			Run: func(m *Model) tea.Cmd { return m.settled(m.setup.Cycle()) }},
		{ID: "setting.reset", Title: "take the change back", Short: "reset", Keys: []string{"r"}, In: in(paneSettings),
			Enabled: func(m *Model) (bool, string) {
				s, ok := m.setup.Current()
				return ok && s.Edited, "this setting was not changed here"
			},
			Run: func(m *Model) tea.Cmd { return m.settled(m.setup.ResetCurrent()) }},
		{ID: "sections.fold", Title: "fold all sections, or unfold them", Keys: []string{"f"}, In: in(paneSettings),
			Run: func(m *Model) tea.Cmd { m.setup.FoldAll(); return nil }},
		{ID: "settings.save", Title: "save the changes to a file", Short: "save", Keys: []string{"ctrl+s"}, In: onSetup,
			Enabled: func(m *Model) (bool, string) {
				return m.opts.Settings.Edits() > 0, "nothing was changed"
			},
			Run: (*Model).askSave},
		{ID: "profile.choose", Title: "choose the diagnostics profile", Short: "profile", Keys: []string{"p"}, In: onSetup,
			Run: func(m *Model) tea.Cmd {
				m.setup.SetFilter("")
				if !m.setup.Select(pane.ProfileKey) {
					return m.say("there is no setting " + pane.ProfileKey)
				}
				m.focus[screenSetup] = paneSettings
				return m.editSetting()
			}},
		{ID: "settings.filter", Title: "search the settings", Short: "search", Keys: []string{"/"}, In: onSetup,
			Run: func(m *Model) tea.Cmd {
				m.focus[screenSetup] = paneSettings
				return m.ask(&prompt{label: "search settings", text: m.setup.Filter, set: noError(m.setup.SetFilter)})
			}},
		{ID: "repo.recent", Title: "build another repository", Keys: []string{"o"}, In: onSetup,
			Enabled: func(m *Model) (bool, string) {
				switch {
				case m.opts.Recent == nil:
					return false, "this viewer may not choose"
				case m.running() || m.launching():
					return false, "a build is running"
				}
				return true, ""
			},
			Run: (*Model).askRecent},
		{ID: "build.start", Word: "build", Title: "start the build", Short: "build", Keys: []string{"b", "f5"}, In: onSetup | onRun,
			Enabled: func(m *Model) (bool, string) {
				switch {
				case m.opts.Launch == nil:
					return false, "this viewer may only watch"
				case m.launching():
					return false, "a build is being started"
				case m.running() && m.opts.Host == nil: // a server builds several
					return false, "a build is running"
				}
				return m.inControl()
			},
			Run: (*Model).launch},
	}
}

// editSetting opens the selected setting: a chooser for fixed values, a field
// for all others.
func (m *Model) editSetting() tea.Cmd {
	s, ok := m.setup.Current()
	if !ok {
		m.setup.Toggle()
		return nil
	}
	choices := m.setup.Choices()
	if len(choices) == 0 {
		m.setup.Begin()
		return nil
	}
	c := &chooser{head: s.Key, options: choices, pick: func(m *Model, i int) tea.Cmd {
		return m.settled(m.setup.Set(choices[i]))
	}}
	for i, text := range choices {
		if text == s.Text {
			c.at = i
		}
	}
	m.push(c)
	return nil
}

// typeSetting feeds a key to the field of a setting. Keys that leave the field
// take the value over first, so that fast typing loses nothing.
func (m *Model) typeSetting(msg tea.KeyPressMsg) tea.Cmd {
	switch key := msg.String(); key {
	case "esc":
		m.setup.Abort()
	case "enter", "tab", "shift+tab", "up", "down":
		err := m.setup.Commit()
		if err == nil && key != "enter" {
			m.setup.Next(map[string]int{"tab": 1, "down": 1, "shift+tab": -1, "up": -1}[key])
		}
		if err == nil {
			return m.settled(nil)
		}
	case "ctrl+c":
		m.setup.Abort()
		return m.interrupt()
	default:
		m.setup.Type(msg)
	}
	return nil
}

// settled follows an edit: the look of the screen is a setting, too, and so is the
// repository whose runs are listed.
func (m *Model) settled(err error) tea.Cmd {
	m.restyle()
	m.restale()
	if err != nil {
		return m.say(err.Error())
	}
	return m.followRepo()
}

// askSave asks where to save the edits, and again before a file is changed.
func (m *Model) askSave() tea.Cmd {
	path, _ := m.opts.Settings.Target()
	m.push(newField("Save the changed settings", "file", path, func(m *Model, path string) tea.Cmd {
		known, exists := m.opts.Settings.Target()
		if path == known && !exists {
			return m.save(path)
		}
		m.push(&confirm{
			head: "Write to " + path + "?",
			text: "If the file exists, the changed keys are replaced in it; all other keys and the comments stay.",
			yes:  func(m *Model) tea.Cmd { return m.save(path) },
		})
		return nil
	}))
	return nil
}

// save writes the edits. It does so within the event loop: the settings belong to
// one goroutine, and a config file is small.
func (m *Model) save(path string) tea.Cmd {
	if path == "" {
		return m.say(errors.New("save settings: no file name").Error())
	}
	m.dirty = true
	if err := m.opts.Settings.Save(path); err != nil {
		m.push(&message{head: "The settings were not saved", text: err.Error()})
		return nil
	}
	m.setup.Reload()
	return m.say("saved to " + path)
}
