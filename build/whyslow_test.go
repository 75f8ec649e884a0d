package build

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/engine/cache"
	"github.com/buildscope/buildscope/model"
)

func TestWhySlow(t *testing.T) {
	const ms = int64(time.Millisecond)
	node := func(name string, ready, start, end int64) model.NodeExecution {
		return model.NodeExecution{Name: name, State: model.NodeSucceeded, Ready: 1 + ready*ms, Start: 1 + start*ms, End: 1 + end*ms}
	}
	// a runs 600 ms; b waits 100 ms for a worker and runs 300 ms; c is beside them, d is short.
	exec := model.PlanExecutionPayload{WallNS: 1000 * ms, CriticalPath: []string{"a", "b", "d"}, WorkersAllowed: 2,
		Nodes: []model.NodeExecution{node("a", 0, 0, 600), node("c", 0, 300, 900), node("b", 600, 700, 990), node("d", 990, 990, 999)}}
	spill := exec
	spill.Queries = []model.NodeQuery{{Node: "b", Profile: model.QueryProfile{PeakTemp: 4096, PeakMemory: 100, LatencyNS: 280 * ms}}, {Node: "c"}}
	on := model.BuildSettings{Incremental: true, ExecutionMode: "plan_parallel"}
	serial := model.BuildSettings{Incremental: true, ExecutionMode: model.ModeDeterministicSerial}
	caches := map[string]cache.Stats{
		"engine.metadata_cache_limit":        {Misses: 7, Evictions: 5, Limit: 50},
		"engine.list_files_cache_limit":      {Misses: 7},                        // each was asked for once
		"engine.file_statistics_cache_limit": {Hits: 1, Misses: 9, Evictions: 3}, // it works
	}
	for _, c := range []struct {
		name  string
		facts slowFacts
		want  []string // node, setting, and a piece of the text
	}{
		{"nothing ran", slowFacts{}, nil},
		{"all CPUs work", slowFacts{Execution: exec, Build: on, CPUs: 2},
			[]string{"a||ran 600ms (60 % of the build)", "b||ran 290ms (29 % of the build)", "b||only less work"}},
		{"idle CPUs", slowFacts{Execution: exec, Build: on, CPUs: 8},
			[]string{"a||", "b||ran", "b|build.workers|2 of 8 CPUs"}},
		{"serial", slowFacts{Execution: exec, Build: serial, CPUs: 8},
			[]string{"a||", "b||ran", "b|build.execution_mode|waited 100ms"}},
		{"spill, caches and a dead collector", slowFacts{Execution: spill, CPUs: 2, Caches: caches, Flush: 2 * time.Second},
			[]string{"|otel.shutdown_timeout|2s", "a||", "b||ran", "b||waited", "b|engine.memory_limit|4096 bytes",
				"|build.incremental|off", "|engine.metadata_cache_limit|evicted 5"}},
		{"a quick flush is no news", slowFacts{Execution: exec, Build: on, CPUs: 2, Flush: 49 * time.Millisecond},
			[]string{"a||", "b||", "b||"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := whySlow(c.facts)
			ok := slices.EqualFunc(got, c.want, func(g cause, want string) bool {
				f := strings.SplitN(want, "|", 3)
				return g.Node == f[0] && g.Setting == f[1] && strings.Contains(g.Text, f[2])
			})
			if !ok {
				t.Errorf("got:")
				for _, g := range got {
					t.Errorf("  %s|%s|%s", g.Node, g.Setting, g.Text)
				}
				t.Errorf("want: %q", c.want)
			}
		})
	}
}
