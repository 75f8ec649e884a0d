package tui

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/theme"
)

// shelf is the Artifacts screen's state: the runs that left something, the
// bundle that is open, and what is being read from it.
type shelf struct {
	runs    []BundleInfo
	runID   string // of the open bundle
	chosen  bool   // the viewer chose it: a new build does not replace it
	bundle  Bundle
	looking bool   // runs are being listed
	opening string // run whose bundle is being opened, "" for none

	listing  int // counts lists of runs, so that late answers are ignored
	request  int // counts reads, likewise
	shown    pane.Item
	rendered rendering // what the report is, or is being, rendered for
	partFor  string    // path of the table whose rows are being read; "" when none
	markdown string
	capture  []model.TableStats
	against  against
}

// rendering is what a rendered report depends on.
type rendering struct {
	runID string
	w     int
	theme *theme.Theme
}

type (
	bundlesMsg struct {
		listing int
		runs    []BundleInfo
		err     error
	}
	bundleMsg struct {
		request int
		runID   string
		bundle  Bundle
		items   []pane.Item
		capture []model.TableStats
		err     error
	}
	artifactMsg struct {
		request int
		name    string
		doc     *pane.JSONDoc
		err     error
	}
	reportMsg struct {
		request  int
		markdown string
		as       rendering
		lines    []string
		err      error
	}
	partMsg struct {
		request int
		part    Preview
		err     error
	}
)

// showArtifacts switches to the Artifacts screen. Without an open bundle it looks
// for one again: a build may have begun since.
func (m *Model) showArtifacts() tea.Cmd {
	m.show(screenArtifacts)
	if m.shelf.bundle == nil && !m.shelf.looking && m.shelf.opening == "" {
		return m.listBundles()
	}
	return m.showItem()
}

// listBundles reads which runs have left something.
func (m *Model) listBundles() tea.Cmd {
	if m.opts.Bundles == nil {
		return nil
	}
	m.shelf.looking = true
	m.shelf.listing++
	ctx, list, listing := m.ctx, m.opts.Bundles, m.shelf.listing
	return func() tea.Msg {
		runs, err := list(ctx)
		return bundlesMsg{listing, runs, err}
	}
}

// lookInto shows the report and the artifacts of a run.
func (m *Model) lookInto(runID string) tea.Cmd {
	m.shelf.chosen = true
	m.show(screenArtifacts)
	return m.openBundle(runID)
}

// openBundle reads what a run left.
func (m *Model) openBundle(runID string) tea.Cmd {
	m.shelf.request++
	m.shelf.opening = runID
	ctx, open, request := m.ctx, m.opts.Open, m.shelf.request
	return func() tea.Msg {
		msg := bundleMsg{request: request, runID: runID}
		msg.bundle, msg.err = open(ctx, runID)
		if msg.err == nil {
			msg.items, msg.capture, msg.err = readBundle(ctx, msg.bundle)
		}
		return msg
	}
}

// readBundle lists the items of a bundle: report, outputs, artifacts. The
// statistics of the outputs come from the artifact that holds them.
func readBundle(ctx context.Context, b Bundle) ([]pane.Item, []model.TableStats, error) {
	items := []pane.Item{{Kind: pane.ItemReport, Name: "report"}}
	outputs, err := b.Outputs(ctx)
	if err != nil {
		return nil, nil, err
	}
	for _, o := range outputs {
		items = append(items, pane.Item{Kind: pane.ItemOutput, Name: o.Name, Path: o.Path, Size: o.Bytes, Rows: o.Rows})
	}
	artifacts, err := b.Artifacts(ctx)
	if err != nil {
		return nil, nil, err
	}
	var tables []model.TableStats
	for _, a := range artifacts {
		items = append(items, pane.Item{Kind: pane.ItemArtifact, Name: a.Name, Size: a.Size})
		if a.Name == model.ArtifactCapture {
			if tables, err = readCapture(ctx, b); err != nil {
				return nil, nil, err
			}
		}
	}
	return items, tables, nil
}

func readCapture(ctx context.Context, b Bundle) ([]model.TableStats, error) {
	text, err := b.Artifact(ctx, model.ArtifactCapture)
	if err != nil {
		return nil, err
	}
	var raw model.RawArtifact
	var payload model.CaptureStatisticsPayload
	if err := json.Unmarshal(text, &raw); err != nil {
		return nil, fmt.Errorf("read artifact %s: %w", model.ArtifactCapture, err)
	}
	if err := json.Unmarshal(raw.Payload, &payload); err != nil {
		return nil, fmt.Errorf("read payload of artifact %s: %w", model.ArtifactCapture, err)
	}
	return payload.Tables, nil
}

// showItem brings the selected item into its viewer, reading what is not there
// yet.
func (m *Model) showItem() tea.Cmd {
	item, ok := m.items.Current()
	b := m.shelf.bundle
	if !ok || b == nil {
		return nil
	}
	if item != m.shelf.shown {
		m.shelf.shown, m.shelf.rendered, m.shelf.partFor = item, rendering{}, ""
		m.shelf.request++
		m.arrange()
		switch item.Kind {
		case pane.ItemArtifact:
			if m.shelf.against.on {
				return m.readChanges(item.Name)
			}
			m.json.SetDoc(item.Name, nil)
			return m.readArtifact(item.Name)
		case pane.ItemOutput:
			m.table.SetTable(item.Name)
			m.stats.SetTables(item.Name, slices.DeleteFunc(slices.Clone(m.shelf.capture), func(t model.TableStats) bool {
				return t.Table != item.Name
			}))
			return m.readPart(item.Path)
		}
	}
	switch item.Kind {
	case pane.ItemReport:
		return m.renderReport()
	case pane.ItemOutput:
		return m.readPart(item.Path)
	}
	return nil
}

