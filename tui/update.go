package tui

import (
	tea "charm.land/bubbletea/v2"
)

// Update takes one message in. Whatever it was, after it the clock ticks if there
// is one to be seen, rows that take a while are waited for, the setting under the
// cursor is tried out, and the earlier runs of a node are read.
func (m *Model) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	cmd := m.update(msg)
	if tick, find, try, past := m.tick(), m.find(), m.trySetting(), m.recallNode(); tick != nil || find != nil || try != nil || past != nil {
		return m, tea.Batch(cmd, tick, find, try, past)
	}
	return m, cmd
}

// update does what the message asks for. What the terminal can do is settled
// first, then the topmost thing that wants keys gets them.
func (m *Model) update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		return m.resize(msg.Width, msg.Height)
	case tea.EnvMsg:
		m.look.environ = msg
		return m.restyled()
	case tea.ColorProfileMsg:
		m.look.profile, m.look.known = msg.Profile, true
		return m.restyled()
	case tea.BackgroundColorMsg:
		m.look.light = !msg.IsDark()
		return m.restyled()
	case tea.KeyPressMsg:
		m.dirty = true
		return m.press(msg)
	case tea.PasteMsg:
		m.dirty = true
		return m.paste(msg)
	case tea.MouseWheelMsg:
		return m.wheel(msg.Mouse())
	case tea.MouseClickMsg:
		return m.click(msg.Mouse())
	case tea.ResumeMsg:
		m.refresh()
		m.dirty = true
		return nil
	case liveMsg, foundMsg, tickMsg, doneMsg, launchedMsg:
		return m.updateLive(msg)
	case bundlesMsg, bundleMsg, artifactMsg, changesMsg, reportMsg, partMsg:
		return m.updateShelf(msg)
	case newsMsg:
		return m.takeNews(msg)
	case newerMsg:
		return m.cameUp(msg)
	case recentMsg:
		return m.chooseRecent(msg)
	case trialMsg:
		m.tried(msg)
	case recalledMsg:
		m.recalled(msg)
	case historyMsg:
		m.remembered(msg)
	case soughtMsg:
		return m.sought(msg)
	case sayMsg:
		return m.say(string(msg))
	case examMsg:
		return m.heard(msg)
	case comparedMsg:
		return m.updatePast(msg)
	case sqlTablesMsg, sqlPageMsg, sqlTickMsg, sqlExportMsg, sqlClosedMsg, sqlHistoryMsg:
		return m.updateConsole(msg)
	case toastOverMsg:
		if msg.id == m.toast.id {
			m.toast.text = ""
			m.dirty = true
		}
	}
	return nil
}

// resize lays the screen out anew. A size of 0 by 0 is what a vanishing
// terminal reports.
func (m *Model) resize(w, h int) tea.Cmd {
	if w <= 0 || h <= 0 || w == m.w && h == m.h {
		return nil
	}
	m.w, m.h = w, h
	m.arrange()
	m.refresh()
	m.dirty = true
	return tea.Batch(m.showItem(), m.readOn())
}

// restyled follows a change of what the terminal can do.
func (m *Model) restyled() tea.Cmd {
	m.restyle()
	return m.showItem()
}

// press hands a key to whatever has the keys: a box above the screen, a field,
// or the commands of the present place.
func (m *Model) press(msg tea.KeyPressMsg) tea.Cmd {
	key := msg.String()
	m.toast.text = "" // it was read, and the keys are wanted
	switch {
	case len(m.overlays) > 0:
		if key == "ctrl+c" {
			if m.overlays[len(m.overlays)-1] == overlay(&m.console) && m.console.halt() {
				return nil
			}
			return m.interrupt()
		}
		return m.overlays[len(m.overlays)-1].press(m, msg)
	case m.prompt != nil:
		return m.pressPrompt(msg)
	case m.setup != nil && m.setup.Editing():
		return m.typeSetting(msg)
	case m.class() == tiny:
		if key == "q" || key == "ctrl+c" {
			return m.interrupt()
		}
		return nil
	}
	if c, ok := m.lookup(key); ok {
		return m.invoke(c)
	}
	if text, ok := m.elsewhere(key); ok {
		return m.say(text)
	}
	return nil
}

// paste hands pasted text to the field that is open, all of it to the same one.
func (m *Model) paste(msg tea.PasteMsg) tea.Cmd {
	switch {
	case len(m.overlays) > 0:
		if f, ok := m.overlays[len(m.overlays)-1].(typist); ok {
			f.typed(msg)
		}
	case m.prompt != nil:
		return m.pressPrompt(msg)
	case m.setup != nil && m.setup.Editing():
		m.setup.Type(msg)
	}
	return nil
}

// clicker is a pane with lines that can be selected.
type clicker interface{ Click(line int) }

// spotter is a pane with things side by side that can be selected.
type spotter interface{ ClickAt(x, line int) }

// wheel scrolls the pane below the pointer.
func (m *Model) wheel(mouse tea.Mouse) tea.Cmd {
	step := map[tea.MouseButton]int{tea.MouseWheelUp: -3, tea.MouseWheelDown: 3}[mouse.Button]
	return m.pointed(mouse, func(placed) tea.Cmd {
		if step == 0 {
			return nil
		}
		return m.move(step)
	})
}

// click gives the keys to the pane below the pointer and selects the line.
func (m *Model) click(mouse tea.Mouse) tea.Cmd {
	return m.pointed(mouse, func(p placed) tea.Cmd {
		x, line := mouse.X-p.x-1, mouse.Y-p.y-1
		if mouse.Button != tea.MouseLeft || x < 0 || x >= p.w-2 || line < 0 || line >= p.h-2 {
			return m.moved()
		}
		switch c := m.panes[p.id].(type) {
		case clicker:
			c.Click(line)
		case spotter:
			c.ClickAt(x, line)
		}
		return m.moved()
	})
}

// pointed gives the keys to the pane below the pointer, then acts on it.
func (m *Model) pointed(mouse tea.Mouse, act func(placed) tea.Cmd) tea.Cmd {
	if len(m.overlays) > 0 || m.prompt != nil || m.setup != nil && m.setup.Editing() {
		return nil
	}
	for _, p := range m.places {
		if p.contains(mouse.X, mouse.Y) {
			m.focus[m.screen] = p.id
			m.dirty = true
			return act(p)
		}
	}
	return nil
}
