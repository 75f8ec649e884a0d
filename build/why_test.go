package build

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// The hook gives time in which one node runs to that node, and that in which two run
// to none; what still runs ends at the present.
func TestWhyHook(t *testing.T) {
	h := newWhyHook(time.Now())
	ctx := h.BeforeGraph(context.Background(), model.Plan{Nodes: []model.PlanNode{{Name: "a"}, {Name: "b", Deps: []string{"a"}}, {Name: "c"}}})
	run := func(name string) *pipeline.NodeRun {
		n := &pipeline.NodeRun{Node: &pipeline.Node{Spec: pipeline.Spec{Name: name}},
			Execution: model.NodeExecution{Name: name, State: model.NodeRunning, Ready: time.Now().UnixNano(), Start: time.Now().UnixNano(), SpanID: "0102030405060708"}}
		h.BeforeNode(ctx, n)
		return n
	}
	end := func(n *pipeline.NodeRun) {
		n.Execution.State, n.Execution.End = model.NodeSucceeded, time.Now().UnixNano()
		h.AfterNode(ctx, n)
	}
	const nap = 20 * time.Millisecond
	a := run("a")
	time.Sleep(nap)
	c := run("c")
	time.Sleep(nap)
	end(a)
	end(c)
	time.Sleep(nap)
	run("b")
	h.parts.Add([]model.SpanRecord{{Parent: model.SpanID{1, 2, 3, 4, 5, 6, 7, 8}, Scope: model.ScopePipeline, Name: "shard 1", Start: 5, End: 9},
		{ID: model.SpanID{1, 2, 3, 4, 5, 6, 7, 8}, Scope: model.ScopePipeline, Start: 1, End: 10}})
	time.Sleep(nap)
	f := h.facts(2)
	if s := f.Solo["a"].WallNS; s < int64(nap) || s >= a.Execution.End-a.Execution.Start {
		t.Errorf("a ran alone for %s of %s", time.Duration(s), time.Duration(a.Execution.DurationNS()))
	}
	if s := f.Solo["c"].WallNS; s >= int64(nap) {
		t.Errorf("c ran alone for %s", time.Duration(s))
	}
	b := f.Execution.Nodes[1]
	if b.Name != "b" || b.DurationNS() < int64(nap) || f.Execution.WallNS < b.DurationNS()+a.Execution.DurationNS() {
		t.Errorf("of %d ns, b has run %d", f.Execution.WallNS, b.DurationNS())
	}
	if got := strings.Join(f.Execution.CriticalPath, " "); got != "a b" {
		t.Errorf("critical path %q", got)
	}
	if p := f.Parts["b"]; p.Count != 1 || p.Last != "shard 1" || p.BusyNS != 4 {
		t.Errorf("parts %+v", p)
	}
}
