// Package why finds out what the time of a build went into. It works on facts that
// others have measured and gives plain values: a build, its report and every viewer
// tell the same causes. What was not measured is no cause, but is named as such.
package why

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/buildscope/buildscope/model"
)

// Facts are what causes are found in; all of them were measured. What they do not
// have is not looked into.
type Facts struct {
	Execution model.PlanExecutionPayload
	Settings  model.Settings
	CPUs      int // that the process may use
	Caches    []model.CacheAccount
	Parts     map[string]Parts // by node
	Solo      map[string]Solo  // by node
	Captured  []model.TableStats
	Reading   time.Duration        // reading tables for their statistics after the last node
	Usual     map[string]Usual     // by node
	Earlier   int                  // runs that Usual is made of
	Flush     time.Duration        // closing the telemetry at the end
	Exports   []model.ExportCounts // after the flush
	Dropped   int64                // span records that were lost on the way: parts may be missing
}

// A cause below leastCost is no news, and one that explains less of the build than
// leastShare neither.
const (
	leastCost  = 10 * time.Millisecond
	leastShare = 0.05
	mostNodes  = 3 // of the critical path
)

// Find lists what the time of a build went into, the costliest first and those
// without a cost last. Costs overlap: a node on the critical path may have spilled.
func Find(f Facts) model.WhySlowPayload {
	causes := slices.Concat(onPath(f), slower(f), skewed(f), alone(f), forWorkers(f), spilled(f), captured(f), flushed(f),
		unpruned(f), uncached(f), refreshed(f), fromCaches(f))
	p := f.payload(causes)
	p.NotMeasured = f.notMeasured()
	return p
}

// payload ranks causes, without those that are no news.
func (f Facts) payload(causes []model.Cause) model.WhySlowPayload {
	least := f.least()
	causes = slices.DeleteFunc(causes, func(c model.Cause) bool { return c.CostNS != 0 && c.CostNS < least })
	slices.SortStableFunc(causes, func(a, b model.Cause) int { return cmp.Compare(b.CostNS, a.CostNS) })
	if causes == nil {
		causes = []model.Cause{} // an empty list, not null, where it is stored
	}
	p := model.WhySlowPayload{WallNS: f.Execution.WallNS, Causes: causes, NotMeasured: []string{},
		Workers: f.Execution.WorkersAllowed, Nodes: []model.NodeEnd{}}
	for _, n := range f.Execution.Nodes {
		if n.State.Ended() {
			p.Nodes = append(p.Nodes, model.NodeEnd{Name: n.Name, State: n.State, TookNS: n.DurationNS(), Rows: n.Rows})
		}
	}
	return p
}

// least is the smallest cost that is news.
func (f Facts) least() int64 {
	return max(int64(leastCost), int64(leastShare*float64(f.Execution.WallNS)))
}

// notMeasured says what could not be looked into.
func (f Facts) notMeasured() []string {
	out := []string{}
	d := f.Settings.Diagnostics
	switch {
	case !d.NodeTracing:
		out = append(out, "single files of a node: diagnostics.enable_otel_node_tracing is off")
	case f.Dropped > 0:
		out = append(out, fmt.Sprintf("single files of a node: %d span records were lost", f.Dropped))
	}
	if !d.PlanDiagnostics {
		out = append(out, "memory and files of queries: diagnostics.enable_plan_diagnostics is off")
	}
	if f.Earlier < EnoughRuns {
		out = append(out, fmt.Sprintf("what is usual: earlier good runs like this one (same profile, same workers): %d, needed: %d", f.Earlier, EnoughRuns))
	}
	return out
}

// onCriticalPath tells the nodes of the critical path that have run, in its order.
func (f Facts) onCriticalPath() []model.NodeExecution {
	by := make(map[string]model.NodeExecution, len(f.Execution.Nodes))
	for _, n := range f.Execution.Nodes {
		by[n.Name] = n
	}
	var out []model.NodeExecution
	for _, name := range f.Execution.CriticalPath {
		if n := by[name]; n.DurationNS() > 0 {
			out = append(out, n)
		}
	}
	return out
}

// round keeps as many digits as a reader compares.
func round(ns int64) time.Duration {
	switch d := time.Duration(ns); {
	case d < 10*time.Millisecond:
		return d.Round(10 * time.Microsecond)
	case d < time.Second:
		return d.Round(time.Millisecond)
	default:
		return d.Round(10 * time.Millisecond)
	}
}

// share is a part of the build's time in percent.
func share(part, whole int64) string {
	if whole <= 0 {
		return "all there was"
	}
	return fmt.Sprintf("%.0f %% of the build", 100*float64(part)/float64(whole))
}
