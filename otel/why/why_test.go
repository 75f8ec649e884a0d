package why

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
)

const ms = int64(time.Millisecond)

// node is one that succeeded; times are milliseconds.
func node(name string, ready, start, end int64) model.NodeExecution {
	return model.NodeExecution{Name: name, Kind: model.KindGo, State: model.NodeSucceeded, Ready: 1 + ready*ms, Start: 1 + start*ms, End: 1 + end*ms}
}

// execution: a runs 600 ms; b waits 100 ms for a worker and runs 290 ms; c is beside
// them, d is short.
func execution() model.PlanExecutionPayload {
	return model.PlanExecutionPayload{WallNS: 1000 * ms, CriticalPath: []string{"a", "b", "d"}, WorkersAllowed: 2,
		Nodes: []model.NodeExecution{node("a", 0, 0, 600), node("c", 0, 300, 900), node("b", 600, 700, 990), node("d", 990, 990, 999)}}
}

// settings are those under which nothing is left unmeasured and no cause is a setting's fault.
func settings() model.Settings {
	return model.Settings{Diagnostics: model.DiagnosticsSettings{NodeTracing: true, PlanDiagnostics: true},
		Build:  model.BuildSettings{Incremental: true, ExecutionMode: model.ModePlanParallel},
		Engine: model.EngineSettings{CollectStatistics: true}}
}

