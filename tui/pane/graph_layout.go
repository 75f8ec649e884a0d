package pane

import (
	"slices"

	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/tui/ui"
)

// The graph is laid out once, when there are other nodes or edges. Every generation
// is a column of slots, each two lines high:
//
//	column 0               gutter      column 1
//	✔ scan_repo ◂                    ╭─▶ extract_python ◂     line 0 of a slot: edges arrive
//	  0.2s 1.2k ─────────────────────┤    11.8s               line 1 of a slot: edges leave
//	                                 ╰─✔ extract_go
//
// All edges of a node to the next column are one net: a line out, one down a channel
// of the gutter, and a line to each reader. Because lines leave and arrive at
// different heights, nets meet only on the line to a reader that they share. What
// looks like a crossing is one; a net that goes on past such a meeting has a dot
// there. A net to a later column goes on through a slot without a node.

// graphNode is a node as it is laid out.
type graphNode struct {
	runview.GraphNode
	column  int
	slot    int
	deps    []int // indexes of nodes
	readers []int
}

// graphSlot is what stands in a column at a height.
type graphSlot struct {
	node int // index; of the node that the line comes from where through is set
	at   int // height in slots
	// through: only the line of a node passes here, on its way to a later column.
	through bool
}

// net is what leads from a slot of a column to slots of the next one.
type net struct {
	node    int   // that it comes from
	from    int   // slot that it leaves
	to      []int // slots that it reaches, from the top
	heavy   int   // the slot to which it is on the critical path; -1 when none
	channel int
}

// graphColumn is a generation, with the gutter behind it.
type graphColumn struct {
	slots  []graphSlot // from the top
	x, w   int         // cells
	nets   []net
	gutter int // cells
}

// graphLayout is a graph on a plane.
type graphLayout struct {
	nodes   []graphNode
	index   map[runview.RowID]int
	columns []graphColumn
	w, h    int  // cells
	cut     bool // edges over several columns are left out: there are too many
}

const (
	widestNode   = 30     // cells for a name
	boxRoom      = 6      // cells beside the name: edge, state, mark of the critical path
	narrowestBox = 16     // cells for a node
	maxThrough   = 50_000 // slots that lines only pass
	sweeps       = 4      // of the order within columns
)

// newGraphLayout lays a graph out. It takes milliseconds for some hundred nodes.
func newGraphLayout(g runview.Graph) *graphLayout {
	l := &graphLayout{index: make(map[runview.RowID]int, len(g.Nodes))}
	for i, n := range g.Nodes {
		l.index[n.ID] = i
		l.nodes = append(l.nodes, graphNode{GraphNode: n})
	}
	l.rank()
	l.fillColumns()
	l.order()
	l.route()
	return l
}

// rank gives every node its column: behind all that it reads from. What is sent by
// others may have cycles; an edge that closes one is left out.
func (l *graphLayout) rank() {
	waits := make([]int, len(l.nodes))
	readers := make([][]int, len(l.nodes))
	for i := range l.nodes {
		for _, dep := range l.nodes[i].Deps {
			if at, ok := l.index[dep]; ok {
				readers[at] = append(readers[at], i)
				waits[i]++
			}
		}
	}
	var queue []int
	for i, n := range waits {
		if n == 0 {
			queue = append(queue, i)
		}
	}
	done := make([]bool, len(l.nodes))
	for next, left := 0, len(l.nodes); left > 0; {
		if len(queue) == 0 { // all that is left waits for a cycle
			for done[next] {
				next++
			}
			queue = append(queue, next)
		}
		at := queue[0]
		queue = queue[1:]
		done[at] = true
		left--
		n := &l.nodes[at]
		n.column = max(n.column, min(n.Generation, len(l.nodes)-1))
		for _, r := range readers[at] {
			if done[r] {
				continue // it closes a cycle
			}
			l.nodes[r].deps = append(l.nodes[r].deps, at)
			n.readers = append(n.readers, r)
			l.nodes[r].column = max(l.nodes[r].column, n.column+1)
			if waits[r]--; waits[r] == 0 {
				queue = append(queue, r)
			}
		}
	}
}

