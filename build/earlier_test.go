package build_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/buildscope/buildscope/build/compare"
	"github.com/buildscope/buildscope/model"
	"github.com/buildscope/buildscope/pipeline"
)

// Under every profile a build leaves what later ones want to know of its nodes: the
// schedule's estimate, the timeline of a node and what is usual.
func TestEveryProfileIsLookedBackAt(t *testing.T) {
	for _, profile := range []string{"off", "prod", "ci", "dev"} {
		t.Run(profile, func(t *testing.T) {
			dir := t.TempDir()
			flags := []string{"diagnostics-profile", profile, "otel-exporter", "none", "workers", "2"}
			build := func() model.RunSnapshot {
				t.Helper()
				r, err := start(t, dir, []*pipeline.Node{numbers()}, flags...)
				snap := finish(t, r, err)
				if snap.Workers != 2 {
					t.Errorf("viewers hear of %d workers", snap.Workers)
				}
				return snap
			}
			first := build()
			flags = append(flags, "incremental", "false")
			build()
			build()
			flags = flags[:len(flags)-2]
			cached := build()
			last := build()

			var rep struct {
				Execution model.PlanExecutionPayload `json:"plan_execution_v1"`
			}
			data, err := os.ReadFile(filepath.Join(last.BundleDir, "report.json"))
			if err == nil {
				err = json.Unmarshal(data, &rep)
			}
			if err != nil || rep.Execution.ExpectedNS <= 0 {
				t.Errorf("the critical path was expected to take %d ns (%v)", rep.Execution.ExpectedNS, err)
			}

			work := filepath.Dir(filepath.Dir(last.BundleDir))
			like := compare.Like{RepoRoot: last.RepoRoot, Profile: profile, Workers: 2}
			got, err := new(compare.Recall).Node(t.Context(), work, last.RunID, like, "numbers")
			if err != nil || len(got.Runs) != 4 || got.Noise.Runs != 3 || got.Noise.MarginNS == 0 {
				t.Fatalf("looking back: %+v, %v", got, err)
			}
			if c := got.Runs[0]; c.RunID != cached.RunID || c.State != model.NodeCached || c.Counts || c.Rows != 1000 {
				t.Errorf("the run whose node was cached: %+v", c)
			}
			if f := got.Runs[3]; f.RunID != first.RunID || !f.Counts || f.TookNS <= 0 || f.Rows != 1000 || f.Started.IsZero() {
				t.Errorf("the first run: %+v", f)
			}
			like.Pipeline = "test"
			if l, err := compare.Learn(work, last.RunID, like); err != nil || l.Usual["numbers"].Runs != 3 || l.Usual["numbers"].MedianNS != got.Noise.MedianNS {
				t.Errorf("what is usual: %+v, %v", l, err)
			}
		})
	}
}
