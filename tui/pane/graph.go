package pane

import (
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// GraphSource is what the graph reads of a run.
type GraphSource interface {
	TreeSource
	Detail(runview.RowID) (runview.Detail, bool)
	Graph(stamp uint64) (g runview.Graph, isNew bool)
}

var _ GraphSource = (*runview.DB)(nil)

// Graph draws the nodes of a run with what they read from: generations as columns.
// It has no selection of its own: it shows the node of the tree's selected row, and
// says with Target where the viewer has moved.
type Graph struct {
	box
	layout *graphLayout
	stamp  uint64

	at      int // index of the selected node; -1 when there is none
	target  runview.RowID
	left    int // first cell and line of the layout that show
	top     int
	rows    map[runview.RowID]runview.Row // of the nodes that show
	matches map[runview.RowID]bool        // nil without a filter
	hidden  int
	pending bool
	grid    grid
	full    int // lines of the inside; h are those of the drawing
	follow  lineage
}

// NewGraph gives an empty graph.
func NewGraph() *Graph { return &Graph{at: -1, layout: newGraphLayout(runview.Graph{})} }

// Clear forgets the run, for a new one.
func (g *Graph) Clear() {
	*g = Graph{box: box{g.w, g.full}, full: g.full, at: -1, layout: newGraphLayout(runview.Graph{})}
}

// Refresh reads what shows, with the node of a row selected. Nodes that the filter
// hides keep their place, without a state. Now is in unix nanoseconds.
func (g *Graph) Refresh(src GraphSource, sel runview.RowID, f runview.Filter, now int64) {
	if graph, isNew := src.Graph(g.stamp); isNew {
		g.layout, g.stamp, g.at = newGraphLayout(graph), graph.Stamp, -1
		g.follow.nodes = nil
	}
	if g.Following() {
		g.learn(src)
	}
	g.pending = false
	if f.Empty() {
		g.matches, g.hidden = nil, 0
	} else if w := src.Window(runview.Query{Filter: f, Flat: runview.FlatNodes, Height: len(g.layout.nodes), Now: now}); w.Pending {
		g.pending = true
	} else {
		g.matches, g.hidden = make(map[runview.RowID]bool, len(w.Rows)), w.Hidden
		for _, r := range w.Rows {
			g.matches[r.ID] = true
		}
	}
	before := g.at
	if id, ok := nodeOf(src, sel); ok {
		if at, ok := g.layout.index[id]; ok {
			g.at = at
		}
	}
	if g.at != before {
		g.reveal()
	}
	g.clamp()
	var ids []runview.RowID
	g.visible(func(s graphSlot, _ *graphColumn) {
		if !s.through {
			ids = append(ids, g.layout.nodes[s.node].ID)
		}
	})
	g.rows = make(map[runview.RowID]runview.Row, len(ids))
	for _, r := range src.Rows(ids) {
		g.rows[r.ID] = r
	}
}

// Pending reports whether the nodes that match are not known yet.
func (g *Graph) Pending() bool { return g.pending }

// reveal scrolls so that the selected node shows, with room for its edges.
func (g *Graph) reveal() {
	if g.at < 0 {
		return
	}
	n := &g.layout.nodes[g.at]
	c := &g.layout.columns[n.column]
	g.left = min(g.left, max(c.x-min(6, g.w/8), 0))
	g.left = max(g.left, c.x+c.w+min(6, g.w/8)-g.w)
	margin := min(2, g.h/4)
	g.top = min(g.top, max(2*n.slot-margin, 0))
	g.top = max(g.top, 2*n.slot+2+margin-g.h)
}

func (g *Graph) clamp() {
	g.left = max(0, min(g.left, g.layout.w-g.w))
	g.top = max(0, min(g.top, g.layout.h-g.h))
}

// SetSize gives the size of the inside.
func (g *Graph) SetSize(w, h int) {
	g.full = h
	if g.Following() {
		h = max(h-followLines, 0)
	}
	if w != g.w || h != g.h {
		g.box.SetSize(w, h)
		g.reveal()
		g.clamp()
	}
}

// Title names the pane.
func (g *Graph) Title() string { return "Graph" }

// Status tells which node is selected and what it is connected to.
func (g *Graph) Status() string {
	l := g.layout
	if len(l.nodes) == 0 {
		return ""
	}
	parts := []string{nodesCounted(len(l.nodes))}
	if g.at >= 0 {
		parts[0] = ui.Commas(int64(g.at+1)) + " of " + ui.Commas(int64(len(l.nodes)))
	}
	switch {
	case g.pending:
		parts = append(parts, "looking")
	case g.matches != nil:
		parts = append(parts, "hidden "+ui.Commas(int64(g.hidden)))
	}
	if g.at >= 0 {
		n := &l.nodes[g.at]
		parts = append(parts, "generation "+strconv.Itoa(n.column))
		if len(n.deps) > 0 {
			parts = append(parts, "reads "+g.names(n.deps))
		}
		if len(n.readers) > 0 {
			parts = append(parts, "read by "+g.names(n.readers))
		}
	}
	if l.cut {
		parts = append(parts, "only edges to the next column show")
	}
	return strings.Join(parts, ", ")
}

// names are those of some nodes, the first ones where there are many.
func (g *Graph) names(nodes []int) string {
	const most = 3
	var names []string
	for _, i := range nodes[:min(len(nodes), most)] {
		names = append(names, ui.Clean(g.layout.nodes[i].Name))
	}
	text := strings.Join(names, " ")
	if more := len(nodes) - most; more > 0 {
		text += " +" + strconv.Itoa(more)
	}
	return text
}
