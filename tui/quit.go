package tui

import (
	tea "charm.land/bubbletea/v2"
)

// quit ends the program and every Cmd that still waits.
func (m *Model) quit() tea.Cmd {
	m.cancel()
	return tea.Quit
}

// askQuit quits, and asks before it leaves a build of this screen behind.
func (m *Model) askQuit() tea.Cmd {
	switch {
	case !m.running():
		return m.quit()
	case !m.mayCancel() || m.opts.Host != nil:
		return m.quit() // the build is someone else's and goes on
	}
	m.push(&confirm{
		live: true,
		head: "Cancel the build and quit?",
		text: "The build is still running. It is cancelled, its bundle is finished, then the program ends. Press ctrl+c to leave at once.",
		yes:  (*Model).leave,
	})
	return nil
}

// leave cancels the build and quits as soon as it has ended.
func (m *Model) leave() tea.Cmd {
	if !m.running() {
		return m.quit()
	}
	m.leaving = true
	m.cancelRun("the viewer quit")
	m.arrange()
	return nil
}

// interrupt is ctrl+c: it asks once while a build runs, and leaves at once when
// it is pressed again.
func (m *Model) interrupt() tea.Cmd {
	if !m.running() || !m.mayCancel() || m.opts.Host != nil {
		return m.quit()
	}
	if m.quitAsk || m.leaving {
		m.cancelRun("the viewer left")
		m.result.Forced = true
		return m.quit()
	}
	m.quitAsk = true
	m.push(&confirm{
		live: true,
		head: "Cancel the build and quit?",
		text: "Press y to cancel the build and to quit when it has ended, ctrl+c again to leave at once, n to stay.",
		yes:  func(m *Model) tea.Cmd { m.quitAsk = false; return m.leave() },
		no:   func(m *Model) tea.Cmd { m.quitAsk = false; return nil },
	})
	return nil
}

// mayCancel reports whether the build is this viewer's to cancel.
func (m *Model) mayCancel() bool { return m.result.Launched || m.opts.MayCancel }
