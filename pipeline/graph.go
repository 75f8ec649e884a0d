package pipeline

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sort"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/sqllex"
)

// Graph is a validated set of nodes in an order in which each comes after
// everything it reads.
type Graph struct {
	nodes    []*Node
	index    map[string]int      // node name to position in nodes
	produced map[string][]int    // table or value name to its producers, in order
	deps     [][]int             // positions a node reads from, ascending
	readers  [][]int             // the reverse
	gens     []int               // longest distance from a node without inputs
	refs     map[string][]string // node name to the names it reads
}

// New checks the nodes and orders them. Every fault is reported, each with the
// position of the node's source: duplicate names, inputs nobody produces, types
// that differ, SQL that does not parse, cycles with their path.
func New(ctx context.Context, engine Engine, nodes ...*Node) (*Graph, error) {
	g := &Graph{index: map[string]int{}, produced: map[string][]int{}, refs: map[string][]string{}}
	var errs []error
	for i, n := range nodes {
		if n.Name == "" {
			errs = append(errs, fmt.Errorf("a node at %s has no name", n.source))
			continue
		}
		if n.declErr != nil {
			errs = append(errs, n.declErr)
		}
		if j, dup := g.index[n.Name]; dup {
			errs = append(errs, fmt.Errorf("node %s is defined twice: %s and %s", n.Name, nodes[j].source, n.source))
			continue
		}
		g.index[n.Name] = i
		g.nodes = append(g.nodes, n)
		if n.IsSQL() {
			if err := n.readSQL(ctx, engine); err != nil {
				errs = append(errs, err)
			}
		}
	}
	if len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if errs = append(g.collectOutputs(), g.connect()...); len(errs) > 0 {
		return nil, errors.Join(errs...)
	}
	if err := g.sort(); err != nil {
		return nil, err
	}
	return g, nil
}

func (n *Node) readSQL(ctx context.Context, engine Engine) error {
	refs, err := engine.Tables(ctx, n.text)
	if err != nil {
		return fmt.Errorf("node %s (%s): %w", n.Name, n.source, err)
	}
	n.inputs = n.inputs[:0]
	for _, r := range refs {
		n.inputs = append(n.inputs, input{name: r.Name, field: -1, offset: r.Offset})
	}
	return nil
}

func (g *Graph) collectOutputs() (errs []error) {
	for i, n := range g.nodes {
		for _, name := range n.outputs() {
			for _, j := range g.produced[name] {
				if other := g.nodes[j]; !n.Shared || !other.Shared {
					errs = append(errs, fmt.Errorf("table %s is produced twice: by node %s (%s) and node %s (%s); give the nodes Shared if each contributes rows",
						name, other.Name, other.source, n.Name, n.source))
				}
			}
			g.produced[name] = append(g.produced[name], i)
		}
	}
	return errs
}

func (g *Graph) connect() (errs []error) {
	g.deps = make([][]int, len(g.nodes))
	for i, n := range g.nodes {
		for k, in := range n.inputs {
			producers := g.produced[in.name]
			if name, ok := g.folded(in); ok {
				producers, in.name = g.produced[name], name
				n.inputs[k].name = name
			}
			if len(producers) == 0 {
				errs = append(errs, g.missing(n, in))
				continue
			}
			g.refs[n.Name] = append(g.refs[n.Name], in.name)
			for _, p := range producers {
				if err := checkType(n, in, g.nodes[p]); err != nil {
					errs = append(errs, err)
				}
				g.deps[i] = append(g.deps[i], p)
			}
		}
		slices.Sort(g.deps[i])
		g.deps[i] = slices.Compact(g.deps[i])
	}
	return errs
}

// folded is the table that a SQL text means by a name in other letters: SQL's names
// ignore case. ok is false where the name is right as it is, or means no table.
func (g *Graph) folded(in input) (name string, ok bool) {
	if _, exact := g.produced[in.name]; exact || in.typ != nil {
		return "", false
	}
	for name := range g.produced {
		if strings.EqualFold(name, in.name) {
			return name, true
		}
	}
	return "", false
}

