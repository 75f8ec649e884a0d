package tui

import (
	"sync/atomic"

	tea "charm.land/bubbletea/v2"
)

// starting is a build that is being started. The program may end meanwhile: then
// Close picks the build up, so that none is left without an owner.
type starting struct {
	begun atomic.Bool   // the Cmd runs; or Close has made sure that it never will
	done  chan struct{} // closed when run and err are set
	run   Run
	err   error
}

// launch starts a build.
func (m *Model) launch() tea.Cmd {
	s := &starting{done: make(chan struct{})}
	m.live.starting = s
	base, start := m.base, m.opts.Launch
	return func() tea.Msg {
		if !s.begun.CompareAndSwap(false, true) {
			return nil
		}
		defer close(s.done)
		s.run, s.err = start(base)
		return launchedMsg{s.run, s.err}
	}
}

// launching reports whether a build is being started.
func (m *Model) launching() bool { return m.live.starting != nil }

// Close ends the Cmds that still wait. A build that was just being started is
// waited for and cancelled. Close is for the time after the program has ended;
// calling it twice is harmless.
func (m *Model) Close() {
	m.cancel()
	m.console.close()
	s := m.live.starting
	if s == nil || m.opts.Host != nil { // the build is the server's
		return
	}
	m.live.starting = nil
	if s.begun.CompareAndSwap(false, true) {
		return // the Cmd never began
	}
	<-s.done
	if s.run != nil {
		s.run.Cancel("the viewer quit")
		m.live.run, m.result.Launched, m.result.Cancelled = s.run, true, true
	}
}