func TestFind(t *testing.T) {
	ran := []string{"critical_path|a||ran 600ms (60 % of the build)", "critical_path|b||ran 290ms (29 % of the build)"}
	onlyLess := "workers|b||only less work"
	with := func(first string) []string { return append([]string{first}, append(slices.Clone(ran), onlyLess)...) }
	last := func(last ...string) []string { return append(append(slices.Clone(ran), onlyLess), last...) }
	for _, c := range []struct {
		name   string
		change func(*Facts)
		want   []string // kind, node, setting, and a piece of the text; in order
	}{
		{"nothing ran", func(f *Facts) { f.Execution = model.PlanExecutionPayload{} }, nil},
		{"all CPUs work", func(*Facts) {}, last()},
		{"idle CPUs", func(f *Facts) { f.CPUs = 8 }, append(slices.Clone(ran), "workers|b|build.workers|2 of 8 CPUs")},
		{"serial", func(f *Facts) { f.Settings.Build.ExecutionMode = model.ModeDeterministicSerial },
			append(slices.Clone(ran), "workers|b|build.execution_mode|waited 100ms")},
		{"a node that runs", func(f *Facts) { f.Execution.Nodes[0].State = model.NodeRunning },
			append([]string{"critical_path|a||has been running for 600ms"}, last()[1:]...)},
		{"spill", func(f *Facts) {
			f.Execution.Queries = []model.NodeQuery{{Node: "b", Profile: model.QueryProfile{PeakTemp: 4096, PeakMemory: 100, LatencyNS: 280 * ms}}, {Node: "c"}}
		}, last("spill|b|engine.memory_limit|wrote 4096 bytes to disk on top of 100 in memory, and took 280ms")},
		{"no result cache", func(f *Facts) { f.Settings.Build.Incremental = false }, last("result_cache||build.incremental|every node ran")},
		{"full refresh", func(f *Facts) {
			f.Settings.Build.FullRefresh = true
			f.Execution.Nodes[1].Computed, f.Execution.Nodes[2].Computed = "whole: build.full_refresh is set", "whole: build.full_refresh is set"
		}, last("result_cache|c|build.full_refresh|or not: 2 incremental models, of which c took the longest (600ms)")},
		{"full refresh of no incremental model", func(f *Facts) { f.Settings.Build.FullRefresh = true }, last()},
		{"whole for other reasons", func(f *Facts) { f.Execution.Nodes[1].Computed = "whole: first build" }, last()},
		{"statistics off", func(f *Facts) {
			f.Settings.Engine.CollectStatistics = false
			f.Execution.Queries = []model.NodeQuery{{Node: "b", Profile: model.QueryProfile{FilesRead: 7}}, {Node: "c", Profile: model.QueryProfile{FilesRead: 30}}}
		}, last("statistics|c|engine.collect_statistics|2 queries read 37 files, c most of them (30)")},
		{"statistics off and no file was read", func(f *Facts) {
			f.Settings.Engine.CollectStatistics = false
			f.Execution.Queries = []model.NodeQuery{{Node: "b"}}
		}, last()},
		{"caches", func(f *Facts) {
			f.Caches = []model.CacheAccount{
				{Cache: "metadata", Setting: "engine.metadata_cache_limit", CacheCounts: model.CacheCounts{Misses: 20, Limit: 50},
					Curve: model.CacheCurve{Lookups: 20, Points: []model.CachePoint{{Limit: 9000, Hits: 18}}}},
				{Cache: "statistics", Setting: "engine.file_statistics_cache_limit", CacheCounts: model.CacheCounts{Misses: 7}}, // each was asked for once
			}
		}, last("engine_cache||engine.metadata_cache_limit|9K would have hit 90")},
		{"entries only expire", func(f *Facts) {
			f.Caches = []model.CacheAccount{{Setting: "engine.list_files_cache_limit", TTLSetting: "engine.list_files_cache_ttl",
				CacheCounts: model.CacheCounts{Misses: 7, Expirations: 3, TTL: time.Second}}}
		}, last("engine_cache||engine.list_files_cache_ttl|3 of 7 lookups found an entry that had expired")},
		{"a dead collector", func(f *Facts) {
			f.Flush = 2 * time.Second
			f.Exports = []model.ExportCounts{{Signal: "traces", Endpoint: "c:4317", Created: 900, SampledOut: 100, Failed: 700, Lost: 100, SpentNS: 3000 * ms},
				{Signal: "logs", Endpoint: "other", Created: 5, Sent: 5}}
		}, with("telemetry||otel.shutdown_timeout|2s went into sending the telemetry that was left: traces to c:4317 lost 800 of 800, in 3s of export calls.")},
		{"a quick flush is no news", func(f *Facts) { f.Flush = 49 * time.Millisecond }, last()},
		{"capture", func(f *Facts) {
			f.Captured = []model.TableStats{{Table: "x", SpentNS: 300 * ms}, {Table: "y", SpentNS: 100 * ms}, {Table: "old", SpentNS: 9000 * ms, Reused: true}}
		}, []string{ran[0], ran[1], "capture||hamilton.capture_data_statistics|2 tables took 400ms of the time of 2 workers, those of x the most (300ms).", onlyLess}},
		{"capture holds the end up", func(f *Facts) {
			f.Captured, f.Reading = []model.TableStats{{Table: "x", SpentNS: 300 * ms}}, 250*time.Millisecond
		}, []string{ran[0], ran[1], "capture||hamilton.capture_data_statistics|For 250ms after the last node only they were left", onlyLess}},
		{"little of capture", func(f *Facts) { f.Captured = []model.TableStats{{Table: "x", SpentNS: 90 * ms}} }, last()},
		{"alone with idle CPUs", func(f *Facts) { f.CPUs, f.Solo = 4, map[string]Solo{"a": {WallNS: 300 * ms, CPUNS: 360 * ms}} },
			[]string{ran[0], ran[1], "parallelism|a|build.workers|For 300ms node a was the only one that ran, and the process used 1.2 of 4 CPUs. It may use 2 workers.", "workers|b|build.workers|2 of 4"}},
		{"a query alone", func(f *Facts) {
			f.CPUs, f.Solo = 4, map[string]Solo{"a": {WallNS: 300 * ms, CPUNS: 300 * ms}}
			f.Execution.Nodes[0].Kind, f.Settings.Engine.TargetPartitions = model.KindSQL, 1
		}, []string{ran[0], ran[1], "parallelism|a|engine.target_partitions|may use 1 threads", "workers|b|build.workers|"}},
		{"alone and busy", func(f *Facts) { f.CPUs, f.Solo = 4, map[string]Solo{"a": {WallNS: 600 * ms, CPUNS: 1900 * ms}} },
			[]string{ran[0], ran[1], "workers|b|build.workers|"}},
		{"off the critical path", func(f *Facts) {
			f.Solo = map[string]Solo{"c": {WallNS: 600 * ms}}
			f.Usual = map[string]Usual{"c": {Runs: 5, MedianNS: 10 * ms, MarginNS: 10 * ms}}
			f.Parts = map[string]Parts{"c": {Count: 2, Last: "x", LastStart: 300 * ms, LastEnd: 900 * ms, OthersEnd: 310 * ms}}
		}, last()},
		{"slower than usual", func(f *Facts) {
			f.Usual = map[string]Usual{"a": {Runs: 5, MedianNS: 130 * ms, MarginNS: 20 * ms, LeastNS: 120 * ms, MostNS: 140 * ms}, "b": {Runs: 5, MedianNS: 280 * ms, MarginNS: 10 * ms}}
		}, []string{ran[0], "slower|a||took 600ms, usually 130ms: 120ms to 140ms in 5 earlier runs", ran[1], onlyLess}},
		{"too few runs to say", func(f *Facts) { f.Usual = map[string]Usual{"a": {Runs: 2, MedianNS: 130 * ms}} }, last()},
		{"a cached node is not slower", func(f *Facts) {
			f.Execution.Nodes[0].State = model.NodeCached
			f.Usual = map[string]Usual{"a": {Runs: 5, MedianNS: 130 * ms, MarginNS: 20 * ms}}
		}, last()},
		{"one file is left", func(f *Facts) { // the others end at 100 ms, c runs from 300 to 900
			f.Parts = map[string]Parts{"a": {Count: 11, BusyNS: 650 * ms, Last: "big.py", LastStart: 50 * ms, LastEnd: 600 * ms, OthersEnd: 100 * ms}}
		}, []string{ran[0], ran[1], "skew|a||big.py took node a 550ms, the other 10 parts 10ms each on average: for 200ms it was the last at work, and 1 of 2 workers had none.", onlyLess}},
		{"one file is left of one worker", func(f *Facts) {
			f.Execution.WorkersAllowed = 1
			f.Parts = map[string]Parts{"a": {Count: 11, BusyNS: 650 * ms, Last: "big.py", LastStart: 50 * ms, LastEnd: 600 * ms, OthersEnd: 100 * ms}}
		}, []string{ran[0], ran[1], "workers|b|build.workers|1 of 2"}},
		{"one file is left, but others may be lost", func(f *Facts) {
			f.Dropped = 1
			f.Parts = map[string]Parts{"a": {Count: 11, BusyNS: 650 * ms, Last: "big.py", LastStart: 50 * ms, LastEnd: 600 * ms, OthersEnd: 100 * ms}}
		}, last()},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Facts{Execution: execution(), Settings: settings(), CPUs: 2, Earlier: EnoughRuns}
			c.change(&f)
			got := Find(f)
			ok := slices.EqualFunc(got.Causes, c.want, func(g model.Cause, want string) bool {
				p := strings.SplitN(want, "|", 4)
				return string(g.Kind) == p[0] && g.Node == p[1] && g.Setting == p[2] && strings.Contains(g.Text, p[3])
			})
			if !ok {
				t.Errorf("got:")
				for _, g := range got.Causes {
					t.Errorf("  %s|%s|%s|%s (%s)", g.Kind, g.Node, g.Setting, g.Text, time.Duration(g.CostNS))
				}
				t.Errorf("want: %q", c.want)
			}
			if got.Causes == nil || got.NotMeasured == nil {
				t.Error("an empty list is null")
			}
		})
	}
}

func TestNotMeasured(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(*Facts)
		want   []string
	}{
		{"all is", func(*Facts) {}, []string{}},
		{"nothing is", func(f *Facts) { f.Settings, f.Earlier = model.Settings{}, 2 },
			[]string{"enable_otel_node_tracing is off", "enable_plan_diagnostics is off", "2, needed: 3"}},
		{"spans were lost", func(f *Facts) { f.Dropped = 4 }, []string{"4 span records were lost"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := Facts{Settings: settings(), Earlier: EnoughRuns}
			c.change(&f)
			if got := Find(f).NotMeasured; !slices.EqualFunc(got, c.want, strings.Contains) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
