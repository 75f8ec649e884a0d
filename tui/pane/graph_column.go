package pane

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/buildscope/buildscope/model/origins"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
	"github.com/buildscope/buildscope/tui/ui"
)

// lineage is a column that is followed through the graph.
type lineage struct {
	column origins.Column // as asked for; no name: none is followed
	known  map[runview.RowID]learned
	nodes  *origins.Nodes // made of known; nil when it is out of date
	trace  origins.Trace
}

// learned is what a row told of the columns of its node, and in which version.
type learned struct {
	version uint64
	node    origins.Node
}

// followLines are above the drawing while a column is followed.
const followLines = 3

// learn reads the columns of nodes that have ended since. A profile that was there is
// not read again: it is long, and there may be thousands.
func (g *Graph) learn(src GraphSource) {
	f := &g.follow
	var ids []runview.RowID
	for i := range g.layout.nodes {
		if id := g.layout.nodes[i].ID; f.known[id].node.Origins == nil {
			ids = append(ids, id)
		}
	}
	for _, row := range src.Rows(ids) {
		// before its end only the plan tells something of a node
		if was, ok := f.known[row.ID]; ok && (!row.State.Ended() || was.version == row.Version) {
			continue
		}
		if d, ok := src.Detail(row.ID); ok {
			f.known[row.ID], f.nodes = learned{row.Version, ofDetail(d)}, nil
		}
	}
	if f.nodes != nil {
		return
	}
	list := make([]origins.Node, 0, len(g.layout.nodes))
	for i := range g.layout.nodes {
		n := &g.layout.nodes[i]
		node := f.known[n.ID].node
		node.Name, node.Deps = n.Name, nil
		for _, dep := range n.deps {
			node.Deps = append(node.Deps, g.layout.nodes[dep].Name)
		}
		list = append(list, node)
	}
	f.nodes = origins.Of(list)
	if f.column.Name != "" {
		f.trace = f.nodes.Trace(f.column)
	}
}

// ofDetail is what the details of a node tell of its columns.
func ofDetail(d runview.Detail) origins.Node {
	var n origins.Node
	if d.Plan != nil {
		n.Tables = d.Plan.Outputs
	}
	for _, t := range d.Tables {
		for _, c := range t.Columns {
			n.Columns = append(n.Columns, n.InTable(t.Table, c.Name))
		}
	}
	if q := d.Query.Profile; q != nil {
		n.Origins, n.Unknown = q.Origins, q.NoOrigins
	}
	return n
}

// Columns are the columns of the selected node, each with what it is computed from, and
// which of them is followed, -1 for none. Of a node that is not known to have any, it
// says why.
func (g *Graph) Columns(src GraphSource) (names, from []string, at int, why string) {
	if g.at < 0 {
		return nil, nil, -1, "no node is selected"
	}
	if g.follow.known == nil {
		g.follow.known = make(map[runview.RowID]learned)
	}
	g.learn(src)
	n, at := &g.layout.nodes[g.at], -1
	for i, name := range g.follow.nodes.ColumnsOf(n.Name) {
		c := origins.Column{Node: n.Name, Name: name}
		if strings.EqualFold(name, g.follow.column.Name) && n.Name == g.follow.trace.Node {
			at = i
		}
		names, from = append(names, name), append(from, "")
		if list, known := g.follow.nodes.From(c); known {
			from[i] = columnList(list)
		}
	}
	if len(names) == 0 {
		why = "no columns are known of " + ui.Clean(n.Name) + " yet: they come from the text of a model, and from captured statistics"
	}
	return names, from, at, why
}

func columnList(list []origins.Column) string {
	var names []string
	for _, c := range list {
		names = append(names, c.String())
	}
	return cmp.Or(strings.Join(names, ", "), "no column")
}

// ColumnOf names a column of a table that the selected node makes as Columns does.
func (g *Graph) ColumnOf(table, column string) string {
	n, _ := g.follow.nodes.Node(g.layout.nodes[g.at].Name)
	return n.InTable(table, column)
}

// Follow marks what a column of the selected node comes from and what comes from it.
// Columns has been asked before.
func (g *Graph) Follow(column string) {
	g.follow.column = origins.Column{Node: g.layout.nodes[g.at].Name, Name: column}
	g.follow.trace = g.follow.nodes.Trace(g.follow.column)
	g.SetSize(g.w, g.full)
	g.reveal()
	g.clamp()
}

