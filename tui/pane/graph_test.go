package pane

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/theme"
)

// randomGraph has edges that lead back, too, as may be sent by others.
func randomGraph(rnd *rand.Rand, nodes, edges int) runview.Graph {
	g := runview.Graph{Stamp: 1}
	for i := range nodes {
		g.Nodes = append(g.Nodes, runview.GraphNode{ID: runview.RowID(i + 1), Name: fmt.Sprint("node_", i), Critical: rnd.IntN(3) == 0})
	}
	for range edges {
		i, j := rnd.IntN(nodes), rnd.IntN(nodes)
		if rnd.IntN(20) > 0 {
			i, j = max(i, j), min(i, j)
		}
		id := runview.RowID(j + 1)
		if n := &g.Nodes[i]; i != j && !slices.Contains(n.Deps, id) {
			n.Deps = append(n.Deps, id)
		}
	}
	return g
}

// traced follows the lines that leave a node, cell by cell as a person would, and
// gives the nodes that they reach.
func traced(g *Graph, node int) []int {
	type step struct{ x, y, dx, dy int }
	l, d := g.layout, &g.grid
	arrivals := map[[2]int]int{}
	for i, n := range l.nodes {
		arrivals[[2]int{l.columns[n.column].x, 2 * n.slot}] = i
	}
	c := l.columns[l.nodes[node].column]
	queue := []step{{c.x + c.w, 2*l.nodes[node].slot + 1, 1, 0}}
	seen, found := map[step]bool{}, map[int]bool{}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		if i, ok := arrivals[[2]int{at.x, at.y}]; ok && at.dx == 1 {
			found[i] = true
			continue
		}
		if seen[at] || at.x >= d.w || at.y < 0 || at.y >= d.h {
			continue
		}
		seen[at] = true
		bits := d.edges[at.y*d.w+at.x]
		crossing := bits == theme.EdgeLeft|theme.EdgeRight|theme.EdgeUp|theme.EdgeDown
		turn := func(bit uint8, dx, dy int) {
			if bits&bit != 0 {
				queue = append(queue, step{at.x + dx, at.y + dy, dx, dy})
			}
		}
		switch {
		case crossing:
			queue = append(queue, step{at.x + at.dx, at.y + at.dy, at.dx, at.dy})
		case at.dx == 1 && bits&theme.EdgeRight != 0: // others may join here
			turn(theme.EdgeRight, 1, 0)
		case at.dx == 1:
			turn(theme.EdgeUp, 0, -1)
			turn(theme.EdgeDown, 0, 1)
		default:
			turn(theme.EdgeRight, 1, 0)
			turn(map[int]uint8{-1: theme.EdgeUp, 1: theme.EdgeDown}[at.dy], 0, at.dy)
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// Whoever follows the lines on the screen from a node comes to what reads it, and to
// nothing else.
func TestLinesLeadToReaders(t *testing.T) {
	for seed := range 300 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 7))
		nodes := 2 + rnd.IntN(40)
		g := NewGraph()
		g.layout = newGraphLayout(randomGraph(rnd, nodes, rnd.IntN(3*nodes)))
		g.SetSize(g.layout.w, g.layout.h) // all of it shows
		g.drawEdges()
		for i, n := range g.layout.nodes {
			for _, dep := range n.deps {
				if g.layout.nodes[dep].column >= n.column {
					t.Fatalf("seed %d: %s in column %d reads %s in column %d", seed, n.Name, n.column, g.layout.nodes[dep].Name, g.layout.nodes[dep].column)
				}
			}
			want := slices.Sorted(slices.Values(n.readers))
			if got := traced(g, i); !slices.Equal(got, want) {
				t.Fatalf("seed %d: the lines from %s lead to %v, it is read by %v", seed, n.Name, got, want)
			}
		}
	}
}

// Nodes of one column never stand over each other, and all of them are in the plane.
func TestNodesHaveTheirPlaces(t *testing.T) {
	for seed := range 100 {
		rnd := rand.New(rand.NewPCG(uint64(seed), 9))
		l := newGraphLayout(randomGraph(rnd, 60, rnd.IntN(150)))
		placed := 0
		for _, c := range l.columns {
			next := 0
			for _, s := range c.slots {
				if s.at < next || 2*s.at+2 > l.h {
					t.Fatalf("seed %d: a slot at %d, after %d, of %d lines", seed, s.at, next, l.h)
				}
				next = s.at + 1
				if !s.through {
					placed++
				}
			}
		}
		if placed != 60 {
			t.Fatalf("seed %d: %d of 60 nodes have a place", seed, placed)
		}
	}
}

// Too many lines over several columns are left out rather than laid out for minutes.
func TestAGraphThatIsTooDense(t *testing.T) {
	const n = 3000 // each reads the one before it and the first
	g := runview.Graph{}
	for i := range n {
		node := runview.GraphNode{ID: runview.RowID(i + 1), Name: "n"}
		if i > 0 {
			node.Deps = []runview.RowID{runview.RowID(i), runview.RowID(max(i-n/2, 1))}
		}
		g.Nodes = append(g.Nodes, node)
	}
	if l := newGraphLayout(g); !l.cut || len(l.columns) != n {
		t.Errorf("%d columns, cut: %v", len(l.columns), l.cut)
	}
}
