package tui

import tea "charm.land/bubbletea/v2"

// newer is a run that has come up while another was on the screen.
type newer struct {
	run     Run
	subject string
}

// newerMsg says that there is one.
type newerMsg newer

// followRuns waits for the next run, where runs come by themselves.
func (m *Model) followRuns() tea.Cmd {
	if m.opts.Next == nil {
		return nil
	}
	ctx, next := m.ctx, m.opts.Next
	return func() tea.Msg {
		run, subject := next(ctx)
		if run == nil {
			return nil
		}
		return newerMsg{run, subject}
	}
}

// cameUp shows a newer run at once when the one on the screen is over, and offers
// it otherwise: what somebody is looking at does not go away by itself.
func (m *Model) cameUp(msg newerMsg) tea.Cmd {
	if msg.run == m.live.run {
		return m.followRuns() // this viewer has started it
	}
	m.newer = newer(msg)
	if !m.running() {
		return tea.Batch(m.showNewer(), m.followRuns())
	}
	return tea.Batch(m.say("another build has started; w shows it"), m.followRuns())
}

// showNewer puts the newest run on the screen.
func (m *Model) showNewer() tea.Cmd {
	n := m.newer
	m.newer = newer{}
	m.opts.Subject = n.subject
	m.attach(n.run)
	m.show(screenRun)
	m.dirty = true
	return m.watch()
}
