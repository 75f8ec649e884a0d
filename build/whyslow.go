package build

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	"github.com/buildscope/buildscope/engine/cache"
	"github.com/buildscope/buildscope/model"
)

// cause is one reason for the time of a build, in words.
type cause struct {
	Text    string `json:"text"`
	CostNS  int64  `json:"cost_ns"`           // wall time that it explains, nanoseconds; 0 when nobody measured it
	Node    string `json:"node,omitempty"`    // where it is to be seen
	Setting string `json:"setting,omitempty"` // what would change it
}

// slowFacts are what causes are found in; all of them were measured.
type slowFacts struct {
	Execution model.PlanExecutionPayload
	Build     model.BuildSettings
	CPUs      int
	Caches    map[string]cache.Stats // by the setting that limits the cache
	Flush     time.Duration          // closing the telemetry at the end
}

// A cause below leastCost is no news, and one that explains less of the build than
// leastShare neither.
const (
	leastCost  = 10 * time.Millisecond
	leastShare = 0.05
	mostNodes  = 3 // of the critical path
)

// whySlow lists what the time of a build went into, the costliest first and those
// without a cost last. Costs overlap: a node on the critical path may have spilled.
func whySlow(f slowFacts) []cause {
	causes := slices.Concat(onPath(f), forWorkers(f), spilled(f), uncached(f), fromCaches(f))
	least := max(int64(leastCost), int64(leastShare*float64(f.Execution.WallNS)))
	if int64(f.Flush) >= least {
		causes = append(causes, cause{CostNS: int64(f.Flush), Setting: "otel.shutdown_timeout",
			Text: fmt.Sprintf("After the last node, %s went into sending the telemetry that was left; the exports below say where to.", round(int64(f.Flush)))})
	}
	causes = slices.DeleteFunc(causes, func(c cause) bool { return c.CostNS != 0 && c.CostNS < least })
	slices.SortStableFunc(causes, func(a, b cause) int { return cmp.Compare(b.CostNS, a.CostNS) })
	return causes
}

// onPath names the longest nodes of the chain that each waited for the one before.
func onPath(f slowFacts) []cause {
	var out []cause
	for _, n := range f.Execution.Nodes {
		if took := n.DurationNS(); took > 0 && slices.Contains(f.Execution.CriticalPath, n.Name) {
			out = append(out, cause{Node: n.Name, CostNS: took,
				Text: fmt.Sprintf("Node %s is on the critical path and ran %s (%s).", n.Name, round(took), share(took, f.Execution.WallNS))})
		}
	}
	slices.SortStableFunc(out, func(a, b cause) int { return cmp.Compare(b.CostNS, a.CostNS) })
	return out[:min(len(out), mostNodes)]
}

// forWorkers adds up what the nodes of the critical path waited for a worker: of
// all waiting, only this moved the end.
func forWorkers(f slowFacts) []cause {
	var waited, longest int64
	var node string
	for _, n := range f.Execution.Nodes {
		if n.Start == 0 || n.Ready == 0 || !slices.Contains(f.Execution.CriticalPath, n.Name) {
			continue
		}
		w := n.Start - n.Ready
		if waited += w; w > longest {
			longest, node = w, n.Name
		}
	}
	if waited == 0 {
		return nil
	}
	c := cause{Node: node, CostNS: waited, Setting: "build.workers"}
	c.Text = fmt.Sprintf("Nodes of the critical path had their inputs and waited %s for a worker, %s the longest (%s).", round(waited), node, round(longest))
	switch {
	case f.Build.ExecutionMode == model.ModeDeterministicSerial:
		c.Setting, c.Text = "build.execution_mode", c.Text+" Nodes run one after the other in this mode."
	case f.Execution.WorkersAllowed < f.CPUs:
		c.Text += fmt.Sprintf(" %d of %d CPUs may work.", f.Execution.WorkersAllowed, f.CPUs)
	default:
		c.Setting, c.Text = "", c.Text+fmt.Sprintf(" All %d CPUs may work already: only less work, or a machine with more of them, would help.", f.CPUs)
	}
	return []cause{c}
}

// spilled names the queries that did not fit into memory. What that cost is not
// known; the query's time is not all of it.
func spilled(f slowFacts) []cause {
	var out []cause
	for _, q := range f.Execution.Queries {
		if q.Profile.PeakTemp > 0 {
			out = append(out, cause{Node: q.Node, Setting: "engine.memory_limit",
				Text: fmt.Sprintf("The query of %s did not fit into memory: it wrote %d bytes to disk on top of %d in memory, and took %s.",
					q.Node, q.Profile.PeakTemp, q.Profile.PeakMemory, round(q.Profile.LatencyNS))})
		}
	}
	return out
}

// uncached tells of a result cache that is off.
func uncached(f slowFacts) []cause {
	if f.Build.Incremental || len(f.Execution.Nodes) == 0 {
		return nil
	}
	return []cause{{Setting: "build.incremental", Text: "The result cache is off: every node ran, whether its inputs had changed or not."}}
}

// fromCaches names the engine's caches that were asked and never had the answer
// because entries did not stay.
func fromCaches(f slowFacts) []cause {
	var out []cause
	for setting, s := range f.Caches {
		if s.Hits > 0 || s.Misses == 0 || s.Evictions+s.Rejections+s.Expirations == 0 {
			continue
		}
		out = append(out, cause{Setting: setting,
			Text: fmt.Sprintf("A cache of the engine was asked %d times and never had the answer: with a limit of %d bytes it evicted %d entries, rejected %d, and %d expired.",
				s.Misses, s.Limit, s.Evictions, s.Rejections, s.Expirations)})
	}
	slices.SortFunc(out, func(a, b cause) int { return cmp.Compare(a.Setting, b.Setting) })
	return out
}

// causes finds out what the time of this run went into.
func (r *Run) causes(exec model.PlanExecutionPayload) []cause {
	s := r.session.CacheState()
	return whySlow(slowFacts{Execution: exec, Build: r.opts.Resolved.Settings.Build, CPUs: runtime.GOMAXPROCS(0), Flush: r.flush,
		Caches: map[string]cache.Stats{"engine.metadata_cache_limit": s.Metadata, "engine.list_files_cache_limit": s.ListFiles,
			"engine.file_statistics_cache_limit": s.Statistics}})
}

func round(ns int64) time.Duration {
	if ns < int64(time.Second) {
		return time.Duration(ns).Round(time.Millisecond)
	}
	return time.Duration(ns).Round(10 * time.Millisecond)
}

// share is a part of the build's time in percent.
func share(part, whole int64) string {
	if whole <= 0 {
		return "all there was"
	}
	return fmt.Sprintf("%.0f %% of the build", 100*float64(part)/float64(whole))
}
