package pane

import (
	"cmp"
	"slices"
)

// route makes the nets between neighbouring columns, gives each a channel, and
// every column its place.
func (l *graphLayout) route() {
	x := 0
	for k := range l.columns {
		c := &l.columns[k]
		c.x = x
		if k+1 < len(l.columns) {
			c.nets = l.nets(k)
			c.gutter = 2 + channels(c.nets)
		}
		x += c.w + c.gutter
	}
	l.w = x
}

// nets are those from a column to the next.
func (l *graphLayout) nets(k int) []net {
	next := &l.columns[k+1]
	through := map[int]int{} // height of the passing line of a node
	for _, s := range next.slots {
		if s.through {
			through[s.node] = s.at
		}
	}
	var nets []net
	for _, s := range l.columns[k].slots {
		n := net{node: s.node, from: s.at, heavy: -1}
		if at, ok := through[s.node]; ok {
			n.to = append(n.to, at)
		}
		for _, r := range l.nodes[s.node].readers {
			reader := &l.nodes[r]
			heavy := l.critical(r) == s.node
			switch {
			case reader.column == k+1:
				n.to = append(n.to, reader.slot)
				if heavy {
					n.heavy = reader.slot
				}
			case reader.column > k+1 && heavy && !l.cut:
				n.heavy = through[s.node]
			}
		}
		if len(n.to) > 0 {
			slices.Sort(n.to)
			nets = append(nets, n)
		}
	}
	return nets
}

// critical is the node before another on the critical path, -1 when there is none.
func (l *graphLayout) critical(node int) int {
	best := -1
	if !l.nodes[node].Critical {
		return best
	}
	for _, dep := range l.nodes[node].deps {
		if l.nodes[dep].Critical && (best < 0 || l.nodes[dep].column > l.nodes[best].column) {
			best = dep
		}
	}
	return best
}

// lines are the first and the last line that a net takes in its gutter.
func (n *net) lines() (top, bottom int) {
	out := 2*n.from + 1
	return min(out, 2*n.to[0]), max(out, 2*n.to[len(n.to)-1])
}

// channels gives every net the leftmost channel that is free over its height, and
// counts the channels.
func channels(nets []net) int {
	order := make([]int, len(nets))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		x, _ := nets[a].lines()
		y, _ := nets[b].lines()
		return cmp.Compare(x, y)
	})
	var free []int // for each channel, the last line that is taken
	for _, i := range order {
		top, bottom := nets[i].lines()
		at := slices.IndexFunc(free, func(last int) bool { return last < top })
		if at < 0 {
			at = len(free)
			free = append(free, 0)
		}
		nets[i].channel, free[at] = at, bottom
	}
	return len(free)
}
