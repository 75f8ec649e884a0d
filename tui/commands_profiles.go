package tui

import (
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/ui"
)

// profileCommands act on the settings as a whole: steps back, profiles and the
// forms in which they can be given.
func profileCommands() []Command {
	return []Command{
		{ID: "settings.undo", Title: "undo the last change", Keys: []string{"u"}, In: onSetup,
			Enabled: func(m *Model) (bool, string) {
				undo, _ := m.opts.Settings.Steps()
				return undo > 0, "nothing was changed"
			},
			Run: func(m *Model) tea.Cmd { return m.stepped(m.opts.Settings.Undo()) }},
		{ID: "settings.redo", Title: "make the undone change again", Keys: []string{"ctrl+r"}, In: onSetup,
			Enabled: func(m *Model) (bool, string) {
				_, redo := m.opts.Settings.Steps()
				return redo > 0, "nothing was undone"
			},
			Run: func(m *Model) tea.Cmd { return m.stepped(m.opts.Settings.Redo()) }},
		{ID: "settings.written", Title: "these settings as a command line, variables or a file", Short: "as text", Keys: []string{"w"}, In: onSetup,
			Run: (*Model).showWritten},
		{ID: "profile.save", Title: "save the settings as my profile", Keys: []string{"P"}, In: onSetup,
			Run: func(m *Model) tea.Cmd { return m.askProfile("") }},
		{ID: "profile.compare", Title: "difference of two profiles", Keys: []string{"d"}, In: onSetup, Run: (*Model).chooseProfiles},
	}
}

// stepped shows the settings after undo or redo.
func (m *Model) stepped(err error) tea.Cmd {
	m.setup.Reload()
	return m.settled(err)
}

// showWritten shows the settings in each form in which they can be given.
func (m *Model) showWritten() tea.Cmd {
	list, err := m.opts.Settings.Written()
	if err != nil {
		m.push(&message{head: "The settings cannot be written down", text: err.Error()})
		return nil
	}
	var tabs []sheetTab
	for _, w := range list {
		tabs = append(tabs, sheetTab{name: w.Name, text: w.Text, notes: w.Notes})
	}
	m.push(newSheet("The same settings again", tabs...))
	return nil
}

// askProfile asks for the name of a new profile, with the text that was typed for
// it before.
func (m *Model) askProfile(name string) tea.Cmd {
	m.push(newField("Save the settings as a profile", "name", name, func(m *Model, name string) tea.Cmd {
		exists, err := m.opts.Settings.CheckProfile(name)
		if err != nil {
			m.askProfile(name)
			return m.say(err.Error())
		}
		if !exists {
			return m.saveProfile(name, false)
		}
		m.push(&confirm{
			head: "Write over the profile " + name + "?",
			text: "There is a profile of that name. It gets the settings on the screen; all else in the file stays.",
			yes:  func(m *Model) tea.Cmd { return m.saveProfile(name, true) },
		})
		return nil
	}))
	return nil
}

// saveProfile writes within the event loop, for the reasons of save.
func (m *Model) saveProfile(name string, replace bool) tea.Cmd {
	lines, err := m.opts.Settings.SaveProfile(name, replace)
	if err != nil {
		m.push(&message{head: "The profile was not saved", text: err.Error()})
		return nil
	}
	m.setup.Reload()
	m.push(&message{head: "Saved as the profile " + name, text: strings.Join(lines, "\n")})
	return nil
}

// chooseProfiles asks for two profiles and compares them.
func (m *Model) chooseProfiles() tea.Cmd {
	s, _ := m.setup.Find(pane.ProfileKey)
	return m.chooseProfile("Compare which profile?", s.Allowed, s.Text, func(m *Model, a string) tea.Cmd {
		return m.chooseProfile("Compare "+a+" with which profile?", s.Allowed, a, func(m *Model, b string) tea.Cmd {
			return m.compareProfiles(a, b)
		})
	})
}

// chooseProfile offers profiles; at is the one that is marked first.
func (m *Model) chooseProfile(head string, names []string, at string, then func(*Model, string) tea.Cmd) tea.Cmd {
	if len(names) == 0 {
		return m.say("there are no profiles")
	}
	m.push(&chooser{head: head, options: names, at: max(slices.Index(names, at), 0), pick: func(m *Model, i int) tea.Cmd {
		return then(m, names[i])
	}})
	return nil
}

func (m *Model) compareProfiles(a, b string) tea.Cmd {
	list, err := m.opts.Settings.CompareProfiles(a, b)
	switch {
	case err != nil:
		return m.say(err.Error())
	case len(list) == 0:
		return m.say(a + " and " + b + " give the same settings")
	}
	m.push(newSheet(a+" against "+b+": "+strconv.Itoa(len(list))+" settings differ", sheetTab{name: "profiles", text: differenceText(a, b, list)}))
	return nil
}

// differenceText is a table of what two profiles give. Long values are not cut: the
// sheet scrolls sideways, and what is copied is whole.
func differenceText(a, b string, list []pane.ProfileDifference) string {
	rows := append([]pane.ProfileDifference{{Key: "setting", A: a, B: b}}, list...)
	keys, values := 0, 0
	for _, d := range rows {
		keys, values = max(keys, ui.Width(d.Key)), max(values, ui.Width(ui.Clean(d.A)))
	}
	var text strings.Builder
	for _, d := range rows {
		text.WriteString(ui.Fit(d.Key, keys) + "  " + ui.Fit(ui.Clean(d.A), min(values, 60)) + "  " + ui.Clean(d.B) + "\n")
	}
	return text.String()
}
