package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/buildscope/buildscope/build"
	"github.com/buildscope/buildscope/presets"
	"github.com/buildscope/buildscope/tui"
	"github.com/buildscope/buildscope/tui/sshd"
	"github.com/buildscope/buildscope/tui/ui"
)

// hub has the builds of a server, and knows who is there. Builds belong to it and to
// nobody's connection.
type hub struct {
	ctx   context.Context // ends with the server
	start func(*presets.Resolved) (*build.Run, error)
	log   func(sshd.Event)
	slots chan struct{}  // one for each build that may run
	work  sync.WaitGroup // builds, waiting or running

	mu                sync.Mutex // guards what follows
	runs              []*hubRun  // in the order of their start: those that run, and the newest
	members           []*member
	notes             []note
	waiting           int
	closed, cancelled bool
	holder            *member       // the operator in control; nil while there is none
	serial            int64         // of the members
	last              int           // number of the newest note
	changed           chan struct{} // closed at the next change, then replaced
}

// hubRun is a build of the hub.
type hubRun struct {
	run     *build.Run
	subject string
	by      string
}

// note is a line that the people on the server are told.
type note struct {
	number int
	about  *member // who knows already
	text   string
}

// All screens together are drawn so often in a second, so that many viewers do not slow
// the build down; but each of them keeps up with it within half a second.
const (
	framesOfAll    = 150
	slowestRefresh = 300 * time.Millisecond
)

// maxNotes bounds the notes that somebody who does not listen can still get.
const maxNotes = 100

// member is somebody's screen.
type member struct {
	hub    *hub
	id     int64
	person sshd.Person
	since  time.Time

	// The screen asks for one thing at a time, but for each of them by a call of its own.
	mu    sync.Mutex
	heard int           // number of the last note it got
	seen  chan struct{} // the state of the hub it has news of
	run   *hubRun       // the newest it knows
}

func newHub(ctx context.Context, builds int, log func(sshd.Event), start func(*presets.Resolved) (*build.Run, error)) *hub {
	return &hub{ctx: ctx, start: start, log: log, slots: make(chan struct{}, builds), changed: make(chan struct{})}
}

// change tells everybody that something has changed; h.mu is held.
func (h *hub) change() {
	close(h.changed)
	h.changed = make(chan struct{})
}

// tell notes a line for everybody but about.
func (h *hub) tell(about *member, format string, args ...any) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.last++
	h.notes = append(h.notes, note{h.last, about, fmt.Sprintf(format, args...)})
	if n := len(h.notes); n > maxNotes {
		h.notes = slices.Delete(h.notes, 0, n-maxNotes)
	}
	h.change()
}

// join lets somebody in, and gives the newest run, nil if there is none.
func (h *hub) join(p sshd.Person) (*member, *hubRun) {
	m := &member{hub: h, person: p, since: time.Now()}
	h.tell(m, "%s is here", p.Name)
	h.mu.Lock()
	defer h.mu.Unlock()
	m.heard = h.last
	h.serial++
	m.id = h.serial
	h.members = append(h.members, m)
	if h.holder == nil && p.Operator {
		h.holder = m
	}
	h.change()
	m.run = h.newest()
	return m, m.run
}

// leave takes somebody out, and reports whether no operator is left.
func (h *hub) leave(m *member) (last bool) {
	h.mu.Lock()
	h.members = slices.DeleteFunc(h.members, func(o *member) bool { return o == m })
	next := ""
	if h.holder == m {
		h.holder = nil
		if i := slices.IndexFunc(h.members, func(o *member) bool { return o.person.Operator }); i >= 0 {
			h.holder = h.members[i] // who is here for the longest time
			next = "; " + h.holder.person.Name + " is in control now"
		} else {
			last = true
		}
	}
	h.mu.Unlock()
	h.tell(m, "%s has left%s", m.person.Name, next)
	return last
}

// take puts a member in control.
func (m *member) take() error {
	if !m.person.Operator {
		return fmt.Errorf("%s may only watch", m.person.Name)
	}
	h := m.hub
	h.mu.Lock()
	from := ""
	if h.holder != nil && h.holder != m {
		from = " over from " + h.holder.person.Name
	}
	h.holder = m
	h.mu.Unlock()
	h.tell(nil, "%s has taken control%s", m.person.Name, from)
	h.log(sshd.Event{What: eventControl, Person: m.person, Detail: "taken" + from})
	return nil
}

// give puts another operator in control.
func (m *member) give(id int64) error {
	h := m.hub
	h.mu.Lock()
	if h.holder != m {
		h.mu.Unlock()
		return errors.New("only who is in control can hand it over")
	}
	i := slices.IndexFunc(h.members, func(o *member) bool { return o.id == id && o.person.Operator })
	if i < 0 {
		h.mu.Unlock()
		return errors.New("that operator has left")
	}
	to := h.members[i]
	h.holder = to
	h.mu.Unlock()
	h.tell(nil, "%s has handed control over to %s", m.person.Name, to.person.Name)
	h.log(sshd.Event{What: eventControl, Person: m.person, Detail: "handed over to " + to.person.Name})
	return nil
}

// builds lists what the hub has.
func (h *hub) builds() (out []tui.HostBuild) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.runs {
		out = append(out, tui.HostBuild{Run: r.run, Subject: r.subject, By: r.by})
	}
	return out
}

// newest is the run that was started last; h.mu is held.
func (h *hub) newest() *hubRun {
	if n := len(h.runs); n > 0 {
		return h.runs[n-1]
	}
	return nil
}