func (g *Graph) missing(n *Node, in input) error {
	names := make([]string, 0, len(g.produced))
	for name := range g.produced {
		names = append(names, name)
	}
	sort.Strings(names)
	hint := ""
	if near := model.Nearest(in.name, names); near != "" {
		hint = fmt.Sprintf("; did you mean %s?", near)
	}
	where, excerpt := n.source, ""
	if in.offset >= 0 {
		line, col := sqllex.Place(n.text, in.offset)
		where = fmt.Sprintf("%s:%d:%d", n.source, line, col)
		excerpt = "\n\n" + sqllex.Excerpt(n.text, line, col)
	}
	return fmt.Errorf("node %s (%s) reads %s, which no node produces%s%s", n.Name, where, in.name, hint, excerpt)
}

func checkType(n *Node, in input, producer *Node) error {
	if in.typ == nil { // a table of a SQL text
		if producer.tabular() {
			return nil
		}
		return fmt.Errorf("node %s (%s) reads %s as a table, but node %s (%s) produces %s", n.Name, n.source, in.name, producer.Name, producer.source, producer.out)
	}
	want := producer.out
	if producer.tabular() {
		want = typeTable
	}
	if in.typ == want || in.typ.Kind() == reflect.Interface && want.Implements(in.typ) {
		return nil
	}
	return fmt.Errorf("node %s (%s) reads %s as %s, but node %s (%s) produces %s", n.Name, n.source, in.name, in.typ, producer.Name, producer.source, want)
}

// sort orders the nodes by generation, then name, and rewrites every position.
func (g *Graph) sort() error {
	gens := make([]int, len(g.nodes))
	state := make([]uint8, len(g.nodes)) // 0 new, 1 on the path, 2 done
	var path []int
	var visit func(i int) error
	visit = func(i int) error {
		switch state[i] {
		case 1:
			return g.cycle(path, i)
		case 2:
			return nil
		}
		state[i] = 1
		path = append(path, i)
		for _, d := range g.deps[i] {
			if err := visit(d); err != nil {
				return err
			}
			gens[i] = max(gens[i], gens[d]+1)
		}
		path = path[:len(path)-1]
		state[i] = 2
		return nil
	}
	for i := range g.nodes {
		if err := visit(i); err != nil {
			return err
		}
	}
	order := make([]int, len(g.nodes))
	for i := range order {
		order[i] = i
	}
	sort.Slice(order, func(a, b int) bool {
		x, y := order[a], order[b]
		if gens[x] != gens[y] {
			return gens[x] < gens[y]
		}
		return g.nodes[x].Name < g.nodes[y].Name
	})
	g.renumber(order, gens)
	return nil
}

func (g *Graph) renumber(order, gens []int) {
	at := make([]int, len(order)) // old position to new
	for to, from := range order {
		at[from] = to
	}
	move := func(list []int) []int {
		out := make([]int, len(list))
		for i, v := range list {
			out[i] = at[v]
		}
		slices.Sort(out)
		return out
	}
	nodes, deps := g.nodes, g.deps
	g.nodes, g.deps = make([]*Node, len(order)), make([][]int, len(order))
	g.gens, g.readers = make([]int, len(order)), make([][]int, len(order))
	for to, from := range order {
		g.nodes[to], g.deps[to], g.gens[to] = nodes[from], move(deps[from]), gens[from]
		g.index[nodes[from].Name] = to
	}
	for i, ds := range g.deps {
		for _, d := range ds {
			g.readers[d] = append(g.readers[d], i)
		}
	}
	for name, list := range g.produced {
		g.produced[name] = move(list)
	}
}

func (g *Graph) cycle(path []int, to int) error {
	var names []string
	for _, i := range path[slices.Index(path, to):] {
		names = append(names, fmt.Sprintf("%s (%s)", g.nodes[i].Name, g.nodes[i].source))
	}
	// The walk goes from reader to producer; a person reads data flow.
	slices.Reverse(names)
	return fmt.Errorf("the nodes form a cycle: %s -> %s", strings.Join(names, " -> "), strings.SplitN(names[0], " ", 2)[0])
}

// Nodes lists the nodes in order.
func (g *Graph) Nodes() []*Node { return slices.Clone(g.nodes) }
