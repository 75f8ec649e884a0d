package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strings"

	"github.com/buildscope/buildscope/model"
)

// tagPrefix begins a choice of nodes by tag.
const tagPrefix = "tag:"

// Only returns the part of the graph that the targets need, without what is
// excluded. A target is a node, one of its tables, or tag:NAME; with + behind it,
// also all that reads it; + before it means what it reads, which is always built.
// The tests of the nodes that are chosen belong to them. No targets means
// everything. Nodes that are excluded are left out with all that reads them.
func (g *Graph) Only(ctx context.Context, engine Engine, targets, exclude []string) (*Graph, error) {
	if len(targets) == 0 && len(exclude) == 0 {
		return g, nil
	}
	chosen, err := g.choose("build.targets", targets, false)
	out, outErr := g.choose("build.exclude", exclude, true)
	if err := errors.Join(err, outErr); err != nil {
		return nil, err
	}
	for i := range g.nodes {
		chosen[i] = (chosen[i] || len(targets) == 0) && !out[i]
	}
	keep := make([]bool, len(g.nodes))
	for i := range g.nodes {
		if chosen[i] {
			g.mark(keep, i, g.deps)
		}
	}
	for i, n := range g.nodes {
		if n.Test != nil && !out[i] && g.tests(n, i, chosen, keep) {
			g.mark(keep, i, g.deps)
		}
	}
	var nodes []*Node
	for i, n := range g.nodes {
		if keep[i] {
			nodes = append(nodes, n)
		}
	}
	if len(nodes) == 0 {
		return nil, &model.SettingError{Key: "build.exclude", Err: errors.New("with build.targets it leaves no node to build")}
	}
	return New(ctx, engine, nodes...)
}

// tests reports whether a test belongs to what is chosen: the table that it tests
// is, or all that a test of several tables reads is built anyway.
func (g *Graph) tests(n *Node, at int, chosen, keep []bool) bool {
	if n.Test.Table != "" {
		for _, p := range g.produced[n.Test.Table] {
			if chosen[p] {
				return true
			}
		}
		return false
	}
	for _, d := range g.deps[at] {
		if !keep[d] {
			return false
		}
	}
	return true
}

// mark adds a node and all that it is connected to by edges.
func (g *Graph) mark(set []bool, i int, edges [][]int) {
	if set[i] {
		return
	}
	set[i] = true
	for _, d := range edges[i] {
		g.mark(set, d, edges)
	}
}

// choose finds the nodes that a setting's patterns name; with readers, all that
// reads them too.
func (g *Graph) choose(setting string, patterns []string, readers bool) ([]bool, error) {
	set := make([]bool, len(g.nodes))
	var errs []error
	for _, pattern := range patterns {
		name, after := strings.CutSuffix(strings.TrimPrefix(pattern, "+"), "+")
		at := g.named(name)
		if len(at) == 0 {
			errs = append(errs, g.unknown(setting, name))
		}
		for _, i := range at {
			if after || readers {
				g.mark(set, i, g.readers)
			}
			set[i] = true
		}
	}
	return set, errors.Join(errs...)
}

// named are the nodes of a name or tag, or that produce a table.
func (g *Graph) named(name string) []int {
	if tag, ok := strings.CutPrefix(name, tagPrefix); ok {
		var at []int
		for i, n := range g.nodes {
			for _, t := range n.Tags {
				if t == tag {
					at = append(at, i)
				}
			}
		}
		return at
	}
	if i, ok := g.index[name]; ok {
		return []int{i}
	}
	return g.produced[name]
}

func (g *Graph) unknown(setting, name string) error {
	var names []string
	what := "is no node of this pipeline"
	if strings.HasPrefix(name, tagPrefix) {
		what = "is on no node of this pipeline"
		for _, n := range g.nodes {
			for _, t := range n.Tags {
				names = append(names, tagPrefix+t)
			}
		}
	} else {
		for n := range g.index {
			names = append(names, n)
		}
		for n := range g.produced {
			names = append(names, n)
		}
	}
	sort.Strings(names)
	if near := model.Nearest(name, names); near != "" {
		what += "; did you mean " + near + "?"
	}
	return &model.SettingError{Key: setting, Err: fmt.Errorf("%s %s", name, what)}
}
