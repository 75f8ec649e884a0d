package tui

import (
	"context"
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
)

// live is the run on the screen. The screen pulls: one Cmd waits for a newer
// version of the run's view, nothing in the build ever waits for the screen.
type live struct {
	run  Run
	id   int // counts runs, so that messages about an earlier one are ignored
	ctx  context.Context
	stop context.CancelFunc // ends the Cmds that watch this run

	db      *runview.DB
	snap    model.RunSnapshot
	now     time.Time     // as of the last refresh or tick
	last    time.Time     // of the last refresh
	seen    uint64        // version of the last refresh
	cost    time.Duration // of the last refresh
	done    bool
	finding bool // somebody waits for a filter or an order
	ticking bool // a tick is on its way

	starting  *starting // nil unless a build is being started
	paused    bool
	pausedAt  time.Time
	pausedAtV uint64
	held      uint64 // changes since the pause
	otherLogs bool   // log lines of the whole run instead of the row's, or the reverse where all is the default
}

type (
	// liveMsg says that the run's view has a newer version.
	liveMsg struct{ id int }
	// foundMsg says that a filter or an order may be ready.
	foundMsg struct{ id int }
	// tickMsg moves the clocks of what runs.
	tickMsg struct{ id int }
	// doneMsg says that the run is over.
	doneMsg struct{ id int }
	// launchedMsg is the answer of Options.Launch.
	launchedMsg struct {
		run Run
		err error
	}
)

// attach puts a run on the screen.
func (m *Model) attach(run Run) {
	if m.live.stop != nil {
		m.live.stop()
	}
	m.live = live{run: run, id: m.live.id + 1, db: run.View(), now: m.clock(), otherLogs: m.live.otherLogs}
	m.live.ctx, m.live.stop = context.WithCancel(m.ctx)
	m.tree.Clear()
	m.graph.Clear()
	m.detail.Clear()
	m.logs.Clear()
	select {
	case <-run.Done():
		m.live.done = true
	default:
	}
	m.quitAsk, m.leaving = false, false
	m.tree.SetFollow(!m.live.done) // until the viewer moves
	m.refresh()
}

// watch starts the Cmds of a run: wait for changes, move the clock, wait for
// the end.
func (m *Model) watch() tea.Cmd {
	if !m.running() {
		return nil
	}
	id, ctx, done := m.live.id, m.live.ctx, m.live.run.Done()
	end := func() tea.Msg {
		select {
		case <-done:
			return doneMsg{id}
		case <-ctx.Done():
			return nil
		}
	}
	return tea.Batch(end, m.await())
}

// await waits for a newer version of the run's view, and not less than the
// refresh rate since the last frame.
func (m *Model) await() tea.Cmd {
	if m.live.db == nil {
		return nil
	}
	id, ctx, db, seen := m.live.id, m.live.ctx, m.live.db, m.live.seen
	// Reading never takes more than half of the time, so that keys are answered
	// even while a large run is filtered.
	rest := max(m.interval()-m.clock().Sub(m.live.last), m.live.cost)
	return func() tea.Msg {
		db.Wait(ctx, seen)
		if !sleep(ctx, rest) {
			return nil
		}
		return liveMsg{id}
	}
}

// find waits for the rows of a filter or an order that takes a while, where nothing
// else waits for news of the run: after its end, and while updates are held back.
func (m *Model) find() tea.Cmd {
	l := &m.live
	if l.finding || !m.tree.Pending() && !m.graph.Pending() || !l.done && !l.paused {
		return nil
	}
	l.finding = true
	id, ctx, db, seen := l.id, m.ctx, l.db, l.seen
	return func() tea.Msg {
		db.Wait(ctx, seen)
		return foundMsg{id}
	}
}

// clockShows reports whether anything on the screen moves with the time alone:
// the clock of the run, and what runs in it.
func (m *Model) clockShows() bool {
	return m.running() && m.class() != tiny && (m.screen == screenRun || m.h >= titleHeight)
}

