package tui

import (
	"context"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// PastQuery asks for a node in the runs before one.
type PastQuery struct {
	RunID, Profile, RepoRoot string // of the run that is looked back from
	Workers                  int    // of it, 0 when unknown
	Node                     string
	Plan                     bool // only the engine's plan of its newest earlier run is wanted
}

// NodePast and PastNode are the answer.
type (
	NodePast = pane.NodePast
	PastNode = pane.PastNode
	PastPlan = pane.PastPlan
)

// recall is which timeline or earlier plan is on the screen, and which is being read.
type recall struct {
	shown   PastQuery
	reading PastQuery
	request int                // counts reads: what was given up for the same node may still answer
	cancel  context.CancelFunc // of what is being read; nil when nothing is
}

// recalledMsg is a timeline, or an earlier plan, that was read.
type recalledMsg struct {
	request int
	past    NodePast
	err     error
}

// recallNode reads the timeline of the selected node when its tab is in front, or its
// plan in an earlier run when that of this one is. What is being read for another node,
// or for a tab that was left, is given up.
func (m *Model) recallNode() tea.Cmd {
	r := &m.recall
	d, known := m.detail.Known()
	known = known && m.screen == screenRun
	timeline := known && m.detail.Tab() == pane.TabTimeline
	plan := known && m.detail.Tab() == pane.TabSQL && d.Query.Profile != nil
	var want PastQuery
	if (timeline || plan) && d.Plan != nil && m.opts.Past != nil {
		want = PastQuery{RunID: m.live.snap.RunID, Profile: m.live.snap.Profile, RepoRoot: m.live.snap.RepoRoot, Workers: m.live.snap.Workers, Node: d.Row.Name, Plan: plan}
	}
	if r.cancel != nil && want != r.reading {
		r.cancel()
		r.cancel, r.reading = nil, PastQuery{}
	}
	if r.shown.Plan && want != r.shown {
		r.shown = PastQuery{} // the tab forgets it with the row
	}
	switch {
	case timeline && m.opts.Past == nil:
		m.detail.Timeline().SetNote("Earlier runs are not known here: the build runs elsewhere, or this viewer may not read its bundles.")
		return nil
	case timeline && d.Plan == nil:
		r.shown = PastQuery{}
		m.detail.Timeline().SetNote("Nodes have a timeline; this row is a span below one.")
		return nil
	case want == PastQuery{} || want == r.shown || want == r.reading:
		return nil
	case timeline:
		m.detail.Timeline().SetNote("Reading earlier runs.")
	}
	r.shown, r.reading = PastQuery{}, want
	ctx, cancel := context.WithCancel(m.ctx)
	r.cancel = cancel
	r.request++
	past, request := m.opts.Past, r.request
	return func() tea.Msg {
		p, err := past(ctx, want)
		return recalledMsg{request, p, err}
	}
}

// recalled shows a timeline, if it is still the wanted one.
func (m *Model) recalled(msg recalledMsg) {
	r := &m.recall
	if msg.request != r.request || r.cancel == nil {
		return
	}
	r.cancel()
	r.cancel, r.reading, r.shown = nil, PastQuery{}, r.reading
	m.dirty = true
	if r.shown.Plan {
		msg.past.Before.RunID = short(msg.past.Before.RunID)
		m.detail.Query().SetBefore(msg.past.Before, msg.err)
		return
	}
	if msg.err != nil {
		m.detail.Timeline().SetNote("The earlier runs cannot be read: " + msg.err.Error())
		return
	}
	m.detail.Timeline().SetPast(msg.past)
}
