package why

import (
	"fmt"
	"strings"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/human"
)

// spilled names the queries that did not fit into memory. What that cost is not
// known; the query's time is not all of it.
func spilled(f Facts) []model.Cause {
	var out []model.Cause
	for _, q := range f.Execution.Queries {
		if q.Profile.PeakTemp > 0 {
			out = append(out, model.Cause{Kind: model.CauseSpill, Node: q.Node, Setting: "engine.memory_limit",
				Text: fmt.Sprintf("The query of %s did not fit into memory: it wrote %d bytes to disk on top of %d in memory, and took %s.",
					q.Node, q.Profile.PeakTemp, q.Profile.PeakMemory, round(q.Profile.LatencyNS))})
		}
	}
	return out
}

// unpruned tells of files that were given to the engine without a look at their
// statistics, which might have left some out. How many is not known.
func unpruned(f Facts) []model.Cause {
	if f.Settings.Engine.CollectStatistics {
		return nil
	}
	files, queries, most, node := 0, 0, 0, ""
	for _, q := range f.Execution.Queries {
		if n := q.Profile.FilesRead; n > 0 {
			files, queries = files+n, queries+1
			if n > most {
				most, node = n, q.Node
			}
		}
	}
	if files == 0 {
		return nil
	}
	return []model.Cause{{Kind: model.CauseStatistics, Node: node, Setting: "engine.collect_statistics",
		Text: fmt.Sprintf("Statistics of files are off: %d queries read %d files, %s most of them (%d), and none was left out for what is in it.", queries, files, node, most)}}
}

// uncached tells of a result cache that is off.
func uncached(f Facts) []model.Cause {
	if f.Settings.Build.Incremental || len(f.Execution.Nodes) == 0 {
		return nil
	}
	return []model.Cause{{Kind: model.CauseResultCache, Setting: "build.incremental",
		Text: "The result cache is off: every node ran, whether its inputs had changed or not."}}
}

// refreshed tells of incremental models that were computed whole because a setting
// says so. What adding to them would have cost is not known.
func refreshed(f Facts) []model.Cause {
	whole, most := 0, model.NodeExecution{}
	for _, n := range f.Execution.Nodes {
		if n.Computed == "" {
			continue
		}
		if whole++; n.DurationNS() > most.DurationNS() {
			most = n
		}
	}
	if !f.Settings.Build.FullRefresh || whole == 0 {
		return nil
	}
	return []model.Cause{{Kind: model.CauseResultCache, Node: most.Name, Setting: "build.full_refresh",
		Text: fmt.Sprintf("Computed whole, whether anything had changed or not: %s, of which %s took the longest (%s).",
			human.Counted(whole, "incremental model"), most.Name, round(most.DurationNS()))}}
}

// captured tells what the statistics of tables cost. The workers of the nodes count
// them: the cost is their time shared by all workers, and not less than the time
// after the last node, in which there was nothing else to do.
func captured(f Facts) []model.Cause {
	var spent, most int64
	table, tables := "", 0
	for _, t := range f.Captured {
		if t.Reused {
			continue
		}
		tables++
		if spent += t.SpentNS; t.SpentNS > most {
			most, table = t.SpentNS, t.Table
		}
	}
	if spent == 0 {
		return nil
	}
	workers := max(f.Execution.WorkersAllowed, 1)
	c := model.Cause{Kind: model.CauseCapture, Setting: "hamilton.capture_data_statistics", CostNS: max(spent/int64(workers), int64(f.Reading)),
		Text: fmt.Sprintf("The statistics of %d tables took %s of the time of %d workers, those of %s the most (%s).", tables, round(spent), workers, table, round(most))}
	if f.Reading >= leastCost {
		c.Text += fmt.Sprintf(" For %s after the last node only they were left.", round(int64(f.Reading)))
	}
	return []model.Cause{c}
}

// flushed tells of the time that closing the telemetry took, and which exporters
// could not send all they had.
func flushed(f Facts) []model.Cause {
	if int64(f.Flush) < f.least() {
		return nil
	}
	var lost []string
	for _, e := range f.Exports {
		if n := e.Missing(); n > 0 {
			lost = append(lost, fmt.Sprintf("%s to %s lost %d of %d, in %s of export calls", e.Signal, e.Endpoint, n, e.Created-e.SampledOut, round(e.SpentNS)))
		}
	}
	text := fmt.Sprintf("After the last node, %s went into sending the telemetry that was left", round(int64(f.Flush)))
	if len(lost) > 0 {
		text += ": " + strings.Join(lost, "; ")
	}
	return []model.Cause{{Kind: model.CauseTelemetry, CostNS: int64(f.Flush), Setting: "otel.shutdown_timeout", Text: text + "."}}
}
