package pane

import (
	"slices"
	"sort"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// grid are the edges in the part of the layout that shows, cell by cell.
type grid struct {
	w, h      int
	left, top int
	edges     []uint8 // theme.Edge bits; EdgeJoin where a net that goes on has a reader
	heavy     []uint8 // those of them on the critical path
	near      []bool  // an edge of the selected node, or of the column that is followed
}

func (d *grid) reset(g *Graph) {
	d.w, d.h, d.left, d.top = g.w, g.h, g.left, g.top
	n := d.w * d.h
	if cap(d.edges) < n {
		d.edges, d.heavy, d.near = make([]uint8, n), make([]uint8, n), make([]bool, n)
	}
	d.edges, d.heavy, d.near = d.edges[:n], d.heavy[:n], d.near[:n]
	clear(d.edges)
	clear(d.heavy)
	clear(d.near)
}

// put adds sides to a cell of the layout.
func (d *grid) put(x, y int, bits uint8, heavy, near bool) {
	x, y = x-d.left, y-d.top
	if x < 0 || y < 0 || x >= d.w || y >= d.h {
		return
	}
	i := y*d.w + x
	d.edges[i] |= bits
	if heavy {
		d.heavy[i] |= bits
	}
	d.near[i] = d.near[i] || near
}

// across draws a line from one cell to another, both included, with open ends.
func (d *grid) across(x, to, y int, heavy, near bool) {
	if y < d.top || y >= d.top+d.h {
		return
	}
	for x, to = max(x, d.left), min(to, d.left+d.w-1); x <= to; x++ {
		d.put(x, y, theme.EdgeLeft|theme.EdgeRight, heavy, near)
	}
}

// down draws a line from one cell to one below; the ends are open towards the line
// only.
func (d *grid) down(x, y, to int, heavy, near bool) {
	if y == to || x < d.left || x >= d.left+d.w {
		return
	}
	d.put(x, y, theme.EdgeDown, heavy, near)
	d.put(x, to, theme.EdgeUp, heavy, near)
	for at := max(y+1, d.top); at < min(to, d.top+d.h); at++ {
		d.put(x, at, theme.EdgeUp|theme.EdgeDown, heavy, near)
	}
}

// visible calls f for all slots that show, column by column from the top.
func (g *Graph) visible(f func(graphSlot, *graphColumn)) {
	for i := g.firstColumn(); i < len(g.layout.columns) && g.layout.columns[i].x < g.left+g.w; i++ {
		c := &g.layout.columns[i]
		from := sort.Search(len(c.slots), func(k int) bool { return 2*c.slots[k].at+1 >= g.top })
		for _, s := range c.slots[from:] {
			if 2*s.at >= g.top+g.h {
				break
			}
			f(s, c)
		}
	}
}

// firstColumn is the first one of which something shows, its gutter included.
func (g *Graph) firstColumn() int {
	l := g.layout
	return sort.Search(len(l.columns), func(k int) bool { return l.columns[k].x+l.columns[k].w+l.columns[k].gutter > g.left })
}

// Lines draws the part of the layout that shows.
func (g *Graph) Lines(k Look) []string {
	if len(g.layout.nodes) == 0 {
		return g.note(k.Theme.Dim, "No nodes are known yet.")
	}
	g.drawEdges()
	boxes := make([][]nodeLine, g.h)
	g.visible(func(s graphSlot, c *graphColumn) {
		if s.through || c.x+c.w <= g.left { // only its gutter shows
			return
		}
		for line := range 2 {
			if y := 2*s.at + line - g.top; y >= 0 && y < g.h {
				boxes[y] = append(boxes[y], nodeLine{x: c.x - g.left, w: c.w, node: s.node, second: line == 1})
			}
		}
	})
	lines := make([]string, 0, g.full)
	if g.Following() {
		lines = append(lines, g.followHead(k.Theme)[:min(followLines, g.full)]...)
	}
	for y := range g.h {
		lines = append(lines, g.line(k, y, boxes[y]))
	}
	return lines
}

// nodeLine is one of the two lines of a node.
type nodeLine struct {
	x, w   int // cells; x is in the window, and may be left of it
	node   int
	second bool
}

// drawEdges draws the nets of all gutters that show, and the lines that pass columns.
func (g *Graph) drawEdges() {
	d := &g.grid
	d.reset(g)
	l := g.layout
	for i := g.firstColumn(); i < len(l.columns) && l.columns[i].x < g.left+g.w; i++ {
		c := &l.columns[i]
		for j := range c.nets {
			if top, bottom := c.nets[j].lines(); top < g.top+g.h && bottom >= g.top {
				g.drawNet(i, &c.nets[j])
			}
		}
	}
	g.visible(func(s graphSlot, c *graphColumn) {
		if s.through { // one cell along, one line down, and along the rest
			heavy, near := g.heavyThrough(s, c), g.nearThrough(s.node, c)
			d.put(c.x, 2*s.at, theme.EdgeLeft|theme.EdgeDown, heavy, near)
			d.put(c.x, 2*s.at+1, theme.EdgeUp|theme.EdgeRight, heavy, near)
			d.across(c.x+1, c.x+c.w-1, 2*s.at+1, heavy, near)
		}
	})
}

// drawNet draws what leads from a column to the next. An edge to look at is drawn as
// such on all of its way.
func (g *Graph) drawNet(column int, n *net) {
	d, c := &g.grid, &g.layout.columns[column]
	x, end := c.x+c.w+1+n.channel, c.x+c.w+c.gutter-1
	into := g.nearSlots(column+1, n.node)
	out, heavy, near := 2*n.from+1, n.heavy >= 0, len(into) > 0
	d.across(c.x+c.w, x-1, out, heavy, near)
	d.put(x, out, theme.EdgeLeft, heavy, near)
	for _, to := range n.to {
		line, heavy, near := 2*to, to == n.heavy, slices.Contains(into, to)
		d.down(x, min(out, line), max(out, line), heavy, near)
		d.put(x, line, theme.EdgeRight|theme.EdgeJoin, heavy, near)
		d.across(x+1, end, line, heavy, near)
	}
}

// nearSlots are the slots of a column to which edges lead that are to be looked at, from
// a node further left.
func (g *Graph) nearSlots(column, node int) (slots []int) {
	l := g.layout
	further := false
	for _, r := range l.nodes[node].readers {
		switch {
		case !g.near(node, r) || l.nodes[r].column < column:
		case l.nodes[r].column == column:
			slots = append(slots, l.nodes[r].slot)
		default:
			further = true
		}
	}
	if further {
		for _, s := range l.columns[column].slots {
			if s.through && s.node == node {
				slots = append(slots, s.at)
			}
		}
	}
	return slots
}

// nearThrough reports whether an edge to look at passes a column.
func (g *Graph) nearThrough(node int, c *graphColumn) bool {
	return slices.ContainsFunc(g.layout.nodes[node].readers, func(r int) bool {
		return g.near(node, r) && g.layout.columns[g.layout.nodes[r].column].x > c.x
	})
}

// heavyThrough reports whether a passing line is on the critical path here.
func (g *Graph) heavyThrough(s graphSlot, c *graphColumn) bool {
	for i := range c.nets {
		if n := &c.nets[i]; n.node == s.node && n.from == s.at {
			return n.heavy >= 0
		}
	}
	return false
}

// line draws one line: the nodes in it, and the edges between them.
func (g *Graph) line(k Look, y int, boxes []nodeLine) string {
	line := ui.NewLine(g.w, 0)
	for x := 0; x < g.w; {
		if len(boxes) > 0 && boxes[0].x <= x {
			b := boxes[0]
			boxes = boxes[1:]
			cut := x - b.x // cells to the left of the window
			text := g.node(k, b)
			if cut > 0 || b.w > g.w-x {
				text = ui.Window(text, cut, min(b.w-cut, g.w-x))
			}
			line.Raw(text, min(b.w-cut, g.w-x))
			x = b.x + b.w
			continue
		}
		end := g.w
		if len(boxes) > 0 {
			end = min(end, boxes[0].x)
		}
		g.edges(k.Theme, line, x, end, y)
		x = end
	}
	return line.String()
}

// edges writes cells of the grid, in as few pieces as there are colours.
func (g *Graph) edges(th *theme.Theme, line *ui.Line, from, to, y int) {
	d, gl := &g.grid, &th.Glyphs
	for x := from; x < to; {
		var b strings.Builder
		first := y*d.w + x
		heavy, near := d.heavy[first] != 0, d.near[first]
		for ; x < to; x++ {
			i := y*d.w + x
			if (d.heavy[i] != 0) != heavy || d.near[i] != near {
				break
			}
			b.WriteString(edgeGlyph(gl, d.edges[i], d.heavy[i]))
		}
		paint := th.Border
		switch {
		case near:
			paint = th.Accent
		case heavy:
			paint = th.Text
		}
		line.Add(paint, b.String())
	}
}

func edgeGlyph(gl *theme.Glyphs, edges, heavy uint8) string {
	const across, down = theme.EdgeLeft | theme.EdgeRight, theme.EdgeUp | theme.EdgeDown
	if edges == across|down|theme.EdgeJoin {
		return gl.Join
	}
	edges, heavy = edges&(across|down), heavy&(across|down)
	switch {
	case heavy == 0:
		return gl.Edges[edges]
	case edges == across|down && heavy == across:
		return gl.HeavyAcross
	case edges == across|down && heavy == down:
		return gl.HeavyDown
	}
	return gl.HeavyEdges[edges]
}

// node draws one of the two lines of a node.
func (g *Graph) node(k Look, b nodeLine) string {
	th, n := k.Theme, &g.layout.nodes[b.node]
	gl := &th.Glyphs
	row := g.rows[n.ID]
	shows, selected := g.shows(b.node), b.node == g.at
	mark, marked := g.mark(b.node)
	line := ui.NewLine(b.w, 0)
	if selected {
		line.Over(k.selected())
	}
	if b.second {
		text, paint := "", th.Dim
		switch {
		case marked:
			text, paint = g.markText(mark, b.w-boxRoom), th.Accent
			if mark.ByTable {
				paint = th.Warn
			}
		case g.Following():
		case shows:
			text = g.about(k, b.node)
			if row.State == model.NodeFailed {
				paint = th.Bad
			}
		}
		line.Text(k.marker(selected)).Gap(3) // below the name
		if line.Add(paint, text); text != "" {
			line.Gap(1)
		}
		if len(n.readers) > 0 && !(g.layout.cut && !g.readNext(n)) {
			g.out(th, line, b.node)
		}
		return line.String()
	}
	switch {
	case selected:
		line.Text(gl.Marker)
	case len(n.deps) > 0:
		heavy := g.layout.critical(b.node) >= 0
		glyphs, paint := &gl.Edges, th.Border
		if heavy {
			glyphs, paint = &gl.HeavyEdges, th.Text
		}
		if slices.ContainsFunc(n.deps, func(d int) bool { return g.near(d, b.node) }) {
			paint = th.Accent
		}
		line.Add(paint, glyphs[theme.EdgeRight])
	default:
		line.Gap(1)
	}
	line.Gap(1)
	paint := th.Text
	switch {
	case marked:
		paint = th.Strong
	case !shows || g.Following() || row.State == model.NodePending || row.State == model.NodeBlocked:
		paint = th.Dim
	case row.State == model.NodeFailed:
		paint = th.Bad
	}
	if shows {
		line.Add(th.State(row.State), gl.State(row.State))
	} else {
		line.Add(th.Dim, gl.Dot)
	}
	name := ui.Clean(n.Name)
	if ui.Width(name) > b.w-boxRoom {
		name = ui.Fit(name, b.w-boxRoom)
	}
	line.Gap(1).Add(paint, name)
	if n.Critical {
		line.Gap(1).Add(th.Dim, gl.Critical)
	}
	return line.String()
}

// readNext reports whether something in the next column reads a node.
func (g *Graph) readNext(n *graphNode) bool {
	return slices.ContainsFunc(n.readers, func(r int) bool { return g.layout.nodes[r].column == n.column+1 })
}

// out draws the line from a node to the end of its column.
func (g *Graph) out(th *theme.Theme, line *ui.Line, node int) {
	readers := g.layout.nodes[node].readers
	heavy := slices.ContainsFunc(readers, func(r int) bool { return g.layout.critical(r) == node })
	glyphs, paint := &th.Glyphs.Edges, th.Border
	if heavy {
		glyphs, paint = &th.Glyphs.HeavyEdges, th.Text
	}
	if slices.ContainsFunc(readers, func(r int) bool { return g.near(node, r) }) {
		paint = th.Accent
	}
	line.Add(paint, strings.Repeat(glyphs[theme.EdgeRight], line.Left()))
}

// about is the second line of a node: state where it is not a plain success, time,
// rows.
func (g *Graph) about(k Look, node int) string {
	row, ok := g.rows[g.layout.nodes[node].ID]
	if !ok {
		return ""
	}
	var parts []string
	if row.State != model.NodeSucceeded && row.State != model.NodeRunning {
		parts = append(parts, StateWord(row.State))
	}
	if t := rowTime(&row, k.Now.UnixNano()); t != "" {
		parts = append(parts, t)
	}
	switch {
	case row.State == model.NodeRunning && row.Progress.Total > 0:
		parts = append(parts, ui.Percent(row.Progress.Done, row.Progress.Total))
	case rowRows(&row) != "":
		parts = append(parts, rowRows(&row))
	}
	return strings.Join(parts, " ")
}
