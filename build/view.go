package build

import (
	"context"

	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/runview"
	"github.com/buildscope/buildscope/pipeline"
)

// viewHook tells the run view what no span tells: the plan, progress, and nodes
// that never started.
type viewHook struct {
	pipeline.NoHook
	view *runview.DB
}

func (h viewHook) BeforeGraph(ctx context.Context, p model.Plan) context.Context {
	h.view.SetPlan(p)
	return ctx
}

func (h viewHook) BeforeNode(ctx context.Context, n *pipeline.NodeRun) context.Context {
	h.view.SetNode(n.Execution, nil)
	return ctx
}

func (h viewHook) Progress(_ context.Context, n *pipeline.NodeRun, p pipeline.Progress) {
	h.view.SetProgress(n.Node.Name, runview.Progress{Done: p.Done, Total: p.Total, Unit: p.Unit})
}

func (h viewHook) AfterNode(_ context.Context, n *pipeline.NodeRun) {
	h.view.SetNode(n.Execution, n.Query)
}

// View is the run as viewers read it.
func (r *Run) View() *runview.DB { return r.view }
