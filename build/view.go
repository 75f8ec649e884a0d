package build

import (
	"context"

	"github.com/buildscope/buildscope/build/recording"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/pipeline"
)

// viewHook tells the run view what no span tells: the plan, progress, nodes that
// never started, and the engine's profiles where it makes no spans.
type viewHook struct {
	pipeline.NoHook
	feed  *recording.Tee
	spans bool // the engine makes spans, which carry its profiles
}

func (h viewHook) BeforeGraph(ctx context.Context, p model.Plan) context.Context {
	h.feed.SetPlan(p)
	return ctx
}

func (h viewHook) BeforeNode(ctx context.Context, n *pipeline.NodeRun) context.Context {
	h.feed.SetNode(n.Execution, nil)
	return ctx
}

func (h viewHook) Progress(_ context.Context, n *pipeline.NodeRun, p pipeline.Progress) {
	h.feed.SetProgress(n.Node.Name, runview.Progress{Done: p.Done, Total: p.Total, Unit: p.Unit})
}

func (h viewHook) AfterNode(_ context.Context, n *pipeline.NodeRun) {
	query := n.Query
	if h.spans && n.Execution.State != model.NodeCached {
		query = nil
	}
	h.feed.SetNode(n.Execution, query)
}

// View is the run as viewers read it.
func (r *Run) View() *runview.DB { return r.view }
