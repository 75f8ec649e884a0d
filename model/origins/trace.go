package origins

import (
	"slices"
	"strings"
)

// Side is where a node lies from the column that is followed.
type Side uint8

const (
	Start Side = iota // the node of the column
	Before
	After
)

// Mark says what of a node belongs to a column that is followed.
type Mark struct {
	Side    Side
	Columns []string // in the order of the node; none: of its table it is not known which
	// ByTable: the way here leads through a node whose origins are not known, so that
	// only the tables are certain.
	ByTable bool
}

// Trace is a column with all that it comes from and all that comes from it.
type Trace struct {
	Column
	Marks map[string]Mark    // by name of the node
	Edges map[[2]string]bool // from a node to a reader of it, by name
}

// Into are the columns that are known to be computed directly from one.
func (ns *Nodes) Into(c Column) []Column {
	i, ok := ns.at[strings.ToLower(c.Node)]
	if !ok {
		return nil
	}
	var out []Column
	next, known := ns.after(step{i, c.Name})
	for i, s := range next {
		if known[i] {
			out = append(out, Column{ns.list[s.node].Name, s.column})
		}
	}
	return out
}

// step is a column of a node; without a name it is the whole table.
type step struct {
	node   int
	column string
}

// Trace follows a column both ways: through its origins, and through the columns that
// are computed from it. Where origins are not known it goes on by table.
func (ns *Nodes) Trace(c Column) Trace {
	t := Trace{Column: c, Marks: map[string]Mark{}, Edges: map[[2]string]bool{}}
	start, ok := ns.at[strings.ToLower(c.Node)]
	if !ok {
		return t
	}
	t.Node = ns.list[start].Name
	for _, side := range []Side{Before, After} {
		ns.walk(&t, side, step{start, c.Name})
	}
	t.Marks[t.Node] = Mark{Side: Start, Columns: []string{c.Name}}
	for name, m := range t.Marks {
		slices.Sort(m.Columns)
		var out []string // as the node has and writes them, then others
		for _, c := range ns.ColumnsOf(name) {
			same := func(m string) bool { return strings.EqualFold(m, c) }
			if slices.ContainsFunc(m.Columns, same) {
				out, m.Columns = append(out, c), slices.DeleteFunc(m.Columns, same)
			}
		}
		m.Columns = append(out, m.Columns...)
		t.Marks[name] = m
	}
	return t
}

// walk goes one way. What is certain goes first: a step that was reached by columns is
// not taken again by table.
func (ns *Nodes) walk(t *Trace, side Side, start step) {
	seen := map[step]bool{}
	sure, guess := []step{start}, []step(nil)
	for len(sure)+len(guess) > 0 {
		var s step
		byTable := len(sure) == 0
		if byTable {
			s, guess = guess[0], guess[1:]
		} else {
			s, sure = sure[0], sure[1:]
		}
		key := step{s.node, strings.ToLower(s.column)}
		if seen[key] || byTable && seen[step{s.node, ""}] {
			continue
		}
		seen[key] = true
		if s != start {
			ns.mark(t, side, s, byTable)
		}
		next, known := ns.before(s)
		if side == After {
			next, known = ns.after(s)
		}
		for i, n := range next {
			edge := [2]string{ns.list[n.node].Name, ns.list[s.node].Name}
			if side == After {
				edge[0], edge[1] = edge[1], edge[0]
			}
			t.Edges[edge] = true
			if known[i] && !byTable {
				sure = append(sure, n)
			} else {
				guess = append(guess, n)
			}
		}
	}
}

func (ns *Nodes) mark(t *Trace, side Side, s step, byTable bool) {
	name := ns.list[s.node].Name
	m, was := t.Marks[name]
	if !was {
		m = Mark{Side: side, ByTable: byTable}
	}
	if !byTable {
		m.ByTable = false
	}
	if s.column != "" && !slices.ContainsFunc(m.Columns, func(c string) bool { return strings.EqualFold(c, s.column) }) {
		m.Columns = append(m.Columns, s.column)
	}
	t.Marks[name] = m
}

// before are the steps to what a column is computed from, and of each whether it is
// known to be.
func (ns *Nodes) before(s step) (next []step, known []bool) {
	n := &ns.list[s.node]
	found := false
	for _, o := range n.Origins {
		if s.column != "" && !strings.EqualFold(o.Column, s.column) {
			continue
		}
		found = true
		for _, text := range o.From {
			c := ns.Parse(text)
			if i, ok := ns.at[strings.ToLower(c.Node)]; ok {
				next, known = append(next, step{i, c.Name}), append(known, true)
			}
		}
	}
	if found || n.Origins != nil && s.column == "" {
		return next, known
	}
	for _, dep := range n.Deps {
		if i, ok := ns.at[strings.ToLower(dep)]; ok {
			next, known = append(next, step{i, ""}), append(known, false)
		}
	}
	return next, known
}

// after are the steps to what is computed from a column.
func (ns *Nodes) after(s step) (next []step, known []bool) {
	for _, r := range ns.readers[s.node] {
		if ns.list[r].Origins == nil {
			next, known = append(next, step{r, ""}), append(known, false)
			continue
		}
		for _, o := range ns.list[r].Origins {
			reads := func(text string) bool {
				c := ns.Parse(text)
				return c.Node == ns.list[s.node].Name && (s.column == "" || strings.EqualFold(c.Name, s.column))
			}
			if slices.ContainsFunc(o.From, reads) {
				next, known = append(next, step{r, o.Column}), append(known, true)
			}
		}
	}
	return next, known
}
