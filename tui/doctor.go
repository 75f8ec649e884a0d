package tui

import (
	"context"
	"sync"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// DoctorCheck is one check of the Doctor screen.
type DoctorCheck = pane.DoctorCheck

// DoctorFinding is what one check has found.
type DoctorFinding = pane.DoctorFinding

// DoctorNews is one step of an examination.
type DoctorNews = pane.DoctorNews

// Doctor makes checks for the Doctor screen.
type Doctor struct {
	Checks []DoctorCheck
	// Start prepares an examination of the settings as they are now. It is called
	// in the event loop, and what it gives is not touched by later edits.
	Start func(ids []string) Examination
}

// Examination is one round of checks.
type Examination struct {
	// Run makes the checks and tells what comes of them as it is known. It runs
	// beside the screen and returns soon after its context has ended.
	Run func(ctx context.Context, tell func(DoctorNews))
	// Stale reports whether a setting that the check bears on is another one now
	// than it was at Start.
	Stale func(id string) bool
}

// examined is the state of the Doctor screen: the examination under way, and of
// which one the result of each check is.
type examined struct {
	id     int // counts examinations, so that late news of an old one are dropped
	cancel context.CancelFunc
	of     map[string]Examination // by id of the check
	ward   *ward                  // what the newest one tells
}

// examMsg is what an examination has told since the last one.
type examMsg struct {
	id   int
	news []DoctorNews
	over bool
}

// ward collects what an examination tells until the screen asks for it. The checks
// never wait for the screen.
type ward struct {
	mu   sync.Mutex
	news []DoctorNews  // guarded by mu
	wake chan struct{} // holds one token while there is news
	done chan struct{} // closed by the examination when it has told all
}

func (w *ward) tell(n DoctorNews) {
	w.mu.Lock()
	w.news = append(w.news, n)
	w.mu.Unlock()
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// newsEvery bounds how often an examination makes the screen draw.
const newsEvery = 40 * time.Millisecond

// next waits for news and collects for a moment what comes with them.
func (w *ward) next(ctx context.Context, id int) tea.Msg {
	select {
	case <-w.wake:
		sleep(ctx, newsEvery)
	case <-w.done:
	case <-ctx.Done():
		return nil // the program ends; the examination does so by the same context
	}
	msg := examMsg{id: id}
	select {
	case <-w.done:
		msg.over = true
	default:
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	msg.news, w.news = w.news, nil
	return msg
}

// showDoctor switches to the Doctor screen. The first time the checks are made at
// once: whoever comes here wants to know.
func (m *Model) showDoctor() tea.Cmd {
	m.show(screenDoctor)
	m.restale()
	if m.doctor.Fresh() && !m.doctor.Running() {
		return m.examine(m.doctor.IDs())
	}
	return nil
}

// examine makes checks.
func (m *Model) examine(ids []string) tea.Cmd {
	x := m.opts.Doctor.Start(ids)
	ctx, cancel := context.WithCancel(m.ctx)
	m.exam.id++
	m.exam.cancel = cancel
	if m.exam.of == nil {
		m.exam.of = make(map[string]Examination)
	}
	for _, id := range ids {
		m.exam.of[id] = x
	}
	m.doctor.Begin(ids)
	m.restale()
	m.exam.ward = &ward{wake: make(chan struct{}, 1), done: make(chan struct{})}
	w := m.exam.ward
	run := func() tea.Msg {
		defer cancel()
		defer close(w.done)
		x.Run(ctx, w.tell)
		return nil
	}
	return tea.Batch(run, m.listen())
}

// listen waits for what the examination tells next.
func (m *Model) listen() tea.Cmd {
	ctx, id, w := m.ctx, m.exam.id, m.exam.ward
	return func() tea.Msg { return w.next(ctx, id) }
}

// heard takes news of the examination in.
func (m *Model) heard(msg examMsg) tea.Cmd {
	if msg.id != m.exam.id {
		return nil
	}
	m.dirty = true
	for _, n := range msg.news {
		m.doctor.Tell(n)
	}
	m.restale()
	if !msg.over {
		return m.listen()
	}
	m.doctor.End()
	m.exam.cancel = nil
	return nil
}

// restale marks the results that are about settings of before.
func (m *Model) restale() {
	if m.doctor == nil {
		return
	}
	m.doctor.SetStale(func(id string) bool {
		x, ok := m.exam.of[id]
		return ok && x.Stale(id)
	})
}
