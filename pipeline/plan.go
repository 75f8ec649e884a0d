package pipeline

import (
	"time"

	"github.com/buildscope/buildscope/model"
)

// Plan computes the schedule of a run from expected durations, node name to time.
// A node without an estimate counts as the mean of those that have one, so that
// a single unknown node does not hide the critical path.
func (g *Graph) Plan(estimates map[string]time.Duration) model.Plan {
	cost := g.costs(estimates)
	toSink := g.distances(cost)
	p := model.Plan{}
	critical := g.criticalPath(toSink)
	on := map[int]bool{}
	for _, i := range critical {
		on[i] = true
		p.CriticalPath = append(p.CriticalPath, g.nodes[i].Name)
	}
	if len(estimates) > 0 && len(critical) > 0 {
		p.EstimateNS = toSink[critical[0]]
	}
	for i, n := range g.nodes {
		pn := model.PlanNode{
			Name: n.Name, Kind: n.Kind, Doc: n.Doc, Generation: g.gens[i], Critical: on[i],
			EstimateNS: int64(estimates[n.Name]), Source: n.source, SQL: n.text,
			Outputs: n.outputs(), Deps: []string{},
		}
		for _, d := range g.deps[i] {
			pn.Deps = append(pn.Deps, g.nodes[d].Name)
		}
		p.Nodes = append(p.Nodes, pn)
		for len(p.Generations) <= g.gens[i] {
			p.Generations = append(p.Generations, nil)
		}
		p.Generations[g.gens[i]] = append(p.Generations[g.gens[i]], n.Name)
	}
	return p
}

func (g *Graph) costs(estimates map[string]time.Duration) []int64 {
	var sum, known int64
	for _, n := range g.nodes {
		if d, ok := estimates[n.Name]; ok {
			sum, known = sum+int64(d), known+1
		}
	}
	mean := int64(1)
	if known > 0 {
		mean = max(1, sum/known)
	}
	cost := make([]int64, len(g.nodes))
	for i, n := range g.nodes {
		cost[i] = mean
		if d, ok := estimates[n.Name]; ok {
			cost[i] = max(1, int64(d))
		}
	}
	return cost
}

// distances is, for each node, the cost of the most expensive chain that starts
// with it. It is also the priority in the ready queue.
func (g *Graph) distances(cost []int64) []int64 {
	dist := make([]int64, len(g.nodes))
	for i := len(g.nodes) - 1; i >= 0; i-- {
		for _, r := range g.readers[i] {
			dist[i] = max(dist[i], dist[r])
		}
		dist[i] += cost[i]
	}
	return dist
}

func (g *Graph) criticalPath(dist []int64) []int {
	best := -1
	for i := range g.nodes {
		if len(g.deps[i]) == 0 && (best < 0 || dist[i] > dist[best]) {
			best = i
		}
	}
	var path []int
	for best >= 0 {
		path = append(path, best)
		next := -1
		for _, r := range g.readers[best] {
			if next < 0 || dist[r] > dist[next] {
				next = r
			}
		}
		best = next
	}
	return path
}