func (m *Model) readArtifact(name string) tea.Cmd {
	ctx, b, request := m.ctx, m.shelf.bundle, m.shelf.request
	return func() tea.Msg {
		msg := artifactMsg{request: request, name: name}
		var text []byte
		if text, msg.err = b.Artifact(ctx, name); msg.err == nil {
			msg.doc, msg.err = pane.ParseJSON(text)
		}
		return msg
	}
}

// readPart reads the rows around the visible ones, if they are not there.
func (m *Model) readPart(path string) tea.Cmd {
	offset, wanted := m.table.Wants()
	if !wanted || m.shelf.partFor == path {
		return nil
	}
	m.shelf.partFor = path
	m.shelf.request++
	ctx, b, request := m.ctx, m.shelf.bundle, m.shelf.request
	return func() tea.Msg {
		part, err := b.Preview(ctx, path, offset, pane.PageRows)
		return partMsg{request, part, err}
	}
}

// renderReport lays the report out for the present width and theme.
func (m *Model) renderReport() tea.Cmd {
	as := rendering{m.shelf.runID, m.report.Width(), m.theme}
	if as == m.shelf.rendered || as.w <= 0 {
		return nil
	}
	m.shelf.rendered = as
	m.shelf.request++
	ctx, b, request, markdown := m.ctx, m.shelf.bundle, m.shelf.request, m.shelf.markdown
	return func() tea.Msg {
		msg := reportMsg{request: request, markdown: markdown, as: as}
		if msg.markdown == "" {
			if msg.markdown, msg.err = b.Report(ctx); msg.err != nil {
				return msg
			}
		}
		msg.lines, msg.err = renderMarkdown(msg.markdown, as.theme, as.w)
		return msg
	}
}

// updateShelf handles what was read for the Artifacts screen.
func (m *Model) updateShelf(msg tea.Msg) tea.Cmd {
	m.dirty = true
	switch msg := msg.(type) {
	case bundlesMsg:
		if msg.listing != m.shelf.listing {
			return nil
		}
		m.shelf.looking = false
		if msg.err != nil {
			return m.say("list runs: " + msg.err.Error())
		}
		m.shelf.runs = msg.runs
		m.items.SetEmpty("No run has left artifacts yet. Start a build with b on the Setup screen.")
		compare := m.setPast(msg.runs)
		id := m.wantedBundle()
		if id == "" || m.screen == screenRuns && (id == m.shelf.runID || id == m.shelf.opening) {
			return compare
		}
		return tea.Batch(compare, m.openBundle(id))
	case bundleMsg:
		if msg.runID == m.shelf.opening {
			m.shelf.opening = ""
		}
		if msg.request != m.shelf.request {
			return nil
		}
		if msg.err != nil {
			return m.say("open run " + short(msg.runID) + ": " + msg.err.Error())
		}
		m.shelf.runID, m.shelf.bundle, m.shelf.capture = msg.runID, msg.bundle, msg.capture
		m.shelf.shown, m.shelf.rendered, m.shelf.markdown = pane.Item{}, rendering{}, ""
		m.table = pane.NewTable()
		m.panes[paneTable] = m.table
		m.items.SetItems(msg.runID, msg.items)
		m.arrange()
		return m.showItem()
	case artifactMsg:
		if msg.request != m.shelf.request {
			return nil
		}
		if msg.err != nil {
			return m.say("read " + msg.name + ": " + msg.err.Error())
		}
		m.json.SetDoc(msg.name, msg.doc)
	case changesMsg:
		m.compared(msg)
	case reportMsg:
		if msg.request != m.shelf.request {
			return nil
		}
		if msg.err != nil {
			m.report.SetEmpty("Report", "The report cannot be shown: "+msg.err.Error())
			return nil
		}
		m.shelf.markdown = msg.markdown
		m.report.SetLines("Report", msg.lines)
	case partMsg:
		if msg.request != m.shelf.request {
			return nil
		}
		path := m.shelf.partFor
		m.shelf.partFor = ""
		if msg.err != nil {
			return m.say("read rows: " + msg.err.Error())
		}
		m.table.SetPart(msg.part)
		return m.readPart(path) // the viewer may have moved on meanwhile
	}
	return nil
}

// wantedBundle is the run to open: the one the viewer chose, else the one on
// the screen, else the newest.
func (m *Model) wantedBundle() string {
	has := func(id string) bool {
		return slices.ContainsFunc(m.shelf.runs, func(b BundleInfo) bool { return b.RunID == id })
	}
	switch {
	case m.shelf.chosen && has(m.shelf.runID):
		return m.shelf.runID
	case m.live.run != nil && has(m.live.snap.RunID):
		return m.live.snap.RunID
	case len(m.shelf.runs) > 0:
		return m.shelf.runs[0].RunID
	}
	return ""
}

// bundleLine names a run in the list of runs.
func bundleLine(b BundleInfo) string {
	return strings.TrimSpace(fmt.Sprintf("%s  %s  %-10s %s", short(b.RunID), b.Started.UTC().Format("2006-01-02 15:04:05"), b.State, b.Profile))
}