// Unfollow takes the marks away and reports whether there were any.
func (g *Graph) Unfollow() bool {
	was := g.Following()
	g.follow.column, g.follow.trace = origins.Column{}, origins.Trace{}
	g.SetSize(g.w, g.full)
	return was
}

// Following reports whether a column is followed.
func (g *Graph) Following() bool { return g.follow.column.Name != "" }

// NextMarked goes to the next (+1) or the previous (-1) node of the column that is
// followed, in the order of the plan and then around.
func (g *Graph) NextMarked(step int) {
	n := len(g.layout.nodes)
	for i := 1; i <= n && g.at >= 0; i++ {
		at := (g.at + step*i%n + n) % n
		if _, ok := g.mark(at); ok && g.shows(at) {
			g.goTo(at)
			return
		}
	}
}

// mark says what of a node belongs to the column that is followed.
func (g *Graph) mark(node int) (origins.Mark, bool) {
	m, ok := g.follow.trace.Marks[g.layout.nodes[node].Name]
	return m, ok
}

// near reports whether an edge is one to look at: of the column that is followed, else
// of the selected node.
func (g *Graph) near(from, to int) bool {
	if g.Following() {
		return g.follow.trace.Edges[[2]string{g.layout.nodes[from].Name, g.layout.nodes[to].Name}]
	}
	return from == g.at || to == g.at
}

// markText is the second line of a marked node.
func (g *Graph) markText(m origins.Mark, w int) string {
	if len(m.Columns) == 0 {
		return "by table"
	}
	text, used := "", 0
	for i, c := range m.Columns {
		more := ""
		if left := len(m.Columns) - i - 1; left > 0 {
			more = " +" + strconv.Itoa(left)
		}
		next := strings.TrimPrefix(text+" "+ui.Clean(c), " ")
		if ui.Width(next+more) > w && used > 0 {
			return text + " +" + strconv.Itoa(len(m.Columns)-i)
		}
		if used++; used == 1 {
			next = ui.Fit(next, min(ui.Width(next), max(w-len(more), 1)))
		}
		text = next
	}
	return text
}

// followHead says which column is followed, and what of the selected node belongs to it.
func (g *Graph) followHead(th *theme.Theme) []string {
	t := &g.follow.trace
	before, after := 0, 0
	for _, m := range t.Marks {
		switch m.Side {
		case origins.Before:
			before++
		case origins.After:
			after++
		}
	}
	first := ui.NewLine(g.w, 0).Gap(1).Add(th.Dim, "column ").Add(th.Accent, ui.Clean(t.Column.String()))
	first.Add(th.Dim, ": from "+nodesCounted(before)+", goes into "+nodesCounted(after))
	lines := []string{first.String()}
	if g.at >= 0 {
		name, text := g.hereText()
		for _, s := range ui.Wrap(ui.Clean(name+"  "+text), g.w-2) {
			lines = append(lines, ui.NewLine(g.w, 0).Gap(1).Text(s).String())
		}
	}
	for len(lines) < followLines {
		lines = append(lines, ui.Blank(g.w))
	}
	return lines
}

func nodesCounted(n int) string {
	switch n {
	case 0:
		return "no node"
	case 1:
		return "1 node"
	}
	return ui.Commas(int64(n)) + " nodes"
}

// hereText says what of the selected node belongs to the column that is followed.
func (g *Graph) hereText() (name, text string) {
	f := &g.follow
	name = g.layout.nodes[g.at].Name
	m, ok := g.mark(g.at)
	node, _ := f.nodes.Node(name)
	switch {
	case !ok:
		return name, "has no part in it"
	case len(m.Columns) == 0 && node.Unknown != "":
		return name, "by table; which columns is not known: " + node.Unknown
	case len(m.Columns) == 0:
		return name, "by table: which columns is not known"
	case m.Side == origins.Start:
		sources := f.nodes.Sources(f.column)
		from, known := f.nodes.From(f.column)
		switch {
		case !known && len(node.Deps) == 0:
			return name, "reads no node: this is where the column begins"
		case !known:
			return name, "which columns it comes from is not known" + reason(node)
		case len(from) == 0:
			return name, "is computed from no column"
		}
		text = "from " + columnList(from)
		if end := strings.Join(sources, ", "); end != columnList(from) {
			text += "; in the end from " + end
		}
		return name, text
	}
	text = strings.Join(m.Columns, ", ")
	if m.ByTable {
		text = "perhaps " + text
	}
	return name, text
}

func reason(n origins.Node) string {
	if n.Unknown == "" {
		return ""
	}
	return ": " + n.Unknown
}
