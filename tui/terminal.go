package tui

import (
	"strconv"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/ui"
)

// adorn tells the terminal what it can show outside of the screen: the title of the
// window, a progress bar (OSC 9;4) and the state of the program (OSC 7501), by which
// somebody in another window sees how far the build is and how it ended. Terminals
// that know none of them ignore it.
func (m *Model) adorn(v *tea.View) {
	v.WindowTitle = "buildscope"
	if m.opts.Subject != "" {
		v.WindowTitle += " " + ui.Clean(m.opts.Subject)
	}
	if m.live.run == nil {
		return
	}
	h, snap := m.tree.Header(), m.live.snap
	status := &tea.ProgramStatus{App: "buildscope", Title: ui.Clean(m.opts.Subject)}
	v.ProgramStatus = status
	if !m.running() {
		v.WindowTitle += " " + snap.State.String()
		status.State, status.Message = tea.ProgramStateDone, "build "+snap.State.String()
		if snap.State != model.RunSucceeded {
			status.State = tea.ProgramStateError
		}
		if snap.Err != "" {
			status.Message += ": " + ui.CleanError(snap.Err)
		}
		return
	}
	done := percent(ended(h.States), h.Nodes)
	status.State, status.Progress, status.HasProgress = tea.ProgramStateWorking, done, h.Nodes > 0
	status.Message = "build running"
	v.ProgressBar = tea.NewProgressBar(tea.ProgressBarDefault, done)
	switch {
	case h.Nodes == 0: // there is no plan yet
		v.ProgressBar.State = tea.ProgressBarIndeterminate
	case h.States[model.NodeFailed] > 0:
		v.ProgressBar.State = tea.ProgressBarError
		status.Message = "build running, " + ui.Counted(h.States[model.NodeFailed], "node") + " failed"
	case m.leaving:
		v.ProgressBar.State = tea.ProgressBarWarning
	}
	if h.Nodes > 0 {
		v.WindowTitle += " " + strconv.Itoa(done) + "%"
	}
	if n := len(m.overlays); n > 0 {
		if c, ok := m.overlays[n-1].(*confirm); ok && c.live {
			status.State, status.Kind, status.Message = tea.ProgramStateBlocked, tea.ProgramStatusKindQuestion, c.head
		}
	}
}
