package page

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// Sizes of the drawn graph, in its own units, which are pixels until it is scaled.
const (
	boxHeight = 34
	rowStep   = 48
	columnGap = 44
	charWidth = 7.2 // of the 12 pixel monospace that names are drawn in
	leastBox  = 76
	mostChars = 26
	graphTop  = 26 // room for the numbers of the generations
)

// graph is the plan as it is drawn: a column for each generation.
type graph struct {
	Width, Height int
	Boxes         []box
	Edges         []edge // those of the critical path last, on top of the others
	Columns       []column
	Note          string // what is left out
}

type column struct {
	X     int
	Label string
}

type box struct {
	ID          string // of the node's row; "" when it has none
	Name, Label string
	State       model.NodeState
	Took        string
	Class       string
	Mark        string
	X, Y, W     int
	N           int // index, which edges name
}

// TextX, NameY and SubY place the two lines of a box.
func (b box) TextX() int { return b.X + 12 }
func (b box) NameY() int { return b.Y + 14 }
func (b box) SubY() int  { return b.Y + 28 }

type edge struct {
	D        string // path
	Critical bool
	Implied  bool // another way leads from the one to the other
	From, To int  // indices of boxes
}

// newGraph places nodes in columns, each as near as may be to the middle of what it
// reads, which keeps lines short.
func newGraph(f Facts, ids map[string]string, bound bounds) *graph {
	if len(f.Plan.Nodes) == 0 {
		return nil
	}
	g := &graph{}
	if len(f.Plan.Nodes) > bound.graph {
		g.Note = fmt.Sprintf("The graph of %d nodes is too large to be drawn (the limit is %d); the table of nodes has their generations, and plan_schedule_v1 what each reads.", len(f.Plan.Nodes), bound.graph)
		return g
	}
	done := map[string]shownNode{}
	for _, n := range showNodes(f, f.Execution.Nodes, ids, timeline{}) {
		done[n.Name] = n
	}
	columns := map[int][]model.PlanNode{}
	last := 0
	for _, n := range f.Plan.Nodes {
		gen := min(max(n.Generation, 0), bound.graph)
		columns[gen] = append(columns[gen], n)
		last = max(last, gen)
	}
	at := map[string]int{} // index of a node's box
	x := 8
	for gen := range last + 1 {
		nodes := columns[gen]
		if len(nodes) == 0 {
			continue
		}
		g.sort(nodes, at)
		w := 0
		for i, n := range nodes {
			d := done[n.Name]
			label, cells := fit(human.Clean(cut(n.Name, bound.text)), mostChars)
			b := box{ID: ids[n.Name], Name: n.Name, Label: label, State: d.State, Class: class(d), Mark: mark(d.State), X: x,
				Y: graphTop + i*rowStep, N: len(g.Boxes)}
			b.Took = d.State.String()
			if d.TookNS > 0 {
				b.Took = dur(d.TookNS)
			}
			at[n.Name] = len(g.Boxes)
			g.Boxes = append(g.Boxes, b)
			w = max(w, leastBox, int(charWidth*float64(cells))+20)
			g.Height = max(g.Height, b.Y+boxHeight+10)
		}
		for i := len(g.Boxes) - len(nodes); i < len(g.Boxes); i++ {
			g.Boxes[i].W = w
		}
		g.Columns = append(g.Columns, column{x, fmt.Sprintf("generation %d", gen)})
		x += w + columnGap
	}
	g.Width = x - columnGap + 8
	g.centre()
	g.connect(f, at)
	return g
}

// fit cuts a name to most cells of a character, and says how many it takes. From
// the Korean letters on, characters are taken for two cells wide.
func fit(name string, most int) (label string, cells int) {
	for i, r := range name {
		w := 1
		if r >= 0x1100 {
			w = 2
		}
		if cells+w > most {
			return name[:i] + "…", cells + 1
		}
		cells += w
	}
	return name, cells
}

// sort puts the nodes of a column in the order of the middle of their inputs.
func (g *graph) sort(nodes []model.PlanNode, at map[string]int) {
	middle := map[string]float64{}
	for i, n := range nodes {
		sum, count := 0.0, 0
		for _, d := range n.Deps {
			if b, ok := at[d]; ok {
				sum, count = sum+float64(g.Boxes[b].Y), count+1
			}
		}
		middle[n.Name] = float64(i * rowStep)
		if count > 0 {
			middle[n.Name] = sum / float64(count)
		}
	}
	slices.SortStableFunc(nodes, func(a, b model.PlanNode) int { return cmp.Compare(middle[a.Name], middle[b.Name]) })
}

// centre puts the columns, which are placed from the top, around one middle.
func (g *graph) centre() {
	lowest := map[int]int{} // by column
	for _, b := range g.Boxes {
		lowest[b.X] = max(lowest[b.X], b.Y+boxHeight+10)
	}
	for i := range g.Boxes {
		g.Boxes[i].Y += (g.Height - lowest[g.Boxes[i].X]) / 2
	}
}

// reach says for each node which nodes it reads, also through others.
func reach(nodes []model.PlanNode) map[string]map[string]bool {
	all := map[string]map[string]bool{}
	for _, n := range nodes { // in execution order: inputs come first
		r := map[string]bool{}
		for _, d := range n.Deps {
			r[d] = true
			for further := range all[d] {
				r[further] = true
			}
		}
		all[n.Name] = r
	}
	return all
}

// connect draws a line from each node to what reads it.
func (g *graph) connect(f Facts, at map[string]int) {
	next := map[string]string{}
	path := f.Execution.CriticalPath
	for i := 1; i < len(path); i++ {
		next[path[i]] = path[i-1]
	}
	reads := reach(f.Plan.Nodes)
	all := 0
	for _, n := range f.Plan.Nodes {
		for _, d := range n.Deps {
			implied := slices.ContainsFunc(n.Deps, func(other string) bool { return reads[other][d] })
			from, ok := at[d]
			if all++; !ok || len(g.Edges) == mostEdges {
				continue
			}
			a, b := g.Boxes[from], g.Boxes[at[n.Name]]
			x1, y1, x2, y2 := a.X+a.W, a.Y+boxHeight/2, b.X, b.Y+boxHeight/2
			bend := max(18, min(60, (x2-x1)/2))
			g.Edges = append(g.Edges, edge{D: fmt.Sprintf("M%d %dC%d %d %d %d %d %d", x1, y1, x1+bend, y1, x2-bend, y2, x2, y2),
				Critical: next[n.Name] == d, Implied: implied, From: a.N, To: b.N})
		}
	}
	if left := all - len(g.Edges); left > 0 {
		g.Note = fmt.Sprintf("%d lines are left out; plan_schedule_v1 has all.", left)
	}
	slices.SortStableFunc(g.Edges, func(a, b edge) int { return strings.Compare(fmt.Sprint(a.Critical), fmt.Sprint(b.Critical)) })
}
