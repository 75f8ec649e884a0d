package compare

import (
	"context"
	"path/filepath"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/model/plandiff"
)

// Plan is a SQL node that the engine ran in another way than before.
type Plan struct {
	Node    string            `json:"node"`
	Text    bool              `json:"text_changed"` // which explains it
	Changes []plandiff.Change `json:"changes"`
}

func (c *Comparison) plans(a, b []model.NodeQuery) {
	name := func(q model.NodeQuery) string { return q.Node }
	inA, inB := byKey(a, name), byKey(b, name)
	c.Plans = []Plan{}
	for _, n := range c.Nodes {
		x, before := inA[n.Name]
		y, now := inB[n.Name]
		if !before || !now || x.Profile.Engine != y.Profile.Engine { // other engines have other operators
			continue
		}
		if changes := plandiff.Changes(&x.Profile, &y.Profile); changes != nil {
			c.Plans = append(c.Plans, Plan{n.Name, x.Profile.SQL != y.Profile.SQL, changes})
		}
	}
}

// mostPlans bounds the runs that LastPlan looks into: their plans are large.
const mostPlans = 10

// LastPlan is the plan of a node in the newest run of the repository before one that
// kept it, and that run; nil when there is none.
func LastPlan(ctx context.Context, workDir, runID, repoRoot, node string) (*model.QueryProfile, string, error) {
	ids, err := bundle.IDs(workDir)
	if err != nil {
		return nil, "", err
	}
	looked := 0
	for _, id := range ids { // newest first
		if id >= runID || looked == mostPlans {
			continue
		}
		if err := ctx.Err(); err != nil {
			return nil, "", err
		}
		b := bundle.Bundle{Dir: filepath.Join(workDir, "runs", id)}
		var m struct {
			RepoRoot string `json:"repo_root"`
		}
		if b.JSON("manifest.json", &m) != nil || m.RepoRoot != repoRoot {
			continue
		}
		looked++
		var p model.PlanExecutionPayload
		if b.Optional(model.ArtifactExecution, &p) != nil {
			continue
		}
		for i := range p.Queries {
			if p.Queries[i].Node == node {
				return &p.Queries[i].Profile, id, nil
			}
		}
	}
	return nil, "", nil
}
