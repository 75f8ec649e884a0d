package why

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/buildscope/buildscope/model"
)

// onPath names the longest nodes of the chain that each waited for the one before.
func onPath(f Facts) []model.Cause {
	var out []model.Cause
	for _, n := range f.onCriticalPath() {
		ran := "ran"
		if n.State == model.NodeRunning {
			ran = "has been running for"
		}
		took := n.DurationNS()
		out = append(out, model.Cause{Kind: model.CausePath, Node: n.Name, CostNS: took,
			Text: fmt.Sprintf("Node %s is on the critical path and %s %s (%s).", n.Name, ran, round(took), share(took, f.Execution.WallNS))})
	}
	slices.SortStableFunc(out, func(a, b model.Cause) int { return cmp.Compare(b.CostNS, a.CostNS) })
	return out[:min(len(out), mostNodes)]
}

// forWorkers adds up what the nodes of the critical path waited for a worker: of
// all waiting, only this moved the end.
func forWorkers(f Facts) []model.Cause {
	waited, longest, node := f.waited()
	if waited == 0 {
		return nil
	}
	c := model.Cause{Kind: model.CauseWorkers, Node: node, CostNS: waited, Setting: "build.workers"}
	c.Text = fmt.Sprintf("Nodes of the critical path had their inputs and waited %s for a worker, %s the longest (%s).", round(waited), node, round(longest))
	switch {
	case f.Settings.Build.ExecutionMode == model.ModeDeterministicSerial:
		c.Setting, c.Text = "build.execution_mode", c.Text+" Nodes run one after the other in this mode."
	case f.Execution.WorkersAllowed < f.CPUs:
		c.Text += fmt.Sprintf(" %d of %d CPUs may work.", f.Execution.WorkersAllowed, f.CPUs)
	default:
		c.Setting, c.Text = "", c.Text+fmt.Sprintf(" All %d CPUs may work already: only less work, or a machine with more of them, would help.", f.CPUs)
	}
	return []model.Cause{c}
}

// waited is how long nodes of the critical path had their inputs and did not run, and
// which of them the longest.
func (f Facts) waited() (all, longest int64, node string) {
	for _, n := range f.onCriticalPath() {
		if n.Ready == 0 {
			continue
		}
		w := n.Start - n.Ready
		if all += w; w > longest {
			longest, node = w, n.Name
		}
	}
	return all, longest, node
}

// Solo is the time in which a node was the only one that ran, and the CPU time that
// the process used meanwhile, both in nanoseconds.
type Solo struct{ WallNS, CPUNS int64 }

// leastIdle is the share of the CPUs from which on it is worth saying that they
// were idle.
const leastIdle = 0.25

// alone names the nodes of the critical path that ran alone and left CPUs idle. The
// cost is what would be saved if the same work kept all of them busy.
func alone(f Facts) []model.Cause {
	var out []model.Cause
	for _, n := range f.onCriticalPath() {
		s := f.Solo[n.Name]
		if s.WallNS <= 0 || f.CPUs < 2 {
			continue
		}
		busy := float64(s.CPUNS) / float64(s.WallNS)
		idle := 1 - busy/float64(f.CPUs)
		if idle < leastIdle {
			continue
		}
		c := model.Cause{Kind: model.CauseParallelism, Node: n.Name, CostNS: int64(idle * float64(s.WallNS))}
		c.Text = fmt.Sprintf("For %s node %s was the only one that ran, and the process used %.1f of %d CPUs.", round(s.WallNS), n.Name, busy, f.CPUs)
		switch threads := f.Settings.Engine.TargetPartitions; {
		case n.Kind == model.KindSQL && threads > 0 && threads < f.CPUs:
			c.Setting, c.Text = "engine.target_partitions", c.Text+fmt.Sprintf(" The engine may use %d threads.", threads)
		case n.Kind != model.KindSQL && f.Execution.WorkersAllowed < f.CPUs:
			c.Setting, c.Text = "build.workers", c.Text+fmt.Sprintf(" It may use %d workers.", f.Execution.WorkersAllowed)
		}
		out = append(out, c)
	}
	return out
}

// Usual is what earlier runs tell of a node's time, in nanoseconds.
type Usual struct {
	Runs            int // earlier times that are known
	MedianNS        int64
	MarginNS        int64 // how far from the median is still noise; 0 when unknown
	LeastNS, MostNS int64 // of the earlier times
}

// EnoughRuns is how many earlier times tell what is noise.
const EnoughRuns = 3

// slower names the nodes of the critical path that took longer than earlier runs
// explain. The cost is the time above the usual.
func slower(f Facts) []model.Cause {
	var out []model.Cause
	for _, n := range f.onCriticalPath() {
		u, took := f.Usual[n.Name], n.DurationNS()
		if u.MarginNS == 0 || took <= u.MedianNS+u.MarginNS || n.State != model.NodeSucceeded {
			continue
		}
		out = append(out, model.Cause{Kind: model.CauseSlower, Node: n.Name, CostNS: took - u.MedianNS,
			Text: fmt.Sprintf("Node %s took %s, usually %s: %s to %s in %d earlier runs like this one. The difference is beyond noise.",
				n.Name, round(took), round(u.MedianNS), round(u.LeastNS), round(u.MostNS), u.Runs)})
	}
	return out
}
