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
}

// NodePast and PastNode are the answer.
type (
	NodePast = pane.NodePast
	PastNode = pane.PastNode
)

// recall is which timeline is on the screen, and which is being read.
type recall struct {
	shown   PastQuery
	reading PastQuery
	request int                // counts reads: what was given up for the same node may still answer
	cancel  context.CancelFunc // of what is being read; nil when nothing is
}

// recalledMsg is a timeline that was read.
type recalledMsg struct {
	request int
	past    NodePast
	err     error
}

// recallNode reads the timeline of the selected node when its tab is in front. What is
// being read for another node, or for a tab that was left, is given up.
func (m *Model) recallNode() tea.Cmd {
	r := &m.recall
	var want PastQuery
	d, known := m.detail.Known()
	if m.screen == screenRun && m.detail.Tab() == pane.TabTimeline && known && d.Plan != nil && m.opts.Past != nil {
		want = PastQuery{RunID: m.live.snap.RunID, Profile: m.live.snap.Profile, RepoRoot: m.live.snap.RepoRoot, Workers: m.live.snap.Workers, Node: d.Row.Name}
	}
	if r.cancel != nil && want != r.reading {
		r.cancel()
		r.cancel, r.reading = nil, PastQuery{}
	}
	switch {
	case m.detail.Tab() != pane.TabTimeline || m.screen != screenRun || !known:
		return nil
	case m.opts.Past == nil:
		m.detail.Timeline().SetNote("Earlier runs are not known here: the build runs elsewhere, or this viewer may not read its bundles.")
		return nil
	case d.Plan == nil:
		r.shown = PastQuery{}
		m.detail.Timeline().SetNote("Nodes have a timeline; this row is a span below one.")
		return nil
	case want == r.shown || want == r.reading:
		return nil
	}
	m.detail.Timeline().SetNote("Reading earlier runs.")
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
	if msg.err != nil {
		m.detail.Timeline().SetNote("The earlier runs cannot be read: " + msg.err.Error())
		return
	}
	m.detail.Timeline().SetPast(msg.past)
}