// tick waits for the next move of the clock, if there is one to be seen and
// nothing waits for it yet.
func (m *Model) tick() tea.Cmd {
	if m.live.ticking || !m.clockShows() {
		return nil
	}
	m.live.ticking = true
	id, ctx, every := m.live.id, m.live.ctx, m.interval()
	return func() tea.Msg {
		if !sleep(ctx, every) {
			return nil
		}
		return tickMsg{id}
	}
}

// sleep waits and reports whether ctx is still alive then.
func sleep(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// updateLive handles the messages about runs.
func (m *Model) updateLive(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case liveMsg:
		if msg.id != m.live.id || m.live.done {
			return nil
		}
		if m.live.paused {
			m.live.seen = m.live.db.Version()
			m.live.held = m.live.seen - m.live.pausedAtV
			m.live.last = m.clock()
		} else {
			m.refresh()
		}
		m.dirty = true
		return m.await()
	case foundMsg:
		if msg.id == m.live.id {
			m.live.finding = false // Update waits again if need be
			m.refresh()
		}
		return nil
	case tickMsg:
		if msg.id != m.live.id || m.live.done {
			return nil
		}
		m.live.ticking = false // Update starts the next one
		m.live.now = m.runNow()
		if m.clock().Sub(m.live.last) >= m.interval() {
			m.live.snap = m.live.run.Snapshot()
			if !m.live.paused {
				m.showWhy()
			}
			m.dirty = true
		}
		return nil
	case doneMsg:
		if msg.id != m.live.id {
			return nil
		}
		return m.finished()
	case launchedMsg:
		if m.ctx.Err() != nil {
			return nil // the viewer has left: Close deals with it
		}
		m.live.starting = nil
		m.dirty = true
		if msg.err != nil {
			m.push(&message{head: "The build did not start", text: msg.err.Error()})
			return nil
		}
		m.result.Launched = true
		if msg.run == m.live.run {
			return nil // it has come up as a newer run before
		}
		m.attach(msg.run)
		m.show(screenRun)
		return m.watch()
	}
	return nil
}

// finished takes the last state of a run over; after it nothing moves any more.
func (m *Model) finished() tea.Cmd {
	m.live.done = true
	m.live.stop()
	m.live.paused = false
	following := m.tree.Follow()
	m.tree.Rest()
	m.refresh()
	m.arrange() // how it ended takes a line
	m.refresh()
	if m.leaving {
		return m.quit()
	}
	m.quitAsk = false
	m.overlays = slices.DeleteFunc(m.overlays, func(o overlay) bool {
		c, ok := o.(*confirm)
		return ok && c.live // there is nothing to cancel any more
	})
	if id, ok := m.buildOrigin(); ok && following {
		m.reveal(id)
	}
	return tea.Batch(m.listBundles(), m.say("build "+m.live.snap.State.String()))
}

// refresh reads the visible part of the run.
func (m *Model) refresh() {
	l := &m.live
	l.now, l.last = m.runNow(), m.clock()
	if l.run == nil {
		m.showWhy()
		return
	}
	l.snap = l.run.Snapshot()
	m.showWhy()
	if l.db == nil {
		return
	}
	l.seen = l.db.Version()
	m.tree.Refresh(l.db, l.now.UnixNano())
	m.refreshGraph()
	m.refreshRow()
	l.cost = m.clock().Sub(l.last)
	m.dirty = true
}

// refreshRow reads the details of the selected row.
func (m *Model) refreshRow() {
	if m.live.db == nil {
		return
	}
	row, ok := m.tree.Selected()
	if !ok {
		m.detail.Clear()
		m.logs.Refresh(m.live.db, 0)
		return
	}
	m.detail.Refresh(m.live.db, row.ID)
	if m.live.otherLogs != (m.class() == wide) { // beside the details there is room for all of them
		row.ID = 0
	}
	m.logs.Refresh(m.live.db, row.ID)
}

// setPause holds updates back, or lets them through again.
func (m *Model) setPause(on bool) {
	m.live.paused = on
	if on {
		m.live.pausedAt, m.live.pausedAtV, m.live.held = m.live.now, m.live.seen, 0
	}
	m.arrange() // the banner takes a line
	if !on {
		m.refresh()
	}
}