// find is the run of an id, nil if the hub does not have it.
func (h *hub) find(id string) *hubRun {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.runs {
		if r.run.ID() == id {
			return r
		}
	}
	return nil
}

// news waits for something that the member does not know yet, or another size of its
// terminal.
func (m *member) news(ctx context.Context, resized <-chan sshd.Size) (tui.News, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var size sshd.Size
	if m.seen != nil {
		select {
		case <-m.seen:
		case size = <-resized:
		case <-ctx.Done():
			return tui.News{}, false
		}
	}
	h := m.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	m.seen = h.changed
	n := tui.News{Refresh: min(time.Duration(len(h.members))*time.Second/framesOfAll, slowestRefresh), Width: size.Width, Height: size.Height}
	if newest := h.newest(); newest != nil && newest != m.run {
		m.run, n.Newer = newest, tui.HostBuild{Run: newest.run, Subject: newest.subject, By: newest.by}
	}
	for _, o := range h.members {
		n.People = append(n.People, tui.Viewer{ID: o.id, Name: o.person.Name, Operator: o.person.Operator, Controls: o == h.holder, Self: o == m, Since: o.since})
	}
	for _, note := range h.notes {
		if note.number > m.heard && note.about != m {
			n.Texts = append(n.Texts, note.text)
		}
	}
	m.heard = h.last
	return n, true
}

// launch starts a build for a member as soon as there is room for it, and gives it.
// Whoever asked for it on a screen may leave meanwhile: ctx ends the waiting of the caller
// only. The build of a command ends with the command.
func (m *member) launch(ctx context.Context, res *presets.Resolved) (*hubRun, error) {
	type started struct {
		run *hubRun
		err error
	}
	out := make(chan started, 1)
	h := m.hub
	h.mu.Lock()
	switch {
	case h.closed:
		h.mu.Unlock()
		return nil, sshd.ErrStopped
	case m.id != 0 && h.holder != m: // a command has no screen on which to take control
		h.mu.Unlock()
		return nil, errors.New("another operator is in control; T takes over")
	}
	wanted := h.ctx
	if m.id == 0 {
		wanted = ctx
	}
	h.work.Go(func() {
		run, err := h.begin(wanted, m, res)
		out <- started{run, err}
		if err == nil {
			h.finish(m, run)
		}
	})
	h.mu.Unlock()
	select {
	case s := <-out:
		return s.run, s.err
	case <-ctx.Done():
		cause := context.Cause(ctx)
		if m.id == 0 {
			if s := <-out; s.err == nil { // it had just begun
				s.run.run.Cancel(cause.Error())
			}
		}
		return nil, cause
	}
}

// begin waits for room, for as long as the build is wanted, and starts it.
func (h *hub) begin(wanted context.Context, m *member, res *presets.Resolved) (*hubRun, error) {
	subject := filepath.Base(res.Settings.Build.RepoRoot)
	select {
	case h.slots <- struct{}{}:
	default:
		h.tell(nil, "the build of %s waits: %d are running", subject, cap(h.slots))
		h.queue(1)
		defer h.queue(-1)
		select {
		case h.slots <- struct{}{}:
		case <-h.ctx.Done():
			return nil, sshd.ErrStopped
		case <-wanted.Done():
			return nil, context.Cause(wanted)
		}
	}
	run, err := h.start(res)
	if err != nil {
		<-h.slots
		return nil, err
	}
	r := &hubRun{run: run, subject: subject, by: m.person.Name}
	h.mu.Lock()
	h.runs = slices.DeleteFunc(h.runs, func(o *hubRun) bool { return o.ended() })
	h.runs = append(h.runs, r)
	if h.cancelled { // which has not seen this one
		run.Cancel(sshd.ErrStopped.Error())
	}
	h.mu.Unlock()
	h.tell(m, "%s has started a build of %s", r.by, subject)
	h.log(sshd.Event{What: eventBuild, Person: m.person, Detail: "run " + run.ID() + " of " + res.Settings.Build.RepoRoot})
	return r, nil
}

// finish waits for the end of a build.
func (h *hub) finish(m *member, r *hubRun) {
	<-r.run.Done()
	<-h.slots
	snap := r.run.Snapshot()
	h.tell(nil, "the build of %s by %s %s", r.subject, r.by, snap.State)
	detail := "run " + snap.RunID + " " + snap.State.String()
	if snap.Err != "" {
		detail += ": " + ui.CleanError(snap.Err)
	}
	h.log(sshd.Event{What: eventBuild, Person: m.person, Detail: detail})
}

// counts is how many builds run and wait, and whether no more are taken.
func (h *hub) counts() (running, waiting int, closed bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.slots), h.waiting, h.closed
}

func (h *hub) queue(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.waiting += n
}

func (r *hubRun) ended() bool {
	select {
	case <-r.run.Done():
		return true
	default:
		return false
	}
}

// close takes no more builds, and cancels those that run if asked.
func (h *hub) close(cancel bool) {
	h.mu.Lock()
	h.closed, h.cancelled = true, cancel
	h.mu.Unlock()
	if cancel {
		h.cancel(sshd.ErrStopped.Error())
	}
}

// cancel cancels what runs.
func (h *hub) cancel(reason string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.runs {
		r.run.Cancel(reason)
	}
}

// wait waits until no build runs or waits any more; false means that ctx was faster.
// The hub must be closed.
func (h *hub) wait(ctx context.Context) bool {
	over := make(chan struct{})
	go func() { // ends with the last build
		h.work.Wait()
		close(over)
	}()
	select {
	case <-over:
		return true
	case <-ctx.Done():
		return false
	}
}
