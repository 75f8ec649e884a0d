package tui

import (
	tea "charm.land/bubbletea/v2"

	"github.com/buildscope/buildscope/tui/pane"
)

// rowPanes are the views of the rows of a run, one of which shows at a time. All but
// the graph are the same pane, so that selection, folds and filter are the same.
var rowPanes = []paneID{paneTree, paneWaterfall, paneGraph, paneGrid}

// onRows is whatever view of the rows has the keys.
var onRows = in(rowPanes...)

// viewCommands switch between the views of the rows, and act in one of them.
func viewCommands() []Command {
	show := func(id paneID) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd { m.showRows(id); return nil }
	}
	zoom := func(f func(*pane.Tree) bool, none string) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			if !f(m.tree) {
				return m.say(none)
			}
			m.refresh()
			return nil
		}
	}
	sort := func(step int) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			name := m.tree.SortBy(step)
			m.refresh()
			return m.say("sorted by " + name)
		}
	}
	return []Command{
		{ID: "view.next", Title: "next view: tree, waterfall, graph, table", Short: "view", Keys: []string{"t"}, In: onRows | in(paneDetail, paneLogs), Run: (*Model).nextRows},
		{ID: "view.tree", Title: "view the nodes as a tree", In: onRun, Run: show(paneTree)},
		{ID: "view.waterfall", Title: "view the nodes as a waterfall: bars on an axis of time", In: onRun, Run: show(paneWaterfall)},
		{ID: "view.graph", Title: "view the nodes as a graph (DAG): generations, edges, the critical path", In: onRun, Run: show(paneGraph)},
		{ID: "view.table", Title: "view the nodes as a table, sorted by any column", In: onRun, Run: show(paneGrid)},
		{ID: "waterfall.in", Title: "zoom in on the selected row", Short: "zoom in", Keys: []string{"+", "="}, In: in(paneWaterfall), Enabled: hasRun,
			Run: zoom(func(t *pane.Tree) bool { return t.Zoom(1) }, "this is as close as it gets")},
		{ID: "waterfall.out", Title: "zoom out", Short: "out", Keys: []string{"-"}, In: in(paneWaterfall), Enabled: hasRun,
			Run: zoom(func(t *pane.Tree) bool { return t.Zoom(-1) }, "this is the whole run")},
		{ID: "waterfall.row", Title: "zoom to the time of the selected row", Keys: []string{"."}, In: in(paneWaterfall), Enabled: hasRun,
			Run: zoom((*pane.Tree).ZoomRow, "the row has not started")},
		{ID: "waterfall.all", Title: "the time of the whole run", Keys: []string{"0"}, In: in(paneWaterfall), Enabled: hasRun,
			Run: zoom((*pane.Tree).ZoomOut, "this is the whole run")},
		{ID: "waterfall.before", Title: "earlier times", Keys: []string{"<", ","}, In: in(paneWaterfall), Enabled: hasRun,
			Run: zoom(func(t *pane.Tree) bool { return t.Pan(-1) }, "there is nothing earlier")},
		{ID: "waterfall.after", Title: "later times", Keys: []string{">"}, In: in(paneWaterfall), Enabled: hasRun,
			Run: zoom(func(t *pane.Tree) bool { return t.Pan(1) }, "there is nothing later")},
		{ID: "table.sort", Title: "sort by the next column", Short: "sort", Keys: []string{"s", ">"}, In: in(paneGrid), Enabled: hasRun, Run: sort(1)},
		{ID: "table.sortback", Title: "sort by the column before", Keys: []string{"<"}, In: in(paneGrid), Enabled: hasRun, Run: sort(-1)},
		{ID: "table.turn", Title: "sort the other way round", Short: "turn", Keys: []string{"d"}, In: in(paneGrid), Enabled: hasRun,
			Run: func(m *Model) tea.Cmd {
				how := m.tree.TurnSort()
				m.refresh()
				return m.say(how)
			}},
		{ID: "table.all", Title: "spans beside the nodes, or nodes alone", Short: "spans", Keys: []string{"a"}, In: in(paneGrid), Enabled: hasRun,
			Run: func(m *Model) tea.Cmd {
				all := m.tree.ToggleAll(m.live.db)
				m.refresh()
				if all {
					return m.say("nodes and spans")
				}
				return m.say("nodes alone")
			}},
	}
}

// columnCommands follow a column through the graph.
func columnCommands() []Command {
	following := func(m *Model) (bool, string) {
		return m.graph.Following(), "no column is followed; L chooses one"
	}
	return []Command{
		{ID: "column", Title: "follow a column of the node through the graph: where it comes from, and what is made of it", Short: "column", Keys: []string{"L"},
			In: in(paneGraph), Enabled: hasRun,
			Run: (*Model).chooseColumn, Arg: &Argument{Name: "NAME", Complete: completeColumn, Do: followColumn}},
		{ID: "column.graph", Title: "follow the column of the statistics through the graph", Keys: []string{"L"}, In: in(paneDetail),
			Enabled: func(m *Model) (bool, string) {
				_, _, ok := m.detail.Stats().Current()
				return ok && m.detail.ShowsColumns(), "the tab Stats has no column"
			},
			Run: (*Model).followSelected},
		{ID: "column.node", Title: "next node of the column that is followed", Short: "next", Keys: []string{"n"}, In: in(paneGraph), Enabled: following,
			Hint: func(m *Model) (string, int) { return "", wanted(m.graph.Following(), 2) },
			Run:  func(m *Model) tea.Cmd { m.graph.NextMarked(1); m.movedGraph(); return nil }},
		{ID: "column.nodeback", Title: "node before of the column that is followed", Keys: []string{"N"}, In: in(paneGraph), Enabled: following,
			Run: func(m *Model) tea.Cmd { m.graph.NextMarked(-1); m.movedGraph(); return nil }},
		{ID: "column.next", Title: "follow the next column of the node", Keys: []string{">", "."}, In: in(paneGraph), Enabled: following,
			Run: func(m *Model) tea.Cmd { return m.nextColumn(1) }},
		{ID: "column.previous", Title: "follow the column before", Keys: []string{"<", ","}, In: in(paneGraph), Enabled: following,
			Run: func(m *Model) tea.Cmd { return m.nextColumn(-1) }},
	}
}

// nextRows shows the next view.
func (m *Model) nextRows() tea.Cmd {
	for i, id := range rowPanes {
		if id == m.rows {
			m.showRows(rowPanes[(i+1)%len(rowPanes)])
			break
		}
	}
	return nil
}

// showRows switches to another view of the rows, and gives it the keys: who changes
// the view wants to look there.
func (m *Model) showRows(id paneID) {
	m.rows, m.focus[screenRun] = id, id
	views := map[paneID]pane.View{paneWaterfall: pane.ViewWaterfall, paneGrid: pane.ViewTable}
	m.tree.SetView(views[id])
	m.arrange()
	m.refresh()
	m.dirty = true
}

// refreshGraph brings the graph up to date, where it shows.
func (m *Model) refreshGraph() {
	if m.rows != paneGraph || m.live.db == nil {
		return
	}
	row, _ := m.tree.Selected()
	m.graph.Refresh(m.live.db, row.ID, m.tree.Filter(), m.live.now.UnixNano())
}

// movedGraph selects the node that the viewer went to.
func (m *Model) movedGraph() {
	if id := m.graph.Target(); id != 0 && m.live.db != nil {
		m.tree.Reveal(m.live.db, id)
		m.tree.Refresh(m.live.db, m.live.now.UnixNano())
	}
	m.follow()
}
