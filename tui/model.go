package tui

import (
	"context"
	"time"

	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// Model is the program of one viewer. Size, environment, colours and background
// of the terminal come by messages, so that the same model runs in a local
// terminal, over SSH and in tests.
type Model struct {
	opts   Options
	base   context.Context // outlives the program: builds run in it
	ctx    context.Context // ends with the program: every Cmd watches it
	cancel context.CancelFunc
	clock  func() time.Time

	w, h   int
	look   look
	theme  *theme.Theme
	screen screen
	focus  [screenCount]paneID
	zoom   bool
	places []placed
	panes  [paneCount]pane.Pane
	frames [paneCount]ui.Frame

	setup   *pane.Setup // nil when this viewer has no settings
	rows    paneID      // the view of the run's rows: one of rowPanes
	tree    *pane.Tree
	graph   *pane.Graph
	detail  *pane.Detail
	logs    *pane.Logs
	why     *pane.Why
	items   *pane.Artifacts
	json    *pane.JSONTree
	report  *pane.Text
	table   *pane.Table
	stats   *pane.Statistics
	runs    *pane.Runs
	diff    *pane.Text
	doctor  *pane.Doctor // nil when this viewer has no settings to examine
	finding *pane.DoctorDetail

	changes *pane.Changes

	live    live
	trial   trial
	newer   newer
	shelf   shelf
	past    past
	console console
	recall  recall
	people  people
	exam    examined
	line    lineState
	repo    repo
	result  Result
	quitAsk bool // ctrl+c was pressed once while a build ran
	leaving bool // the program ends as soon as the build has

	commands []Command
	overlays []overlay
	prompt   *prompt
	toast    toast

	dirty bool
	view  tea.View
}

// NewModel makes the program of one viewer. Cmds that it starts end with ctx or
// when the program quits; builds that it launches get ctx itself.
func NewModel(ctx context.Context, opts Options) *Model {
	m := &Model{
		opts: opts, base: ctx, clock: opts.Clock,
		rows: paneTree, tree: pane.NewTree(), graph: pane.NewGraph(), logs: pane.NewLogs(), why: pane.NewWhy(), items: pane.NewArtifacts(), json: pane.NewJSONTree(),
		report: pane.NewText("Reading the report."), table: pane.NewTable(), stats: pane.NewStatistics(),
		runs: pane.NewRuns(), diff: pane.NewText("Comparing."), changes: pane.NewChanges(),
		dirty: true,
	}
	if m.clock == nil {
		m.clock = time.Now
	}
	m.ctx, m.cancel = context.WithCancel(ctx)
	m.detail = pane.NewDetail(m.logs)
	m.panes = [paneCount]pane.Pane{
		paneTree: m.tree, paneDetail: m.detail, paneLogs: m.logs, paneWhy: m.why, paneItems: m.items, paneJSON: m.json,
		paneReport: m.report, paneTable: m.table, paneStats: m.stats,
		paneRuns: m.runs, paneDiff: m.diff, paneChanges: m.changes,
		paneWaterfall: m.tree, paneGrid: m.tree, paneGraph: m.graph,
	}
	m.focus = [screenCount]paneID{paneSettings, paneTree, paneItems, paneRuns, paneChecks}
	m.screen = screenRun
	if opts.Settings != nil {
		m.setup = pane.NewSetup(opts.Settings)
		m.panes[paneSettings], m.panes[paneHelp] = m.setup, pane.NewSetupHelp(m.setup)
		m.screen = screenSetup
		m.beginRepo()
	}
	if opts.Doctor != nil && opts.Settings != nil {
		m.doctor = pane.NewDoctor(opts.Doctor.Checks)
		m.finding = pane.NewDoctorDetail(m.doctor)
		m.panes[paneChecks], m.panes[paneFinding] = m.doctor, m.finding
	}
	m.items.SetEmpty("Looking for runs.")
	m.commands = commandsFor(&opts)
	m.look = look{environ: opts.Environ, color: opts.Color}
	m.restyle()
	if opts.Run != nil {
		m.attach(opts.Run)
		m.screen = screenRun
	}
	return m
}

var _ tea.Model = (*Model)(nil)

// Init asks for the terminal's background and starts to watch the run, if
// there is one.
func (m *Model) Init() tea.Cmd {
	return tea.Batch(tea.RequestBackgroundColor, m.watch(), m.listBundles(), m.followRuns(), m.loadHistory(), m.hear())
}

// Result says what became of the program; it is complete once it has quit.
func (m *Model) Result() Result {
	m.result.Run = m.live.run
	return m.result
}

// running reports whether the run on the screen is still going on.
func (m *Model) running() bool { return m.live.run != nil && !m.live.done }

// paneLook is the look for one pane: the pane's rows stand still while updates
// are held back.
func (m *Model) paneLook(id paneID) pane.Look {
	now := m.live.now
	if m.live.paused {
		now = m.live.pausedAt
	}
	return pane.Look{Theme: m.theme, Focused: id == m.focused() && len(m.overlays) == 0, Now: now}
}
