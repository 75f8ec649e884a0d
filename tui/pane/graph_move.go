package pane

import "github.com/buildscope/buildscope/otel/runview"

// Target is the node that the viewer has moved to since the last call; 0 when there
// was no move.
func (g *Graph) Target() runview.RowID {
	id := g.target
	g.target = 0
	return id
}

// Move goes up or down by a number of nodes within the column; by Far to the last
// node of the plan, by -Far to the first.
func (g *Graph) Move(n int) {
	if g.at < 0 || n <= -Far || n >= Far {
		g.end(n >= Far)
		return
	}
	column := g.reachable(g.layout.nodes[g.at].column)
	for i, node := range column {
		if node == g.at {
			g.goTo(column[max(0, min(i+n, len(column)-1))])
			return
		}
	}
	g.goTo(g.nearest(column))
}

// ClickAt selects the node at a cell of the window, if there is one.
func (g *Graph) ClickAt(x, line int) {
	hit := -1
	line -= g.full - g.h
	g.visible(func(s graphSlot, c *graphColumn) {
		in := x+g.left >= c.x && x+g.left < c.x+c.w && (line+g.top)/2 == s.at
		if in && !s.through && g.shows(s.node) {
			hit = s.node
		}
	})
	if hit >= 0 {
		g.goTo(hit)
	}
}

// Side goes along an edge: to a node that the selected one reads from (-1), or
// that reads from it (+1). The one at the nearest height comes first. Without an
// edge it goes to the nearest node of the next column that has any. Edges of a column
// that is followed come before others.
func (g *Graph) Side(step int) {
	if g.at < 0 {
		g.end(false)
		return
	}
	n := &g.layout.nodes[g.at]
	ends := n.readers
	if step < 0 {
		ends = n.deps
	}
	var found, followed []int
	for _, i := range ends {
		if !g.shows(i) {
			continue
		}
		found = append(found, i)
		if g.Following() && (g.near(g.at, i) || g.near(i, g.at)) {
			followed = append(followed, i)
		}
	}
	if len(followed) > 0 {
		found = followed
	}
	for c := n.column + step; len(found) == 0 && c >= 0 && c < len(g.layout.columns); c += step {
		found = g.reachable(c)
	}
	g.goTo(g.nearest(found))
}

// end goes to the first or the last node of the plan that shows.
func (g *Graph) end(last bool) {
	at := -1
	for i := range g.layout.nodes {
		if g.shows(i) && (at < 0 || last) {
			at = i
		}
	}
	g.goTo(at)
}

// shows reports whether the filter leaves a node.
func (g *Graph) shows(node int) bool {
	return g.matches == nil || g.matches[g.layout.nodes[node].ID]
}

// reachable are the nodes of a column, from the top.
func (g *Graph) reachable(column int) (nodes []int) {
	for _, s := range g.layout.columns[column].slots {
		if !s.through && g.shows(s.node) {
			nodes = append(nodes, s.node)
		}
	}
	return nodes
}

// nearest is the node whose height is nearest to that of the selected one, -1 of
// none. Of two that are as near, the one on the critical path wins, then the first.
func (g *Graph) nearest(nodes []int) int {
	best, least := -1, 0
	for _, i := range nodes {
		away := 2 * max(g.layout.nodes[i].slot-g.layout.nodes[g.at].slot, g.layout.nodes[g.at].slot-g.layout.nodes[i].slot)
		if !g.layout.nodes[i].Critical {
			away++
		}
		if best < 0 || away < least {
			best, least = i, away
		}
	}
	return best
}

func (g *Graph) goTo(node int) {
	if node >= 0 && node != g.at {
		g.at, g.target = node, g.layout.nodes[node].ID
		g.reveal()
		g.clamp()
	}
}