// fillColumns puts nodes, and lines that only pass, into their columns.
func (l *graphLayout) fillColumns() {
	through := 0
	last := make([]int, len(l.nodes)) // column that a node's line has to reach
	for i, n := range l.nodes {
		for len(l.columns) <= n.column {
			l.columns = append(l.columns, graphColumn{w: narrowestBox})
		}
		for _, r := range n.readers {
			last[i] = max(last[i], l.nodes[r].column)
		}
		through += max(last[i]-n.column-1, 0)
	}
	l.cut = through > maxThrough
	for i, n := range l.nodes {
		c := &l.columns[n.column]
		c.slots = append(c.slots, graphSlot{node: i})
		c.w = max(c.w, min(ui.Width(ui.Clean(n.Name)), widestNode)+boxRoom)
	}
	for i, n := range l.nodes {
		for col := n.column + 1; col < last[i] && !l.cut; col++ {
			l.columns[col].slots = append(l.columns[col].slots, graphSlot{node: i, through: true})
		}
	}
}

// slotOf finds the slots of a column by node: those of nodes, and of passing lines.
type slotOf map[graphSlot]int

func (c *graphColumn) places() slotOf {
	m := make(slotOf, len(c.slots))
	for i, s := range c.slots {
		m[graphSlot{node: s.node, through: s.through}] = i
	}
	return m
}

// order sorts each column by the middle of what its slots are connected to, forth
// and back, and then places the slots near to what they read from.
func (l *graphLayout) order() {
	for sweep := range sweeps {
		forth := sweep%2 == 0
		for k := 1; k < len(l.columns); k++ {
			at, from := k, k-1
			if !forth {
				at = len(l.columns) - 1 - k
				from = at + 1
			}
			c, other := &l.columns[at], l.columns[from].places()
			type keyed struct {
				slot graphSlot
				key  float64
			}
			keys := make([]keyed, len(c.slots))
			for i, s := range c.slots {
				keys[i] = keyed{s, float64(i)}
				if sum, n := l.middle(s, other, forth); n > 0 {
					keys[i].key = float64(sum) / float64(n)
				}
			}
			slices.SortStableFunc(keys, func(a, b keyed) int {
				switch {
				case a.key < b.key:
					return -1
				case a.key > b.key:
					return 1
				}
				return 0
			})
			for i := range keys {
				c.slots[i] = keys[i].slot
			}
		}
	}
	var before slotOf
	for k := range l.columns {
		c := &l.columns[k]
		next, low := 0, 0
		for i := range c.slots {
			s := &c.slots[i]
			s.at = next
			if k > 0 {
				if sum, n := l.middleAt(*s, before, &l.columns[k-1]); n > 0 {
					s.at = max(next, sum/n)
					low += s.at - sum/n
				}
			}
			next = s.at + 1
		}
		if len(c.slots) > 0 { // so that as much is above its place as below it
			c.lift(min(low/len(c.slots), c.slots[0].at))
		}
		for _, s := range c.slots {
			if !s.through {
				l.nodes[s.node].slot = s.at
			}
			l.h = max(l.h, 2*s.at+2)
		}
		before = c.places()
	}
}

// lift moves all slots up.
func (c *graphColumn) lift(by int) {
	for i := range c.slots {
		c.slots[i].at -= by
	}
}

// middle sums the places of what a slot is connected to in the column beside.
func (l *graphLayout) middle(s graphSlot, other slotOf, forth bool) (sum, n int) {
	add := func(key graphSlot) {
		if at, ok := other[key]; ok {
			sum += at
			n++
		}
	}
	switch {
	case forth && s.through:
		add(graphSlot{node: s.node})
		add(graphSlot{node: s.node, through: true})
	case forth:
		for _, dep := range l.nodes[s.node].deps {
			add(graphSlot{node: dep})
			add(graphSlot{node: dep, through: true})
		}
	default:
		add(graphSlot{node: s.node, through: true})
		for _, r := range l.nodes[s.node].readers {
			add(graphSlot{node: r})
		}
	}
	return sum, n
}

// middleAt is middle in heights instead of places.
func (l *graphLayout) middleAt(s graphSlot, before slotOf, c *graphColumn) (sum, n int) {
	heights := make(slotOf, len(l.nodes[s.node].deps))
	keep := func(node int) {
		for _, through := range []bool{false, true} {
			key := graphSlot{node: node, through: through}
			if at, ok := before[key]; ok {
				heights[key] = c.slots[at].at
			}
		}
	}
	if s.through {
		keep(s.node)
	} else {
		for _, dep := range l.nodes[s.node].deps {
			keep(dep)
		}
	}
	return l.middle(s, heights, true)
}
