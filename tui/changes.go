package tui

import (
	"context"
	"fmt"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/jsondiff"
	"github.com/buildscope/buildscope/tui/pane"
)

// against is the state of the comparison of artifacts: with which run, and what of it
// is open.
type against struct {
	on     bool
	quiet  bool   // leave ids and times out
	runID  string // chosen by the viewer; "" for the marked run, or the last good one before
	opened string // id of the run whose bundle is open
	bundle Bundle
}

// changesMsg is the difference of one artifact in two runs.
type changesMsg struct {
	request int
	name    string
	other   string // id of the run that the artifact was compared with
	bundle  Bundle // of that run
	a, b    string // ids, the older run first
	quiet   bool
	changes []pane.ListedChange
	err     error
}

// otherRun is the run that artifacts are compared with: the one that was chosen, the
// one that is marked on the Runs screen, or the last good one before the open one.
// Without an earlier good one it is the next one after it.
func (m *Model) otherRun() (id string, ok bool) {
	open := m.shelf.runID
	for _, want := range []string{m.shelf.against.runID, m.runs.Marked()} {
		if want != "" && want != open {
			return want, true
		}
	}
	for _, r := range m.shelf.runs { // newest first
		if r.RunID < open && r.State == model.RunSucceeded {
			return r.RunID, true
		}
		if r.RunID > open && r.State == model.RunSucceeded {
			id, ok = r.RunID, true
		}
	}
	return id, ok
}

// readChanges compares the artifact on the screen with that of the other run.
func (m *Model) readChanges(name string) tea.Cmd {
	other, ok := m.otherRun()
	if !ok {
		m.changes.SetNote(name, "There is no other good run to compare with. D chooses any run.")
		return nil
	}
	m.changes.SetNote(name, "Comparing.")
	m.shelf.request++
	msg := changesMsg{request: m.shelf.request, name: name, other: other, quiet: m.shelf.against.quiet, a: other, b: m.shelf.runID}
	if m.shelf.against.opened == other {
		msg.bundle = m.shelf.against.bundle
	}
	ctx, open, mine := m.ctx, m.opts.Open, m.shelf.bundle
	return func() tea.Msg {
		if msg.bundle == nil {
			if msg.bundle, msg.err = open(ctx, other); msg.err != nil {
				return msg
			}
		}
		first, second := msg.bundle, mine
		if msg.a > msg.b { // ids are in the order of time
			msg.a, msg.b, first, second = msg.b, msg.a, second, first
		}
		var a, b any
		if a, msg.err = parseArtifact(ctx, first, msg.a, name); msg.err != nil {
			return msg
		}
		if b, msg.err = parseArtifact(ctx, second, msg.b, name); msg.err != nil {
			return msg
		}
		msg.changes = pane.ListChanges(jsondiff.Diff(a, b, jsondiff.Options{Quiet: msg.quiet, RunA: msg.a, RunB: msg.b}))
		return msg
	}
}

func parseArtifact(ctx context.Context, b Bundle, runID, name string) (any, error) {
	text, err := b.Artifact(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", short(runID), err)
	}
	v, err := jsondiff.Parse(text)
	if err != nil {
		return nil, fmt.Errorf("run %s: %w", short(runID), err)
	}
	return v, nil
}

// compared shows the difference of an artifact.
func (m *Model) compared(msg changesMsg) {
	if msg.request != m.shelf.request {
		return
	}
	if msg.bundle != nil {
		m.shelf.against.opened, m.shelf.against.bundle = msg.other, msg.bundle
	}
	if msg.err != nil {
		m.changes.SetNote(msg.name, "The artifact cannot be compared: "+msg.err.Error())
		return
	}
	m.changes.SetChanges(msg.name, moment(msg.a), moment(msg.b), msg.quiet, msg.changes)
}

// reread brings the selected artifact into its viewer again, in another form.
func (m *Model) reread() tea.Cmd {
	m.shelf.shown = pane.Item{}
	m.arrange()
	return m.showItem()
}

// changesCommands compare artifacts.
func changesCommands() []Command {
	places := in(paneItems, paneJSON, paneChanges)
	possible := func(m *Model) (bool, string) {
		if item, ok := m.items.Current(); !ok || item.Kind != pane.ItemArtifact {
			return false, "only artifacts are compared; select one"
		}
		return len(m.shelf.runs) > 1, "there is no other run"
	}
	return []Command{
		{ID: "artifact.compare", Title: "compare the artifact with another run, or stop", Short: "compare", Keys: []string{"d"}, In: places, Enabled: possible,
			Run: func(m *Model) tea.Cmd { m.shelf.against.on = !m.shelf.against.on; return m.reread() }},
		{ID: "artifact.against", Title: "choose the run to compare with", Keys: []string{"D"}, In: places, Enabled: possible, Run: (*Model).chooseOther},
		{ID: "artifact.quiet", Title: "leave ids and times out of the comparison, or take them in", Short: "ids", Keys: []string{"x"}, In: in(paneChanges),
			Run: func(m *Model) tea.Cmd {
				m.shelf.against.quiet = !m.shelf.against.quiet
				cmd := m.reread()
				return tea.Batch(cmd, m.say(map[bool]string{true: "without ids and times", false: "with ids and times"}[m.shelf.against.quiet]))
			}},
	}
}

// chooseOther asks for the run to compare with.
func (m *Model) chooseOther() tea.Cmd {
	c := &chooser{head: "Compare with run"}
	var ids []string
	now, _ := m.otherRun()
	for _, b := range m.shelf.runs {
		if b.RunID == m.shelf.runID {
			continue
		}
		if b.RunID == now {
			c.at = len(ids)
		}
		ids = append(ids, b.RunID)
		c.options = append(c.options, bundleLine(b))
	}
	c.pick = func(m *Model, i int) tea.Cmd {
		m.shelf.against.on, m.shelf.against.runID = true, ids[i]
		return m.reread()
	}
	m.push(c)
	return nil
}
