// Package origins follows columns through the nodes of a run, by what the engine's
// profile of each node says of its columns. Names are compared as SQL does, without
// regard to case.
package origins

import (
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// Node is what is known of a node and its columns.
type Node struct {
	Name    string
	Deps    []string       // nodes that it reads
	Tables  []string       // that it makes; none: one of its name
	Columns []string       // as far as they are known otherwise than by Origins; named as by InTable
	Origins []model.Origin // nil: it is not known what its columns are computed from
	Unknown string         // why not, "" where nothing tells
}

// Column is a column of a node, or of a table that no node makes.
type Column struct{ Node, Name string }

// String is how origins write a column.
func (c Column) String() string { return c.Node + "." + c.Name }

func (c Column) key() Column { return Column{strings.ToLower(c.Node), strings.ToLower(c.Name)} }

// InTable is the name of a column among those of the node: with its table in front where
// the node makes several.
func (n *Node) InTable(table, column string) string {
	if len(n.Tables) <= 1 {
		return column
	}
	return table + "." + column
}

// Nodes are the nodes of a run.
type Nodes struct {
	list    []Node
	at      map[string]int   // by name in lower case
	tables  map[string]table // by name in lower case
	from    []map[string]int // of each node, its Origins by column in lower case
	readers [][]int
}

// table is a table with the node that makes it.
type table struct {
	name string
	node int
}

// Of makes the nodes of a run ready to be asked.
func Of(list []Node) *Nodes {
	ns := &Nodes{list: list, at: make(map[string]int, len(list)), tables: make(map[string]table, len(list)),
		from: make([]map[string]int, len(list)), readers: make([][]int, len(list))}
	for i, n := range list {
		ns.at[strings.ToLower(n.Name)] = i
		for _, name := range n.Tables {
			ns.tables[strings.ToLower(name)] = table{name, i}
		}
		if len(n.Tables) == 0 {
			ns.tables[strings.ToLower(n.Name)] = table{n.Name, i}
		}
		if n.Origins == nil {
			continue
		}
		ns.from[i] = make(map[string]int, len(n.Origins))
		for j, o := range n.Origins {
			ns.from[i][strings.ToLower(o.Column)] = j
		}
	}
	for i, n := range list {
		for _, dep := range n.Deps {
			if d, ok := ns.at[strings.ToLower(dep)]; ok {
				ns.readers[d] = append(ns.readers[d], i)
			}
		}
	}
	return ns
}

// OfRun makes them of the plan of a run and its queries; without the plan, the nodes are
// those with a query.
func OfRun(plan []model.PlanNode, queries []model.NodeQuery) *Nodes {
	list := make([]Node, 0, max(len(plan), len(queries)))
	at := make(map[string]int, len(plan))
	for _, n := range plan {
		at[n.Name] = len(list)
		list = append(list, Node{Name: n.Name, Deps: n.Deps, Tables: n.Outputs})
	}
	for _, q := range queries {
		i, ok := at[q.Node]
		if !ok {
			i = len(list)
			list = append(list, Node{Name: q.Node})
		}
		list[i].Origins, list[i].Unknown = q.Profile.Origins, q.Profile.NoOrigins
	}
	return Of(list)
}

// Node gives the node of a name.
func (ns *Nodes) Node(name string) (Node, bool) {
	i, ok := ns.at[strings.ToLower(name)]
	if !ok {
		return Node{}, false
	}
	return ns.list[i], true
}

// From are the columns that one is directly computed from; false when that is not known.
func (ns *Nodes) From(c Column) (from []Column, known bool) {
	i, ok := ns.at[strings.ToLower(c.Node)]
	if !ok {
		return nil, false
	}
	j, ok := ns.from[i][strings.ToLower(c.Name)]
	if !ok {
		return nil, false
	}
	for _, text := range ns.list[i].Origins[j].From {
		from = append(from, ns.Parse(text))
	}
	return from, true
}

// Parse reads "table.column". Both may have dots: the longest name of a table that a
// node makes counts, and of other tables what is before the last dot.
func (ns *Nodes) Parse(text string) Column {
	last := max(strings.LastIndexByte(text, '.'), 0)
	for at := last; at > 0; at = strings.LastIndexByte(text[:at], '.') {
		if t, ok := ns.tables[strings.ToLower(text[:at])]; ok {
			n := &ns.list[t.node]
			return Column{n.Name, n.InTable(t.name, text[at+1:])}
		}
	}
	return Column{text[:last], strings.TrimPrefix(text[last:], ".")}
}

// ColumnsOf are the columns of a node: those of its text or its table in their order,
// else those that others are known to read, sorted.
func (ns *Nodes) ColumnsOf(name string) []string {
	n, ok := ns.Node(name)
	if !ok {
		return nil
	}
	var out []string
	switch {
	case n.Origins != nil:
		for _, o := range n.Origins {
			out = append(out, o.Column)
		}
	case n.Columns != nil:
		out = n.Columns
	default:
		for _, r := range ns.readers[ns.at[strings.ToLower(name)]] {
			for _, o := range ns.list[r].Origins {
				for _, text := range o.From {
					if c := ns.Parse(text); c.Node == n.Name {
						out = append(out, c.Name)
					}
				}
			}
		}
		slices.Sort(out)
		out = slices.Compact(out)
	}
	return out
}

// Sources follows a column to where its values come from in the end: columns of tables
// that no SELECT has made, or of one whose own origins cannot be told. Sorted.
func (ns *Nodes) Sources(c Column) []string {
	var out []string
	seen := map[Column]bool{}
	var follow func(Column)
	follow = func(c Column) {
		if seen[c.key()] {
			return
		}
		seen[c.key()] = true
		from, known := ns.From(c)
		if !known {
			out = append(out, c.String())
		}
		for _, f := range from {
			follow(f)
		}
	}
	follow(c)
	slices.Sort(out)
	return out
}
