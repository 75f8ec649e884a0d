package tui

import (
	"slices"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// doctorCommands act on the checks of the doctor.
func doctorCommands() []Command {
	idle := func(m *Model) (bool, string) {
		return !m.doctor.Running(), "checks are being made; c breaks them off"
	}
	return []Command{
		{ID: "doctor.setting", Title: "go to the setting on screen Setup", Short: "setting", Keys: []string{"enter"}, In: onDoctor,
			Enabled: func(m *Model) (bool, string) {
				return len(m.blamed()) > 0, "this check is about no single setting"
			},
			Run: (*Model).gotoBlamed},
		{ID: "doctor.mend", Title: "set the setting to the value that would help", Short: "mend", Keys: []string{"f"}, In: onDoctor,
			Enabled: func(m *Model) (bool, string) {
				_, ok := m.remedy()
				return ok, "no value is known that would help"
			},
			Run: (*Model).mend},
		{ID: "doctor.again", Title: "make this check again", Short: "again", Keys: []string{"r"}, In: onDoctor, Enabled: idle,
			Run: func(m *Model) tea.Cmd { c, _ := m.doctor.Current(); return m.examine([]string{c.ID}) }},
		{ID: "doctor.all", Title: "make all checks", Keys: []string{"R"}, In: onDoctor, Enabled: idle,
			Run: func(m *Model) tea.Cmd { return m.examine(m.doctor.IDs()) }},
		{ID: "doctor.problem", Title: "next check with something to do", Short: "problem", Keys: []string{"e"}, In: onDoctor,
			Enabled: func(m *Model) (bool, string) { return m.doctor.Problems() > 0, "no check has found a problem" },
			Run:     func(m *Model) tea.Cmd { m.doctor.NextProblem(); return nil }},
		{ID: "doctor.cancel", Title: "break the checks off", Short: "break off", Keys: []string{"c"}, In: onDoctor,
			Enabled: func(m *Model) (bool, string) { return m.doctor.Running(), "no check is being made" },
			Run:     func(m *Model) tea.Cmd { m.exam.cancel(); return nil }},
		{ID: "doctor.copy", Title: "copy what the check has found", Keys: []string{"y"}, In: onDoctor,
			Run: func(m *Model) tea.Cmd { return m.copy(m.finding.Copy()) }},
	}
}

// blamed lists the settings that the selected check points at: those of its
// findings, else the first one that it bears on.
func (m *Model) blamed() (keys []string) {
	check, findings := m.doctor.Current()
	for _, f := range findings {
		if f.Key != "" && !slices.Contains(keys, f.Key) {
			keys = append(keys, f.Key)
		}
	}
	if len(keys) == 0 && check.Key != "" {
		keys = []string{check.Key}
	}
	return keys
}

// gotoBlamed goes to the setting of the selected check; of several ones the viewer
// chooses.
func (m *Model) gotoBlamed() tea.Cmd {
	keys := m.blamed()
	if len(keys) == 1 {
		return m.gotoSetting(keys[0])
	}
	m.push(&chooser{head: "Which setting?", options: keys, pick: func(m *Model, i int) tea.Cmd { return m.gotoSetting(keys[i]) }})
	return nil
}

// gotoSetting shows a setting on the Setup screen.
func (m *Model) gotoSetting(key string) tea.Cmd {
	if !m.setup.Select(key) { // the filter may hide it
		m.setup.SetFilter("")
		if !m.setup.Select(key) {
			return m.say("there is no setting " + key)
		}
	}
	m.show(screenSetup)
	m.focus[screenSetup] = paneSettings
	m.arrange()
	return nil
}

// remedy is the first finding of the selected check that names a value that helps.
func (m *Model) remedy() (pane.DoctorFinding, bool) {
	_, findings := m.doctor.Current()
	at := slices.IndexFunc(findings, func(f pane.DoctorFinding) bool { return f.Mends })
	if at < 0 {
		return pane.DoctorFinding{}, false
	}
	return findings[at], true
}

// mend changes the setting as the finding says, on the form only.
func (m *Model) mend() tea.Cmd {
	f, _ := m.remedy()
	if err := m.opts.Settings.Validate(f.Key, f.Fix); err != nil {
		return m.say(f.Key + ": " + err.Error())
	}
	err := m.opts.Settings.Edit(f.Key, f.Fix)
	m.setup.Reload()
	if err != nil {
		return m.settled(err)
	}
	value := f.Fix
	if value == "" {
		value = "empty"
	}
	return tea.Batch(m.settled(nil), m.say(f.Key+" is "+value+" now; r checks again, ctrl+s on Setup saves it"))
}
