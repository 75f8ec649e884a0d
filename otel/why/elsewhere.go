package why

import (
	"fmt"
	"slices"

	"github.com/buildscope/buildscope/model"
)

// Elsewhere is Find for a build of another process, of which only its spans are known:
// when its nodes ran, what they read, and what the engine told of their queries. A
// node is taken to have been ready when the last of its inputs had ended.
func Elsewhere(plan model.Plan, nodes []model.NodeExecution, queries []model.NodeQuery) model.WhySlowPayload {
	ended, deps := map[string]int64{}, map[string][]string{}
	for _, n := range nodes {
		ended[n.Name] = n.End
	}
	for _, n := range plan.Nodes {
		deps[n.Name] = n.Deps
	}
	nodes = slices.Clone(nodes)
	for i := range nodes {
		n := &nodes[i]
		n.Ready = 0
		for _, d := range deps[n.Name] {
			n.Ready = max(n.Ready, ended[d])
		}
		if n.Ready == 0 || n.Ready > n.Start { // not known, or clocks that do not agree
			n.Ready = n.Start
		}
	}
	f := Facts{Execution: Execution(plan, 0, nodes, queries)}
	p := f.payload(slices.Concat(onPath(f), elsewhereWaited(f), spilled(f)))
	p.NotMeasured = []string{"the build runs in another process: its workers and CPUs, its caches and settings, the cost of its telemetry, and what is usual for its nodes; its own bundle has them, in why_slow_v1 and in the report"}
	return p
}

// elsewhereWaited is forWorkers where neither workers nor CPUs are known.
func elsewhereWaited(f Facts) []model.Cause {
	waited, longest, node := f.waited()
	if waited == 0 {
		return nil
	}
	return []model.Cause{{Kind: model.CauseWorkers, Node: node, CostNS: waited, Setting: "build.workers",
		Text: fmt.Sprintf("Nodes of the critical path had their inputs and did not run for %s, %s the longest (%s). More workers help if the machine has CPUs to spare.", round(waited), node, round(longest))}}
}
