package why

import (
	"fmt"
	"slices"
	"sort"

	"github.com/buildscope/buildscope/model"
)

// Execution compares what was planned with what happened, as far as it has: nodes
// that never started may be left out, and those that still run end at the present.
func Execution(plan model.Plan, workers int, nodes []model.NodeExecution, queries []model.NodeQuery) model.PlanExecutionPayload {
	p := model.PlanExecutionPayload{
		ExpectedNS: plan.EstimateNS, WorkersAllowed: workers,
		Nodes: nodes, CriticalPath: []string{}, Waited: []model.WaitedFor{},
		Queries: queries, Unexpected: []string{},
	}
	byName := map[string]model.NodeExecution{}
	var first, last int64
	for _, e := range nodes {
		byName[e.Name] = e
		if e.Start != 0 && e.End != 0 {
			if first == 0 || e.Ready < first {
				first = e.Ready
			}
			last = max(last, e.End)
			p.BusyNS += e.DurationNS()
			p.QueueNS += e.Start - e.Ready
		}
		switch {
		case e.State == model.NodeSucceeded || e.State == model.NodeCached:
		case e.BlockedBy != "":
			p.Unexpected = append(p.Unexpected, fmt.Sprintf("%s was blocked by %s", e.Name, e.BlockedBy))
		default:
			p.Unexpected = append(p.Unexpected, fmt.Sprintf("%s ended as %s", e.Name, e.State))
		}
	}
	if p.WallNS = last - first; p.WallNS > 0 {
		p.Parallelism = float64(p.BusyNS) / float64(p.WallNS)
		p.SlackNS = max(0, int64(workers)*p.WallNS-p.BusyNS)
	}
	p.CriticalPath, p.CriticalNS = realCriticalPath(plan, byName)
	p.Waited = waitedFor(plan, byName)
	return p
}

// lastInput is the input of a node that ended last.
func lastInput(n model.PlanNode, by map[string]model.NodeExecution) (name string, end, before int64) {
	for _, d := range n.Deps {
		switch e := by[d]; {
		case e.End > end:
			name, end, before = d, e.End, end
		case e.End > before:
			before = e.End
		}
	}
	return name, end, before
}

// realCriticalPath goes back from the node that ended last, always to the input
// that ended last.
func realCriticalPath(plan model.Plan, by map[string]model.NodeExecution) ([]string, int64) {
	nodes := map[string]model.PlanNode{}
	at, end := "", int64(0)
	for _, n := range plan.Nodes {
		nodes[n.Name] = n
		if e := by[n.Name]; e.End > end {
			at, end = n.Name, e.End
		}
	}
	path := []string{}
	var spent int64
	for at != "" {
		path = append(path, at)
		spent += by[at].DurationNS()
		at, _, _ = lastInput(nodes[at], by)
	}
	slices.Reverse(path)
	return path, spent
}

// waitedFor sums, per node, how long its readers waited for it alone.
func waitedFor(plan model.Plan, by map[string]model.NodeExecution) []model.WaitedFor {
	sum := map[string]*model.WaitedFor{}
	for _, n := range plan.Nodes {
		name, end, before := lastInput(n, by)
		if name == "" || len(n.Deps) < 2 || before == 0 {
			continue
		}
		w := sum[name]
		if w == nil {
			w = &model.WaitedFor{Node: name}
			sum[name] = w
		}
		w.WaitNS += end - before
		w.Waiters = append(w.Waiters, n.Name)
	}
	out := []model.WaitedFor{}
	for _, w := range sum {
		out = append(out, *w)
	}
	sort.Slice(out, func(i, j int) bool {
		if out[i].WaitNS != out[j].WaitNS {
			return out[i].WaitNS > out[j].WaitNS
		}
		return out[i].Node < out[j].Node
	})
	return out
}
