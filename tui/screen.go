package tui

import (
	"slices"

	"github.com/buildscope/buildscope/tui/pane"
)

// screen is one of the main views.
type screen uint8

const (
	screenSetup screen = iota
	screenRun
	screenArtifacts
	screenRuns
	screenDoctor
	screenCount
)

var screenNames = [screenCount]string{"Setup", "Run", "Artifacts", "Runs", "Doctor"}

// paneID names a pane of the program.
type paneID uint8

const (
	paneSettings paneID = iota
	paneHelp
	paneTree
	paneDetail
	paneLogs
	paneWhy
	paneItems
	paneJSON
	paneReport
	paneTable
	paneStats
	paneRuns
	paneDiff
	paneChanges
	paneWaterfall
	paneGraph
	paneGrid
	paneChecks
	paneFinding
	paneCount
)

// paneNames are the tabs of a terminal that has room for one pane.
var paneNames = [paneCount]string{
	paneSettings: "Settings", paneHelp: "About", paneTree: "Nodes", paneDetail: "Details", paneLogs: "Logs", paneWhy: "Why",
	paneItems: "List", paneJSON: "JSON", paneReport: "Report", paneTable: "Rows", paneStats: "Statistics",
	paneRuns: "History", paneDiff: "Comparison", paneChanges: "Changes", paneChecks: "Checks", paneFinding: "Finding",
	paneWaterfall: "Waterfall", paneGraph: "Graph", paneGrid: "Table",
}

// where is a set of places in which a command is available.
type where uint64

const (
	everywhere where = 1 << iota
	onSetup
	onRun
	onArtifacts
	onRuns
	onDoctor
	firstPane // one bit for each pane from here on
)

func in(ids ...paneID) where {
	var w where
	for _, id := range ids {
		w |= firstPane << id
	}
	return w
}

// here is the set of places that the viewer is in.
func (m *Model) here() where {
	return everywhere | onSetup<<m.screen | in(m.focused())
}

// panesOf lists the panes of a screen from left to right, as many as there is
// sense in showing: the viewer of the Artifacts screen depends on the item.
func (m *Model) panesOf(s screen) []paneID {
	switch s {
	case screenSetup:
		return []paneID{paneSettings, paneHelp}
	case screenRun:
		if m.class() == wide {
			return []paneID{m.rows, paneDetail, paneLogs, paneWhy}
		}
		return []paneID{m.rows, paneDetail, paneWhy}
	case screenRuns:
		return []paneID{paneRuns, paneDiff}
	case screenDoctor:
		return []paneID{paneChecks, paneFinding}
	default:
		item, _ := m.items.Current()
		switch item.Kind {
		case pane.ItemReport:
			return []paneID{paneItems, paneReport}
		case pane.ItemOutput:
			return []paneID{paneItems, paneTable, paneStats}
		default:
			if m.shelf.against.on {
				return []paneID{paneItems, paneChanges}
			}
			return []paneID{paneItems, paneJSON}
		}
	}
}

// focused is the pane that has the keys. A pane that its screen does not have
// any more, as after a change of size, gives them to the first one.
func (m *Model) focused() paneID {
	panes := m.panesOf(m.screen)
	for _, id := range panes {
		if id == m.focus[m.screen] {
			return id
		}
	}
	return panes[0]
}

// focusNext gives the keys to the next (+1) or previous (-1) pane.
func (m *Model) focusNext(step int) {
	m.focus[m.screen] = m.nextPane(step)
	m.arrange()
}

// nextPane is the next (+1) or previous (-1) pane of the screen.
func (m *Model) nextPane(step int) paneID {
	panes := m.panesOf(m.screen)
	at := slices.Index(panes, m.focused())
	return panes[(at+step+len(panes))%len(panes)]
}

// show switches to a screen.
func (m *Model) show(s screen) {
	m.screen = s
	m.zoom = false
	m.arrange()
}

// has reports whether this viewer has a screen, and why not.
func (m *Model) has(s screen) (bool, string) {
	switch {
	case s == screenSetup && m.setup == nil:
		return false, "this viewer may not see the settings"
	case s == screenArtifacts && m.opts.Bundles == nil:
		return false, "no bundles are available to this viewer"
	case s == screenRuns && (m.opts.Bundles == nil || m.opts.Compare == nil):
		return false, "no earlier runs are available to this viewer"
	case s == screenDoctor && m.doctor == nil:
		return false, "the doctor checks settings, and this viewer has none"
	}
	return true, ""
}
