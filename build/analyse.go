package build

import (
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/otel/why"
	"github.com/buildscope/buildscope/pipeline"
)

// executed is what became of the nodes of a run, and the queries that they made.
func executed(r *pipeline.Result) model.PlanExecutionPayload {
	nodes, queries := []model.NodeExecution{}, []model.NodeQuery{}
	for _, n := range r.Nodes {
		nodes = append(nodes, n.Execution)
		if n.Query != nil {
			queries = append(queries, model.NodeQuery{Node: n.Node.Name, Profile: *n.Query})
		}
	}
	return why.Execution(r.Plan, r.Workers, nodes, queries)
}
