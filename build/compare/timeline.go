package compare

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/buildscope/buildscope/build/bundle"
	"github.com/buildscope/buildscope/model"
)

// Past is what became of a node in one earlier run.
type Past struct {
	RunID   string
	Started time.Time
	Run     model.RunState
	State   model.NodeState
	TookNS  int64 // 0 when it did not run to its end
	Rows    int64
	Profile string
	Workers int
	Sources string
	Counts  bool // it tells what is usual: a run that succeeded, of the same profile and workers, not cached
}

// Timeline is a node over earlier runs, the newest first.
type Timeline struct {
	Runs    []Past
	Workers int   // of the run that is looked back from; 0 when unknown
	Noise   Noise // of those that count, at most maxHistory
}

// Judge says how a time stands against what is usual.
func (t Timeline) Judge(tookNS int64) Verdict {
	if tookNS == 0 {
		return Unknown
	}
	return t.Noise.judge(tookNS)
}

// maxTimeline bounds the runs that are looked back at.
const maxTimeline = 40

// Recall reads the timelines of nodes. What an ended run left does not change, so it
// is read once; a Recall may be used by several goroutines.
type Recall struct {
	WorkDir string

	mu   sync.Mutex
	runs map[string]Run // guarded by mu; without settings, columns and outputs
}

// Node looks back from a run that may still be going on, whose profile and repository
// the caller knows. It ends early with ctx.
func (r *Recall) Node(ctx context.Context, runID, profile, repoRoot, node string) (Timeline, error) {
	var t Timeline
	var plan model.PlanSchedulePayload
	of := bundle.Bundle{Dir: filepath.Join(r.WorkDir, "runs", runID)}
	if err := of.Optional(model.ArtifactPlan, &plan); err != nil {
		return t, fmt.Errorf("look back from run %s: %w", runID, err)
	}
	t.Workers = plan.Workers
	ids, err := bundle.IDs(r.WorkDir)
	if err != nil {
		return t, err
	}
	var times []int64
	for _, id := range ids { // newest first
		if err := ctx.Err(); err != nil {
			return t, err
		}
		if id >= runID || len(t.Runs) == maxTimeline {
			continue
		}
		run, ok := r.run(id)
		if !ok || run.RepoRoot != repoRoot {
			continue
		}
		for _, n := range run.Nodes {
			if n.Name != node {
				continue
			}
			p := Past{RunID: id, Started: run.Started, Run: run.Status, State: n.State, TookNS: n.DurationNS(), Rows: n.Rows,
				Profile: run.Profile, Workers: run.Workers, Sources: run.Sources}
			p.Counts = run.Status == model.RunSucceeded && n.State == model.NodeSucceeded && run.Profile == profile && run.Workers == t.Workers && t.Workers > 0
			if p.Counts && len(times) < maxHistory {
				times = append(times, p.TookNS)
			}
			t.Runs = append(t.Runs, p)
		}
	}
	t.Noise = noiseOf(times)
	return t, nil
}

// run reads what the timelines need of a run; false for one that cannot be read, or
// that never came to an end.
func (r *Recall) run(id string) (Run, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if run, known := r.runs[id]; known {
		return run, true
	}
	b, err := bundle.Open(filepath.Join(r.WorkDir, "runs", id))
	if err != nil || b.Status == model.RunIncomplete {
		return Run{}, false // it may still be going on
	}
	run := Run{ID: id, Status: b.Status, Profile: b.Profile, Started: b.Started, Sources: b.Sources()}
	var head struct {
		RepoRoot string `json:"repo_root"`
	}
	var done model.PlanExecutionPayload
	if errors.Join(b.JSON("manifest.json", &head), b.Optional(model.ArtifactExecution, &done)) != nil {
		return Run{}, false
	}
	run.RepoRoot, run.Nodes, run.Workers = head.RepoRoot, done.Nodes, done.WorkersAllowed
	if r.runs == nil || len(r.runs) >= 4*maxTimeline {
		r.runs = map[string]Run{}
	}
	r.runs[id] = run
	return run, true
}
