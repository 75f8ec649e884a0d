package tui

import (
	"path/filepath"

	tea "charm.land/bubbletea/v2"
)

// repoKey is the setting that says what is built.
const repoKey = "build.repo_root"

// repo is what the screen knows of the repository that is built.
type repo struct {
	text    string // of the setting, as the screens show it
	first   string // of the setting, when the program began
	subject string // title then
	asked   int    // counts questions for recent repositories, so that late answers are ignored
}

// recentMsg is the answer of Options.Recent.
type recentMsg struct {
	asked int
	paths []string
	err   error
}

// beginRepo notes what is built when the program begins.
func (m *Model) beginRepo() {
	if s, ok := m.setup.Find(repoKey); ok {
		m.repo = repo{text: s.Text, first: s.Text, subject: m.opts.Subject}
	}
}

// askRecent reads which repositories were built lately.
func (m *Model) askRecent() tea.Cmd {
	m.repo.asked++
	ctx, recent, asked := m.ctx, m.opts.Recent, m.repo.asked
	return func() tea.Msg {
		paths, err := recent(ctx)
		return recentMsg{asked, paths, err}
	}
}

// chooseRecent offers the repositories, and the field for any other.
func (m *Model) chooseRecent(msg recentMsg) tea.Cmd {
	if msg.asked != m.repo.asked || m.screen != screenSetup || len(m.overlays) > 0 || m.setup.Editing() {
		return nil // the viewer went on to something else
	}
	m.dirty = true
	if msg.err != nil {
		return m.say("recent repositories: " + msg.err.Error())
	}
	const other = "another folder …"
	options := append(msg.paths[:len(msg.paths):len(msg.paths)], other)
	m.push(&chooser{head: "Build which repository?", options: options, pick: func(m *Model, i int) tea.Cmd {
		if i < len(msg.paths) {
			return m.buildRepo(msg.paths[i])
		}
		s, _ := m.setup.Find(repoKey)
		m.push(newField("Build which repository?", "folder", s.Text, (*Model).buildRepo))
		return nil
	}})
	return nil
}

// buildRepo changes the repository. The other settings stay: those of a config file
// in that repository would need a new start there.
func (m *Model) buildRepo(path string) tea.Cmd {
	err := m.opts.Settings.Validate(repoKey, path)
	if err == nil {
		err = m.opts.Settings.Edit(repoKey, path)
	}
	m.setup.Reload()
	changed := m.settled(err)
	if err != nil {
		return changed
	}
	return tea.Batch(changed, m.say("builds "+path+" now; the other settings stay, and no settings file is read from there"))
}

// followRepo shows the runs of the repository that the settings name now.
func (m *Model) followRepo() tea.Cmd {
	s, ok := m.setup.Find(repoKey)
	if !ok || s.Text == m.repo.text {
		return nil
	}
	m.repo.text = s.Text
	m.opts.Subject = filepath.Base(s.Text)
	if s.Text == m.repo.first {
		m.opts.Subject = m.repo.subject // the text may be a dot
	}
	m.shelf = shelf{request: m.shelf.request + 1, listing: m.shelf.listing}
	m.items.SetItems("", nil)
	m.items.SetEmpty("Looking for runs.")
	m.json.SetDoc("", nil)
	m.runs.SetRuns(nil)
	m.past.shown = pair{}
	m.diff.SetEmpty("Comparison", "Looking for runs.")
	return m.listBundles()
}
